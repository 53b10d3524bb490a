package mapping

import (
	"slices"
	"strings"
	"testing"
)

func TestEveryActionHasAName(t *testing.T) {
	seen := make(map[string]Action)
	gone := []Action{ActionCDRList + 1, ActionRecordingList + 1, ActionRootKeyRotate + 1}
	for a := ActionStart; a < actionsEnd; a++ {
		name := a.String()
		if strings.HasPrefix(name, "action(") != slices.Contains(gone, a) {
			t.Errorf("action %d has no name", a)
		}
		if other, ok := seen[name]; ok {
			t.Errorf("actions %d and %d are both %q", a, other, name)
		}
		seen[name] = a
	}
}

// Whoever sees a secret must be in the log before he sees it, and an action
// that nobody has described might show one.
func TestOnlyALookAtWhatIsMaskedIsNotUrgent(t *testing.T) {
	for a, want := range map[Action]bool{
		ActionInteractionRead: false, ActionLookup: false, ActionCDRList: false, ActionAuditRead: false,
		ActionInteractionReveal: true, ActionRecordingExport: true, ActionAuditExport: true, ActionCDRExport: true,
		ActionInteractionCreate: true, ActionReload: true, 0: true, actionsEnd: true,
	} {
		if a.Urgent() != want {
			t.Errorf("%s: urgent is %t", a, a.Urgent())
		}
	}
}

func TestReasonIsOnePrintableLine(t *testing.T) {
	for reason, good := range map[string]bool{
		"": true, "dispute 4711, asked for by Ms Okafor": true, "Straße 5": true,
		"two\nlines": false, "\x1b[2J": false, "\xff": false, strings.Repeat("x", MaxReason): true, strings.Repeat("x", MaxReason+1): false,
	} {
		if err := ValidateReason(reason); (err == nil) != good {
			t.Errorf("%q: %v", reason, err)
		}
	}
}

func TestRoleIsReadAsItIsWritten(t *testing.T) {
	for r := RoleIntegrator; r <= roles; r++ {
		if back, ok := ParseRole(r.String()); !ok || back != r {
			t.Errorf("%s reads as %s", r, back)
		}
	}
	if _, ok := ParseRole(""); ok {
		t.Error("no role is a role")
	}
}

func TestObjectKnowsItsInteraction(t *testing.T) {
	id := ID{1, 2, 3}
	if got, ok := ObjectID(KindInteraction, id).Interaction(); !ok || got != id {
		t.Errorf("%v, %t", got, ok)
	}
	if _, ok := ObjectID(KindCall, id).Interaction(); ok {
		t.Error("a call is no interaction")
	}
}
