package sip

import (
	"testing"

	"maskd/mapping"
)

// diverted has the customer's calls ring its fallback, for its hours are over.
func diverted(w *world) {
	for key, route := range w.directory.routes {
		route.Diverted = mapping.DiversionOutsideHours
		w.directory.routes[key] = route
	}
}

func TestACallOutsideHours(t *testing.T) {
	play(t, []ladder{
		{name: "outside_hours_the_fallback_is_rung", script: func(w *world) {
			diverted(w)
			w.talk()
			w.hangUp(w.rider)
		}},
		{name: "outside_hours_is_announced", script: func(w *world) {
			w.directory.refuse(mapping.RefusalOutsideHours)
			w.directory.announced = true
			w.rider.Invite(string(riderDID))
			w.await(w.rider, "183")
			sound := w.session()
			w.await(w.rider, "404")
			w.heard(sound, 148, 0)
		}},
	})
}

// Why a fallback was rung stands in the CDR; where none was, nothing does.
func TestWhyAFallbackWasRung(t *testing.T) {
	for name, row := range map[string]struct {
		cast   cast
		script func(*world)
		want   mapping.Diversion
	}{
		"the party answers": {usual, func(w *world) { w.talk(); w.hangUp(w.rider) }, 0},
		"outside its hours": {usual, func(w *world) { diverted(w); w.talk(); w.hangUp(w.rider) }, mapping.DiversionOutsideHours},
		"one of several answers": {threeOnes, func(w *world) {
			w.callLines(0)
			w.lines[0].Respond(603, "Decline")
			w.ringLine(1)
			w.answerLine(1)
		}, 0},
		"none of them does": {threeOnes, func(w *world) {
			w.callLines(0)
			w.lines[0].Respond(603, "Decline")
			w.ringLine(1)
			w.lines[1].Respond(486, "Busy Here")
			w.ringLine(2)
			w.lines[2].Respond(486, "Busy Here")
			w.await(w.rider, "486")
		}, mapping.DiversionNoAnswer},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, row.cast, func(w *world) {
				row.script(w)
				w.settle()
				if got := w.journal.final()[0].Diverted; got != row.want {
					t.Errorf("the fallback was rung because of %q, want %q", got, row.want)
				}
			})
		})
	}
}
