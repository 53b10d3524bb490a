package main

import (
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"maskd/sip/siptest"
)

// switchboard is a carrier's host with any number of phones behind its one address. A
// phone is found by its number: in the Request-URI of a request, and in the tag of a
// response. What asks whether the host is there, or wants to register, it answers itself.
type switchboard struct {
	wire wire

	mu     sync.Mutex
	phones map[string]*extension // by the digits of their numbers
}

// wire is what a switchboard is connected by.
type wire interface {
	// Read reads one message.
	Read([]byte) (int, error)
	WriteTo([]byte, net.Addr) (int, error)
	LocalAddr() net.Addr
	Close() error
}

// newSwitchboard takes a UDP port of the host until the test is over.
func newSwitchboard(t *testing.T, host netip.AddrPort) *switchboard {
	t.Helper()
	conn := bindTo(t, host)
	_ = conn.SetReadBuffer(4 << 20)
	return switchboardBy(t, conn)
}

// switchboardBy has a switchboard serve what comes by a wire until the test is over.
func switchboardBy(t *testing.T, w wire) *switchboard {
	t.Helper()
	b := &switchboard{wire: w, phones: make(map[string]*extension)}
	var serving sync.WaitGroup
	t.Cleanup(serving.Wait)
	t.Cleanup(func() { _ = w.Close() })
	serving.Go(b.serve)
	return b
}

// plugIn puts a phone behind the switchboard.
func (b *switchboard) plugIn(t *testing.T, id siptest.Identity, proxy netip.AddrPort) *siptest.Phone {
	t.Helper()
	e := &extension{board: b, in: make(chan []byte, 64), closed: make(chan struct{})}
	b.mu.Lock()
	b.phones[strings.TrimPrefix(id.Number, "+")] = e
	b.mu.Unlock()
	phone := siptest.PlugIn(e, id, proxy)
	t.Cleanup(phone.Close)
	return phone
}

func (b *switchboard) serve() {
	for data := make([]byte, 1<<16); ; {
		n, err := b.wire.Read(data)
		if err != nil {
			return
		}
		m := siptest.Parse(data[:n])
		if m.Status() == 0 && (m.Method() == "OPTIONS" || m.Method() == "REGISTER") {
			_, _ = b.wire.WriteTo(courtesy(m), net.UDPAddrFromAddrPort(sourceOf(m)))
		} else if e := b.find(m); e != nil {
			e.take(data[:n])
		}
	}
}

// sourceOf is where a request came from, as its Via says.
func sourceOf(m siptest.Message) netip.AddrPort {
	_, sentBy, _ := strings.Cut(m.Get("Via"), " ")
	sentBy, _, _ = strings.Cut(sentBy, ";")
	at, _ := netip.ParseAddrPort(sentBy)
	return at
}

// courtesy is what a host says by itself. It is a registrar that wants credentials, and
// does not look at them.
func courtesy(m siptest.Message) []byte {
	status, more := "200 OK", "Expires: 60\r\nContact: "+m.Get("Contact")+"\r\n"
	switch {
	case m.Method() == "OPTIONS":
		more = ""
	case m.Get("Authorization") == "":
		status, more = "401 Unauthorized", "WWW-Authenticate: Digest realm=\"tamarin.example\", nonce=\"4712\", algorithm=SHA-256, qop=\"auth\"\r\n"
	}
	return fmt.Appendf(nil, "SIP/2.0 %s\r\nVia: %s\r\nFrom: %s\r\nTo: %s;tag=courtesy\r\nCall-ID: %s\r\nCSeq: %s\r\n%sContent-Length: 0\r\n\r\n",
		status, m.Get("Via"), m.Get("From"), m.Get("To"), m.Get("Call-ID"), m.Get("CSeq"), more)
}

// find returns the phone that a message is for; nil if there is none.
func (b *switchboard) find(m siptest.Message) *extension {
	number := strings.TrimPrefix(siptest.Tag(m.Get("From")), "tag")
	if m.Status() == 0 {
		_, number, _ = strings.Cut(m.Start, " sip:")
		number, _, _ = strings.Cut(strings.TrimPrefix(number, "+"), "@")
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.phones[number]
}

// extension is the socket of one phone behind a switchboard.
type extension struct {
	board  *switchboard
	in     chan []byte
	once   sync.Once
	closed chan struct{}
}

func (e *extension) take(data []byte) {
	select {
	case e.in <- append([]byte(nil), data...):
	case <-e.closed:
	}
}

func (e *extension) ReadFrom(b []byte) (int, net.Addr, error) {
	select {
	case data := <-e.in:
		return copy(b, data), e.LocalAddr(), nil
	case <-e.closed:
		return 0, nil, net.ErrClosed
	}
}

func (e *extension) WriteTo(b []byte, to net.Addr) (int, error) { return e.board.wire.WriteTo(b, to) }

func (e *extension) Close() error {
	e.once.Do(func() { close(e.closed) })
	return nil
}

func (e *extension) LocalAddr() net.Addr              { return e.board.wire.LocalAddr() }
func (e *extension) SetDeadline(time.Time) error      { return nil }
func (e *extension) SetReadDeadline(time.Time) error  { return nil }
func (e *extension) SetWriteDeadline(time.Time) error { return nil }
