package sip

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"maskd/mapping"
	"maskd/media"
	"maskd/media/recording"
	"maskd/sip/siptest"
)

// studio keeps the recordings of a world.
type studio struct {
	auditor *age.X25519Identity
	vault   *recording.Vault
	deck    *recording.Deck
	over    chan recording.Manifest
}

// bare covers nothing.
type bare struct{}

func (bare) Seal(_ recording.Manifest, head []byte) ([]byte, error)   { return head, nil }
func (bare) Sign(text []byte) ([]byte, error)                         { return text, nil }
func (bare) Verify(signed []byte) ([]byte, error)                     { return signed, nil }
func (bare) Open(_ recording.Manifest, sealed []byte) ([]byte, error) { return sealed, nil }

// recordings is how the world's calls are recorded: with 1 and 2 as answers, *2 to
// withdraw and *3 to pause.
func (w *world) recordings() Recordings {
	if w.cast.record == 0 {
		return Recordings{}
	}
	auditor, err := age.GenerateX25519Identity()
	w.must(err)
	vault, err := recording.OpenVault(w.t.TempDir(), bare{}, auditor.Recipient().String())
	w.must(err)
	w.studio = &studio{auditor, vault, recording.NewDeck(vault), make(chan recording.Manifest, 1)}
	return Recordings{
		Studio: w.studio.deck, Keys: RecordingKeys{Accept: 1, Decline: 2, Withdraw: 2, Pause: 3}, Said: w.cast.said,
		Ended: func(m recording.Manifest, err error) {
			if err != nil {
				w.t.Errorf("recording: %v", err)
			}
			w.studio.over <- m
		},
	}
}

// listened returns from which second on the recording listened, or was deaf (~).
func (w *world) listened() string {
	w.t.Helper()
	w.studio.deck.Close()
	defer w.studio.vault.Close()
	return inSeconds((<-w.studio.over).Spans)
}

// inSeconds says of spans from which second on they listen, or are deaf (~).
func inSeconds(recorded []recording.Span) string {
	var spans []string
	for _, s := range recorded {
		second := strconv.Itoa(int(s.From+500) / 1000)
		if !s.Listening {
			second = "~" + second
		}
		spans = append(spans, second)
	}
	return strings.Join(spans, " ")
}

// keyed has a party press keys that are heard with the sound.
func (w *world) keyed(l media.Leg, keys string) {
	w.t.Helper()
	call := w.b2bua.live.all()[0]
	for _, key := range []byte(keys) {
		digit, _ := media.ParseDigit(key)
		swallowed := call.sound.Load().Swallows(l)
		call.noticed(media.Event{Leg: l, Kind: media.DigitHeard, Digit: digit, Duration: 100 * time.Millisecond, Swallowed: swallowed})
		time.Sleep(10 * time.Millisecond)
	}
}

// told lets the notice be played to its end.
func (w *world) told(legs ...media.Leg) {
	call := w.b2bua.live.all()[0]
	for _, l := range legs {
		call.sound.Load().StopPlaying(l)
		call.noticed(media.Event{Leg: l, Kind: media.Played})
	}
	time.Sleep(10 * time.Millisecond)
}

