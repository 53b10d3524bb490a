// Package edge is all of maskd that touches sipgo and the SIP wire: listeners,
// admission, identity, trunks, and the composing of every message we send.
//
// sipgo parses, and on streams transports and keeps transactions too; those of
// UDP, legs, dialogs and calls are ours. What comes in becomes a [Signal] for the leg it belongs to; what goes
// out is a leg.Action performed by an [Inbound] or an [Outbound]. No sipgo
// message leaves this package, and none that came in on one leg is ever read
// by the code that writes on the other.
//
// The path of a message: listener.go and datagram.go (the socket), door.go and peer.go (on TLS,
// who proves to be whom), admission.go (who may speak), deliver.go (to whom it
// is), on UDP request.go and served.go (its transaction; asked.go for what we
// ask), screen.go (is it well formed), identity.go (who calls whom), then
// inbound.go or outbound.go, dialog.go, and compose.go, the one place where
// messages are made. Where a call goes: roster.go (the targets of a trunk),
// health.go (how each is, pure), probe.go (OPTIONS).
package edge
