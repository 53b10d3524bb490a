package relay

// New makes the mover that is best on this system: on Linux, by epoll. It fails where the port
// range is unusable, or where nothing can be bound at the address.
func New(cfg Config) (*Switchboard, error) { return NewEpoll(cfg) }
