package relay

var movers = map[string]maker{"sockets": NewSockets, "epoll": NewEpoll}
