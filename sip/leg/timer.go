package leg

import "time"

// Timer names a timer of a leg. Its owner keeps one of each per leg.
type Timer uint8

// The timers.
const (
	TimerResend  Timer = iota + 1 // our 2xx to an INVITE is sent again
	TimerAck                      // the ACK to our 2xx does not come
	TimerEarly                    // UAS: the reliable 18x is sent again
	TimerPrack                    // UAS: the PRACK does not come
	TimerGateway                  // UAC: the gateway says nothing
	TimerCancel                   // UAC: the final response after CANCEL does not come
	TimerGlare                    // our re-INVITE that met the peer's is sent again
	TimerRefresh                  // the session is to be refreshed by us
	TimerExpire                   // nobody has refreshed the session
	Timers                        // how many there are, plus one
)

// The protocol's times (RFC 3261 table 4).
const (
	T1 = 500 * time.Millisecond
	T2 = 4 * time.Second
	// patience is how long a peer has for what it owes us.
	patience = 64 * T1
)

// GatewayPatience is how long a gateway has for its first response, as long as
// there is another to try. Timer B, 32 s, is longer than a caller waits; in 4 s
// an INVITE was sent four times.
const GatewayPatience = 4 * time.Second

func start(t Timer, after time.Duration) Action {
	return Action{Do: StartTimer, Timer: t, After: after}
}
func stop(t Timer) Action { return Action{Do: StopTimer, Timer: t} }

// Fired returns the input for this timer's running out.
func (t Timer) Fired() Input {
	return Input{Kind: [Timers]InputKind{
		TimerResend: ResendFired, TimerAck: AckFired, TimerEarly: EarlyFired, TimerPrack: PrackFired,
		TimerGateway: GatewayFired, TimerCancel: CancelFired, TimerGlare: GlareFired,
		TimerRefresh: RefreshFired, TimerExpire: ExpireFired,
	}[t]}
}

// SessionTimer is what RFC 4028 calls the session interval and the refresher;
// zero if the session needs no refreshing.
type SessionTimer struct {
	Every time.Duration
	Ours  bool // we refresh, not the peer
}

// refreshAfter is half of the interval (section 7.2).
func (t SessionTimer) refreshAfter() time.Duration { return t.Every / 2 }

// expireAfter is a little before the interval ends, so that our BYE is there
// before the peer forgets the session (section 10).
func (t SessionTimer) expireAfter() time.Duration { return t.Every - min(patience, t.Every/3) }

// start starts the timers of an interval, in place of those of the one before.
func (t SessionTimer) start(acts []Action) []Action {
	if t.Every == 0 {
		return acts
	}
	if t.Ours {
		acts = append(acts, start(TimerRefresh, t.refreshAfter()))
	}
	return append(acts, start(TimerExpire, t.expireAfter()))
}

func (t SessionTimer) stop(acts []Action) []Action {
	if t.Every == 0 {
		return acts
	}
	if t.Ours {
		acts = append(acts, stop(TimerRefresh))
	}
	return append(acts, stop(TimerExpire))
}

// next goes over to the timer that a refresh has agreed on.
func (t SessionTimer) next(agreed SessionTimer, acts []Action) (SessionTimer, []Action) {
	if t.Ours && !agreed.Ours || agreed.Every == 0 {
		acts = t.stop(acts)
	}
	return agreed, agreed.start(acts)
}
