package config

import (
	"github.com/goccy/go-yaml/ast"
)

// Keys are what a party presses behind a star, in the middle of a call, to say who may
// reach it from then on. What is empty it can't say.
type Keys struct {
	DoNotDisturb WantKey `yaml:"do_not_disturb"` // this interaction reaches it no more
	Block        WantKey `yaml:"block"`          // neither reaches the other any more, in any interaction of the tenant
}

// WantKey is a key of a telephone, or none.
type WantKey byte

func parseWantKey(s string) (WantKey, error) {
	if s == "" {
		return 0, nil
	}
	key, err := parseKey(s)
	return WantKey(key), err
}

// UnmarshalYAML reads the written form.
func (k *WantKey) UnmarshalYAML(node ast.Node) error { return scalar(node, k, parseWantKey) }

// MarshalText returns the written form.
func (k WantKey) MarshalText() ([]byte, error) {
	if k == 0 {
		return nil, nil
	}
	return Key(k).MarshalText()
}

// Event is the number of the key (RFC 4733 section 3.2), or one that no key has.
func (k WantKey) Event() uint8 { return Key(k).Event() }

// validateKeys wants a key of its own for each thing that can be said.
func (c Config) validateKeys() error {
	taken := []Key{c.Recording.Withdraw, c.Recording.Pause}
	for _, key := range []struct {
		name string
		key  WantKey
	}{{"do_not_disturb", c.Keys.DoNotDisturb}, {"block", c.Keys.Block}} {
		if key.key == 0 {
			continue
		}
		for _, other := range taken {
			if other == Key(key.key) {
				return found("expected a key that says nothing else behind a star", "$.keys.%s", key.name)
			}
		}
		taken = append(taken, Key(key.key))
	}
	return nil
}
