package admin

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"go.uber.org/zap"

	"maskd/mapping"
)

// Archive is what the API needs of the store to have a copy of it.
type Archive interface {
	// Backup writes the store as it is at one moment to where begin says.
	Backup(begin func(size int64) (io.Writer, error)) (int64, error)
}

// backup sends a copy of the store, sealed as it is. Whoever gets it is in the audit log,
// and so in the copy.
func (s *Server) backup(w http.ResponseWriter, r *http.Request) {
	err := s.whyBackup(r)
	if err = s.tell(r, err); err != nil {
		s.refuse(w, r, err)
		return
	}
	n, err := s.archive.Backup(func(size int64) (io.Writer, error) {
		w.Header().Set("Content-Type", "application/octet-stream")
		w.Header().Set("Content-Length", strconv.FormatInt(size, 10)) // so that a copy that breaks off is seen
		return &hurried{to: w, control: http.NewResponseController(w), begun: time.Now()}, nil
	})
	if err != nil {
		s.log.Error("backup of store broke off", zap.Error(err), by(r))
		if n == 0 {
			w.Header().Del("Content-Length")
			s.refuse(w, r, err)
		}
		return
	}
	s.log.Info("store backed up", zap.Int64("bytes", n), by(r))
}

func (s *Server) whyBackup(r *http.Request) error {
	var why struct {
		Reason string `json:"reason,omitempty"`
	}
	if err := decodeOptional(r, &why); err != nil {
		return err
	}
	if err := mapping.ValidateReason(why.Reason); err != nil {
		return err
	}
	mapping.DeedOf(r.Context()).Reason = why.Reason
	return nil
}

// leastPace is how many bytes a second a client has to take of what can't be read for
// ever: a disk takes hundreds of times that.
const leastPace = 1 << 20

// hurried writes to a client for as long as he keeps the pace.
type hurried struct {
	to      http.ResponseWriter
	control *http.ResponseController
	begun   time.Time
	written int64
}

func (h *hurried) Write(b []byte) (int, error) {
	due := h.begun.Add(writeTimeout + time.Duration(h.written)*time.Second/leastPace)
	_ = h.control.SetWriteDeadline(due) // a connection without deadlines has none to miss
	n, err := h.to.Write(b)
	h.written += int64(n)
	return n, err
}

// Backup writes a copy of the store to where begin says, and returns its size.
func (c *Client) Backup(ctx context.Context, reason string, begin func(size int64) (io.Writer, error)) (int64, error) {
	response, err := c.open(ctx, http.MethodPost, "/v1/store/backup", map[string]string{"reason": reason})
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	to, err := begin(response.ContentLength)
	if err != nil {
		return 0, err
	}
	n, err := io.Copy(to, sealedPart{response.Body, c.socket})
	if err != nil {
		return n, fmt.Errorf("read backup: %w", err)
	}
	return n, nil
}
