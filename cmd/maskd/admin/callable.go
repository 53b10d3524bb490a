package admin

import "maskd/mapping"

// Callable reports whether a number that has called may be called back: only
// one that an integrator could have named. What a caller shows is his to choose,
// and premium numbers call to be called.
func Callable(n mapping.Number) bool {
	e164, no := normalise(PlainNumber(n.Reveal()))
	return no == nil && e164 == n.Reveal()
}
