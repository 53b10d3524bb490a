package admin

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"go.uber.org/zap"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"maskd/audit"
	"maskd/mapping"
)

// AuditLog is what the API needs of the audit log.
type AuditLog interface {
	audit.Log
	Verifier() note.Verifier
	PublicKey() string
}

// Keys is what the API needs of the store's keys.
type Keys interface {
	// RotateRoot puts a new root key in place of the one that there is.
	RotateRoot() error
}

// AuditCheckpoint is what the log was when it last grew: signed, to be kept
// elsewhere. The key verifies it; who verifies has it from elsewhere too.
type AuditCheckpoint struct {
	Checkpoint string `json:"checkpoint"`
	Key        string `json:"key"`
	Size       int64  `json:"size"`
}

// AuditProof shows that an entry is in the log of the checkpoint, or that this
// log has grown out of an older one: hashes as RFC 6962 section 2.1 has them.
type AuditProof struct {
	Index      *int64      `json:"index,omitempty"`
	From       *int64      `json:"from,omitempty"` // size of the older log
	Leaf       []byte      `json:"leaf,omitempty"`
	LeafHash   *tlog.Hash  `json:"leaf_hash,omitempty"` // of an entry that is pruned, in place of the leaf
	Hashes     []tlog.Hash `json:"hashes"`
	Checkpoint string      `json:"checkpoint"`
}

func (s *Server) routeAudit(mux *gate) {
	if s.audit != nil {
		mux.Handle("GET /v1/audit", s.answer(s.listAudit))
		mux.Handle("GET /v1/audit/checkpoint", s.answer(s.showCheckpoint))
		mux.Handle("GET /v1/audit/growth", s.answer(s.proveGrowth))
		mux.Handle("GET /v1/audit/{index}/proof", s.answer(s.proveEntry))
		mux.HandleFunc("GET /v1/audit/export", s.exportAudit)
	}
	if s.keys != nil {
		mux.Handle("POST /v1/keys/rotate", s.answer(s.rotateRoot))
	}
	if s.archive != nil {
		mux.HandleFunc("POST /v1/store/backup", s.backup)
	}
}

func (s *Server) listAudit(r *http.Request) (int, any, error) {
	query, err := readQuery(r, "limit", "after")
	if err != nil {
		return 0, nil, err
	}
	limit, err := readLimit(query)
	if err != nil {
		return 0, nil, err
	}
	from := int64(0)
	if query.Get("after") != "" {
		if from, err = readIndex(query, "after"); err != nil {
			return 0, nil, err
		}
		from++
	}
	if a := askerOf(r); a.scope != "" {
		return s.listOversight(a, from, limit)
	}
	rows, err := s.audit.Rows(from, limit+1)
	if err != nil {
		return 0, nil, err
	}
	index := func(r audit.Row) string { return strconv.FormatUint(r.Entry.Index, 10) }
	return http.StatusOK, page(rows, limit, index, func(r audit.Row) audit.Entry { return r.View() }), nil
}

// readIndex reads the place of an entry in the log.
func readIndex(query url.Values, name string) (int64, error) {
	return parseIndex(name, query.Get(name))
}

func parseIndex(name, text string) (int64, error) {
	index, err := strconv.ParseInt(text, 10, 64)
	if err != nil || index < 0 || index == 1<<63-1 {
		return 0, invalidField(name, "malformed", "expected the index of an entry: a number from 0 on")
	}
	return index, nil
}

// latest returns the last checkpoint, as it is written and read.
func (s *Server) latest() (signed []byte, c audit.Checkpoint, err error) {
	if signed, err = s.audit.Latest(); err != nil {
		return nil, c, err
	}
	c, err = audit.Open(signed, s.audit.Verifier())
	return signed, c, err
}

func (s *Server) showCheckpoint(*http.Request) (int, any, error) {
	signed, c, err := s.latest()
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, AuditCheckpoint{Checkpoint: string(signed), Key: s.audit.PublicKey(), Size: c.Size}, nil
}

