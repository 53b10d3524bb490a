package media

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"maskd/media/relay"
)

// wideband is options with every codec on both legs.
var wideband = Options{A: LegOptions{Codecs: wide}, B: LegOptions{Codecs: wide}}

func TestParametersThatWeKnow(t *testing.T) {
	for _, c := range []struct {
		format     relay.Format
		parameters string
		want       string // as we write it
		ok         bool
	}{
		{AMR, "", "", true},
		{AMR, "octet-align=1", "octet-align=1", true},
		{AMR, "octet-align=0", "", true},
		{AMR, " mode-set=0, 2, 4, 7 ;Octet-Align=1;max-red=0", "octet-align=1; mode-set=0,2,4,7", true},
		{AMR, "mode-set=7", "mode-set=7", true},
		{AMR, "mode-change-capability=2;max-red=220", "", true},
		{AMR, "crc=0;robust-sorting=0;mode-change-period=1;mode-change-neighbor=0", "", true},
		{AMR, "mode-set=0,1,2", "", false}, // AMR-WB's
		{AMR, "mode-set=9", "", false},
		{AMR, "mode-set=seven", "", false},
		{AMR, "octet-align=1;crc=1", "", false},
		{AMR, "octet-align=1;robust-sorting=1", "", false},
		{AMR, "interleaving=30;octet-align=1", "", false},
		{AMR, "mode-change-period=2", "", false},
		{AMRWB, "mode-set=0,1,2,8", "mode-set=0,1,2,8", true},
		{AMRWB, "mode-set=7", "", false},
		{G729, "", "", true},
		{G729, "annexb=yes", "", true},
		{G729, "annexb=no", "annexb=no", true},
		{Opus, "stereo=1;x=+15550001111", "useinbandfec=1", true},
		{G722, "bitrate=64000", "", true},
		{TelephoneEvent, "0-11", "0-16", true},
	} {
		v, ok := readVariant(c.format, c.parameters)
		if ok != c.ok || ok && v.parameters(c.format) != c.want {
			t.Errorf("%s %q: %+v, %v", c.format, c.parameters, v, ok)
		}
	}
}

func TestWhatTwoPeersCanBothDo(t *testing.T) {
	aligned := variant{octetAligned: true}
	for _, c := range []struct {
		name     string
		format   relay.Format
		one, two variant
		want     variant
		ok       bool
	}{
		{"the same", AMR, aligned, aligned, aligned, true},
		{"aligned and not", AMR, aligned, variant{}, variant{}, false},
		{"all modes and some", AMR, variant{}, variant{modes: modesGSM}, variant{modes: modesGSM}, true},
		{"some and one of them", AMR, variant{modes: modesGSM}, variant{modes: modesFull}, variant{modes: modesFull}, true},
		{"some and fewer", AMRWB, variant{modes: modesWideHigh}, variant{modes: modesWide}, variant{modes: modesWide}, true},
		{"silence and none", G729, variant{}, variant{noSilence: true}, variant{noSilence: true}, true},
	} {
		for _, pair := range [][2]variant{{c.one, c.two}, {c.two, c.one}} {
			if got, ok := pair[0].meet(pair[1], c.format); ok != c.ok || ok && got != c.want {
				t.Errorf("%s: %+v, %v", c.name, got, ok)
			}
		}
	}
}

func TestCodecNames(t *testing.T) {
	for name, want := range map[string]Codec{
		"pcma": PCMA, "PCMU": PCMU, "g722": G722, "opus": Opus, "G729": G729, "amr": AMR, "amr-wb": AMRWB, "l16": L16, "L16/16000": L16Wide, "l16/8000": 0,
		"cn": ComfortNoise, "telephone-event": TelephoneEvent, "none": 0, "": 0, "speex": 0,
	} {
		if got, ok := ParseCodec(name); got != want || ok != (want != 0) {
			t.Errorf("%q: %s, %v", name, got, ok)
		}
	}
	for _, name := range []string{"off", "optional", "required"} {
		if got, ok := ParseSRTP(name); !ok || got.String() != name {
			t.Errorf("%q: %s, %v", name, got, ok)
		}
	}
	if _, ok := ParseSRTP("sometimes"); ok {
		t.Error("sometimes is a policy")
	}
}

// An offer has of the other leg that it has a codec, and nothing more.
func TestOfferDependsOnlyOnWhichCodecsTheOtherLegHas(t *testing.T) {
	of := func(offer []byte) string {
		s, _ := opened(t, wideband)
		must(t, s.Receive(A, offer))
		return string(s.Offer(B))
	}
	one := of(sdpOf("192.0.2.1", "audio 4000 RTP/AVP 96 0 9", "a=rtpmap:96 opus/48000/2", "a=fmtp:96 stereo=1;maxaveragebitrate=12345", "a=ptime:60"))
	two := of(sdpOf("198.51.100.7", "audio 9998 RTP/AVP 8 9 0 120 99", "a=rtpmap:120 OPUS/48000/2", "a=rtpmap:99 speex/16000", "a=rtcp-mux", "a=tool:x"))
	if one != two {
		t.Errorf("%q and %q", one, two)
	}
	if three := of(sdpOf("192.0.2.1", "audio 4000 RTP/AVP 0 9")); strings.Contains(three, "opus") || !strings.Contains(three, "RTP/AVP 9 8 0 101") {
		t.Errorf("A has no Opus, and B is offered %q", three)
	}
}

