package demo

import (
	"math"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/pion/rtp"
)

const (
	sampleRate = 8000
	frame      = 160 // samples in 20 ms
	mu         = 255
)

// earpiece is a phone's sound: it plays a tone and listens.
type earpiece struct {
	conn net.PacketConn
	tone float64 // Hz
	ssrc uint32

	mu      sync.Mutex
	packets int
	samples []float64 // what was heard
	done    sync.WaitGroup
}

func newEarpiece(host string, tone float64, ssrc uint32) (*earpiece, error) {
	conn, err := net.ListenPacket("udp", net.JoinHostPort(host, "0"))
	if err != nil {
		return nil, err
	}
	e := &earpiece{conn: conn, tone: tone, ssrc: ssrc}
	e.done.Go(e.listen)
	return e, nil
}

func (e *earpiece) port() uint16 { return uint16(e.conn.LocalAddr().(*net.UDPAddr).Port) }

func (e *earpiece) close() {
	_ = e.conn.Close()
	e.done.Wait()
}

func (e *earpiece) listen() {
	buf := make([]byte, 1500)
	var packet rtp.Packet
	for {
		n, _, err := e.conn.ReadFrom(buf)
		if err != nil {
			return
		}
		if packet.Unmarshal(buf[:n]) == nil {
			e.hear(packet.Payload)
		}
	}
}

func (e *earpiece) hear(payload []byte) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.packets++
	for _, code := range payload {
		e.samples = append(e.samples, expand(code))
	}
}

// heard returns how many packets came since it was last asked, and which of
// the tones they were.
func (e *earpiece) heard(tones ...float64) (packets int, tone float64) {
	e.mu.Lock()
	defer e.mu.Unlock()
	best := 0.0
	for _, t := range tones {
		if p := power(e.samples, t); p > best {
			best, tone = p, t
		}
	}
	packets = e.packets
	e.packets, e.samples = 0, nil
	return packets, tone
}

// play sends the tone as G.711 mu-law, 20 ms a packet, for as many packets.
func (e *earpiece) play(to netip.AddrPort, packets int) {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	payload := make([]byte, frame)
	for n := range packets {
		for i := range payload {
			at := float64(n*frame+i) / sampleRate
			payload[i] = compress(0.5 * math.Sin(2*math.Pi*e.tone*at))
		}
		packet := rtp.Packet{Header: rtp.Header{Version: 2, SSRC: e.ssrc, SequenceNumber: uint16(n),
			Timestamp: uint32(n * frame)}, Payload: payload}
		if raw, err := packet.Marshal(); err == nil {
			_, _ = e.conn.WriteTo(raw, net.UDPAddrFromAddrPort(to))
		}
		<-tick.C
	}
}

// compress and expand are G.711 mu-law by its formula: 8 bits for a sample
// from -1 to 1.
func compress(x float64) byte {
	y := math.Log1p(mu*math.Abs(x)) / math.Log1p(mu)
	code := byte(min(int(y*128), 127))
	if x >= 0 {
		code |= 0x80
	}
	return code ^ 0x7f
}

func expand(code byte) float64 {
	code ^= 0x7f
	x := (math.Exp(float64(code&0x7f)/128*math.Log1p(mu)) - 1) / mu
	if code&0x80 == 0 {
		return -x
	}
	return x
}

// power is how strong a tone is in the samples (Goertzel).
func power(samples []float64, tone float64) float64 {
	w := 2 * math.Cos(2*math.Pi*tone/sampleRate)
	var s1, s2 float64
	for _, x := range samples {
		s1, s2 = x+w*s1-s2, s1
	}
	return s1*s1 + s2*s2 - w*s1*s2
}
