package relay

import (
	"slices"
	"testing"
	"time"

	"github.com/pion/rtcp"
)

// A report of ours and one of the peer's take no memory, or thousands of calls would keep the
// collector busy though nothing of theirs changes.
func TestReportsAllocateNothing(t *testing.T) {
	x, out := talking(PCMA), make([]byte, largestSent)
	sound := packet(t, 8, 1, 1, 7, "sound")
	n, drop := x.pass(0, peerA, sound, out, start)
	x.account(0, len(sound), n, drop)
	block := rtcp.ReceptionReport{SSRC: sourceA.SSRC}
	theirs := append(marshal(t, &rtcp.SenderReport{SSRC: 7, NTPTime: 1 << 40, Reports: []rtcp.ReceptionReport{block}}),
		marshal(t, &rtcp.ReceiverReport{SSRC: 7, Reports: []rtcp.ReceptionReport{block, block}})...)
	now := start
	allocations := testing.AllocsPerRun(100, func() {
		now = now.Add(time.Second)
		x.hearReport(0, x.flow.Ends[0].RTCP, theirs, now)
		for end := range x.ends {
			if datagram, _, err := x.report(end, out, now); len(datagram) == 0 || err != nil {
				t.Fatalf("%x, %v", datagram, err)
			}
		}
	})
	if allocations != 0 || x.ends[0].counters.ReportsIn == 0 {
		t.Errorf("%v allocations, %+v", allocations, x.ends[0].counters)
	}
}

// What the library makes of a datagram, if anything, is what we read.
func FuzzCompound(f *testing.F) {
	block := rtcp.ReceptionReport{SSRC: 1, FractionLost: 2, TotalLost: 3, LastSequenceNumber: 4, Jitter: 5, LastSenderReport: 6, Delay: 7}
	report := marshal(f, &rtcp.SenderReport{SSRC: 8, NTPTime: 9, Reports: []rtcp.ReceptionReport{block}})
	f.Add(append(report, marshal(f, &rtcp.ReceiverReport{SSRC: 8, Reports: []rtcp.ReceptionReport{block, block}})...))
	f.Add(append(report, marshal(f, sourceA.description())...))
	f.Add(append(report, 0x80, 200, 0, 0))
	f.Fuzz(func(t *testing.T, datagram []byte) {
		packets, err := rtcp.Unmarshal(datagram)
		if err != nil {
			return
		}
		var want compound
		for _, packet := range packets {
			switch p := packet.(type) {
			case *rtcp.SenderReport:
				want.clocks = append(want.clocks, senderClock{p.SSRC, p.NTPTime})
				want.blocks = append(want.blocks, p.Reports...)
			case *rtcp.ReceiverReport:
				want.blocks = append(want.blocks, p.Reports...)
			}
		}
		var got compound
		for range 2 { // the second time over what the first has left
			if err := got.read(datagram); err != nil || !slices.Equal(got.clocks, want.clocks) || !slices.Equal(got.blocks, want.blocks) {
				t.Fatalf("%x: read %v %v, %v, want %v %v", datagram, got.clocks, got.blocks, err, want.clocks, want.blocks)
			}
		}
	})
}