// A call is recorded from when the last has agreed who must, until the first does
// not any more; times are in seconds from its answer.
func TestConsent(t *testing.T) {
	for _, tt := range []struct {
		name   string
		way    mapping.Recording
		script func(*world) // from the answer on
		heard  string
		a, b   mapping.Answer
	}{
		{"agreed elsewhere", mapping.RecordingAgreed, func(*world) {}, "0", 0, 0},
		{"announced to both", mapping.RecordingAnnounce, func(w *world) { w.after(3); w.told(media.A, media.B) }, "~0 3", 0, 0},
		{"announced to one", mapping.RecordingAnnounce, func(w *world) { w.after(3); w.told(media.A) }, "~0", 0, 0},
		{"announced, nobody asked: keys are no answers", mapping.RecordingAnnounce,
			func(w *world) { w.after(3); w.told(media.A, media.B); w.keyed(media.A, "2") }, "~0 3", 0, 0},
		{"opt in by both", mapping.RecordingOptIn, func(w *world) {
			w.after(3)
			w.told(media.A, media.B)
			w.after(1)
			w.keyed(media.A, "1")
			w.after(2)
			w.keyed(media.B, "1")
		}, "~0 6", mapping.AnswerYes, mapping.AnswerYes},
		{"opt in during the question", mapping.RecordingOptIn, func(w *world) {
			w.after(1)
			w.keyed(media.A, "1")
			w.after(1)
			w.keyed(media.B, "1")
		}, "~0 2", mapping.AnswerYes, mapping.AnswerYes},
		{"opt in by one", mapping.RecordingOptIn, func(w *world) { w.told(media.A, media.B); w.keyed(media.A, "1") }, "~0", mapping.AnswerYes, 0},
		{"opt in, and no", mapping.RecordingOptIn, func(w *world) {
			w.told(media.A, media.B)
			w.keyed(media.A, "1")
			w.keyed(media.B, "21") // not talked round
		}, "~0", mapping.AnswerYes, mapping.AnswerNo},
		{"opt in too late", mapping.RecordingOptIn, func(w *world) {
			w.told(media.A, media.B)
			w.keyed(media.A, "1")
			w.after(11)
			w.keyed(media.B, "1")
		}, "~0", mapping.AnswerYes, 0},
		{"opt out by nobody", mapping.RecordingOptOut, func(w *world) { w.after(3); w.told(media.A, media.B) }, "~0 3", 0, 0},
		{"opt out during the question", mapping.RecordingOptOut, func(w *world) {
			w.after(1)
			w.keyed(media.B, "2")
			w.told(media.A)
		}, "~0", 0, mapping.AnswerNo},
		{"opt out after the question", mapping.RecordingOptOut, func(w *world) {
			w.told(media.A, media.B)
			w.after(5)
			w.keyed(media.A, "2")
		}, "~0 0 ~5", mapping.AnswerNo, 0},
		{"withdrawn by key", mapping.RecordingAgreed, func(w *world) { w.after(5); w.keyed(media.B, "*2") }, "0 ~5", 0, mapping.AnswerWithdrawn},
		{"withdrawn by the API", mapping.RecordingAgreed, func(w *world) { w.after(5); w.dictate(WithdrawA); w.dictate(ResumeRecording) }, "0 ~5", mapping.AnswerWithdrawn, 0},
		{"a star and later a key is nothing", mapping.RecordingAgreed, func(w *world) { w.after(5); w.keyed(media.B, "*52") }, "0", 0, 0},
		{"paused by key", mapping.RecordingAgreed, func(w *world) { w.after(5); w.keyed(media.A, "*3"); w.after(5); w.keyed(media.B, "*3") }, "0 ~5 10", 0, 0},
		{"paused by the API", mapping.RecordingAgreed, func(w *world) { w.after(5); w.dictate(PauseRecording); w.after(5); w.dictate(ResumeRecording) }, "0 ~5 10", 0, 0},
		{"a pause is no answer, and ends no notice", mapping.RecordingAnnounce, func(w *world) {
			w.after(1)
			w.keyed(media.A, "*3*3")
			w.after(2)
			w.told(media.B)
			w.after(2)
			w.told(media.A)
		}, "~0 5", 0, 0},
		{"announced to one who is on hold", mapping.RecordingAnnounce, func(w *world) {
			w.holds(w.customer)
			w.after(2)
			w.told(media.A, media.B)
			w.after(3)
			w.resumes(w.customer)
			w.told(media.B) // some of it he has heard
			w.after(2)
			w.told(media.B)
		}, "~0 7", 0, 0},
		{"announced to one who never listens again", mapping.RecordingAnnounce, func(w *world) {
			w.holds(w.rider)
			w.told(media.A, media.B, media.A, media.A)
		}, "~0", 0, 0},
		{"resumed is not agreed", mapping.RecordingOptIn, func(w *world) { w.told(media.A, media.B); w.dictate(ResumeRecording) }, "~0", 0, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inWorld(t, patient(inALaw(tt.way)), func(w *world) {
				w.ring()
				w.customer.Answer()
				w.await(w.rider, "200")
				time.Sleep(20 * time.Millisecond)
				w.speak()
				tt.script(w)
				w.after(20)
				w.hangUp(w.rider)
				w.hush()
				w.settle()
				w.heardFrom(tt.heard)
				last := w.journal.final()[0]
				if last.Record != tt.way || last.ConsentA != tt.a || last.ConsentB != tt.b {
					t.Errorf("the record says %v, %v, %v", last.Record, last.ConsentA, last.ConsentB)
				}
				if recorded := slices.ContainsFunc(strings.Fields(tt.heard), func(s string) bool { return s[0] != '~' }); last.Recorded != recorded {
					t.Errorf("the record says recorded: %v", last.Recorded)
				}
			})
		})
	}
}

