package sip

import (
	"maskd/media"
	"testing"
	"testing/synctest"
	"time"

	"maskd/mapping"
	"maskd/sip/edge"
	"maskd/sip/leg"
	"maskd/sip/siptest"
)

// hold keeps the only call from reading its mail until resume is called, as a
// slow connection does.
func (w *world) hold() (resume func()) {
	w.t.Helper()
	calls := w.b2bua.live.all()
	if len(calls) != 1 {
		w.t.Fatalf("there are %d calls to hold", len(calls))
	}
	mail := &calls[0].mail
	mail.mu.Lock()
	defer mail.mu.Unlock()
	mail.letters = append(mail.letters, letter{}) // it means nothing, and the call is not told of it
	return mail.filled.Signal
}

func TestAFullMailboxRefusesOnlyWhatComesAgain(t *testing.T) {
	for _, row := range []struct {
		kind  leg.InputKind
		taken bool
	}{
		{leg.GotAck, false},
		{leg.GotTrying, false},
		{leg.GotRinging, false},
		{leg.GotProgress, false},
		{leg.GotOK, false},
		{leg.GotBye, true},
		{leg.GotCancel, true},
		{leg.GotFinal, true},
		{leg.GotFailure, true},
		{leg.ByeOver, true},
	} {
		t.Run(row.kind.String(), func(t *testing.T) {
			var mail mailbox
			mail.open()
			for range maxMail {
				mail.put(letter{kind: fromWire, signal: edge.Signal{In: leg.Input{Kind: leg.GotAck}}})
			}
			if got := mail.put(letter{kind: fromWire, signal: edge.Signal{In: leg.Input{Kind: row.kind}}}); got != row.taken {
				t.Errorf("taken: %t", got)
			}
			for _, kind := range []letterKind{fromTimer, toStop, toAbandon} {
				if !mail.put(letter{kind: kind}) {
					t.Errorf("letter %d of our own is refused", kind)
				}
			}
		})
	}
}

// flood sends more ACKs within the rider's dialog than a mailbox holds.
func (w *world) flood(within siptest.Message) {
	for range 2 * maxMail {
		w.rider.Ask("ACK", string(riderDID),
			siptest.With("To", within.Get("To")), siptest.With("Call-ID", within.Get("Call-ID")))
	}
	time.Sleep(10 * time.Millisecond) // they take 7
}

// A call that is flooded while it is busy still hears what comes only once.
func TestAFloodHidesNoEnd(t *testing.T) {
	for _, row := range []struct {
		name   string
		script func(*world)
		want   mapping.Outcome
	}{
		{"the end of our BYE", func(w *world) {
			w.ring()
			w.customer.Answer()
			answer := w.await(w.rider, "200")
			time.Sleep(time.Second)
			w.rider.Bye()
			w.await(w.customer, "BYE")
			resume := w.hold()
			w.lose(always, "200 BYE", customer, maskd)
			w.flood(answer)
			time.Sleep(time.Minute) // the transaction of our BYE gives up
			resume()
		}, mapping.OutcomeAnswered},
		{"the gateway's failure", func(w *world) {
			ringing := w.ringOnce()
			resume := w.hold()
			w.flood(ringing)
			w.customer.Respond(503, "Overloaded")
			time.Sleep(time.Second)
			resume()
			w.await(w.rider, "500")
		}, mapping.OutcomeFailed},
		{"the caller's CANCEL", func(w *world) {
			ringing := w.ringOnce()
			resume := w.hold()
			w.flood(ringing)
			w.rider.Cancel()
			time.Sleep(time.Second)
			resume()
			w.await(w.customer, "CANCEL")
		}, mapping.OutcomeCancelled},
	} {
		t.Run(row.name, func(t *testing.T) {
			inWorld(t, usual, func(w *world) {
				row.script(w)
				w.settle()
				if cdrs := w.journal.final(); len(cdrs) != 1 || cdrs[0].Outcome != row.want {
					t.Errorf("the CDRs are\n%s", w.journal.print())
				}
			})
		})
	}
}

// ringOnce makes the rider call, and the customer's phone ring; it returns the 180.
func (w *world) ringOnce() siptest.Message {
	w.t.Helper()
	w.invite()
	w.customer.Respond(180, "Ringing")
	return w.await(w.rider, "180")
}

// A BYE has a peer who waits for its response, whatever became of the call.
func TestEveryByeIsAnswered(t *testing.T) {
	play(t, []ladder{
		{name: "bye_comes_as_the_call_closes", script: func(w *world) {
			w.talk()
			w.rider.Bye()
			w.await(w.customer, "BYE")
			resume := w.hold()
			time.Sleep(20 * time.Millisecond) // the customer's 200 takes 13: with it the call is over
			w.customer.Bye()
			time.Sleep(20 * time.Millisecond)
			resume()
			w.await(w.customer, "200 BYE")
		}},
	})
	t.Run("by a call that is flooded too", func(t *testing.T) {
		inWorld(t, usual, func(w *world) {
			w.ring()
			w.customer.Answer()
			answer := w.await(w.rider, "200")
			time.Sleep(time.Second)
			resume := w.hold()
			w.flood(answer)
			w.rider.Bye()
			resume()
			w.await(w.rider, "200 BYE")
			w.await(w.customer, "BYE")
		})
	})
}

// Sound is cut before the call reads that it is to stop, whatever it is at.
func TestSoundIsCutBeforeTheCallReadsWhy(t *testing.T) {
	inWorld(t, usual, func(w *world) {
		w.talk()
		session := w.b2bua.live.all()[0].sound.Load()
		resume := w.hold()
		w.directory.complete()
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			w.b2bua.End(interaction)
		}()
		synctest.Wait()
		if way := session.Way(media.A); way.Speaks || way.Listens {
			t.Error("sound passes, and the call is told to end")
		}
		resume()
		<-ended
		w.await(w.rider, "BYE")
	})
}
