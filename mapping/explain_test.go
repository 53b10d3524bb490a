package mapping_test

import (
	"strings"
	"testing"
	"time"

	"maskd/mapping"
)

// told is a decision with its evidence, and the words that the last step must have.
type told struct {
	name     string
	evidence mapping.Evidence
	check    mapping.Check
	words    []string
}

func decisions(t *testing.T) []told {
	noon := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	live := mapping.Interaction{ID: mapping.NewID(noon, [10]byte{1}), CreatedAt: noon, ExpiresAt: noon.Add(time.Hour)}
	done := live
	done.CompletedAt = noon.Add(time.Minute)
	name := live.ID.Text(mapping.KindInteraction)
	ours := mapping.Evidence{DID: "+15550100001", Pool: "default", At: noon.Add(2 * time.Minute)}
	with := func(r mapping.Refusal, i *mapping.Interaction, change ...func(*mapping.Evidence)) mapping.Evidence {
		e := ours
		e.Refusal, e.Interaction = r, i
		for _, c := range change {
			c(&e)
		}
		return e
	}
	later := func(e *mapping.Evidence) { e.At = noon.Add(time.Hour) }
	route := with(0, &live)
	route.Route = mapping.Route{Interaction: live.ID, Caller: mapping.SideA, Show: "+15550100002", Trunk: "carrier",
		Limits: mapping.Limits{CallTime: 10 * time.Minute}, Quotas: []mapping.Quota{{Of: mapping.Common{Interaction: live.ID}, Most: 1}}}
	hooked := func(e *mapping.Evidence) { e.Unknown = true }
	asked := route
	asked.Route.Case = &mapping.Case{Matter: mapping.MatterParty}
	agreed, refused := asked, asked
	agreed.Asked, refused.Asked, refused.Refusal = true, true, mapping.RefusalHook
	open := live
	open.Mode = mapping.ModeOpen
	return []told{
		{"nobody to call back", with(mapping.RefusalCallback, &open), mapping.CheckTarget, []string{"nobody has called"}},
		{"asked for an extension, unnamed", with(mapping.RefusalNoCaller, nil, func(e *mapping.Evidence) { e.Asks = true }), mapping.CheckCaller, []string{"withheld", "asked for an extension"}},
		{"asked for an extension", with(mapping.RefusalUnknown, nil, func(e *mapping.Evidence) { e.Asks = true }), mapping.CheckInteraction, []string{"asked for an extension"}},
		{"connects", route, mapping.CheckLimits, []string{"600 seconds", "at most 1 of the interaction"}},
		{"busy", with(mapping.RefusalBusy, &live), mapping.CheckLimits, []string{"at once"}},
		{"spent", with(mapping.RefusalSpent, &live), mapping.CheckLimits, []string{"max_calls"}},
		{"blocked", with(mapping.RefusalBlocked, &live), mapping.CheckTarget, []string{"block list"}},
		{"quiet", with(mapping.RefusalQuiet, &live), mapping.CheckTarget, []string{"disturbed"}},
		{"redirected", with(mapping.RefusalUnknown, nil, func(e *mapping.Evidence) { e.Redirect = number(t, "+15550199000") }), mapping.CheckInteraction,
			[]string{"none ever had", "pool default sends such callers elsewhere", "+15550100001"}},
		{"no caller", with(mapping.RefusalNoCaller, nil), mapping.CheckCaller, []string{"withheld"}},
		{"our own DID calls", with(mapping.RefusalLoop, nil), mapping.CheckCaller, []string{"our own"}},
		{"not our DID", with(mapping.RefusalUnknown, nil, func(e *mapping.Evidence) { e.Pool = "" }), mapping.CheckDID, []string{"none of our DIDs"}},
		{"never met", with(mapping.RefusalUnknown, nil), mapping.CheckInteraction, []string{"none ever had"}},
		{"not met lately", with(mapping.RefusalUnknown, nil, func(e *mapping.Evidence) { e.Partial = true }), mapping.CheckInteraction, []string{"none of the latest"}},
		{"completed and forgotten", with(mapping.RefusalUnknown, &done), mapping.CheckInteraction, []string{name, "completed at 2026-11-22T12:01:00.000Z"}},
		{"expired and swept", with(mapping.RefusalUnknown, &live, later), mapping.CheckInteraction, []string{name, "expired at 2026-11-22T13:00:00.000Z"}},
		{"expired", with(mapping.RefusalExpired, &live, later), mapping.CheckLife, []string{"expired at 2026-11-22T13:00:00.000Z"}},
		{"completed", with(mapping.RefusalCompleted, &done), mapping.CheckLife, []string{"completed at 2026-11-22T12:01:00.000Z"}},
		{"damaged", with(mapping.RefusalStore, nil), mapping.CheckLife, []string{"in doubt"}},
		{"never met, but there is a hook", with(mapping.RefusalUnknown, nil, hooked), mapping.CheckInteraction, []string{"none ever had; the decision hook would be asked"}},
		{"withheld, but there is a hook", with(mapping.RefusalNoCaller, nil, hooked), mapping.CheckCaller, []string{"withheld", "the decision hook would be asked"}},
		{"outside of its hours", with(mapping.RefusalOutsideHours, &live, func(e *mapping.Evidence) { e.OpensAt = noon.Add(time.Hour) }), mapping.CheckTarget,
			[]string{"may not be reached at this time", "from 2026-11-22T13:00:00.000Z on"}},
		{"never in its hours", with(mapping.RefusalOutsideHours, &live), mapping.CheckTarget, []string{"nor at any time before the interaction ends"}},
		{"the hook is not asked", asked, mapping.CheckHook, []string{"would be asked"}},
		{"the hook agrees", agreed, mapping.CheckHook, []string{"has been asked, and connects"}},
		{"the hook refuses", refused, mapping.CheckHook, []string{"has refused"}},
		{"bought since", with(mapping.RefusalTarget, &live), mapping.CheckTarget, []string{"has become one of our DIDs"}},
	}
}

