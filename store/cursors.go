package store

// cursors say where in its pool a party's next search begins, by shards as the
// index has them: a start fills them side by side.
type cursors [shardCount]map[party]uint32

func newCursors() *cursors {
	c := new(cursors)
	for n := range c {
		c[n] = make(map[party]uint32)
	}
	return c
}

// of returns the party's cursor; 0 if it has none.
func (c *cursors) of(p party) uint32 { return c[p[0]][p] }

func (c *cursors) set(p party, at uint32) { c[p[0]][p] = at }

// load takes in cursors of one shard, at the start, when nobody else is there.
func (c *cursors) load(shard uint8, all []cursor) {
	into := c[shard]
	for _, one := range all {
		into[one.party] = one.at
	}
}
