//go:build linux

package main

import (
	"net/netip"
	"os"
	"runtime/debug"
	"time"

	"maskd/media"
)

// moveOurs is our mover with sessions as a call has them: negotiated by SDP in A-law with key presses, and
// with every check and rewrite.
func (p plan) moveOurs(t task) (offer, error) {
	engine, err := media.NewSockets(media.Config{
		Listen: []netip.Addr{t.Listen}, Ports: media.PortRange{First: 20000, Last: 29999}, Rest: rest, Spin: p.spin,
	})
	if err != nil {
		return offer{}, err
	}
	var o offer
	if o.SetUp, err = setUp(engine, t.Calls[0]); err != nil {
		return offer{}, err
	}
	time.Sleep(rest)
	if o.Again, err = setUp(engine, t.Calls[0]); err != nil {
		return offer{}, err
	}
	o.BytesBefore = settled()
	for _, call := range t.Calls {
		_, ports, err := open(engine, call)
		if err != nil {
			return offer{}, err
		}
		o.To = append(o.To, [2]netip.AddrPort{netip.AddrPortFrom(t.Listen, ports[0]), netip.AddrPortFrom(t.Listen, ports[1])})
	}
	o.BytesIdle = settled()
	return o, nil
}

// rest of a port is shorter than any day's, so that it is not waited for: it ends before the sockets that were
// made first are used again, and not while they are being made.
const rest = 2 * time.Second

// open makes a session as a call does: A offers, B is offered and answers, A is answered. It tells the
// port that each of them is to send to.
func open(engine *media.Engine, call [2]netip.AddrPort) (s *media.Session, ports [2]uint16, err error) {
	if s, err = engine.Open(media.Options{}); err != nil {
		return nil, ports, err
	}
	if err := s.Receive(media.A, []byte(sdp(call[0]))); err != nil {
		return nil, ports, err
	}
	offer := s.Offer(media.B)
	if err := s.Accept(media.B, []byte(sdp(call[1]))); err != nil {
		return nil, ports, err
	}
	answer, err := s.Answer(media.A)
	if err != nil {
		return nil, ports, err
	}
	s.Bridge()
	if ports[0], err = audioPort(string(answer)); err != nil {
		return nil, ports, err
	}
	ports[1], err = audioPort(string(offer))
	return s, ports, err
}

// setUp is the mean of many calls, in microseconds.
func setUp(engine *media.Engine, call [2]netip.AddrPort) (float64, error) {
	const calls = 500
	start := time.Now()
	for range calls {
		s, _, err := open(engine, call)
		if err != nil {
			return 0, err
		}
		s.Close()
	}
	return float64(time.Since(start).Microseconds()) / calls, nil
}

// settled is what this process keeps in memory when all that can be given back is.
func settled() uint64 {
	debug.FreeOSMemory()
	return memory(os.Getpid())
}
