package main

import (
	"io"
	"net"
	"strconv"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"

	"maskd/cmd/maskd/admin"
)

// The hosts of a capture: addresses for documentation (RFC 5737), for the real
// ones are nobody's business.
const (
	captureA     = "192.0.2.1"
	captureMaskd = "192.0.2.2"
	captureB     = "192.0.2.3"
)

// writeCapture writes a trace as packets that programs for captures read. Each has
// a message that is made of what the trace knows: method, status, whether there
// was an SDP.
func writeCapture(out io.Writer, t admin.Trace) error {
	w, err := pcapgo.NewNgWriter(out, layers.LinkTypeRaw)
	if err != nil {
		return err
	}
	for _, m := range t.Crossings {
		packet, err := captured(t.Call, m)
		if err != nil {
			return err
		}
		info := gopacket.CaptureInfo{Timestamp: m.At.Time, CaptureLength: len(packet), Length: len(packet)}
		if err := w.WritePacket(info, packet); err != nil {
			return err
		}
	}
	return w.Flush()
}

// captured is the packet that a message stands for.
func captured(call string, m admin.Crossing) ([]byte, error) {
	from, to := captureA, captureMaskd
	if m.Leg == "b" {
		from = captureB
	}
	if m.Sent {
		from, to = to, from
	}
	ip := &layers.IPv4{Version: 4, TTL: 64, Protocol: layers.IPProtocolUDP, SrcIP: net.ParseIP(from), DstIP: net.ParseIP(to)}
	udp := &layers.UDP{SrcPort: 5060, DstPort: 5060}
	if err := udp.SetNetworkLayerForChecksum(ip); err != nil {
		return nil, err
	}
	packet := gopacket.NewSerializeBuffer()
	err := gopacket.SerializeLayers(packet, gopacket.SerializeOptions{FixLengths: true, ComputeChecksums: true},
		ip, udp, gopacket.Payload(retold(call, m, from, to)))
	return packet.Bytes(), err
}

// retold is a message written anew.
func retold(call string, m admin.Crossing, from, to string) string {
	start, asks, asked := m.Method+" sip:party@"+to+" SIP/2.0", from, to
	if m.Status != 0 {
		start, asks, asked = "SIP/2.0 "+strconv.Itoa(m.Status)+" -", to, from
	}
	var body, kind string
	if m.SDP {
		body, kind = "v=0\r\no=- 0 0 IN IP4 "+captureMaskd+"\r\ns=-\r\nt=0 0\r\n", "Content-Type: application/sdp\r\n"
	}
	return start + "\r\n" +
		"Via: SIP/2.0/UDP " + asks + ":5060;branch=z9hG4bK-" + m.Leg + "-" + m.Method + "\r\n" +
		"From: <sip:party@" + asks + ">;tag=1\r\n" +
		"To: <sip:party@" + asked + ">\r\n" +
		"Call-ID: " + call + "-" + m.Leg + "\r\n" +
		"CSeq: 1 " + m.Method + "\r\n" + kind +
		"Content-Length: " + strconv.Itoa(len(body)) + "\r\n\r\n" + body
}
