package recording

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"

	"filippo.io/age"
)

var (
	// ErrCut is a part whose end is missing, as a crash leaves it. What is there was decrypted.
	ErrCut = errors.New("recording ends early")
	// ErrAltered is a part that is not what its manifest says.
	ErrAltered = errors.New("recording is not what its manifest says")
)

// Export decrypts a part into a file that players open. Of a part that a crash has cut it writes
// what is there, to the last 64 kB, and returns ErrCut.
func Export(to *os.File, from io.Reader, format Format, auditor ...age.Identity) error {
	clear, err := age.Decrypt(from, auditor...)
	if err != nil {
		return fmt.Errorf("decrypt recording: %w", err)
	}
	size, err := io.Copy(to, clear)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = ErrCut
	}
	if err != nil && !errors.Is(err, ErrCut) {
		return fmt.Errorf("decrypt recording: %w", err)
	}
	return errors.Join(err, mend(to, format, size))
}

// mend gives the header of a WAV file the size of what is behind it.
func mend(file *os.File, format Format, size int64) error {
	var head []byte
	switch {
	case format == FormatWAV && size >= wavHead:
		var before [wavHead]byte
		if _, err := file.ReadAt(before[:], 0); err != nil {
			return fmt.Errorf("mend header: %w", err)
		}
		head = appendWAVHeader(nil, wavRate(before), uint32((size-wavHead)/wavFrame*wavFrame))
	case (format == FormatG729A || format == FormatG729B) && size >= g729Head:
		head = appendG729Header(nil, uint32((size-g729Head)/g729Octets*g729Octets))
	}
	if _, err := file.WriteAt(head, 0); err != nil {
		return fmt.Errorf("mend header: %w", err)
	}
	return nil
}

// Verify reads the files of a recording and compares each with what the manifest says of it. The
// error is ErrAltered for one that is another, shorter or longer, and names it.
func (v *Vault) Verify(m Manifest) error {
	for _, p := range m.Parts {
		size, sum, err := v.weigh(p.File)
		switch {
		case err != nil:
			return err
		case size != p.Bytes || sum != p.SHA256:
			return fmt.Errorf("verify %s: %w", p.File, ErrAltered)
		}
	}
	return nil
}

// weigh returns the size and the digest of a file.
func (v *Vault) weigh(name string) (size int64, sum string, err error) {
	file, err := v.dir.Open(name)
	if err != nil {
		return 0, "", fmt.Errorf("read recording: %w", err)
	}
	defer file.Close()
	digest := sha256.New()
	if size, err = io.Copy(digest, file); err != nil {
		return 0, "", fmt.Errorf("read recording: %w", err)
	}
	return size, hex.EncodeToString(digest.Sum(nil)), nil
}

// Recover closes the manifests of recordings that a crash has cut, and returns them. One
// that can't be read was not left by a crash, and keeps nobody from the others: it stays as it is.
func (v *Vault) Recover() ([]Manifest, error) {
	ids, err := v.List()
	if err != nil {
		return nil, err
	}
	var cut []Manifest
	for _, id := range ids {
		m, err := v.Manifest(id)
		if err != nil || m.Ended != "" {
			continue
		}
		if err := v.recover(&m); err != nil {
			return cut, err
		}
		cut = append(cut, m)
	}
	return cut, nil
}

func (v *Vault) recover(m *Manifest) (err error) {
	m.Ended, m.EndedAt = EndedByCrash, m.BeganAt
	for i := range m.Parts {
		p := &m.Parts[i]
		if p.Bytes, p.SHA256, err = v.weigh(p.File); errors.Is(err, os.ErrNotExist) {
			continue // an erasure was cut, too: its digest is none, and the others are told of as they are
		} else if err != nil {
			return err
		}
		if info, err := v.dir.Stat(p.File); err == nil && info.ModTime().After(m.EndedAt) {
			m.EndedAt = info.ModTime().UTC()
		}
	}
	return v.save(m)
}
