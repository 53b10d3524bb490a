package relay

import (
	"net/netip"
	"time"

	"golang.org/x/sys/unix"
)

// NewEpoll makes a mover of some threads, each of which waits for all of its circuits' sockets at
// once. It needs no privileges. It fails where the port range is unusable, or where nothing can
// be bound at the address.
func NewEpoll(cfg Config) (*Switchboard, error) {
	cfg = cfg.withDefaults()
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	e := &epoll{dscp: cfg.DSCP}
	if err := hosts(cfg.Listen).probe(e.bindPort); err != nil {
		return nil, err
	}
	for range cfg.Workers {
		w, err := newWorker(cfg)
		if err != nil {
			e.close()
			return nil, err
		}
		e.crew = append(e.crew, w)
	}
	return newSwitchboard(cfg, e)
}

// epoll is a carrier whose circuits are spread over its workers.
type epoll struct {
	dscp uint8
	crew []*worker
}

func (e *epoll) bind(addr netip.Addr, port uint16) (pair, error) {
	return bindPair(addr, port, e.bindPort)
}

func (e *epoll) bindPort(addr netip.Addr, port uint16) (socket, error) {
	return openPort(addr, port, e.dscp)
}

func (e *epoll) workers() int { return len(e.crew) }

// elsewhere is how many descriptors are enough for all that is no media port.
const elsewhere = 1024

// keeps leaves those descriptors to the rest of the process, or an eighth where the system lets us have few.
func (e *epoll) keeps() int {
	var limit unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_NOFILE, &limit) != nil {
		return 0
	}
	const inAPair = 2
	return int(min(mostOpen, (limit.Cur-min(limit.Cur/8, elsewhere))/inAPair))
}

// discard has a worker forget the ports before they are closed, because others may get their descriptors.
func (e *epoll) discard(p pair) {
	if p.berth.worker != ashore {
		w := e.crew[p.berth.worker]
		w.do(order{act: func(*circuit, time.Time) { w.forget(p.rtp.(*port), p.rtcp.(*port)) }})
	}
	p.close()
}

// start gives both legs of a circuit to one worker.
func (e *epoll) start(c *circuit, worker int) (line, error) {
	for end := range c.pairs {
		c.pairs[end].berth.worker = worker
	}
	return e.crew[worker].start(c)
}

func (e *epoll) close() {
	for _, w := range e.crew {
		w.close()
	}
}