func (s *Server) proveEntry(r *http.Request) (int, any, error) {
	index, err := parseIndex("index", r.PathValue("index"))
	if err != nil {
		return 0, nil, err
	}
	signed, c, err := s.latest()
	if err != nil {
		return 0, nil, err
	}
	if index >= c.Size {
		return 0, nil, newProblem(http.StatusNotFound, "not_found", "index", "the log has no such entry yet")
	}
	mapping.DeedOf(r.Context()).Object = mapping.ObjectNamed("audit", strconv.FormatInt(index, 10))
	rows, err := s.audit.Rows(index, 1)
	if err != nil {
		return 0, nil, err
	}
	proof, err := audit.Prove(s.audit, index, c.Size)
	if err != nil {
		return 0, nil, err
	}
	shown := AuditProof{Index: &index, Leaf: rows[0].Leaf, Hashes: proof, Checkpoint: string(signed)}
	if audit.IsPruned(shown.Leaf) {
		hash := audit.HashKept(shown.Leaf)
		shown.Leaf, shown.LeafHash = nil, &hash
	}
	return http.StatusOK, shown, nil
}

func (s *Server) proveGrowth(r *http.Request) (int, any, error) {
	query, err := readQuery(r, "from")
	if err != nil {
		return 0, nil, err
	}
	from, err := readIndex(query, "from")
	if err != nil {
		return 0, nil, err
	}
	signed, c, err := s.latest()
	if err != nil {
		return 0, nil, err
	}
	if from < 1 || from > c.Size {
		return 0, nil, invalidField("from", "out_of_range", "expected the size of an older checkpoint: from 1 to that of the log")
	}
	proof, err := audit.ProveGrowth(s.audit, from, c.Size)
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, AuditProof{From: &from, Hashes: proof, Checkpoint: string(signed)}, nil
}

// exportAudit sends the log, from an entry on, as lines that a verification
// reads. Whoever gets it is in it.
func (s *Server) exportAudit(w http.ResponseWriter, r *http.Request) {
	from, err := exportFrom(r)
	if err = s.tell(r, err); err != nil {
		s.refuse(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/x-ndjson")
	out := &unhurried{to: w, control: http.NewResponseController(w)}
	if err := audit.Export(r.Context(), s.audit, s.audit.Verifier(), from, out); err != nil && out.begun {
		// What was sent ends here, and its verification says so.
		s.log.Error("export of audit log broke off", zap.Error(err), by(r))
		return
	} else if err != nil {
		s.refuse(w, r, err)
		return
	}
	s.log.Info("audit log exported", by(r))
}

func exportFrom(r *http.Request) (int64, error) {
	query, err := readQuery(r, "from")
	if err != nil || query.Get("from") == "" {
		return 0, err
	}
	return readIndex(query, "from")
}

// unhurried writes to a client for as long as he takes what there is.
type unhurried struct {
	to      http.ResponseWriter
	control *http.ResponseController
	begun   bool
}

func (u *unhurried) Write(b []byte) (int, error) {
	u.begun = true
	_ = u.control.SetWriteDeadline(time.Now().Add(writeTimeout)) // a connection without deadlines has none to miss
	return u.to.Write(b)
}

// Rotated is the answer to a rotation.
type Rotated struct {
	Rotated bool `json:"rotated"`
}

func (s *Server) rotateRoot(r *http.Request) (int, any, error) {
	var why struct {
		Reason string `json:"reason,omitempty"`
	}
	if err := decodeOptional(r, &why); err != nil {
		return 0, nil, err
	}
	if err := mapping.ValidateReason(why.Reason); err != nil {
		return 0, nil, err
	}
	mapping.DeedOf(r.Context()).Reason = why.Reason
	if err := s.keys.RotateRoot(); err != nil {
		return 0, nil, rotationProblem(err)
	}
	s.log.Info("root key rotated", by(r))
	return http.StatusOK, Rotated{true}, nil
}

func rotationProblem(err error) error {
	if errors.Is(err, mapping.ErrKeyGiven) {
		return newProblem(http.StatusConflict, "root_key_given", "", "the root key is a credential: stop the daemon, use maskd store rotate-key --to FILE, and make the file the credential")
	}
	return err
}
