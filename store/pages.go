package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"os"

	bolt "go.etcd.io/bbolt"
)

// A page of bbolt's file (its internal/common, version 2 of the format): a header of
// id 8, kind 2, count 2, overflow 4 bytes, then an element of 16 for each key.
const (
	pageHeader  = 16
	pageElement = 16

	pageBranch   = 0x01
	pageLeaf     = 0x02
	pageFreeList = 0x10

	elementIsBucket = 0x01
	bucketHeader    = 16 // root 8, sequence 8 bytes; a root of 0: the page itself follows

	metaSize = 64 // magic 4, version 4, size of a page 4, flags 4, root bucket 16, free list 8, end 8, transaction 8, checksum 8

	// longFreeList is a count that says that the count is the first of the ids.
	longFreeList = 0xFFFF
	// noFreeList is the place of a free list that was not written.
	noFreeList = ^uint64(0)

	// deepest is how many pages lie above a leaf at most: a branch has two children
	// at least, and page numbers of a file that can be mapped have 36 bits.
	deepest = 36
)

// reach is how far down pages are read.
type reach int

const (
	toBranches reach = iota + 1 // a hundredth of the file, which a start reads anyway
	toLeaves                    // all of it
)

// pageTree reads the file beside bbolt, which follows what a page says wherever it
// leads: a branch that is its own child overflows the stack, and no one can recover
// from that. So it is seen first that every page is reached once.
type pageTree struct {
	file io.ReaderAt
	size int    // of a page, in bytes
	end  uint64 // the first page that there is not
	down reach

	taken []uint64        // a bit for each page that is free or reached
	rooms [deepest][]byte // of the page that is read at each depth
}

// verifyPages reports pages that bbolt could not follow: those of a transaction's
// buckets down to where they are asked for, and its free list.
func verifyPages(tx *bolt.Tx, down reach) error {
	file, err := os.Open(tx.DB().Path())
	if err != nil {
		return err
	}
	defer file.Close()
	p := &pageTree{file: file, size: tx.DB().Info().PageSize, end: uint64(tx.Size()) / uint64(tx.DB().Info().PageSize), down: down}
	p.taken = make([]uint64, p.end/64+1)
	root, free, err := p.meta(uint64(tx.ID()))
	if err != nil {
		return err
	}
	if free != noFreeList {
		if err := p.verifyFree(free); err != nil {
			return err
		}
	}
	return p.follow(root, 0, true)
}

// meta returns where a transaction's buckets and its free list begin. Of two pages that
// name it bbolt has read the one that is whole.
func (p *pageTree) meta(tx uint64) (root, free uint64, err error) {
	page := make([]byte, pageHeader+metaSize)
	for id := range uint64(2) {
		if err := p.fill(page, id); err != nil {
			return 0, 0, err
		}
		meta := page[pageHeader:]
		if binary.NativeEndian.Uint64(meta[48:]) == tx && metaFits(meta) {
			return binary.NativeEndian.Uint64(meta[16:]), binary.NativeEndian.Uint64(meta[32:]), nil
		}
	}
	return 0, 0, fmt.Errorf("%w: no page begins what bbolt reads", ErrDamaged)
}

// read returns a page with what it overflows to. They are taken: nothing else may be
// there.
func (p *pageTree) read(id uint64, room []byte) ([]byte, error) {
	if cap(room) < p.size {
		room = make([]byte, p.size)
	}
	page := room[:p.size]
	if err := p.fill(page, id); err != nil {
		return nil, err
	}
	overflow := uint64(binary.NativeEndian.Uint32(page[12:]))
	if binary.NativeEndian.Uint64(page) != id || overflow > 0 && overflow*uint64(p.size) > extent(page) {
		return nil, damagedPage(id)
	}
	for i := range overflow {
		if err := p.take(id + 1 + i); err != nil {
			return nil, err
		}
	}
	if overflow == 0 {
		return page, nil
	}
	page = make([]byte, (1+overflow)*uint64(p.size))
	return page, p.fill(page, id)
}

func (p *pageTree) fill(page []byte, id uint64) error {
	_, err := p.file.ReadAt(page, int64(id)*int64(p.size))
	if errors.Is(err, io.EOF) {
		return damagedPage(id)
	}
	return err
}

// take marks a page as free or reached, which it may be once.
func (p *pageTree) take(id uint64) error {
	if id < 2 || id >= p.end || p.taken[id/64]&(1<<(id%64)) != 0 {
		return damagedPage(id)
	}
	p.taken[id/64] |= 1 << (id % 64)
	return nil
}

func damagedPage(id uint64) error { return fmt.Errorf("%w: page %d", ErrDamaged, id) }

// verifyFree takes the pages that are free.
func (p *pageTree) verifyFree(id uint64) error {
	if err := p.take(id); err != nil {
		return err
	}
	page, err := p.read(id, nil)
	if err != nil {
		return err
	}
	count, ids := uint64(countOf(page)), page[pageHeader:]
	if count == longFreeList {
		count, ids = binary.NativeEndian.Uint64(ids), ids[8:]
	}
	if kindOf(page) != pageFreeList || count > uint64(len(ids)/8) {
		return damagedPage(id)
	}
	for i := range count {
		if err := p.take(binary.NativeEndian.Uint64(ids[8*i:])); err != nil {
			return err
		}
	}
	return nil
}

// follow takes a page and all below it. Only the tree that the file begins with has
// buckets.
func (p *pageTree) follow(id uint64, depth int, buckets bool) error {
	if depth == deepest {
		return damagedPage(id)
	}
	if err := p.take(id); err != nil {
		return err
	}
	page, err := p.read(id, p.rooms[depth])
	if err != nil {
		return err
	}
	p.rooms[depth] = page
	switch {
	case branchFits(page):
		return p.followBranch(page, depth, buckets)
	case leafFits(page, buckets):
		return p.followBuckets(page, depth)
	default:
		return damagedPage(id)
	}
}

