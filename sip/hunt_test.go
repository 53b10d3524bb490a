package sip

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"maskd/mapping"
	"maskd/media"
	"maskd/sip/edge"
	"maskd/sip/siptest"
)

// A party of several numbers: who is rung when, and what the caller and each of
// them hear of it.

var (
	twoInTurn = group(2, mapping.RingSequence, false)
	threeOnes = group(2, mapping.RingSequence, true) // two and a fallback
	twoAtOnce = group(2, mapping.RingAll, false)
	allThenOn = group(2, mapping.RingAll, true)
)

// ringLine waits until a line is called, and lets it ring.
func (w *world) ringLine(n int) {
	w.t.Helper()
	w.await(w.lines[n], "INVITE")
	w.lines[n].Respond(180, "Line is ringing")
}

// callLines has the rider call, and the lines ring that are called at once.
func (w *world) callLines(lines ...int) {
	w.t.Helper()
	w.rider.Invite(string(riderDID))
	for _, n := range lines {
		w.ringLine(n)
	}
	w.await(w.rider, "180")
}

// answerLine lets a line answer, and the rider hang up after a second.
func (w *world) answerLine(n int) {
	w.t.Helper()
	w.lines[n].Answer()
	w.await(w.rider, "200")
	time.Sleep(time.Second)
	w.hangUp(w.rider)
}

func TestNumbersAreRungInTurn(t *testing.T) {
	play(t, []ladder{
		{name: "hunt_busy_then_answered", cast: twoInTurn, script: func(w *world) {
			w.callLines(0)
			time.Sleep(2 * time.Second)
			w.lines[0].Respond(486, "Busy Here")
			w.ringLine(1)
			time.Sleep(2 * time.Second)
			w.answerLine(1)
		}},
		{name: "hunt_no_answer_then_answered", cast: twoInTurn, script: func(w *world) {
			w.callLines(0)
			w.await(w.lines[0], "CANCEL")
			w.ringLine(1)
			w.answerLine(1)
		}},
		{name: "hunt_answer_crosses_cancel", cast: twoInTurn, script: func(w *world) {
			w.callLines(0)
			time.Sleep(mapping.DefaultTurn - 40*time.Millisecond) // it rang 46 ms after the call
			w.lines[0].Answer()
			w.await(w.lines[0], "BYE")
			w.ringLine(1)
			w.answerLine(1)
		}},
		{name: "hunt_fallback", cast: threeOnes, script: func(w *world) {
			w.callLines(0)
			w.lines[0].Respond(603, "Decline")
			w.ringLine(1)
			w.await(w.lines[1], "CANCEL")
			w.ringLine(2)
			w.answerLine(2)
		}},
		{name: "hunt_everybody_busy", cast: threeOnes, script: func(w *world) {
			w.callLines(0)
			w.lines[0].Respond(486, "Busy Here")
			w.ringLine(1)
			w.lines[1].Respond(600, "Busy Everywhere")
			w.ringLine(2)
			w.lines[2].Respond(404, "No such number")
			w.await(w.rider, "486")
		}},
		{name: "hunt_gateway_refuses_the_first", cast: twoInTurn, script: func(w *world) {
			w.rider.Invite(string(riderDID))
			w.await(w.lines[0], "INVITE")
			w.lines[0].Respond(503, "Overloaded")
			w.ringLine(1)
			w.answerLine(1)
		}},
		{name: "hunt_first_is_silent", cast: twoInTurn, script: func(w *world) {
			w.lines[0].Ignore(func(siptest.Message) bool { return true })
			w.rider.Invite(string(riderDID))
			w.ringLine(1)
			w.answerLine(1)
		}},
		{name: "hunt_cancelled_while_the_second_rings", cast: twoInTurn, script: func(w *world) {
			w.callLines(0)
			w.lines[0].Respond(486, "Busy Here")
			w.ringLine(1)
			time.Sleep(time.Second)
			w.rider.Cancel()
			w.await(w.rider, "487")
		}},
		{name: "hunt_nobody_answers", cast: twoInTurn, script: func(w *world) {
			w.callLines(0)
			w.ringLine(1)
			w.await(w.rider, "480")
		}},
		{name: "hunt_answer_cannot_be_used", cast: twoInTurn, script: func(w *world) {
			w.callLines(0)
			w.lines[0].Answer(siptest.NoBody)
			w.await(w.lines[0], "BYE")
			w.ringLine(1)
			w.answerLine(1)
		}},
		{name: "hunt_complete_while_the_second_rings", cast: twoInTurn, script: func(w *world) {
			w.callLines(0)
			w.lines[0].Respond(486, "Busy Here")
			w.ringLine(1)
			time.Sleep(time.Second)
			w.complete(1)
		}},
	})
}

