package main

import (
	"math/rand/v2"
	"net"
	"net/netip"
	"sync"
	"testing"
	"time"
)

// weather is a bad stretch of network between maskd and a carrier: at the
// carrier's address it takes what either sends, loses some of it, and passes
// the rest on late. It is what netem would do, on every kernel and without root.
type weather struct {
	conn         *net.UDPConn
	maskd, phone netip.AddrPort
	loss         float64
	jitter       time.Duration
	dice         *rand.Rand // the reader's
	late         sync.WaitGroup
}

// weather makes the stretch between maskd and the phone at the host.
func (s *site) weather(t *testing.T, host, phone netip.Addr, loss float64, jitter time.Duration) {
	t.Helper()
	w := &weather{conn: bind(t, host), maskd: netip.AddrPortFrom(s.addr(1), 5060), phone: netip.AddrPortFrom(phone, 5060),
		loss: loss, jitter: jitter, dice: rand.New(rand.NewPCG(uint64(host.As4()[3]), 1))}
	_ = w.conn.SetReadBuffer(4 << 20) // what is lost is our choice
	var reading sync.WaitGroup
	t.Cleanup(w.late.Wait)
	t.Cleanup(reading.Wait)
	t.Cleanup(func() { _ = w.conn.Close() })
	reading.Go(w.blow)
}

// blow passes packets on until the socket is closed.
func (w *weather) blow() {
	for data := make([]byte, 1<<16); ; {
		n, from, err := w.conn.ReadFromUDPAddrPort(data)
		if err != nil {
			return
		}
		to := w.maskd
		if from.Addr() == w.maskd.Addr() {
			to = w.phone
		}
		if w.dice.Float64() < w.loss {
			continue
		}
		packet := append([]byte(nil), data[:n]...)
		w.late.Add(1)
		time.AfterFunc(time.Duration(w.dice.Int64N(int64(w.jitter))), func() {
			defer w.late.Done()
			_, _ = w.conn.WriteToUDPAddrPort(packet, to)
		})
	}
}
