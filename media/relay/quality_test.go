package relay

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
)

// What ITU-T publishes: G.107 annex B table B.1, and the default rating of G.107 table 3.
func TestScoreIsThatOfG107(t *testing.T) {
	for rating, want := range map[float64]float64{
		-5: 1, 0: 1, 50: 2.58, 60: 3.10, 70: 3.60, 80: 4.03, 90: 4.34, 93.2: 4.41, 100: 4.5, 120: 4.5,
	} {
		if got := score(rating); math.Abs(got-want) > 0.01 {
			t.Errorf("R %v: MOS %.3f, want %.2f", rating, got, want)
		}
	}
}

// The impairment of G.711 with concealment under random loss, as ITU-T G.113 tabled it before it
// gave the formula: rounded to 5 from 3 percent on.
func TestLossImpairsAsG113Has(t *testing.T) {
	for percent, want := range map[float64]float64{0: 0, 2: 7, 3: 10, 5: 15, 7: 20, 10: 25, 15: 35, 20: 45} {
		got := 93.2 - transmission(impairmentOf(PCMA), percent/100, 0)
		if math.Abs(got-want) > 3 {
			t.Errorf("%v %%: %.1f, want about %v", percent, got, want)
		}
	}
}

func TestDelayImpairs(t *testing.T) {
	for ms, want := range map[int]float64{0: 0, 100: 0, 150: 0.2, 200: 3.0, 300: 14.8, 400: 24.1} {
		if got := delayed(time.Duration(ms) * time.Millisecond); math.Abs(got-want) > 0.1 {
			t.Errorf("%d ms: %.2f, want %v", ms, got, want)
		}
	}
}

func TestQualityIsScored(t *testing.T) {
	for _, c := range []struct {
		name    string
		quality Quality
		want    float64
	}{
		{"perfect", Quality{Codec: PCMU, Expected: 1000}, 4.41},
		{"a percent is lost", Quality{Codec: PCMA, Expected: 1000, Lost: 10}, 4.33},
		{"a percent is late", Quality{Codec: PCMA, Expected: 1000, Late: 10}, 4.33},
		{"a satellite", Quality{Codec: PCMA, Expected: 1000, RoundTrip: 600 * time.Millisecond}, 3.99},
		{"G.729", Quality{Codec: G729, Expected: 1000}, 4.1},
		{"all is lost", Quality{Codec: PCMA, Expected: 10, Lost: 100}, 1.1},
		{"nothing came", Quality{Codec: PCMA}, 0},
		{"wideband", Quality{Codec: Opus, Expected: 1000}, 0},
	} {
		if got := c.quality.MOS(); math.Abs(got-c.want) > 0.1 {
			t.Errorf("%s: %.2f, want %.2f", c.name, got, c.want)
		}
	}
}

// arrive lets packets of 20 ms come, each so long after the time at which it was sent.
func arrive(r *reception, delays map[uint16]time.Duration, order ...uint16) (arrivals []arrival) {
	for _, n := range order {
		p := rtp.Packet{Header: rtp.Header{SSRC: 1, SequenceNumber: n, Timestamp: uint32(n) * 160}}
		at := start.Add(time.Duration(n)*20*time.Millisecond + delays[n])
		arrivals = append(arrivals, r.hear(&p, PCMA, at))
	}
	return arrivals
}

