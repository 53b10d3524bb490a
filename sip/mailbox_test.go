package sip

import (
	"testing"

	"maskd/sip/leg"
)

// Who wants a call to end does not wait for what its peers have sent.
func TestAStopOvertakesAFlood(t *testing.T) {
	var m mailbox
	m.open()
	next := func() (l letter) {
		m.take(&l)
		return l
	}
	for range 100 {
		m.put(letter{kind: fromSound})
	}
	m.put(letter{kind: toStop, cause: leg.CauseComplete})
	if l := next(); l.kind != toStop {
		t.Errorf("a letter of kind %d is read first", l.kind)
	}
	for range 100 {
		if l := next(); l.kind != fromSound {
			t.Errorf("then one of kind %d", l.kind)
		}
	}
	if !m.empty() {
		t.Error("there is more mail than was put")
	}
}
