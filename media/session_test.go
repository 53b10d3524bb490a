package media

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"maskd/media/relay"
)

var (
	both    = sdpOf("192.0.2.1", "audio 4000 RTP/AVP 8 0 101", "a=rtpmap:101 telephone-event/8000")
	aLaw    = sdpOf("192.0.2.1", "audio 4000 RTP/AVP 8")
	muLaw   = sdpOf("192.0.2.2", "audio 5000 RTP/AVP 0")
	muFirst = sdpOf("192.0.2.2", "audio 5000 RTP/AVP 0 8")
)

// talk negotiates as a call does: A offers, we offer to B, B answers, we answer A.
func talk(t testing.TB, s *Session, offer, answer []byte) {
	t.Helper()
	must(t, s.Receive(A, offer))
	s.Offer(B)
	must(t, s.Accept(B, answer))
	_, err := s.Answer(A)
	must(t, err)
}

func TestAnswerPrefersWhatTheOtherLegSettledOn(t *testing.T) {
	for _, c := range []struct {
		name          string
		offer, answer []byte
		a, b          relay.Format
	}{
		{"both can all, B says mu-law", both, muLaw, relay.PCMU, relay.PCMU},
		{"both can all, B says A-law", both, aLaw, relay.PCMA, relay.PCMA},
		{"B says both, mu-law first", both, muFirst, relay.PCMA, relay.PCMA},
		{"A can only A-law, B says mu-law", aLaw, muLaw, relay.PCMA, relay.PCMU},
		{"A can only mu-law, B says A-law", muLaw, aLaw, relay.PCMU, relay.PCMA},
	} {
		s, mover := muted(t)
		talk(t, s, c.offer, c.answer)
		s.Bridge()
		flow, ok := mover.Flow(s.circuit)
		if !ok || flow.Ends[0].Audio != c.a || flow.Ends[1].Audio != c.b {
			t.Errorf("%s: A %s, B %s", c.name, flow.Ends[0].Audio, flow.Ends[1].Audio)
		}
	}
}

func TestAcceptPrefersWhatTheOtherLegSettledOn(t *testing.T) {
	s, _ := muted(t)
	must(t, s.Receive(A, aLaw))
	_, err := s.Answer(A)
	must(t, err)
	s.Offer(B)
	must(t, s.Accept(B, muFirst))
	if got := s.leg(B).agreed.Audio; got != relay.PCMA {
		t.Errorf("B is sent %s and A speaks PCMA", got)
	}
}

