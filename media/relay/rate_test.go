package relay

import (
	"testing"
	"time"
)

func TestRateOfPackets(t *testing.T) {
	for name, c := range map[string]struct {
		every    time.Duration // between packets
		packets  int
		from, to int // how many are admitted
	}{
		"20 ms":                   {20 * time.Millisecond, 10000, 10000, 10000},
		"10 ms":                   {10 * time.Millisecond, 10000, 10000, 10000},
		"10 ms with events":       {5 * time.Millisecond, 10000, 10000, 10000},
		"1 ms for a moment":       {time.Millisecond, 400, 400, 400},
		"1 ms for good":           {time.Millisecond, 10000, 3200, 3400},
		"all at once":             {0, 10000, 300, 301},
		"what was held up for 3s": {0, 300, 300, 300},
	} {
		var r rate
		now, admitted := start, 0
		for range c.packets {
			if r.admitPacket(now) {
				admitted++
			}
			now = now.Add(c.every)
		}
		if admitted < c.from || admitted > c.to {
			t.Errorf("%s: %d of %d admitted, want %d to %d", name, admitted, c.packets, c.from, c.to)
		}
	}
}

func TestRateIsForgottenInSilence(t *testing.T) {
	var r rate
	for range 400 {
		r.admitPacket(start)
	}
	if r.admitPacket(start) || !r.admitPacket(start.Add(packetBurst)) {
		t.Error("after a burst and a second's silence a packet must pass, and not before")
	}
}

// A peer that wants to receive 60 ms may well send 10.
func TestPeerChoosesItsPacketizationTime(t *testing.T) {
	x, out := talking(PCMA), make([]byte, largestSent)
	x.flow.Ends[0].PTime = 60 * time.Millisecond
	x.install(x.flow, start)
	for i := range uint16(6000) {
		now := start.Add(time.Duration(i) * 10 * time.Millisecond)
		if _, drop := x.pass(0, peerA, packet(t, 8, i, 80*uint32(i), 1, "sound"), out, now); drop != 0 {
			t.Fatalf("packet %d: %s", i, drop)
		}
	}
}

func TestFloodOfReportsIsDropped(t *testing.T) {
	x, peers := encrypted(t, AESGCM128, 0)
	from, now := x.flow.Ends[0].RTCP, start
	for i := range 1000 {
		report, err := peers[0].sealReport(marshal(t, (Source{SSRC: 1}).description()))
		if err != nil {
			t.Fatal(err)
		}
		x.hearReport(0, from, report, now)
		if i >= 500 { // a pause lets it go on
			now = start.Add(time.Minute)
		}
	}
	if c := x.counters(0); c.ReportsIn != 20 || c.RTCPDropped != 980 {
		t.Errorf("%d heard, %d dropped", c.ReportsIn, c.RTCPDropped)
	}
}

// What a flood of the peer's own address holds is not even tried to be decrypted.
func TestFloodIsNotDecrypted(t *testing.T) {
	x, peers := encrypted(t, AESCM128SHA1x80, 0)
	out := make([]byte, largestSent)
	forged := 0
	for range 1000 {
		if _, drop := x.pass(0, peerA, packet(t, 8, 1, 1, 1, "a forged sound that is long"), out, start); drop == DropForged {
			forged++
		}
	}
	if forged > 301 {
		t.Errorf("%d packets were decrypted at once", forged)
	}
	in := peers[0].mustSeal(t, packet(t, 8, 1, 1, 7, "sound"))
	if _, drop := x.pass(0, peerA, in, out, start.Add(time.Second)); drop != 0 {
		t.Errorf("the peer: %s", drop)
	}
}

// Whoever tries his luck where a peer is not found yet uses up nothing of what the peer may send.
func TestFloodBeforeTheLockCostsThePeerNothing(t *testing.T) {
	x, peers := encrypted(t, AESCM128SHA1x80, 0)
	x.flow.Ends[0].NAT = true
	x.install(x.flow, start)
	out := make([]byte, largestSent)
	for range 1000 {
		x.pass(0, peerA, packet(t, 8, 1, 1, 1, "a forged sound that is long"), out, start)
	}
	in := peers[0].mustSeal(t, packet(t, 8, 1, 1, 7, "sound"))
	if _, drop := x.pass(0, peerA, in, out, start); drop != 0 {
		t.Errorf("the peer: %s", drop)
	}
}

func TestFloodOfKeysIsNotTold(t *testing.T) {
	l := newScene(t, talking(PCMA))
	told := 0
	for i := range uint16(200) {
		l.say(101, i, 80*uint32(i), event(5, true, 0, 80))
		told += len(l.events())
		l.wait(10 * time.Millisecond)
	}
	if c := l.x.counters(0); c.Digits != 200 || c.DigitsUntold != 200-uint64(told) {
		t.Errorf("%d told, %+v", told, c)
	}
	if told < 55 || told > 65 { // 20 at once, and 20 in each of two seconds
		t.Errorf("%d of 200 keys in two seconds are told", told)
	}
}