func TestNumbersAreRungAtOnce(t *testing.T) {
	play(t, []ladder{
		{name: "hunt_all_first_wins", cast: group(3, mapping.RingAll, false), script: func(w *world) {
			w.callLines(0, 1, 2)
			time.Sleep(2 * time.Second)
			w.answerLine(1)
		}},
		{name: "hunt_all_two_answer_at_once", cast: twoAtOnce, script: func(w *world) {
			w.callLines(0, 1)
			time.Sleep(2 * time.Second)
			w.lines[1].Answer()
			w.answerLine(0)
		}},
		{name: "hunt_all_one_has_not_rung", cast: twoAtOnce, script: func(w *world) {
			w.rider.Invite(string(riderDID))
			w.ringLine(0)
			w.await(w.lines[1], "INVITE")
			w.await(w.rider, "180")
			w.answerLine(0)
			w.lines[1].Respond(180, "Ringing at last")
			w.await(w.lines[1], "CANCEL")
		}},
		{name: "hunt_all_one_busy", cast: twoAtOnce, script: func(w *world) {
			w.callLines(0, 1)
			w.lines[0].Respond(486, "Busy Here")
			time.Sleep(time.Second)
			w.answerLine(1)
		}},
		{name: "hunt_all_everybody_busy", cast: twoAtOnce, script: func(w *world) {
			w.callLines(0, 1)
			w.lines[0].Respond(486, "Busy Here")
			time.Sleep(time.Second)
			w.lines[1].Respond(486, "Busy Here")
			w.await(w.rider, "486")
		}},
		{name: "hunt_all_nobody_then_fallback", cast: allThenOn, script: func(w *world) {
			w.callLines(0, 1)
			w.await(w.lines[0], "CANCEL")
			w.ringLine(2)
			w.answerLine(2)
		}},
		{name: "hunt_all_complete", cast: twoAtOnce, script: func(w *world) {
			w.callLines(0, 1)
			time.Sleep(time.Second)
			w.complete(1)
		}},
		{name: "hunt_all_cancelled", cast: twoAtOnce, script: func(w *world) {
			w.callLines(0, 1)
			time.Sleep(time.Second)
			w.rider.Cancel()
			w.await(w.rider, "487")
		}},
		{name: "hunt_all_ring_reliably", cast: twoAtOnce, script: func(w *world) {
			w.rider.Invite(string(riderDID))
			for n, l := range w.lines {
				w.await(l, "INVITE")
				l.Respond(183, "Progress", siptest.Reliable(70+n), siptest.Body(l.SDP()))
				w.await(l, "PRACK")
			}
			w.lines[1].Answer(siptest.NoBody)
			w.await(w.rider, "200")
			w.heardAt(1)
			time.Sleep(time.Second)
			w.hangUp(w.rider)
		}},
		{name: "hunt_all_after_a_pin", cast: proving(twoAtOnce), script: func(w *world) {
			w.callAndHear()
			w.press("482913")
			w.ringLine(0)
			w.ringLine(1)
			w.lines[1].Answer()
			w.await(w.lines[0], "CANCEL")
			time.Sleep(time.Second)
			w.heardAt(1)
			w.hangUp(w.rider)
		}},
	})
}

// proving is the cast in which the rider is asked for his PIN.
func proving(c cast) cast {
	c.doubted, c.pin = true, "482913"
	return c
}

// heardAt checks which line is heard.
func (w *world) heardAt(n int) {
	w.t.Helper()
	want := netip.AddrPortFrom(w.cast.lines[n].host(), uint16(w.cast.lines[n].id.Port))
	if got := w.b2bua.live.all()[0].sound.Load().Way(media.B).Peer; got != want {
		w.t.Errorf("heard at %s, want %s", got, want)
	}
}

// A trunk that takes no more calls is passed over, though nobody is rung on it.
func TestATrunkThatIsFullIsPassedOver(t *testing.T) {
	c := twoAtOnce
	c.limits = edge.Limits{CallsOut: 1}
	play(t, []ladder{{name: "hunt_all_trunk_takes_one", cast: c, script: func(w *world) {
		w.callLines(0)
		time.Sleep(time.Second)
		w.answerLine(0)
	}}})
}

// Whichever line answers, it is the one that is heard, and no other has a key, a
// port or an address of it.
func TestTheLineThatAnswersIsHeard(t *testing.T) {
	for _, ring := range []mapping.Ring{mapping.RingSequence, mapping.RingAll} {
		for winner := range 3 {
			c := group(3, ring, false)
			c.sound.SRTP = media.SRTPOptional
			inWorld(t, c, func(w *world) {
				w.rider.Invite(string(riderDID))
				offers := make(map[string]bool)
				for n, l := range w.lines[:max(winner+1, map[mapping.Ring]int{mapping.RingAll: 3}[ring])] {
					m := w.await(l, "INVITE")
					for _, secret := range unshared(m.Body) {
						if offers[secret] {
							w.t.Errorf("line %d is offered what another was: %s", n, secret)
						}
						offers[secret] = true
					}
					l.Respond(180, "Ringing")
					if ring == mapping.RingSequence && n < winner {
						l.Respond(486, "Busy Here")
					}
				}
				w.lines[winner].Answer()
				w.await(w.rider, "200")
				time.Sleep(time.Second)
				w.heardAt(winner)
				if used := w.engine.Usage().Used; used != 2 {
					w.t.Errorf("%d port pairs in use while two talk", used)
				}
				w.hangUp(w.rider)
			})
		}
	}
}

