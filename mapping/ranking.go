package mapping

// Ranking decides between the DIDs that are free for a party.
type Ranking struct {
	Number   Number // the party's first
	Wish     Wish
	Sticky   Sticky
	Earlier  DID            // what the party had in the pair's last interaction; empty: nothing that still is in the pool
	Reserved func(DID) bool // whether the DID is given only to who names it; nil: none is
	WarmUp   func(DID) bool // whether the DID is new and has had its share; nil: none is
}

// Ranks that are added to those of a wish, which are lower.
const (
	// rankNew: a new DID that has had its share is better than none.
	rankNew = 1 << 10
	// rankAvoided: and so is the one that the pair had.
	rankAvoided = 1 << 12
)

// Indifferent reports whether all DIDs are alike to the party.
func (r *Ranking) Indifferent() bool {
	return len(r.Wish.Prefer) == 0 && r.Reserved == nil && r.WarmUp == nil && r.Earlier == ""
}

// Of returns the rank of a DID: the higher, the less it is wanted; negative if
// the party is not to be given it.
func (r *Ranking) Of(did DID) int {
	named := r.Wish.names(did)
	if r.Reserved != nil && r.Reserved(did) && !named {
		return -1
	}
	again := r.Earlier != "" && did == r.Earlier
	switch {
	case r.Earlier == "":
	case again && r.Sticky != StickyAvoid:
		return 0
	case r.Sticky == StickyPin:
		return -1
	}
	rank := r.Wish.rank(did, r.Number)
	switch {
	case rank < 0:
		return -1
	case again:
		return rankAvoided + rank
	case r.WarmUp != nil && !named && r.WarmUp(did):
		rank += rankNew
	}
	if r.Earlier != "" && r.Sticky == StickyPrefer {
		rank++ // the earlier one is better than any
	}
	return rank
}
