package relay

// noticesKept is how many events wait for a reader that is busy: a second's worth of digits of
// more calls than a machine carries.
const noticesKept = 4096

// notices is where circuits leave their events. To leave one never waits: what there is no room
// for is lost.
type notices struct{ events chan Event }

func newNotices() *notices { return &notices{events: make(chan Event, noticesKept)} }

func (n *notices) leave(e Event) {
	select {
	case n.events <- e:
	default:
	}
}