func TestFlowIsWhatBothLegsAgreedOn(t *testing.T) {
	s, mover := muted(t)
	talk(t, s, both, sdpOf("192.0.2.2", "audio 5000 RTP/AVP 8 0 97", "a=rtpmap:97 telephone-event/8000", "a=rtcp:5009", "a=sendonly"))
	s.Bridge()
	flow, _ := mover.Flow(s.circuit)

	var want relay.Flow
	a, b := &want.Ends[0], &want.Ends[1]
	a.RTP, a.RTCP = parsePeer(t, "192.0.2.1:4000"), parsePeer(t, "192.0.2.1:4001")
	a.Listens, a.Audio = true, relay.PCMA // and may not speak: B does not listen
	a.Accepts = a.Accepts.With(relay.PCMA).With(relay.TelephoneEvent)
	a.Takes.Set(8, relay.PCMA) // our answer names one codec
	a.Takes.Set(101, relay.TelephoneEvent)
	a.Types[relay.PCMA], a.Types[relay.TelephoneEvent] = 8, 101
	b.RTP, b.RTCP = parsePeer(t, "192.0.2.2:5000"), parsePeer(t, "192.0.2.2:5009")
	b.Speaks, b.Audio, b.Accepts = true, relay.PCMA, a.Accepts
	b.Takes.Set(8, relay.PCMA) // by our numbers
	b.Takes.Set(0, relay.PCMU)
	b.Takes.Set(101, relay.TelephoneEvent)
	b.Types[relay.PCMA], b.Types[relay.TelephoneEvent] = 8, 97 // by B's
	if diff := cmp.Diff(want, flow, cmp.Comparer(func(x, y relay.End) bool { return x == y })); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestOfferDoesNotDependOnTheOtherLeg(t *testing.T) {
	quiet, _ := muted(t)
	want := quiet.Offer(B)
	for _, offer := range [][]byte{both, aLaw, muLaw, muFirst} {
		s, _ := muted(t)
		must(t, s.Receive(A, offer))
		_, err := s.Answer(A)
		must(t, err)
		if got := s.Offer(B); !bytes.Equal(got, want) {
			t.Errorf("A offered %q, and B is offered %q instead of %q", offer, got, want)
		}
	}
}

// RFC 3264 section 6.1: an answer may list what was not offered, besides what was.
func TestWhatWasNotOfferedIsLeftOutOfAnAnswer(t *testing.T) {
	s, mover := muted(t)
	talk(t, s, both, sdpOf("192.0.2.2", "audio 5000 RTP/AVP 18 8"))
	s.Bridge()
	flow, _ := mover.Flow(s.circuit)
	if b := flow.Ends[1]; b.Audio != relay.PCMA || b.Takes.Of(18) != 0 || b.Accepts.Has(relay.G729) {
		t.Errorf("B is sent %s, 18 is taken as %s", b.Audio, b.Takes.Of(18))
	}
}

func TestAnswerIsRefused(t *testing.T) {
	for _, c := range []struct {
		name   string
		answer []byte
		want   error
	}{
		{"no SDP", []byte("hello"), ErrMalformed},
		{"two streams for one", append(bytes.Clone(aLaw), "m=video 4002 RTP/AVP 31\r\n"...), ErrMalformed},
		{"stream refused", sdpOf("192.0.2.1", "audio 0 RTP/AVP 8"), ErrNotAudio},
		{"SRTP", sdpOf("192.0.2.1", "audio 4000 RTP/SAVP 8"), ErrNotAudio},
		{"no codec of ours", sdpOf("192.0.2.1", "audio 4000 RTP/AVP 18"), ErrNoCodec},
		{"host name", sdpOf("phone.example", audio), ErrAddress},
	} {
		s, _ := muted(t)
		s.Offer(B)
		must(t, s.Accept(B, muLaw))
		if err := s.Accept(B, c.answer); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
		if got := s.leg(B).agreed.RTP; got != parsePeer(t, "192.0.2.2:5000") {
			t.Errorf("%s: the leg has moved to %s", c.name, got)
		}
	}
}

func TestAnswerWithoutAnOffer(t *testing.T) {
	s, _ := muted(t)
	if err := s.Accept(B, aLaw); !errors.Is(err, ErrNoOffer) {
		t.Errorf("accepted: %v", err)
	}
	if _, err := s.Answer(A); !errors.Is(err, ErrNoOffer) {
		t.Errorf("answered: %v", err)
	}
}

func TestAnswerIsTheSameUntilTheNextOffer(t *testing.T) {
	s, _ := muted(t)
	must(t, s.Receive(A, both))
	first, err := s.Answer(A)
	must(t, err)
	s.Offer(B)
	must(t, s.Accept(B, muLaw))
	again, err := s.Answer(A)
	must(t, err)
	if !bytes.Equal(first, again) {
		t.Errorf("%q became %q", first, again)
	}
}

func TestVersionRisesWithChangesOnly(t *testing.T) {
	s, _ := muted(t)
	version := func(body []byte) string {
		_, rest, _ := strings.Cut(string(body), "o=- ")
		return strings.Fields(rest)[1]
	}
	answer := func(offer []byte) []byte {
		must(t, s.Receive(A, offer))
		body, err := s.Answer(A)
		must(t, err)
		return body
	}
	for i, step := range []struct {
		body []byte
		want string
	}{
		{answer(aLaw), "1"},
		{answer(aLaw), "1"},
		{answer(append(bytes.Clone(aLaw), "a=sendonly\r\n"...)), "2"},
		{answer(aLaw), "3"},
		{s.Offer(A), "4"},
		{s.Offer(A), "4"},
	} {
		if got := version(step.body); got != step.want {
			t.Errorf("step %d: version %s, want %s", i, got, step.want)
		}
	}
}

func TestOfferKeepsTheSlotsOfTheLeg(t *testing.T) {
	s, _ := muted(t)
	must(t, s.Receive(A, []byte(strings.Replace(string(aLaw), "m=audio", "m=video 4002 RTP/AVP 31\r\nm=audio", 1))))
	_, err := s.Answer(A)
	must(t, err)
	if got := string(s.Offer(A)); !strings.Contains(got, "m=video 0 RTP/AVP 31\r\nm=audio 20000 RTP/AVP 8 0 101\r\n") {
		t.Errorf("offered %q", got)
	}
	must(t, s.Accept(A, []byte(strings.Replace(string(aLaw), "m=audio", "m=video 0 RTP/AVP 31\r\nm=audio", 1))))
	if err := s.Accept(A, aLaw); !errors.Is(err, ErrMalformed) {
		t.Errorf("an answer with a stream less: %v", err)
	}
}

func TestHoldAndResume(t *testing.T) {
	s, mover := muted(t)
	talk(t, s, aLaw, muLaw)
	s.Bridge()
	for _, c := range []struct {
		attribute       string
		speaks, listens bool
	}{
		{"sendonly", true, false}, {"recvonly", false, true}, {"inactive", false, false}, {"sendrecv", true, true},
	} {
		must(t, s.Receive(A, append(bytes.Clone(aLaw), "a="+c.attribute+"\r\n"...)))
		_, err := s.Answer(A)
		must(t, err)
		flow, _ := mover.Flow(s.circuit)
		if a := flow.Ends[0]; a.Speaks != c.speaks || a.Listens != c.listens {
			t.Errorf("%s: speaks %v, listens %v", c.attribute, a.Speaks, a.Listens)
		}
	}
}

func TestOfferThatComesToNothingChangesNothing(t *testing.T) {
	s, mover := muted(t)
	talk(t, s, aLaw, muLaw)
	s.Bridge()
	before, _ := mover.Flow(s.circuit)
	s.Offer(B)
	must(t, s.Receive(A, muFirst))
	s.Bridge()
	if after, _ := mover.Flow(s.circuit); after != before {
		t.Error("an unanswered offer changed the flow")
	}
}

func TestSoundFlowsOnlyBetweenBridgeAndCut(t *testing.T) {
	s, mover := muted(t)
	flows := func(want bool, when string) {
		t.Helper()
		if _, ok := mover.Flow(s.circuit); ok != want {
			t.Errorf("%s: flows %v", when, ok)
		}
	}
	talk(t, s, aLaw, muLaw)
	flows(false, "agreed but not bridged")
	s.Bridge()
	flows(true, "bridged")
	s.Cut()
	flows(false, "cut")
	s.Bridge()
	flows(false, "bridged after the cut")
	talk(t, s, aLaw, muLaw)
	flows(false, "agreed anew after the cut")
}

func TestBridgeWaitsForBothLegs(t *testing.T) {
	s, mover := muted(t)
	s.Bridge()
	must(t, s.Receive(A, aLaw))
	_, err := s.Answer(A)
	must(t, err)
	if _, ok := mover.Flow(s.circuit); ok {
		t.Error("flows with one leg")
	}
	s.Offer(B)
	must(t, s.Accept(B, muLaw))
	if _, ok := mover.Flow(s.circuit); !ok {
		t.Error("does not flow with both")
	}
}

func TestClosedSessionNegotiatesNoMore(t *testing.T) {
	s, mover := muted(t)
	talk(t, s, aLaw, muLaw)
	if first, second := s.Close(), s.Close(); first != second {
		t.Errorf("%+v, then %+v", first, second)
	}
	s.Bridge()
	s.Cut()
	_, err := s.Answer(A)
	for _, err := range []error{err, s.Receive(A, aLaw), s.Accept(B, muLaw)} {
		if !errors.Is(err, ErrClosed) {
			t.Errorf("%v, want ErrClosed", err)
		}
	}
	if got := mover.Usage().Used; got != 0 {
		t.Errorf("%d pairs still used", got)
	}
}

func BenchmarkNegotiation(b *testing.B) {
	engine := NewMute(fixed())
	defer engine.Close()
	b.ReportAllocs()
	for b.Loop() {
		s, err := engine.Open(Options{})
		must(b, err)
		talk(b, s, both, muLaw)
		s.Close()
	}
}

// A hold crosses as a direction: who holds is not offered or answered more than it wants, and when
// it is back both are as before, whatever the other answered in the meantime.
func TestHoldReachesTheOtherLegAndEnds(t *testing.T) {
	s, mover := muted(t)
	talk(t, s, both, both)
	s.Bridge()
	for _, step := range []struct{ a, offered, answered string }{
		{"sendonly", "sendonly", "recvonly"},
		{"inactive", "inactive", "inactive"},
		{"sendrecv", "sendrecv", "sendrecv"},
	} {
		must(t, s.Receive(A, append(slices.Clone(both), "a="+step.a+"\r\n"...)))
		_, err := s.Answer(A)
		must(t, err)
		if offer := string(s.Offer(B)); !strings.Contains(offer, "a="+step.offered+"\r\n") {
			t.Errorf("A wants %s, and B is offered\n%s", step.a, offer)
		}
		must(t, s.Accept(B, append(slices.Clone(both), "a="+step.answered+"\r\n"...)))
		if s.Wants(B).OnHold() {
			t.Errorf("A wants %s, and B is taken to hold by its answer %s", step.a, step.answered)
		}
		flow, _ := mover.Flow(s.circuit)
		if speaks := step.a != "inactive"; flow.Ends[0].Speaks != speaks {
			t.Errorf("A wants %s: speaks %t", step.a, flow.Ends[0].Speaks)
		}
	}
}

// While A holds, B's own offer is answered with no more than A wants.
func TestOfferMeetsTheOthersHold(t *testing.T) {
	s, _ := muted(t)
	talk(t, s, both, both)
	must(t, s.Receive(A, append(slices.Clone(both), "a=inactive\r\n"...)))
	_, err := s.Answer(A)
	must(t, err)
	must(t, s.Receive(B, both))
	answer, err := s.Answer(B)
	must(t, err)
	if !strings.Contains(string(answer), "a=inactive\r\n") {
		t.Errorf("A holds, and B is answered\n%s", answer)
	}
}

// Before the answer only the callee's sound passes.
func TestPreviewPassesOneWay(t *testing.T) {
	s, mover := muted(t)
	talk(t, s, both, both)
	s.Preview(B)
	flow, ok := mover.Flow(s.circuit)
	if !ok || flow.Ends[0].Speaks || !flow.Ends[1].Speaks {
		t.Errorf("early: A speaks %t, B speaks %t, installed %t", flow.Ends[0].Speaks, flow.Ends[1].Speaks, ok)
	}
	s.Bridge()
	if flow, _ = mover.Flow(s.circuit); !flow.Ends[0].Speaks || !flow.Ends[1].Speaks {
		t.Error("answered, and not both speak")
	}
}

// A gateway that is tried after another one must not know the keys that the first was offered.
func TestRestartedLegIsANewOne(t *testing.T) {
	s, _ := muted(t)
	s.legs[B.end()].options.SRTP = SRTPRequired
	must(t, s.Restart(B, 0))
	first := string(s.Offer(B))
	must(t, s.Restart(B, 0))
	second := string(s.Offer(B))
	for _, line := range strings.Split(first, "\r\n") {
		unique := strings.HasPrefix(line, "o=") || strings.HasPrefix(line, "a=crypto:")
		if unique && strings.Contains(second, line) {
			t.Errorf("both gateways are offered %q", line)
		}
	}
	if !strings.Contains(first, "a=crypto:") {
		t.Errorf("no key in\n%s", first)
	}
}
