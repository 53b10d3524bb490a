package mapping

import (
	"reflect"
	"slices"
	"testing"
	"time"
)

// An event can hold no number, nor what a person wrote: nothing in it is a Number, a
// map or a slice, and each text is a name of ours.
func TestAnEventHasNoPlaceForANumber(t *testing.T) {
	ours := []string{"DID", "Tenant", "Pool"}
	of := reflect.TypeFor[Event]()
	for n := range of.NumField() {
		f := of.Field(n)
		switch {
		case f.Type == reflect.TypeFor[time.Time](), f.Type == reflect.TypeFor[ID]():
		case f.Type.Kind() == reflect.String && slices.Contains(ours, f.Name):
		case f.Type.Kind() >= reflect.Int && f.Type.Kind() <= reflect.Uint64:
		default:
			t.Errorf("%s is a %s", f.Name, f.Type)
		}
	}
}

func TestEveryEventHasANameOfItsOwn(t *testing.T) {
	seen := make(map[string]bool)
	for e := EventInteractionCreated; e < eventsEnd; e++ {
		name := e.String()
		if got, ok := ParseEventType(name); !ok || got != e || seen[name] || name == "" {
			t.Errorf("%d is called %q", e, name)
		}
		seen[name] = true
	}
	for _, name := range []string{"", "call.rung", "event(0)", "event(200)"} {
		if _, ok := ParseEventType(name); ok {
			t.Errorf("%q is an event", name)
		}
	}
	if EventType(200).String() != "event(200)" || EventType(0).String() != "event(0)" {
		t.Error("what is no event has a name")
	}
}

// Whatever is written of a call, and in however many steps, each milestone that it has
// come to is told once, and in order.
func TestNewsOfACallAreToldOnce(t *testing.T) {
	at := time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)
	live := CDR{Call: ID{1}, Interaction: ID{2}, AdmittedAt: at, Outcome: OutcomeLive}
	talking := live
	talking.AnsweredAt = at.Add(time.Second)
	over := talking
	over.EndedAt, over.Outcome, over.EndedBy = at.Add(3*time.Second), OutcomeAnswered, EndedByCallee
	missed := live
	missed.EndedAt, missed.Outcome = at.Add(time.Second), OutcomeNoAnswer
	cut := talking
	cut.Outcome, cut.EndedBy = OutcomeInterrupted, EndedByCrash
	stranger := live
	stranger.Interaction = ID{}
	for name, c := range map[string]struct {
		records []CDR
		want    []EventType
	}{
		"step by step":            {[]CDR{live, talking, over}, []EventType{EventCallStarted, EventCallAnswered, EventCallEnded}},
		"at once":                 {[]CDR{over}, []EventType{EventCallStarted, EventCallAnswered, EventCallEnded}},
		"written twice":           {[]CDR{live, live, talking, talking, over}, []EventType{EventCallStarted, EventCallAnswered, EventCallEnded}},
		"missed":                  {[]CDR{live, missed}, []EventType{EventCallStarted, EventCallEnded}},
		"cut":                     {[]CDR{talking, cut}, []EventType{EventCallStarted, EventCallAnswered, EventCallEnded}},
		"nobody's":                {[]CDR{stranger}, nil},
		"somebody's later":        {[]CDR{stranger, talking}, []EventType{EventCallStarted, EventCallAnswered}},
		"answered and taken back": {[]CDR{talking, missed}, []EventType{EventCallStarted, EventCallAnswered, EventCallEnded}},
	} {
		var got []EventType
		var told Milestones
		for _, r := range c.records {
			for e := range r.News(told, at.Add(time.Hour)) {
				got = append(got, e.Type)
				if e.At.IsZero() || e.Call != r.Call || e.Interaction != r.Interaction || e.Tenant != DefaultTenant {
					t.Errorf("%s: %+v", name, e)
				}
				if ended := e.Type == EventCallEnded; ended != (e.Outcome != 0) || ended && e.Talked != r.Talked() {
					t.Errorf("%s: %+v", name, e)
				}
			}
			told |= r.Milestones()
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: told %v, not %v", name, got, c.want)
		}
	}
	if news := slices.Collect(cut.News(MilestoneStarted|MilestoneAnswered, at.Add(time.Hour))); len(news) != 1 || !news[0].At.Equal(at.Add(time.Hour)) {
		t.Errorf("a call whose end nobody saw: %+v", news)
	}
}
