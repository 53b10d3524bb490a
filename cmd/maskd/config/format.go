package config

import (
	"errors"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"

	"maskd/sip/dialplan"
)

var (
	errFormat = errors.New("expected e164, plus, digits or international, or a mapping with write and what it needs")
	errWrite  = errors.New("expected plus, digits, international or national")
	errBare   = errors.New("expected e164, national or refuse")
	errDigits = errors.New("expected digits")
)

// Format is how numbers are written on a trunk. In a file it is one word for
// the usual plans, or a mapping.
type Format struct {
	dialplan.Plan
}

// FormatE164 writes + and digits, and reads digits without the plus too.
func FormatE164() Format { return Format{dialplan.E164()} }

// formatOf returns the plan that a word stands for.
func formatOf(word string) (Format, error) {
	switch word {
	case "e164":
		return FormatE164(), nil
	case "plus":
		return Format{dialplan.Plan{Form: dialplan.Plus, Bare: dialplan.BareRefused}}, nil
	case "digits":
		return Format{dialplan.Plan{Form: dialplan.Digits, Bare: dialplan.BareE164}}, nil
	case "international":
		return Format{dialplan.Plan{Form: dialplan.International, Bare: dialplan.BareE164, InternationalPrefix: "00"}}, nil
	default:
		return Format{}, errFormat
	}
}

// formatKeys is the long form.
type formatKeys struct {
	Write               writtenForm `yaml:"write"`
	Bare                bareDigits  `yaml:"bare"`
	Country             digits      `yaml:"country,omitempty"`
	TrunkPrefix         digits      `yaml:"trunk_prefix,omitempty"`
	InternationalPrefix digits      `yaml:"international_prefix,omitempty"`
	TechPrefix          digits      `yaml:"tech_prefix,omitempty"`
}

// UnmarshalYAML reads either form.
func (f *Format) UnmarshalYAML(node ast.Node) error {
	if _, short := node.(ast.ScalarNode); short {
		return scalar(node, f, formatOf)
	}
	keys := formatKeys{Write: "plus", Bare: "e164"}
	if err := yaml.NodeToValue(node, &keys, yaml.Strict()); err != nil {
		return err
	}
	f.Plan = keys.plan()
	if err := f.Validate(); err != nil {
		return &yaml.SyntaxError{Message: "expected numbers that can be read back: " + err.Error(), Token: beginning(node)}
	}
	return nil
}

// MarshalYAML returns the written form, the short one where there is one.
func (f Format) MarshalYAML() (any, error) {
	for _, word := range []string{"e164", "plus", "digits", "international"} {
		if usual, err := formatOf(word); err == nil && usual == f {
			return word, nil
		}
	}
	return formatKeys{
		Write: writtenForm(f.Form.String()), Bare: bareDigits(f.Bare.String()), Country: digits(f.Country),
		TrunkPrefix: digits(f.TrunkPrefix), InternationalPrefix: digits(f.InternationalPrefix), TechPrefix: digits(f.TechPrefix),
	}, nil
}

func (k formatKeys) plan() dialplan.Plan {
	form, _ := k.Write.form()
	bare, _ := k.Bare.meaning()
	return dialplan.Plan{
		Form: form, Bare: bare, Country: string(k.Country), TrunkPrefix: string(k.TrunkPrefix),
		InternationalPrefix: string(k.InternationalPrefix), TechPrefix: string(k.TechPrefix),
	}
}

// writtenForm is the name of a form.
type writtenForm string

func (w writtenForm) form() (dialplan.Form, bool) {
	for f := dialplan.Plus; f <= dialplan.National; f++ {
		if f.String() == string(w) {
			return f, true
		}
	}
	return 0, false
}

func parseWrittenForm(s string) (writtenForm, error) {
	if _, ok := writtenForm(s).form(); !ok {
		return "", errWrite
	}
	return writtenForm(s), nil
}

// UnmarshalYAML reads the written form.
func (w *writtenForm) UnmarshalYAML(node ast.Node) error { return scalar(node, w, parseWrittenForm) }

// bareDigits is the name of what digits without a prefix mean.
type bareDigits string

func (b bareDigits) meaning() (dialplan.Bare, bool) {
	for m := dialplan.BareE164; m <= dialplan.BareRefused; m++ {
		if m.String() == string(b) {
			return m, true
		}
	}
	return 0, false
}

func parseBareDigits(s string) (bareDigits, error) {
	if _, ok := bareDigits(s).meaning(); !ok {
		return "", errBare
	}
	return bareDigits(s), nil
}

// UnmarshalYAML reads the written form.
func (b *bareDigits) UnmarshalYAML(node ast.Node) error { return scalar(node, b, parseBareDigits) }

// digits are a prefix, which YAML would take for an integer, and 00 for 0.
type digits string

func parseDigits(s string) (digits, error) {
	if s == "" || strings.Trim(s, "0123456789*") != "" {
		return "", errDigits
	}
	return digits(s), nil
}

// UnmarshalYAML reads the written form.
func (p *digits) UnmarshalYAML(node ast.Node) error { return scalar(node, p, parseDigits) }
