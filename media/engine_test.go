package media

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/rtp"

	"maskd/media/relay"
	"maskd/media/sound"
)

// patience bounds a wait for what must come.
const patience = 20 * time.Second

func listening(t testing.TB, host string, ports PortRange) *Engine {
	t.Helper()
	engine, err := NewSockets(Config{Listen: addrs(host), Ports: ports})
	must(t, err)
	t.Cleanup(engine.Close)
	return engine
}

func TestCallOverRealSockets(t *testing.T) {
	const host = "127.22.0.1"
	engine := listening(t, host, PortRange{First: 20000, Last: 20099})
	s, err := engine.Open(Options{})
	must(t, err)
	a, b := phone(t, host), phone(t, host)
	must(t, s.Receive(A, offerOf(a, "8")))
	toB := portIn(t, s.Offer(B))
	must(t, s.Accept(B, offerOf(b, "0")))
	answer, err := s.Answer(A)
	must(t, err)
	toA := portIn(t, answer)
	s.Bridge()

	for i := range uint16(20) {
		send(t, a, toA, 8, i, "\xd5\xd5")
		send(t, b, toB, 0, i, "\xff\xff")
		if got := hear(t, b); got.PayloadType != 0 || string(got.Payload) != "\xfe\xfe" {
			t.Errorf("B heard %d %x", got.PayloadType, got.Payload)
		}
		if got := hear(t, a); got.PayloadType != 8 || string(got.Payload) != "\x55\x55" {
			t.Errorf("A heard %d %x", got.PayloadType, got.Payload)
		}
	}
	stats := s.Close()
	want := relay.Traffic{Packets: 20, Bytes: 20 * 14}
	for _, leg := range []Leg{A, B} {
		if got := stats.Leg(leg); got.In != want || got.Out != want || got.Sources != 1 {
			t.Errorf("leg %s: %+v", leg, got)
		}
	}
}

func TestPortsAreThoseOfTheSDP(t *testing.T) {
	engine := listening(t, "127.22.0.2", PortRange{First: 20000, Last: 20099})
	s, err := engine.Open(Options{})
	must(t, err)
	for _, leg := range []Leg{A, B} {
		at := portIn(t, s.Offer(leg))
		for _, port := range []uint16{at.Port(), at.Port() + 1} {
			conn, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(at.Addr(), port)))
			if err == nil {
				conn.Close()
				t.Errorf("leg %s: port %d is not bound", leg, port)
			}
		}
	}
}

func TestEngineRunsOutOfPorts(t *testing.T) {
	engine := listening(t, "127.22.0.3", PortRange{First: 20000, Last: 20007})
	var open []*Session
	for range 2 {
		s, err := engine.Open(Options{})
		must(t, err)
		open = append(open, s)
	}
	if _, err := engine.Open(Options{}); !errors.Is(err, ErrNoPorts) {
		t.Errorf("third call: %v, want ErrNoPorts", err)
	}
	open[0].Close()
	if _, err := engine.Open(Options{}); !errors.Is(err, ErrNoPorts) {
		t.Errorf("call on ports at rest: %v, want ErrNoPorts", err)
	}
	if got, want := engine.Usage(), (relay.Usage{Resting: 2, Used: 2}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

// Close comes while calls open, negotiate and end. goleak sees to it that nothing is left.
func TestEngineClosesUnderLoad(t *testing.T) {
	engine := listening(t, "127.22.0.4", PortRange{First: 20000, Last: 29999})
	var calls sync.WaitGroup
	opened := make(chan struct{}, 8)
	for i := range 8 {
		calls.Go(func() {
			for n := 0; ; n++ {
				s, err := engine.Open(Options{})
				if n == 0 {
					opened <- struct{}{}
				}
				if err != nil {
					if !errors.Is(err, ErrClosed) {
						t.Errorf("open: %v", err)
					}
					return
				}
				_ = s.Receive(A, aLaw)
				_, _ = s.Answer(A)
				s.Bridge()
				if (i+n)%2 == 0 {
					s.Cut()
					s.Close()
				}
			}
		})
	}
	for range 8 {
		<-opened
	}
	engine.Close()
	calls.Wait()
	if _, err := engine.Open(Options{}); !errors.Is(err, ErrClosed) {
		t.Errorf("%v, want ErrClosed", err)
	}
}

func TestClosedMoverIsAClosedEngine(t *testing.T) {
	mover := relay.NewMute(fixed().Ports)
	mover.Close()
	if _, err := New(fixed(), mover).Open(Options{}); !errors.Is(err, ErrClosed) {
		t.Errorf("%v, want ErrClosed", err)
	}
}

func TestMuteEngineLivesInFakeTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		engine := NewMute(fixed())
		s, err := engine.Open(Options{})
		must(t, err)
		talk(t, s, aLaw, muLaw)
		s.Bridge()
		time.Sleep(time.Hour)
		s.Cut()
		if got := s.Close(); got != (Stats{}) {
			t.Errorf("%+v passed", got)
		}
		engine.Close()
	})
}

func TestSameRandomnessSameSDP(t *testing.T) {
	first, _ := muted(t)
	second, _ := muted(t)
	for _, leg := range []Leg{A, B} {
		if !bytes.Equal(first.Offer(leg), second.Offer(leg)) {
			t.Errorf("leg %s differs", leg)
		}
	}
	if bytes.Equal(bytes.ReplaceAll(first.Offer(B), []byte("20002"), []byte("20000")), first.Offer(A)) {
		t.Error("the legs have the same identity")
	}
}

