package sip_test

import (
	"cmp"
	"fmt"

	"maskd/sip"
	"maskd/sip/leg"
)

// dialogue is what an onlooker knows of what the two ends of a leg ask of each
// other: offers and answers (RFC 3264), re-INVITE (RFC 3261 section 14), UPDATE
// (RFC 3311), PRACK (RFC 3262) and the session timer (RFC 4028).
type dialogue struct {
	Offer   offer
	Agreed  bool             // an offer has had its answer
	Due     leg.Input        // the peer's request that has no answer from us
	Change  bool             // ours has no final response
	Changed bool             // it had a 2xx, which may come again
	OweAck  bool             // that waits for our ACK
	Glare   bool             // it met the peer's, and is to be sent again
	Waits   bool             // our 2xx to the peer's re-INVITE waits for its ACK
	Taken   bool             // there was one, so that the ACK may come again
	Timer   leg.SessionTimer // what was agreed on last
}

// offer is whose offer has no answer.
type offer uint8

const (
	offerNone offer = iota
	offerOurs
	offerTheirs
)

// answered notes the answer to the offer.
func (d *dialogue) answered() { d.Offer, d.Agreed = offerNone, true }

// over forgets what nobody waits for any more, because the dialog has ended.
func (d *dialogue) over() { d.Glare, d.Waits = false, false }

// happen notes what the peer says.
func (d *dialogue) happen(in leg.Input, at standing) {
	switch in.Kind {
	case leg.GotReinvite, leg.GotUpdate, leg.GotPrack:
		d.Due = in
	case leg.GotChangeAck:
		if d.Waits && d.Offer == offerOurs {
			d.Offer = offerNone
		}
		d.Waits = false
	case leg.GotChanged:
		d.OweAck = true
		if d.Change {
			d.Change, d.Changed, d.Offer, d.Timer = false, true, offerNone, in.Timer
		}
	case leg.GotGlare:
		d.Change, d.Offer, d.Glare = false, offerNone, at == standingConfirmed
	case leg.GotRefused, leg.GotGone:
		d.Change, d.Offer = false, offerNone
	case leg.GlareFired:
		d.Glare = false
	}
}

// perform notes what we say.
func (d *dialogue) perform(act leg.Action) {
	switch act.Do {
	case leg.SendChange, leg.SendRefresh:
		d.Change, d.Changed, d.Offer, d.Glare = true, false, offerOurs, false
	case leg.AckChange:
		d.OweAck = false
	case leg.AcceptChange:
		if d.Due.Kind == leg.GotReinvite {
			d.Waits, d.Taken, d.Glare = true, true, false
		}
		if act.Body == leg.BodyOffer {
			d.Offer = offerOurs
		}
		d.Due, d.Timer = leg.Input{}, d.Due.Timer
	case leg.RefuseChange, leg.AcceptPrack:
		d.Due = leg.Input{}
	case leg.SendBye, leg.AcceptBye:
		d.over()
	}
}

// standing is how far a dialog has come.
type standing uint8

const (
	standingEarly     standing = iota // the INVITE has no final response
	standingAnswered                  // a UAS waits for the ACK
	standingConfirmed                 // there is a session to change
	standingOver
)

func (w *wire) standingOfA() standing {
	switch {
	case w.Call.Ours:
		return w.First.standing(w.Call)
	case w.Call.Ended || w.A.Said == saidNo || !w.A.Bye.none():
		return standingOver
	case w.A.Said != said2xx:
		return standingEarly
	case !w.A.Acked:
		return standingAnswered
	default:
		return standingConfirmed
	}
}

func (w *wire) standingOfB(number uint8) standing { return w.B[number].standing(w.Call) }

// standing is how far the dialog of a leg that we invite has come.
func (b *wireB) standing(call wireCall) standing {
	switch {
	case call.Ended || b.Released || b.Final == finalNo || !b.Bye.none():
		return standingOver
	case b.Final == finalNone:
		return standingEarly
	default:
		return standingConfirmed
	}
}

// forbids returns why the action may not be done now, if it may not.
func (d *dialogue) forbids(act leg.Action, at standing) string {
	switch act.Do {
	case leg.SendChange, leg.SendRefresh:
		switch {
		case at != standingConfirmed:
			return "there is no session to change (section 14.1)"
		case d.Change:
			return "the change before has no final response (section 14.1)"
		case d.Offer != offerNone:
			return "an offer has no answer (RFC 3264 section 4)"
		case d.Waits:
			return "the ACK to the re-INVITE before has not come (RFC 5407 section 3.1.4)"
		}
	case leg.AckChange:
		if !d.OweAck {
			return "there is no 2xx to acknowledge (section 13.2.2.4)"
		}
	case leg.ResendChange:
		if !d.Waits {
			return "there is no 2xx that waits for its ACK (section 13.3.1.4)"
		}
	case leg.AcceptChange:
		return d.forbidsAccepting(act, at)
	case leg.RefuseChange:
		return d.forbidsRefusing(act.Status, at)
	case leg.AcceptPrack:
		switch {
		case d.Due.Kind != leg.GotPrack:
			return "there is no PRACK"
		case (act.Body == leg.BodyAnswer) != (d.Due.Body == leg.BodyOffer && d.Offer == offerNone && at != standingOver):
			return "it answers no offer, or not the one there is (RFC 3262 section 5)"
		}
	}
	return ""
}

