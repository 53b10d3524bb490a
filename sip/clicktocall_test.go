package sip

import (
	"errors"
	"testing"
	"time"

	"maskd/mapping"
	"maskd/media"
	"maskd/sip/edge"
	"maskd/sip/siptest"
)

// originate begins a call with a side.
func (w *world) originate(from mapping.Side, confirm bool) error {
	_, err := w.b2bua.Originate(Origination{Interaction: interaction, From: from, Confirm: confirm})
	return err
}

// click makes the daemon ring the rider, and then the customer.
func (w *world) click(confirm bool) {
	w.t.Helper()
	w.must(w.originate(mapping.SideA, confirm))
	w.await(w.rider, "INVITE")
}

// pickUp lets the rider's phone ring, and answers.
func (w *world) pickUp() {
	w.t.Helper()
	w.rider.Respond(180, "Rider is ringing")
	time.Sleep(time.Second)
	w.rider.Answer()
	w.await(w.rider, "ACK")
}

// clickAndTalk makes the two talk by a click.
func (w *world) clickAndTalk() {
	w.t.Helper()
	w.click(false)
	w.pickUp()
	w.rung()
}

// reachCustomer picks up, and lets the customer's phone ring.
func (w *world) reachCustomer() {
	w.t.Helper()
	w.pickUp()
	w.await(w.customer, "INVITE")
	w.customer.Respond(180, "Customer is ringing")
	time.Sleep(time.Second)
}

