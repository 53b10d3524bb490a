package media

import (
	"bytes"
	"fmt"

	"maskd/media/relay"
)

// negotiation is the offers and answers of one leg (RFC 3264). It has no I/O.
type negotiation struct {
	local   local
	reach   reach
	options LegOptions
	keys    keyring

	// What our descriptions say.
	version   uint64   // of the last one
	last      []byte   // the last one
	streams   []stream // the slots of the leg; nil: ours alone
	audio     int      // which of them is ours
	transport transport
	mux       bool // RTCP is on the port of RTP, or is to be
	numbers   numbering

	// The peer's offer.
	pending  *description // nil: none, or it was answered
	answered []byte       // our answer to it, if there is one

	// Ours.
	offering bool
	offered  content

	// wants is what the peer wants to send and receive, as far as it was free to say.
	wants Direction

	// What holds.
	agreed  relay.End
	shared  repertoire // what the peer is sent
	settled bool
}

func newNegotiation(l local, r reach, o LegOptions, s secret) *negotiation {
	n := new(negotiation)
	n.begin(l, r, o, s)
	return n
}

// begin makes one of a blank one.
func (n *negotiation) begin(l local, r reach, o LegOptions, s secret) {
	n.local, n.reach, n.options, n.keys.secret = l, r, o, s
	n.transport, n.mux, n.wants = transport{secure: o.SRTP == SRTPRequired}, o.Mux, bothWays
}

// terms are those for a peer's offer.
func (n *negotiation) terms() terms {
	return terms{reach: n.reach, codecs: n.options.codecs(), srtp: n.options.SRTP, mux: true}
}

// answerTerms are those for a peer's answer to our offer.
func (n *negotiation) answerTerms() terms {
	t := n.terms()
	t.mux, t.offered = n.offered.mux, n.offered.payloads
	return t
}

// consider reads an offer that could be answered.
func (n *negotiation) consider(offer []byte, far far) (description, error) {
	d, err := n.terms().read(offer)
	if err != nil {
		return d, fmt.Errorf("read offer: %w", err)
	}
	return d, n.answerable(d, far)
}

func (n *negotiation) answerable(offer description, far far) error {
	if _, ok := far.match(n.inOurOrder(make([]payload, 0, few), offer.payloads)); !ok {
		return fmt.Errorf("match codecs of offer: %w", ErrNoCodec)
	}
	return nil
}

func (n *negotiation) receive(offer []byte, far far) error {
	d, err := n.consider(offer, far)
	if err != nil {
		return err
	}
	n.pending, n.answered = &d, nil
	return nil
}

// take is receive of an offer that has been read.
func (n *negotiation) take(offer description, far far) error {
	if err := n.answerable(offer, far); err != nil {
		return err
	}
	n.pending, n.answered = &offer, nil
	return nil
}

// answer is one audio codec, so that the peer need not guess which it will hear, and what goes
// with it. The numbers are the peer's own (RFC 3264 section 6.1).
func (n *negotiation) answer(far far) ([]byte, error) {
	switch {
	case n.answered != nil:
		return n.answered, nil
	case n.pending == nil:
		return nil, ErrNoOffer
	}
	d := *n.pending
	ours := n.inOurOrder(make([]payload, 0, few), d.payloads)
	audio, ok := far.match(ours)
	if !ok {
		return nil, ErrNoCodec
	}
	crypt, lines, err := n.answerKeys(d.crypto)
	if err != nil {
		return nil, err
	}
	c := content{
		transport: d.streams[d.audio].transport, payloads: far.accompany(audio, ours), ptime: n.options.ptime(),
		mux: d.mux, crypto: lines, direction: d.direction.reversed().within(far.wants),
	}
	n.streams, n.audio = d.streams, d.audio
	body := n.write(c)
	n.transport, n.mux, n.pending, n.answered = c.transport, c.mux, nil, body
	n.numbers.learn(d)
	n.wants = d.direction
	d.direction = d.direction.within(c.direction.reversed())
	n.agree(d, audio, c.payloads, c.payloads, crypt)
	return body, nil
}

// answerKeys takes the strongest of a peer's lines; none are plain RTP.
func (n *negotiation) answerKeys(offered []crypto) (relay.Crypt, []crypto, error) {
	line, ok := best(offered)
	if !ok {
		return relay.Crypt{}, nil, nil
	}
	key, err := n.keys.key(line.key.Suite())
	if err != nil {
		return relay.Crypt{}, nil, err
	}
	return relay.Crypt{In: line.key, Out: key}, []crypto{{tag: line.tag, key: key}}, nil
}

