package recording

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// Sweep removes what a crash has left between the making of a file and its manifest, which tells of it
// long before there is any sound in it; and returns the names. A file with sound that no manifest names is left
// alone, and so is what is not ours. It must be done before anything is recorded. A first manifest that was
// whole, but not in its place yet, gets there: there may be sound by then.
func (v *Vault) Sweep() (removed []string, err error) {
	dir, err := v.dir.Open(".")
	if err != nil {
		return nil, fmt.Errorf("sweep recordings: %w", err)
	}
	defer dir.Close()
	entries, err := dir.ReadDir(-1)
	if err != nil {
		return nil, fmt.Errorf("sweep recordings: %w", err)
	}
	for _, e := range entries {
		if !e.Type().IsRegular() || v.places(e.Name()) || !v.strays(e.Name()) {
			continue
		}
		if err := v.dir.Remove(e.Name()); err != nil {
			return removed, fmt.Errorf("sweep recordings: %w", err)
		}
		removed = append(removed, e.Name())
	}
	slices.Sort(removed)
	return removed, nil
}

// places puts a manifest in its place that was to be the first of a recording, and reports whether it did.
func (v *Vault) places(name string) bool {
	id, ok := strings.CutSuffix(name, manifestSuffix+fresh)
	if !ok {
		return false
	}
	if _, err := v.dir.Lstat(id + manifestSuffix); !errors.Is(err, os.ErrNotExist) {
		return false
	}
	text, err := v.dir.ReadFile(name)
	if err != nil {
		return false
	}
	var m Manifest
	if json.Unmarshal(text, &m) != nil || m.ID != id || m.Ended != "" || slices.ContainsFunc(m.Parts, v.lacks) {
		return false
	}
	if v.dir.Rename(name, id+manifestSuffix) != nil {
		return false
	}
	v.register.add(&m)
	return true
}

// lacks tells whether the file of a part is not there.
func (v *Vault) lacks(p Part) bool {
	_, err := v.dir.Lstat(p.File)
	return err != nil
}

// strays tells whether a file is one of ours without sound that no manifest names. Where a manifest can't be
// read nobody knows.
func (v *Vault) strays(name string) bool {
	if strings.HasSuffix(name, manifestSuffix+fresh) {
		return true
	}
	id, ok := idOf(name)
	if !ok || !v.silent(name) {
		return false
	}
	m, err := v.Manifest(id)
	if err != nil {
		return errors.Is(err, os.ErrNotExist)
	}
	return !slices.ContainsFunc(m.Parts, func(p Part) bool { return p.File == name })
}

// silent tells whether a file ends with what opens it, or before: how much that is it says first. The sound
// of a short call is less than a chunk.
func (v *Vault) silent(name string) bool {
	file, err := v.dir.Open(name)
	if err != nil {
		return false
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return false
	}
	var head [4]byte
	if _, err := io.ReadFull(file, head[:]); err != nil {
		return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
	}
	opens := binary.BigEndian.Uint32(head[:])
	return opens <= headRoom && info.Size() <= int64(len(head))+int64(opens)
}

// idOf is the recording that a part's file is of, by its name.
func idOf(name string) (id string, ok bool) {
	for _, f := range formats() {
		if id, ok = strings.CutSuffix(name, f.suffix()); ok {
			return id, true
		}
	}
	return "", false
}
