package media

import (
	"bytes"
	"fmt"

	"maskd/media/relay"
)

// negotiation is the offers and answers of one leg (RFC 3264). It has no I/O.
type negotiation struct {
	local local

	// What our descriptions say.
	version uint64   // of the last one
	last    []byte   // the last one
	streams []stream // the slots of the leg
	audio   int      // which of them is ours
	event   uint8    // our number for telephone-event

	// The peer's offer.
	pending  description
	received bool
	answered []byte // our answer to it, if there is one

	// Ours.
	offering bool

	// What holds.
	agreed  relay.End
	settled bool
}

func newNegotiation(l local) *negotiation {
	return &negotiation{local: l, streams: []stream{{}}, event: usualEvent}
}

func (n *negotiation) receive(offer []byte) error {
	d, err := read(offer, n.local.addr.Is4())
	if err != nil {
		return fmt.Errorf("read offer: %w", err)
	}
	n.pending, n.received, n.answered = d, true, nil
	return nil
}

func (n *negotiation) answer(preferred relay.Format) ([]byte, error) {
	switch {
	case !n.received:
		return nil, ErrNoOffer
	case n.answered != nil:
		return n.answered, nil
	}
	d := n.pending
	n.streams, n.audio = d.streams, d.audio
	payloads := answerTo(d, preferred)
	body, err := n.write(payloads, d.direction.reversed())
	if err != nil {
		return nil, err
	}
	n.event = freeEvent(d.numbers)
	if event, ok := find(payloads, relay.TelephoneEvent); ok {
		n.event = event.number
	}
	n.answered = body
	n.agree(d.end(payloads, payloads))
	return body, nil
}

// answerTo is one audio codec, so that the peer need not guess which it will hear, and events
// if the peer has them. The numbers are the peer's own (RFC 3264 section 6.1).
func answerTo(d description, preferred relay.Format) []payload {
	ours := inOurOrder(d.payloads)
	audio, _ := choose(ours, preferred) // read has made sure that there is one
	payloads := []payload{audio}
	if event, ok := find(ours, relay.TelephoneEvent); ok {
		payloads = append(payloads, event)
	}
	return payloads
}

// offer gives nothing only where SDP could not be written, which no state of ours leads to.
func (n *negotiation) offer() []byte {
	body, err := n.write(offered(n.event), bothWays)
	if err != nil {
		return nil
	}
	n.offering = true
	return body
}

func (n *negotiation) accept(answer []byte, preferred relay.Format) error {
	if !n.offering {
		return ErrNoOffer
	}
	d, err := read(answer, n.local.addr.Is4())
	if err != nil {
		return fmt.Errorf("read answer: %w", err)
	}
	switch {
	case len(d.streams) != len(n.streams):
		return fmt.Errorf("match streams of answer: %w", ErrMalformed)
	case d.audio != n.audio:
		return ErrNotAudio
	case len(d.payloads) != len(d.numbers):
		return fmt.Errorf("match codecs of answer: %w", ErrNoCodec)
	}
	audio, _ := choose(inOurOrder(d.payloads), preferred) // read has made sure that there is one
	sent := []payload{audio}
	if event, ok := find(d.payloads, relay.TelephoneEvent); ok {
		sent = append(sent, event)
	}
	n.agree(d.end(sent, accepted(d.payloads, n.event)))
	return nil
}

// accepted is what the peer may send: the formats of its answer, under the numbers of our offer.
func accepted(answer []payload, event uint8) (taken []payload) {
	for _, ours := range offered(event) {
		if _, ok := find(answer, ours.format); ok {
			taken = append(taken, ours)
		}
	}
	return taken
}

func (n *negotiation) agree(end relay.End) { n.agreed, n.settled = end, true }

// write makes a description, of a new version where it differs from the last (RFC 3264 section 8).
func (n *negotiation) write(payloads []payload, d direction) ([]byte, error) {
	same, err := n.local.compose(n.version, n.streams, n.audio, payloads, d)
	if err != nil {
		return nil, err
	}
	if bytes.Equal(same, n.last) {
		return same, nil
	}
	next, err := n.local.compose(n.version+1, n.streams, n.audio, payloads, d)
	if err != nil {
		return nil, err
	}
	n.version, n.last = n.version+1, next
	return next, nil
}

// end is what the relay is told of a peer: what it is sent, and what it may send.
func (d description) end(sent, taken []payload) relay.End {
	end := relay.End{
		RTP: d.rtp, RTCP: d.rtcp,
		Speaks: d.direction.sends, Listens: d.direction.receives,
	}
	for _, p := range taken {
		end.Takes[p.number] = p.format
	}
	for _, p := range sent {
		end.Types[p.format] = p.number
		if p.format.Audio() {
			end.Audio = p.format
		} else {
			end.Events = true
		}
	}
	return end
}
