package edge

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"maskd/sip/leg"
)

func TestExpiry(t *testing.T) {
	for _, row := range []struct {
		name string
		msg  lines
		want time.Duration
		ok   bool
	}{
		{"none", invite(), 0, false},
		{"a minute", invite().and("Expires: 60"), time.Minute, true},
		{"at once", invite().and("expires: 0"), 0, true},
		{"the longest (20.19)", invite().and("Expires: 4294967295"), (1<<32 - 1) * time.Second, true},
		{"too long", invite().and("Expires: 4294967296"), 0, false},
		{"a date, as RFC 2543 had it", invite().and("Expires: Thu, 01 Dec 1994 16:00:00 GMT"), 0, false},
		{"less than nothing", invite().and("Expires: -1"), 0, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			got, ok := expiry(request(t, row.msg, sdp))
			if ok != row.ok || ok && got != row.want {
				t.Errorf("expires in %v, %v; want %v, %v", got, ok, row.want, row.ok)
			}
		})
	}
}

func TestAnInviteExpires(t *testing.T) {
	inExchange(t, func(x *exchange) {
		x.board.rings = true
		if got := names(x.send(x.carrier, invite().and("Expires: 30").text(sdp))); got != "100, 180" {
			t.Errorf("answered %q", got)
		}
		if got := x.board.inputs(); len(got) != 0 {
			t.Errorf("the call hears %v before its time", got)
		}
		before := len(x.network.Packets())
		time.Sleep(29 * time.Second)
		if got := statuses(x.network.Packets()[before:]); len(got) == 0 || got[0] != 487 {
			t.Errorf("answered %v", got)
		}
		if diff := cmp.Diff([]leg.InputKind{leg.GotCancel}, x.board.inputs()); diff != "" {
			t.Errorf("the call hears (-want +got):\n%s", diff)
		}
	})
}
