package transaction

import (
	"fmt"
	"testing"
)

func TestClient(t *testing.T) {
	for _, row := range []struct {
		name        string
		invite      bool
		story, want string
	}{
		{"an INVITE is repeated less and less often, and given up", true, "+40000",
			"0.5 again, 1.5 again, 3.5 again, 7.5 again, 15.5 again, 31.5 again, 32.0 end"},
		{"a provisional response stops that for good", true, "+600 100 180 +99000", "0.5 again"},
		{"a 2xx ends it", true, "180 200 200 486 +40000", "0.0 final over"},
		{"a refusal is acknowledged as often as it comes", true, "486 +1000 486 +30999 486 +1",
			"0.0 final ack, 1.0 ack, 32.0 ack, 32.0 end"},
		{"a refused INVITE is not repeated", true, "+400 503 +31000", "0.4 final ack"},
		{"a late 2xx does not follow a refusal", true, "486 200 180", "0.0 final ack"},
		{"another request is repeated every four seconds at last", false, "+40000",
			"0.5 again, 1.5 again, 3.5 again, 7.5 again, 11.5 again, 15.5 again, 19.5 again, 23.5 again, 27.5 again, 31.5 again, 32.0 end"},
		{"and after a provisional response too", false, "+600 100 +8000", "0.5 again, 1.5 again, 5.5 again"},
		{"any final response ends it", false, "481 481 +40000", "0.0 final over"},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := newStory()
			m := NewClient(row.invite, s.now)
			got := s.tell(row.story, m.Due, m.Woken, func(word string) {
				status := 0
				_, _ = fmt.Sscanf(word, "%d", &status)
				switch m.Responded(status, s.now) {
				case Answer{}:
				case Answer{Ack: true}:
					s.say("ack")
				case Answer{Final: true, Ack: true}:
					s.say("final ack")
				case Answer{Final: true, Over: true}:
					s.say("final over")
				default:
					t.Error("no such answer")
				}
			})
			if got != row.want {
				t.Errorf("it does %q,\nwant       %q", got, row.want)
			}
		})
	}
}

// Whoever wakes a machine when it wants that never does so twice in one instant:
// a timer of no delay would spin.
func TestAMachineWantsToBeWokenLater(t *testing.T) {
	for _, invite := range []bool{true, false} {
		s := newStory()
		m := NewClient(invite, s.now)
		for at := m.Due(); !at.IsZero(); at = m.Due() {
			if m.Woken(at) == End {
				break
			}
			if next := m.Due(); !next.IsZero() && !next.After(at) {
				t.Fatalf("woken at %s it wants to be woken at %s", at, next)
			}
		}
	}
}