func (d *dialogue) forbidsAccepting(act leg.Action, at standing) string {
	reinvite := d.Due.Kind == leg.GotReinvite
	switch {
	case !reinvite && d.Due.Kind != leg.GotUpdate:
		return "there is nothing to accept"
	case at == standingOver:
		return "the dialog has ended"
	case reinvite && at != standingConfirmed:
		return "the INVITE is not over (section 14.2)"
	case reinvite && (d.Change || d.Waits):
		return "a re-INVITE is not over (section 14.2)"
	case d.Due.Body != leg.BodyNone && d.Offer != offerNone:
		return "an offer has no answer (RFC 3311 section 5.2)"
	case d.Due.Body == leg.BodyBad:
		return "it can't be used"
	case (act.Body == leg.BodyAnswer) != (d.Due.Body == leg.BodyOffer):
		return "an offer, and no answer, or the reverse"
	case (act.Body == leg.BodyOffer) != (reinvite && d.Due.Body == leg.BodyNone):
		return "it asks for an offer and gets none, or the reverse (section 14.2)"
	default:
		return ""
	}
}

// forbidsRefusing wants a reason for each status.
func (d *dialogue) forbidsRefusing(status int, at standing) string {
	reinvite, offers := d.Due.Kind == leg.GotReinvite, d.Due.Body != leg.BodyNone
	reason := false
	switch status {
	case 481:
		reason = at == standingOver
	case 488:
		reason = d.Due.Body == leg.BodyBad
	case 491:
		reason = d.Offer == offerOurs && (reinvite || offers) || reinvite && (d.Change || d.Waits || at == standingEarly || at == standingAnswered)
	case 500: // an 18x without its PRACK may be unknown to the peer, and so our answer
		reason = at == standingEarly && (reinvite || offers)
	}
	if !reason {
		return "there is no reason for that status"
	}
	return ""
}

// checkDialogue holds what must be so of each leg after every step.
func checkDialogue(t *transition) string {
	w := t.after()
	reason := cmp.Or(w.A.Talk.checkReplied("A"), w.First.Talk.checkReplied("A"))
	for n := range w.B {
		reason = cmp.Or(reason, w.B[n].Talk.checkReplied(fmt.Sprintf("B%d", n+1)))
	}
	return reason
}

func (d *dialogue) checkReplied(name string) string {
	switch {
	case d.Due.Kind != 0:
		return name + ": a request has no answer: " + d.Due.Kind.String()
	case d.OweAck:
		return name + ": a 2xx to a re-INVITE of ours is not acknowledged"
	default:
		return ""
	}
}

// checkOffers holds that offers and answers take turns, in what is sent and in
// what is said to the peer's requests.
func checkOffers(t *transition) string {
	for i, a := range t.Acts {
		w, reason := t.at(i), ""
		switch {
		case a.On == sip.LegA && w.Call.Ours:
			reason = w.First.Talk.forbids(a.Leg, w.standingOfA())
		case a.On == sip.LegA:
			reason = w.A.forbidsBody(a.Leg)
			if reason == "" {
				reason = w.A.Talk.forbids(a.Leg, w.standingOfA())
			}
		case a.On != sip.Whole:
			b := w.out(a.On)
			reason = b.Talk.forbids(a.Leg, b.standing(w.Call))
		}
		if reason != "" {
			return nameAction(a) + ": " + reason
		}
	}
	return ""
}

// forbidsBody returns why a response to the caller's INVITE may not have the
// body that it has (RFC 3261 section 13.2.1, RFC 3262 sections 3 and 5).
func (a *wireA) forbidsBody(act leg.Action) string {
	switch act.Do {
	case leg.SendRinging, leg.SendProgress:
		first := a.Asks.Late && a.Asks.Reliable == leg.ReliableRequired && !a.Talk.Agreed
		switch {
		case act.Reliable && a.Prack:
			return "the one before has no PRACK (RFC 3262 section 3)"
		case act.Reliable && a.Asks.Reliable == leg.ReliableNever:
			return "the caller knows of no reliable responses"
		case !act.Reliable && a.Asks.Reliable == leg.ReliableRequired:
			return "the caller requires reliable responses"
		case act.Body == leg.BodyAnswer && a.Talk.Offer != offerTheirs:
			return "an answer to no offer"
		case (act.Body == leg.BodyOffer) != first:
			return "our offer must be in the first reliable response, and there only"
		}
	case leg.SendOK:
		want := leg.BodyOffer
		switch {
		case a.Talk.Agreed:
			want = leg.BodyNone
		case a.Talk.Offer == offerTheirs:
			want = leg.BodyAnswer
		}
		switch {
		case a.Prack:
			return "an 18x has no PRACK (RFC 3262 section 3)"
		case act.Body != want:
			return "it has " + act.Body.String() + " and not " + want.String()
		}
	case leg.ResendEarly:
		if !a.Prack {
			return "there is no 18x that waits for its PRACK (RFC 3262 section 3)"
		}
	}
	return ""
}
