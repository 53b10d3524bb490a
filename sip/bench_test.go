package sip

import (
	"bytes"
	"context"
	"net"
	"net/netip"
	"runtime"
	"strconv"
	"testing"
	"time"

	"go.uber.org/zap"

	"maskd/mapping"
	"maskd/media"
	"maskd/sip/edge"
)

// BenchmarkCall is a whole call, from INVITE to BYE, seen from maskd: thirteen messages in and out,
// no disk and no sound. What it allocates is a call's signalling; the phones allocate nothing.
func BenchmarkCall(b *testing.B) {
	s := newSwitchroom(b)
	defer s.close()
	for b.Loop() {
		s.call()
	}
}

// switchroom is maskd on a cable, and both phones at the other end of it.
type switchroom struct {
	b          *testing.B
	west, east netip.AddrPort // where the rider and the customer are
	b2bua      *B2BUA
	cable      *cable
	calls      int
	patience   *time.Timer
	out        []byte // what a phone says, made anew for each message
	ok         []byte // the 200 that the rider got
	asked      []byte // the INVITE that the customer got
}

func newSwitchroom(b *testing.B) *switchroom {
	s := &switchroom{b: b, cable: newCable(), patience: time.NewTimer(0),
		west: addressOf(rider).AddrPort(), east: addressOf(customer).AddrPort()}
	engine := media.NewMute(media.Config{Listen: []netip.Addr{maskdHost}, Ports: media.PortRange{First: 20000, Last: 20999}})
	s.b2bua = New(Config{
		Listen: []edge.Listen{
			{Network: edge.UDP, Addr: netip.MustParseAddrPort(maskdAddr)},
			{Network: edge.TCP, Addr: netip.MustParseAddrPort(maskdAddr)}, // for what is too long for a datagram: nothing is
		},
		Trunks:  []edge.Trunk{trunk("west", rider), trunk("east", customer)},
		Sockets: s.cable,
	}, newDirectory(usual), forgetful{}, engine, zap.NewNop())
	if err := s.b2bua.Start(); err != nil {
		b.Fatal(err)
	}
	return s
}

func (s *switchroom) close() {
	s.b2bua.Close(context.Background())
	s.b2bua.media.Close()
}

// call is one call from INVITE to BYE.
func (s *switchroom) call() {
	s.calls++
	s.rider("INVITE", 1, usualOffer)
	s.asked = append(s.asked[:0], s.await("INVITE ")...)
	s.customer("180 Ringing", "")
	s.await("SIP/2.0 180")
	s.customer("200 OK", usualOffer)
	s.await("ACK ") // the customer's comes before the rider's 200
	s.ok = append(s.ok[:0], s.await("SIP/2.0 200")...)
	s.rider("ACK", 1, "")
	s.rider("BYE", 2, "")
	s.asked = append(s.asked[:0], s.await("BYE ")...)
	s.customer("200 OK", "")
	for s.b2bua.Size() > 0 {
		runtime.Gosched()
	}
	s.cable.clear()
}

// rider sends a request of the rider's.
func (s *switchroom) rider(method string, cseq int64, body string) {
	call := int64(s.calls)
	m := append(append(s.out[:0], method...), " sip:+15550100001@192.0.2.50:5060 SIP/2.0\r\nVia: SIP/2.0/UDP 10.11.12.13:5060;rport;branch=z9hG4bK"...)
	m = append(strconv.AppendInt(append(m, method...), call, 10), "\r\nMax-Forwards: 70\r\nFrom: \"Asha\" <sip:+919876543210@10.11.12.13>;tag=r"...)
	m = append(strconv.AppendInt(m, call, 10), "\r\nTo: <sip:+15550100001@192.0.2.50>"...)
	if method != "INVITE" {
		m = append(append(m, ";tag="...), tagIn(s.ok)...)
	}
	m = append(strconv.AppendInt(append(m, "\r\nCall-ID: c"...), call, 10), "\r\nCSeq: "...)
	m = append(append(append(strconv.AppendInt(m, cseq, 10), ' '), method...), "\r\nContact: <sip:rider@10.11.12.13:5060>\r\n"...)
	s.say(s.west, m, body)
}

// customer answers what the customer was asked last.
func (s *switchroom) customer(status, body string) {
	m := append(append(append(s.out[:0], "SIP/2.0 "...), status...), "\r\n"...)
	for _, name := range [...]string{"Via: ", "From: ", "Call-ID: ", "CSeq: ", "To: "} {
		m = append(append(append(m, name...), valueIn(s.asked, name)...), "\r\n"...)
	}
	if tagIn(s.asked) == nil {
		m = append(strconv.AppendInt(append(m[:len(m)-2], ";tag=c"...), int64(s.calls), 10), "\r\n"...)
	}
	s.say(s.east, append(m, "Contact: <sip:customer@10.77.78.79:5060>\r\n"...), body)
}

