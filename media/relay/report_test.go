package relay

import (
	"bytes"
	"encoding/binary"
	"net/netip"
	"testing"
	"time"

	"github.com/pion/rtcp"
)

// tape is a socket that keeps what is sent, and at whom it is aimed.
type tape struct {
	sent  [][]byte
	aimed netip.AddrPort
}

func (s *tape) send(b []byte, _ netip.AddrPort) error {
	s.sent = append(s.sent, bytes.Clone(b))
	return nil
}

func (s *tape) aim(at netip.AddrPort) { s.aimed = at }
func (s *tape) close()                {}

// clocks are the NTP times of the sender reports that were sent.
func (s *tape) clocks(t *testing.T) (clocks [][]byte) {
	t.Helper()
	for _, datagram := range s.sent {
		packets, err := rtcp.Unmarshal(datagram)
		if err != nil {
			t.Fatal(err)
		}
		if report, ok := packets[0].(*rtcp.SenderReport); ok {
			clocks = append(clocks, binary.BigEndian.AppendUint64(nil, report.NTPTime))
		}
	}
	return clocks
}

// taped is a circuit with the sockets that its reports leave by.
func taped() (c *circuit, rtcps [2]*tape) {
	var pairs [2]pair
	for end := range pairs {
		rtcps[end] = new(tape)
		pairs[end] = pair{rtp: new(tape), rtcp: rtcps[end]}
	}
	return newCircuit(pairs, newTimetable(reportInterval, 0, [2]uint64{1, 2})), rtcps
}

// newCircuit is one with its ports, at a desk of its own.
func newCircuit(pairs [2]pair, timetable timetable) *circuit {
	c := new(circuit)
	c.begin(1, [2]Source{sourceA, sourceB}, pairs, timetable, newNotices())
	c.exchange.desk = new(desk)
	return c
}

// The system drops what strangers report, from when it is settled who the peer is.
func TestReportsPortIsAimed(t *testing.T) {
	c, rtcps := taped()
	flow := talking(PCMA).flow
	flow.Ends[1].NAT = true
	c.install(flow, start)
	if rtcps[0].aimed != flow.Ends[0].RTCP || rtcps[1].aimed.IsValid() {
		t.Errorf("aimed at %s and %s", rtcps[0].aimed, rtcps[1].aimed)
	}
	c.hear(1, peerB, packet(t, 8, 1, 1, 7, "sound"), make([]byte, largestSent), start)
	c.hearReport(1, netip.AddrPortFrom(peerB.Addr(), 61001), marshal(t, &rtcp.ReceiverReport{SSRC: 7}), start)
	if rtcps[1].aimed.IsValid() {
		t.Errorf("aimed at %s: somebody behind the same NAT, who knows the SSRC, would get our reports", rtcps[1].aimed)
	}
}

// Somebody with captures of both legs finds no report of one in the other by its clock. That
// they are not sent at the same time either is for the timetable.
func TestReportsOfTheLegsCannotBeJoined(t *testing.T) {
	c, rtcps := taped()
	c.install(talking(PCMA).flow, start)
	out := make([]byte, largestSent)
	for i := range uint16(30000) { // ten minutes
		now := start.Add(time.Duration(i) * 20 * time.Millisecond)
		c.hear(0, peerA, packet(t, 8, i, 160*uint32(i), 1, "sound"), out, now)
		c.hear(1, peerB, packet(t, 8, i, 160*uint32(i), 2, "sound"), out, now)
		c.tick(out, now)
	}
	clocks := [2][][]byte{rtcps[0].clocks(t), rtcps[1].clocks(t)}
	for end := range clocks {
		if len(clocks[end]) < 80 {
			t.Errorf("end %d: %d sender reports", end, len(clocks[end]))
		}
		other := bytes.Join(rtcps[1-end].sent, nil)
		for _, clock := range clocks[end] {
			if bytes.Contains(other, clock) || bytes.Contains(other, clock[:4]) || bytes.Contains(other, clock[2:6]) {
				t.Fatalf("the clock %x of end %d is told at the other", clock, end)
			}
		}
	}
}

func TestWallclockRunsAsTimeDoes(t *testing.T) {
	for _, w := range []wallclock{0, 1, 1 << 62, 1<<64 - 1} {
		before, after := w.at(start), w.at(start.Add(1500*time.Millisecond))
		if (after-before)<<1>>1 != 3<<31 || before>>63 != 0 {
			t.Errorf("%x: from %x to %x in 1.5 s", w, before, after)
		}
		block := rtcp.ReceptionReport{LastSenderReport: uint32(before >> 16), Delay: 1 << 16}
		if trip, ok := w.roundTrip(block, start.Add(1500*time.Millisecond)); !ok || trip != 500*time.Millisecond {
			t.Errorf("%x: a round trip of %s", w, trip)
		}
	}
}
