package config

import (
	"errors"
	"strconv"
	"time"

	"github.com/goccy/go-yaml/ast"
)

var (
	errProbe    = errors.New("expected seconds from 5 to 3600, or 0 for never")
	errPatience = errors.New("expected seconds from 1 to 32")
)

// usualPatience is that of leg.GatewayPatience.
const usualPatience Patience = 4

// usualProbe is what most carriers send themselves.
func usualProbe() *Probe {
	every := Probe(30)
	return &every
}

// Probe is how often the gateways of a trunk are sent OPTIONS, in seconds; 0
// for never.
type Probe uint16

func parseProbe(s string) (Probe, error) {
	value, err := strconv.ParseUint(s, 10, 16)
	if err != nil || value != 0 && value < 5 || value > 3600 {
		return 0, errProbe
	}
	return Probe(value), nil
}

// UnmarshalYAML reads the written form.
func (p *Probe) UnmarshalYAML(node ast.Node) error { return scalar(node, p, parseProbe) }

// Patience is how long a gateway may say nothing to an INVITE, in seconds. 32
// is the patience of RFC 3261 (timer B).
type Patience uint8

// UnmarshalYAML reads the written form.
func (p *Patience) UnmarshalYAML(node ast.Node) error { return number(node, p, 1, 32, errPatience) }

// ProbeEvery returns how often the trunk's gateways are sent OPTIONS; 0: never.
func (t Trunk) ProbeEvery() time.Duration {
	if t.Options == nil {
		return 0
	}
	return time.Duration(*t.Options) * time.Second
}
