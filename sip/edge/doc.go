// Package edge is all of maskd that touches sipgo and the SIP wire: listeners,
// admission, identity, trunks, and the composing of every message we send.
//
// sipgo parses, and on streams transports and keeps transactions too; those of
// UDP, legs, dialogs and calls are ours. What comes in becomes a [Signal] for the leg it
// belongs to; what goes out is a leg.Action performed by an [Inbound] or an [Outbound]. No sipgo
// message leaves this package, and none that came in on one leg is ever read
// by the code that writes on the other.
//
// # The files, in the order in which a message meets them
//
// The socket: edge.go, listener.go, datagram.go and the stamp of its time (stamp.go,
// stamp_linux.go, stamp_other.go); streams: guests.go, outbox.go, lane.go, overflow.go,
// reuse.go, dialer.go; on TLS who proves to be whom: door.go, peer.go, certificate.go,
// domain.go, unproven.go.
//
// Who may speak, before anything is parsed: admission.go, clean.go, knock.go; how many calls
// may be set up: glance.go, shed.go, intake.go, governor.go, entrance.go, limits.go,
// bucket.go, refusal.go.
//
// What it says: reader.go and what it reads onto (sheet.go), startline.go, head.go, address.go;
// parser.go, header.go, body.go; whether it is well formed: screen.go; from where it came:
// source.go.
//
// To whom it is: deliver.go, index.go, token.go, signal.go, stray.go; contain.go keeps a panic
// to one message. Its transaction on UDP: request.go, ledger.go, served.go, asked.go,
// unanswered.go, wakeup.go, parting.go, echo.go; on either: serving.go, cancel.go, merged.go, aftermath.go.
// The goroutine of a new call: crew.go.
//
// Who calls whom: identity.go, caller.go, subscriber.go, privacy.go, assurance.go, dialled.go,
// alarm.go.
//
// A leg: inbound.go (expires.go), or outbound.go and its INVITEs (attempt.go, giveup.go, fork.go);
// what both have in common: dialog.go, usage.go, change.go, challenge.go, sessiontimer.go,
// prack.go, info.go, ack.go, bye.go.
//
// Every message that we send: compose.go, the one place where they are made; asking.go,
// response.go, sayings.go, phrase.go, and text.go, which writes them.
//
// Trunks: trunk.go, peering.go, reload.go, farewell.go, standing.go, tally.go; where their
// calls go: roster.go, target.go, probe.go, and health.go, which is pure; who we are to them:
// credentials.go, register.go, registrar.go, and registration.go, which is pure.
//
// What sipgo may log: loghandler.go.
package edge
