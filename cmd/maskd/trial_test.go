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

// busy is a carrier all of whose callees are busy.
type busy struct {
	mu    sync.Mutex
	calls map[string]bool // by Call-ID
}

func (b *busy) rung() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.calls)
}

// busyGateway answers for the callees of the trial line.
func (s *site) busyGateway(t *testing.T) *busy {
	t.Helper()
	b := &busy{calls: make(map[string]bool)}
	conn := bind(t, s.line(trialLine).callee)
	var serving sync.WaitGroup
	t.Cleanup(serving.Wait)
	t.Cleanup(func() { _ = conn.Close() })
	serving.Go(func() {
		for data := make([]byte, 4096); ; {
			n, from, err := conn.ReadFromUDPAddrPort(data)
			if err != nil {
				return
			}
			if m := siptest.Parse(data[:n]); m.Method() == "INVITE" {
				b.mu.Lock()
				b.calls[m.Get("Call-ID")] = true
				b.mu.Unlock()
				_, _ = conn.WriteToUDPAddrPort(refusal(m), from)
			}
		}
	})
	return b
}

func refusal(m siptest.Message) []byte {
	return fmt.Appendf(nil, "SIP/2.0 486 Busy Here\r\nVia: %s\r\nFrom: %s\r\nTo: %s;tag=busy\r\nCall-ID: %s\r\nCSeq: %s\r\nContent-Length: 0\r\n\r\n",
		m.Get("Via"), m.Get("From"), m.Get("To"), m.Get("Call-ID"), m.Get("CSeq"))
}

func bind(t *testing.T, host netip.Addr) *net.UDPConn {
	t.Helper()
	return bindTo(t, netip.AddrPortFrom(host, 5060))
}

func bindTo(t *testing.T, at netip.AddrPort) *net.UDPConn {
	t.Helper()
	conn, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(at))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// dial calls, acknowledges the refusal, and returns its status. It repeats
// itself until it hears something, as RFC 3261 section 17.1.1.2 asks.
func dial(t *testing.T, conn *net.UDPConn, maskd netip.Addr, caller, did string) int {
	t.Helper()
	callID := strings.Trim(caller, "+") + "@trial"
	to := netip.AddrPortFrom(maskd, 5060)
	data := make([]byte, 4096)
	for end := time.Now().Add(patience); time.Now().Before(end); {
		_, _ = conn.WriteToUDPAddrPort(request("INVITE", conn.LocalAddr(), maskd, caller, did, "<sip:"+did+"@"+maskd.String()+">", callID), to)
		_ = conn.SetReadDeadline(time.Now().Add(time.Second))
		for {
			n, err := conn.Read(data)
			if err != nil {
				break
			}
			m := siptest.Parse(data[:n])
			if m.Get("Call-ID") == callID && m.Status() >= 200 {
				_, _ = conn.WriteToUDPAddrPort(request("ACK", conn.LocalAddr(), maskd, caller, did, m.Get("To"), callID), to)
				return m.Status()
			}
		}
	}
	t.Fatalf("no answer to the call of %s", did)
	return 0
}

// request writes a request of a caller who is at the host.
func request(method string, host net.Addr, maskd netip.Addr, caller, did, to, callID string) []byte {
	sdp := ""
	if method == "INVITE" {
		sdp = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 40000 RTP/AVP 8\r\n"
	}
	lines := []string{
		fmt.Sprintf("%s sip:%s@%s SIP/2.0", method, did, maskd),
		fmt.Sprintf("Via: SIP/2.0/%s %s;branch=z9hG4bK%s", strings.ToUpper(host.Network()), host, strings.Trim(caller, "+")),
		"Max-Forwards: 70",
		fmt.Sprintf("From: <sip:%s@%s>;tag=trial", caller, host),
		"To: " + to,
		"Call-ID: " + callID,
		"CSeq: 1 " + method,
		fmt.Sprintf("Contact: <sip:%s@%s>", caller, host),
		"Content-Type: application/sdp",
		fmt.Sprintf("Content-Length: %d", len(sdp)),
		"", sdp,
	}
	return []byte(strings.Join(lines, "\r\n"))
}
