package edge

import (
	"net"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"maskd/sip/siptest"
)

func TestACancelFindsItsInvite(t *testing.T) {
	start := time.Unix(0, 0)
	told := 0
	tell := waiting{cancelled: func() { told++ }}

	t.Run("that came first", func(t *testing.T) {
		c, before := newCancels(), told
		if !c.invite(cancelKey{branch: "branch"}, tell, start) || !c.cancel(cancelKey{branch: "branch"}, start) || told != before+1 {
			t.Error("the INVITE was not told")
		}
	})
	t.Run("that comes later", func(t *testing.T) {
		c, before := newCancels(), told
		if c.cancel(cancelKey{branch: "branch"}, start) || c.invite(cancelKey{branch: "branch"}, tell, start) || told != before {
			t.Error("the INVITE does not learn that it is cancelled already")
		}
		if !c.invite(cancelKey{branch: "branch"}, tell, start) {
			t.Error("one CANCEL cancels twice")
		}
	})
	t.Run("and no other", func(t *testing.T) {
		c, before := newCancels(), told
		c.invite(cancelKey{branch: "branch"}, tell, start)
		if c.cancel(cancelKey{branch: "another"}, start) || told != before {
			t.Error("the wrong INVITE was cancelled")
		}
	})
	t.Run("but not one that is answered", func(t *testing.T) {
		c, before := newCancels(), told
		c.invite(cancelKey{branch: "branch"}, tell, start)
		c.done(cancelKey{branch: "branch"})
		if c.cancel(cancelKey{branch: "branch"}, start) || told != before {
			t.Error("an answered INVITE was cancelled")
		}
	})
}

func TestCancelsAreForgotten(t *testing.T) {
	start := time.Unix(0, 0)
	c := newCancels()
	c.cancel(cancelKey{branch: "old"}, start)
	c.cancel(cancelKey{branch: "young"}, start.Add(cancelMemory))
	c.cancel(cancelKey{branch: "now"}, start.Add(cancelMemory+1))
	if _, old := c.early[cancelKey{branch: "old"}]; old || len(c.early) != 2 {
		t.Errorf("remembered: %v", c.early)
	}
	now := start.Add(cancelMemory + 1)
	c.invite(cancelKey{branch: "young"}, waiting{}, now)
	c.invite(cancelKey{branch: "waiting"}, waiting{}, now)
	c.done(cancelKey{branch: "waiting"})
	if len(c.early) != 1 || len(c.waiting) != 0 {
		t.Errorf("left: %d early, %d waiting", len(c.early), len(c.waiting))
	}
}

// A CANCEL that comes before its INVITE is remembered, but not whatever comes.
func TestAFloodOfCancelsIsNotRemembered(t *testing.T) {
	start := time.Unix(0, 0)
	c := newCancels()
	for n := range 2 * maxEarly {
		c.cancel(cancelKey{branch: strconv.Itoa(n)}, start)
	}
	if len(c.early) != maxEarly {
		t.Errorf("%d are remembered, not %d", len(c.early), maxEarly)
	}
	if later := start.Add(cancelMemory + 1); c.cancel(cancelKey{branch: "later"}, later) || c.invite(cancelKey{branch: "later"}, waiting{}, later) {
		t.Error("after the flood no CANCEL is remembered")
	}
}

func TestWhatACancelSharesWithItsInvite(t *testing.T) {
	l := newListener(UDP)
	own, rival := carrier("192.0.2.0/28"), carrier("198.51.100.0/28")
	rival.Name = "rival"
	l.edge.peering.Store(&peering{trunks: trunks{&own, &rival}})
	key := func(msg lines, source string) cancelKey {
		req := request(t, msg, "")
		req.SetSource(source)
		return l.cancelKey(req)
	}
	want, cancel := key(invite(), carrierAddr), cancelOf(invite())
	for _, row := range []struct {
		name   string
		msg    lines
		source string
		same   bool
	}{
		{"all", cancel, carrierAddr, true},
		{"another source on the trunk", cancel, gatewayAddr, true},
		{"another trunk", cancel, rivalAddr, false},
		{"another sent-by", cancel.with("Via: SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bKonce"), carrierAddr, false},
		{"another port", cancel.with("Via: SIP/2.0/UDP 192.0.2.9:5062;branch=z9hG4bKonce"), carrierAddr, false},
		{"another branch", cancel.with("Via: SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bKtwice"), carrierAddr, false},
		{"no branch", cancel.with("Via: SIP/2.0/UDP 192.0.2.9:5060"), carrierAddr, false},
		{"another Call-ID", cancel.with("Call-ID: other"), carrierAddr, false},
		{"no Call-ID", cancel.without("Call-ID"), carrierAddr, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			if same := key(row.msg, row.source) == want; same != row.same {
				t.Errorf("it is for the INVITE: %t", same)
			}
		})
	}
}

