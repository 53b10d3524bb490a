package relay

import (
	"math/rand/v2"
	"time"
)

// reportInterval is the mean time between two reports on a leg (RFC 3550 section 6.2).
const reportInterval = 5 * time.Second

// spread varies an interval between half and one and a half of it, so that reports of many
// calls do not fall together (RFC 3550 section 6.3.1).
func spread(interval time.Duration, random *rand.Rand) time.Duration {
	return interval/2 + time.Duration(random.Int64N(int64(interval)))
}

// sendReports reports to both peers from time to time until the circuit is cut.
func (c *circuit) sendReports() {
	// The first comes after half an interval (RFC 3550 section 6.2).
	timer := time.NewTimer(c.interval() / 2)
	defer timer.Stop()
	for {
		select {
		case <-c.stop:
			return
		case <-timer.C:
			c.sendReport(0)
			c.sendReport(1)
			timer.Reset(c.interval())
		}
	}
}

// sendReport sends at most one report. One that can't be sent is lost like any datagram: the
// next will do.
func (c *circuit) sendReport(end int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	datagram, to, err := c.exchange.report(end, c.now())
	if err != nil || datagram == nil {
		return
	}
	if _, err := c.pairs[end].rtcp.WriteToUDPAddrPort(datagram, to); err == nil {
		c.exchange.ends[end].counters.ReportsOut++
	}
}
