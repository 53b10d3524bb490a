package relay

// maxPending is how many events there may be between two times that somebody takes them, which
// is after every packet: one brings three at most.
const maxPending = 8

// pending is the events that nobody has taken yet. What there is no room for is dropped.
type pending struct {
	events [maxPending]Event
	first  uint8
	count  uint8
}

func (q *pending) add(e Event) {
	if q.count == maxPending {
		return
	}
	q.events[(q.first+q.count)%maxPending] = e
	q.count++
}

// nextEvent takes the oldest event; its Circuit is for the caller to fill in. It may be a digit of a PIN, so nothing of it
// stays.
func (x *exchange) nextEvent() (e Event, ok bool) {
	q := &x.desk.pending
	if q.count == 0 {
		return Event{}, false
	}
	e, q.events[q.first] = q.events[q.first], Event{}
	q.first = (q.first + 1) % maxPending
	q.count--
	return e, true
}
