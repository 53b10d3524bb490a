// Package relay moves the packets of calls: it owns the ports, checks who speaks, rewrites
// what passes and counts the rest.
//
// It is told what to do by flows, which are plain values; it knows neither SDP nor calls.
// Two movers are here: Sockets, which moves packets between UDP sockets, and Mute, which
// hands out port numbers and moves nothing.
package relay
