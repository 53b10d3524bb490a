package edge

import (
	"iter"
	"strings"

	"github.com/emiago/sipgo/sip"

	"maskd/sip/dialplan"
)

// claim is who calls, as a header says; zero if it says nobody.
type claim struct {
	number  string // in E.164
	verstat string // the network's verdict on it (3GPP TS 24.229 section 7.2A.20)
}

// callerOf returns who calls. A caller who asks for privacy is believed to be
// whom his network asserts: the number is looked up, and never shown. If his
// network asserts nobody, it took the assertion away because he asked (RFC 3325
// section 7), and what From still has is his own word.
func callerOf(req *sip.Request, trunk *Trunk) claim {
	switch {
	case trunk.Caller == CallerFrom:
		return claimOf(&req.From().Address, &trunk.Format)
	case trunk.Caller == CallerPAI || header(req, "P-Asserted-Identity") != nil:
		return assertedCaller(named(req, "P-Asserted-Identity"), &trunk.Format)
	case trunk.Caller != CallerPAIOrFrom || private(req):
		return claim{}
	default:
		return claimOf(&req.From().Address, &trunk.Format)
	}
}

// claimOf returns whom a URI names.
func claimOf(uri *sip.Uri, format *dialplan.Plan) claim {
	if withheld(uri) {
		return claim{}
	}
	return claim{number: format.Read(subscriber(uri)), verstat: parameter(uri, "verstat")}
}

// assertedCaller reads P-Asserted-Identity. RFC 3325 section 9.1 allows a SIP
// and a tel URI; if there are two and they differ, nobody is asserted.
func assertedCaller(headers iter.Seq[sip.Header], format *dialplan.Plan) (caller claim) {
	for h := range headers {
		for value := range splitList(h.Value()) {
			var uri sip.Uri
			if _, err := sip.ParseAddressValue(strings.TrimSpace(value), &uri, nil); err != nil {
				return claim{}
			}
			next := claimOf(&uri, format)
			if next.number == "" || caller.number != "" && !caller.agree(next) {
				return claim{}
			}
			if caller.number == "" || caller.verstat == "" {
				caller = next
			}
		}
	}
	return caller
}

// agree reports whether two claims may both be true: one of them may lack the
// verdict.
func (c claim) agree(other claim) bool {
	return c.number == other.number &&
		(c.verstat == "" || other.verstat == "" || strings.EqualFold(c.verstat, other.verstat))
}

// splitList splits a header's list at its commas, but not at those within
// quotes or angle brackets: carriers write names as "DOE, JOHN".
func splitList(list string) iter.Seq[string] {
	return func(yield func(string) bool) {
		start, quoted, bracketed := 0, false, false
		for i := 0; i < len(list); i++ {
			switch c := list[i]; {
			case quoted && c == '\\':
				i++
			case c == '"':
				quoted = !quoted
			case quoted:
			case c == '<' || c == '>':
				bracketed = c == '<'
			case c == ',' && !bracketed:
				if !yield(list[start:i]) {
					return
				}
				start = i + 1
			}
		}
		yield(list[start:])
	}
}
