package sip

import (
	"slices"
	"sync"
	"testing"
	"time"

	"maskd/mapping"
)

// meter remembers what it is told.
type meter struct {
	mu    sync.Mutex
	ended []Figures
}

func (m *meter) Ended(f Figures) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.ended = append(m.ended, f)
}

// figures returns what was told so far.
func (m *meter) figures() []Figures {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.ended)
}

// RFC 6076: the rider's side is 7 ms away and the customer's 13.
func TestFiguresOfACall(t *testing.T) {
	const there = 13 * time.Millisecond
	for _, row := range []struct {
		name   string
		script func(*world)
		want   Figures
	}{
		{"talked", func(w *world) {
			w.talk()
			w.hangUp(w.rider)
		}, Figures{TrunkIn: "west", TrunkOut: "east", Outcome: mapping.OutcomeAnswered, Status: 200,
			RequestDelay: 2 * there, DisconnectDelay: 2 * there, Talked: 10*time.Second + there + 7*time.Millisecond}},
		{"busy", func(w *world) {
			w.invite()
			time.Sleep(time.Second)
			w.customer.Respond(486, "Busy Here")
			w.await(w.rider, "486")
		}, Figures{TrunkIn: "west", TrunkOut: "east", Outcome: mapping.OutcomeBusy, Status: 486,
			RequestDelay: time.Second + 2*there}},
		{"refused", func(w *world) {
			w.rider.Invite(noDID)
			w.await(w.rider, "404")
		}, Figures{TrunkIn: "west", Outcome: mapping.OutcomeRefused, Status: 404}},
	} {
		t.Run(row.name, func(t *testing.T) {
			inWorld(t, usual, func(w *world) {
				row.script(w)
				w.settle()
				if got := w.meter.figures(); len(got) != 1 || got[0] != row.want {
					t.Errorf("figures %+v\nwant     %+v", got, row.want)
				}
			})
		})
	}
}