func TestClickToCall(t *testing.T) {
	limited := usual
	limited.limits = edge.Limits{CallsPerSecondOut: 1}
	play(t, []ladder{
		{name: "click_and_rider_hangs_up", script: func(w *world) {
			w.clickAndTalk()
			w.hangUp(w.rider)
		}},
		{name: "click_and_customer_hangs_up", script: func(w *world) {
			w.clickAndTalk()
			w.hangUp(w.customer)
		}},
		{name: "click_from_the_other_side", script: func(w *world) {
			w.must(w.originate(mapping.SideB, false))
			w.await(w.customer, "INVITE")
			w.customer.Answer()
			w.await(w.rider, "INVITE")
			w.rider.Answer()
			w.await(w.rider, "ACK")
			time.Sleep(10 * time.Second)
			w.hangUp(w.rider)
		}},
		{name: "click_and_rider_is_busy", script: func(w *world) {
			w.click(false)
			w.rider.Respond(486, "Rider is busy")
		}},
		{name: "click_and_rider_does_not_answer", script: func(w *world) {
			w.click(false)
			w.rider.Respond(180, "Rider is ringing")
			w.await(w.rider, "CANCEL")
		}},
		{name: "click_and_customer_is_busy", script: func(w *world) {
			w.click(false)
			w.pickUp()
			w.await(w.customer, "INVITE")
			w.customer.Respond(486, "Customer is busy")
			w.await(w.rider, "BYE")
		}},
		{name: "click_and_customer_does_not_answer", script: func(w *world) {
			w.click(false)
			w.reachCustomer()
			w.await(w.rider, "BYE")
		}},
		{name: "click_and_rider_hangs_up_while_it_rings", script: func(w *world) {
			w.click(false)
			w.reachCustomer()
			w.hangUp(w.rider)
		}},
		{name: "click_and_confirmed", script: func(w *world) {
			w.click(true)
			w.pickUp()
			time.Sleep(time.Second)
			w.press("1")
			w.rung()
			w.hangUp(w.rider)
		}},
		{name: "click_and_confirmed_at_the_second_try", script: func(w *world) {
			w.click(true)
			w.pickUp()
			w.press("5")
			w.press("1")
			w.rung()
			w.hangUp(w.customer)
		}},
		{name: "click_and_a_voicemail_picks_up", script: func(w *world) {
			w.click(true)
			w.pickUp()
			w.await(w.rider, "BYE")
		}},
		{name: "click_and_complete_while_rider_rings", script: func(w *world) {
			w.click(false)
			w.rider.Respond(180, "Rider is ringing")
			time.Sleep(time.Second)
			w.complete(1)
			w.await(w.rider, "CANCEL")
		}},
		{name: "click_and_complete_as_rider_answers", script: func(w *world) {
			w.click(false)
			w.rider.Respond(180, "Rider is ringing")
			time.Sleep(time.Second)
			w.rider.Answer()
			w.complete(1)
			w.await(w.rider, "BYE")
		}},
		{name: "click_and_complete_while_customer_rings", script: func(w *world) {
			w.click(false)
			w.reachCustomer()
			w.complete(1)
			w.await(w.rider, "BYE")
		}},
		{name: "click_and_complete_while_talking", script: func(w *world) {
			w.clickAndTalk()
			w.complete(1)
			w.await(w.rider, "BYE")
		}},
		{name: "click_and_complete_while_confirming", script: func(w *world) {
			w.click(true)
			w.pickUp()
			w.complete(1)
			w.await(w.rider, "BYE")
		}},
		{name: "click_and_expired_before_rider_answers", script: func(w *world) {
			w.click(false)
			w.rider.Respond(180, "Rider is ringing")
			w.directory.expire()
			w.rider.Answer()
			w.await(w.rider, "BYE")
		}},
		{name: "click_and_completed_as_rider_answers", script: func(w *world) {
			w.click(false)
			w.rider.Respond(180, "Rider is ringing")
			w.directory.gone = true // the look-up still finds it
			w.rider.Answer()
			w.await(w.rider, "BYE")
		}},
		{name: "click_and_a_turn_for_each_leg", cast: limited, script: func(w *world) {
			w.must(w.originate(mapping.SideB, false))
			w.await(w.customer, "INVITE")
			w.customer.Respond(486, "Customer is busy")
			w.must(w.originate(mapping.SideB, false))
			w.await(w.customer, "INVITE")
			w.customer.Respond(486, "Customer is busy")
			w.click(false)
			w.rider.Answer()
			w.await(w.customer, "INVITE")
			w.customer.Answer()
			w.await(w.customer, "ACK")
			w.hangUp(w.rider)
		}},
		{name: "click_and_complete_while_waiting_for_a_turn", cast: limited, script: func(w *world) {
			w.must(w.originate(mapping.SideB, false))
			w.await(w.customer, "INVITE")
			w.customer.Respond(486, "Customer is busy")
			time.Sleep(100 * time.Millisecond)
			w.must(w.originate(mapping.SideB, false))
			w.complete(1)
		}},
		{name: "click_and_rider_rings_reliably", script: func(w *world) {
			w.click(false)
			w.rider.Respond(183, "Session Progress", siptest.Reliable(1), siptest.Body(w.rider.SDP()))
			w.await(w.rider, "PRACK")
			w.rider.Answer(siptest.NoBody)
			w.await(w.rider, "ACK")
			w.rung()
			w.hangUp(w.rider)
		}},
		{name: "click_and_early_media_of_customer", cast: usual.early(EarlyRelay), script: func(w *world) {
			w.click(false)
			w.pickUp()
			w.await(w.customer, "INVITE")
			w.customer.Respond(183, "Session Progress", siptest.Body(w.customer.SDP()))
			time.Sleep(time.Second)
			w.customer.Answer()
			w.await(w.customer, "ACK")
			w.hangUp(w.customer)
		}},
		{name: "click_and_an_answer_that_cannot_be_used", script: func(w *world) {
			w.click(false)
			w.rider.Answer(siptest.NoBody)
			w.await(w.rider, "BYE")
		}},
		{name: "click_and_hold_on_both_sides", script: func(w *world) {
			w.clickAndTalk()
			w.rider.Reinvite(siptest.Flowing("sendonly"))
			w.await(w.customer, "INVITE")
			time.Sleep(time.Second)
			w.rider.Reinvite(siptest.Flowing("sendrecv"))
			w.await(w.customer, "INVITE")
			time.Sleep(time.Second)
			w.customer.Reinvite(siptest.Flowing("sendonly"))
			w.await(w.rider, "INVITE")
			time.Sleep(time.Second)
			w.hangUp(w.customer)
		}},
		{name: "click_and_two_forks_of_rider_answer", script: func(w *world) {
			w.click(false)
			w.rider.Answer()
			w.await(w.rider, "ACK")
			w.rider.Fork("another-phone")
			w.await(w.rider, "BYE")
			w.rung()
			w.hangUp(w.customer)
		}},
		{name: "click_and_timers_on_both_sides", script: func(w *world) {
			w.click(false)
			w.rider.Answer(siptest.With("Require", "timer"), siptest.With("Session-Expires", "90;refresher=uac"))
			w.await(w.rider, "ACK")
			w.await(w.customer, "INVITE")
			w.customer.Answer(siptest.With("Require", "timer"), siptest.With("Session-Expires", "90;refresher=uac"))
			w.await(w.customer, "ACK")
			time.Sleep(time.Minute)
			w.hangUp(w.rider)
		}},
		{name: "click_and_complete_is_announced", script: func(w *world) {
			w.clickAndTalk()
			w.part(1)
			w.await(w.rider, "BYE")
		}},
		{name: "click_and_call_time_is_over", cast: timed(mapping.AudienceBoth), script: func(w *world) {
			w.clickAndTalk()
			w.await(w.rider, "BYE")
		}},
		{name: "click_and_the_hook_connects", cast: hooked(""), script: func(w *world) {
			w.rules(connect)
			w.clickAndTalk()
			w.hangUp(w.rider)
		}},
		{name: "click_and_the_hook_refuses", cast: hooked(""), script: func(w *world) {
			w.rules(refuse)
			w.click(false)
			w.pickUp()
			w.await(w.rider, "BYE")
		}},
		{name: "click_and_complete_while_the_hook_is_asked", cast: hooked(""), script: func(w *world) {
			w.rules(connect)
			w.click(false)
			w.pickUp()
			time.Sleep(100 * time.Millisecond)
			w.complete(1)
			w.await(w.rider, "BYE")
		}},
		{name: "click_and_operator_hangs_up", script: func(w *world) {
			w.clickAndTalk()
			w.b2bua.Hangup(w.b2bua.Calls()[0].ID)
			w.await(w.rider, "BYE")
		}},
	})
}

