package sip

import (
	"context"
	"strconv"
	"sync"
	"time"

	"go.uber.org/zap"

	"maskd/mapping"
	"maskd/media/sound"
)

// What a party says by key, in the middle of a call, of who may reach it from then on.

// granting is how long it may take until what a party wants is durable. Then it
// hears that it is not granted, and can want it again.
const granting = 5 * time.Second

// Want is what a party may want by key.
type Want uint8

// The wants.
const (
	WantQuiet Want = iota + 1 // not to be reached by this interaction any more
	WantBlock                 // neither to reach the other nor to be reached by him, in any of its tenant
)

// String returns the want as logs have it.
func (w Want) String() string {
	switch w {
	case WantQuiet:
		return "do_not_disturb"
	case WantBlock:
		return "block"
	default:
		return "want(" + strconv.Itoa(int(w)) + ")"
	}
}

// Wish is a want of a party of a call.
type Wish struct {
	Want
	Call, Interaction mapping.ID
	Tenant            mapping.Tenant // whose interaction it is
	Side              mapping.Side   // whose it is
	Own, Other        mapping.Number // his number, and that of whom he talks to
}

// Wishes grants what parties want by key.
type Wishes interface {
	// Grant makes a wish durable: without an error it holds for calls to come when it
	// returns. It is called by many goroutines.
	Grant(ctx context.Context, w Wish) error
}

// WantKeys are what the parties press behind a star at any time in a call. What is
// no key wants nothing.
type WantKeys struct {
	Quiet, Block uint8
}

// wanting is what a call has to do with wishes. One is granted beside the call's
// goroutine.
type wanting struct {
	cancel   context.CancelFunc
	granting sync.WaitGroup
	busy     bool // one is being granted
}

// wants takes a key behind a star that may be a wish, and reports whether it is.
func (c *call) wants(on Target, key uint8) bool {
	switch {
	case c.b.wishes == nil:
		return false
	case key == c.b.wantKeys.Quiet:
		c.wish(on, WantQuiet)
	case key == c.b.wantKeys.Block:
		c.wish(on, WantBlock)
	default:
		return false
	}
	return true
}

// wish has a wish granted, and lets who has it hear whether it is. Nobody can wish
// for a party that he only stands in for, nor against a number that is not known.
func (c *call) wish(on Target, want Want) {
	w := Wish{Want: want, Call: c.id, Interaction: c.route.Interaction, Tenant: c.route.Tenant, Side: c.sideOf(on), Own: c.caller(), Other: c.cdr.Target}
	if on != LegA {
		w.Own, w.Other = w.Other, w.Own
	}
	stranded := on != LegA && c.cdr.Diverted != 0 || want == WantBlock && (w.Own.IsZero() || w.Other.IsZero())
	if stranded || w.Interaction == (mapping.ID{}) || c.wanting.busy {
		c.hearWish(on, false)
		return
	}
	var ctx context.Context
	ctx, c.wanting.cancel = context.WithTimeout(context.Background(), granting)
	c.wanting.busy = true
	c.wanting.granting.Go(func() {
		err := c.b.wishes.Grant(ctx, w)
		if err != nil {
			c.log().Warn("wish of a party not granted", zap.Stringer("wish", want), zap.Stringer("party", w.Side), zap.Error(err))
		}
		c.mail.put(letter{kind: fromWishes, leg: on, granted: err == nil})
	})
}

// caller is the number that the route is for, which is not what he shows who has
// proved by a PIN whose he is.
func (c *call) caller() mapping.Number { return c.route.From }

// wished is the end of a wish.
func (c *call) wished(on Target, granted bool) {
	c.wanting.busy = false
	c.wanting.cancel()
	if c.state.Bridge == BridgeOpen {
		c.hearWish(on, granted)
	}
}

// hearWish lets who had a wish hear what became of it: a beep, or the tone of what is
// not to be had. Who still hears that he is recorded hears that to its end.
func (c *call) hearWish(on Target, granted bool) {
	if c.tape.telling[endOf(on)] {
		return
	}
	prompt := sound.Unobtainable()
	if granted {
		prompt = sound.Invitation().Prompt()
	}
	c.playTo(legOfSound(on), prompt, false)
}

// end waits until nothing is being granted.
func (w *wanting) end() {
	if w.cancel != nil {
		w.cancel()
	}
	w.granting.Wait()
}
