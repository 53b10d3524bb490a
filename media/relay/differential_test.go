package relay

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
)

// caller is all that tells one peer from another but what it says.
type caller struct {
	ssrc       uint32
	sequence   uint16
	timestamp  uint32
	csrc       []uint32
	extension  []byte
	padding    byte
	volume     byte
	reserved   bool
	redundancy []byte // more events in each packet of one
	texts      []string
}

var callers = []caller{
	{ssrc: 0x01020304, sequence: 1, timestamp: 160},
	{
		ssrc: 0xDEADBEEF, sequence: 65500, timestamp: 1<<32 - 1000, csrc: []uint32{0x43535243, 0x43535244},
		extension: []byte("EXTENSION+15550001111..."), padding: 23, volume: 63, reserved: true, redundancy: []byte("EXTRA!!!"),
		texts: []string{"+15550001111@host.example", "Alice Caller", "tel:+15550001111", "phone model 7"},
	},
}

// rtp is one packet of the caller's, after so many and so many samples.
func (c caller) rtp(t *testing.T, number uint8, marker bool, packets uint16, samples uint32, payload []byte) []byte {
	p := rtp.Packet{
		Header: rtp.Header{
			Version: 2, Marker: marker, PayloadType: number, SSRC: c.ssrc, CSRC: c.csrc,
			SequenceNumber: c.sequence + packets, Timestamp: c.timestamp + samples,
		},
		Payload: bytes.Clone(payload),
	}
	if number == 101 {
		p.Payload[1] |= c.volume
		if c.reserved {
			p.Payload[1] |= 0x40
		}
		p.Payload = append(p.Payload, c.redundancy...)
	}
	if c.extension != nil {
		p.Extension, p.ExtensionProfile = true, 0x1234
		if err := p.SetExtension(0, c.extension); err != nil {
			t.Fatal(err)
		}
	}
	if c.padding > 0 {
		p.Padding, p.PaddingSize = true, c.padding
	}
	return wire(t, p)
}

// rtcp is everything that a peer can say of itself.
func (c caller) rtcp(t *testing.T, now time.Time) []byte {
	packets := []rtcp.Packet{&rtcp.SenderReport{SSRC: c.ssrc, NTPTime: ntp(now) + uint64(c.ssrc)<<8, RTPTime: c.timestamp}}
	if len(c.texts) > 0 {
		description := &rtcp.SourceDescription{Chunks: []rtcp.SourceDescriptionChunk{{Source: c.ssrc}}}
		for i, text := range c.texts {
			description.Chunks[0].Items = append(description.Chunks[0].Items, rtcp.SourceDescriptionItem{Type: rtcp.SDESType(i + 1), Text: text})
		}
		packets = append(packets, description,
			&rtcp.ApplicationDefined{SSRC: c.ssrc, Name: "LEAK", Data: []byte("+15550001111")},
			&rtcp.ExtendedReport{SenderSSRC: c.ssrc},
			&rtcp.Goodbye{Sources: []uint32{c.ssrc}, Reason: "+15550001111"})
	}
	b, err := rtcp.Marshal(packets)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// leaves is all that B is sent in a call of A's, the same script for every caller.
func (c caller) leaves(t *testing.T) (datagrams [][]byte) {
	x, script := talking(PCMU), rand.New(rand.NewPCG(1, 2))
	out := make([]byte, maxDatagram+cryptOverhead)
	for i := range uint16(200) {
		now := start.Add(time.Duration(i)*20*time.Millisecond + time.Duration(script.IntN(5))*time.Millisecond)
		in := c.rtp(t, 8, i%50 == 0, i, 160*uint32(i), speech(160))
		switch {
		case i >= 60 && i < 70:
			in = c.rtp(t, 101, i == 60, i, 160*60, event(5, i > 66, 0, 160*(min(i, 67)-59)))
		case i%31 == 0:
			continue
		}
		if n, drop := x.pass(0, peerA, in, out, now); drop == 0 {
			x.account(0, len(in), n, drop)
			datagrams = append(datagrams, bytes.Clone(out[:n]))
		}
		if i%60 == 10 {
			x.hearReport(0, x.flow.Ends[0].RTCP, c.rtcp(t, now), now)
			report, _, err := x.report(1, make([]byte, largestSent), now)
			if err != nil {
				t.Fatal(err)
			}
			datagrams = append(datagrams, report)
		}
	}
	return datagrams
}

func TestCallersCannotBeToldApart(t *testing.T) {
	want := callers[0].leaves(t)
	got := callers[1].leaves(t)
	if len(want) != len(got) || len(want) < 190 {
		t.Fatalf("%d and %d datagrams", len(want), len(got))
	}
	for i := range want {
		if !bytes.Equal(want[i], got[i]) {
			t.Fatalf("datagram %d\n%x\n%x", i, want[i], got[i])
		}
	}
}

func TestNothingOfACallerLeaves(t *testing.T) {
	c := callers[1]
	all := bytes.Join(c.leaves(t), nil)
	secrets := [][]byte{c.extension[:9], c.redundancy, []byte("LEAK"), []byte("15550001111")}
	for _, number := range append(c.csrc, c.ssrc) {
		secrets = append(secrets, binary.BigEndian.AppendUint32(nil, number))
	}
	for _, text := range c.texts {
		secrets = append(secrets, []byte(text))
	}
	for _, secret := range secrets {
		if bytes.Contains(all, secret) {
			t.Errorf("%q left", secret)
		}
	}
}
