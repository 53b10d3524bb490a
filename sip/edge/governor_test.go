package edge

import (
	"container/heap"
	"math/rand/v2"
	"testing"
	"time"
)

// plant is a machine that does one thing after the other, in the order in which
// they come: a model of a daemon on one processor. The governor stands at its
// gate.
type plant struct {
	governor governor
	chance   *rand.Rand
	now      time.Duration // of the arrival
	free     time.Duration // when the machine has done all that came
	coming   arrivals      // what admitted calls will bring
	settling arrivals      // set-ups that come to an end
	done     []time.Duration
	shed     int
	late     int
	worst    time.Duration
}

// What a call costs the machine: its set-up, what follows, and a refusal.
const (
	setUpWork  = 200 * time.Microsecond
	laterWork  = 130 * time.Microsecond
	refuseWork = 10 * time.Microsecond
	capacity   = float64(time.Second) / float64(setUpWork+laterWork)
)

// arrival is something that happens at a time.
type arrival struct {
	at   time.Duration
	took time.Duration
}

type arrivals []arrival

func (a arrivals) Len() int           { return len(a) }
func (a arrivals) Less(i, j int) bool { return a[i].at < a[j].at }
func (a arrivals) Swap(i, j int)      { a[i], a[j] = a[j], a[i] }
func (a *arrivals) Push(x any)        { *a = append(*a, x.(arrival)) }
func (a *arrivals) Pop() any {
	last := (*a)[len(*a)-1]
	*a = (*a)[:len(*a)-1]
	return last
}

// offer offers calls at a rate for a time, at distances as of strangers who
// don't know of each other; each talks for half a second on average.
func (p *plant) offer(rate float64, length time.Duration) {
	for end := p.now + length; p.now < end; {
		p.now += time.Duration(p.chance.ExpFloat64() * float64(time.Second) / rate)
		p.catchUp()
		if !p.governor.admit(at(p.now)) {
			p.shed++
			p.work(refuseWork)
			continue
		}
		p.governor.begin()
		over := p.work(setUpWork)
		took := over - p.now
		p.worst = max(p.worst, took)
		if took > 500*time.Millisecond {
			p.late++ // and comes again, in life
		}
		heap.Push(&p.settling, arrival{at: over, took: took})
		heap.Push(&p.coming, arrival{at: over + time.Duration(p.chance.ExpFloat64()*float64(time.Second)/2)})
	}
}

// work adds to what the machine has to do, and says when that is done.
func (p *plant) work(d time.Duration) time.Duration {
	p.free = max(p.free, p.now) + d
	return p.free
}

// catchUp lets happen all that has happened by now.
func (p *plant) catchUp() {
	for len(p.coming) > 0 && p.coming[0].at <= p.now {
		heap.Pop(&p.coming)
		p.done = append(p.done, p.work(laterWork))
	}
	for len(p.settling) > 0 && p.settling[0].at <= p.now {
		e := heap.Pop(&p.settling).(arrival)
		p.governor.settle(at(e.at), e.took)
	}
}

func at(d time.Duration) time.Time { return time.Unix(0, 0).Add(d) }

// goodput is how many calls a second came to their end between two times.
func (p *plant) goodput(from, to time.Duration) float64 {
	n := 0
	for _, t := range p.done {
		if t >= from && t < to {
			n++
		}
	}
	return float64(n) / (to - from).Seconds()
}

func newPlant(seed uint64) *plant { return &plant{chance: rand.New(rand.NewPCG(seed, 1))} }

