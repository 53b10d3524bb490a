package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	bolt "go.etcd.io/bbolt"
)

func TestPagesThatBboltCanNotFollowAreFound(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(f *spoiled)
		later bool // found by a check, which reads leaves
	}{
		"a branch is its own child":      {spoil: func(f *spoiled) { f.setChild(3, f.branch) }},
		"a branch is its child's child":  {spoil: func(f *spoiled) { f.setChild(0, f.top) }},
		"two branches have one child":    {spoil: func(f *spoiled) { f.setChild(3, f.child(4)) }},
		"a child is free":                {spoil: func(f *spoiled) { f.setChild(3, f.free(0)) }},
		"a child is the list of these":   {spoil: func(f *spoiled) { f.setChild(3, f.freeList) }},
		"a child is what the file is":    {spoil: func(f *spoiled) { f.setChild(3, 1) }},
		"a child is behind the file":     {spoil: func(f *spoiled) { f.setChild(0, f.end) }},
		"a child is far behind the file": {spoil: func(f *spoiled) { f.setChild(0, 1<<63) }},
		"a branch has no child":          {spoil: func(f *spoiled) { f.set(f.branch, 10, uint16(0)) }},
		"a branch has too many children": {spoil: func(f *spoiled) { f.set(f.branch, 10, uint16(0xFFFF)) }},
		"a branch's key is elsewhere":    {spoil: func(f *spoiled) { f.set(f.branch, 16, uint32(1<<31)) }},
		"a branch is another page":       {spoil: func(f *spoiled) { f.set(f.branch, 0, f.branch+1) }},
		"a branch is of no kind":         {spoil: func(f *spoiled) { f.set(f.branch, 8, uint16(3)) }},
		"a branch goes on in another":    {spoil: func(f *spoiled) { f.set(f.branch, 12, uint32(1)) }},
		"a branch goes on for ever":      {spoil: func(f *spoiled) { f.set(f.branch, 12, uint32(1<<31)) }},
		"a page is free twice":           {spoil: func(f *spoiled) { f.set(f.freeList, 24, f.free(0)) }},
		"a page that is used is free":    {spoil: func(f *spoiled) { f.set(f.freeList, 24, f.branch) }},
		"too many pages are free":        {spoil: func(f *spoiled) { f.set(f.freeList, 10, uint16(0xFFFE)) }},
		"far too many pages are free":    {spoil: func(f *spoiled) { f.set(f.freeList, 10, uint16(longFreeList)); f.set(f.freeList, 16, uint64(1<<60)) }},
		"a small bucket is of no kind":   {spoil: func(f *spoiled) { f.set(f.root, f.small+8, uint16(0)) }},
		"a small bucket has more keys":   {spoil: func(f *spoiled) { f.set(f.root, f.small+10, uint16(0x8001)) }},
		"a small bucket's key is away":   {spoil: func(f *spoiled) { f.set(f.root, f.small+16+6, uint16(0x80)) }},
		"a value is behind its page":     {spoil: func(f *spoiled) { f.set(f.leaf, 16+12, uint32(1<<30)) }, later: true},
		"a leaf has too many values":     {spoil: func(f *spoiled) { f.set(f.leaf, 10, uint16(0xFFFF)) }, later: true},
		"a value is a bucket":            {spoil: func(f *spoiled) { f.set(f.leaf, 16, uint32(elementIsBucket)) }, later: true},
		"a leaf is a branch":             {spoil: func(f *spoiled) { f.set(f.leaf, 8, uint16(pageBranch)) }},
	} {
		t.Run(name, func(t *testing.T) {
			f := spoil(t)
			f.verify(nil, nil)
			c.spoil(f)
			if c.later {
				f.verify(nil, ErrDamaged)
			} else {
				f.verify(ErrDamaged, ErrDamaged)
			}
		})
	}
}

