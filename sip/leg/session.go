package leg

import (
	"strconv"
	"time"
)

// Session is how the session of an established dialog is changed and
// refreshed, by either end: re-INVITE (RFC 3261 section 14), UPDATE (RFC 3311)
// and the session timer (RFC 4028). The zero Session is as the INVITE left it.
//
// A peer's offer is answered at once and by ourselves, because sound ends at
// each leg; the other leg only hears of a hold.
type Session struct {
	State SessionState
	// Wish is what is to be sent when the present exchange is over.
	Wish Wish
	// Sent is what was sent last, while State is SessionOffering or SessionWaiting.
	Sent Wish
	// Interval is the time to the next retransmission of our 2xx.
	Interval time.Duration
	// Timer is what the last exchange agreed on.
	Timer SessionTimer
	// Due is whether it is for us to refresh the session, and it is time.
	Due bool
}

// SessionState is where an exchange of offer and answer is.
type SessionState uint8

// The states of a session.
const (
	SessionStable   SessionState = iota
	SessionOffering              // ours is sent, and has no final response
	SessionWaiting               // it met the peer's: it is to be sent again (section 14.1)
	SessionAnswered              // our 2xx to the peer's re-INVITE waits for its ACK
	SessionOffered               // so does our 2xx with our own offer, and the ACK brings the answer
)

// String names the state.
func (s SessionState) String() string {
	names := [...]string{"stable", "offering", "waiting", "answered", "offered"}
	if int(s) < len(names) {
		return names[s]
	}
	return "session(" + strconv.Itoa(int(s)) + ")"
}

// Wish is what we want to send within a dialog.
type Wish uint8

// The wishes; the greater one includes the other.
const (
	WishNothing Wish = iota
	WishRefresh
	WishChange
)

// open begins with the timer that the INVITE has agreed on.
func (s Session) open(t SessionTimer, acts []Action) (Session, []Action) {
	s.Timer = t
	return s.next(t.start(acts))
}

// close stops every timer: the dialog ends.
func (s Session) close(acts []Action) []Action {
	switch s.State {
	case SessionWaiting:
		acts = append(acts, stop(TimerGlare))
	case SessionAnswered, SessionOffered:
		acts = append(acts, stop(TimerResend), stop(TimerAck))
	}
	return s.Timer.stop(acts)
}

// lost reports whether the input means that the peer is gone.
func (s Session) lost(in Input) bool {
	switch in.Kind {
	case ExpireFired:
		return true
	case GotGone:
		return s.State == SessionOffering
	case AckFired:
		return s.State == SessionAnswered || s.State == SessionOffered
	default:
		return false
	}
}

// step is the machine. owner is whether the dialog's Call-ID is ours, which
// decides who waits longer after a 491 (section 14.1).
func (s Session) step(in Input, owner bool, acts []Action) (Session, []Action) {
	switch in.Kind {
	case Change:
		return s.wish(WishChange, acts)
	case RefreshFired:
		s.Due = s.Timer.Ours
		return s.wish(WishRefresh, acts)
	case GotReinvite:
		return s.reinvited(in, acts)
	case GotUpdate:
		return s.updated(in, acts)
	case GotChanged:
		return s.changed(in, append(acts, Action{Do: AckChange}))
	}
	switch s.State {
	case SessionOffering:
		return s.offering(in, owner, acts)
	case SessionWaiting:
		if in.Kind == GlareFired {
			return s.send(s.Sent, acts)
		}
		return s, acts
	case SessionAnswered, SessionOffered:
		return s.unacknowledged(in, acts)
	default:
		return s, acts
	}
}

// wish sends what is wanted, or keeps it until it may be sent.
func (s Session) wish(w Wish, acts []Action) (Session, []Action) {
	switch s.State {
	case SessionStable:
		return s.send(w, acts)
	case SessionWaiting: // what is sent then is as things are then
		s.Sent = max(s.Sent, w)
		return s, acts
	default:
		s.Wish = max(s.Wish, w)
		return s, acts
	}
}

func (s Session) send(w Wish, acts []Action) (Session, []Action) {
	s.State, s.Sent = SessionOffering, w
	if w == WishRefresh {
		return s, append(acts, Action{Do: SendRefresh, Body: BodyOffer})
	}
	return s, append(acts, Action{Do: SendChange, Body: BodyOffer})
}

