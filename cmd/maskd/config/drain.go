package config

import (
	"errors"
	"time"

	"github.com/goccy/go-yaml/ast"
)

var errDrain = errors.New("expected seconds from 0 to 3600")

// Drain is how many seconds calls may go on when the daemon is told to stop; 0:
// they are hung up at once.
type Drain uint16

// usualDrain is short enough for a supervisor that waits 90 seconds, and long
// enough for most calls between two people who are about to meet.
const usualDrain Drain = 20

// UnmarshalYAML reads the written form.
func (d *Drain) UnmarshalYAML(node ast.Node) error { return number(node, d, 0, 3600, errDrain) }

// Time returns the time.
func (d Drain) Time() time.Duration { return time.Duration(d) * time.Second }
