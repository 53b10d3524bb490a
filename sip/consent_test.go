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
	name      string
	says      func(*world)
	unsays    func(*world) // nil: he does not
	withdraws bool
	pauses    bool
	refuses   bool // it is a no where both are asked, and means nothing elsewhere
}

func words() []word {
	key := func(l media.Leg, keys string) func(*world) { return func(w *world) { w.pressesAloud(l, keys) } }
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
		{name: "A presses the key for no", says: key(media.A, "2"), refuses: true},
		{name: "B presses the key for no", says: key(media.B, "2"), refuses: true},
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
	case o.pauses:
		return begin(way) + " ~10 15"
	case o.ends(way):
		return begin(way) + " ~10"
	default:
		return begin(way)
	}
}

// ends reports whether nothing may be recorded from the word on.
func (o word) ends(way mapping.Recording) bool {
	return o.withdraws || o.pauses || o.refuses && way.Asks()
}

// Every word in every way: the recording listens when it may, and has what the two say
// then and nothing else; the record says what was said, and on the wire there is no trace of any of it.
func TestEveryWordInEveryWayOfRecording(t *testing.T) {
	for way := mapping.RecordingOff; way <= mapping.RecordingOptOut; way++ {
		for _, said := range words() {
			t.Run(strings.ReplaceAll(way.String()+", "+said.name, " ", "_"), func(t *testing.T) {
				inWorld(t, inALaw(way), func(w *world) { w.recordedCall(way, said) })
			})
		}
	}
}

// notice is how long it takes to tell somebody of a recording.
const notice = 3 * time.Second

// inALaw is the cast that talks in A-law, and is recorded in that way.
func inALaw(way mapping.Recording) cast {
	c := usual
	c.record, c.aloud = way, true
	c.rider.id.Codecs, c.customer.id.Codecs = "8 101", "8 101"
	told := tone(notice)
	c.speech = Speech{"": {SayRecorded: told, SayOptIn: told, SayOptOut: told}}
	return c
}

func (w *world) recordedCall(way mapping.Recording, said word) {
	w.t.Helper()
	w.ring()
	w.changes(way == mapping.RecordingAgreed, func() {
		w.customer.Answer()
		w.await(w.rider, "200")
	})
	w.speak()
	answered := time.Now()
	at := func(after time.Duration) { time.Sleep(time.Until(answered.Add(after))) }
	at(notice - doubt)
	w.changes(way >= mapping.RecordingAgreed && way != mapping.RecordingOptIn, func() { at(notice + doubt) })
	at(4 * time.Second)
	w.changes(way >= mapping.RecordingAgreed, func() {
		if way == mapping.RecordingOptIn {
			w.pressesAloud(media.A, "1")
			w.pressesAloud(media.B, "1")
		}
	})
	at(10 * time.Second)
	w.changes(!said.ends(way) && way >= mapping.RecordingAgreed, func() { said.says(w) })
	at(15 * time.Second)
	if said.unsays != nil {
		w.changes(said.pauses && way >= mapping.RecordingAgreed, func() { said.unsays(w) })
	}
	at(20 * time.Second)
	w.hangUp(w.rider)
	w.hush()
	w.settle()
	w.heardByTheAuditor(way, said)
	w.onTheRecord(way, said)
	compare(w.t, filepath.Join(ladders, "recorded_call.txt"), w.ladder())
}

// heardByTheAuditor compares what was recorded with what a person would say who knows the way and
// the word.
func (w *world) heardByTheAuditor(way mapping.Recording, said word) {
	w.t.Helper()
	if way == mapping.RecordingOff {
		w.studio.deck.Close()
		w.studio.vault.Close()
		return
	}
	tape := w.audit()
	if got, want := inSeconds(tape.manifest.Spans), said.recorded(way); got != want {
		w.t.Errorf("the recording listened %q, want %q", got, want)
	}
	w.compare(tape)
}

// onTheRecord compares the call's record with what was said.
func (w *world) onTheRecord(way mapping.Recording, said word) {
	w.t.Helper()
	last := w.journal.final()[0]
	if last.Record != way && way != mapping.RecordingOff || last.Recorded != (way != mapping.RecordingOff) {
		w.t.Errorf("the record says %v, recorded: %v", last.Record, last.Recorded)
	}
	withdrawn := last.ConsentA == mapping.AnswerWithdrawn || last.ConsentB == mapping.AnswerWithdrawn
	if want := said.withdraws && way != mapping.RecordingOff; withdrawn != want {
		w.t.Errorf("the record says %v and %v", last.ConsentA, last.ConsentB)
	}
}

// What the hook says of a call's recording is what becomes of it, in each way.
func TestEveryWayThatTheHookMayRule(t *testing.T) {
	for way := mapping.RecordingOff; way <= mapping.RecordingOptOut; way++ {
		t.Run(way.String(), func(t *testing.T) {
			c := patient(inALaw(mapping.RecordingAgreed))
			c.hooked = true
			inWorld(t, c, func(w *world) {
				ruling := connect
				ruling.Record = way
				w.rules(ruling)
				w.rider.Invite(string(riderDID))
				w.await(w.customer, "INVITE")
				w.customer.Answer()
				w.await(w.rider, "200")
				answered := time.Now()
				w.speak()
				time.Sleep(time.Until(answered.Add(3 * time.Second)))
				w.told(media.A, media.B)
				time.Sleep(time.Until(answered.Add(4 * time.Second)))
				if way == mapping.RecordingOptIn {
					w.keyed(media.A, "1")
					w.keyed(media.B, "1")
				}
				w.after(5)
				w.hangUp(w.rider)
				w.hush()
				w.settle()
				if way == mapping.RecordingOff {
					w.studio.deck.Close()
					w.studio.vault.Close()
				} else {
					w.heardFrom(begin(way))
				}
			})
		})
	}
}
