package media

import (
	"errors"

	"maskd/media/relay"
)

// What is wrong with a peer's SDP. A peer's words are never part of an error.
var (
	// ErrMalformed: it is no SDP (RFC 8866). Answer 400.
	ErrMalformed = errors.New("malformed session description")
	// ErrNotAudio: it has no live audio stream over RTP/AVP, or RTP/SAVP where the leg has SRTP:
	// fax, video, WebRTC or port 0. Answer 488.
	ErrNotAudio = errors.New("no audio stream over RTP")
	// ErrCrypto: its audio stream has no encryption that we can use, and the leg or the stream
	// requires one. Answer 488.
	ErrCrypto = errors.New("no common encryption")
	// ErrNoCodec: its audio stream has no codec that this leg and the other one can both do,
	// or, in an answer, one that we did not offer. Answer 488.
	ErrNoCodec = errors.New("no common audio codec")
	// ErrAddress: it names an address to which no sound can be sent: no IP literal, another
	// address family than ours, a multicast group or, unless that is where we listen, this host.
	// Answer 488.
	ErrAddress = errors.New("unusable media address")
)

// What is wrong with the use of a session.
var (
	// ErrNoOffer: an answer was asked for or given where no offer is.
	ErrNoOffer = errors.New("no offer to answer")
	// ErrUnplayable: the leg has not agreed on G.711, which prompts are in, or, for a key, on events.
	ErrUnplayable = errors.New("leg can't be played to")
	// ErrClosed: the session or the engine was closed.
	ErrClosed = relay.ErrClosed
	// ErrNoPorts: every port pair of the range is used or resting. Answer 503.
	ErrNoPorts = relay.ErrNoPorts
)