// Branches are the peers' own, and some have none: another trunk's CANCEL is
// not for this INVITE, and must not learn the tag of its dialog.
func TestOnlyItsCallerCancelsACall(t *testing.T) {
	for _, branch := range []string{";branch=z9hG4bKonce", ";branch=1", ""} {
		t.Run("branch "+branch, func(t *testing.T) {
			inExchange(t, func(x *exchange) {
				x.board.rings = true
				own := invite().with("Via: SIP/2.0/UDP 192.0.2.9:5060" + branch)
				foreign := func(port string) lines { return own.with("Via: SIP/2.0/UDP 198.51.100.9:" + port + branch) }
				ringing := x.send(x.carrier, own.text(sdp))
				tag := siptest.Tag(ringing[len(ringing)-1].Get("To"))
				rival := x.plug(rivalAddr)
				for _, row := range []struct {
					name string
					from net.PacketConn
					msg  lines
				}{
					{"another trunk", rival, foreign("5060")},
					{"another trunk, of another call", rival, foreign("5061").with("Call-ID: other")},
					{"the same trunk, of another call", x.carrier, foreign("5062").with("Call-ID: another")},
				} {
					answers := x.send(row.from, cancelOf(row.msg).text(""))
					if got := names(answers); got != "481 CANCEL" {
						t.Errorf("%s is answered %q", row.name, got)
					}
					for _, m := range answers {
						if siptest.Tag(m.Get("To")) == tag {
							t.Errorf("%s is told the tag of the dialog", row.name)
						}
					}
				}
				if heard := x.board.inputs(); len(heard) != 0 {
					t.Errorf("the call hears %v", heard)
				}
				if got := names(x.send(x.carrier, cancelOf(own).text(""))); got != "200 CANCEL, 487" {
					t.Errorf("its caller's CANCEL is answered %q", got)
				}
			})
		})
	}
}

// A carrier is many hosts, and a CANCEL may leave by another one than its INVITE.
func TestACallIsCancelledByAnotherHostOfItsTrunk(t *testing.T) {
	for _, branch := range []string{";branch=z9hG4bKonce", ";branch=z9hG4bK", ";branch=1", ""} {
		t.Run("branch "+branch, func(t *testing.T) {
			inExchange(t, func(x *exchange) {
				x.board.rings = true
				own := invite().with("Via: SIP/2.0/UDP 192.0.2.9:5060" + branch)
				_ = x.send(x.carrier, own.text(sdp))
				got := strings.Split(names(x.send(x.plug(gatewayAddr), cancelOf(own).text(""))), ", ")
				if slices.Sort(got); !slices.Equal(got, []string{"200 CANCEL", "487"}) {
					t.Errorf("answered %q", got)
				}
			})
		})
	}
}

// The transaction layer matches a CANCEL by the topmost Via alone, which anybody
// can copy.
func TestACopiedViaCancelsNothing(t *testing.T) {
	for name, meddling := range map[string]lines{
		"the same message": cancelOf(invite()),
		"of another call":  cancelOf(invite()).with("Call-ID: other").with("From: <sip:x@rival.example>;tag=z"),
		"without a To":     cancelOf(invite()).without("To"),
		"in a dialog":      cancelOf(invite()).with("To: <sip:+15550100001@192.0.2.50>;tag=theirs"),
		"the default port": cancelOf(invite()).with("Via: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKonce"),
	} {
		t.Run(name, func(t *testing.T) {
			inExchange(t, func(x *exchange) {
				x.board.rings = true
				rival := x.plug(rivalAddr)
				_ = x.send(x.carrier, invite().text(sdp))
				if got := names(x.send(rival, meddling.text(""))); got != "" {
					t.Errorf("it is answered %q", got)
				}
				if heard := x.board.inputs(); len(heard) != 0 {
					t.Errorf("the call hears %v", heard)
				}
				if got := names(x.send(x.carrier, cancelOf(invite()).text(""))); got != "200 CANCEL, 487" {
					t.Errorf("its caller's CANCEL is answered %q", got)
				}
				if n := len(x.edge.cancels.owners); n != 0 {
					t.Errorf("%d transactions are left", n)
				}
			})
		})
	}
}

// Nor does it cancel what is asked within another trunk's call.
func TestACopiedViaCancelsNoReInvite(t *testing.T) {
	inExchange(t, func(x *exchange) {
		rival, trunk := x.plug(rivalAddr), x.edge.peers().trunks[0]
		x.edge.legs.put("ours", entry{callID: "call-of-the-caller", trunk: trunk, put: func(Signal) bool { return true }})
		defer x.edge.legs.drop("ours")
		again := invite().with("To: <sip:+15550100001@192.0.2.50>;tag=ours")
		if got := names(x.send(x.carrier, again.text(sdp))); got != "100" {
			t.Errorf("the re-INVITE is answered %q", got)
		}
		before := len(x.network.Packets())
		if got := names(x.send(rival, cancelOf(again).text(""))); got != "481 CANCEL" {
			t.Errorf("another trunk's CANCEL is answered %q", got)
		}
		if said := x.said(before, carrierAddr); len(said) != 0 {
			t.Errorf("the carrier hears %s", names(said))
		}
		if got := names(x.send(x.carrier, cancelOf(again).text(""))); got != "200 CANCEL, 487" {
			t.Errorf("its caller's CANCEL is answered %q", got)
		}
	})
}
