package relay

import "time"

var movers = map[string]maker{"sockets": NewSockets, "epoll": NewEpoll, "epoll that spins": newSpinning, "epoll in places of its own": newKeeping}

func newSpinning(cfg Config) (*Switchboard, error) {
	cfg.Spin = 50 * time.Microsecond
	return NewEpoll(cfg)
}

func newKeeping(cfg Config) (*Switchboard, error) {
	cfg.OwnPlaces = true
	return NewEpoll(cfg)
}
