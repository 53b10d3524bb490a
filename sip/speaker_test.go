package sip

import (
	"context"
	"encoding/binary"
	"math"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"maskd/media"
	"maskd/sip/siptest"
)

const (
	frame  = 20 * time.Millisecond
	rate   = 8000
	pcma   = 8   // of RFC 3551
	events = 101 // as the cast describes itself
)

// speaker is somebody at a phone, who says the same tone again and again, in A-law, but while he
// presses a key: then the phone sends that in place of it (RFC 4733).
type speaker struct {
	hertz float64
	tone  []byte // a frame of it, which goes on where it begins
	ssrc  uint32
	conn  net.PacketConn
	to    net.Addr

	// Lifetime.
	begun   time.Time
	stop    chan struct{}
	running sync.WaitGroup
	keys    chan media.Digit
	lasts   time.Duration // for how long a key is held, and then none
	sounds  bool          // what is pressed is heard too, beside its events

	// The phone's clock, its goroutine's alone until that is over.
	sequence uint16
	key      media.Digit
	holds    int    // the key is held for so many frames more
	rests    int    // and then no key is pressed for so many
	pressed  uint32 // by timestamp
	spoke    []bool // by frame: it was the tone

	mu    sync.Mutex
	heard []siptest.Packet
}

// speak has the two talk from now on, A in a lower voice.
func (w *world) speak() (a, b *speaker) {
	w.t.Helper()
	a, b = w.speaker(w.cast.rider, 600), w.speaker(w.cast.customer, 1000)
	w.speakers = [2]*speaker{a, b}
	return a, b
}

func (w *world) speaker(p part, hertz float64) *speaker {
	w.t.Helper()
	conn, err := w.air.ListenPacket(context.Background(), "udp", netip.AddrPortFrom(p.host(), uint16(p.id.Port)).String())
	w.must(err)
	s := &speaker{hertz: hertz, tone: sine(hertz), ssrc: uint32(p.id.SSRC), conn: conn, to: w.hearsAt(p), begun: time.Now(),
		stop: make(chan struct{}), keys: make(chan media.Digit, 16), lasts: 100 * time.Millisecond}
	s.running.Go(s.talk)
	s.running.Go(s.listen)
	return s
}

// hearsAt is where maskd hears a phone, as it last described itself to it.
func (w *world) hearsAt(p part) (at *net.UDPAddr) {
	w.t.Helper()
	for _, sent := range w.sentTo(p.host()) {
		_, line, audio := strings.Cut(siptest.Parse(sent.Data).Body, "m=audio ")
		if digits, _, _ := strings.Cut(line, " "); audio {
			port, err := strconv.ParseUint(digits, 10, 16)
			w.must(err)
			at = net.UDPAddrFromAddrPort(netip.AddrPortFrom(maskdHost, uint16(port)))
		}
	}
	return at
}

// hush ends what the two say.
func (w *world) hush() {
	for _, s := range w.speakers {
		close(s.stop)
		_ = s.conn.Close()
		s.running.Wait()
	}
}

// pressesAloud has a party press keys, and waits until the last is let go.
func (w *world) pressesAloud(l media.Leg, keys string) {
	w.t.Helper()
	s := w.speakers[l-media.A]
	for _, key := range []byte(keys) {
		digit, _ := media.ParseDigit(key)
		s.keys <- digit
	}
	time.Sleep(time.Duration(len(keys)) * 2 * s.lasts)
}

// sounding has a phone send the tone of a key beside its events. Nothing is pressed yet.
func (s *speaker) sounding(lasts time.Duration) { s.lasts, s.sounds = lasts, true }

func (s *speaker) talk() {
	clock := time.NewTicker(frame)
	defer clock.Stop()
	for {
		select {
		case <-s.stop:
			return
		case <-clock.C:
			s.frame()
		}
	}
}

