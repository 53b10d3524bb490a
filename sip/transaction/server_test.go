package transaction

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// story drives a machine with words, and says what it does at which second.
// "+" and a number waits so many milliseconds.
type story struct {
	now  time.Time
	said []string
}

func newStory() *story { return &story{now: time.Unix(0, 0)} }

func (s *story) say(what string) {
	s.said = append(s.said, fmt.Sprintf("%.1f %s", s.now.Sub(time.Unix(0, 0)).Seconds(), what))
}

// wait lets time pass, and wakes the machine whenever it wants to be woken.
func (s *story) wait(ms int, due func() time.Time, woken func(time.Time) Wake) {
	until := s.now.Add(time.Duration(ms) * time.Millisecond)
	for at := due(); !at.IsZero() && !at.After(until); at = due() {
		s.now = at
		what := woken(at)
		if s.say(what.String()); what == End {
			break
		}
	}
	s.now = until
}

// tell tells a story of space-separated words, each of which is a wait or is done.
func (s *story) tell(words string, due func() time.Time, woken func(time.Time) Wake, do func(string)) string {
	for word := range strings.FieldsSeq(words) {
		ms := 0
		if _, err := fmt.Sscanf(word, "+%d", &ms); err == nil {
			s.wait(ms, due, woken)
			continue
		}
		do(word)
	}
	return strings.Join(s.said, ", ")
}

func TestServer(t *testing.T) {
	for _, row := range []struct {
		name           string
		invite, prompt bool
		story, want    string
	}{
		{"an INVITE is answered 100 if nobody says anything", true, false, "+199 again +100", "0.2 try"},
		{"an INVITE that somebody answers is left to him", true, true, "again +9000", ""},
		{"a provisional response is repeated", true, true, "180 again", "0.0 send 180, 0.0 repeat"},
		{"a response ends the wait for one", true, false, "180 +9000", "0.0 send 180"},
		{"a 2xx ends an INVITE, and is repeated by whoever sent it", true, true, "200 again 200 486 +40000", "0.0 send 200, 0.0 send 200"},
		{"a refusal is repeated until it is acknowledged", true, true, "486 +1600 again ack +2000 again +4000",
			"0.0 send 486, 0.5 again, 1.5 again, 1.6 repeat, 6.6 end"},
		{"and given up at last", true, true, "486 +40000",
			"0.0 send 486, 0.5 again, 1.5 again, 3.5 again, 7.5 again, 11.5 again, 15.5 again, 19.5 again, 23.5 again, 27.5 again, 31.5 again, 32.0 end"},
		{"there is one final response", true, true, "486 200 180", "0.0 send 486"},
		{"a 2xx is followed by no refusal", true, true, "200 487", "0.0 send 200"},
		{"an ACK before the answer means nothing", true, true, "ack 200", "0.0 send 200"},
		{"another request has nothing to repeat at first", false, false, "again +1000 again", ""},
		{"its answer is repeated for 32 seconds", false, false, "200 +31999 again +1", "0.0 send 200, 32.0 repeat, 32.0 end"},
		{"it is not acknowledged", false, false, "481 ack again", "0.0 send 481, 0.0 repeat"},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := newStory()
			m := NewServer(row.invite, row.prompt, s.now)
			got := s.tell(row.story, m.Due, m.Woken, func(word string) {
				status := 0
				switch _, err := fmt.Sscanf(word, "%d", &status); {
				case err == nil && m.Responded(status, s.now):
					s.say("send " + word)
				case word == "again" && m.Repeated():
					s.say("repeat")
				case word == "ack":
					m.Acknowledged(s.now)
				}
			})
			if got != row.want {
				t.Errorf("it does %q,\nwant       %q", got, row.want)
			}
		})
	}
}