// What can't be begun leaves nothing behind, and rings nobody.
func TestACallThatMayNotBeBegun(t *testing.T) {
	full := usual
	full.limits = edge.Limits{CallsOut: 1}
	ask := func(w *world) error { return w.originate(mapping.SideB, false) }
	for _, row := range []struct {
		name  string
		cast  cast
		spoil func(*world)
		want  func(error) bool
	}{
		{"of an interaction that is over", usual, func(w *world) { w.directory.expire() }, refusedAs(mapping.RefusalExpired)},
		{"of one that is completed meanwhile", usual, func(w *world) { w.directory.gone = true }, refusedAs(mapping.RefusalCompleted)},
		{"for the eleventh time at once", usual, func(w *world) { w.b2bua.maxAlike = 0 }, refusedAs(mapping.RefusalLoop)},
		{"for the second time, where one at once is allowed", usual.counting(1), func(w *world) { w.must(ask(w)) }, refusedAs(mapping.RefusalBusy)},
		{"while the daemon drains", usual, func(w *world) { w.b2bua.Drain() }, func(err error) bool { return errors.Is(err, ErrDraining) }},
		{"while there are too many", usual, func(w *world) { w.b2bua.maxCalls = 0 }, func(err error) bool { return errors.Is(err, ErrFull) }},
		{"on a trunk that is full", full, func(w *world) { w.must(ask(w)) }, func(err error) bool { return errors.Is(err, ErrFull) }},
	} {
		t.Run(row.name, func(t *testing.T) {
			inWorld(t, row.cast, func(w *world) {
				row.spoil(w)
				before := w.b2bua.Size()
				if err := ask(w); !row.want(err) {
					t.Errorf("error: %v", err)
				}
				if after := w.b2bua.Size(); after != before {
					t.Errorf("%d calls, then %d", before, after)
				}
				w.b2bua.End(interaction)
			})
		})
	}
}

func refusedAs(want mapping.Refusal) func(error) bool {
	return func(err error) bool {
		var refused *RefusedError
		return errors.As(err, &refused) && refused.Refusal == want
	}
}

// Both legs of a call that we begin are calls to their trunks, and its record
// has both.
func TestBothLegsOfAClickGoOut(t *testing.T) {
	inWorld(t, usual, func(w *world) {
		w.clickAndTalk()
		for _, trunk := range w.b2bua.Trunks() {
			if trunk.CallsIn != 0 || trunk.CallsOut != 1 {
				t.Errorf("trunk %s: %d calls in, %d out", trunk.Name, trunk.CallsIn, trunk.CallsOut)
			}
		}
		w.hangUp(w.rider)
		w.settle()
		cdr := w.journal.final()[0]
		want := mapping.CDR{Call: cdr.Call, Tenant: "north", Interaction: interaction, CallerSide: mapping.SideA, Originated: true, Tried: 1,
			Caller: rider.number(), Target: customer.number(), DID: riderDID, Shown: customerDID, TrunkIn: "west", TrunkOut: "east",
			AdmittedAt: cdr.AdmittedAt, AnsweredAt: cdr.AnsweredAt, EndedAt: cdr.EndedAt,
			Outcome: mapping.OutcomeAnswered, EndedBy: mapping.EndedByCaller}
		if cdr != want {
			t.Errorf("record: %+v, not %+v", cdr, want)
		}
	})
}

// Who is rung by us is asked for his consent as any other, after his 1.
func TestAClickIsRecordedIfBothAgree(t *testing.T) {
	c := usual
	c.record = mapping.RecordingOptIn
	inWorld(t, c, func(w *world) {
		w.click(true)
		w.pickUp()
		w.press("1")
		w.await(w.customer, "INVITE")
		w.customer.Answer()
		w.await(w.customer, "ACK")
		w.told(media.A, media.B)
		w.after(2)
		w.keyed(media.A, "1")
		w.after(2)
		w.keyed(media.B, "1")
		w.after(5)
		w.hangUp(w.rider)
		w.settle()
		if got := w.listened(); got != "~0 4" {
			t.Errorf("the recording listened %q", got)
		}
		if cdr := w.journal.final()[0]; cdr.ConsentA != mapping.AnswerYes || cdr.ConsentB != mapping.AnswerYes || !cdr.Recorded {
			t.Errorf("record: %+v", cdr)
		}
	})
}