// Strangers are no party by name, and are told of as what they are.
func TestWhoIsRungForStrangersIsExplained(t *testing.T) {
	open := mapping.Interaction{ID: mapping.NewID(noon, [10]byte{1}), Mode: mapping.ModeOpen, CreatedAt: noon, ExpiresAt: noon.Add(time.Hour)}
	named := open
	named.Strangers.Callback = mapping.CallbackFallback
	for name, test := range map[string]struct {
		i      mapping.Interaction
		caller mapping.Side
		words  []string
	}{
		"a stranger reaches A":  {open, mapping.SideB, []string{"whoever calls this DID", "party a is rung"}},
		"A calls back":          {open, mapping.SideA, []string{"a party of", "who called last is rung"}},
		"A calls whom it is to": {named, mapping.SideA, []string{"a party of", "the number to call back is rung"}},
	} {
		e := mapping.Evidence{DID: "+15550100001", Pool: "default", At: noon, Interaction: &test.i,
			Route: mapping.Route{Interaction: test.i.ID, Caller: test.caller, Show: "+15550100001", Trunk: "carrier"}}
		steps := e.Explain()
		for n, word := range test.words {
			if finding := steps[[]int{2, 4}[n]].Finding; !strings.Contains(finding, word) {
				t.Errorf("%s: %q does not say %q", name, finding, word)
			}
		}
	}
}

func TestEveryDecisionIsExplained(t *testing.T) {
	for _, test := range decisions(t) {
		t.Run(test.name, func(t *testing.T) {
			steps := test.evidence.Explain()
			last := steps[len(steps)-1]
			if last.Check != test.check || last.Passed != (test.evidence.Refusal == 0) {
				t.Errorf("last step %s, passed %t: %s", last.Check, last.Passed, last.Finding)
			}
			for _, word := range test.words {
				if !strings.Contains(last.Finding, word) {
					t.Errorf("%q does not say %q", last.Finding, word)
				}
			}
		})
	}
}

// Whatever the decision, the checks come in their order, and nothing is asked
// once one has failed.
func TestOnlyTheLastStepOfARefusalFails(t *testing.T) {
	for _, test := range decisions(t) {
		for n, step := range test.evidence.Explain() {
			if step.Check != mapping.Check(n+1) || step.Finding == "" {
				t.Errorf("%s: step %d is %s: %q", test.name, n, step.Check, step.Finding)
			}
			if step.Check < test.check && !step.Passed {
				t.Errorf("%s: %s failed before %s", test.name, step.Check, test.check)
			}
		}
	}
}

func TestEveryRefusalHasAMeaning(t *testing.T) {
	for r := mapping.RefusalUnknown; r.String()[0] != 'r'; r++ {
		if r.Meaning() == r.String() || r.Meaning() == "" {
			t.Errorf("%s has no meaning in words", r)
		}
	}
}
