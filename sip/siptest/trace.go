package siptest

import (
	"net/netip"
	"strings"
)

// Exchange adds what identifies the dialogs and sessions between two hosts,
// read from what they sent each other: whoever finds any of it on another leg
// knows that the two belong together.
func (c *Canary) Exchange(packets []Packet, one, other netip.Addr) *Canary {
	seen := make(map[string]bool)
	for _, p := range packets {
		from, to := p.From.Addr(), p.To.Addr()
		if (from != one || to != other) && (from != other || to != one) {
			continue
		}
		m := Parse(p.Data)
		for _, text := range append(m.marks(), marksOfSDP(m.Body)...) {
			if !seen[text] {
				seen[text] = true
				c.text(text, "mark of the other leg", text)
			}
		}
	}
	return c
}

// marks returns what identifies a message's dialog and transaction.
func (m Message) marks() []string {
	seq, _, _ := strings.Cut(m.Get("CSeq"), " ")
	marks := []string{m.Get("Call-ID"), Tag(m.Get("From")), Tag(m.Get("To")), seq}
	for _, via := range m.All("Via") {
		marks = append(marks, Branch(via))
	}
	return marks
}

// marksOfSDP returns what identifies a session: its id, its port, its sources.
func marksOfSDP(sdp string) []string {
	var marks []string
	for line := range strings.SplitSeq(sdp, "\r\n") {
		fields := strings.Fields(line)
		switch {
		case strings.HasPrefix(line, "o=") && len(fields) > 1:
			marks = append(marks, strings.TrimPrefix(fields[0], "o="), fields[1])
		case strings.HasPrefix(line, "m=") && len(fields) > 1:
			marks = append(marks, fields[1])
		case strings.HasPrefix(line, "a=ssrc:"):
			marks = append(marks, strings.TrimPrefix(fields[0], "a=ssrc:"))
		}
	}
	return marks
}
