package sip

import (
	"testing"
	"time"

	"maskd/mapping"
)

// redirecting is the cast where who is nobody's party, and calls the rider's DID,
// is sent to the customer.
func redirecting() cast {
	c := usual
	c.redirect = customer.number()
	return c
}

// redirected is a call of a stranger that the customer answers.
func (w *world) redirected() {
	w.t.Helper()
	w.await(w.customer, "INVITE")
	w.customer.Respond(180, "Ringing")
	w.await(w.rider, "180")
	w.customer.Answer()
	w.await(w.rider, "200")
	time.Sleep(time.Second)
	w.hangUp(w.rider)
	time.Sleep(time.Second)
}

func TestStrangersAreRedirected(t *testing.T) {
	play(t, []ladder{
		{name: "redirected_stranger", cast: redirecting(), script: func(w *world) {
			w.rider.Invite(string(riderDID), noParty)
			w.redirected()
			if cdr := w.journal.final()[0]; !cdr.Redirected || !cdr.Interaction.IsZero() || cdr.Shown != riderDID {
				w.t.Errorf("CDR: redirected %t, interaction %v, shown %s", cdr.Redirected, cdr.Interaction, cdr.Shown)
			}
		}},
		{name: "redirected_party_of_what_is_over", cast: redirecting(), script: func(w *world) {
			w.directory.complete()
			w.rider.Invite(string(riderDID))
			w.redirected()
		}},
		{name: "redirected_but_not_who_hides_where_he_is_refused", cast: redirecting(), script: func(w *world) {
			w.directory.refuse(mapping.RefusalWithheld)
			w.directory.hides = true
			w.rider.Invite(string(riderDID), anonymous)
			w.await(w.rider, "404")
		}},
		{name: "redirected_by_another_did", cast: redirecting(), script: func(w *world) {
			w.rider.Invite(string(noDID), noParty)
			w.await(w.rider, "404")
		}},
	})
}

// Whose time is over is sent where all go who are no party, though his number is
// still known.
func TestTheExpiredAreRedirected(t *testing.T) {
	inWorld(t, redirecting(), func(w *world) {
		w.directory.expire()
		w.rider.Invite(string(riderDID))
		w.redirected()
	})
	inWorld(t, usual, func(w *world) {
		w.directory.expire()
		w.rider.Invite(string(riderDID))
		w.await(w.rider, "404")
		time.Sleep(time.Second)
		if got := w.journal.final()[0].Refusal; got != mapping.RefusalExpired {
			t.Errorf("refused as %s", got)
		}
	})
}

// A party is connected as if nobody were redirected.
func TestAPartyIsNotRedirected(t *testing.T) {
	inWorld(t, redirecting(), func(w *world) {
		w.talk()
		w.hangUp(w.rider)
		time.Sleep(time.Second)
		if cdr := w.journal.final()[0]; cdr.Redirected || cdr.Shown != customerDID {
			t.Errorf("CDR: redirected %t, shown %s", cdr.Redirected, cdr.Shown)
		}
	})
}
