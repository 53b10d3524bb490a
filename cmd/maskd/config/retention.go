package config

import (
	"errors"
	"time"

	"github.com/goccy/go-yaml/ast"

	"maskd/mapping"
)

var errDays = errors.New("expected days from 0 (for ever) to 36500")

// Retention is for how many days what is over is kept.
type Retention struct {
	Interactions Days `yaml:"interactions_days"` // from the end of an interaction's cool-down; with its calls and recordings
	Recordings   Days `yaml:"recordings_days"`   // from the beginning of a recording
	CDRs         Days `yaml:"cdrs_days"`         // of calls of no interaction: the others go with theirs
	Audit        Days `yaml:"audit_days"`        // entries of the audit log, of which a hash is left
	Events       Days `yaml:"events_days"`       // from when something happened
}

// usualEventDays is how long whoever is told of events may be away.
const usualEventDays Days = 7

// Days is a number of days; 0 is for ever.
type Days uint16

// UnmarshalYAML reads the written form.
func (d *Days) UnmarshalYAML(node ast.Node) error { return number(node, d, 0, 36500, errDays) }

func (d Days) duration() time.Duration { return time.Duration(d) * 24 * time.Hour }

// Domain returns the retention as the domain has it.
func (r Retention) Domain() mapping.Retention {
	return mapping.Retention{
		Interactions: r.Interactions.duration(), Recordings: r.Recordings.duration(), CDRs: r.CDRs.duration(), Audit: r.Audit.duration(),
		Events: r.Events.duration(),
	}
}
