package mapping_test

import (
	"crypto/rand"
	"errors"
	"strings"
	"testing"

	"maskd/mapping"
)

func TestAnExtensionCanNotBePrinted(t *testing.T) {
	_, leaks := leaksOf(extension(t, secretPIN[:mapping.MaxExtension]))
	for _, way := range leaks {
		t.Errorf("leaks by %s", way)
	}
	if e := extension(t, "4711"); e.String() != "(extension)" || (mapping.ExtensionNumber{}).String() != "none" {
		t.Errorf("printed as %s", e)
	}
}

func TestExtensionsAreThreeToEightDigits(t *testing.T) {
	for text, want := range map[string]bool{
		"": false, "12": false, "123": true, "000": true, "12345678": true, "123456789": false, "12a": false, "+12": false, "12 3": false, "１２３": false,
	} {
		e, err := mapping.ParseExtension(text)
		if (err == nil) != want || err != nil && !errors.Is(err, mapping.ErrExtension) || want && e.Digits() != text {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestOnlyTheSameDigitsAreTheExtension(t *testing.T) {
	e := extension(t, "4711")
	for text, want := range map[string]bool{"4711": true, "471": false, "47111": false, "4712": false, "": false} {
		if e.Matches([]byte(text)) != want {
			t.Errorf("%q matches: %t", text, !want)
		}
	}
	if (mapping.ExtensionNumber{}).Matches(nil) {
		t.Error("nothing is the extension of nobody")
	}
}

func TestAnExtensionIsDrawnWhereNoneIsNamed(t *testing.T) {
	d := lone(t, mapping.ModeExtension)
	for tries, want := range []int{4, 5, 6, 7, 8, 8} {
		drawn, err := d.WithExtension(rand.Reader, tries)
		if err != nil || len(drawn.Strangers.Extension.Digits()) != want {
			t.Errorf("after %d tries of %d digits, %v", tries, len(drawn.Strangers.Extension.Digits()), err)
		}
		i := drawn.Bind(mapping.ID{1}, "+15550100001", "+15550100001", noon)
		if !d.Matches(&i) {
			t.Error("the same request does not match what it made")
		}
		d.Strangers.Extension = extension(t, "123456789"[:3])
		if d.Matches(&i) {
			t.Error("another extension matches")
		}
		d.Strangers.Extension = mapping.ExtensionNumber{}
	}
	if _, err := d.WithExtension(strings.NewReader("dry"), 0); err == nil {
		t.Error("drawn from nothing")
	}
	named := lone(t, mapping.ModeExtension, func(d *mapping.Draft) { d.Strangers.Extension = extension(t, "4711") })
	if drawn, err := named.WithExtension(strings.NewReader(""), 0); err != nil || drawn.Strangers.Extension != extension(t, "4711") {
		t.Errorf("what is named is drawn: %v", err)
	}
	if drawn, err := lone(t, mapping.ModeOpen).WithExtension(strings.NewReader(""), 0); err != nil || !drawn.Strangers.Extension.IsZero() {
		t.Errorf("drawn in mode open: %v", err)
	}
}
