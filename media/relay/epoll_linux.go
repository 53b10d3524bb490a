package relay

import "net/netip"

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
		w, err := newWorker(cfg.Now, cfg.Spin)
		if err != nil {
			e.close()
			return nil, err
		}
		e.workers = append(e.workers, w)
	}
	return newSwitchboard(cfg, e)
}

// epoll is a carrier whose circuits are spread over its workers.
type epoll struct {
	dscp    uint8
	workers []*worker
}

func (e *epoll) bind(addr netip.Addr, port uint16) (pair, error) {
	return bindPair(addr, port, e.bindPort)
}

func (e *epoll) bindPort(addr netip.Addr, port uint16) (socket, error) {
	return openPort(addr, port, e.dscp)
}

// start gives both legs of a circuit to one worker, in turn.
func (e *epoll) start(c *circuit) (line, error) {
	return e.workers[c.id%uint64(len(e.workers))].start(c)
}

func (e *epoll) close() {
	for _, w := range e.workers {
		w.close()
	}
}
