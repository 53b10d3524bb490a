package relay

import "time"

// wallclock is what the NTP time of our sender reports is ahead of the true one, modulo 2^63. It is
// another for each leg: the true time would be the same on both, and whoever had captures of both
// could join them by it. RFC 3550 section 6.4.1 lets a sender count from any beginning.
type wallclock uint64

// at is the time that a leg is told: seconds with 32 bits before the point and 32 after, of which
// the first is zero, as it is where the beginning is not 1900.
func (w wallclock) at(t time.Time) uint64 { return (ntp(t) + uint64(w)) << 1 >> 1 }

// ntp is a time in seconds since 1900, with 32 bits before the point and 32 after.
func ntp(t time.Time) uint64 {
	const to1970 = 2208988800 // seconds
	seconds := uint64(t.Unix() + to1970)
	fraction := uint64(t.Nanosecond()) << 32 / uint64(time.Second)
	return seconds<<32 | fraction
}
