package resolve

// Order appends the targets of the candidates to dst in the order in which one
// call tries them: by rank, and within a rank by a draw in which a candidate's
// chance is its weight (RFC 2782). The candidates must be sorted by rank, as
// [Expand] returns them. Below returns a random number below its argument; it
// is asked only where there is a choice.
func Order(dst []Target, candidates []Candidate, below func(uint32) uint32) []Target {
	for len(candidates) > 0 {
		n := 1
		for n < len(candidates) && candidates[n].Rank == candidates[0].Rank {
			n++
		}
		dst = draw(dst, candidates[:n], below)
		candidates = candidates[n:]
	}
	return dst
}

// draw appends the targets of one rank.
func draw(dst []Target, rank []Candidate, below func(uint32) uint32) []Target {
	var drawn [maxCandidates]bool
	for left := min(len(rank), maxCandidates); left > 0; left-- {
		i := pick(rank, &drawn, left, below)
		drawn[i] = true
		for _, addr := range rank[i].Addrs {
			dst = append(dst, Target{rank[i].Transport, addr})
		}
	}
	return dst
}

// pick draws one of those left. RFC 2782 gives the weightless together the
// chance of a weight of 1 (of 0 to the sum, both included, the one that is
// nobody's); here they share it evenly, so all shares are scaled by how many
// they are.
func pick(rank []Candidate, drawn *[maxCandidates]bool, left int, below func(uint32) uint32) int {
	weightless, total := uint32(0), uint32(0)
	for i, c := range rank {
		if !drawn[i] && c.Weight == 0 {
			weightless++
		}
	}
	share := func(c Candidate) uint32 { return max(uint32(c.Weight)*max(weightless, 1), 1) }
	for i, c := range rank {
		if !drawn[i] {
			total += share(c)
		}
	}
	at := uint32(0)
	if left > 1 {
		at = below(total)
	}
	for i, c := range rank {
		switch {
		case drawn[i]:
		case at < share(c):
			return i
		default:
			at -= share(c)
		}
	}
	return 0
}
