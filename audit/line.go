package audit

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"

	"golang.org/x/mod/sumdb/tlog"

	"maskd/mapping"
)

// Row is an entry as a log keeps it.
type Row struct {
	Entry mapping.AuditEntry
	Leaf  []byte
	Check Check
}

// Entry is an entry as people and programs read it.
type Entry struct {
	Index   uint64 `json:"index"`
	At      string `json:"at,omitempty"`
	Actor   Actor  `json:"actor,omitzero"`
	Action  string `json:"action,omitempty"`
	Object  string `json:"object,omitempty"`
	Outcome string `json:"outcome,omitempty"`
	Reason  string `json:"reason,omitempty"`
	Erased  bool   `json:"reason_erased,omitempty"` // there was a reason
	Pruned  bool   `json:"pruned,omitempty"`        // it was kept for its time: its hash is left, and nothing else is known
}

// Actor is who did it.
type Actor struct {
	Way    string `json:"way"`
	UID    uint32 `json:"uid"`
	GID    uint32 `json:"gid"`
	PID    int32  `json:"pid"`
	Name   string `json:"name,omitempty"` // of a certificate
	Role   string `json:"role,omitempty"`
	Tenant string `json:"tenant,omitempty"`
	House  bool   `json:"house,omitempty"` // he is of the house, and acts for that tenant
}

// View returns the entry as people and programs read it.
func (r *Row) View() Entry {
	if IsPruned(r.Leaf) {
		return Entry{Index: r.Entry.Index, Pruned: true}
	}
	return viewOf(&r.Entry)
}

// viewOf returns an entry as people and programs read it.
func viewOf(e *mapping.AuditEntry) Entry {
	return Entry{
		Index: e.Index, At: e.At.UTC().Format(instant), Action: e.Action.String(), Object: string(e.Object),
		Outcome: e.Outcome.String(), Reason: e.Reason, Erased: e.Reason == "" && e.Commitment != mapping.Commitment{},
		Actor: Actor{
			Way: e.Actor.Way.String(), UID: e.Actor.UID, GID: e.Actor.GID, PID: e.Actor.PID,
			Name: e.Actor.Name, Role: e.Actor.Role.String(), Tenant: e.Actor.Tenant, House: e.Actor.House,
		},
	}
}

// exportVersion is that of the form of the lines below.
const exportVersion = 1

// header is the first line of an export.
type header struct {
	Version    int         `json:"maskd_audit_export"`
	Checkpoint string      `json:"checkpoint"`
	First      int64       `json:"first"` // the index of the first entry, a multiple of 256
	Peaks      []tlog.Hash `json:"peaks"` // of the tree before the first entry
}

// line is one of the others: an entry with its proof, or a tile.
type line struct {
	Entry *Entry     `json:"entry,omitempty"`
	Salt  string     `json:"salt,omitempty"`  // of the reason, if it has one
	Leaf  string     `json:"leaf,omitempty"`  // base64
	Check string     `json:"check,omitempty"` // the first 8 bytes of the leaf's hash, hexadecimal
	Tile  *int64     `json:"tile,omitempty"`  // its 256 entries are complete
	Hash  *tlog.Hash `json:"hash,omitempty"`  // of the tile
}

func lineOf(r *Row) line {
	view := r.View()
	l := line{Entry: &view, Leaf: base64.StdEncoding.EncodeToString(r.Leaf), Check: hex.EncodeToString(r.Check[:])}
	if r.Entry.Reason != "" {
		l.Salt = hex.EncodeToString(r.Entry.Salt[:])
	}
	return l
}

var errLine = errors.New("line can't be read")

// parseLine reads a line that has one written form.
func parseLine[T any](text []byte) (parsed T, err error) {
	if err := json.Unmarshal(text, &parsed); err != nil {
		return parsed, errLine
	}
	again, err := json.Marshal(parsed)
	if err != nil || !bytes.Equal(again, bytes.TrimSuffix(text, []byte("\n"))) {
		return parsed, errLine
	}
	return parsed, nil
}

// row reads an entry's line and sees that all it says is what its leaf says.
func (l *line) row() (*Row, error) {
	leaf, err := base64.StdEncoding.Strict().DecodeString(l.Leaf)
	if err != nil {
		return nil, errors.New("altered: its leaf can't be read")
	}
	r := &Row{Leaf: leaf}
	if !unhex(r.Check[:], l.Check) {
		return nil, errors.New("altered: its check can't be read")
	}
	if CheckOf(HashKept(leaf)) != r.Check {
		return nil, errors.New("altered: its leaf and its check don't agree")
	}
	if r.Entry, err = Decode(leaf); err != nil && !IsPruned(leaf) {
		return nil, errors.New("altered: its leaf says nothing")
	}
	r.Entry.Index, r.Entry.Reason = l.Entry.Index, l.Entry.Reason
	if view := r.View(); view != *l.Entry {
		return nil, errors.New("altered: it says something else than its leaf")
	}
	return r, l.reasoned(r)
}

// unhex reads hexadecimal digits in their one written form.
func unhex(into []byte, text string) bool {
	raw, err := hex.DecodeString(text)
	return err == nil && copy(into, raw) == len(into) && hex.EncodeToString(into) == text
}

// reasoned sees that a reason is the one that was given.
func (l *line) reasoned(r *Row) error {
	if r.Entry.Reason == "" {
		if l.Salt != "" {
			return errors.New("altered: it has a salt and no reason")
		}
		return nil
	}
	if !unhex(r.Entry.Salt[:], l.Salt) || Commit(r.Entry.Reason, r.Entry.Salt) != r.Entry.Commitment {
		return errors.New("altered: its reason is not the one that was given")
	}
	return nil
}
