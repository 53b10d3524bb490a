package resolve

import (
	"testing"
	"time"
)

func TestHowLongAnAnswerCounts(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	record := addrs("192.0.2.1")
	for _, row := range []struct {
		name       string
		answer     Answer
		ttl        time.Duration
		until, due time.Duration
	}{
		{"as its zone says", record, 100 * time.Second, 100 * time.Second, 80 * time.Second},
		{"at least a little", record, 0, minTTL, 4 * time.Second},
		{"at most an hour", record, 48 * time.Hour, time.Hour, 48 * time.Minute},
		{"that there is nothing, less long", Answer{}, time.Hour, maxNegative, 4 * time.Minute},
	} {
		row.answer.TTL = row.ttl
		m := memo{}.answered(row.answer, now)
		if m.until.Sub(now) != row.until || m.due.Sub(now) != row.due {
			t.Errorf("%s: until %v, asked again after %v", row.name, m.until.Sub(now), m.due.Sub(now))
		}
		if !m.counts(now.Add(row.until+staleFor-1)) || m.counts(now.Add(row.until+staleFor)) {
			t.Errorf("%s: what can't be renewed does not serve for %v more", row.name, staleFor)
		}
	}
	if (memo{}).counts(now) || (memo{}).failed(now).counts(now) {
		t.Error("what was never answered counts")
	}
}

func TestALookUpThatFailsIsTriedEverLessOften(t *testing.T) {
	now := time.Now()
	m := memo{}.answered(addrs("192.0.2.1"), now)
	for _, want := range []time.Duration{2, 4, 8, 16, 32, 60, 60} {
		m = m.failed(now)
		if got := m.due.Sub(now); got != want*time.Second {
			t.Errorf("again after %v, want %v s", got, int(want))
		}
	}
	if m = m.answered(addrs("192.0.2.1"), now).failed(now); m.due.Sub(now) != retryFirst {
		t.Error("an answer does not end the patience")
	}
}