// Bits of what says how long a page is, or which page begins the file, may be flipped too.
func TestPagesAreReadAsBboltReadsThem(t *testing.T) {
	t.Run("a page has no more than it tells of", func(t *testing.T) {
		f := spoil(t)
		f.set(f.leaf, 12, uint32(7))
		p := &pageTree{file: f.raw, size: int(f.size()), end: f.end, taken: make([]uint64, f.end/64+1)}
		if _, err := p.read(f.leaf, nil); !errors.Is(err, ErrDamaged) {
			t.Errorf("seven more pages were read: %v", err)
		}
	})
	t.Run("a page that begins the file is another's", func(t *testing.T) {
		f := spoil(t)
		for tx := uint64(0); tx%2 == 0; { // the last is on the second page, and read after the first
			must(t, f.file.Update(func(b *bolt.Tx) error { tx = uint64(b.ID()); return b.Bucket([]byte("small")).Put(paged(0), nil) }))
		}
		f = toSpoil(t, f.file)
		tx := binary.NativeEndian.Uint64(f.page(1)[pageHeader+48:])
		f.set(0, pageHeader+48, tx)
		f.set(0, pageHeader+16, uint64(1<<40))
		f.verify(nil, nil)
	})
	t.Run("a bucket is marked as something else besides", func(t *testing.T) {
		f := spoil(t)
		f.setChild(3, f.branch)
		for i := range countOf(f.page(f.root)) {
			f.set(f.root, pageHeader+pageElement*i, uint32(elementIsBucket|8))
		}
		f.verify(ErrDamaged, ErrDamaged)
	})
	t.Run("the file is cut", func(t *testing.T) {
		f := spoil(t)
		must(t, f.raw.Truncate(int64((f.end-1)*f.size())))
		f.verify(ErrDamaged, ErrDamaged)
	})
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// What bbolt itself has written is whole, whatever came and went.
func TestPagesAreWholeWhateverCameAndWent(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	file := pagedFile(t)
	most := 1
	for step := range 120 {
		most = max(1, (most+random.IntN(600)-280)%4000)
		err := file.Update(func(tx *bolt.Tx) error {
			for range random.IntN(100) {
				b, err := tx.CreateBucketIfNotExists(fmt.Appendf(nil, "bucket %d", random.IntN(30)))
				if err != nil {
					return err
				}
				if random.IntN(3) == 0 {
					err = b.Delete(paged(random.IntN(most)))
				} else {
					err = b.Put(paged(random.IntN(most)), make([]byte, random.IntN(9000)*random.IntN(2)))
				}
				if err != nil {
					return err
				}
			}
			if random.IntN(50) == 0 {
				name, _ := tx.Cursor().Last()
				return tx.DeleteBucket(name)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, down := range []reach{toBranches, toLeaves} {
			if err := file.View(func(tx *bolt.Tx) error { return verifyPages(tx, down) }); err != nil {
				t.Fatalf("step %d: %v", step, err)
			}
		}
	}
}

// spoiled is a file of bbolt, with the pages that can be spoilt.
type spoiled struct {
	t    *testing.T
	file *bolt.DB
	raw  *os.File

	end      uint64
	freeList uint64
	root     uint64 // the page that has the buckets
	small    int    // where in it the page of a small bucket begins
	top      uint64 // the branch that a large bucket begins with
	branch   uint64 // its first child
	leaf     uint64 // the first of that
}

func pagedFile(t *testing.T) *bolt.DB {
	t.Helper()
	file, err := bolt.Open(filepath.Join(t.TempDir(), "pages.db"), fileMode, &bolt.Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })
	return file
}

func paged(n int) []byte {
	return fmt.Appendf(nil, "a key of 64 bytes, so that a branch has few of them %012d", n)
}

// spoil makes a file with a large bucket, a small one, and pages that are free.
func spoil(t *testing.T) *spoiled {
	t.Helper()
	file := pagedFile(t)
	fill := func(bucket string, keys int) func(tx *bolt.Tx) error {
		return func(tx *bolt.Tx) error {
			b, err := tx.CreateBucketIfNotExists([]byte(bucket))
			for n := range keys {
				err = errors.Join(err, b.Put(paged(n), make([]byte, 100)))
			}
			return err
		}
	}
	for _, change := range []func(tx *bolt.Tx) error{fill("gone", 500), fill("large", 3000), fill("small", 1), func(tx *bolt.Tx) error { return tx.DeleteBucket([]byte("gone")) }} {
		if err := file.Update(change); err != nil {
			t.Fatal(err)
		}
	}
	f := toSpoil(t, file)
	f.find()
	return f
}

// toSpoil returns an open file of bbolt, of which it is known where it begins.
func toSpoil(t *testing.T, file *bolt.DB) *spoiled {
	t.Helper()
	raw, err := os.OpenFile(file.Path(), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = raw.Close() })
	f := &spoiled{t: t, file: file, raw: raw}
	err = file.View(func(tx *bolt.Tx) (err error) {
		f.end = uint64(tx.Size()) / f.size()
		p := &pageTree{file: raw, size: int(f.size()), end: f.end}
		f.root, f.freeList, err = p.meta(uint64(tx.ID()))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// find looks for the pages of a large and of a small bucket.
func (f *spoiled) find() {
	f.t.Helper()
	page := f.page(f.root)
	for i := range countOf(page) {
		value := valueOf(page, i)
		if root := binary.NativeEndian.Uint64(value); root != 0 {
			f.top = root
		} else {
			f.small = cap(page) - cap(value) + bucketHeader
		}
	}
	f.branch = f.childOf(f.top, 0)
	f.leaf = f.childOf(f.branch, 0)
	if f.small == 0 || kindOf(f.page(f.branch)) != pageBranch || kindOf(f.page(f.leaf)) != pageLeaf || f.free(1) == 0 {
		f.t.Fatal("the file has not what is to be spoilt")
	}
}

// verify sees what is found at a start, and by a check.
func (f *spoiled) verify(start, check error) {
	f.t.Helper()
	for down, want := range map[reach]error{toBranches: start, toLeaves: check} {
		if err := f.file.View(func(tx *bolt.Tx) error { return verifyPages(tx, down) }); !errors.Is(err, want) {
			f.t.Errorf("reach %d: %v, want %v", down, err, want)
		}
	}
}

func (f *spoiled) size() uint64 { return uint64(f.file.Info().PageSize) }

func (f *spoiled) page(id uint64) []byte {
	f.t.Helper()
	page := make([]byte, f.size())
	if _, err := f.raw.ReadAt(page, int64(id*f.size())); err != nil {
		f.t.Fatal(err)
	}
	return page
}

func (f *spoiled) childOf(id uint64, i int) uint64 { return childOf(f.page(id), i) }

func (f *spoiled) child(i int) uint64 { return f.childOf(f.branch, i) }

func (f *spoiled) free(i int) uint64 {
	return binary.NativeEndian.Uint64(f.page(f.freeList)[pageHeader+8*i:])
}

func (f *spoiled) setChild(i int, id uint64) { f.set(f.branch, pageHeader+pageElement*i+8, id) }

// set writes a number at so many bytes of a page.
func (f *spoiled) set(id uint64, at int, to any) {
	f.t.Helper()
	b, err := binary.Append(nil, binary.NativeEndian, to)
	if err != nil {
		f.t.Fatal(err)
	}
	if _, err := f.raw.WriteAt(b, int64(id*f.size())+int64(at)); err != nil {
		f.t.Fatal(err)
	}
}
