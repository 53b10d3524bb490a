package edge

import (
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"

	"maskd/sip/siptest"
)

// One timer is for all that is sent, and each is sent again at its own time (RFC 3261
// section 17.1.1.2), unless it is heard of before.
func TestWhatIsNotAnsweredIsSentAgainInTime(t *testing.T) {
	inExchange(t, func(x *exchange) {
		l := x.edge.peers().listeners[0]
		var sent []*asked
		for i := range 300 {
			d := outboundDialog(l)
			d.callID = strconv.Itoa(i)
			invite := l.composeInvite(&d, "z9hG4bK"+d.callID, 0, nil)
			tx, err := l.launch(&invite, func(*sip.Response) {})
			if err != nil {
				t.Fatal(err)
			}
			sent = append(sent, tx)
			time.Sleep(time.Duration(i%8) * time.Millisecond)
			if i%3 == 2 { // the second and third are heard of, in the other order; the first never is
				tx.heard(sip.NewResponse(100, phrases[100]))
				sent[i-1].heard(sip.NewResponse(100, phrases[100]))
			}
			if i%102 == 101 {
				time.Sleep(time.Second) // nobody waits any more
			}
		}
		time.Sleep(4 * time.Second)
		at := make(map[string][]time.Duration) // since it was sent first
		first := make(map[string]time.Duration)
		for _, p := range x.network.Packets() {
			if m := siptest.Parse(p.Data); m.Name() == "INVITE" {
				id := m.Get("Call-ID")
				if _, again := first[id]; !again {
					first[id] = p.At
				}
				if after := p.At - first[id]; after < 4*time.Second {
					at[id] = append(at[id], after)
				}
			}
		}
		for i, tx := range sent {
			want := []time.Duration{0, 500 * time.Millisecond, 1500 * time.Millisecond, 3500 * time.Millisecond}
			if i%3 > 0 {
				want = want[:1]
			}
			if got := at[strconv.Itoa(i)]; !slices.Equal(got, want) {
				t.Errorf("%d is sent at %v, want %v", i, got, want)
			}
			tx.giveUp()
		}
		if u := &l.ledger.unanswered; len(u.queue) != u.head {
			t.Errorf("%d wait yet", len(u.queue)-u.head)
		}
	})
}
