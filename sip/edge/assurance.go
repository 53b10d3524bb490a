package edge

import (
	"cmp"
	"time"

	"github.com/emiago/sipgo/sip"

	"maskd/sip/stir"
)

// Assurance is what a trunk must show before a caller's number is believed.
type Assurance struct {
	Minimum  stir.Attestation // 0: numbers are believed as they come
	Verstat  bool             // the trunk checks Identity headers itself, and its verdict counts
	Verifier *stir.Verifier   // nil: we check none
	PIN      bool             // a caller whose number is not believed may prove himself by a PIN
}

// maxIdentities bounds the Identity headers that are looked at: each signature
// costs 50 us. A call that was diverted has one more for each time (RFC 8946),
// which is of another kind.
const maxIdentities = 4

// holds reports whether the call is attested as well as we ask for.
func (a *Assurance) holds(req *sip.Request, caller claim, did string, now time.Time) bool {
	return a.Minimum == 0 ||
		a.Verstat && stir.Verdict(caller.verstat, indicator(req)) >= a.Minimum ||
		a.Verifier != nil && a.proven(req, stir.Call{Orig: caller.number, Dest: did}, now) >= a.Minimum
}

// proven returns what the best of the Identity headers attests.
func (a *Assurance) proven(req *sip.Request, call stir.Call, now time.Time) (best stir.Attestation) {
	looked := 0
	for h := range named(req, "Identity") {
		if looked++; looked > maxIdentities {
			break
		}
		if level, err := a.Verifier.Verify(h.Value(), call, now); err == nil {
			best = max(best, level)
		}
	}
	return best
}

// indicator returns the attestation that the trunk tells beside its verdict, in
// either of the headers that are used for it; empty if it tells several.
func indicator(req *sip.Request) string {
	if count(req, "Attestation-Info")+count(req, "P-Attestation-Indicator") != 1 {
		return ""
	}
	return cmp.Or(headerValue(req, "Attestation-Info"), headerValue(req, "P-Attestation-Indicator"))
}