func TestCodecsThatTheLegsDoNotShare(t *testing.T) {
	g729 := sdpOf("192.0.2.1", "audio 4000 RTP/AVP 18")
	for _, c := range []struct {
		name    string
		options Options
		offer   []byte
		want    error
	}{
		{"B's trunk has it", wideband, g729, nil},
		{"B's trunk does not", Options{A: wideband.A}, g729, ErrNoCodec},
		{"A's trunk does not", Options{B: wideband.B}, g729, ErrNoCodec},
		{"B's trunk has G.711, A says that too", Options{A: wideband.A}, sdpOf("192.0.2.1", "audio 4000 RTP/AVP 18 0"), nil},
		{"B's trunk has the other law", Options{A: LegOptions{Codecs: []Codec{PCMU}}, B: LegOptions{Codecs: []Codec{PCMA}}}, muLaw, nil},
	} {
		s, _ := opened(t, c.options)
		if err := s.Receive(A, c.offer); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
}

func TestNewOfferThatTheOtherLegCanNotFollow(t *testing.T) {
	s, mover := opened(t, wideband)
	talk(t, s, sdpOf("192.0.2.1", "audio 4000 RTP/AVP 9 8"), sdpOf("192.0.2.2", "audio 5000 RTP/AVP 9"))
	s.Bridge()
	before, _ := mover.Flow(s.circuit)
	for _, offer := range [][]byte{aLaw, sdpOf("192.0.2.1", "image 4000 udptl t38"), sdpOf("192.0.2.1", "audio 0 RTP/AVP 9", "m=image 4000 udptl t38")} {
		if err := s.Receive(A, offer); err == nil {
			t.Errorf("%q is taken", offer)
		}
	}
	if after, _ := mover.Flow(s.circuit); after != before || before.Ends[0].Audio != G722 {
		t.Errorf("the call went on with %s", after.Ends[0].Audio)
	}
	if got := s.Offer(A); !bytes.Contains(got, []byte("RTP/AVP 9 101\r\n")) {
		t.Errorf("A is offered %q though B speaks G.722", got)
	}
}

// Before anything is known of the other leg, a peer is answered in what can be turned into
// either law, so that prompts can be heard and B still has a choice.
func TestEarlyAnswerIsInG711(t *testing.T) {
	s, _ := opened(t, wideband)
	must(t, s.Receive(A, sdpOf("192.0.2.1", "audio 4000 RTP/AVP 9 0")))
	_, err := s.Answer(A)
	must(t, err)
	if got := s.leg(A).agreed.Audio; got != PCMU {
		t.Errorf("answered with %s", got)
	}
	if got := s.Offer(B); !bytes.Contains(got, []byte("RTP/AVP 8 0 101\r\n")) {
		t.Errorf("B is offered %q", got)
	}
}

func TestAnswerOfSeveralCodecsIsHeededInItsOrder(t *testing.T) {
	for _, c := range []struct {
		name, answer string
		want         relay.Format
	}{
		{"G.722 first", "9 8", G722},
		{"mu-law first", "0 9 8", PCMA}, // either law can be turned, so ours goes first
	} {
		s, _ := opened(t, wideband)
		must(t, s.Receive(A, sdpOf("192.0.2.1", "audio 4000 RTP/AVP 8 0 9")))
		s.Offer(B)
		must(t, s.Accept(B, sdpOf("192.0.2.2", "audio 5000 RTP/AVP "+c.answer)))
		if got := s.leg(B).agreed.Audio; got != c.want {
			t.Errorf("%s: B is sent %s", c.name, got)
		}
	}
}

// A peer's packet time is for the packets that we make for it. The other peer is not told.
func TestPacketTimeOfAPeer(t *testing.T) {
	for _, c := range []struct {
		attribute string
		want      time.Duration
	}{
		{"a=ptime:10", 10 * time.Millisecond},
		{"a=ptime:60", 60 * time.Millisecond},
		{"a=ptime:70", 0},
		{"a=ptime:25", 0},
		{"a=ptime:+15550001111", 0},
		{"a=maxptime:40", 0},
	} {
		s, _ := muted(t)
		must(t, s.Receive(A, aLaw))
		s.Offer(B)
		must(t, s.Accept(B, append(bytes.Clone(muLaw), c.attribute+"\r\n"...)))
		answer, err := s.Answer(A)
		must(t, err)
		if !strings.Contains(string(answer), "a=ptime:20\r\n") || s.leg(B).agreed.PTime != c.want {
			t.Errorf("%s: %q, and B is played packets of %s", c.attribute, answer, s.leg(B).agreed.PTime)
		}
	}
}

func TestOptionsReachTheFlow(t *testing.T) {
	s, mover := opened(t, Options{A: LegOptions{NAT: true}, B: LegOptions{Mux: true, PTime: 30 * time.Millisecond}})
	must(t, s.Receive(A, append(bytes.Clone(aLaw), "a=rtcp-mux\r\n"...)))
	if got := string(s.Offer(B)); !strings.Contains(got, "a=ptime:30\r\na=rtcp-mux\r\n") {
		t.Errorf("B is offered %q", got)
	}
	must(t, s.Accept(B, append(bytes.Clone(muLaw), "a=rtcp-mux\r\n"...)))
	_, err := s.Answer(A)
	must(t, err)
	s.Bridge()
	flow, _ := mover.Flow(s.circuit)
	a, b := flow.Ends[0], flow.Ends[1]
	if !a.NAT || b.NAT || !a.Mux || !b.Mux || a.RTCP != a.RTP || b.RTCP != b.RTP {
		t.Errorf("A %+v, B %+v", a, b)
	}
}

func TestMuxThatWeDidNotAskFor(t *testing.T) {
	s, _ := muted(t)
	s.Offer(B)
	must(t, s.Accept(B, append(bytes.Clone(muLaw), "a=rtcp-mux\r\n"...)))
	if b := s.leg(B).agreed; b.Mux || b.RTCP != parsePeer(t, "192.0.2.2:5001") {
		t.Errorf("%+v", b)
	}
}

// Whoever is rung first is offered what can be turned; who has no G.711 at all, all there is.
func TestOfferToTheFirstOfTwoPeers(t *testing.T) {
	for _, c := range []struct {
		codecs []Codec
		want   string
	}{
		{wide, "RTP/AVP 8 0 101\r\n"},
		{[]Codec{Opus, G729, TelephoneEvent}, "RTP/AVP 111 18 101 110\r\n"},
	} {
		s, _ := opened(t, Options{A: LegOptions{Codecs: c.codecs}, B: LegOptions{Codecs: c.codecs}})
		if got := s.Offer(A); !bytes.Contains(got, []byte(c.want)) {
			t.Errorf("%v: %q", c.codecs, got)
		}
	}
}

func TestNumbersWithoutTheirMeaning(t *testing.T) {
	s, _ := muted(t)
	s.Offer(B)
	must(t, s.Accept(B, sdpOf("192.0.2.2", "audio 5000 RTP/AVP 0 101")))
	if b := s.leg(B).agreed; b.Takes.Of(101) != TelephoneEvent || b.Types[TelephoneEvent] != 101 {
		t.Error("101 in an answer is not what we offered it as")
	}
	if err := s.Receive(A, sdpOf("192.0.2.1", "audio 4000 RTP/AVP 101")); !errors.Is(err, ErrNoCodec) {
		t.Errorf("101 in an offer means something: %v", err)
	}
}

func TestFormatThatComesTwiceIsAnsweredOnce(t *testing.T) {
	s, _ := muted(t)
	must(t, s.Receive(A, sdpOf("192.0.2.1", "audio 4000 RTP/AVP 0 0 97 97 98", "a=rtpmap:97 telephone-event/8000", "a=rtpmap:98 telephone-event/8000")))
	answer, err := s.Answer(A)
	must(t, err)
	if !bytes.Contains(answer, []byte("RTP/AVP 0 97\r\n")) {
		t.Errorf("%q", answer)
	}
}

// Which of its two forms AMR has is told the mover, which tells who listens in.
func TestTheFormOfAMRReachesTheFlow(t *testing.T) {
	for _, aligned := range []bool{true, false} {
		fmtp := map[bool]string{true: "a=fmtp:96 octet-align=1", false: "a=fmtp:96 max-red=0"}[aligned]
		s, mover := opened(t, wideband)
		must(t, s.Receive(A, sdpOf("192.0.2.1", "audio 4000 RTP/AVP 96", "a=rtpmap:96 AMR/8000", fmtp)))
		s.Offer(B)
		must(t, s.Accept(B, sdpOf("192.0.2.2", "audio 5000 RTP/AVP 96", "a=rtpmap:96 AMR/8000", fmtp)))
		_, err := s.Answer(A)
		must(t, err)
		s.Bridge()
		if flow, ok := mover.Flow(s.circuit); !ok || flow.Ends[0].Aligned != aligned || flow.Ends[1].Aligned != aligned {
			t.Errorf("aligned %v: the flow says %v and %v", aligned, flow.Ends[0].Aligned, flow.Ends[1].Aligned)
		}
	}
}
