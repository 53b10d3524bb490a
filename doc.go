// Package maskd is the root of the maskd source: a SIP back-to-back user agent
// that masks phone numbers. It holds no code, only the tests of the whole
// tree's shape (architecture_test.go).
//
// # The rooms
//
//	cmd/maskd         the process: CLI verbs, wiring, signals
//	cmd/maskd/config  the configuration file: read, checked, printed
//	cmd/maskd/admin   HTTP+JSON API on a Unix socket, and its client
//	cmd/maskd/demo    a masked call on loopback, played by two phones
//	mapping           the domain, standard library only: numbers, DIDs, parties,
//	                  interactions, routes, allocation, call detail records
//	store             the domain kept in one bbolt file, numbers sealed
//	media             sound: SDP, codecs, sessions; knows no SIP and no numbers
//	media/relay       moves packets: ports, checks and rewrites
//	sip               the B2BUA: calls, the call machine, the live calls
//	sip/leg           one SIP dialog, pure: UAS and UAC machines
//	sip/resolve       where a gateway is: RFC 3263 over DNS
//	sip/edge          all that touches sipgo and the wire
//	sip/siptest       an in-memory network, scripted phones, ladders, leak canary
//
// The arrows between them are the design:
//
//	cmd   -> sip, media, store, mapping    sip      -> sip/edge, sip/leg, mapping, media
//	store -> mapping                       sip/edge -> sip/leg, sip/resolve, mapping
//	media -> media/relay                   mapping, sip/leg, sip/resolve, media/relay -> nothing of ours
//
// # Reading the source
//
// Begin with mapping/number.go, the type that cannot be printed, and
// mapping/interaction.go. Then sip/machine.go: Step is the whole behaviour of a
// call, without I/O and without a clock; sip/call.go performs what it decides.
// sip/leg shows what one dialog does, and sip/edge/compose.go the only place
// where a message is made. store/create.go and store/complete.go show how
// something is acknowledged only when it is durable. cmd/maskd/daemon.go puts
// all of it together. The ladders in testdata/ladders show every call flow as it
// crosses the wire.
package maskd
