// Package relay moves the packets of calls: it owns the ports, checks who speaks, rewrites
// what passes and counts the rest.
//
// It is told what to do by flows, which are plain values; it knows neither SDP nor calls. A
// Switchboard keeps the circuits of two ends each. An exchange, which is a circuit without its
// sockets, decides on every packet; a carrier has the packets arrive and leave: by epoll on
// Linux, with a goroutine for each socket elsewhere. Mute hands out port numbers and moves nothing.
package relay