// patient is a cast whose notices last until the test says that they were heard.
func patient(c cast) cast {
	told := tone(time.Minute)
	c.speech = Speech{"": {SayRecorded: told, SayOptIn: told, SayOptOut: told}}
	return c
}

// heardFrom compares when the recording listened with what it should have, and what is on the tape with
// what the two said then.
func (w *world) heardFrom(want string) {
	w.t.Helper()
	tape := w.audit()
	if got := inSeconds(tape.manifest.Spans); got != want {
		w.t.Errorf("the recording listened %q, want %q", got, want)
	}
	for _, s := range tape.manifest.Spans {
		at := tape.manifest.BeganAt.Add(time.Duration(s.From) * time.Millisecond)
		w.consent = append(w.consent, change{may: s.Listening, from: at, to: at})
	}
	w.compare(tape)
}

// holds and resumes are what a phone does in the middle of a call.
func (w *world) holds(p *siptest.Phone) {
	w.t.Helper()
	p.Reinvite(siptest.Flowing("sendonly"))
	w.await(p, "200")
}

func (w *world) resumes(p *siptest.Phone) {
	w.t.Helper()
	p.Reinvite()
	w.await(p, "200")
	time.Sleep(50 * time.Millisecond) // the other is told as well
}

func (w *world) after(seconds int) { time.Sleep(time.Duration(seconds) * time.Second) }

func (w *world) dictate(d Dictation) {
	w.t.Helper()
	if !w.b2bua.Dictate(w.b2bua.live.all()[0].id, d) {
		w.t.Error("the call does not take it")
	}
	time.Sleep(10 * time.Millisecond)
}

// A completed interaction is recorded no more, whatever its call still has to say.
func TestCompleteEndsTheRecording(t *testing.T) {
	inWorld(t, inALaw(mapping.RecordingAgreed), func(w *world) {
		w.changes(true, w.talk)
		w.speak()
		w.after(5)
		w.changes(false, func() { w.complete(1) })
		w.after(5)
		w.hush()
		w.compare(w.audit())
		w.settle()
	})
}

// Who can't be told that he is recorded is not, whatever keys he presses, and the
// keys are his own.
func TestWhoCanNotBeToldIsNotRecorded(t *testing.T) {
	for _, way := range []mapping.Recording{mapping.RecordingAnnounce, mapping.RecordingOptIn, mapping.RecordingOptOut} {
		t.Run(way.String(), func(t *testing.T) {
			c := usual
			c.record, c.sound = way, media.LegOptions{Codecs: []media.Codec{media.G722, media.TelephoneEvent}}
			c.riders = c.sound
			inWorld(t, c, func(w *world) {
				wide := strings.NewReplacer("RTP/AVP 0 8 101", "RTP/AVP 9 101", "RTP/AVP 8 0 101", "RTP/AVP 9 101")
				w.rider.Invite(string(riderDID), siptest.Body(wide.Replace(w.rider.SDP())))
				w.await(w.customer, "INVITE")
				w.customer.Answer(siptest.Body(wide.Replace(w.customer.SDP())))
				w.await(w.rider, "200")
				w.after(1)
				w.keyed(media.A, "1*3*3")
				w.keyed(media.B, "1*3*3")
				if session := w.b2bua.live.all()[0].sound.Load(); session.Swallows(media.A) || session.Swallows(media.B) {
					t.Error("keys are kept from the other")
				}
				w.after(20)
				w.hangUp(w.rider)
				w.settle()
				if got := w.listened(); got != "~0" || w.journal.final()[0].Recorded {
					t.Errorf("the recording listened %q", got)
				}
			})
		})
	}
}

