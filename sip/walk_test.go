package sip_test

import (
	"fmt"
	"slices"
	"strings"

	"maskd/sip"
	"maskd/sip/leg"
)

// stepFunc is [sip.Step], or a faulty one.
type stepFunc func(sip.State, sip.Event, []sip.Action) (sip.State, []sip.Action)

// node is a place in the walk.
type node struct {
	State sip.State
	Wire  wire
}

// arrival is how a node was reached first, and so by a shortest way.
type arrival struct {
	From  int32
	Event sip.Event
}

// walk goes through everything that can happen to a call, breadth first.
type walk struct {
	step     stepFunc
	scope    *scope
	only     string // the one property that is looked at; all, if empty
	nodes    []node
	arrivals []arrival // of the node with the same index
	index    map[node]int32
	silent   [][]int32 // from which nodes silence leads to the node
	steps    int
	breaches map[string]breach // the first of each property, by its name
}

// breach is a property that does not hold.
type breach struct {
	Reason string
	Trace  string
}

// explore walks until everything is seen. If only one property is asked for,
// it looks at no other, and stops where that one breaks.
func explore(step stepFunc, in *scope, only string) *walk {
	w := &walk{step: step, scope: in, only: only, index: map[node]int32{}, breaches: map[string]breach{}}
	for _, asks := range in.asks {
		w.visit(in.first(step, asks), arrival{From: -1})
	}
	var events []sip.Event
	var t transition
	for at := int32(0); int(at) < len(w.nodes); at++ {
		here := w.nodes[at]
		events = here.Wire.possible(in, events[:0])
		for _, e := range events {
			w.steps++
			t.take(step, here, e)
			w.check(&t, at)
			next := w.visit(t.to(), arrival{From: at, Event: e})
			if here.Wire.silent(e) {
				w.silent[next] = append(w.silent[next], at)
			}
		}
		if _, broken := w.breaches[only]; broken {
			return w
		}
	}
	w.checkLive()
	return w
}

// visit returns the node's index, a new one if it was never seen.
func (w *walk) visit(n node, by arrival) int32 {
	if at, seen := w.index[n]; seen {
		return at
	}
	at := int32(len(w.nodes))
	w.index[n] = at
	w.nodes, w.arrivals, w.silent = append(w.nodes, n), append(w.arrivals, by), append(w.silent, nil)
	return at
}

// check notes the properties that the transition breaks.
func (w *walk) check(t *transition, at int32) {
	for _, p := range properties {
		if _, known := w.breaches[p.Name]; known || w.only != "" && w.only != p.Name {
			continue
		}
		if reason := p.Check(t); reason != "" {
			w.breaches[p.Name] = breach{Reason: reason, Trace: w.trace(at) + describe(t)}
		}
	}
}

// checkLive notes the first state from which silence never leads to the end.
func (w *walk) checkLive() {
	live := make([]bool, len(w.nodes))
	var todo []int32
	for at, n := range w.nodes {
		if n.State.Closed {
			live[at] = true
			todo = append(todo, int32(at))
		}
	}
	for len(todo) > 0 {
		at := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for _, from := range w.silent[at] {
			if !live[from] {
				live[from] = true
				todo = append(todo, from)
			}
		}
	}
	for at, ok := range live {
		if !ok {
			w.breaches[silenceEnds] = breach{Reason: "silence never ends this call", Trace: w.trace(int32(at))}
			return
		}
	}
}

// trace tells the shortest way to the node, one event a line.
func (w *walk) trace(at int32) string {
	var events []sip.Event
	for ; w.arrivals[at].From >= 0; at = w.arrivals[at].From {
		events = append(events, w.arrivals[at].Event)
	}
	var b strings.Builder
	var t transition
	here := w.nodes[at]
	if asks := here.Wire.A.Asks; asks != (leg.Asks{}) {
		fmt.Fprintf(&b, "  the caller asks for %+v\n", asks)
	}
	for i := len(events) - 1; i >= 0; i-- {
		t.take(w.step, here, events[i])
		here = t.to()
		b.WriteString(describe(&t))
	}
	return b.String()
}

// describe tells a transition in one line.
func describe(t *transition) string {
	var does []string
	for _, a := range t.Acts {
		does = append(does, nameAction(a))
	}
	a := t.To.A.State.String()
	if t.To.Originated {
		a = t.To.First.State.String()
	}
	legs := make([]string, rung)
	for n := range legs {
		legs[n] = t.To.B[n].State.String()
	}
	return fmt.Sprintf("  %-18s A %s, B %s: %s\n", nameEvent(t.Event), a, strings.Join(legs, " and "), strings.Join(does, ", "))
}

func nameEvent(e sip.Event) string {
	switch e.Kind {
	case sip.Routed:
		return fmt.Sprintf("routed (%d)", e.Gateways)
	case sip.OnA:
		return "A: " + nameInput(e.In)
	case sip.OnB:
		return fmt.Sprintf("B%d: %s", e.Number+1, nameInput(e.In))
	case sip.Unrung:
		return "unrung"
	case sip.RingOver:
		return "ring over"
	case sip.Originate:
		return fmt.Sprintf("originate (%d)", e.Gateways)
	case sip.Ask:
		return "ask"
	case sip.Proven:
		return "PIN right"
	case sip.Unproven:
		return "PIN wrong"
	case sip.Refuse:
		return "refuse " + e.Cause.String()
	case sip.Part:
		return "part " + e.Cause.String()
	case sip.NoticeOver:
		return "notice over"
	case sip.Warn:
		return "warn"
	case sip.TimeOver:
		return "time over"
	default:
		return "stop " + e.Cause.String()
	}
}

func nameInput(in leg.Input) string {
	words := []string{in.Kind.String(), in.Cause.String(), in.Body.String()}
	if in.Reliable {
		words = append(words, "reliable")
	}
	if in.Flow == leg.FlowHold {
		words = append(words, "hold")
	}
	return strings.Join(slices.DeleteFunc(words, func(w string) bool { return w == "" }), " ")
}

func nameAction(a sip.Action) string {
	switch a.On {
	case sip.LegA:
		return "A " + nameLegAction(a.Leg)
	case sip.Whole:
		return [...]string{sip.OpenEarly: "open early", sip.OpenBridge: "open bridge", sip.CutBridge: "cut bridge", sip.RingNext: "ring next", sip.StartRingTimer: "start ring timer",
			sip.StopRingTimer: "stop ring timer", sip.WriteRecord: "write record", sip.AskPIN: "ask for PIN", sip.PlayRingback: "play ringback", sip.Seek: "seek",
			sip.StartCallTimer: "start call timer", sip.StopCallTimer: "stop call timer", sip.PlayWarning: "play warning",
			sip.PlayNotice: "play notice", sip.StopNotice: "stop notice", sip.PartBridge: "part bridge"}[a.Do]
	default:
		return a.On.String() + " " + nameLegAction(a.Leg)
	}
}

func nameLegAction(a leg.Action) string {
	switch a.Do {
	case leg.StartTimer, leg.StopTimer:
		return a.Do.String() + strings.TrimPrefix(a.Timer.Fired().Kind.String(), "timer")
	default:
		return strings.TrimSpace(a.Do.String() + " " + a.Body.String())
	}
}
