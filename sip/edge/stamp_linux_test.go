package edge

import (
	"net"
	"testing"
	"time"
)

func TestWhatADatagramHasWaitedIsBelievedWithinReason(t *testing.T) {
	now := time.Unix(1000, 0)
	for _, row := range []struct {
		stamp time.Time
		want  time.Duration
	}{
		{now, 0},
		{now.Add(-30 * time.Millisecond), 30 * time.Millisecond},
		{now.Add(time.Second), 0}, // the clock was set back
		{now.Add(-time.Hour), 0},  // and forward
	} {
		if got := waited(row.stamp, now); got != row.want {
			t.Errorf("stamped %s ago: waited %s, want %s", now.Sub(row.stamp), got, row.want)
		}
	}
}

// What waits in the socket is as old as its arrival there, not as our reading.
func TestADatagramIsStampedWhenItArrives(t *testing.T) {
	plain, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer plain.Close()
	l := &listener{packets: datagramsOf(plain)}
	from, err := net.Dial("udp", plain.LocalAddr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer from.Close()
	// aged reads a datagram that has waited for so long, and returns how old it seems.
	aged := func(rest time.Duration) time.Duration {
		if _, err := from.Write([]byte("x")); err != nil {
			t.Fatal(err)
		}
		time.Sleep(rest)
		n, peer, err := l.packets.ReadFromUDPAddrPort(make([]byte, 9))
		if err != nil || n != 1 || peer.String() != from.LocalAddr().String() {
			t.Fatalf("%d bytes from %v: %v", n, peer, err)
		}
		return time.Since(l.arrival())
	}
	// The kernel begins to stamp a moment after the first socket has asked for it.
	for tries := 0; aged(time.Millisecond) < time.Millisecond; tries++ {
		if tries == 1000 {
			t.Fatal("nothing is stamped")
		}
	}
	const rest = 50 * time.Millisecond
	for range 2 { // the second time the peer is known
		if age := aged(rest); age < rest {
			t.Errorf("it has waited %s and seems %s old", rest, age)
		}
	}
}
