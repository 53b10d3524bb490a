package media

import (
	"errors"

	"maskd/media/relay"
)

// What is wrong with a peer's SDP. A peer's words are never part of an error.
var (
	// ErrMalformed: it is no SDP (RFC 8866). Answer 400.
	ErrMalformed = errors.New("malformed session description")
	// ErrNotAudio: it has no live audio stream over plain RTP/AVP. Answer 488.
	ErrNotAudio = errors.New("no audio stream over RTP/AVP")
	// ErrNoCodec: its audio stream has no codec that we speak, or, in an answer, one that we
	// did not offer. Answer 488.
	ErrNoCodec = errors.New("no common audio codec")
	// ErrAddress: it names an address to which no sound can be sent: no IP literal, another
	// address family than ours, a multicast group. Answer 488.
	ErrAddress = errors.New("unusable media address")
)

// What is wrong with the use of a session.
var (
	// ErrNoOffer: an answer was asked for or given where no offer is.
	ErrNoOffer = errors.New("no offer to answer")
	// ErrClosed: the session or the engine was closed.
	ErrClosed = relay.ErrClosed
	// ErrNoPorts: every port pair of the range is used or resting. Answer 503.
	ErrNoPorts = relay.ErrNoPorts
)
