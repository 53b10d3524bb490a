package sip

import (
	"testing"
	"time"

	"maskd/mapping"
)

// A door that right extensions come by stays open; wrong ones close it, for all
// at once, until time has passed.
func TestRightExtensionsAreNotCounted(t *testing.T) {
	v := newVisits(2)
	at := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	west, east := suspect{did: riderDID, trunk: "west", keys: true}, suspect{did: riderDID, trunk: "east", keys: true}
	for range 3 * mapping.ExtensionBurst {
		if !v.open(west, at) || !v.try(west, at) {
			t.Fatal("the door is closed by extensions that are right")
		}
		v.forgive(west)
	}
	looked := 0
	for range 3 * mapping.ExtensionBurst {
		if v.try(west, at) {
			looked++
		}
	}
	if looked != mapping.ExtensionBurst || v.open(west, at) || !v.open(east, at) {
		t.Errorf("%d wrong ones are looked at, open: %t", looked, v.open(west, at))
	}
	if !v.open(west, at.Add(mapping.ExtensionEvery)) {
		t.Error("the door stays closed")
	}
	v.try(east, at)
	if v.try(suspect{did: customerDID, keys: true}, at) {
		t.Error("one is looked at that can't be remembered")
	}
	if !v.try(suspect{did: customerDID, keys: true}, at.Add(time.Hour)) || len(v.of) != 1 {
		t.Error("what is forgiven by time still takes room")
	}
}
