package leg_test

import (
	"time"

	"maskd/sip/leg"
)

// patience is 64*T1 (RFC 3261 table 4).
const patience = 32 * time.Second

func in(k leg.InputKind) leg.Input { return leg.Input{Kind: k} }

func because(k leg.InputKind, c leg.Cause) leg.Input { return leg.Input{Kind: k, Cause: c} }

func do(v leg.Verb) leg.Action { return leg.Action{Do: v} }

func with(v leg.Verb, b leg.Body) leg.Action { return leg.Action{Do: v, Body: b} }

func doBecause(v leg.Verb, c leg.Cause) leg.Action { return leg.Action{Do: v, Cause: c} }

func start(t leg.Timer, after time.Duration) leg.Action {
	return leg.Action{Do: leg.StartTimer, Timer: t, After: after}
}

func stop(t leg.Timer) leg.Action { return leg.Action{Do: leg.StopTimer, Timer: t} }

func tell(k leg.EventKind) leg.Action {
	return leg.Action{Do: leg.Tell, Event: leg.Event{Kind: k}}
}

func released(c leg.Cause) leg.Action {
	return leg.Action{Do: leg.Tell, Event: leg.Event{Kind: leg.Released, Cause: c}}
}