func TestReceptionIsCounted(t *testing.T) {
	for _, c := range []struct {
		name   string
		order  []uint16
		delays map[uint16]time.Duration
		want   Quality
	}{
		{"in order", []uint16{1, 2, 3, 4}, nil, Quality{Expected: 4}},
		{"around zero", []uint16{65534, 65535, 0, 1}, nil, Quality{Expected: 4}},
		{"lost", []uint16{1, 2, 4, 7}, nil, Quality{Expected: 7, Lost: 3}},
		{"reordered", []uint16{1, 3, 2, 4}, nil, Quality{Expected: 4, Reordered: 1}},
		{"duplicated", []uint16{1, 2, 2, 2, 3}, nil, Quality{Expected: 3, Duplicated: 2}},
		{"lost and duplicated", []uint16{1, 2, 2, 4}, nil, Quality{Expected: 4, Lost: 1, Duplicated: 1}},
		{"a new run", []uint16{1, 3, 40000, 40002}, nil, Quality{Expected: 6, Lost: 2}},
		{"late", []uint16{1, 2, 3, 4}, map[uint16]time.Duration{3: 150 * time.Millisecond}, Quality{Expected: 4, Late: 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var r reception
			arrive(&r, c.delays, c.order...)
			got := r.quality()
			got.Jitter, got.MaxJitter = 0, 0
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestJitterIsThatOfRFC3550(t *testing.T) {
	var r reception
	var order []uint16
	delays := map[uint16]time.Duration{}
	for n := range uint16(200) {
		order = append(order, n)
		if n%2 == 1 {
			delays[n] = 8 * time.Millisecond
		}
	}
	arrive(&r, delays, order...)
	if q := r.quality(); q.Jitter < 7*time.Millisecond || q.Jitter > 8*time.Millisecond || q.MaxJitter < q.Jitter {
		t.Errorf("jitter %s, at most %s; want just below 8 ms", q.Jitter, q.MaxJitter)
	}
	if q := r.quality(); q.Late != 0 {
		t.Errorf("%d late", q.Late)
	}
}

func TestClockThatDriftsMakesNothingLate(t *testing.T) {
	var r reception
	var order []uint16
	delays := map[uint16]time.Duration{}
	for n := range uint16(2500) {
		order = append(order, n)
		delays[n] = time.Duration(n) * 200 * time.Microsecond // half a second in all
	}
	arrive(&r, delays, order...)
	if q := r.quality(); q.Late != 0 {
		t.Errorf("%d late", q.Late)
	}
}

func TestClockThatIsSetIsNoJitter(t *testing.T) {
	var r reception
	arrive(&r, nil, 1, 2, 3)
	for n := range uint16(5) {
		p := rtp.Packet{Header: rtp.Header{SSRC: 1, SequenceNumber: 4 + n, Timestamp: 1<<31 + uint32(n)*160}}
		r.hear(&p, PCMA, start.Add(time.Duration(4+n)*20*time.Millisecond))
	}
	if q := r.quality(); q.MaxJitter != 0 || q.Late != 0 {
		t.Errorf("%+v", q)
	}
}

func TestOldNumbers(t *testing.T) {
	var r reception
	arrive(&r, nil, 1000, 1001, 1002)
	for i, c := range []struct {
		sequence uint16
		want     arrival
	}{
		{1001, arrival{repeated: true}},
		{999, arrival{}},
		{900, arrival{repeated: true}}, // too old to know
		{1003, arrival{}},
		{901, arrival{repeated: true}}, // not in a row with the one before
		{800, arrival{repeated: true}},
		{801, arrival{anew: true}}, // the source counts from here now
		{802, arrival{}},
		{60000, arrival{anew: true}},
	} {
		if got := arrive(&r, nil, c.sequence)[0]; got != c.want {
			t.Errorf("packet %d, %d: %+v, want %+v", i, c.sequence, got, c.want)
		}
	}
}

func TestPeersReportIsHeard(t *testing.T) {
	x := talking(PCMA)
	x.ends[0].counters.Out.Packets = 500
	report := func(at time.Time, block rtcp.ReceptionReport) {
		block.SSRC = sourceA.SSRC
		x.hearReport(0, x.flow.Ends[0].RTCP, marshal(t, &rtcp.ReceiverReport{SSRC: 7, Reports: []rtcp.ReceptionReport{block}}), at)
	}
	sent := start.Add(time.Second)
	report(sent.Add(1250*time.Millisecond), rtcp.ReceptionReport{
		LastSequenceNumber: 65534 + 399, TotalLost: 20, Jitter: 80,
		LastSenderReport: uint32(sourceA.wallclock.at(sent) >> 16), Delay: 1 << 16,
	})
	want := Quality{
		Expected: 400, Lost: 20, Jitter: 10 * time.Millisecond, MaxJitter: 10 * time.Millisecond,
		RoundTrip: 250 * time.Millisecond, Codec: PCMA,
	}
	if diff := cmp.Diff(want, x.counters(0).Told); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	// What can't be is not believed.
	report(sent.Add(time.Minute), rtcp.ReceptionReport{LastSequenceNumber: 1, TotalLost: 1<<24 - 3, LastSenderReport: 1, Delay: 7})
	want.Expected, want.Lost, want.Jitter = 500, 0, 0
	if diff := cmp.Diff(want, x.counters(0).Told); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	report(sent.Add(time.Minute), rtcp.ReceptionReport{LastSequenceNumber: 65534, TotalLost: 1 << 20})
	if q := x.counters(0).Told; q.Lost > q.Expected {
		t.Errorf("%d lost of %d", q.Lost, q.Expected)
	}
}

func TestQuietPacketsAreCounted(t *testing.T) {
	l := newScene(t, talking(PCMA))
	for i, payload := range []string{"\xd5\xd5\x55\xd5", "\xd5\xd5\x54\xd5", "\x12\xd5", "\x55"} {
		l.mustSay(8, uint16(i), uint32(i), []byte(payload))
	}
	if got := l.x.counters(0).Quiet; got != 2 {
		t.Errorf("%d, want 2", got)
	}
}
