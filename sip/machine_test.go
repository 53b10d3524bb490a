package sip_test

import (
	"testing"

	"maskd/sip"
	"maskd/sip/leg"
)

func TestEveryReachableState(t *testing.T) {
	names := []string{silenceEnds}
	for _, p := range properties {
		names = append(names, p.Name)
	}
	for i := range scopes {
		t.Run(scopes[i].name, func(t *testing.T) {
			t.Parallel() // with -race all of them take minutes
			w := explore(sip.Step, &scopes[i], "")
			t.Logf("%d states, %d transitions", len(w.nodes), w.steps)
			for _, name := range names {
				t.Run(name, func(t *testing.T) {
					if b, broken := w.breaches[name]; broken {
						t.Errorf("%s\n%s", b.Reason, b.Trace)
					}
				})
			}
		})
	}
}

// normalCall is a call that rings, is answered, and that the caller hangs up.
var normalCall = []sip.Event{
	{Kind: sip.Routed, Gateways: 1},
	{Kind: sip.OnB, In: leg.Input{Kind: leg.GotTrying}},
	{Kind: sip.OnB, In: leg.Input{Kind: leg.GotRinging}},
	{Kind: sip.OnB, In: leg.Input{Kind: leg.GotOK}},
	{Kind: sip.OnA, In: leg.Input{Kind: leg.GotAck}},
	{Kind: sip.OnA, In: leg.Input{Kind: leg.GotBye}},
	{Kind: sip.OnB, In: leg.Input{Kind: leg.ByeOver}},
}

// BenchmarkStep measures all steps of one call.
func BenchmarkStep(b *testing.B) {
	var acts [16]sip.Action
	b.ReportAllocs()
	for b.Loop() {
		var s sip.State
		for _, e := range normalCall {
			s, _ = sip.Step(s, e, acts[:0])
		}
		if !s.Closed {
			b.Fatalf("the call has not ended: %+v", s)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(normalCall)), "ns/step")
}
