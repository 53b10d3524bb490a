package media

import (
	"bytes"
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

const audio = "audio 4000 RTP/AVP 8"

func TestOfferIsRefused(t *testing.T) {
	without := func(kind string) []byte {
		var kept []string
		for l := range strings.Lines(string(sdpOf("192.0.2.1", audio))) {
			if !strings.HasPrefix(l, kind) {
				kept = append(kept, l)
			}
		}
		return []byte(strings.Join(kept, ""))
	}
	for _, c := range []struct {
		name  string
		offer []byte
		want  error
	}{
		{"nothing", nil, ErrMalformed},
		{"no SDP", []byte("hello"), ErrMalformed},
		{"no version", without("v="), ErrMalformed},
		{"no origin", without("o="), ErrMalformed},
		{"no connection", without("c="), ErrMalformed},
		{"no media", without("m="), ErrNotAudio},
		{"a line without =", append(sdpOf("192.0.2.1", audio), "nonsense\r\n"...), ErrMalformed},
		{"a NUL", append(sdpOf("192.0.2.1", audio), "a=x\x00y\r\n"...), ErrMalformed},
		{"too long", append(sdpOf("192.0.2.1", audio), bytes.Repeat([]byte("a=x\r\n"), 4000)...), ErrMalformed},
		{"half a media line", sdpOf("192.0.2.1", "audio 4000"), ErrMalformed},
		{"port is no number", sdpOf("192.0.2.1", "audio http RTP/AVP 8"), ErrMalformed},
		{"port too large", sdpOf("192.0.2.1", "audio 65536 RTP/AVP 8"), ErrMalformed},
		{"RTCP port is no number", sdpOf("192.0.2.1", audio, "a=rtcp:x"), ErrMalformed},
		{"RTCP with half an address", sdpOf("192.0.2.1", audio, "a=rtcp:4001 IN IP4"), ErrMalformed},

		{"port 0", sdpOf("192.0.2.1", "audio 0 RTP/AVP 8"), ErrNotAudio},
		{"fax", sdpOf("192.0.2.1", "image 4000 udptl t38"), ErrNotAudio},
		{"video", sdpOf("192.0.2.1", "video 4000 RTP/AVP 31"), ErrNotAudio},
		{"SRTP", sdpOf("192.0.2.1", "audio 4000 RTP/SAVP 8"), ErrNotAudio},
		{"SRTP with feedback", sdpOf("192.0.2.1", "audio 4000 RTP/SAVPF 8"), ErrNotAudio},
		{"WebRTC", sdpOf("192.0.2.1", "audio 4000 UDP/TLS/RTP/SAVPF 8"), ErrNotAudio},

		{"another codec", sdpOf("192.0.2.1", "audio 4000 RTP/AVP 18", "a=rtpmap:18 G729/8000"), ErrNoCodec},
		{"events alone", sdpOf("192.0.2.1", "audio 4000 RTP/AVP 101", "a=rtpmap:101 telephone-event/8000"), ErrNoCodec},
		{"our number means another codec", sdpOf("192.0.2.1", audio, "a=rtpmap:8 L16/8000"), ErrNoCodec},
		{"our codec at another rate", sdpOf("192.0.2.1", "audio 4000 RTP/AVP 96", "a=rtpmap:96 PCMA/16000"), ErrNoCodec},
		{"our codec in stereo", sdpOf("192.0.2.1", "audio 4000 RTP/AVP 96", "a=rtpmap:96 PCMA/8000/2"), ErrNoCodec},
		{"no such number", sdpOf("192.0.2.1", "audio 4000 RTP/AVP 136"), ErrNoCodec},

		{"host name", sdpOf("phone.example", audio), ErrAddress},
		{"multicast", sdpOf("224.2.1.1/127", audio), ErrAddress},
		{"broadcast", sdpOf("255.255.255.255", audio), ErrAddress},
		{"IPv6 where we have IPv4", sdpOf("2001:db8::1", audio), ErrAddress},
		{"IPv6 multicast", sdpOf("ff02::1", audio), ErrAddress},
		{"IPv6 zone", sdpOf("fe80::1%lo", audio), ErrAddress},
		{"another family than said", bytes.ReplaceAll(sdpOf("192.0.2.1", audio), []byte("IP4"), []byte("IP6")), ErrAddress},
		{"this host", sdpOf("127.0.0.1", audio), ErrAddress},
		{"this host, another way", sdpOf("127.9.9.9", audio), ErrAddress},
		{"our own address", sdpOf("203.0.113.5", audio), ErrAddress},
		{"RTCP at this host", sdpOf("192.0.2.1", audio, "a=rtcp:4001 IN IP4 127.0.0.1"), ErrAddress},
		{"RTCP at our own address", sdpOf("192.0.2.1", audio, "a=rtcp:4001 IN IP4 203.0.113.5"), ErrAddress},
		{"RTCP at a host name", sdpOf("192.0.2.1", audio, "a=rtcp:4001 IN IP4 phone.example"), ErrAddress},
		{"RTCP at a multicast group", sdpOf("192.0.2.1", audio, "a=rtcp:4001 IN IP4 224.0.0.1"), ErrAddress},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, _ := muted(t)
			if err := s.Receive(A, c.offer); !errors.Is(err, c.want) {
				t.Errorf("%v, want %v", err, c.want)
			}
			if _, err := s.Answer(A); !errors.Is(err, ErrNoOffer) {
				t.Errorf("answered all the same: %v", err)
			}
		})
	}
}

