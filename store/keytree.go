package store

import (
	"cmp"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"

	"maskd/mapping"
)

// keySecret is a key, or what keys are made of.
type keySecret [keySize]byte

// A day's keys are the leaves of a tree: each node makes its four children by a
// hash, and a leaf is the key of one interaction (Goldreich, Goldwasser and
// Micali, "How to construct random functions", 1986). Its root alone is kept. To
// destroy a leaf, the root is replaced by the siblings on the way down to it:
// they make every other leaf, and nothing makes that one any more. So the file of
// keys is small, whatever the number of interactions, and a create writes nothing
// into it.
const (
	fanOutBits = 2
	treeDepth  = 16 // leaves are numbered with 32 bits
)

// errDestroyed is a key that was destroyed: what it sealed is gone.
var errDestroyed = fmt.Errorf("its key is destroyed: %w", mapping.ErrNotFound)

// node is the root of a subtree: it makes the leaves whose numbers begin with
// the bits of its prefix.
type node struct {
	depth  uint8
	prefix uint32
	secret keySecret
}

// child returns one of the node's four children.
func (n *node) child(i uint32) node {
	var in [keySize + 1]byte
	copy(in[:], n.secret[:])
	in[keySize] = byte(i)
	return node{depth: n.depth + 1, prefix: n.prefix<<fanOutBits | i, secret: sha256.Sum256(in[:])}
}

// towards returns which child a leaf is below.
func (n *node) towards(leaf uint32) uint32 {
	return leaf >> (fanOutBits * (treeDepth - 1 - int(n.depth))) & (1<<fanOutBits - 1)
}

// first returns the first leaf below the node; 64 bits, because a root has 2^32.
func (n *node) first() uint64 {
	return uint64(n.prefix) << (fanOutBits * (treeDepth - int(n.depth)))
}

// covers reports whether the leaf is below the node.
func (n *node) covers(leaf uint32) bool {
	return uint64(leaf)>>(fanOutBits*(treeDepth-int(n.depth))) == uint64(n.prefix)
}

// branch is what is left of a day's tree: the nodes that make the leaves which
// are not destroyed, in the order of these. It is never changed.
type branch []node

// under returns the node that makes the leaf; false if it is destroyed.
func (b branch) under(leaf uint32) (int, bool) {
	i, exact := slices.BinarySearchFunc(b, uint64(leaf), func(n node, leaf uint64) int { return cmp.Compare(n.first(), leaf) })
	if !exact {
		i--
	}
	return i, i >= 0 && b[i].covers(leaf)
}

// without returns the branch after the leaf is destroyed.
func (b branch) without(leaf uint32) branch {
	i, ok := b.under(leaf)
	if !ok {
		return b
	}
	var siblings []node
	for n := b[i]; n.depth < treeDepth; n = n.child(n.towards(leaf)) {
		for c := range uint32(1 << fanOutBits) {
			if c != n.towards(leaf) {
				siblings = append(siblings, n.child(c))
			}
		}
	}
	slices.SortFunc(siblings, func(a, b node) int { return cmp.Compare(a.first(), b.first()) })
	return slices.Concat(b[:i], siblings, b[i+1:])
}

// How deep the nodes are that foliage remembers. Half of the way from the root is
// above a grove, which has 65,536 leaves; of the other half three hashes of eight are
// above a bough, which has 1,024. To remember twigs too would take more memory than
// is near to a processor, and a hash takes less than to fetch it from afar.
const (
	groveDepth = treeDepth / 2
	boughDepth = groveDepth + 3
)

// foliage is a branch that remembers the nodes it came by of late.
type foliage struct {
	branch
	near [512]atomic.Pointer[grove] // 33 million leaves: more than a day gives out
}

// grove is a node and those below it that were come by.
type grove struct {
	node
	boughs [1 << (fanOutBits * (boughDepth - groveDepth))]atomic.Pointer[node]
}

// key returns the key of a leaf.
func (f *foliage) key(leaf uint32) (keySecret, error) {
	n, ok := f.nearest(leaf)
	if !ok {
		return keySecret{}, errDestroyed
	}
	for n.depth < treeDepth {
		n = n.child(n.towards(leaf))
		switch n.depth {
		case groveDepth:
			f.grove(leaf).Store(&grove{node: n})
		case boughDepth:
			if g := f.grove(leaf).Load(); g != nil && g.covers(leaf) {
				g.bough(leaf).Store(n.clone())
			}
		}
	}
	return n.secret, nil
}

// nearest returns the node nearest to a leaf that is at hand; false if it is destroyed.
func (f *foliage) nearest(leaf uint32) (node, bool) {
	if g := f.grove(leaf).Load(); g != nil && g.covers(leaf) {
		if bough := g.bough(leaf).Load(); bough != nil {
			return *bough, true
		}
		return g.node, true
	}
	if i, ok := f.under(leaf); ok {
		return f.branch[i], true
	}
	return node{}, false
}

// grove returns the place of the grove that a leaf would be in.
func (f *foliage) grove(leaf uint32) *atomic.Pointer[grove] {
	return &f.near[leaf>>(fanOutBits*(treeDepth-groveDepth))%uint32(len(f.near))]
}

// bough returns the place of the bough that a leaf of the grove is on.
func (g *grove) bough(leaf uint32) *atomic.Pointer[node] {
	return &g.boughs[leaf>>(fanOutBits*(treeDepth-boughDepth))%uint32(len(g.boughs))]
}

func (n node) clone() *node { return &n }

// climber derives the keys of leaves that come in order: it keeps the way down
// to the last one, of which the next shares most.
type climber struct {
	of   branch
	way  [treeDepth + 1]node
	from uint8 // the depth at which the way begins
	leaf uint32
	on   bool
}

// key returns the key of a leaf of the branch.
func (c *climber) key(of branch, leaf uint32) (keySecret, error) {
	depth := c.shared(of, leaf)
	if depth < 0 {
		i, ok := of.under(leaf)
		if !ok {
			c.on = false
			return keySecret{}, errDestroyed
		}
		depth = int(of[i].depth)
		c.way[depth], c.from = of[i], of[i].depth
	}
	for ; depth < treeDepth; depth++ {
		c.way[depth+1] = c.way[depth].child(c.way[depth].towards(leaf))
	}
	c.of, c.leaf, c.on = of, leaf, true
	return c.way[treeDepth].secret, nil
}

// shared returns the depth of the deepest node above both the last leaf and
// this one; negative if the way has none.
func (c *climber) shared(of branch, leaf uint32) int {
	if !c.on || len(of) == 0 || len(c.of) != len(of) || &c.of[0] != &of[0] {
		return -1
	}
	for depth := treeDepth; depth >= int(c.from); depth-- {
		if c.way[depth].covers(leaf) {
			return depth
		}
	}
	return -1
}

// errTree is a branch that can't be.
var errTree = errors.New("tree of keys is malformed")

// validate sees that no leaf has two nodes above it, so that what is destroyed
// stays so.
func (b branch) validate() error {
	for i := range b {
		if b[i].depth > treeDepth || uint64(b[i].prefix) >= 1<<(fanOutBits*int(b[i].depth)) ||
			i > 0 && b[i].first() <= b[i-1].first() || i > 0 && b[i-1].covers(uint32(b[i].first())) {
			return errTree
		}
	}
	return nil
}
