package sip

import (
	"slices"
	"strings"
	"testing"
	"time"

	"maskd/sip/siptest"
)

// A request that comes again is answered as the first time and is nothing new,
// however long ago its transaction ended within 64*T1 (RFC 3261 section 17.2.2,
// RFC 6026 section 7.1).
func TestWhatComesAgainAfterTheEnd(t *testing.T) {
	for _, row := range []struct {
		name, request string
		after         time.Duration
		want          []string
	}{
		{"an INVITE, soon", "INVITE", time.Second, nil},
		{"an INVITE, late", "INVITE", 29 * time.Second, nil},
		{"a BYE, at once", "BYE", time.Millisecond, []string{"200 BYE"}},
		{"a BYE, late", "BYE", 31 * time.Second, []string{"200 BYE"}},
		{"a BYE, when nobody can know it any more", "BYE", 2 * time.Minute, []string{"481 BYE"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			inWorld(t, usual, func(w *world) {
				w.talk()
				w.hangUp(w.rider)
				time.Sleep(row.after)
				first := w.fromRider(row.request)
				before := w.network.Packets()
				w.network.Again(first)
				time.Sleep(2 * time.Second)
				var names []string
				for _, p := range w.network.Packets()[len(before)+1:] {
					if p.To.Addr() != w.cast.rider.host() {
						continue
					}
					m := siptest.Parse(p.Data)
					names = append(names, m.Name())
					if m.Name() == "200 BYE" && !slices.ContainsFunc(before, func(q siptest.Packet) bool { return string(q.Data) == string(p.Data) }) {
						t.Errorf("answered in other words than before:\n%s", p.Data)
					}
				}
				if !slices.Equal(names, row.want) {
					t.Errorf("it makes us send %q, not %q", names, row.want)
				}
			})
		})
	}
}

// Branches are the peers', and one of before RFC 3261 may use the same for all its
// requests: the BYE of another call is another BYE.
func TestABranchThatIsUsedAgain(t *testing.T) {
	inWorld(t, usual, func(w *world) {
		w.talk()
		w.hangUp(w.rider)
		used := siptest.Parse(w.fromRider("BYE").Data).Get("Via")
		time.Sleep(time.Second)
		w.talk()
		packets := w.network.Packets()
		slices.Reverse(packets)
		last := packets[slices.IndexFunc(packets, func(p siptest.Packet) bool {
			return p.From.Addr() == w.cast.rider.host() && siptest.Parse(p.Data).Name() == "ACK"
		})]
		ack := siptest.Parse(last.Data)
		bye := strings.NewReplacer(ack.Get("Via"), used, "ACK sip:", "BYE sip:", ack.Get("CSeq"), "999999 BYE")
		last.Data = []byte(bye.Replace(string(last.Data)))
		w.network.Again(last)
		w.await(w.customer, "BYE")
	})
}

// A CANCEL that comes when its call has been answered for long changes nothing
// and is answered 200 (RFC 3261 section 9.2).
func TestACancelAfterTheAnswer(t *testing.T) {
	inWorld(t, usual, func(w *world) {
		w.talk()
		time.Sleep(10 * time.Second)
		w.rider.Cancel()
		w.await(w.rider, "200 CANCEL")
		w.hangUp(w.rider)
	})
}

// fromRider returns the first request of that name that the rider sent.
func (w *world) fromRider(name string) siptest.Packet {
	w.t.Helper()
	for _, p := range w.network.Packets() {
		if p.From.Addr() == w.cast.rider.host() && siptest.Parse(p.Data).Name() == name {
			return p
		}
	}
	w.t.Fatalf("the rider has sent no %s", name)
	return siptest.Packet{}
}