// Behind a NAT of ours, the address that we listen on is ours as the advertised one is. Who listens
// on the loopback talks to nobody but this host.
func TestAddressOfThisHost(t *testing.T) {
	for _, c := range []struct {
		listen, advertise, peer string
		want                    error
	}{
		{"10.0.0.7", "203.0.113.5", "10.0.0.8", nil},
		{"10.0.0.7", "203.0.113.5", "10.0.0.7", ErrAddress},
		{"10.0.0.7", "203.0.113.5", "203.0.113.5", ErrAddress},
		{"10.0.0.7", "", "10.0.0.7", ErrAddress},
		{"2001:db8::7", "", "::1", ErrAddress},
		{"0.0.0.0", "203.0.113.5", "127.0.0.1", ErrAddress},
		{"127.0.0.1", "", "127.0.0.1", nil},
		{"127.0.0.1", "", "127.0.0.2", nil},
		{"10.0.0.7", "", "0.0.0.0", nil}, // a hold, and nowhere to send to
	} {
		cfg := fixed()
		cfg.Listen = addrs(c.listen)
		if c.advertise != "" {
			cfg.Advertise = addrs(c.advertise)
		}
		engine := NewMute(cfg)
		if _, err := engine.Read(sdpOf(c.peer, audio), LegOptions{}); !errors.Is(err, c.want) {
			t.Errorf("%s as %s, peer at %s: %v, want %v", c.listen, c.advertise, c.peer, err, c.want)
		}
		engine.Close()
	}
}

