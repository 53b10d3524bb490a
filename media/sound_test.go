package media

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/srtp/v3"

	"maskd/media/sound"
)

// answered is a session on real sockets whose leg A has been answered, and where its sound goes.
func answered(t *testing.T, host string, events func(Event), lines ...string) (s *Session, a *net.UDPConn, answer []byte) {
	t.Helper()
	engine := listening(t, host, PortRange{First: 20000, Last: 20099})
	s, err := engine.Open(Options{Events: events, A: LegOptions{SRTP: SRTPOptional}})
	must(t, err)
	a = phone(t, host)
	must(t, s.Receive(A, append(offerOf(a, "8 101"), strings.Join(append(lines, "a=rtpmap:101 telephone-event/8000", ""), "\r\n")...)))
	answer, err = s.Answer(A)
	must(t, err)
	return s, a, answer
}

// prompt is one of these samples in A-law.
func prompt(t *testing.T, octets []byte) *sound.Prompt {
	t.Helper()
	const header = "RIFF\xff\xff\xff\xffWAVEfmt \x10\x00\x00\x00\x06\x00\x01\x00\x40\x1f\x00\x00\x40\x1f\x00\x00\x01\x00\x08\x00data"
	file := binary.LittleEndian.AppendUint32([]byte(header), uint32(len(octets)))
	p, err := sound.Load(fstest.MapFS{"p.wav": {Data: append(file, octets...)}}, "p.wav")
	must(t, err)
	return p
}

func TestPromptIsHeardSampleForSample(t *testing.T) {
	played := make(chan Event, 1)
	s, a, _ := answered(t, "127.22.0.6", func(e Event) { played <- e })
	octets := make([]byte, 480)
	for i := range octets {
		octets[i] = byte(i*7) | 1
	}
	prompt := prompt(t, octets)
	must(t, s.Play(A, prompt, false))
	var heard []byte
	var last rtp.Packet
	for range 3 {
		p := hear(t, a)
		if p.PayloadType != 8 || len(heard) > 0 && (p.SequenceNumber != last.SequenceNumber+1 || p.Timestamp != last.Timestamp+160) {
			t.Errorf("%v after %v", p.Header, last.Header)
		}
		heard, last = append(heard, p.Payload...), p
	}
	if !bytes.Equal(heard, octets) {
		t.Errorf("heard %x, want %x", heard, octets)
	}
	if got := <-played; got != (Event{Leg: A, Kind: Played}) {
		t.Errorf("%+v", got)
	}
}

func TestSwallowedDigitIsToldAndNotHeard(t *testing.T) {
	digits := make(chan Event, 1)
	const host = "127.22.0.7"
	s, a, answer := answered(t, host, func(e Event) {
		if e.Kind == DigitHeard {
			digits <- e
		}
	})
	b := phone(t, host)
	s.Offer(B)
	must(t, s.Accept(B, append(offerOf(b, "8 101"), "a=rtpmap:101 telephone-event/8000\r\n"...)))
	s.Swallow(A, true)
	s.Bridge()
	to := portIn(t, answer)
	for i := range uint16(3) {
		send(t, a, to, 101, i, "\x05\x8a\x03\x20") // key 5, its end, 800 samples
	}
	if got, want := <-digits, (Event{Leg: A, Kind: DigitHeard, Digit: 5, Duration: 100 * time.Millisecond, Swallowed: true}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	send(t, a, to, 8, 3, "sound") // at the time of the digit
	if got := hear(t, b); got.PayloadType != 8 || string(got.Payload) != "\xd5\xd5\xd5\xd5\xd5" {
		t.Errorf("B heard %d %x, want silence", got.PayloadType, got.Payload)
	}
}

// Leg A is encrypted, leg B is not, and each hears the other.
func TestEncryptedAndPlainLeg(t *testing.T) {
	const host = "127.22.0.8"
	theirs := slices.Repeat([]byte("k"), 30)
	s, a, answer := answered(t, host, nil, "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:"+base64.StdEncoding.EncodeToString(theirs))
	b := phone(t, host)
	toB := portIn(t, s.Offer(B))
	must(t, s.Accept(B, offerOf(b, "8")))
	s.Bridge()

	_, text, _ := strings.Cut(string(answer), "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:")
	ours, err := base64.StdEncoding.DecodeString(strings.Fields(text)[0])
	must(t, err)
	encrypt, err := srtp.CreateContext(theirs[:16], theirs[16:], srtp.ProtectionProfileAes128CmHmacSha1_80)
	must(t, err)
	decrypt, err := srtp.CreateContext(ours[:16], ours[16:], srtp.ProtectionProfileAes128CmHmacSha1_80)
	must(t, err)
	for i := range uint16(5) {
		said := fmt.Sprintf("from A %d", i)
		plain, err := (&rtp.Packet{Header: rtp.Header{Version: 2, PayloadType: 8, SequenceNumber: i, SSRC: 1}, Payload: []byte(said)}).Marshal()
		must(t, err)
		secured, err := encrypt.EncryptRTP(nil, plain, nil)
		must(t, err)
		_, err = a.WriteToUDPAddrPort(secured, portIn(t, answer))
		must(t, err)
		if got := hear(t, b); string(got.Payload) != said {
			t.Errorf("B heard %q", got.Payload)
		}
		send(t, b, toB, 8, i, "from B")
		datagram := make([]byte, 2000)
		n, err := a.Read(datagram)
		must(t, err)
		opened, err := decrypt.DecryptRTP(nil, datagram[:n], nil)
		must(t, err)
		if !bytes.HasSuffix(opened, []byte("from B")) || bytes.Contains(datagram[:n], []byte("from B")) {
			t.Errorf("A heard %q by %q", opened, datagram[:n])
		}
	}
}

func TestTapShowsBothSpeakers(t *testing.T) {
	const host = "127.22.0.9"
	s, a, answer := answered(t, host, nil)
	b := phone(t, host)
	toB := portIn(t, s.Offer(B))
	must(t, s.Accept(B, offerOf(b, "8")))
	s.Bridge()
	tap := NewTap()
	s.Tap(tap)
	send(t, a, portIn(t, answer), 8, 0, "A")
	hear(t, b)
	send(t, b, toB, 8, 0, "B")
	hear(t, a)
	s.Tap(nil)
	send(t, a, portIn(t, answer), 8, 1, "off the record")
	hear(t, b)
	var said []string
	tap.Drain(func(p Sound) { said = append(said, p.Speaker.String()+" says "+string(p.Payload)) })
	if want := []string{"A says A", "B says B"}; !slices.Equal(said, want) || tap.Dropped(A) != 0 {
		t.Errorf("%q, %d dropped", said, tap.Dropped(A))
	}
	if got := s.Stats().Leg(A); got.In.Packets != 2 || got.Out.Packets != 1 {
		t.Errorf("%+v", got)
	}
}
