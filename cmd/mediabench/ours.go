//go:build linux

package main

import (
	"net/netip"
	"os"
	"runtime/debug"
	"time"

	"maskd/media/relay"
)

// moveOurs is our mover, with every check and rewrite of a call in A-law with key presses.
func (p plan) moveOurs(t task) (offer, error) {
	mover, err := relay.New(relay.Config{Listen: t.Listen, Ports: relay.PortRange{First: 20000, Last: 29999}, Spin: p.spin})
	if err != nil {
		return offer{}, err
	}
	var o offer
	if o.SetUp, err = setUp(mover, t.Calls[0]); err != nil {
		return offer{}, err
	}
	o.BytesBefore = settled()
	for _, call := range t.Calls {
		id, err := open(mover, call)
		if err != nil {
			return offer{}, err
		}
		o.To = append(o.To, [2]netip.AddrPort{
			netip.AddrPortFrom(t.Listen, id.Ports[0]), netip.AddrPortFrom(t.Listen, id.Ports[1]),
		})
	}
	o.BytesIdle = settled()
	return o, nil
}

func open(mover *relay.Switchboard, call [2]netip.AddrPort) (relay.Circuit, error) {
	sources := [2]relay.Source{{SSRC: 1, CNAME: "one"}, {SSRC: 2, CNAME: "two"}}
	id, err := mover.Reserve(sources)
	if err != nil {
		return id, err
	}
	mover.Install(id, relay.Flow{Ends: [2]relay.End{end(call[0]), end(call[1])}})
	return id, nil
}

// end is a phone. Its packets are of 10 ms, so that 500 calls may send three times what they do
// at 20 ms, and six times.
func end(phone netip.AddrPort) relay.End {
	e := relay.End{
		RTP: phone, RTCP: netip.AddrPortFrom(phone.Addr(), phone.Port()+1), PTime: 10 * time.Millisecond,
		Speaks: true, Listens: true, Audio: relay.PCMA,
	}
	e.Takes[8], e.Takes[101] = relay.PCMA, relay.TelephoneEvent
	e.Accepts = e.Accepts.With(relay.PCMA).With(relay.TelephoneEvent)
	e.Types[relay.PCMA], e.Types[relay.TelephoneEvent] = 8, 101
	return e
}

// setUp is the mean of many calls, in microseconds.
func setUp(mover *relay.Switchboard, call [2]netip.AddrPort) (float64, error) {
	const calls = 500
	start := time.Now()
	for range calls {
		id, err := open(mover, call)
		if err != nil {
			return 0, err
		}
		mover.Release(id)
	}
	return float64(time.Since(start).Microseconds()) / calls, nil
}

// settled is what this process keeps in memory when all that can be given back is.
func settled() uint64 {
	debug.FreeOSMemory()
	return memory(os.Getpid())
}
