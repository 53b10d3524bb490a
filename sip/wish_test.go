package sip

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"maskd/mapping"
	"maskd/media"
	"maskd/media/sound"
)

// genie grants wishes, after some time.
type genie struct {
	takes   time.Duration
	err     error
	granted []Wish
}

func (g *genie) Grant(ctx context.Context, w Wish) error {
	select {
	case <-time.After(g.takes):
	case <-ctx.Done():
		return ctx.Err()
	}
	w.Call = mapping.ID{}
	g.granted = append(g.granted, w)
	return g.err
}

// Each party wants for itself, on whichever leg it is and whatever else is going on; it hears
// what became of it, and the call goes on.
func TestWhatAPartyWantsByKey(t *testing.T) {
	const beep, no = 1, 2
	heardIs := func(packets uint64) int {
		switch {
		case packets == 0:
			return 0
		case packets <= uint64(sound.Invitation().Prompt().Duration()/(20*time.Millisecond))+1:
			return beep
		default:
			return no
		}
	}
	a, b := rider.number(), customer.number()
	quiet := func(side mapping.Side, own, other mapping.Number) Wish {
		return Wish{Want: WantQuiet, Interaction: interaction, Tenant: "north", Side: side, Own: own, Other: other}
	}
	block := func(side mapping.Side, own, other mapping.Number) Wish {
		w := quiet(side, own, other)
		w.Want = WantBlock
		return w
	}
	none := func(c cast) cast { return c }
	for _, tt := range []struct {
		name   string
		of     func(cast) cast
		script func(*world)
		want   []Wish
		a, b   int
		err    error
	}{
		{"A not to be disturbed", none, func(w *world) { w.keyed(media.A, "*8") }, []Wish{quiet(mapping.SideA, a, b)}, beep, 0, nil},
		{"B not to be disturbed", none, func(w *world) { w.keyed(media.B, "*8") }, []Wish{quiet(mapping.SideB, b, a)}, 0, beep, nil},
		{"A blocks B", none, func(w *world) { w.keyed(media.A, "*9") }, []Wish{block(mapping.SideA, a, b)}, beep, 0, nil},
		{"B blocks A", none, func(w *world) { w.keyed(media.B, "*9") }, []Wish{block(mapping.SideB, b, a)}, 0, beep, nil},
		{"the store can't", none, func(w *world) { w.keyed(media.A, "*8") }, []Wish{quiet(mapping.SideA, a, b)}, no, 0, errors.New("disk full")},
		{"without a star", none, func(w *world) { w.keyed(media.A, "8*79") }, nil, 0, 0, nil},
		{"a star that is another's", none, func(w *world) { w.keyed(media.A, "*"); w.keyed(media.B, "8") }, nil, 0, 0, nil},
		{"both, one after the other", none, func(w *world) { w.keyed(media.A, "*8"); time.Sleep(time.Second); w.keyed(media.A, "*9") },
			[]Wish{quiet(mapping.SideA, a, b), block(mapping.SideA, a, b)}, no, 0, nil},
		{"in a call that is recorded", func(c cast) cast { c.record = mapping.RecordingAgreed; return c },
			func(w *world) { w.keyed(media.B, "*82") }, []Wish{quiet(mapping.SideB, b, a)}, 0, beep, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			g := &genie{takes: 100 * time.Millisecond, err: tt.err}
			c := tt.of(usual)
			c.wishes = g
			inWorld(t, c, func(w *world) {
				w.talk()
				sound := w.session()
				tt.script(w)
				time.Sleep(time.Second)
				synctest.Wait()
				if len(g.granted) != len(tt.want) {
					t.Fatalf("%d wishes, want %d", len(g.granted), len(tt.want))
				}
				for i, want := range tt.want {
					if g.granted[i] != want {
						t.Errorf("%s of %s is asked, want %s of %s", g.granted[i].Want, g.granted[i].Side, want.Want, want.Side)
					}
				}
				stats := sound.Stats()
				if heardA, heardB := heardIs(stats.Leg(media.A).Out.Packets), heardIs(stats.Leg(media.B).Out.Packets); heardA != tt.a || heardB != tt.b {
					t.Errorf("A and B hear %d and %d, want %d and %d", heardA, heardB, tt.a, tt.b)
				}
				if len(w.b2bua.Calls()) != 1 {
					t.Error("the call is over")
				}
				w.hangUp(w.rider)
				w.settle()
				if w.studio != nil {
					if got := w.listened(); got != "0" {
						t.Errorf("the recording listened %q", got)
					}
				}
			})
		})
	}
}

// A wish that is granted when the call is over, or never, holds nobody up.
func TestAWishDoesNotHoldUpACall(t *testing.T) {
	g := &genie{takes: time.Hour}
	c := usual
	c.wishes = g
	inWorld(t, c, func(w *world) {
		w.talk()
		w.keyed(media.A, "*8")
		w.hangUp(w.rider)
		w.settle()
		if len(g.granted) != 0 {
			t.Error("it was granted")
		}
	})
}
