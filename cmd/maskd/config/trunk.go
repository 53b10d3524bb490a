package config

import (
	"errors"

	"github.com/goccy/go-yaml/ast"
)

var (
	errCaller = errors.New("expected pai-or-from, pai or from")
	errEarly  = errors.New("expected local, relay or suppress")
)

// Caller is the header that a trunk is trusted for the caller's number.
type Caller string

// The caller sources.
const (
	CallerPAIOrFrom Caller = "pai-or-from" // P-Asserted-Identity (RFC 3325), From where there is none
	CallerPAI       Caller = "pai"         // P-Asserted-Identity alone
	CallerFrom      Caller = "from"        // From alone
)

func parseCaller(s string) (Caller, error) {
	switch c := Caller(s); c {
	case CallerPAIOrFrom, CallerPAI, CallerFrom:
		return c, nil
	default:
		return "", errCaller
	}
}

// UnmarshalYAML reads the written form.
func (c *Caller) UnmarshalYAML(node ast.Node) error { return scalar(node, c, parseCaller) }

// Early is what a caller hears of a callee's network before the answer.
type Early string

// The policies.
const (
	EarlyLocal    Early = "local"    // the ringback of the caller's own phone
	EarlyRelay    Early = "relay"    // what the network plays, which may be a voice that speaks the number
	EarlySuppress Early = "suppress" // nothing
)

func parseEarly(s string) (Early, error) {
	switch e := Early(s); e {
	case EarlyLocal, EarlyRelay, EarlySuppress:
		return e, nil
	default:
		return "", errEarly
	}
}

// UnmarshalYAML reads the written form.
func (e *Early) UnmarshalYAML(node ast.Node) error { return scalar(node, e, parseEarly) }

// fillIn gives the values that a trunk in a file may leave out.
func (t *Trunk) fillIn() {
	if t.Options == nil {
		t.Options = usualProbe()
	}
	if t.Failover == 0 {
		t.Failover = usualPatience
	}
	if t.Caller == "" {
		t.Caller = CallerPAIOrFrom
	}
	if t.Format == (Format{}) {
		t.Format = FormatE164()
	}
	if t.Early == "" {
		t.Early = EarlyLocal
	}
	if t.SRTP == "" {
		t.SRTP = srtpOff
	}
	if len(t.Codecs) == 0 {
		t.Codecs = usualCodecs()
	}
	if len(t.Listen) == 0 {
		t.Listen = nil
	}
	if len(t.TLS.Names) == 0 {
		t.TLS.Names = nil
	}
	if t.Register != nil {
		t.Register.fillIn(t.Gateways)
	}
}