func TestConfigSaysWhatIsWrong(t *testing.T) {
	base := func(change func(*Config)) Config {
		c := Config{Listen: addrs("127.0.0.1"), Ports: PortRange{First: 20000, Last: 29999}}
		change(&c)
		return c
	}
	for _, c := range []struct {
		want string
		cfg  Config
	}{
		{"", base(func(*Config) {})},
		{"", base(func(c *Config) {
			c.Listen, c.Advertise = addrs("0.0.0.0"), addrs("192.0.2.1")
		})},
		{"media listen: an IP address", base(func(c *Config) { c.Listen = nil })},
		{"media advertise: an address that peers", base(func(c *Config) { c.Listen = addrs("0.0.0.0") })},
		{"media advertise: 224.0.0.1 is", base(func(c *Config) { c.Advertise = addrs("224.0.0.1") })},
		{"media advertise: ::1 can't", base(func(c *Config) { c.Advertise = addrs("::1") })},
		{"", base(func(c *Config) { c.Listen, c.Advertise = addrs("127.0.0.1", "::"), addrs("2001:db8::5") })},
		{"media listen: 127.0.0.2 is a second address of IPv4", base(func(c *Config) { c.Listen = addrs("127.0.0.1", "::1", "127.0.0.2") })},
		{"media listen: an IP address", base(func(c *Config) { c.Listen = append(c.Listen, netip.Addr{}) })},
		{"media advertise: an address that peers", base(func(c *Config) { c.Listen, c.Advertise = addrs("0.0.0.0", "::"), addrs("192.0.2.1") })},
		{"media advertise: 192.0.2.2 is a second address of IPv4", base(func(c *Config) { c.Advertise = addrs("192.0.2.1", "192.0.2.2") })},
		{"media rest: -1s", base(func(c *Config) { c.Rest = -time.Second })},
		{"media silence: -1s", base(func(c *Config) { c.Silence = -time.Second })},
		{"media dscp: 64 is more than 63", base(func(c *Config) { c.DSCP = 64 })},
		{"media spin: 2ms", base(func(c *Config) { c.Spin = 2 * time.Millisecond })},
		{"media workers: -1", base(func(c *Config) { c.Workers = -1 })},
		{"media ports: port range 20000-20001: too small", base(func(c *Config) { c.Ports.Last = 20001 })},
	} {
		err := c.cfg.Validate()
		if (err == nil) != (c.want == "") || err != nil && !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%v, want %q", err, c.want)
		}
	}
}

// BenchmarkSession is all that a call asks of its sound: both legs negotiated, the caller hearing a ringback in
// between, the bridge, the cut.
func BenchmarkSession(b *testing.B) {
	engine, err := NewSockets(Config{Listen: addrs("127.22.0.5"), Ports: PortRange{First: 20000, Last: 29999}, Rest: 1})
	must(b, err)
	defer engine.Close()
	ringback := sound.Ringback().Prompt()
	here := sdpOf("127.22.0.5", "audio 4000 RTP/AVP 8 101", "a=rtpmap:101 telephone-event/8000")
	b.ReportAllocs()
	for b.Loop() {
		offer, err := engine.Read(here, LegOptions{})
		must(b, err)
		s, err := engine.Open(Options{})
		must(b, err)
		must(b, s.Take(A, offer))
		_, err = s.Answer(A)
		must(b, err)
		must(b, s.Play(A, ringback, true))
		s.Offer(B)
		must(b, s.Accept(B, here))
		s.StopPlaying(A)
		s.Bridge()
		s.Cut()
		s.Close()
	}
}

func phone(t *testing.T, host string) *net.UDPConn {
	t.Helper()
	conn, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(netip.MustParseAddr(host), 0)))
	must(t, err)
	t.Cleanup(func() { conn.Close() })
	must(t, conn.SetReadDeadline(time.Now().Add(patience)))
	return conn
}

func offerOf(conn *net.UDPConn, number string) []byte {
	at := conn.LocalAddr().(*net.UDPAddr)
	return sdpOf(at.IP.String(), fmt.Sprintf("audio %d RTP/AVP %s", at.Port, number))
}

// portIn is where a description of ours wants the sound.
func portIn(t *testing.T, body []byte) netip.AddrPort {
	t.Helper()
	d, err := terms{reach: Config{Listen: addrs("127.0.0.1", "::1")}.reach(), codecs: wide, srtp: SRTPOptional, mux: true}.read(body)
	must(t, err)
	return d.rtp
}

func send(t *testing.T, from *net.UDPConn, to netip.AddrPort, number uint8, sequence uint16, payload string) {
	t.Helper()
	p := rtp.Packet{Header: rtp.Header{Version: 2, PayloadType: number, SequenceNumber: sequence, SSRC: 1}, Payload: []byte(payload)}
	b, err := p.Marshal()
	must(t, err)
	_, err = from.WriteToUDPAddrPort(b, to)
	must(t, err)
}

func hear(t *testing.T, conn *net.UDPConn) (p rtp.Packet) {
	t.Helper()
	b := make([]byte, 2000)
	n, err := conn.Read(b)
	must(t, err)
	must(t, p.Unmarshal(b[:n]))
	return p
}
