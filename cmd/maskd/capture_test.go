package main

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"maskd/sip/siptest"
)

// What a capture is searched for.

// rtpHeader is the size of the header that maskd may send: no CSRC list, no
// extension.
const rtpHeader = 12

// leaks are what the packets from maskd to the hosts say that the canary
// knows. Of RTP the header is searched: the payload is the audio, which is for
// the other side. An ICMP error quotes what the host itself has sent.
func leaks(packets []seen, maskd netip.Addr, hosts []netip.Addr, canary *siptest.Canary) (found []string) {
	streams := make(map[string][]byte)
	for _, p := range packets {
		if p.from.Addr() != maskd || !slices.Contains(hosts, p.to.Addr()) {
			continue
		}
		if p.stream != "" { // a secret may be cut by segments
			streams[p.stream] = append(streams[p.stream], p.payload...)
			continue
		}
		data := p.payload
		if p.has("rtp") {
			data = data[:rtpHeader]
		}
		for _, w := range canary.Find(data) {
			found = append(found, fmt.Sprintf("packet %d to %s, %s: %s", p.number, p.to, p.protocols, w))
		}
	}
	for stream, data := range streams {
		for _, w := range canary.Find(data) {
			found = append(found, fmt.Sprintf("TCP stream %s: %s", stream, w))
		}
	}
	return found
}

// strays are the packets that don't have maskd at one end.
func strays(packets []seen, maskd netip.Addr) (found []string) {
	for _, p := range packets {
		if p.from.Addr() != maskd && p.to.Addr() != maskd {
			found = append(found, fmt.Sprintf("packet %d from %s to %s", p.number, p.from, p.to))
		}
	}
	return found
}

// unclean are the packets of maskd that another parser finds fault with, that
// are no SIP, RTP or RTCP, and RTP whose header has more than it must have.
func unclean(packets []seen, maskd netip.Addr) (found []string) {
	for _, p := range packets {
		if p.from.Addr() != maskd || p.has("icmp") {
			continue
		}
		known := p.has("sip") || p.has("rtp") || p.has("rtcp")
		plain := !p.has("rtp") || p.payload[0] == 0x80 // RFC 3550 section 5.1: version 2, no P, X, CC
		if p.stream == "" && !known || !plain || known && p.faults != "" {
			found = append(found, fmt.Sprintf("packet %d to %s, %s: %s", p.number, p.to, p.protocols, p.faults))
		}
	}
	return found
}

// borrowed are the packets of RTP and RTCP that maskd sends as a source that
// is a carrier's. sipp names its own alike on both sides, so what a report
// says of the source that it reports on is no leak.
func borrowed(packets []seen, maskd netip.Addr) (found []string) {
	theirs := make(map[string]bool)
	for _, p := range packets {
		if p.from.Addr() != maskd && p.source() != "" {
			theirs[p.source()] = true
		}
	}
	for _, p := range packets {
		if p.from.Addr() == maskd && theirs[p.source()] {
			found = append(found, fmt.Sprintf("packet %d to %s, %s: the SSRC", p.number, p.to, p.protocols))
		}
	}
	return found
}

// source returns the four bytes of the SSRC, "" for what has none.
func (p seen) source() string {
	switch {
	case p.has("icmp"):
		return ""
	case p.has("rtp"):
		return string(p.payload[8:12])
	case p.has("rtcp"):
		return string(p.payload[4:8])
	default:
		return ""
	}
}

// ports are those of a stream of packets. maskd's is of one leg of one call:
// it rests after it.
type ports struct{ from, to uint16 }

// heard returns the payloads of RTP from one host to the other, in the order
// of the wire, stream by stream.
func heard(packets []seen, from, to netip.Addr) map[ports][][]byte {
	sound := make(map[ports][][]byte)
	for _, p := range sent(packets, from, to) {
		if p.has("rtp") {
			on := ports{p.from.Port(), p.to.Port()}
			sound[on] = append(sound[on], p.payload[rtpHeader:])
		}
	}
	return sound
}

// until returns the packets before the first SIP message that begins so
// between the hosts.
func until(packets []seen, start string, hosts ...netip.Addr) []seen {
	i := slices.IndexFunc(packets, func(p seen) bool { return p.begins(start, hosts) })
	if i < 0 {
		return packets
	}
	return packets[:i]
}

func (p seen) begins(start string, hosts []netip.Addr) bool {
	return strings.HasPrefix(p.sip, start) && slices.Contains(hosts, p.from.Addr()) && slices.Contains(hosts, p.to.Addr())
}

// sent returns what was sent from one host to the other.
func sent(packets []seen, from, to netip.Addr) []seen {
	return slices.DeleteFunc(slices.Clone(packets), func(p seen) bool {
		return p.from.Addr() != from || p.to.Addr() != to || p.has("icmp")
	})
}
