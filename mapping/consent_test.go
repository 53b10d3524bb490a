package mapping

import "testing"

func TestWhoMayBeRecorded(t *testing.T) {
	told := func(way Recording, a, b Answer) Consent { return Consent{Way: way, A: a, B: b, Told: true} }
	for name, tt := range map[string]struct {
		consent Consent
		listens bool
	}{
		"nobody asked for it":        {Consent{}, false},
		"off":                        {told(RecordingOff, AnswerYes, AnswerYes), false},
		"agreed: nothing to tell":    {Consent{Way: RecordingAgreed}, true},
		"agreed: withdrawn":          {Consent{Way: RecordingAgreed, A: AnswerWithdrawn}, false},
		"announce: not told yet":     {Consent{Way: RecordingAnnounce}, false},
		"announce: told":             {told(RecordingAnnounce, 0, 0), true},
		"announce: withdrawn":        {told(RecordingAnnounce, 0, AnswerWithdrawn), false},
		"opt in: no answer":          {told(RecordingOptIn, 0, 0), false},
		"opt in: one of them":        {told(RecordingOptIn, AnswerYes, 0), false},
		"opt in: both":               {told(RecordingOptIn, AnswerYes, AnswerYes), true},
		"opt in: yes and no":         {told(RecordingOptIn, AnswerYes, AnswerNo), false},
		"opt in: yes, but not told":  {Consent{Way: RecordingOptIn, A: AnswerYes, B: AnswerYes}, false},
		"opt out: no answer":         {told(RecordingOptOut, 0, 0), true},
		"opt out: one says no":       {told(RecordingOptOut, AnswerNo, 0), false},
		"opt out: one withdraws":     {told(RecordingOptOut, 0, AnswerWithdrawn), false},
		"paused, whatever they said": {Consent{Way: RecordingOptIn, A: AnswerYes, B: AnswerYes, Told: true, Paused: true}, false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := tt.consent.Listens(); got != tt.listens {
				t.Errorf("Listens() = %v", got)
			}
		})
	}
}

// Whatever order answers come in, who has said no is not recorded again.
func TestANoStays(t *testing.T) {
	answers := []Answer{AnswerYes, AnswerNo, AnswerWithdrawn}
	for _, way := range []Recording{RecordingAgreed, RecordingAnnounce, RecordingOptIn, RecordingOptOut} {
		for _, first := range answers {
			for _, second := range answers {
				for _, third := range answers {
					c := Consent{Way: way, Told: true, B: AnswerYes}.With(SideA, first).With(SideA, second).With(SideA, third)
					if yes := first == AnswerYes && second == AnswerYes && third == AnswerYes; c.Listens() != yes {
						t.Errorf("%v: %v, %v, %v: listens is %v", way, first, second, third, c.Listens())
					}
				}
			}
		}
	}
}

func TestParseRecording(t *testing.T) {
	for r := RecordingOff; r <= RecordingOptOut; r++ {
		if got, ok := ParseRecording(r.String()); !ok || got != r {
			t.Errorf("%v is read as %v, %v", r, got, ok)
		}
	}
	if r, ok := ParseRecording(""); !ok || r != 0 {
		t.Error("nothing is not the pool's to say")
	}
	if _, ok := ParseRecording("always"); ok {
		t.Error("always is taken")
	}
}
