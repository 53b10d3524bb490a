package relay

import "time"

const (
	// oneWayAfter no packet of one peer has come, though the other one's do, the call is one-way.
	oneWayAfter = 10 * time.Second
	// lately the other one's have come.
	lately = 2 * time.Second
)

// vigil notices that nothing comes from a peer.
type vigil struct {
	watching bool      // something should flow
	oneWay   bool      // told
	since    time.Time // from when on it should
	packet   time.Time // the last one that came
	sign     time.Time // the last report that came, or that silence was told
}

func (v *vigil) hear(now time.Time) {
	v.packet, v.oneWay = now, false
}

func (v *vigil) hearReport(now time.Time) { v.sign = now }

// watch tells whether something should flow now.
func (v *vigil) watch(flows bool, now time.Time) {
	if flows && !v.watching {
		v.since, v.oneWay = now, false
	}
	v.watching = flows
}

// fallsSilent tells that neither packets nor reports have come for the time-out, and again after
// each one: who is told may have been busy.
func (v *vigil) fallsSilent(timeout time.Duration, now time.Time) bool {
	last := latest(v.since, v.packet, v.sign)
	if !v.watching || timeout <= 0 || now.Sub(last) < timeout {
		return false
	}
	v.sign = now
	return true
}

// fallsOneWay tells once that packets come from the other peer only.
func (v *vigil) fallsOneWay(other *vigil, now time.Time) bool {
	last := latest(v.since, v.packet)
	if !v.watching || v.oneWay || now.Sub(last) < oneWayAfter || now.Sub(other.packet) > lately {
		return false
	}
	v.oneWay = true
	return true
}

func latest(times ...time.Time) (last time.Time) {
	for _, t := range times {
		if t.After(last) {
			last = t
		}
	}
	return last
}

// watch notices what does not happen: silence for the time-out, one way only, and digits whose
// end was lost.
func (x *exchange) watch(timeout time.Duration, now time.Time) {
	for end := range x.ends {
		from, to, here := &x.flow.Ends[end], &x.flow.Ends[1-end], &x.ends[end]
		here.vigil.watch(x.open && from.RTP.IsValid() && to.RTP.IsValid() && from.Speaks && to.Listens, now)
		if here.vigil.fallsSilent(timeout, now) {
			x.desk.pending.add(Event{End: end, Kind: Silent})
		}
		if here.vigil.fallsOneWay(&x.ends[1-end].vigil, now) {
			x.desk.pending.add(Event{End: end, Kind: OneWay})
		}
		if stroke, ok := here.keypad.lapse(now); ok {
			x.noticeDigit(end, stroke, now)
		}
	}
}
