package main

import (
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pion/rtp"
)

// voice is the sound of a handset: numbered words, one in a packet.
type voice struct {
	name      string
	rtp, rtcp *net.UDPConn
	ssrc      uint32
	timed     bool // its clock goes on while it says nothing; else it stands still then

	// Guarded by mu.
	mu       sync.Mutex
	sequence uint16
	skipped  uint32 // samples that its clock went on without a word
	saidAt   time.Time
	heard    map[string]int // how often, by word
	others   []rtp.Packet   // what was heard and is no word
	forged   int            // reports in which a stranger's words are
}

// mark is in everything that a stranger sends.
const mark = "STRANGER"

// wordTime is the time of a packet, in time and in samples of 8 kHz.
const (
	wordTime    = 20 * time.Millisecond
	wordSamples = 160
)

// newVoice is at the port of the host, and the one above.
func newVoice(t *testing.T, host netip.Addr, port uint16, name string) *voice {
	t.Helper()
	v := &voice{
		name: name, ssrc: 0x5150_0000 + uint32(port), sequence: port, heard: make(map[string]int),
		rtp: listen(t, netip.AddrPortFrom(host, port)), rtcp: listen(t, netip.AddrPortFrom(host, port+1)),
	}
	attend(t, v.rtp, v.hear)
	attend(t, v.rtcp, v.hearReport)
	return v
}

// listen opens a socket that can hold what comes while its reader has no processor.
func listen(t *testing.T, at netip.AddrPort) *net.UDPConn {
	t.Helper()
	conn, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(at))
	if err != nil {
		t.Fatal(err)
	}
	_ = conn.SetReadBuffer(1 << 20)
	return conn
}

// attend reads a socket until the test is over.
func attend(t *testing.T, conn *net.UDPConn, hear func([]byte)) {
	var attending sync.WaitGroup
	t.Cleanup(attending.Wait)
	t.Cleanup(func() { _ = conn.Close() })
	attending.Go(func() {
		for data := make([]byte, 1<<16); ; {
			n, err := conn.Read(data)
			if err != nil {
				return
			}
			hear(data[:n])
		}
	})
}

// say sends the next word; its number is the sequence number's.
func (v *voice) say(to netip.AddrPort) (word string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.sequence++
	word = fmt.Sprintf("%s %d", v.name, v.sequence)
	payload := append([]byte(word), make([]byte, wordSamples-len(word))...)
	v.skip(time.Now())
	v.send(to, rtp.Header{PayloadType: 8, SequenceNumber: v.sequence, Timestamp: uint32(v.sequence)*wordSamples + v.skipped}, payload)
	return word
}

// skip has the clock of a timed voice go on by as many words as could have been said since
// the last one.
func (v *voice) skip(now time.Time) {
	if !v.timed || v.saidAt.IsZero() {
		v.saidAt = now
		return
	}
	v.saidAt = v.saidAt.Add(wordTime)
	if missed := now.Sub(v.saidAt) / wordTime; missed > 0 {
		v.skipped += uint32(missed) * wordSamples
		v.saidAt = v.saidAt.Add(missed * wordTime)
	}
}

// repeat sends a packet of a recording.
func (v *voice) repeat(to netip.AddrPort, p rtp.Packet) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.send(to, p.Header, p.Payload)
}

func (v *voice) send(to netip.AddrPort, h rtp.Header, payload []byte) {
	h.Version, h.SSRC = 2, v.ssrc
	packet, err := (&rtp.Packet{Header: h, Payload: payload}).Marshal()
	if err != nil {
		return // which is a word that nobody hears
	}
	_, _ = v.rtp.WriteToUDPAddrPort(packet, to)
}

func (v *voice) hear(datagram []byte) {
	v.mu.Lock()
	defer v.mu.Unlock()
	var p rtp.Packet
	if err := p.Unmarshal(datagram); err == nil && p.PayloadType == 8 {
		v.heard[strings.TrimRight(string(p.Payload), "\x00")]++
		return
	}
	p.Payload = append([]byte(nil), p.Payload...)
	v.others = append(v.others, p)
}

func (v *voice) hearReport(datagram []byte) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if strings.Contains(string(datagram), mark) || len(datagram) >= 8 && datagram[1] == 203 /* BYE */ {
		v.forged++
	}
}

// forget begins anew with what was heard.
func (v *voice) forget() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.heard, v.others, v.forged = make(map[string]int), nil, 0
}

// missed is how many of the words were never heard.
func (v *voice) missed(words []string) (n int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, w := range words {
		if v.heard[w] == 0 {
			n++
		}
	}
	return n
}

// injected is how much was heard that the other did not say, or said once.
func (v *voice) injected(words []string) (n int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	n = len(v.others) + v.forged
	for _, times := range v.heard {
		n += times
	}
	for _, w := range words {
		n -= min(v.heard[w], 1)
	}
	return n
}

// position is where a stranger who listens in would go on.
func (v *voice) position() (ssrc uint32, sequence uint16) {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.ssrc, v.sequence
}
