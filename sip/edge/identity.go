package edge

import (
	"strings"

	"github.com/emiago/sipgo/sip"

	"maskd/mapping"
)

// Identity is who calls which DID on which trunk.
type Identity struct {
	Trunk  string
	DID    mapping.DID    // empty if the Request-URI names no number
	Caller mapping.Number // zero if withheld or unreadable
}

// identify reads who calls whom from an INVITE: the DID from the Request-URI,
// the caller from the header that this trunk is trusted for.
func identify(req *sip.Request, trunk *Trunk) Identity {
	id := Identity{Trunk: trunk.Name}
	id.DID, _ = mapping.ParseDID(trunk.Format.read(&req.Recipient))
	id.Caller, _ = mapping.ParseNumber(callerOf(req, trunk))
	return id
}

// callerOf returns the caller's number in E.164; empty if nobody is named.
func callerOf(req *sip.Request, trunk *Trunk) string {
	asserted := req.GetHeaders("P-Asserted-Identity")
	if trunk.Caller == CallerFrom || trunk.Caller == CallerPAIOrFrom && len(asserted) == 0 {
		return trunk.Format.read(&req.From().Address)
	}
	return assertedCaller(asserted, trunk.Format)
}

// assertedCaller reads P-Asserted-Identity. RFC 3325 section 9.1 allows a SIP
// and a tel URI; if there are two and they differ, nobody is asserted.
func assertedCaller(headers []sip.Header, format Format) string {
	number := ""
	for _, h := range headers {
		for _, value := range splitList(h.Value()) {
			var uri sip.Uri
			if _, err := sip.ParseAddressValue(strings.TrimSpace(value), &uri, nil); err != nil {
				return ""
			}
			next := format.read(&uri)
			if next == "" || number != "" && next != number {
				return ""
			}
			number = next
		}
	}
	return number
}

// splitList splits a header's list at its commas, but not at those within
// quotes or angle brackets: carriers write names as "DOE, JOHN".
func splitList(list string) []string {
	var values []string
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
			values = append(values, list[start:i])
			start = i + 1
		}
	}
	return append(values, list[start:])
}
