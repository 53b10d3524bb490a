package leg_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

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

func refused(status int) leg.Action { return leg.Action{Do: leg.RefuseChange, Status: status} }

func reliably(v leg.Verb, b leg.Body) leg.Action {
	return leg.Action{Do: v, Body: b, Reliable: true}
}

// carrying is an input whose message has a body.
func carrying(k leg.InputKind, b leg.Body) leg.Input { return leg.Input{Kind: k, Body: b} }

// flowing is an input whose message has a body that changes the flow.
func flowing(k leg.InputKind, b leg.Body, f leg.Flow) leg.Input {
	return leg.Input{Kind: k, Body: b, Flow: f}
}

// row is what a leg becomes and does.
type row[S any] struct {
	name string
	leg  S
	in   leg.Input
	want S
	acts []leg.Action
}

// check steps through the rows.
func check[S any](t *testing.T, step func(S, leg.Input) (S, []leg.Action), rows []row[S]) {
	t.Helper()
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			got, acts := step(row.leg, row.in)
			if diff := cmp.Diff(row.want, got); diff != "" {
				t.Errorf("state (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(row.acts, acts); diff != "" {
				t.Errorf("actions (-want +got):\n%s", diff)
			}
		})
	}
}

func stepUAS(u leg.UAS, in leg.Input) (leg.UAS, []leg.Action) { return u.Step(in, nil) }
func stepUAC(u leg.UAC, in leg.Input) (leg.UAC, []leg.Action) { return u.Step(in, nil) }
