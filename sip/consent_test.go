package sip

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"maskd/mapping"
	"maskd/media"
)

// word is what somebody says of the recording ten seconds into a call, and
// another one five seconds later.
type word struct {
	name       string
	says       func(*world)
	unsays     func(*world) // nil: he does not
	withdraws  bool
	pauses     bool
	onlyOptOut bool // it is a no where that is asked for, and means nothing elsewhere
}

func words() []word {
	key := func(l media.Leg, keys string) func(*world) { return func(w *world) { w.keyed(l, keys) } }
	dictate := func(d Dictation) func(*world) { return func(w *world) { w.dictate(d) } }
	return []word{
		{name: "nothing", says: func(w *world) { time.Sleep(10 * time.Millisecond) }},
		{name: "A withdraws by key", says: key(media.A, "*2"), withdraws: true},
		{name: "B withdraws by key", says: key(media.B, "*2"), withdraws: true},
		{name: "A withdraws by the API", says: dictate(WithdrawA), withdraws: true},
		{name: "B withdraws by the API", says: dictate(WithdrawB), withdraws: true},
		{name: "A withdraws, and somebody resumes", says: key(media.A, "*2"), unsays: dictate(ResumeRecording), withdraws: true},
		{name: "A pauses by key, and B goes on", says: key(media.A, "*3"), unsays: key(media.B, "*3"), pauses: true},
		{name: "B pauses by key, and A goes on", says: key(media.B, "*3"), unsays: key(media.A, "*3"), pauses: true},
		{name: "the API pauses, and goes on", says: dictate(PauseRecording), unsays: dictate(ResumeRecording), pauses: true},
		{name: "A pauses, and the API goes on", says: key(media.A, "*3"), unsays: dictate(ResumeRecording), pauses: true},
		{name: "A presses the key for no", says: key(media.A, "2"), onlyOptOut: true},
		{name: "B presses the key for no", says: key(media.B, "2"), onlyOptOut: true},
	}
}

// begin is from when on a call is recorded in that way, whose notice takes three
// seconds and both of whose parties agree after another one.
func begin(way mapping.Recording) string {
	switch way {
	case mapping.RecordingAgreed:
		return "0"
	case mapping.RecordingAnnounce, mapping.RecordingOptOut:
		return "~0 3"
	case mapping.RecordingOptIn:
		return "~0 4"
	default:
		return ""
	}
}

// recorded is when a recording must listen: what a person would say who knows the
// way and the word.
func (o word) recorded(way mapping.Recording) string {
	switch {
	case way == mapping.RecordingOff:
		return ""
	case o.withdraws, o.onlyOptOut && way == mapping.RecordingOptOut:
		return begin(way) + " ~10"
	case o.pauses:
		return begin(way) + " ~10 15"
	default:
		return begin(way)
	}
}

// Every word in every way: the recording listens when it may, the record says what
// was said, and on the wire there is no trace of any of it.
func TestEveryWordInEveryWayOfRecording(t *testing.T) {
	for way := mapping.RecordingOff; way <= mapping.RecordingOptOut; way++ {
		for _, said := range words() {
			t.Run(strings.ReplaceAll(way.String()+", "+said.name, " ", "_"), func(t *testing.T) {
				c := usual
				c.record = way
				inWorld(t, c, func(w *world) { w.recordedCall(way, said) })
			})
		}
	}
}

func (w *world) recordedCall(way mapping.Recording, said word) {
	w.t.Helper()
	w.ring()
	w.customer.Answer()
	w.await(w.rider, "200")
	answered := time.Now()
	at := func(seconds int) { time.Sleep(time.Until(answered.Add(time.Duration(seconds) * time.Second))) }
	at(3)
	w.told(media.A, media.B)
	at(4)
	if way == mapping.RecordingOptIn {
		w.keyed(media.A, "1")
		w.keyed(media.B, "1")
	}
	at(10)
	said.says(w)
	at(15)
	if said.unsays != nil {
		said.unsays(w)
	}
	at(20)
	w.hangUp(w.rider)
	w.settle()
	if way == mapping.RecordingOff {
		w.studio.deck.Close()
		w.studio.vault.Close()
	} else if got, want := w.listened(), said.recorded(way); got != want {
		w.t.Errorf("the recording listened %q, want %q", got, want)
	}
	last := w.journal.final()[0]
	if last.Record != way && way != mapping.RecordingOff || last.Recorded != (way != mapping.RecordingOff) {
		w.t.Errorf("the record says %v, recorded: %v", last.Record, last.Recorded)
	}
	withdrawn := last.ConsentA == mapping.AnswerWithdrawn || last.ConsentB == mapping.AnswerWithdrawn
	if want := said.withdraws && way != mapping.RecordingOff; withdrawn != want {
		w.t.Errorf("the record says %v and %v", last.ConsentA, last.ConsentB)
	}
	compare(w.t, filepath.Join(ladders, "recorded_call.txt"), w.ladder())
}

// What the hook says of a call's recording is what becomes of it, in each way.
func TestEveryWayThatTheHookMayRule(t *testing.T) {
	for way := mapping.RecordingOff; way <= mapping.RecordingOptOut; way++ {
		t.Run(way.String(), func(t *testing.T) {
			c := hooked("")
			c.record = mapping.RecordingAgreed
			inWorld(t, c, func(w *world) {
				ruling := connect
				ruling.Record = way
				w.rules(ruling)
				w.rider.Invite(string(riderDID))
				w.await(w.customer, "INVITE")
				w.customer.Answer()
				w.await(w.rider, "200")
				answered := time.Now()
				time.Sleep(time.Until(answered.Add(3 * time.Second)))
				w.told(media.A, media.B)
				time.Sleep(time.Until(answered.Add(4 * time.Second)))
				if way == mapping.RecordingOptIn {
					w.keyed(media.A, "1")
					w.keyed(media.B, "1")
				}
				w.after(5)
				w.hangUp(w.rider)
				w.settle()
				if way == mapping.RecordingOff {
					w.studio.deck.Close()
					w.studio.vault.Close()
				} else if got := w.listened(); got != begin(way) {
					t.Errorf("the recording listened %q, want %q", got, begin(way))
				}
			})
		})
	}
}