// What does not concern us may be written as a peer likes.
func TestOddDescriptionIsTaken(t *testing.T) {
	plain := string(sdpOf("192.0.2.1", audio))
	for _, c := range []struct{ name, old, odd string }{
		{"user name with a space", "o=- 1 1", "o=a phone 1 1"},
		{"no user name", "o=- 1 1", "o=1 1"},
		{"session that is no number", "o=- 1 1", "o=- 0xfe 99999999999999999999999"},
		{"origin at a name of another network", "IN IP4 192.0.2.1\r\ns", "ATM NSAP here\r\ns"},
		{"empty origin", "o=- 1 1 IN IP4 192.0.2.1", "o="},
		{"protocol in lower case", "RTP/AVP", "rtp/avp"},
		{"protocol in both cases", "RTP/AVP", "Rtp/AvpF"},
	} {
		s, _ := muted(t)
		odd := strings.Replace(plain, c.old, c.odd, 1)
		if err := s.Receive(A, []byte(odd)); err != nil || odd == plain {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		answer, err := s.Answer(A)
		must(t, err)
		if !strings.Contains(string(answer), "m=audio 20000 RTP/AVP") {
			t.Errorf("%s: answered %q", c.name, answer)
		}
	}
}

func TestErrorQuotesNothing(t *testing.T) {
	for _, body := range []string{"v=+15550001111\r\n", "v=0\r\no=+15550001111\r\n", "v=0\r\no=- 1 1 IN +15550001111 x\r\n", "m=+15550001111", "+15550001111"} {
		s, _ := muted(t)
		if err := s.Receive(A, []byte(body)); err == nil || strings.Contains(err.Error(), "1555") {
			t.Errorf("%q: %v", body, err)
		}
	}
}

func TestWherePeerIs(t *testing.T) {
	for _, c := range []struct {
		name      string
		ours      string
		offer     []byte
		rtp, rtcp string
	}{
		{"session's address", "203.0.113.5", sdpOf("192.0.2.1", audio), "192.0.2.1:4000", "192.0.2.1:4001"},
		{"stream's address goes before", "203.0.113.5", sdpOf("192.0.2.1", audio, "c=IN IP4 192.0.2.2"), "192.0.2.2:4000", "192.0.2.2:4001"},
		{"odd port", "203.0.113.5", sdpOf("192.0.2.1", "audio 4001 RTP/AVP 8"), "192.0.2.1:4001", "192.0.2.1:4002"},
		{"no port above", "203.0.113.5", sdpOf("192.0.2.1", "audio 65535 RTP/AVP 8"), "192.0.2.1:65535", ""},
		{"RTCP port", "203.0.113.5", sdpOf("192.0.2.1", audio, "a=rtcp:5005"), "192.0.2.1:4000", "192.0.2.1:5005"},
		{"RTCP address", "203.0.113.5", sdpOf("192.0.2.1", audio, "a=rtcp:5005 IN IP4 192.0.2.9"), "192.0.2.1:4000", "192.0.2.9:5005"},
		{"no RTCP", "203.0.113.5", sdpOf("192.0.2.1", audio, "a=rtcp:0"), "192.0.2.1:4000", ""},
		{"IPv6", "2001:db8::5", sdpOf("2001:db8::1", audio), "[2001:db8::1]:4000", "[2001:db8::1]:4001"},
		{"hold of old", "203.0.113.5", sdpOf("0.0.0.0", audio), "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, err := terms{reach: reach{{advertise: netip.MustParseAddr(c.ours)}}, codecs: telephone(), mux: true}.read(c.offer)
			must(t, err)
			if d.rtp != parsePeer(t, c.rtp) || d.rtcp != parsePeer(t, c.rtcp) {
				t.Errorf("RTP %s, RTCP %s", d.rtp, d.rtcp)
			}
		})
	}
}

func TestEventNumberKeepsItsMeaning(t *testing.T) {
	for _, c := range []struct {
		name  string
		offer []byte
		want  string
	}{
		{"peer has its own", sdpOf("192.0.2.1", "audio 4000 RTP/AVP 8 97", "a=rtpmap:97 telephone-event/8000"), "RTP/AVP 8 0 97"},
		{"peer has none", sdpOf("192.0.2.1", audio), "RTP/AVP 8 0 101"},
		{"ours is another codec there", sdpOf("192.0.2.1", "audio 4000 RTP/AVP 8 101 96", "a=rtpmap:101 opus/48000/2"), "RTP/AVP 8 0 97"},
	} {
		s, _ := muted(t)
		must(t, s.Receive(A, c.offer))
		_, err := s.Answer(A)
		must(t, err)
		if got := string(s.Offer(A)); !strings.Contains(got, c.want) {
			t.Errorf("%s: offered %q, want %q", c.name, got, c.want)
		}
	}
}

// Whatever is offered: it is refused by a known error, or our answer is one that we can read
// ourselves, with as many streams as were offered. Whatever is answered: likewise.
func FuzzOffer(f *testing.F) {
	for _, body := range peersOwn(f) {
		f.Add(body)
	}
	f.Add(sdpOf("192.0.2.1", audio, "a=rtcp:5005 IN IP4 192.0.2.9"))
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, options := range []LegOptions{{}, {Codecs: wide, SRTP: SRTPOptional}, {Codecs: wide, SRTP: SRTPRequired, Mux: true}} {
			answerWhatever(t, options, body)
			acceptWhatever(t, options, body)
		}
	})
}

// peersOwn is what peers of many makers say.
func peersOwn(t testing.TB) (bodies [][]byte) {
	t.Helper()
	seeds, err := filepath.Glob("testdata/*.sdp")
	must(t, err)
	for _, name := range seeds {
		body, err := os.ReadFile(name)
		must(t, err)
		bodies = append(bodies, body)
	}
	calls, err := filepath.Glob("testdata/calls/*/*.txtar")
	must(t, err)
	for _, name := range calls {
		call, err := txtar.ParseFile(name)
		must(t, err)
		for _, file := range call.Files {
			bodies = append(bodies, file.Data)
		}
	}
	return bodies
}

