package sip

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"maskd/mapping"
	"maskd/media"
)

// reply is what somebody says to the question whether he may be recorded, and when: while he is
// asked, then, or when it is too late.
type reply struct {
	name string
	keys string // empty: he says nothing
	at   time.Duration
}

const (
	early = time.Second
	then  = notice + time.Second
	late  = notice + considering + 2*time.Second
)

func replies() []reply {
	return []reply{{"nothing", "", early}, {"yes early", "1", early}, {"yes", "1", then}, {"yes too late", "1", late},
		{"no early", "2", early}, {"no", "2", then}, {"no too late", "2", late},
		{"yes and then no early", "12", early}, {"yes and then no", "12", then}, {"no and then yes", "21", then}}
}

// question is what a person would keep in mind who listens to what is asked and said.
type question struct {
	way   mapping.Recording
	asked [2]bool // who has heard it to the end, or enough of it
	said  [2]string
}

// recorded reports whether the call may be recorded now.
func (q *question) recorded() bool {
	switch {
	case q.asked != [2]bool{true, true}:
		return false
	case q.way == mapping.RecordingOptIn:
		return q.said == [2]string{"1", "1"}
	default:
		return !slices.Contains(q.said[:], "2")
	}
}

// says takes a reply. Who has said no is not talked round.
func (q *question) says(l media.Leg, key string, when time.Duration) {
	who := l - media.A
	if when == late || q.said[who] == "2" {
		return
	}
	q.asked[who], q.said[who] = true, key
}

// Whoever says whatever whenever: what is on the recording is what both had agreed to when it was
// said, and not a word from before or after.
func TestEveryReplyToEveryQuestion(t *testing.T) {
	for _, way := range []mapping.Recording{mapping.RecordingOptIn, mapping.RecordingOptOut} {
		for n, a := range replies() {
			for m, b := range replies()[n:] {
				if m%2 == 1 {
					a, b = b, a // so that each is said by either
				}
				t.Run(fmt.Sprintf("%s, A says %s, B %s", way, a.name, b.name), func(t *testing.T) {
					inWorld(t, inALaw(way), func(w *world) { w.askedCall(way, a, b) })
				})
			}
		}
	}
}

func (w *world) askedCall(way mapping.Recording, a, b reply) {
	w.t.Helper()
	w.ring()
	w.customer.Answer()
	w.await(w.rider, "200")
	w.speak()
	asked, q := time.Now(), question{way: way}
	at := func(after time.Duration) { time.Sleep(time.Until(asked.Add(after))) }
	says := func(l media.Leg, r reply, when time.Duration) {
		if r.at != when {
			return
		}
		for _, key := range r.keys {
			q.says(l, string(key), when)
			w.changes(q.recorded(), func() { w.pressesAloud(l, string(key)) })
		}
	}
	for _, when := range []time.Duration{early, then, late} {
		if when == late && a.at != late && b.at != late {
			break
		}
		at(when)
		says(media.A, a, when)
		says(media.B, b, when)
		if when == early {
			at(notice - doubt)
			q.asked = [2]bool{true, true}
			w.changes(q.recorded(), func() { at(notice + doubt) })
		}
	}
	w.after(1)
	w.hangUp(w.rider)
	w.hush()
	w.settle()
	w.compare(w.audit())
}