// At any multiple of what the machine can do, it does nine tenths of what is
// left to it by refusing the rest. Up to three times as much, nobody waits so
// long that he asks again; beyond, only those of the first moment do.
func TestOverloadCostsLittleGoodput(t *testing.T) {
	for _, times := range []float64{1.1, 1.5, 2, 3, 5} {
		for seed := range uint64(5) {
			p := newPlant(seed)
			p.offer(times*capacity, 20*time.Second)
			got := p.goodput(2*time.Second, 20*time.Second) / capacity
			refusing := (times - 1) * float64(refuseWork) / float64(setUpWork+laterWork)
			if got < 0.9*(1-refusing) {
				t.Errorf("%.1f times the capacity: %.2f of it are done", times, got)
			}
			if p.late > 0 && times <= 3 {
				t.Errorf("%.1f times the capacity: %d calls wait longer than T1, %s at worst", times, p.late, p.worst)
			}
		}
	}
}

// Below the capacity nobody is refused.
func TestNoneIsShedBelowTheCapacity(t *testing.T) {
	for _, part := range []float64{0.1, 0.5, 0.8, 0.9} {
		for seed := range uint64(5) {
			p := newPlant(seed)
			if p.offer(part*capacity, 20*time.Second); p.shed > 0 {
				t.Errorf("%d calls are refused at %.1f of the capacity", p.shed, part)
			}
		}
	}
}

// Two seconds after an overload all is as it was before.
func TestAfterAnOverloadAllIsNormal(t *testing.T) {
	for seed := range uint64(10) {
		p := newPlant(seed)
		p.offer(2*capacity, 10*time.Second)
		p.offer(0.8*capacity, 2*time.Second)
		p.shed, p.worst = 0, 0
		if p.offer(0.8*capacity, 10*time.Second); p.shed > 0 || p.worst > maxSetup {
			t.Errorf("%d calls are refused, and one takes %s", p.shed, p.worst)
		}
	}
}

// A machine that stands still for a moment, as one does that others use too,
// has a queue when it goes on. It sets them all up.
func TestAHiccupShedsNobody(t *testing.T) {
	for seed := range uint64(10) {
		p := newPlant(seed)
		for range 10 {
			p.offer(0.7*capacity, time.Second)
			p.work(40 * time.Millisecond)
		}
		if p.shed > 0 {
			t.Errorf("%d calls are refused", p.shed)
		}
	}
}

// Nor does one that collects its garbage, near what it can do, as if it did nothing
// else for a tenth of a second: who waits for less than T1 asks for nothing again.
func TestACollectionOfGarbageShedsNobody(t *testing.T) {
	for seed := range uint64(10) {
		p := newPlant(seed)
		for range 10 {
			p.offer(0.85*capacity, 1700*time.Millisecond)
			p.work(100 * time.Millisecond)
		}
		if p.shed > 0 || p.late > 0 {
			t.Errorf("%d calls are refused, and %d wait longer than T1", p.shed, p.late)
		}
	}
}

// A machine that becomes slow for good is found out, and one that becomes fast
// again too: there is no figure in the governor of what it can do.
func TestWhatTheMachineCanDoMayChange(t *testing.T) {
	p := newPlant(1)
	for range 100 { // somebody else takes half of it
		p.offer(0.9*capacity, 100*time.Millisecond)
		p.work(50 * time.Millisecond)
	}
	if half := p.goodput(5*time.Second, 10*time.Second) / capacity; half < 0.4 {
		t.Errorf("of half the machine, %.2f are done", half)
	}
	if p.late > 0 {
		t.Errorf("%d calls wait longer than T1, %s at worst", p.late, p.worst)
	}
	p.offer(0.9*capacity, 2*time.Second)
	p.shed = 0
	if p.offer(0.9*capacity, 5*time.Second); p.shed > 0 {
		t.Errorf("%d calls are refused when it has all of it again", p.shed)
	}
}

// Whatever is sent to us, the calls in set-up have a bound.
func TestTheCallsInSetUpAreBounded(t *testing.T) {
	var g governor
	admitted := 0
	for range 10 * mostWindow {
		if g.admit(time.Unix(0, 0)) {
			admitted++
		}
	}
	if admitted != mostWindow {
		t.Errorf("%d calls are in set-up at once", admitted)
	}
}
