package edge

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap"
)

// pipes are stream sockets in memory, so that hours on them pass in no time.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
}

func newPipes() *pipes { return &pipes{conns: make(chan net.Conn), closed: make(chan struct{})} }

func (p *pipes) ListenPacket(context.Context, string, string) (net.PacketConn, error) {
	return nil, errors.New("no packets here")
}

func (p *pipes) Listen(context.Context, string, string) (net.Listener, error) { return p, nil }

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case conn := <-p.conns:
		return conn, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	select {
	case <-p.closed:
	default:
		close(p.closed)
	}
	return nil
}

func (p *pipes) Addr() net.Addr { return net.TCPAddrFromAddrPort(netip.MustParseAddrPort(edgeAddr)) }

// connect connects a host.
func (p *pipes) connect(host string) net.Conn {
	far, near := net.Pipe()
	p.conns <- &pipe{near, net.TCPAddrFromAddrPort(netip.MustParseAddrPort(host))}
	return far
}

// pipe is our end of a connection.
type pipe struct {
	net.Conn
	remote net.Addr
}

func (p *pipe) RemoteAddr() net.Addr { return p.remote }
func (p *pipe) LocalAddr() net.Addr {
	return net.TCPAddrFromAddrPort(netip.MustParseAddrPort(edgeAddr))
}

// onPipes runs a script in fake time with an edge that has one stream listener.
func onPipes(t *testing.T, n Network, pair Keypair, script func(*testing.T, *pipes)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		p := newPipes()
		e := New(Config{Listen: []Listen{{Network: n, Addr: netip.MustParseAddrPort(edgeAddr)}}, Keypair: pair,
			Trunks: []Trunk{carrier("192.0.2.0/28")}, Sockets: p}, &switchboard{}, zap.NewNop())
		if err := e.Start(); err != nil {
			t.Fatal(err)
		}
		script(t, p)
		e.Close()
	})
}

// opened returns for how long a connection stayed open that nobody wrote to.
func opened(t *testing.T, conn net.Conn) time.Duration {
	t.Helper()
	since := time.Now()
	if _, err := conn.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		t.Errorf("read: %v", err)
	}
	return time.Since(since)
}

func TestAStreamThatIsIdleIsClosed(t *testing.T) {
	onPipes(t, TCP, Keypair{}, func(t *testing.T, p *pipes) {
		conn := p.connect(carrierAddr)
		for range 10 { // as long as there are keep-alives, it stays
			time.Sleep(idleTimeout - time.Second)
			_, _ = conn.Write([]byte("\r\n\r\n"))
			if _, err := io.ReadFull(conn, make([]byte, 2)); err != nil {
				t.Fatal(err)
			}
		}
		if took := opened(t, conn); took != idleTimeout {
			t.Errorf("closed after %v", took)
		}
	})
}

// Half a message is no reason to wait any longer.
func TestAStreamThatStopsWithinAMessageIsClosed(t *testing.T) {
	onPipes(t, TCP, Keypair{}, func(t *testing.T, p *pipes) {
		conn := p.connect(carrierAddr)
		_, _ = conn.Write([]byte("INVITE sip:+15550100001@192.0.2.50 SIP/2.0\r\nVia: SIP/2.0/TCP"))
		if took := opened(t, conn); took != idleTimeout {
			t.Errorf("closed after %v", took)
		}
	})
}

func TestAHandshakeThatNeverEndsIsEnded(t *testing.T) {
	pair := keypair(t, newAuthority(t).issue(dns("maskd.example")))
	onPipes(t, TLS, pair, func(t *testing.T, p *pipes) {
		if took := opened(t, p.connect(carrierAddr)); took != handshakeTimeout {
			t.Errorf("closed after %v", took)
		}
	})
}

func TestATLSListenerNeedsACertificate(t *testing.T) {
	e := New(Config{Listen: []Listen{{Network: TLS, Addr: netip.MustParseAddrPort(edgeAddr)}},
		Trunks: []Trunk{carrier("192.0.2.0/28")}, Sockets: newPipes()}, &switchboard{}, zap.NewNop())
	if err := e.Start(); !errors.Is(err, ErrNoIdentity) {
		t.Errorf("start: %v", err)
	}
}
