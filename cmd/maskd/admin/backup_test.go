package admin_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"maskd/cmd/maskd/admin"
)

// archive is a store of a text, of which a copy may break off.
type archive struct {
	text   string
	breaks int // after so many bytes; 0: never
}

func (a archive) Backup(begin func(int64) (io.Writer, error)) (int64, error) {
	to, err := begin(int64(len(a.text)))
	if err != nil {
		return 0, err
	}
	sent := a.text
	if a.breaks > 0 {
		sent = sent[:a.breaks]
	}
	n, err := io.WriteString(to, sent)
	if a.breaks > 0 {
		err = errors.Join(err, errors.New("the disk can't be read"))
	}
	return int64(n), err
}

// A copy of the store is whole, or whoever asked for it is told that it is not; and it
// is in the audit log before anything is sent.
func TestABackupIsWholeOrAnError(t *testing.T) {
	text := strings.Repeat("sealed", 50_000)
	for name, broken := range map[string]int{"whole": 0, "breaks off": 70_000} {
		l := &ledger{}
		h := newHouse(t)
		h.launch(admin.Options{Store: h.store, Ledger: l, Archive: archive{text, broken}})
		var got bytes.Buffer
		var size int64
		_, err := h.client.Backup(t.Context(), "before the move", func(n int64) (io.Writer, error) {
			if told := l.all(); len(told) != 1 || told[0] != `store.backup done admin "before the move"` {
				t.Errorf("%s: the log was told of %v", name, told)
			}
			size = n
			return &got, nil
		})
		if (err == nil) != (broken == 0) || size != int64(len(text)) || (got.String() == text) != (broken == 0) {
			t.Errorf("%s: %d bytes of %d, %v", name, got.Len(), size, err)
		}
	}
	h := newHouse(t)
	h.launch(admin.Options{Store: h.store, Archive: archive{text, 0}})
	var problem *admin.Problem
	if _, err := h.client.Backup(t.Context(), "two\nlines", nil); !errors.As(err, &problem) || problem.Field != "reason" {
		t.Errorf("a bad reason: %v", err)
	}
}
