package mapping

import (
	"cmp"
	"iter"
	"strconv"
	"time"
)

// Event is something that has happened, as an integrator is told of it. It has ids,
// DIDs, names of the configuration and enumerations, and no place for a number nor
// for what a person wrote: it is kept by age, and so need not be erased.
type Event struct {
	ID   ID     // its name, wherever it is told; the store gives it
	Seq  uint64 // its place among all events of its tenant, from 1 on without a gap; the store gives it
	At   time.Time
	Type EventType

	Tenant      Tenant
	Interaction ID // zero: it is of none
	Call        ID // also names the call's recording
	DID         DID
	CallerSide  Side
	Outcome     Outcome       // of a call that has ended
	EndedBy     EndedBy       // the same
	Talked      time.Duration // the same
	Until       time.Time     // until when the DIDs connect the two, or a DID is quarantined
	Standing    Standing      // of a DID, from now on
	Pool        string
}

// EventType is what has happened.
type EventType uint8

// The types. The outbox keeps their values: a new one is added at the end, with its
// name in the table below, and none is ever used for another.
const (
	// EventInteractionCreated: its DIDs connect the two, or will when it starts.
	EventInteractionCreated EventType = iota + 1
	// EventInteractionExtended: it ends later, by a request or by an answered call.
	EventInteractionExtended
	// EventInteractionReopened: it was over, and connects again.
	EventInteractionReopened
	// EventInteractionCompleted: by a request or by its last call. With an until, the
	// two may still call back; when that is cut short, it is told again without.
	EventInteractionCompleted
	// EventInteractionExpired: told by the next sweep; look-ups knew at once.
	EventInteractionExpired
	// EventInteractionErased: by a request, for a subject, or by retention.
	EventInteractionErased

	// EventCallStarted: a call of an interaction was let in, or begun by us. Calls of
	// nobody's tell no event: who dials at random would fill the outbox.
	EventCallStarted
	// EventCallAnswered: the two talk.
	EventCallAnswered
	// EventCallEnded: once for each call that started, whatever became of it.
	EventCallEnded

	// EventRecordingReady: it can be verified and exported.
	EventRecordingReady
	// EventRecordingFailed: it is not whole; its call was not touched.
	EventRecordingFailed

	// EventNumberChanged: an operator has said what becomes of a DID.
	EventNumberChanged
	// EventPoolExhausted: a create found no DID in it; told once a minute.
	EventPoolExhausted
	// EventPoolLow: few of its DIDs can be given to a newcomer; told once until there are
	// more again.
	EventPoolLow

	eventsEnd
)

// String returns the type as the API writes it; its first word is what the event is
// of.
func (t EventType) String() string {
	names := [eventsEnd]string{
		EventInteractionCreated:   "interaction.created",
		EventInteractionExtended:  "interaction.extended",
		EventInteractionReopened:  "interaction.reopened",
		EventInteractionCompleted: "interaction.completed",
		EventInteractionExpired:   "interaction.expired",
		EventInteractionErased:    "interaction.erased",
		EventCallStarted:          "call.started",
		EventCallAnswered:         "call.answered",
		EventCallEnded:            "call.ended",
		EventRecordingReady:       "recording.ready",
		EventRecordingFailed:      "recording.failed",
		EventNumberChanged:        "number.changed",
		EventPoolExhausted:        "pool.exhausted",
		EventPoolLow:              "pool.low",
	}
	if t == 0 || t >= eventsEnd {
		return "event(" + strconv.Itoa(int(t)) + ")"
	}
	return names[t]
}

// ParseEventType reads a type as the API writes it.
func ParseEventType(s string) (EventType, bool) {
	return called(s, EventInteractionCreated, eventsEnd-1)
}

// Told returns what happened to an interaction.
func (i *Interaction) Told(t EventType, at time.Time) Event {
	e := Event{At: at, Type: t, Tenant: cmp.Or(i.Tenant, DefaultTenant), Interaction: i.ID}
	switch t {
	case EventInteractionExtended, EventInteractionReopened:
		e.Until = i.ExpiresAt
	case EventInteractionCompleted:
		if i.CallbackUntil.After(at) {
			e.Until = i.CallbackUntil
		}
	}
	return e
}

// Milestones are what has been told of a call.
type Milestones uint8

// The milestones.
const (
	MilestoneStarted Milestones = 1 << iota
	MilestoneAnswered
	MilestoneEnded
)

// Milestones returns those that the record has come to. A call of nobody's comes to
// none.
func (c *CDR) Milestones() (m Milestones) {
	if c.Interaction.IsZero() {
		return 0
	}
	m = MilestoneStarted
	if !c.AnsweredAt.IsZero() {
		m |= MilestoneAnswered
	}
	if c.Outcome != OutcomeLive {
		m |= MilestoneEnded
	}
	return m
}

// News gives the events of the milestones that were not told yet, in their order.
// A call whose end nobody saw ends when that is found out, which is at the given time.
func (c *CDR) News(told Milestones, at time.Time) iter.Seq[Event] {
	return func(tell func(Event) bool) {
		fresh := c.Milestones() &^ told
		e := Event{Tenant: cmp.Or(c.Tenant, DefaultTenant), Interaction: c.Interaction, Call: c.Call, DID: c.DID, CallerSide: c.CallerSide}
		if e.Type, e.At = EventCallStarted, c.AdmittedAt; fresh&MilestoneStarted != 0 && !tell(e) {
			return
		}
		if e.Type, e.At = EventCallAnswered, c.AnsweredAt; fresh&MilestoneAnswered != 0 && !tell(e) {
			return
		}
		if fresh&MilestoneEnded == 0 {
			return
		}
		if e.Type, e.At = EventCallEnded, c.EndedAt; e.At.IsZero() {
			e.At = at
		}
		e.Outcome, e.EndedBy, e.Talked = c.Outcome, c.EndedBy, c.Talked()
		tell(e)
	}
}
