package mapping_test

import (
	"testing"
	"time"

	"maskd/mapping"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func TestSideOf(t *testing.T) {
	driver, spare, rider := number(t, "+4915112345678"), number(t, "+4915112345679"), number(t, "+919812345678")
	stranger := number(t, "+15550200009")
	const didA, didB = mapping.DID("+15550100000"), mapping.DID("+15550100001")
	perParty := &mapping.Interaction{
		A: mapping.Party{Numbers: []mapping.Number{driver, spare}, DID: didA},
		B: mapping.Party{Numbers: []mapping.Number{rider}, DID: didB},
	}
	shared := &mapping.Interaction{
		A: mapping.Party{Numbers: []mapping.Number{driver, spare}, DID: didA},
		B: mapping.Party{Numbers: []mapping.Number{rider}, DID: didA},
	}
	tests := []struct {
		name   string
		in     *mapping.Interaction
		did    mapping.DID
		caller mapping.Number
		want   mapping.Side
	}{
		{"A dials A's DID", perParty, didA, driver, mapping.SideA},
		{"A dials from the second number", perParty, didA, spare, mapping.SideA},
		{"B dials B's DID", perParty, didB, rider, mapping.SideB},
		{"A dials B's DID", perParty, didB, driver, 0},
		{"B dials A's DID", perParty, didA, rider, 0},
		{"a stranger dials A's DID", perParty, didA, stranger, 0},
		{"nobody dials A's DID", perParty, didA, mapping.Number{}, 0},
		{"A dials a DID of no one", perParty, "+15550100002", driver, 0},
		{"shared: A dials", shared, didA, spare, mapping.SideA},
		{"shared: B dials", shared, didA, rider, mapping.SideB},
		{"shared: a stranger dials", shared, didA, stranger, 0},
		{"an empty interaction", &mapping.Interaction{}, "", driver, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.in.SideOf(tt.did, tt.caller); got != tt.want {
				t.Errorf("SideOf = %q, want %q", got, tt.want)
			}
		})
	}
}

func TestPartyOnASide(t *testing.T) {
	i := &mapping.Interaction{A: mapping.Party{DID: "+15550100000"}, B: mapping.Party{DID: "+15550100001"}}
	for side, want := range map[mapping.Side]mapping.DID{
		mapping.SideA: "+15550100000", mapping.SideB: "+15550100001", 0: "", 9: "",
	} {
		if got := i.Party(side).DID; got != want {
			t.Errorf("Party(%q).DID = %q, want %q", side, got, want)
		}
	}
}

func TestStateIsExactAtExpiry(t *testing.T) {
	live := mapping.Interaction{CreatedAt: noon, ExpiresAt: noon.Add(time.Hour)}
	completed := live
	completed.CompletedAt = noon.Add(time.Minute)
	tests := []struct {
		name string
		in   mapping.Interaction
		at   time.Time
		want mapping.State
	}{
		{"at its creation", live, noon, mapping.StateActive},
		{"a nanosecond before expiry", live, noon.Add(time.Hour - 1), mapping.StateActive},
		{"at the instant of expiry", live, noon.Add(time.Hour), mapping.StateExpired},
		{"the same instant in another zone", live, noon.Add(time.Hour).In(time.FixedZone("IST", 19800)), mapping.StateExpired},
		{"after expiry", live, noon.Add(2 * time.Hour), mapping.StateExpired},
		{"completed", completed, noon.Add(time.Minute), mapping.StateCompleted},
		{"completed, asked with a clock behind", completed, noon, mapping.StateCompleted},
		{"completed stays completed after expiry", completed, noon.Add(2 * time.Hour), mapping.StateCompleted},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.in.State(tt.at); got != tt.want {
				t.Errorf("State = %v, want %v", got, tt.want)
			}
		})
	}
}

func TestTalkedIsFromAnswerToEnd(t *testing.T) {
	tests := []struct {
		name            string
		answered, ended time.Time
		want            time.Duration
	}{
		{"answered and ended", noon, noon.Add(42 * time.Second), 42 * time.Second},
		{"never answered", time.Time{}, noon, 0},
		{"still talking", noon, time.Time{}, 0},
		{"neither", time.Time{}, time.Time{}, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			cdr := mapping.CDR{AdmittedAt: noon.Add(-time.Minute), AnsweredAt: tt.answered, EndedAt: tt.ended}
			if got := cdr.Talked(); got != tt.want {
				t.Errorf("Talked = %v, want %v", got, tt.want)
			}
		})
	}
}
