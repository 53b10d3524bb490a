package edge

import (
	"errors"
	"net"
	"net/netip"
	"testing"
	"time"
)

// cut is a socket by which nothing leaves.
type cut struct{ datagrams }

func (cut) WriteToUDPAddrPort([]byte, netip.AddrPort) (int, error) { return 0, net.ErrClosed }

func TestWhoCanNotBeAnsweredIsLost(t *testing.T) {
	l := newListener(UDP)
	l.packets, l.ledger = cut{}, newLedger()
	req := request(t, invite().with("To: <sip:+15550100001@192.0.2.50>;tag=ours"), sdp)
	req.SetSource(carrierAddr)
	tx := newServed(l, serverKey{branch: "z9hG4bK1"}, req, time.Now())
	lost, over := 0, 0
	if !tx.OnCancel(func(gone bool) {
		if gone {
			lost++
		}
	}) || !tx.OnEnd(func() { over++ }) {
		t.Fatal("it has ended before it began")
	}
	if err := tx.Respond(composeResponse(req, 180)); !errors.Is(err, ErrSend) {
		t.Errorf("the answer: %v", err)
	}
	if err := tx.Respond(composeResponse(req, 200)); !errors.Is(err, errOver) {
		t.Errorf("another: %v", err)
	}
	if lost != 1 || over != 1 {
		t.Errorf("it is told %d times that the caller is lost, and %d times that it is over", lost, over)
	}
}
