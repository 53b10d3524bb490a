package mapping

import (
	"math"
	"time"
)

// Traffic is what one party asks of a pool.
type Traffic struct {
	PerHour  float64       // interactions that begin in an hour, on average
	Held     time.Duration // how long each lives, on average
	CoolDown time.Duration // how long its DID then rests for this party
}

// Erlangs returns the offered traffic: how many DIDs the party would have in
// use or at rest at once, on average, if there were always one for it.
func (t Traffic) Erlangs() float64 { return t.PerHour * (t.Held + t.CoolDown).Hours() }

func (t Traffic) validate(field string) error {
	if !(t.PerHour > 0) || math.IsInf(t.PerHour, 1) {
		return invalid(field+".per_hour", "out_of_range", "expected more than 0 interactions an hour")
	}
	if t.Held <= 0 || t.CoolDown < 0 {
		return invalid(field+".held", "out_of_range", "expected a time of more than 0, and a cool-down of at least 0")
	}
	return nil
}

// Demand is what a pool is planned for: the busiest party on each side.
//
// A DID is shared by everybody but the parties who have it in use, so that only
// the busiest party counts: all others find more DIDs free than it does.
type Demand struct {
	Numbering Numbering
	A, B      Traffic
	Blocking  float64 // the share of the busiest party's interactions that may be refused for want of a DID
}

// Plan is a pool that is large enough.
type Plan struct {
	DIDs     int
	Erlangs  float64 // the traffic that decided
	Blocking float64 // the share that is refused with that many DIDs
	OneFewer float64 // and with one fewer
}

// Plan returns the smallest pool that meets the demand, or an [InvalidError].
//
// A busy party is a group of as many trunks as the pool has DIDs, without a
// queue: the Erlang loss formula, which holds whatever the distribution of
// the holding times is (ITU-T E.520). With a DID for each party the busier of
// the two decides. A shared DID must be free for both: at worst the two never
// have the same one in use, and the pool carries the traffic of both.
func (d Demand) Plan() (Plan, error) {
	if err := d.validate(); err != nil {
		return Plan{}, err
	}
	erlangs, least := max(d.A.Erlangs(), d.B.Erlangs()), 2 // the two DIDs of an interaction differ
	if d.Numbering == NumberingShared {
		erlangs, least = d.A.Erlangs()+d.B.Erlangs(), 1
	}
	p := Plan{Erlangs: erlangs, Blocking: 1}
	for p.DIDs < least || p.Blocking > d.Blocking {
		if p.DIDs == maxRange {
			return Plan{}, invalid("per_hour", "out_of_range", "no pool of a million DIDs is enough")
		}
		p.DIDs++
		p.OneFewer, p.Blocking = p.Blocking, loss(p.DIDs, erlangs, p.Blocking)
	}
	return p, nil
}

func (d Demand) validate() error {
	if !(d.Blocking > 0 && d.Blocking < 1) {
		return invalid("blocking", "out_of_range", "expected a share between 0 and 1, such as 0.001")
	}
	if err := d.A.validate("a"); err != nil {
		return err
	}
	return d.B.validate("b")
}

// ErlangB returns the share of requests that are lost where that many servers
// are offered so much traffic and nobody waits.
func ErlangB(servers int, erlangs float64) float64 {
	blocking := 1.0
	for n := 1; n <= servers; n++ {
		blocking = loss(n, erlangs, blocking)
	}
	return blocking
}

// loss is the step of Erlang's formula from one server fewer, which unlike the
// formula itself never leaves the range of a float.
func loss(servers int, erlangs, oneFewer float64) float64 {
	return erlangs * oneFewer / (float64(servers) + erlangs*oneFewer)
}
