package recording

// track is one speaker's side of a time line: samples that may come in any order, each to its
// place, until the time line is written that far.
type track struct {
	ring    []int16 // a power of two long; what is not written yet is at its place modulo that
	written int64   // places before this are on the disk
	late    int     // packets of which some part came after its place was written
}

func newTrack(room int) *track { return &track{ring: make([]int16, room)} }

// put lays samples in their place. What is too late is lost; what is further ahead than there is
// room has a timestamp that no telephone would send, and is lost too.
func (t *track) put(place int64, samples []int16) {
	if early := t.written - place; early > 0 {
		t.late++
		if early >= int64(len(samples)) {
			return
		}
		samples, place = samples[early:], t.written
	}
	if place+int64(len(samples)) > t.written+int64(len(t.ring)) {
		t.late++
		return
	}
	n := copy(t.ring[t.index(place):], samples)
	copy(t.ring, samples[n:])
}

// next are the next samples of the time line, of which silence is where none were put: at most so
// many, and at least one. They are valid until they are taken.
func (t *track) next(most int64) []int16 {
	i := t.index(t.written)
	return t.ring[i:min(int64(i)+most, int64(len(t.ring)))]
}

// take is the end of so many samples, which are on their way to the disk.
func (t *track) take(n int) {
	clear(t.next(int64(n)))
	t.written += int64(n)
}

func (t *track) index(place int64) int { return int(place & int64(len(t.ring)-1)) }
