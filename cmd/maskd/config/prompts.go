package config

import (
	"errors"
	"maps"
	"slices"

	"github.com/goccy/go-yaml/ast"

	"maskd/mapping"
)

var errLocale = errors.New("expected a language, such as hi, hi-IN or zh-Hant-TW")

// Prompts are what callers hear of us, and in which language.
type Prompts struct {
	Phrases `yaml:",inline"`

	Locales map[string]Phrases `yaml:"locales"` // for who is spoken to in one; what is empty is said in the nearest wider one
}

// Phrases are WAV files.
type Phrases struct {
	PIN       string `yaml:"pin"`       // asks for a PIN; a beep if empty
	Extension string `yaml:"extension"` // asks for an extension; a beep if empty
	Confirm   string `yaml:"confirm"`   // asks whom a click-to-call rings to press 1; a beep if empty
	Goodbye   string `yaml:"goodbye"`   // both hear it when a complete is announced; three notes if empty

	Recording RecordingPrompts `yaml:"recording"`
}

func (p Prompts) validate() error {
	for _, name := range slices.Sorted(maps.Keys(p.Locales)) {
		if locale, ok := mapping.ParseLocale(name); !ok || name == "" {
			return found(errLocale.Error(), "$.prompts.locales")
		} else if string(locale) != name {
			return found("expected "+string(locale)+", as RFC 5646 writes it", "$.prompts.locales")
		}
	}
	return nil
}

// Locale is the language that a pool's callers are spoken to in.
type Locale string

func parseLocale(s string) (Locale, error) {
	locale, ok := mapping.ParseLocale(s)
	if !ok {
		return "", errLocale
	}
	return Locale(locale), nil
}

// UnmarshalYAML reads the written form.
func (l *Locale) UnmarshalYAML(node ast.Node) error { return scalar(node, l, parseLocale) }
