package mapping_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"maskd/mapping"
)

// The words that the API, the CDRs and the store write; none may change.
func TestWords(t *testing.T) {
	tests := []struct {
		name string
		word func(int) string
		want []string // from the value 1 on
	}{
		{"mode", func(v int) string { return mapping.Mode(v).String() }, []string{"pair", "open", "extension"}},
		{"numbering", func(v int) string { return mapping.Numbering(v).String() }, []string{"per_party", "shared"}},
		{"sticky", func(v int) string { return mapping.Sticky(v).String() }, []string{"off", "prefer", "avoid", "pin"}},
		{"on_exhaustion", func(v int) string { return mapping.OnExhaustion(v).String() }, []string{"reject", "shorten_cooldown"}},
		{"standing", func(v int) string { return mapping.Standing(v).String() }, []string{"active", "draining", "quarantined", "retired"}},
		{"expiry", func(v int) string { return mapping.Expiry(v).String() }, []string{"fixed", "sliding"}},
		{"warn", func(v int) string { return mapping.Audience(v).String() }, []string{"both", "a", "b"}},
		{"bars", func(v int) string { return mapping.Bar(v).String() }, []string{"both", "calling", "reached"}},
		{"direction", func(v int) string { return mapping.Direction(v).String() }, []string{"both", "a_to_b", "b_to_a"}},
		{"withheld", func(v int) string { return mapping.Withheld(v).String() }, []string{"connect", "refuse"}},
		{"callback", func(v int) string { return mapping.Callback(v).String() }, []string{"last_caller", "fallback", "refuse"}},
		{"side", func(v int) string { return mapping.Side(v).String() }, []string{"a", "b"}},
		{"state", func(v int) string { return mapping.State(v).String() },
			[]string{"active", "draining", "completed", "expired", "scheduled"}},
		{"refusal", func(v int) string { return mapping.Refusal(v).String() },
			[]string{"unknown", "expired", "completed", "no_caller", "loop", "store",
				"emergency", "short_code", "unverified", "own_target", "scheduled", "direction", "pin", "busy", "spent", "blocked", "do_not_disturb", "outside_hours", "hook", "extension", "callback", "withheld", "allotment"}},
		{"otherwise", func(v int) string { return mapping.Otherwise(v).String() }, []string{"refuse", "announce", "fallback"}},
		{"diversion", func(v int) string { return mapping.Diversion(v).String() }, []string{"no_answer", "outside_hours", "hook"}},
		{"matter", func(v int) string { return mapping.Matter(v).String() }, []string{"call", "unknown_caller"}},
		{"verdict", func(v int) string { return mapping.Verdict(v).String() }, []string{"connect", "refuse", "fallback"}},
		{"outcome", func(v int) string { return mapping.Outcome(v).String() },
			[]string{"live", "answered", "busy", "no_answer", "cancelled", "refused", "failed", "interrupted"}},
		{"ended_by", func(v int) string { return mapping.EndedBy(v).String() },
			[]string{"caller", "callee", "complete", "operator", "timeout", "failure", "policy", "shutdown", "crash", "limit"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for v := range len(tt.want) {
				got = append(got, tt.word(v+1))
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("words %q, want %q", got, tt.want)
			}
			beyond := len(tt.want) + 1
			if got, want := tt.word(beyond), fmt.Sprintf("%s(%d)", tt.name, beyond); got != want {
				t.Errorf("a value without a word is %q, want %q", got, want)
			}
			if zero := tt.word(0); zero != "" && zero != tt.name+"(0)" {
				t.Errorf("zero is %q", zero)
			}
		})
	}
}

func TestModesAndNumberingsComeBackFromTheirWords(t *testing.T) {
	for text, want := range map[string]mapping.Mode{"": mapping.ModePair, "pair": mapping.ModePair, "open": mapping.ModeOpen, "extension": mapping.ModeExtension} {
		if got, ok := mapping.ParseMode(text); !ok || got != want {
			t.Errorf("ParseMode(%q) = %v, %t", text, got, ok)
		}
	}
	for text, want := range map[string]mapping.Numbering{
		"": mapping.NumberingPerParty, "per_party": mapping.NumberingPerParty, "shared": mapping.NumberingShared,
	} {
		if got, ok := mapping.ParseNumbering(text); !ok || got != want {
			t.Errorf("ParseNumbering(%q) = %v, %t", text, got, ok)
		}
	}
	for _, text := range []string{"PAIR", "pair ", "numbering(1)", "mode(0)", "opened"} {
		if _, ok := mapping.ParseMode(text); ok {
			t.Errorf("ParseMode(%q) is taken", text)
		}
		if _, ok := mapping.ParseNumbering(text); ok {
			t.Errorf("ParseNumbering(%q) is taken", text)
		}
	}
}

func TestTheOtherSide(t *testing.T) {
	for side, want := range map[mapping.Side]mapping.Side{mapping.SideA: mapping.SideB, mapping.SideB: mapping.SideA, 0: 0} {
		if got := side.Other(); got != want {
			t.Errorf("Other of %q = %q, want %q", side, got, want)
		}
	}
}

func TestErrorsSayWhereAndWhat(t *testing.T) {
	invalid := &mapping.InvalidError{Field: "parties.a.numbers[0]", Code: "own_did", Reason: "not a party's number"}
	if got := invalid.Error(); got != "parties.a.numbers[0]: not a party's number" {
		t.Errorf("InvalidError: %q", got)
	}
	exhausted := &mapping.ExhaustedError{Pool: "north", Blocking: mapping.SideB, Size: 3}
	for _, word := range []string{`"north"`, "party b", "3"} {
		if !strings.Contains(exhausted.Error(), word) {
			t.Errorf("ExhaustedError %q does not say %s", exhausted, word)
		}
	}
}
