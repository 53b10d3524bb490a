package main

import (
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
// response.
type switchboard struct {
	conn *net.UDPConn

	mu     sync.Mutex
	phones map[string]*extension // by the digits of their numbers
}

// newSwitchboard takes SIP's port at the host until the test is over.
func newSwitchboard(t *testing.T, host netip.Addr) *switchboard {
	t.Helper()
	b := &switchboard{conn: bind(t, host), phones: make(map[string]*extension)}
	_ = b.conn.SetReadBuffer(4 << 20)
	var serving sync.WaitGroup
	t.Cleanup(serving.Wait)
	t.Cleanup(func() { _ = b.conn.Close() })
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
		n, err := b.conn.Read(data)
		if err != nil {
			return
		}
		m := siptest.Parse(data[:n])
		if e := b.find(m); e != nil {
			e.take(data[:n])
		}
	}
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

func (e *extension) WriteTo(b []byte, to net.Addr) (int, error) { return e.board.conn.WriteTo(b, to) }

func (e *extension) Close() error {
	e.once.Do(func() { close(e.closed) })
	return nil
}

func (e *extension) LocalAddr() net.Addr              { return e.board.conn.LocalAddr() }
func (e *extension) SetDeadline(time.Time) error      { return nil }
func (e *extension) SetReadDeadline(time.Time) error  { return nil }
func (e *extension) SetWriteDeadline(time.Time) error { return nil }
