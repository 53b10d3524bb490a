package edge

import "sync"

// crew runs calls on goroutines that have run one before: their stacks have the
// size that a call takes, which costs a new one several copies of its stack
// while it grows.
type crew struct {
	mu   sync.Mutex
	idle []chan func() // the one that has rested shortest is last
	gone bool

	hands sync.WaitGroup
}

// maxIdle bounds the goroutines that wait for work: as many as come and go in
// a moment.
const maxIdle = 256

// run runs a job on a goroutine of its own.
func (c *crew) run(job func()) {
	c.mu.Lock()
	last := len(c.idle) - 1
	if last < 0 {
		c.mu.Unlock()
		c.hands.Go(func() { c.work(job) })
		return
	}
	hand := c.idle[last]
	c.idle = c.idle[:last]
	c.mu.Unlock()
	hand <- job
}

// work does one job after the other, until there are too many hands.
func (c *crew) work(job func()) {
	hand := make(chan func(), 1)
	for ok := true; ok; job, ok = <-hand {
		job()
		if !c.rest(hand) {
			return
		}
	}
}

// rest waits for work; false if there is no place to wait.
func (c *crew) rest(hand chan func()) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.gone || len(c.idle) == maxIdle {
		return false
	}
	c.idle = append(c.idle, hand)
	return true
}

// dismiss sends all home, and waits until the last job is done.
func (c *crew) dismiss() {
	c.mu.Lock()
	c.gone = true
	for _, hand := range c.idle {
		close(hand)
	}
	c.idle = nil
	c.mu.Unlock()
	c.hands.Wait()
}
