package relay

import "time"

var movers = map[string]maker{"sockets": NewSockets, "epoll": NewEpoll, "epoll that spins": newSpinning}

func newSpinning(cfg Config) (*Switchboard, error) {
	cfg.Spin = 50 * time.Microsecond
	return NewEpoll(cfg)
}