// followBranch follows a page's children. All leaves of a tree are equally deep, so
// that one child says what the others are. Leaves that are not asked for are taken
// unread: a page that is none would be free, or reached elsewhere.
func (p *pageTree) followBranch(page []byte, depth int, buckets bool) error {
	unread := p.down == toBranches && !buckets && p.isLeaf(childOf(page, 0))
	for i := range countOf(page) {
		var err error
		if unread {
			err = p.take(childOf(page, i))
		} else {
			err = p.follow(childOf(page, i), depth+1, buckets)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// isLeaf is false for a page that there is not: who follows it says so.
func (p *pageTree) isLeaf(id uint64) bool {
	var header [pageHeader]byte
	return id < p.end && p.fill(header[:], id) == nil && kindOf(header[:]) == pageLeaf
}

// followBuckets follows the buckets that a leaf has, if any.
func (p *pageTree) followBuckets(leaf []byte, depth int) error {
	for i := range countOf(leaf) {
		if !isBucket(leaf, i) {
			continue
		}
		if root := binary.NativeEndian.Uint64(valueOf(leaf, i)); root != 0 {
			if err := p.follow(root, depth+1, false); err != nil {
				return err
			}
		}
	}
	return nil
}

// metaFits reports whether what a page begins the file with is as it was written.
func metaFits(meta []byte) bool {
	sum := fnv.New64a()
	sum.Write(meta[:metaSize-8])
	return sum.Sum64() == binary.NativeEndian.Uint64(meta[metaSize-8:])
}

func kindOf(page []byte) uint16 { return binary.NativeEndian.Uint16(page[8:]) }

func countOf(page []byte) int { return int(binary.NativeEndian.Uint16(page[10:])) }

// elementOf returns an element and all that is behind it: places are counted from it.
func elementOf(page []byte, i int) []byte { return page[pageHeader+pageElement*i:] }

func childOf(branch []byte, i int) uint64 {
	return binary.NativeEndian.Uint64(elementOf(branch, i)[8:])
}

func isBucket(leaf []byte, i int) bool {
	return binary.NativeEndian.Uint32(elementOf(leaf, i))&elementIsBucket != 0
}

// valueOf returns the value of an element that fits.
func valueOf(leaf []byte, i int) []byte {
	e := elementOf(leaf, i)
	place, key, value := binary.NativeEndian.Uint32(e[4:]), binary.NativeEndian.Uint32(e[8:]), binary.NativeEndian.Uint32(e[12:])
	return e[uint64(place)+uint64(key):][:value]
}

// keyEnd returns where the key of a branch's element ends, counted from that.
func keyEnd(e []byte) uint64 {
	return uint64(binary.NativeEndian.Uint32(e)) + uint64(binary.NativeEndian.Uint32(e[4:]))
}

// valueEnd returns where the value of a leaf's element ends, counted from that.
func valueEnd(e []byte) uint64 {
	return uint64(binary.NativeEndian.Uint32(e[4:])) + uint64(binary.NativeEndian.Uint32(e[8:])) + uint64(binary.NativeEndian.Uint32(e[12:]))
}

// extent returns how many bytes a page has at most, with what it overflows to, as its
// beginning tells: only where few elements are too large for one page do they overflow,
// and a free list has an id for each page that it has left to itself. Who believed the
// overflow alone would make room for any.
func extent(page []byte) uint64 {
	last := countOf(page) - 1
	switch kind := kindOf(page); {
	case kind == pageFreeList:
		count := uint64(last + 1)
		if count == longFreeList {
			count = binary.NativeEndian.Uint64(page[pageHeader:])
		}
		return pageHeader + 8*(count+2) + 8*uint64(binary.NativeEndian.Uint32(page[12:]))
	case last < 0 || pageHeader+pageElement*(last+1) > len(page):
		return 0
	case kind == pageBranch:
		return uint64(pageHeader+pageElement*last) + keyEnd(elementOf(page, last))
	default:
		return uint64(pageHeader+pageElement*last) + valueEnd(elementOf(page, last))
	}
}

// elementsFit reports whether a page is of a kind, and has room for its elements.
func elementsFit(page []byte, kind uint16) bool {
	return len(page) >= pageHeader && kindOf(page) == kind && pageHeader+pageElement*countOf(page) <= len(page)
}

// branchFits reports whether a page is a branch with children, and its keys lie in it.
func branchFits(page []byte) bool {
	if !elementsFit(page, pageBranch) || countOf(page) == 0 {
		return false
	}
	for i := range countOf(page) {
		if e := elementOf(page, i); keyEnd(e) > uint64(len(e)) {
			return false
		}
	}
	return true
}

// leafFits reports whether a page is a leaf, its keys and values lie in it, and buckets
// only where they may be.
func leafFits(page []byte, buckets bool) bool {
	if !elementsFit(page, pageLeaf) {
		return false
	}
	for i := range countOf(page) {
		e := elementOf(page, i)
		if valueEnd(e) > uint64(len(e)) || isBucket(page, i) && (!buckets || !bucketFits(valueOf(page, i))) {
			return false
		}
	}
	return true
}

// bucketFits reports whether a bucket's value has all of the page that it is, if it is
// small enough to have no other.
func bucketFits(value []byte) bool {
	if len(value) < bucketHeader {
		return false
	}
	return binary.NativeEndian.Uint64(value) != 0 || leafFits(value[bucketHeader:], false)
}
