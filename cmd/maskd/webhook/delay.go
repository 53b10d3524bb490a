package webhook

import "time"

// Delays between attempts, jitter included, are from 5 s to an hour.
const (
	firstDelay = 5 * time.Second
	lastDelay  = 48 * time.Minute
)

// delay is how long to wait after so many failures in a row, with up to a quarter
// added by chance (r from 0 to 1): endpoints that failed together don't come back
// together.
func delay(failures int, r float64) time.Duration {
	d := lastDelay
	if doubled := failures - 1; doubled < 10 {
		d = min(firstDelay<<max(doubled, 0), lastDelay)
	}
	return d + time.Duration(r*float64(d)/4)
}
