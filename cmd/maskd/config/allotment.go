package config

import (
	"errors"

	"github.com/goccy/go-yaml/ast"

	"maskd/mapping"
)

var errHours = errors.New("expected hours from 1 to 744 (31 days)")

// Hours are the clock hours in which calls are counted, the one that runs included.
// Left out they are a day.
type Hours uint32

const usualHours Hours = 24

// UnmarshalYAML reads the written form.
func (h *Hours) UnmarshalYAML(node ast.Node) error {
	return number(node, h, 1, mapping.MaxAllotmentHours, errHours)
}

// PoolCalls are the answered calls that there may be in all, in so many hours.
type PoolCalls struct {
	PerNumber Limit `yaml:"per_number"` // that one number makes and gets, in all interactions of its tenant; 0: no limit
	PerDID    Limit `yaml:"per_did"`    // to one DID; 0: no limit
	Hours     Hours `yaml:"hours"`
}

// TenantCalls are those of a tenant's interactions.
type TenantCalls struct {
	Calls Quota `yaml:"calls"` // 0: no limit
	Hours Hours `yaml:"hours"`
}

func allotment[N Limit | Quota](calls N, hours Hours) mapping.Allotment {
	if calls == 0 {
		return mapping.Allotment{}
	}
	return mapping.Allotment{Calls: int(calls), Hours: int(hours)}
}
