package config

import (
	"errors"
	"strconv"
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

func parseDrain(s string) (Drain, error) {
	value, err := strconv.ParseUint(s, 10, 16)
	if err != nil || value > 3600 {
		return 0, errDrain
	}
	return Drain(value), nil
}

// UnmarshalYAML reads the written form.
func (d *Drain) UnmarshalYAML(node ast.Node) error { return scalar(node, d, parseDrain) }

// Time returns the time.
func (d Drain) Time() time.Duration { return time.Duration(d) * time.Second }
