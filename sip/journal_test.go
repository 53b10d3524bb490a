package sip

import (
	"fmt"
	"strings"
	"sync"

	"maskd/mapping"
)

// journal keeps every writing of every CDR.
type journal struct {
	mu   sync.Mutex
	cdrs []mapping.CDR
}

func (j *journal) Record(c mapping.CDR) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.cdrs = append(j.cdrs, c)
}

func (j *journal) admitted() int {
	j.mu.Lock()
	defer j.mu.Unlock()
	ids := make(map[mapping.ID]bool)
	for _, c := range j.cdrs {
		ids[c.Call] = true
	}
	return len(ids)
}

// final returns the last writings, of calls that are over.
func (j *journal) final() []mapping.CDR {
	j.mu.Lock()
	defer j.mu.Unlock()
	var final []mapping.CDR
	for _, c := range j.cdrs {
		if c.Outcome != mapping.OutcomeLive {
			final = append(final, c)
		}
	}
	return final
}

// print tells how every call ended, one a line.
func (j *journal) print() string {
	var b strings.Builder
	for _, c := range j.final() {
		fmt.Fprintf(&b, "CDR: %s", c.Outcome)
		if c.Refusal != 0 {
			fmt.Fprintf(&b, " (%s)", c.Refusal)
		}
		fmt.Fprintf(&b, ", ended by %s, status %d", c.EndedBy, c.Status)
		if !c.AnsweredAt.IsZero() {
			fmt.Fprintf(&b, ", talked %.3fs", c.Talked().Seconds())
		}
		if c.Tried > 1 {
			fmt.Fprintf(&b, ", %d rung, the last or winning one %s", c.Tried, c.Target.Reveal())
		}
		if c.Redirected {
			b.WriteString(", redirected")
		}
		b.WriteByte('\n')
	}
	if b.Len() == 0 {
		return "no CDR\n"
	}
	return b.String()
}
