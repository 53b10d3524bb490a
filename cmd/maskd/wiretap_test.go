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
	protocol byte // of IPv4: 1 ICMP, 6 TCP, 17 UDP
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

// framesOf reads a pcapng file of one Ethernet interface, of this machine's byte order.
func framesOf(file []byte) (packets []frame, err error) {
	const enhancedPacket, header = 6, 28
	for len(file) >= 12 {
		kind, size := binary.NativeEndian.Uint32(file), int(binary.NativeEndian.Uint32(file[4:]))
		if size < 12 || size > len(file) {
			return nil, fmt.Errorf("a block of %d bytes, with %d left", size, len(file))
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

// frameOf reads an Ethernet frame; false if it holds no IPv4.
func frameOf(data []byte) (p frame, ok bool) {
	const ethernet, ipv4 = 14, 0x0800
	if len(data) < ethernet+20 || binary.BigEndian.Uint16(data[12:]) != ipv4 {
		return p, false
	}
	ip := data[ethernet:]
	ip = ip[:min(len(ip), int(binary.BigEndian.Uint16(ip[2:])))]
	p.protocol = ip[9]
	from, to := netip.AddrFrom4([4]byte(ip[12:16])), netip.AddrFrom4([4]byte(ip[16:20]))
	p.payload = ip[4*int(ip[0]&15):]
	p.from, p.to = netip.AddrPortFrom(from, 0), netip.AddrPortFrom(to, 0)
	head := map[byte]int{6: 20, 17: 8}[p.protocol]
	if head == 0 || len(p.payload) < head {
		return p, true
	}
	p.from = netip.AddrPortFrom(from, binary.BigEndian.Uint16(p.payload))
	p.to = netip.AddrPortFrom(to, binary.BigEndian.Uint16(p.payload[2:]))
	if p.protocol == 6 {
		head = 4 * int(p.payload[12]>>4)
	}
	p.payload = p.payload[head:]
	return p, true
}