// next is what is sent now that an exchange is over.
func (s Session) next(acts []Action) (Session, []Action) {
	s.State, s.Sent, s.Interval = SessionStable, WishNothing, 0
	w := s.Wish
	if w == WishNothing {
		return s, acts
	}
	s.Wish = WishNothing
	return s.send(w, acts)
}

// reinvited answers the peer's re-INVITE (section 14.2).
func (s Session) reinvited(in Input, acts []Action) (Session, []Action) {
	switch {
	case s.State == SessionOffering, s.State == SessionAnswered, s.State == SessionOffered:
		return s, append(acts, refuse(491))
	case in.Body == BodyBad:
		return s, append(acts, refuse(488))
	}
	if s.State == SessionWaiting { // what we wanted is sent when this is over
		acts = append(acts, stop(TimerGlare))
		s.Wish, s.Sent = max(s.Wish, s.Sent), WishNothing
	}
	s.Interval = T1
	if in.Body == BodyOffer {
		s.State = SessionAnswered
		acts = in.Flow.told(append(acts, acceptChange(BodyAnswer)))
	} else {
		s.State = SessionOffered
		acts = append(acts, acceptChange(BodyOffer))
	}
	return s.refreshed(in.Timer, append(acts, start(TimerResend, T1), start(TimerAck, patience)))
}

// updated answers the peer's UPDATE (RFC 3311 section 5.2).
func (s Session) updated(in Input, acts []Action) (Session, []Action) {
	switch {
	case in.Body == BodyBad:
		return s, append(acts, refuse(488))
	case in.Body == BodyOffer && (s.State == SessionOffering || s.State == SessionOffered):
		return s, append(acts, refuse(491))
	case in.Body == BodyOffer:
		acts = in.Flow.told(append(acts, acceptChange(BodyAnswer)))
	default:
		acts = append(acts, acceptChange(BodyNone))
	}
	return s.refreshed(in.Timer, acts)
}

// changed: the peer took what we sent; a 2xx that comes again was only
// acknowledged. An answer that can't be used changes nothing. The answer may
// tell that the peer is back, before it says so by itself.
func (s Session) changed(in Input, acts []Action) (Session, []Action) {
	if s.State != SessionOffering {
		return s, acts
	}
	if in.Body == BodyAnswer {
		acts = in.Flow.told(acts)
	}
	s, acts = s.refreshed(in.Timer, acts)
	return s.next(acts)
}

// refreshed: an exchange of either end has agreed on a timer anew.
func (s Session) refreshed(agreed SessionTimer, acts []Action) (Session, []Action) {
	s.Due = false
	s.Timer, acts = s.Timer.next(agreed, acts)
	return s, acts
}

// offering: ours did not get a 2xx.
func (s Session) offering(in Input, owner bool, acts []Action) (Session, []Action) {
	switch in.Kind {
	case GotGlare:
		s.State = SessionWaiting
		s.Sent, s.Wish = max(s.Sent, s.Wish), WishNothing
		return s, append(acts, glare(owner))
	case GotRefused: // the call goes on as it is (section 14.1)
		if s.Due { // the peer lives: once more before the session expires
			acts = append(acts, start(TimerRefresh, s.Timer.Every/8))
		}
		return s.next(acts)
	default:
		return s, acts
	}
}

// glare is the wait of section 14.1: who owns the Call-ID waits longer.
func glare(owner bool) Action {
	if owner {
		return Action{Do: StartTimer, Timer: TimerGlare, After: 2100 * time.Millisecond, Spread: 1900 * time.Millisecond}
	}
	return Action{Do: StartTimer, Timer: TimerGlare, After: 10 * time.Millisecond, Spread: 1990 * time.Millisecond}
}

// unacknowledged: our 2xx to a re-INVITE is sent until its ACK comes (section 13.3.1.4).
func (s Session) unacknowledged(in Input, acts []Action) (Session, []Action) {
	switch in.Kind {
	case GotChangeAck:
		if s.State == SessionOffered && in.Body == BodyAnswer {
			acts = in.Flow.told(acts)
		}
		return s.next(append(acts, stop(TimerResend), stop(TimerAck)))
	case ResendFired:
		s.Interval = min(2*s.Interval, T2)
		return s, append(acts, Action{Do: ResendChange}, start(TimerResend, s.Interval))
	default:
		return s, acts
	}
}
