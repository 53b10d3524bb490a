package recording

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"

	"filippo.io/age"
)

// ErrVault is a directory or a key that recordings can't be kept in or for.
var ErrVault = errors.New("recordings can't be kept")

// Vault is the directory in which recordings lie, each encrypted to the auditors' keys. Whoever
// has the directory, and the daemon that wrote it, can hear nothing.
type Vault struct {
	dir      *os.Root
	auditors []age.Recipient
	cover    Cover
	register register
	syncs    chan struct{} // has room for as many as may wait for the disk at once
}

// syncers is how many files are synced at once. Each takes a thread of the system, and the disk
// is no faster for more: where 500 calls began at once there were 400 threads.
const syncers = 4

// sync returns when the disk has the file. Others may be first.
func (v *Vault) sync(file *os.File) error {
	v.syncs <- struct{}{}
	defer func() { <-v.syncs }()
	return file.Sync()
}

// Cover hides what opens a recording behind a key that can be destroyed, so that no copy of its
// files is ever heard again. Open fails with an error that wraps [ErrErased] when it is.
type Cover interface {
	Seal(m Manifest, head []byte) ([]byte, error)
	Open(m Manifest, sealed []byte) ([]byte, error)
	// Sign signs what a manifest says, and Verify gives that back, if nobody has changed it.
	Sign(text []byte) ([]byte, error)
	Verify(signed []byte) ([]byte, error)
}

// ErrErased is a recording whose key was destroyed.
var ErrErased = errors.New("recording was erased")

// headRoom bounds what a file begins with, sealed: the keys of some auditors.
const headRoom = 1 << 16

// OpenVault opens a directory, which is made if it is not there, for those who have one of the
// keys: age's public keys, age1...
func OpenVault(dir string, cover Cover, auditors ...string) (*Vault, error) {
	v := &Vault{cover: cover, syncs: make(chan struct{}, syncers)}
	for _, key := range auditors {
		auditor, err := age.ParseX25519Recipient(key)
		if err != nil {
			return nil, fmt.Errorf("%w: expected a public key of age, age1...", ErrVault)
		}
		v.auditors = append(v.auditors, auditor)
	}
	if len(auditors) == 0 {
		return nil, fmt.Errorf("%w: no auditor has a key", ErrVault)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrVault, err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrVault, err)
	}
	v.dir = root
	if err := v.enter(); err != nil {
		return nil, errors.Join(fmt.Errorf("%w: %w", ErrVault, err), root.Close())
	}
	return v, nil
}

// Close lets go of the directory.
func (v *Vault) Close() error { return v.dir.Close() }

// Open opens a part of a recording as the auditors' programs take it: a file of age.
func (v *Vault) Open(m Manifest, name string) (io.ReadCloser, error) {
	file, err := v.dir.Open(name)
	if err != nil {
		return nil, fmt.Errorf("open recording: %w", err)
	}
	head, err := v.uncover(m, file)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open recording: %w", err), file.Close())
	}
	return uncovered{io.MultiReader(bytes.NewReader(head), file), file}, nil
}

// uncover reads what a file begins with: its size and what is sealed.
func (v *Vault) uncover(m Manifest, file io.Reader) ([]byte, error) {
	var size [4]byte
	if _, err := io.ReadFull(file, size[:]); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrAltered, err)
	}
	n := binary.BigEndian.Uint32(size[:])
	if n > headRoom {
		return nil, ErrAltered
	}
	sealed := make([]byte, n)
	if _, err := io.ReadFull(file, sealed); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrAltered, err)
	}
	return v.cover.Open(m, sealed)
}

// uncovered is a file that reads as it was before its beginning was covered.
type uncovered struct {
	io.Reader
	io.Closer
}

// Remove removes a recording: its files, and its manifest when none of them is left.
func (v *Vault) Remove(m Manifest) error {
	for _, p := range m.Parts {
		if err := v.dir.Remove(p.File); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("remove recording: %w", err)
		}
	}
	if err := v.dir.Remove(m.file()); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("remove manifest: %w", err)
	}
	v.register.remove(m.ID)
	return nil
}

// sealed is a file that is encrypted while it is written.
type sealed struct {
	vault *Vault
	file  *os.File
	clear io.WriteCloser // what is written here is in the file, 64 kB at a time
	hash  hash.Hash      // of the file
	size  int64
}

// create makes a file that must not be there.
func (v *Vault) create(m Manifest, name string) (*sealed, error) {
	file, err := v.dir.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, fmt.Errorf("create recording: %w", err)
	}
	s := &sealed{vault: v, file: file, hash: sha256.New()}
	if err := s.begin(v, m); err != nil {
		return nil, errors.Join(fmt.Errorf("encrypt recording: %w", err), file.Close())
	}
	return s, nil
}

// begin writes what opens the file, covered. age writes that first, and all at once.
func (s *sealed) begin(v *Vault, m Manifest) (err error) {
	var head bytes.Buffer
	out := &detour{to: &head}
	if s.clear, err = age.Encrypt(out, v.auditors...); err != nil {
		return err
	}
	covered, err := v.cover.Seal(m, head.Bytes())
	if err != nil {
		return err
	}
	out.to = counted{s}
	_, err = out.to.Write(append(binary.BigEndian.AppendUint32(nil, uint32(len(covered))), covered...))
	return err
}

// detour is a writer that leads to another one later.
type detour struct{ to io.Writer }

func (d *detour) Write(b []byte) (int, error) { return d.to.Write(b) }

// Write encrypts.
func (s *sealed) Write(b []byte) (int, error) { return s.clear.Write(b) }

// Close writes what is left. When it returns without an error, all is on the disk.
func (s *sealed) Close() error {
	return errors.Join(s.clear.Close(), s.vault.sync(s.file), s.file.Close())
}

func (s *sealed) sum() string { return hex.EncodeToString(s.hash.Sum(nil)) }

// counted is a file that is weighed while it is written.
type counted struct{ *sealed }

func (c counted) Write(b []byte) (int, error) {
	n, err := c.file.Write(b)
	c.hash.Write(b[:n])
	c.size += int64(n)
	return n, err
}