// The goodbye takes the place of the notice: who has heard that to its end was not
// told of a recording, and nothing is recorded of who talks no more.
func TestAGoodbyeIsNoNotice(t *testing.T) {
	for name, what := range map[string]func(*world){
		"heard": func(w *world) { w.told(media.A, media.B) },
		"keys":  func(w *world) { w.keyed(media.A, "1"); w.keyed(media.B, "1") },
	} {
		t.Run(name, func(t *testing.T) {
			c := usual
			c.record = map[string]mapping.Recording{"heard": mapping.RecordingAnnounce, "keys": mapping.RecordingOptIn}[name]
			inWorld(t, c, func(w *world) {
				w.talk()
				w.directory.complete()
				w.b2bua.EndAnnounced(interaction)
				what(w)
				w.settle()
				if got := w.listened(); got != "~0" {
					t.Errorf("the recording listened %q", got)
				}
				if last := w.journal.final()[0]; last.Recorded || last.ConsentA != 0 {
					t.Errorf("the record says recorded: %t, consent %v", last.Recorded, last.ConsentA)
				}
			})
		})
	}
}

// Who is to be told is offered only what he can be told in.
func TestWhoIsToldOfARecordingCanBePlayedTo(t *testing.T) {
	for way, opus := range map[mapping.Recording]bool{mapping.RecordingAgreed: true, mapping.RecordingAnnounce: false} {
		t.Run(way.String(), func(t *testing.T) {
			c := usual
			c.record, c.sound = way, media.LegOptions{Codecs: []media.Codec{media.Opus, media.PCMA, media.TelephoneEvent}}
			c.riders = c.sound
			inWorld(t, c, func(w *world) {
				sdp := strings.NewReplacer(" 0 8 101\r\n", " 111 8 101\r\n", "a=rtpmap:101 ", "a=rtpmap:111 opus/48000/2\r\na=rtpmap:101 ").Replace(w.rider.SDP())
				w.rider.Invite(string(riderDID), siptest.Body(sdp))
				if offer := w.await(w.customer, "INVITE").Body; strings.Contains(offer, "opus") != opus {
					t.Errorf("the customer is offered\n%s", offer)
				}
				w.rider.Cancel()
				w.await(w.rider, "487")
				w.settle()
				w.studio.deck.Close()
			})
		})
	}
}

// In a call that we begin the first leg is that of whoever is rung first: what is said
// on it is said by that party, though nobody called.
func TestConsentInAClickToCall(t *testing.T) {
	for _, tt := range []struct {
		from  mapping.Side
		first string // the key of whoever is rung first
		a, b  mapping.Answer
		heard string
	}{
		{mapping.SideA, "2", mapping.AnswerNo, mapping.AnswerYes, "~0"},
		{mapping.SideB, "2", mapping.AnswerYes, mapping.AnswerNo, "~0"},
		{mapping.SideA, "1", mapping.AnswerYes, mapping.AnswerYes, "~0 2"},
		{mapping.SideB, "1", mapping.AnswerYes, mapping.AnswerYes, "~0 2"},
	} {
		t.Run("from "+tt.from.String()+" "+tt.first, func(t *testing.T) {
			inWorld(t, patient(inALaw(mapping.RecordingOptIn)), func(w *world) {
				first, second := w.rider, w.customer
				if tt.from == mapping.SideB {
					first, second = second, first
				}
				w.must(w.originate(tt.from, false))
				w.await(first, "INVITE")
				first.Answer()
				w.await(second, "INVITE")
				second.Answer()
				w.await(second, "ACK")
				time.Sleep(20 * time.Millisecond)
				w.speak()
				w.after(2)
				w.told(media.A, media.B)
				w.keyed(media.A, tt.first)
				w.keyed(media.B, "1")
				w.after(5)
				w.hangUp(w.rider)
				w.hush()
				w.settle()
				w.heardFrom(tt.heard)
				if last := w.journal.final()[0]; last.ConsentA != tt.a || last.ConsentB != tt.b || last.Recorded != (tt.heard != "~0") {
					t.Errorf("the record says %v, %v, %v", last.ConsentA, last.ConsentB, last.Recorded)
				}
			})
		})
	}
}
