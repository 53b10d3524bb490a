package sip

import (
	"testing"
	"time"

	"maskd/mapping"
)

// strangersPhone is what [noParty] calls by.
func strangersPhone(t *testing.T) mapping.Number {
	t.Helper()
	n, err := mapping.ParseNumber("+919876500000")
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// By whatever a stranger is let through, it is his own phone of which the block list is asked.
func TestAPhoneThatIsBarredIsNoWayIn(t *testing.T) {
	keys := func(keys string) func(*world) {
		return func(w *world) { w.callAndHear(noParty); w.press(keys) }
	}
	for name, way := range map[string]struct {
		cast cast
		in   func(*world)
	}{
		"a PIN":        {asking("482913"), keys("482913#")},
		"an extension": {extended("4711"), keys("4711#")},
		"the hook": {hooked(""), func(w *world) {
			w.rules(vouch)
			w.rider.Invite(string(riderDID), noParty)
			time.Sleep(time.Second)
		}},
		"a redirect": {redirecting(), func(w *world) { w.rider.Invite(string(riderDID), noParty) }},
	} {
		for _, barred := range []mapping.Number{rider.number(), strangersPhone(t)} {
			t.Run(name, func(t *testing.T) {
				inWorld(t, way.cast, func(w *world) {
					w.directory.barred = barred
					way.in(w)
					if barred != strangersPhone(t) {
						w.await(w.customer, "INVITE")
						w.customer.Respond(486, "Busy Here")
					}
					w.settle()
					if tried := w.journal.final()[0].Tried; (tried == 0) != (barred == strangersPhone(t)) {
						t.Errorf("%d are rung", tried)
					}
				})
			})
		}
	}
}
