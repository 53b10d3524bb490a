package edge

import (
	"testing"

	"maskd/sip/leg"
	"maskd/sip/siptest"
)

// The ACK to a 2xx is made anew each time that the 2xx comes, and is the same (RFC 3261
// section 13.2.2.4).
func TestAnAckIsTheSameEachTime(t *testing.T) {
	inExchange(t, func(x *exchange) {
		r := x.ring()
		x.respond(x.carrier, x.invited(), "200 OK")
		if in, ok := r.Heard(<-r.heard); !ok || in.Kind != leg.GotOK {
			t.Fatalf("heard %v", in.Kind)
		}
		before := len(x.network.Packets())
		for range 3 {
			if err := r.Do(leg.Action{Do: leg.SendAck}, nil); err != nil {
				t.Fatal(err)
			}
		}
		acks := x.network.Packets()[before:]
		for _, p := range acks {
			if m := siptest.Parse(p.Data); m.Name() != "ACK" || string(p.Data) != string(acks[0].Data) {
				t.Errorf("the first was\n%s\nthis one is\n%s", acks[0].Data, p.Data)
			}
		}
		if len(acks) != 3 {
			t.Errorf("%d messages are sent", len(acks))
		}
		r.Close()
	})
}
