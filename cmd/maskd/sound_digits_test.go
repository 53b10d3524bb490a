package main

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pion/rtp"
)

// keypad are the keys as RFC 4733 section 3.2 numbers them, and the captures of
// them that come with sipp.
var keypad = []struct{ key, capture string }{
	{"0", "0"}, {"1", "1"}, {"2", "2"}, {"3", "3"}, {"4", "4"}, {"5", "5"},
	{"6", "6"}, {"7", "7"}, {"8", "8"}, {"9", "9"}, {"*", "star"}, {"#", "pound"},
}

// The lines of the digits, by what the caller has. The callee has events, and hears them under
// a number of its own; what is sent to maskd has maskd's number.
const (
	eventsLine = "events"
	infoLine   = "info"
)

var (
	withNumber101 = []string{"RTP/AVP 8 101", "a=rtpmap:101 telephone-event/8000", "a=fmtp:101 0-15"}
	withNumber96  = []string{"RTP/AVP 8 96", "a=rtpmap:96 telephone-event/8000", "a=fmtp:96 0-15"}
	withoutEvents = []string{"RTP/AVP 8"}
)

// pressed is a key that was heard, and for how long.
type pressed struct {
	Key     string
	Samples int // of 8 kHz
}

// TestDigitsArriveOnce presses every key of recorded phones, and by INFO.
func TestDigitsArriveOnce(t *testing.T) {
	t.Parallel()
	s := newSite(t, line{name: eventsLine, transport: "udp"}, line{name: infoLine, transport: "udp"})
	s.start(t)
	recordings, want := keysRecorded(t)
	t.Run("from events to events", func(t *testing.T) {
		c := s.converse(t, s.line(eventsLine), withNumber101, withNumber96)
		c.dial(t)
		defer c.hangUp(t, s)
		c.a.play(c.toA, recordings)
		expectPressed(t, "the callee", c.b, 96, want)
		c.b.play(c.toB, recordings)
		expectPressed(t, "the caller", c.a, 101, want)
	})
	t.Run("between INFO and events", func(t *testing.T) {
		c := s.converse(t, s.line(infoLine), withoutEvents, withNumber96)
		c.dial(t)
		defer c.hangUp(t, s)
		var asked []pressed
		for i, k := range keypad {
			asked = append(asked, pressed{k.key, 8 * (100 + 20*i)})
			c.caller.press(c.dialogA, 2+i, fmt.Sprintf("Signal=%s\r\nDuration=%d\r\n", k.key, 100+20*i))
			expectPressed(t, "the callee", c.b, 96, asked)
		}
		halted := c.b.play(c.toB, recordings)
		expectInfos(t, c.caller, want, halted)
	})
}

// keysRecorded reads the captures in the order of the keys, one recording of one
// source, and what is pressed in it.
func keysRecorded(t *testing.T) (packets []rtp.Packet, want []pressed) {
	t.Helper()
	var sequence uint16
	for i, k := range keypad {
		recording, err := recorded("/usr/share/sip-tester/dtmf_2833_" + k.capture + ".pcap")
		if err != nil {
			t.Fatal(err)
		}
		first := recording[0].SequenceNumber
		for _, p := range recording {
			p.SequenceNumber += sequence - first
			p.Timestamp = uint32(8000 * (i + 1)) // that of the beginning, as long as the key is held
			packets = append(packets, p)
		}
		last := packets[len(packets)-1]
		sequence = last.SequenceNumber + 1
		want = append(want, pressed{k.key, int(binary.BigEndian.Uint16(last.Payload[2:]))})
	}
	return packets, want
}

// recorded reads the RTP packets of a capture file.
func recorded(file string) (packets []rtp.Packet, err error) {
	const (
		fileHeader, recordHeader = 24, 16
		headers                  = 14 + 20 + 8 // Ethernet, IP, UDP
	)
	capture, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	for at := fileHeader; at+recordHeader <= len(capture); {
		size := int(binary.LittleEndian.Uint32(capture[at+8:]))
		at += recordHeader
		if size < headers || at+size > len(capture) {
			return nil, fmt.Errorf("%s: a record of %d bytes", file, size)
		}
		var p rtp.Packet
		if err := p.Unmarshal(capture[at+headers : at+size]); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		p.Payload = p.Payload[:4] // the frame is padded
		packets, at = append(packets, p), at+size
	}
	return packets, nil
}

// halting is a pause between two packets of a key after which maskd may take the key for
// released: half of what the relay waits for the next.
const halting = 100 * time.Millisecond

// play sends a recording of events at the pace of a phone, and tells the keys at which it
// halted, because the machine stood still: such a key may have been heard as a shorter one.
func (v *voice) play(to netip.AddrPort, packets []rtp.Packet) (halted map[string]bool) {
	halted = make(map[string]bool)
	for last := time.Now(); len(packets) > 0; packets = packets[1:] {
		p := packets[0]
		p.PayloadType = 101 // maskd's
		v.repeat(to, p)
		if now := time.Now(); now.Sub(last) > halting {
			halted[keypad[p.Payload[0]].key] = true
		}
		last = time.Now()
		time.Sleep(wordTime)
	}
	return halted
}

// asHeard is what is pressed, as a phone that halts at some keys may be heard to press it:
// these are as long as they were in what was heard, if not longer than they are.
func asHeard(want, got []pressed, halted map[string]bool) []pressed {
	want = slices.Clone(want)
	for n := range min(len(want), len(got)) {
		if halted[want[n].Key] {
			want[n].Samples = min(want[n].Samples, got[n].Samples)
		}
	}
	return want
}

// pressed returns the keys that were heard to their end, and fails on packets
// that are none.
func (v *voice) pressed(number uint8) (keys []pressed, err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	var ended []uint32
	for _, p := range v.others {
		if p.PayloadType != number || len(p.Payload) != 4 || int(p.Payload[0]) >= len(keypad) {
			return nil, fmt.Errorf("%v %x", p.Header, p.Payload)
		}
		const end = 0x80
		if p.Payload[1]&end != 0 && !slices.Contains(ended, p.Timestamp) {
			ended = append(ended, p.Timestamp)
			keys = append(keys, pressed{keypad[p.Payload[0]].key, int(binary.BigEndian.Uint16(p.Payload[2:]))})
		}
	}
	return keys, nil
}

func expectPressed(t *testing.T, who string, v *voice, number uint8, want []pressed) {
	t.Helper()
	var got []pressed
	await(t, who+" to hear the keys", func() (enough bool) {
		var err error
		if got, err = v.pressed(number); err != nil {
			t.Fatalf("%s hears %v", who, err)
		}
		return len(got) >= len(want)
	})
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s hears (-want +got):\n%s", who, diff)
	}
}

// expectInfos expects a digit in each INFO.
func expectInfos(t *testing.T, h *handset, want []pressed, halted map[string]bool) {
	t.Helper()
	var got []pressed
	await(t, "the INFOs", func() bool { return len(h.infos) >= len(want) })
	for len(h.infos) > 0 {
		m := <-h.infos
		var key string
		var milliseconds int
		text := strings.ReplaceAll(m.Body, "\r\n", " ")
		if _, err := fmt.Sscanf(text, "Signal=%s Duration=%d", &key, &milliseconds); err != nil {
			t.Errorf("%v in %q", err, text)
		}
		got = append(got, pressed{key, 8 * milliseconds})
	}
	if diff := cmp.Diff(asHeard(want, got, halted), got); diff != "" {
		t.Errorf("INFOs (-want +got):\n%s", diff)
	}
}