func (n *negotiation) offer(far far) ([]byte, error) {
	c := content{
		transport: n.transport, payloads: n.numbers.number(far.narrow(n.options.codecs())),
		ptime: n.options.ptime(), mux: n.mux, direction: far.wants,
	}
	if n.options.SRTP.allows(true) {
		var err error
		if c.crypto, err = n.keys.offered(); err != nil {
			return nil, err
		}
	}
	body := n.write(c)
	n.offering, n.offered = true, c
	return body, nil
}

func (n *negotiation) accept(answer []byte, far far) error {
	if !n.offering {
		return ErrNoOffer
	}
	d, err := n.answerTerms().read(answer)
	if err != nil {
		return fmt.Errorf("read answer: %w", err)
	}
	switch {
	case len(d.streams) != len(n.slots()):
		return fmt.Errorf("match streams of answer: %w", ErrMalformed)
	case d.audio != n.audio:
		return ErrNotAudio
	}
	common, err := n.offered.common(d)
	if err != nil {
		return fmt.Errorf("match codecs of answer: %w", err)
	}
	audio, ok := far.heed(common, n.inOurOrder(make([]payload, 0, few), common))
	if !ok {
		return fmt.Errorf("match codecs of answer: %w", ErrNoCodec)
	}
	crypt, err := n.offered.answeredKeys(d)
	if err != nil {
		return fmt.Errorf("match keys of answer: %w", err)
	}
	if crypt.Out.Suite() != 0 && !n.keys.current(crypt.Out) {
		return fmt.Errorf("take up key of answer: %w", ErrCrypto)
	}
	n.mux = d.mux
	n.learn(d.direction)
	d.direction = d.direction.within(n.offered.direction.reversed())
	n.agree(d, audio, far.accompany(audio, common), n.offered.taken(common), crypt)
	return nil
}

// learn takes from an answer what the peer wants, as far as our offer let it choose.
func (n *negotiation) learn(answered Direction) {
	if n.offered.direction.Receives {
		n.wants.Sends = answered.Sends
	}
	if n.offered.direction.Sends {
		n.wants.Receives = answered.Receives
	}
}

// few payloads are what almost any description has at most: there is room for them without memory of their own.
const few = 8

// inOurOrder appends a peer's payloads, sorted as our codecs are; where it has a format twice they stay in
// its order.
func (n *negotiation) inOurOrder(sorted, payloads []payload) []payload {
	for _, codec := range n.options.codecs() {
		for _, p := range payloads {
			if listed([]Codec{codec}, p.format) {
				sorted = append(sorted, p)
			}
		}
	}
	return sorted
}

// far is what the other leg is told of this one.
func (n *negotiation) far() far {
	f := far{repertoire: n.shared, known: true, audio: n.agreed.Audio, wants: n.wants}
	switch {
	case n.pending != nil:
		f.repertoire, f.wants = choicesOf(n.inOurOrder(make([]payload, 0, few), n.pending.payloads)), n.pending.direction
	case !n.settled:
		f.repertoire, f.known = profile(n.options.codecs()), false
	}
	return f
}

// agree settles what the relay is told of a peer: what it is sent, and what it may send.
func (n *negotiation) agree(d description, audio payload, sent, taken []payload, crypt relay.Crypt) {
	end := relay.End{
		RTP: d.rtp, RTCP: d.rtcp, NAT: n.options.NAT, Mux: d.mux,
		Speaks: d.direction.Sends, Listens: d.direction.Receives,
		Audio: audio.format, PTime: d.ptime, Aligned: audio.variant.octetAligned, Crypt: crypt,
	}
	for _, p := range taken {
		end.Takes.Set(p.number, p.format)
	}
	n.shared = choicesOf(sent)
	for _, p := range sent {
		end.Types[p.format] = p.number
		end.Accepts = end.Accepts.With(p.format)
	}
	if before := n.agreed.Crypt.Out.Suite(); before != crypt.Out.Suite() {
		n.keys.leave(before)
	}
	n.agreed, n.settled = end, true
}

// slots are the streams of the leg, of which there is one before the peer says that there are others.
func (n *negotiation) slots() []stream {
	if n.streams == nil {
		return []stream{{}}
	}
	return n.streams
}

// write makes a description, of a new version where it differs from the last (RFC 3264 section 8).
func (n *negotiation) write(c content) []byte {
	if n.last != nil && bytes.Equal(n.local.compose(n.version, n.slots(), n.audio, c), n.last) {
		return n.last
	}
	n.version++
	n.last = n.local.compose(n.version, n.slots(), n.audio, c)
	return n.last
}

// hasEvents tells whether the peer can be sent DTMF.
func (n *negotiation) hasEvents() bool {
	for _, c := range n.shared {
		if c.format.Event() {
			return true
		}
	}
	return false
}
