package main

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"testing"

	"maskd/sip/siptest"
)

// trunkline is the wire of a switchboard that is connected by TCP or TLS. Answers go back
// on the connection of what they answer (RFC 3261 section 18.2.2), all else on one that it
// makes itself.
type trunkline struct {
	// Never changed.
	listener  net.Listener
	dial      func() (net.Conn, error)
	transport string       // tcp or tls
	heard     func([]byte) // is told each message
	in        chan []byte
	closed    chan struct{}

	busy sync.WaitGroup

	mu    sync.Mutex
	own   net.Conn            // nil until it is needed
	asked map[string]net.Conn // by the Via of what came on it
	open  []net.Conn
}

// newTrunkline connects a host, which listens there, with maskd; by TLS if there is a certificate, which it shows
// either way.
func newTrunkline(t *testing.T, host, maskd netip.AddrPort, certificate *tls.Config, heard func([]byte)) *trunkline {
	t.Helper()
	l := &trunkline{listener: listenOn(t, host.Addr(), host.Port()), transport: "tcp", heard: heard,
		in: make(chan []byte), closed: make(chan struct{}), asked: make(map[string]net.Conn)}
	from := &net.Dialer{LocalAddr: &net.TCPAddr{IP: host.Addr().AsSlice()}, Timeout: patience}
	l.dial = func() (net.Conn, error) { return from.Dial("tcp", maskd.String()) }
	if certificate != nil {
		l.transport, l.listener = "tls", tls.NewListener(l.listener, certificate)
		l.dial = func() (net.Conn, error) { return tls.DialWithDialer(from, "tcp", maskd.String(), certificate) }
	}
	l.busy.Go(func() {
		for {
			conn, err := l.listener.Accept()
			if err != nil {
				return
			}
			l.mu.Lock()
			l.serve(conn)
			l.mu.Unlock()
		}
	})
	return l
}

// serve takes what comes on a connection. The caller holds mu.
func (l *trunkline) serve(conn net.Conn) {
	l.open = append(l.open, conn)
	l.busy.Go(func() {
		defer conn.Close()
		for r := bufio.NewReader(conn); ; {
			message, err := readMessage(r)
			if err != nil {
				return
			}
			l.heard(message)
			l.mu.Lock()
			l.asked[siptest.Parse(message).Get("Via")] = conn
			l.mu.Unlock()
			select {
			case l.in <- message:
			case <-l.closed:
				return
			}
		}
	})
}

// readMessage reads one message of a stream, as RFC 3261 section 18.3 has it.
func readMessage(r *bufio.Reader) ([]byte, error) {
	var message []byte
	length := 0
	for !bytes.HasSuffix(message, []byte("\r\n\r\n")) {
		line, err := r.ReadBytes('\n')
		if err != nil {
			return nil, err
		}
		if len(message) == 0 && len(bytes.TrimSpace(line)) == 0 { // keeps the connection alive
			continue
		}
		message = append(message, line...)
		if name, value, _ := strings.Cut(string(line), ":"); strings.EqualFold(strings.TrimSpace(name), "Content-Length") {
			if length, err = strconv.Atoi(strings.TrimSpace(value)); err != nil {
				return nil, err
			}
		}
	}
	body := make([]byte, length)
	_, err := io.ReadFull(r, body)
	return append(message, body...), err
}

// Read reads one message.
func (l *trunkline) Read(data []byte) (int, error) {
	select {
	case message := <-l.in:
		return copy(data, message), nil
	case <-l.closed:
		return 0, net.ErrClosed
	}
}

// WriteTo sends a message of a phone, which says that it is connected by UDP.
func (l *trunkline) WriteTo(message []byte, _ net.Addr) (int, error) {
	conn, err := l.to(siptest.Parse(message))
	if err != nil {
		return 0, err
	}
	at := l.LocalAddr().String()
	said := strings.NewReplacer("SIP/2.0/UDP "+at, "SIP/2.0/"+strings.ToUpper(l.transport)+" "+at, "@"+at+">", "@"+at+";transport="+l.transport+">")
	return conn.Write([]byte(said.Replace(string(message))))
}

// to is the connection that a message goes by.
func (l *trunkline) to(m siptest.Message) (net.Conn, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if m.Status() != 0 {
		if conn := l.asked[m.Get("Via")]; conn != nil {
			return conn, nil
		}
		return nil, fmt.Errorf("an answer to what was not asked: %s", m.Start)
	}
	if l.own == nil {
		conn, err := l.dial()
		if err != nil {
			return nil, err
		}
		l.own = conn
		l.serve(conn)
	}
	return l.own, nil
}

// LocalAddr is where it listens.
func (l *trunkline) LocalAddr() net.Addr { return l.listener.Addr() }

// Close ends all connections.
func (l *trunkline) Close() error {
	close(l.closed)
	errs := []error{l.listener.Close()}
	l.mu.Lock()
	for _, conn := range l.open {
		_ = conn.Close()
	}
	l.mu.Unlock()
	l.busy.Wait()
	return errors.Join(errs...)
}