// unshared returns the lines of an offer that only one may have.
func unshared(sdp string) []string {
	return slices.DeleteFunc(strings.Split(sdp, "\r\n"), func(line string) bool {
		return !strings.HasPrefix(line, "o=") && !strings.HasPrefix(line, "m=") && !strings.HasPrefix(line, "a=crypto:")
	})
}

// The rider's side of the wire is the same whichever line answers, and however
// many were rung before.
func TestTheCallerLearnsNotWhoAnswers(t *testing.T) {
	var first string
	for winner := range 2 {
		inWorld(t, twoAtOnce, func(w *world) {
			w.callLines(0, 1)
			time.Sleep(2*time.Second - 4*time.Millisecond*time.Duration(winner)) // the second is farther away
			w.answerLine(winner)
			var heard string
			for _, p := range w.sentTo(w.cast.rider.host()) {
				heard += p.At.String() + " " + siptest.Parse(p.Data).Start + "\n"
			}
			if first == "" {
				first = heard
			} else if heard != first {
				w.t.Errorf("if the second answers, the rider gets\n%s\nif the first does\n%s", heard, first)
			}
		})
	}
}

// Whose phone rang in vain because another was picked up has missed no call; one
// that was rung for long enough has.
func TestTheLosersAreToldWhy(t *testing.T) {
	for _, row := range []struct {
		cast   cast
		reason string
	}{
		{twoAtOnce, "SIP;cause=200, Q.850;cause=26"},
		{twoInTurn, "Q.850;cause=19"},
	} {
		inWorld(t, row.cast, func(w *world) {
			w.rider.Invite(string(riderDID))
			w.ringLine(0)
			w.ringLine(1)
			w.lines[1].Answer()
			if got := w.await(w.lines[0], "CANCEL").Get("Reason"); got != row.reason {
				w.t.Errorf("cancelled for %q, want %q", got, row.reason)
			}
			w.await(w.rider, "200")
			time.Sleep(time.Second)
			w.hangUp(w.rider)
		})
	}
}

// Complete and the caller's hanging up are heard on every leg at once.
func TestEveryLineIsCancelledAtOnce(t *testing.T) {
	for name, end := range map[string]func(*world){
		"complete": func(w *world) { w.complete(1) },
		"cancel":   func(w *world) { w.rider.Cancel() },
		"bye":      func(w *world) { w.rider.Bye() },
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, group(8, mapping.RingAll, false), func(w *world) {
				w.callLines(0, 1, 2, 3, 4, 5, 6, 7)
				time.Sleep(time.Second)
				since := time.Now()
				end(w)
				for _, l := range w.lines {
					w.await(l, "CANCEL")
				}
				if took := time.Since(since); took > 50*time.Millisecond+60*time.Millisecond { // the farthest line is 47 ms away, the rider 7
					w.t.Errorf("the last line heard of it after %v", took)
				}
			})
		})
	}
}

// In a call that we begin, the other party is rung as in any other.
func TestTheOtherPartyOfAClickIsRungAsItWants(t *testing.T) {
	play(t, []ladder{
		{name: "click_hunt_busy_then_answered", cast: twoInTurn, script: func(w *world) {
			w.click(false)
			w.pickUp()
			w.ringLine(0)
			w.lines[0].Respond(486, "Busy Here")
			w.ringLine(1)
			w.answeredAfterClick(1)
		}},
		{name: "click_hunt_all_and_one_answers", cast: twoAtOnce, script: func(w *world) {
			w.click(false)
			w.pickUp()
			w.ringLine(0)
			w.ringLine(1)
			w.answeredAfterClick(1)
		}},
		{name: "click_hunt_nobody_answers", cast: twoInTurn, script: func(w *world) {
			w.click(false)
			w.pickUp()
			w.ringLine(0)
			w.lines[0].Respond(486, "Busy Here")
			w.ringLine(1)
			w.await(w.rider, "BYE")
		}},
	})
}

// answeredAfterClick lets a line answer, and the rider, who is there, hang up.
func (w *world) answeredAfterClick(n int) {
	w.t.Helper()
	w.lines[n].Answer()
	w.await(w.lines[n], "ACK")
	time.Sleep(time.Second)
	w.hangUp(w.rider)
}
