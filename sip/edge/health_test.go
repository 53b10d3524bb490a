package edge

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// well is no jitter at all.
const well = 0.5

func TestHysteresis(t *testing.T) {
	for _, row := range []struct {
		name   string
		probes string // one letter each: + answered, - not
		want   TargetState
	}{
		{"nothing heard", "", TargetUnknown},
		{"the first answer is believed", "+", TargetUp},
		{"the first silence is not", "-", TargetUnknown},
		{"two silences are", "--", TargetDown},
		{"silence, then an answer", "-+", TargetUp},
		{"one loss is no outage", "+-", TargetUp},
		{"losses that are not in a row", "+-+-+-", TargetUp},
		{"two losses in a row", "+--", TargetDown},
		{"one answer is no recovery", "+--+", TargetDown},
		{"answers that are not in a row", "+--+-+-", TargetDown},
		{"two answers in a row", "+--++", TargetUp},
		{"and down again", "+--++--", TargetDown},
	} {
		h := newHealth()
		for i, p := range row.probes {
			r := report{verb: answered, status: 200}
			if p == '-' {
				r = report{verb: silent}
			}
			h = h.probed(r, noon.Add(time.Duration(i)*time.Minute))
		}
		if h.state != row.want {
			t.Errorf("%s (%s): %s, want %s", row.name, row.probes, h.state, row.want)
		}
	}
}

func TestWhatProvesThatATargetIsThere(t *testing.T) {
	for status, want := range map[int]verb{
		0: silent, 200: answered, 302: answered, 401: answered, 403: answered, 404: answered, 405: answered,
		407: answered, 408: unavailable, 481: answered, 483: answered, 486: answered, 500: answered, 501: answered,
		503: unavailable, 603: answered,
	} {
		if got := reportOf(status, 0); got.verb != want {
			t.Errorf("%d is taken for %d, want %d", status, got.verb, want)
		}
	}
}

func TestForHowLongATargetIsShunned(t *testing.T) {
	failure := func(after time.Duration) report {
		return report{verb: unavailable, status: 503, retryAfter: after}
	}
	h := newHealth()
	at := noon
	for _, want := range []time.Duration{5, 10, 20, 40, 80, 160, 300, 300} {
		h = h.called(failure(0), at, well)
		if got := h.shunned.Sub(at); got != want*time.Second {
			t.Fatalf("shunned for %v, want %d s", got, want)
		}
		again := h.called(failure(0), h.shunned.Add(-1), well)
		if again != h {
			t.Fatal("a call that was on its way makes it longer")
		}
		if !h.doubtful(h.shunned.Add(-1)) || h.doubtful(h.shunned) {
			t.Fatal("the end of the time is not its end")
		}
		at = h.shunned
	}
	h = h.called(report{verb: answered, status: 486}, at, well)
	if h.doubtful(at) || h.called(failure(0), at, well).shunned.Sub(at) != shunFirst {
		t.Error("a call that was taken does not end it")
	}
	for after, want := range map[time.Duration]time.Duration{
		time.Second: time.Second, 2 * time.Minute: 2 * time.Minute, 1000 * time.Hour: shunAtMost,
	} {
		if got := newHealth().called(failure(after), noon, well).shunned.Sub(noon); got != want {
			t.Errorf("Retry-After %v: shunned for %v, want %v", after, got, want)
		}
	}
	low, high := newHealth().called(failure(0), noon, 0), newHealth().called(failure(0), noon, 1)
	if low.shunned.Sub(noon) != 4*time.Second || high.shunned.Sub(noon) != 6*time.Second {
		t.Errorf("jitter from %v to %v", low.shunned.Sub(noon), high.shunned.Sub(noon))
	}
}

func TestOneCallTriesAShunnedTargetAnew(t *testing.T) {
	h := newHealth().called(report{verb: silent}, noon, well)
	at := h.shunned
	h = h.tried(at)
	if !h.doubtful(at) || !h.doubtful(at.Add(trialTime-1)) || h.doubtful(at.Add(trialTime)) {
		t.Error("during the trial others go elsewhere, and no longer")
	}
	if failed := h.called(report{verb: silent}, at.Add(4*time.Second), well); failed.shunned.Sub(at) != 14*time.Second {
		t.Errorf("a trial that fails: shunned until %v after it began", failed.shunned.Sub(at))
	}
	if passed := h.called(report{verb: answered, status: 200}, at.Add(time.Second), well); passed.doubtful(at.Add(time.Second)) {
		t.Error("a trial that was passed leaves a doubt")
	}
	if sound := newHealth().tried(noon); sound.doubtful(noon) {
		t.Error("a target without a doubt is on trial")
	}
}

// Whatever happens, a target is never given up for longer than the bounds say.
func TestNoTargetIsShunnedForEver(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h, at := newHealth(), noon
		for range rapid.IntRange(0, 40).Draw(t, "events") {
			at = at.Add(time.Duration(rapid.Int64Range(0, int64(10*time.Minute)).Draw(t, "after")))
			r := report{verb: rapid.SampledFrom([]verb{answered, unavailable, silent, unreachable}).Draw(t, "verb"),
				retryAfter: time.Duration(rapid.Int64Range(0, int64(100*time.Hour)).Draw(t, "retry after"))}
			jitter := rapid.Float64Range(0, 1).Draw(t, "jitter")
			switch rapid.IntRange(0, 2).Draw(t, "what") {
			case 0:
				h = h.probed(r, at)
			case 1:
				h = h.called(r, at, jitter)
			default:
				h = h.tried(at)
			}
			if h.shunned.Sub(at) > shunAtMost || h.trial.Sub(at) > trialTime {
				t.Fatalf("shunned for %v, on trial for %v", h.shunned.Sub(at), h.trial.Sub(at))
			}
			if h.since.After(at) || h.streak >= steps {
				t.Fatalf("since %v at %v, streak %d", h.since, at, h.streak)
			}
		}
		for range steps {
			h = h.probed(report{verb: answered}, at)
		}
		if later := at.Add(shunAtMost); h.doubtful(later) {
			t.Fatal("it answers, and is in doubt all the same")
		}
	})
}
