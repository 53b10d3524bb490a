package relay

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/pion/rtcp"
)

func key(t testing.TB, suite Suite, seed byte) Key {
	t.Helper()
	k, err := NewKey(suite, bytes.Repeat([]byte{seed}, suite.Size()))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// secret is a peer's side of the crypto of its leg.
func secret(ours Crypt) *crypt {
	c := new(crypt)
	c.install(Crypt{In: ours.Out, Out: ours.In})
	return c
}

func room(b []byte) []byte { return append(make([]byte, 0, len(b)+cryptOverhead), b...) }

func (c *crypt) mustSeal(t testing.TB, b []byte) []byte {
	t.Helper()
	sealed, ok := c.seal(room(b))
	if !ok {
		t.Fatal("not sealed")
	}
	return sealed
}

func encrypted(t testing.TB, a, b Suite) (x *exchange, peers [2]*crypt) {
	x = talking(PCMA)
	for end, suite := range []Suite{a, b} {
		if suite != 0 {
			x.flow.Ends[end].Crypt = Crypt{In: key(t, suite, byte(end+1)), Out: key(t, suite, byte(end+17))}
		}
		peers[end] = secret(x.flow.Ends[end].Crypt)
	}
	x.install(x.flow, start)
	return x, peers
}

func TestLegsOfAnyCryptoAreBridged(t *testing.T) {
	for a := Suite(0); a < suites; a++ {
		for b := Suite(0); b < suites; b++ {
			t.Run(fmt.Sprintf("%s to %s", a, b), func(t *testing.T) {
				x, peers := encrypted(t, a, b)
				for i := range uint16(5) {
					in := peers[0].mustSeal(t, packet(t, 8, 65533+i, uint32(i)*160, 7, "the sound of speech"))
					out := make([]byte, maxDatagram+cryptOverhead)
					n, drop := x.pass(0, peerA, in, out, start)
					if drop != 0 {
						t.Fatalf("packet %d dropped: %s", i, drop)
					}
					if shown := bytes.Contains(out[:n], []byte("sound")); shown != (b == 0) {
						t.Errorf("in clear: %t", shown)
					}
					plain, ok := peers[1].open(out[:n])
					if !ok || string(plain[headerSize:]) != "the sound of speech" {
						t.Errorf("B hears %q, %t", plain, ok)
					}
				}
			})
		}
	}
}

func TestForgedPacketIsDropped(t *testing.T) {
	for suite := Suite(1); suite < suites; suite++ {
		x, peers := encrypted(t, suite, 0)
		out := make([]byte, maxDatagram+cryptOverhead)
		good := peers[0].mustSeal(t, packet(t, 8, 1, 1, 7, "sound"))
		for name, in := range map[string][]byte{
			"plain":          packet(t, 8, 1, 1, 7, "sound"),
			"another key":    secret(Crypt{In: key(t, suite, 99)}).mustSeal(t, packet(t, 8, 1, 1, 7, "sound")),
			"payload turned": turned(good, headerSize),
			"tag turned":     turned(good, len(good)-1),
			"sequence":       turned(good, 3),
			"cut":            good[:len(good)-1],
			"header only":    good[:headerSize],
		} {
			if _, drop := x.pass(0, peerA, room(in), out, start); drop != DropForged {
				t.Errorf("%s, %s: %s", suite, name, drop)
			}
		}
		if x.ends[0].heard.started {
			t.Errorf("%s: a forged packet was heard", suite)
		}
		if _, drop := x.pass(0, peerA, room(good), out, start); drop != 0 {
			t.Errorf("%s: the peer's own packet: %s", suite, drop)
		}
		if _, drop := x.pass(0, peerA, room(good), out, start); drop != DropForged {
			t.Errorf("%s: a copy: %s", suite, drop)
		}
	}
}

func turned(b []byte, i int) []byte {
	b = bytes.Clone(b)
	b[i] ^= 1
	return b
}

func TestKeysGoOnThroughANewFlow(t *testing.T) {
	x, peers := encrypted(t, AESGCM128, AESCM128SHA1x80)
	pass := func(sequence uint16) bool {
		out := make([]byte, maxDatagram+cryptOverhead)
		in := peers[0].mustSeal(t, packet(t, 8, sequence, 1, 7, "sound"))
		n, drop := x.pass(0, peerA, in, out, start)
		_, ok := peers[1].open(out[:n])
		return drop == 0 && ok
	}
	// The sequence comes round between the flows: only a context that goes on knows it.
	flow := x.flow
	for i, sequence := range []uint16{65530, 65535, 3} {
		if !pass(sequence) {
			t.Fatalf("packet %d does not pass", i)
		}
		x.install(Flow{Ends: [2]End{flow.Ends[0], {}}}, start)
		x.install(flow, start)
	}
}

func TestReportsAreEncrypted(t *testing.T) {
	for suite := Suite(1); suite < suites; suite++ {
		x, peers := encrypted(t, suite, 0)
		ours, _, err := x.report(0, make([]byte, largestSent), start)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(ours), sourceA.CNAME) {
			t.Errorf("%s: report in clear", suite)
		}
		plain, ok := peers[0].openReport(ours)
		if _, err := rtcp.Unmarshal(plain); !ok || err != nil {
			t.Errorf("%s: %t, %v", suite, ok, err)
		}
		theirs, err := peers[0].sealReport(marshal(t, &rtcp.ReceiverReport{SSRC: 7}))
		if err != nil {
			t.Fatal(err)
		}
		from := x.flow.Ends[0].RTCP
		x.hearReport(0, from, theirs, start)
		x.hearReport(0, from, theirs, start)
		x.hearReport(0, from, marshal(t, &rtcp.ReceiverReport{SSRC: 7}), start)
		if c := x.counters(0); c.ReportsIn != 1 || c.ReportsBad != 2 {
			t.Errorf("%s: %d reports heard, %d refused", suite, c.ReportsIn, c.ReportsBad)
		}
	}
}

