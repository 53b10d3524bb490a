package sip

import (
	"time"

	"maskd/mapping"
	"maskd/sip/siptest"
)

// plot is what the two of a pair do.
type plot struct {
	want     mapping.Outcome
	rider    func(*siptest.Phone) error
	customer func(*siptest.Phone) error
}

var plots = []plot{
	{mapping.OutcomeAnswered, callAndHangUp, answerAndWait},
	{mapping.OutcomeAnswered, callAndWait, answerAndHangUp},
	{mapping.OutcomeBusy, invite(riderDID, "486"), decline},
	{mapping.OutcomeCancelled, callAndCancel, ringUntilCancelled},
	{mapping.OutcomeRefused, invite(noDID, "404"), nil},
}

func invite(did mapping.DID, end string) func(*siptest.Phone) error {
	return func(p *siptest.Phone) error {
		p.Invite(string(did))
		return awaited(p, end)
	}
}

func callAndHangUp(p *siptest.Phone) error {
	if err := invite(riderDID, "200")(p); err != nil {
		return err
	}
	time.Sleep(5 * time.Second)
	p.Bye()
	return awaited(p, "200 BYE")
}

func callAndWait(p *siptest.Phone) error {
	if err := invite(riderDID, "200")(p); err != nil {
		return err
	}
	return awaited(p, "BYE")
}

func callAndCancel(p *siptest.Phone) error {
	p.Invite(string(riderDID))
	if err := awaited(p, "100", "180"); err != nil {
		return err
	}
	time.Sleep(100 * time.Millisecond)
	p.Cancel()
	return awaited(p, "487")
}

func ringPhone(p *siptest.Phone) error {
	if err := awaited(p, "INVITE"); err != nil {
		return err
	}
	p.Respond(180, "Ringing")
	return nil
}

func ringUntilCancelled(p *siptest.Phone) error {
	if err := ringPhone(p); err != nil {
		return err
	}
	return awaited(p, "CANCEL")
}

func answer(p *siptest.Phone) error {
	if err := ringPhone(p); err != nil {
		return err
	}
	time.Sleep(2 * time.Second)
	p.Answer()
	return nil
}

func answerAndWait(p *siptest.Phone) error {
	if err := answer(p); err != nil {
		return err
	}
	return awaited(p, "BYE")
}

func answerAndHangUp(p *siptest.Phone) error {
	if err := answer(p); err != nil {
		return err
	}
	if err := awaited(p, "ACK"); err != nil {
		return err
	}
	time.Sleep(5 * time.Second)
	p.Bye()
	return awaited(p, "200 BYE")
}

func decline(p *siptest.Phone) error {
	if err := ringPhone(p); err != nil {
		return err
	}
	p.Respond(486, "Busy Here")
	return nil
}

func awaited(p *siptest.Phone, names ...string) error {
	_, err := p.Await(names...)
	return err
}
