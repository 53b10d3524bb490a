package relay

import (
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pion/rtcp"
)

// minute is what happens in each second of a call that is watched for a time-out of a minute.
func minute(t *testing.T, x *exchange, seconds int, each func(second int, now time.Time)) (events map[int][]Event) {
	t.Helper()
	events = map[int][]Event{}
	for second := range seconds {
		now := start.Add(time.Duration(second) * time.Second)
		each(second, now)
		x.watch(time.Minute, now)
		for {
			e, ok := x.nextEvent()
			if !ok {
				break
			}
			events[second] = append(events[second], e)
		}
	}
	return events
}

func TestSilenceOfAPeer(t *testing.T) {
	speak := func(x *exchange, end, second int, now time.Time) {
		from := []netip.AddrPort{peerA, peerB}[end]
		x.pass(end, from, packet(t, 8, uint16(second), uint32(second)*8000, 1, "s"), make([]byte, maxDatagram), now)
	}
	report := func(x *exchange, end int, now time.Time) {
		x.hearReport(end, x.flow.Ends[end].RTCP, marshal(t, &rtcp.ReceiverReport{SSRC: 1}), now)
	}
	hold := func(x *exchange, end int, speaks, listens bool, now time.Time) {
		x.flow.Ends[end].Speaks, x.flow.Ends[end].Listens = speaks, listens
		x.install(x.flow, now)
	}
	silent := func(end int) []Event { return []Event{{End: end, Kind: Silent}} }
	both := []Event{silent(0)[0], silent(1)[0]}
	alive := func(x *exchange, end int, from netip.AddrPort, second int, now time.Time) {
		x.pass(end, from, packet(t, 13, uint16(second), 0, 1, ""), make([]byte, maxDatagram), now)
	}
	oneWay := func(end int) []Event { return []Event{{End: end, Kind: OneWay}} }
	for _, c := range []struct {
		name    string
		seconds int
		each    func(x *exchange, second int, now time.Time)
		want    map[int][]Event
	}{
		{"both speak", 300, func(x *exchange, s int, now time.Time) { speak(x, 0, s, now); speak(x, 1, s, now) }, nil},
		{"nobody ever", 300, func(*exchange, int, time.Time) {},
			map[int][]Event{60: both, 120: both, 180: both, 240: both}},
		{"both keep their NAT open", 300, func(x *exchange, s int, now time.Time) {
			alive(x, 0, peerA, s, now)
			alive(x, 1, peerB, s, now)
		}, nil},
		{"strangers keep a NAT open", 100, func(x *exchange, s int, now time.Time) {
			alive(x, 0, peerB, s, now)
			alive(x, 1, peerA, s, now)
		}, map[int][]Event{60: both}},
		{"reports only", 300, func(x *exchange, s int, now time.Time) { report(x, 0, now); report(x, 1, now) }, nil},
		{"one stops", 130, func(x *exchange, s int, now time.Time) {
			if speak(x, 0, s, now); s < 30 {
				speak(x, 1, s, now)
			}
		}, map[int][]Event{39: oneWay(1), 89: silent(1)}},
		{"one stops but reports", 130, func(x *exchange, s int, now time.Time) {
			report(x, 1, now)
			if speak(x, 0, s, now); s < 30 {
				speak(x, 1, s, now)
			}
		}, map[int][]Event{39: oneWay(1)}},
		{"one stops twice", 100, func(x *exchange, s int, now time.Time) {
			if speak(x, 0, s, now); s < 30 || s == 50 {
				speak(x, 1, s, now)
			}
		}, map[int][]Event{39: oneWay(1), 60: oneWay(1)}},
		{"on hold", 300, func(x *exchange, s int, now time.Time) {
			if s == 0 {
				hold(x, 0, false, false, now)
			}
		}, nil},
		{"listens to music", 200, func(x *exchange, s int, now time.Time) {
			if s == 0 {
				hold(x, 0, true, false, now) // A plays music: nothing should flow to it
			}
			speak(x, 0, s, now)
		}, nil},
		{"held, then back", 300, func(x *exchange, s int, now time.Time) {
			switch s {
			case 0:
				hold(x, 0, false, false, now)
			case 200:
				hold(x, 0, true, true, now)
			}
		}, map[int][]Event{260: both}},
	} {
		t.Run(c.name, func(t *testing.T) {
			x := talking(PCMA)
			if c.want == nil {
				c.want = map[int][]Event{}
			}
			got := minute(t, x, c.seconds, func(second int, now time.Time) { c.each(x, second, now) })
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("events by second (-want +got)\n%s", diff)
			}
		})
	}
}

func TestNobodyThereIsNotSilent(t *testing.T) {
	x := newExchange()
	x.install(Flow{Ends: [2]End{end(peerA, PCMA, 8, 101)}}, start)
	if got := minute(t, x, 300, func(int, time.Time) {}); len(got) != 0 {
		t.Errorf("%v", got)
	}
}