func BenchmarkPassWithCrypto(b *testing.B) {
	for suite := Suite(1); suite < suites; suite++ {
		b.Run(suite.String(), func(b *testing.B) {
			x, peers := encrypted(b, suite, suite)
			out := make([]byte, maxDatagram+cryptOverhead)
			in := make([]byte, 0, maxDatagram+cryptOverhead)
			plain := packet(b, 8, 1, 1, 7, string(make([]byte, 160)))
			b.ReportAllocs()
			for i := range b.N {
				binary.BigEndian.PutUint16(plain[2:], uint16(i))
				in = append(in[:0], plain...)
				in, _ = peers[0].seal(in)
				x.pass(0, peerA, in, out, start.Add(time.Duration(i)*20*time.Millisecond))
			}
		})
	}
}

// Whoever has the key of a leg can't have us remember sources without end.
func TestSourcesOfAKeyAreBounded(t *testing.T) {
	for suite := Suite(1); suite < suites; suite++ {
		keys := Crypt{In: key(t, suite, 1), Out: key(t, suite, 2)}
		c, peer := new(crypt), secret(keys)
		c.install(keys)
		for ssrc := range uint32(2 * maxSources) {
			_, ok := c.open(peer.mustSeal(t, packet(t, 8, 1, 1, ssrc, "sound")))
			report, err := peer.sealReport(marshal(t, &rtcp.ReceiverReport{SSRC: ssrc}))
			if err != nil {
				t.Fatal(err)
			}
			_, reports := c.openReport(report)
			if want := ssrc < maxSources; ok != want || reports != want {
				t.Fatalf("%s: source %d: packets %t, reports %t", suite, ssrc, ok, reports)
			}
		}
		if _, ok := c.open(peer.mustSeal(t, packet(t, 8, 2, 1, 0, "sound"))); !ok {
			t.Errorf("%s: a known source is not heard any more", suite)
		}
	}
}
