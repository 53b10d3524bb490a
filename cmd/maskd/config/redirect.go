package config

import (
	"errors"

	"github.com/goccy/go-yaml/ast"

	"maskd/mapping"
	"maskd/sip/dialplan"
)

var errE164 = errors.New("expected a number as + and 7 to 15 digits, and no emergency number")

// E164 is a number that the operator makes known: nobody's secret. Empty, it is none.
type E164 string

func parseE164(s string) (E164, error) {
	if s == "" {
		return "", nil
	}
	if _, err := mapping.ParseNumber(s); err != nil || dialplan.ServiceOf(s) != 0 {
		return "", errE164
	}
	return E164(s), nil
}

// UnmarshalYAML reads the written form.
func (e *E164) UnmarshalYAML(node ast.Node) error { return scalar(node, e, parseE164) }

func (p Pool) validateRedirect(i int) error {
	redirects := p.UnknownCaller == unknownCallerRedirect
	switch {
	case redirects && p.RedirectTo == "":
		return found("expected a number: unknown_caller is redirect", "$.pools[%d].redirect_to", i)
	case !redirects && p.RedirectTo != "":
		return found("expected unknown_caller: redirect beside it", "$.pools[%d].redirect_to", i)
	default:
		return nil
	}
}

// validateRedirects wants no call to be sent to ourselves.
func (c Config) validateRedirects() error {
	for i, p := range c.Pools {
		for _, other := range c.Pools {
			for _, r := range other.DIDs {
				if did := mapping.DID(p.RedirectTo); did != "" && r.has(DIDRange{First: did, Last: did}) {
					return found("expected none of our DIDs", "$.pools[%d].redirect_to", i)
				}
			}
		}
	}
	return nil
}
