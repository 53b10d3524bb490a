package siptest

import (
	"net"
	"net/netip"
	"testing"
)

// Who waits for the next INVITE must not be given the last one again because somebody had
// no processor for half a second.
func TestInRealTimeAScriptIsToldOnceWhatComesAgain(t *testing.T) {
	proxy, line := onLoopback(t), onLoopback(t)
	phone := PlugIn(line, Identity{Number: "+15550200001", Session: "s", Port: 40000, Codecs: "8"}, netip.MustParseAddrPort(proxy.LocalAddr().String()))
	defer phone.Close()
	for _, branch := range []string{"one", "one", "two"} {
		invite := "INVITE sip:+15550200001@phone SIP/2.0\r\nVia: SIP/2.0/UDP proxy;branch=" + branch + "\r\nCSeq: 1 INVITE\r\n\r\n"
		if _, err := proxy.WriteTo([]byte(invite), line.LocalAddr()); err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range []string{"one", "two"} {
		m, err := phone.Await("INVITE")
		if err != nil {
			t.Fatal(err)
		}
		if got := Branch(m.Get("Via")); got != want {
			t.Errorf("the call of branch %q is heard, want that of %q", got, want)
		}
	}
}

func onLoopback(t *testing.T) net.PacketConn {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}
