package store

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"testing"

	"maskd/mapping"
)

// metaPages is how many pages at the start of a bbolt file say which tree is
// valid. They are written in turn, after all other pages of a commit.
const metaPages = 2

// sectorSize is what a disk writes whole, at the least.
const sectorSize = 512

// lastCommit is the last commit of a store: the file before and after it.
type lastCommit struct {
	o             Options
	before, after []byte
	kept          []mapping.ID // acknowledged before
	made          mapping.ID   // by the commit; none if it completes
	completed     mapping.ID   // by the commit; none if it makes
	tries         int          // files made of it: one that is refused stays locked
}

// pages returns the numbers of the pages that the commit wrote.
func (c *lastCommit) pages() (written []int) {
	size := os.Getpagesize()
	for n := range (len(c.after) + size - 1) / size {
		from, to := n*size, min((n+1)*size, len(c.after))
		if to > len(c.before) || !bytes.Equal(c.before[from:to], c.after[from:to]) {
			written = append(written, n)
		}
	}
	return written
}

// torn returns the file as it is when the power fails after only these pages
// reached the disk.
func (c *lastCommit) torn(pages []int) []byte {
	file := bytes.Clone(c.before)
	size := os.Getpagesize()
	for _, n := range pages {
		if end := min((n+1)*size, len(c.after)); end > len(file) {
			file = append(file, make([]byte, end-len(file))...)
		}
		copy(file[n*size:], c.after[n*size:min((n+1)*size, len(c.after))])
	}
	return file
}

// commits makes a store with some interactions and returns its last commit:
// one that creates, with all that a create can write, or one that completes.
func commits(t *testing.T, creates bool) *lastCommit {
	t.Helper()
	c := &lastCommit{o: optionsIn(t, t.TempDir(), 20)}
	db, err := Open(c.o, noon)
	if err != nil {
		t.Fatal(err)
	}
	for n := range 40 {
		d := ride(t, n, n)
		d.ExternalID, d.Key = fmt.Sprint("ride-", n), fmt.Sprint("key-", n)
		c.kept = append(c.kept, created(t, db, d, noon).ID)
	}
	completed(t, db, c.kept[0])
	c.before = readFile(t, c.o.Path)
	if creates {
		d := ride(t, 99, 99)
		d.ExternalID, d.Key = "last", "last"
		c.made = created(t, db, d, noon).ID
	} else {
		c.completed = c.kept[20]
		completed(t, db, c.completed)
	}
	c.after = readFile(t, c.o.Path)
	checkAndClose(t, db)
	return c
}

// verify opens a file that a power failure left behind, and sees that all is
// there that was acknowledged, and of the last commit all or nothing.
func (c *lastCommit) verify(t *testing.T, file []byte) (whole bool, err error) {
	t.Helper()
	o := c.o
	c.tries++
	o.Path += fmt.Sprint(".", c.tries)
	if err := os.WriteFile(o.Path, file, fileMode); err != nil {
		t.Fatal(err)
	}
	db, err := Open(o, noon)
	if err != nil {
		return false, err
	}
	defer func() {
		checkAndClose(t, db)
		_ = os.Remove(o.Path)
	}()
	for n, id := range c.kept {
		i, err := db.Interaction(id)
		if err != nil {
			t.Errorf("an acknowledged create is lost: %v", err)
		}
		done := !i.CompletedAt.IsZero()
		if id != c.completed && done != (n == 0) || done == db.Live(id, noon) {
			t.Errorf("interaction %d is completed: %t", n, done)
		}
		whole = whole || id == c.completed && done
	}
	if c.made == (mapping.ID{}) {
		return whole, nil
	}
	_, err = db.Interaction(c.made)
	whole = err == nil
	_, named := db.ByExternalID(mapping.DefaultTenant, "last")
	if (named == nil) != whole || db.Live(c.made, noon) != whole {
		t.Errorf("half of a create is there: record %v, external id %v", err, named)
	}
	return whole, nil
}

// TestPowerFailsAmidACommit lets only some of the pages of a commit reach the
// disk: before the first that says which tree is valid, nothing of it is there.
func TestPowerFailsAmidACommit(t *testing.T) {
	for name, creates := range map[string]bool{"a create": true, "a complete": false} {
		t.Run(name, func(t *testing.T) {
			c := commits(t, creates)
			pages := c.pages()
			data := slices.DeleteFunc(slices.Clone(pages), func(n int) bool { return n < metaPages })
			if len(data) < 3 || len(data) == len(pages) {
				t.Fatalf("the commit wrote pages %v", pages)
			}
			for n := range len(data) + 1 {
				for _, reached := range [][]int{data[:n], data[n:]} { // in order, and the other way round
					if whole, err := c.verify(t, c.torn(reached)); err != nil || whole {
						t.Errorf("%d of %d pages: the commit is there: %t, %v", len(reached), len(data), whole, err)
					}
				}
			}
			if whole, err := c.verify(t, c.torn(pages)); err != nil || !whole {
				t.Errorf("all pages: the commit is there: %t, %v", whole, err)
			}
		})
	}
}

// TestPowerFailsAmidTheLastPage tears the page that makes a commit valid at
// each sector: it is there or it is not.
func TestPowerFailsAmidTheLastPage(t *testing.T) {
	c := commits(t, true)
	size := os.Getpagesize()
	for _, meta := range c.pages() {
		if meta >= metaPages {
			continue
		}
		for cut := 0; cut <= size; cut += sectorSize {
			file := c.torn(c.pages())
			copy(file[meta*size+cut:(meta+1)*size], c.before[meta*size+cut:(meta+1)*size])
			if whole, err := c.verify(t, file); err != nil || whole != (cut > 0) {
				t.Errorf("cut at byte %d: the commit is there: %t, %v", cut, whole, err)
			}
		}
	}
}

// TestAFileCutShortIsWholeOrRefused cuts pages off the end of the file, down
// from the last that the commit wrote: behind it there is only room.
func TestAFileCutShortIsWholeOrRefused(t *testing.T) {
	c := commits(t, true)
	pages := c.pages()
	refused := 0
	for last := pages[len(pages)-1] + 1; last > 0; last-- {
		length := last * os.Getpagesize()
		whole, err := c.verify(t, c.after[:length])
		switch {
		case err == nil && !whole:
			t.Errorf("with %d of %d bytes it opens without what was acknowledged", length, len(c.after))
		case err != nil:
			refused++
		}
	}
	if refused == 0 {
		t.Error("no file was refused")
	}
}
