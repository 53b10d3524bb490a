package config

import (
	"errors"

	"github.com/goccy/go-yaml/ast"
)

var errLimit = errors.New("expected a number of calls from 0, which is no limit, to 100000")

// maxLimit is above what a daemon carries, and finds a digit too many.
const maxLimit = 100_000

// Limits are what a trunk may carry, as its carrier sells it. 0 is no limit.
type Limits struct {
	CallsIn           Limit `yaml:"calls_in"`  // at once
	CallsOut          Limit `yaml:"calls_out"` // at once
	CallsPerSecondIn  Limit `yaml:"calls_per_second_in"`
	CallsPerSecondOut Limit `yaml:"calls_per_second_out"`
}

// Limit is a number of calls; 0 is no limit.
type Limit uint32

// UnmarshalYAML reads the written form.
func (l *Limit) UnmarshalYAML(node ast.Node) error { return number(node, l, 0, maxLimit, errLimit) }
