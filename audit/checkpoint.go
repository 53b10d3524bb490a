package audit

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// ErrCheckpoint is a text that is no checkpoint, or not one of this key.
var ErrCheckpoint = errors.New("is no checkpoint that this key signed")

// Checkpoint is what the log was at one time: its size and root vouch for each
// entry that it had then.
type Checkpoint struct {
	Size int64
	Root tlog.Hash
	At   time.Time
}

// instant is how times are written.
const instant = "2006-01-02T15:04:05.000000000Z"

// NewKey draws an Ed25519 key for a log, with a name that tells the log from
// others: the signer's form, which is secret, and the verifier's.
func NewKey(rand io.Reader) (signer, verifier string, err error) {
	var name [6]byte
	if _, err := io.ReadFull(rand, name[:]); err != nil {
		return "", "", fmt.Errorf("draw name of audit log: %w", err)
	}
	signer, verifier, err = note.GenerateKey(rand, "maskd-audit-"+hex.EncodeToString(name[:]))
	if err != nil {
		return "", "", fmt.Errorf("draw key of audit log: %w", err)
	}
	return signer, verifier, nil
}

// Sign writes a checkpoint as a signed note (c2sp.org/tlog-checkpoint): the
// log's name, size and root, and as an extension the time.
func Sign(c Checkpoint, by note.Signer) ([]byte, error) {
	signed, err := note.Sign(&note.Note{Text: c.text(by.Name())}, by)
	if err != nil {
		return nil, fmt.Errorf("sign checkpoint: %w", err)
	}
	return signed, nil
}

func (c Checkpoint) text(name string) string {
	return name + "\n" + strconv.FormatInt(c.Size, 10) + "\n" + c.Root.String() + "\n" + c.At.UTC().Format(instant) + "\n"
}

// Open reads a checkpoint and sees that this key, and no other, has signed it.
func Open(signed []byte, by note.Verifier) (Checkpoint, error) {
	n, err := note.Open(signed, note.VerifierList(by))
	if err != nil || len(n.Sigs) != 1 || len(n.UnverifiedSigs) != 0 || !canonical(n.Sigs[0].Base64) {
		return Checkpoint{}, ErrCheckpoint
	}
	lines := strings.Split(n.Text, "\n")
	if len(lines) != 5 {
		return Checkpoint{}, ErrCheckpoint
	}
	size, err1 := strconv.ParseInt(lines[1], 10, 64)
	root, err2 := tlog.ParseHash(lines[2])
	at, err3 := time.Parse(instant, lines[3])
	c := Checkpoint{Size: size, Root: root, At: at}
	if errors.Join(err1, err2, err3) != nil || size < 0 || c.text(by.Name()) != n.Text {
		return Checkpoint{}, ErrCheckpoint
	}
	return c, nil
}

// canonical reports whether a text is the one in which its bytes are written:
// the last character of base64 may have spare bits.
func canonical(text string) bool {
	_, err := base64.StdEncoding.Strict().DecodeString(text)
	return err == nil
}