// frame sends what is due each 20 ms: some of a key, or of the tone.
func (s *speaker) frame() {
	now := uint32(len(s.spoke) * rate / 50)
	if s.holds == 0 && s.rests == 0 && len(s.keys) > 0 {
		s.key, s.pressed = <-s.keys, now
		s.holds, s.rests = int(s.lasts/frame), int(s.lasts/frame)
	}
	s.spoke = append(s.spoke, s.holds == 0)
	switch {
	case s.holds > 0:
		s.holds--
		s.hold(uint16(now + rate/50 - s.pressed))
		if s.sounds {
			s.send(pcma, now, sine(rowOfKeys))
		}
		return
	case s.rests > 0:
		s.rests--
	}
	s.send(pcma, now, s.tone)
}

// hold sends a key that was held for so long; that it is let go, three times (RFC 4733 section 2.5.1.4).
func (s *speaker) hold(long uint16) {
	payload := binary.BigEndian.AppendUint16([]byte{byte(s.key), 10}, long)
	if s.holds > 0 {
		s.send(events, s.pressed, payload)
		return
	}
	payload[1] |= 0x80
	for range 3 {
		s.send(events, s.pressed, payload)
	}
}

// rowOfKeys is the lower half of a key's tone, nearly (941 Hz in ITU-T Q.23).
const rowOfKeys = 950

// sine is a frame of a tone of which a whole number of waves fits into one.
func sine(hertz float64) []byte {
	payload := make([]byte, rate/50)
	for i := range payload {
		payload[i] = companded(int(10000 * math.Sin(2*math.Pi*hertz*float64(i)/rate)))
	}
	return payload
}

// companded is a sample in A-law (ITU-T G.711): a sign, which of eight chords, and where on it.
func companded(sample int) byte {
	sign := byte(0x80)
	if sample < 0 {
		sample, sign = ^sample, 0
	}
	step, chord := sample>>4, 0
	for reach := 16; step >= reach && chord < 7; reach = 32 {
		if chord > 0 {
			step >>= 1
		}
		chord++
	}
	return (byte(chord<<4|step&0x0F) | sign) ^ 0x55
}

func (s *speaker) send(payloadType byte, timestamp uint32, payload []byte) {
	s.sequence++
	header := binary.BigEndian.AppendUint16([]byte{0x80, payloadType}, s.sequence)
	header = binary.BigEndian.AppendUint32(header, timestamp)
	header = binary.BigEndian.AppendUint32(header, s.ssrc)
	_, _ = s.conn.WriteTo(append(header, payload...), s.to)
}

func (s *speaker) listen() {
	buf := make([]byte, 1500)
	for {
		n, _, err := s.conn.ReadFrom(buf)
		if err != nil {
			return
		}
		s.mu.Lock()
		s.heard = append(s.heard, siptest.Packet{At: time.Since(s.begun), Data: append([]byte(nil), buf[:n]...)})
		s.mu.Unlock()
	}
}

// speaks tells whether the tone was said at a time.
func (s *speaker) speaks(at time.Time) bool {
	n := int(at.Sub(s.begun)/frame) - 1 // the first frame leaves when its time is over
	return n >= 0 && n < len(s.spoke) && s.spoke[n]
}

// hears returns the keys that the other's phone was told of with the sound.
func (s *speaker) hears() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var keys []byte
	var last uint32
	for _, p := range s.heard {
		if timestamp := binary.BigEndian.Uint32(p.Data[4:]); p.Data[1]&0x7F == events && (len(keys) == 0 || timestamp != last) {
			keys, last = append(keys, media.Digit(p.Data[12]).String()...), timestamp
		}
	}
	return string(keys)
}

func TestCompandedIsALaw(t *testing.T) {
	for sample, want := range map[int]byte{0: 0xD5, -1: 0x55, 255: 0xDA, 256: 0xC5, 10000: 0xB6, -10000: 0x36, 32767: 0xAA, -32768: 0x2A} {
		if got := companded(sample); got != want {
			t.Errorf("%d is %#x, want %#x", sample, got, want)
		}
	}
}
