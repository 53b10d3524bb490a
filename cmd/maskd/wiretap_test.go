package main

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"os"
	"testing"
)

// frame is what a capture holds of a packet.
type frame struct {
	from, to netip.AddrPort
	protocol byte // 1 ICMP, 6 TCP, 17 UDP, 58 ICMPv6
	payload  []byte
}

// frames ends the capture and returns its packets, undecoded: tshark would take
// minutes for so many.
func (w *witness) frames(t *testing.T) []frame {
	t.Helper()
	if err := w.command.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := w.command.Wait(); err != nil {
		t.Fatalf("dumpcap: %v\n%s", err, &w.said)
	}
	file, err := os.ReadFile(w.file)
	if err != nil {
		t.Fatal(err)
	}
	packets, err := framesOf(file)
	if err != nil {
		t.Fatal(err)
	}
	return packets
}

// framesOf reads a pcapng file of one Ethernet interface, of this machine's byte order, as
// far as it is whole.
func framesOf(file []byte) (packets []frame, err error) {
	const enhancedPacket, header = 6, 28
	for len(file) >= 12 {
		kind, size := binary.NativeEndian.Uint32(file), int(binary.NativeEndian.Uint32(file[4:]))
		if size < 12 || size > len(file) {
			return packets, fmt.Errorf("a block of %d bytes, with %d left", size, len(file))
		}
		if kind == enhancedPacket {
			length := int(binary.NativeEndian.Uint32(file[20:]))
			if p, ok := frameOf(file[header : header+length]); ok {
				packets = append(packets, p)
			}
		}
		file = file[size:]
	}
	return packets, nil
}

// frameOf reads an Ethernet frame; false if it holds no IP.
func frameOf(data []byte) (p frame, ok bool) {
	const ethernet = 14
	if len(data) < ethernet {
		return p, false
	}
	if p, ok = packetOf(binary.BigEndian.Uint16(data[12:]), data[ethernet:]); !ok {
		return p, false
	}
	head := map[byte]int{tcp: 20, udp: 8}[p.protocol]
	if head == 0 || len(p.payload) < head {
		return p, true
	}
	p.from = netip.AddrPortFrom(p.from.Addr(), binary.BigEndian.Uint16(p.payload))
	p.to = netip.AddrPortFrom(p.to.Addr(), binary.BigEndian.Uint16(p.payload[2:]))
	if p.protocol == tcp {
		head = 4 * int(p.payload[12]>>4)
	}
	p.payload = p.payload[head:]
	return p, true
}

// packetOf reads a packet of IPv4, or of IPv6 without extension headers, and whatever it
// carries; false if it is neither.
func packetOf(etherType uint16, ip []byte) (p frame, ok bool) {
	const (
		ipv4, ipv6           = 0x0800, 0x86dd
		smallest4, smallest6 = 20, 40
	)
	switch {
	case etherType == ipv4 && len(ip) >= smallest4:
		ip = ip[:min(len(ip), int(binary.BigEndian.Uint16(ip[2:])))]
		p.protocol, p.payload = ip[9], ip[4*int(ip[0]&15):]
		p.from = netip.AddrPortFrom(netip.AddrFrom4([4]byte(ip[12:16])), 0)
		p.to = netip.AddrPortFrom(netip.AddrFrom4([4]byte(ip[16:20])), 0)
	case etherType == ipv6 && len(ip) >= smallest6:
		ip = ip[:min(len(ip), smallest6+int(binary.BigEndian.Uint16(ip[4:])))]
		p.protocol, p.payload = ip[6], ip[smallest6:]
		p.from = netip.AddrPortFrom(netip.AddrFrom16([16]byte(ip[8:24])), 0)
		p.to = netip.AddrPortFrom(netip.AddrFrom16([16]byte(ip[24:40])), 0)
	default:
		return p, false
	}
	return p, true
}
