package edge

import (
	"strings"

	"github.com/emiago/sipgo/sip"

	"maskd/sip/dialplan"
)

// subscriber returns the telephone-subscriber of a URI (RFC 3261 section
// 19.1.6): what stands behind "tel:", or the user of a SIP URI. Some carriers
// put its context among the parameters of the URI.
func subscriber(uri *sip.Uri) string {
	if uri.Scheme == "tel" {
		return uri.Raw()
	}
	if context, ok := uriParam(uri, "phone-context"); ok {
		return uri.User + ";phone-context=" + context
	}
	return uri.User
}

// parameter returns a parameter of a number, wherever in the URI it stands. One
// that is there twice says nothing.
func parameter(uri *sip.Uri, name string) string {
	value, times := dialplan.Parameter(subscriber(uri), name)
	outer, ok := uriParam(uri, name)
	switch {
	case times == 0 && ok:
		return outer
	case times == 1 && !ok:
		return value
	default:
		return ""
	}
}

// uriParam returns a parameter of a SIP URI; sipgo compares names by their case.
func uriParam(uri *sip.Uri, name string) (value string, ok bool) {
	for _, param := range uri.UriParams {
		if strings.EqualFold(param.K, name) {
			if ok {
				return "", true
			}
			value, ok = param.V, true
		}
	}
	return value, ok
}

// serviceOf returns the service that somebody called: a URN (RFC 5031), or a
// number that no trunk has.
func serviceOf(uri *sip.Uri) dialplan.Service {
	if uri.Scheme == "urn" {
		return dialplan.ServiceOfURN(uri.Raw())
	}
	return dialplan.ServiceOf(subscriber(uri))
}