func answerWhatever(t *testing.T, options LegOptions, body []byte) {
	ours := newNegotiation(local{session: 1, addr: netip.MustParseAddr("203.0.113.5"), port: 20000}, reach{{advertise: netip.MustParseAddr("203.0.113.6")}}, options, secret{})
	far := newNegotiation(local{}, reach{}, options, secret{}).far()
	if err := ours.receive(body, far); err != nil {
		knownError(t, err)
		return
	}
	answer, err := ours.answer(far)
	must(t, err)
	d, err := ours.terms().read(answer)
	must(t, err)
	if len(d.streams) != len(ours.streams) || d.rtp != netip.MustParseAddrPort("203.0.113.5:20000") {
		t.Errorf("answer %q to %q", answer, body)
	}
	if encrypted := ours.agreed.Crypt.In.Suite() != 0; !options.SRTP.allows(encrypted) || encrypted != (len(d.crypto) == 1) {
		t.Errorf("encrypted %v under policy %s: %q", encrypted, options.SRTP, body)
	}
}

func acceptWhatever(t *testing.T, options LegOptions, body []byte) {
	ours := newNegotiation(local{session: 1, addr: netip.MustParseAddr("203.0.113.5"), port: 20000}, reach{{advertise: netip.MustParseAddr("203.0.113.6")}}, options, secret{})
	far := newNegotiation(local{}, reach{}, options, secret{}).far()
	_, err := ours.offer(far)
	must(t, err)
	if err := ours.accept(body, far); err != nil {
		knownError(t, err)
		return
	}
	if !ours.agreed.Audio.Audio() || !ours.agreed.Accepts.Has(ours.agreed.Audio) || !options.SRTP.allows(ours.agreed.Crypt.In.Suite() != 0) {
		t.Errorf("agreed on %+v by %q", ours.agreed, body)
	}
}

func knownError(t *testing.T, err error) {
	for _, known := range []error{ErrMalformed, ErrNotAudio, ErrCrypto, ErrNoCodec, ErrAddress} {
		if errors.Is(err, known) {
			return
		}
	}
	t.Fatalf("untyped error: %v", err)
}

func parsePeer(t *testing.T, text string) (peer netip.AddrPort) {
	t.Helper()
	if text != "" {
		peer = netip.MustParseAddrPort(text)
	}
	return peer
}

// What a leg's trunk is configured for decides, whatever the other leg turns out to be.
func TestReadSaysThatNoCodecIsCommon(t *testing.T) {
	engine := NewMute(fixed())
	t.Cleanup(engine.Close)
	for _, c := range []struct {
		name   string
		codecs []Codec
		offer  string
		want   error
	}{
		{"both laws, the default", nil, "8 0", nil},
		{"the other law only", []Codec{PCMA, TelephoneEvent}, "0", ErrNoCodec},
		{"one of several", []Codec{G722, PCMU}, "8 0", nil},
		{"a wideband trunk", []Codec{G722, Opus}, "8 0", ErrNoCodec},
		{"noise is no sound", []Codec{PCMA, ComfortNoise}, "13", ErrNoCodec},
	} {
		if _, err := engine.Read(sdpOf("192.0.2.1", "audio 4000 RTP/AVP "+c.offer), LegOptions{Codecs: c.codecs}); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
}

func TestAnOfferReadBeforeIsTakenAsIfReceived(t *testing.T) {
	engine := NewMute(fixed())
	t.Cleanup(engine.Close)
	for _, offer := range [][]byte{
		nil, both, muLaw, sdpOf("192.0.2.1", "image 4000 udptl t38"),
		sdpOf("192.0.2.1", "audio 4000 RTP/AVP 18"), sdpOf("phone.example", audio),
	} {
		one, _ := muted(t)
		other, _ := muted(t)
		read, refused := engine.Read(offer, LegOptions{})
		received := one.Receive(A, offer)
		for _, kind := range []error{ErrMalformed, ErrNotAudio, ErrNoCodec, ErrAddress} {
			if errors.Is(refused, kind) != errors.Is(received, kind) || (refused == nil) != (received == nil) {
				t.Errorf("%q: read %v, received %v", offer, refused, received)
			}
		}
		if refused != nil {
			continue
		}
		if err := other.Take(A, read); err != nil {
			t.Fatalf("%q: taken: %v", offer, err)
		}
		want, _ := one.Answer(A)
		if got, err := other.Answer(A); err != nil || string(got) != string(want) {
			t.Errorf("%q: taken and answered %q, %v; received and answered %q", offer, got, err, want)
		}
	}
}
