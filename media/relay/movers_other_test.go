//go:build !linux

package relay

var movers = map[string]maker{"sockets": NewSockets}