// say ends a message and sends it.
func (s *switchroom) say(from netip.AddrPort, m []byte, body string) {
	if body != "" {
		m = append(m, "Content-Type: application/sdp\r\n"...)
	}
	m = append(strconv.AppendInt(append(m, "Content-Length: "...), int64(len(body)), 10), "\r\n\r\n"...)
	s.out = append(m, body...)
	s.cable.in <- packet{from: from, data: s.out}
	<-s.cable.taken
}

// await returns the next message that begins so.
func (s *switchroom) await(start string) []byte {
	s.patience.Reset(10 * time.Second)
	for {
		select {
		case data := <-s.cable.out:
			if bytes.HasPrefix(data, []byte(start)) {
				return data
			}
		case <-s.patience.C:
			s.b.Fatalf("no %s in call %d", start, s.calls)
		}
	}
}

// valueIn is the value of the first header of that name.
func valueIn(m []byte, name string) []byte {
	at := bytes.Index(m, []byte("\r\n"+name))
	if at < 0 {
		return nil
	}
	value, _, _ := bytes.Cut(m[at+len("\r\n")+len(name):], []byte("\r\n"))
	return value
}

// tagIn is the tag in a message's To; nil if it has none.
func tagIn(m []byte) []byte {
	_, tag, _ := bytes.Cut(valueIn(m, "To: "), []byte(";tag="))
	return tag
}

// usualOffer is what phones describe themselves with; both say the same.
const usualOffer = "v=0\r\no=- 1 1 IN IP4 10.11.12.13\r\ns=-\r\nc=IN IP4 10.11.12.13\r\nt=0 0\r\nm=audio 6000 RTP/AVP 8 0 101\r\n" +
	"a=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=ptime:20\r\n"

// cable is a network of one socket, maskd's. What goes through it is in no order but its own, is
// kept by nobody, and takes no memory that is not used again.
type cable struct {
	in     chan packet
	taken  chan struct{} // what came in has been copied
	out    chan []byte   // what maskd says; good until it has said as much again as fits
	turn   chan int      // of the next place in said
	said   [64][]byte
	closed chan struct{}
	addr   net.Addr
}

type packet struct {
	from netip.AddrPort
	data []byte
}

func newCable() *cable {
	c := &cable{addr: addressOf(part{addr: maskdAddr}), in: make(chan packet), taken: make(chan struct{}), out: make(chan []byte, 16), turn: make(chan int, 1), closed: make(chan struct{})}
	c.turn <- 0
	return c
}

func addressOf(p part) *net.UDPAddr { return net.UDPAddrFromAddrPort(netip.MustParseAddrPort(p.addr)) }

func (c *cable) ListenPacket(context.Context, string, string) (net.PacketConn, error) { return c, nil }

// Listen opens an entrance by which nobody comes.
func (c *cable) Listen(context.Context, string, string) (net.Listener, error) {
	return unvisited{c}, nil
}

type unvisited struct{ *cable }

func (u unvisited) Accept() (net.Conn, error) {
	<-u.closed
	return nil, net.ErrClosed
}

func (u unvisited) Close() error { return nil }

func (u unvisited) Addr() net.Addr {
	return net.TCPAddrFromAddrPort(netip.MustParseAddrPort(maskdAddr))
}

func (c *cable) ReadFrom(b []byte) (int, net.Addr, error) {
	n, from, err := c.ReadFromUDPAddrPort(b)
	return n, net.UDPAddrFromAddrPort(from), err
}

// ReadFromUDPAddrPort reads as a socket of the system's does, without garbage.
func (c *cable) ReadFromUDPAddrPort(b []byte) (int, netip.AddrPort, error) {
	select {
	case p := <-c.in:
		n := copy(b, p.data)
		c.taken <- struct{}{}
		return n, p.from, nil
	case <-c.closed:
		return 0, netip.AddrPort{}, net.ErrClosed
	}
}

func (c *cable) WriteTo(b []byte, _ net.Addr) (int, error) {
	return c.WriteToUDPAddrPort(b, netip.AddrPort{})
}

func (c *cable) WriteToUDPAddrPort(b []byte, _ netip.AddrPort) (int, error) {
	at := <-c.turn
	c.said[at] = append(c.said[at][:0], b...)
	select {
	case c.out <- c.said[at]:
	default: // an OPTIONS, which nobody reads
	}
	c.turn <- (at + 1) % len(c.said)
	return len(b), nil
}

// clear forgets what was said and not read.
func (c *cable) clear() {
	for len(c.out) > 0 {
		<-c.out
	}
}

func (c *cable) Close() error {
	close(c.closed)
	return nil
}

func (c *cable) LocalAddr() net.Addr { return c.addr }

func (c *cable) SetDeadline(time.Time) error      { return nil }
func (c *cable) SetReadDeadline(time.Time) error  { return nil }
func (c *cable) SetWriteDeadline(time.Time) error { return nil }

// forgetful keeps no CDR.
type forgetful struct{}

func (forgetful) Record(mapping.CDR) {}
