package media

import (
	"time"

	"maskd/media/relay"
)

// content is what one description of ours says of our stream.
type content struct {
	transport transport
	payloads  []payload
	ptime     time.Duration
	mux       bool
	crypto    []crypto
	direction Direction
}

// common is the payloads of a peer's answer, in its order, each in the variant that our offer
// and it have in common. A peer may list what we did not offer besides (RFC 3264 section 6.1); it
// is never sent any of that, and none of it is taken. Errors: ErrNoCodec, where nothing is left.
func (c content) common(answer description) (common []payload, err error) {
	for _, p := range answer.payloads {
		ours, ok := find(c.payloads, p.format)
		if !ok {
			continue
		}
		if p.variant, ok = ours.variant.meet(p.variant, p.format); ok {
			common = append(common, p)
		}
	}
	if len(common) == 0 {
		return nil, ErrNoCodec
	}
	return common, nil
}

// taken is what the peer may send: the formats of its answer, under the numbers of our offer.
func (c content) taken(answer []payload) (taken []payload) {
	for _, ours := range c.payloads {
		if _, ok := find(answer, ours.format); ok {
			taken = append(taken, ours)
		}
	}
	return taken
}

// answeredKeys takes the key of a peer's answer to our lines, which has to be for one of them. A
// peer that answers with a key will encrypt: where we can't use that key, plain RTP is no way out.
// Errors: ErrCrypto.
func (c content) answeredKeys(answer description) (relay.Crypt, error) {
	stream := answer.streams[answer.audio]
	switch {
	case c.transport.secure != stream.transport.secure:
		return relay.Crypt{}, ErrCrypto
	case len(answer.crypto) == 0 && stream.keyed && len(c.crypto) > 0:
		return relay.Crypt{}, ErrCrypto
	case len(answer.crypto) == 0:
		return relay.Crypt{}, nil
	}
	theirs := answer.crypto[0]
	for _, ours := range c.crypto {
		if ours.tag == theirs.tag && ours.key.Suite() == theirs.key.Suite() {
			return relay.Crypt{In: theirs.key, Out: ours.key}, nil
		}
	}
	return relay.Crypt{}, ErrCrypto
}
