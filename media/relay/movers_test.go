package relay

import "testing"

// maker makes a mover.
type maker func(Config) (*Switchboard, error)

// onEachMover runs a test on every mover that this system has: each must do as the others do.
func onEachMover(t *testing.T, test func(t *testing.T, open maker)) {
	for name, open := range movers {
		t.Run(name, func(t *testing.T) { test(t, open) })
	}
}
