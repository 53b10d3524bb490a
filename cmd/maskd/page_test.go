package main

import (
	"bytes"
	"crypto/sha256"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// files are those below a directory of the site, by their paths from it.
func (s *site) files(t *testing.T, dir string) (paths []string) {
	t.Helper()
	err := filepath.WalkDir(s.path(dir), func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			path, err = filepath.Rel(s.dir, path)
			paths = append(paths, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return paths
}

// keepFiles notes each file that there is below the directories: its name, and what is
// in it that no file had before.
func (m *muster) keepFiles(moment string, dirs ...string) {
	m.Helper()
	for _, dir := range dirs {
		for _, path := range m.site.files(m.T, dir) {
			m.sinks.add("names of files", []byte(path))
			text, err := os.ReadFile(m.site.path(path))
			if err != nil { // it is a socket, or was removed since
				continue
			}
			m.sinks.add("file "+path+" "+moment, m.unkept(text))
		}
	}
}

// pageSize is that of the store; reach is how much of the next page is looked at with
// one, so that what stands across their border is found: more than a number takes.
const pageSize, reach = 4096, 128

// unkept is what of a file was not kept yet, page by page: most of a store is as it was a
// moment ago, or empty.
func (m *muster) unkept(text []byte) (fresh []byte) {
	empty := make([]byte, pageSize+reach)
	for begin := 0; begin < len(text); begin += pageSize {
		page := text[begin:min(len(text), begin+pageSize+reach)]
		digest := sha256.Sum256(page)
		if m.pages[digest] || bytes.Equal(page, empty[:len(page)]) {
			continue
		}
		m.pages[digest] = true
		fresh = append(fresh, page...)
	}
	return fresh
}

// A file that is kept again adds what has changed of it, and borders are kept too.
func TestPagesAreKeptOnce(t *testing.T) {
	m := &muster{T: t, pages: make(map[[sha256.Size]byte]bool)}
	file := bytes.Repeat([]byte("0123456789abcdef"), 3*pageSize/16)
	for i := range file {
		file[i] += byte(i / pageSize)
	}
	if n := len(m.unkept(file)); n != 3*pageSize+2*reach {
		t.Errorf("at first %d bytes", n)
	}
	if n := len(m.unkept(file)); n != 0 {
		t.Errorf("again %d bytes", n)
	}
	file[pageSize] = 0 // which is also near the end of the page before
	if n := len(m.unkept(file)); n != 2*(pageSize+reach) {
		t.Errorf("changed, %d bytes", n)
	}
	if n := len(m.unkept(make([]byte, 10*pageSize))); n != 0 {
		t.Errorf("empty, %d bytes", n)
	}
}
