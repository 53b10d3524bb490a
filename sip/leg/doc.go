// Package leg is one SIP dialog of ours as a pure machine: [UAS] for the
// inbound leg (leg A, the caller's), [UAC] for an outbound one (leg B, the
// callee's). A machine takes an [Input] and returns its next state and the
// [Action]s to perform; there is no I/O, no clock and no goroutine in it.
//
// What one leg tells the other is an [Event]: an enum and a cause. It has no
// text, no header and no body, so nothing of A can reach B, and there is no
// filter to get wrong.
//
// The states read beside RFC 3261: section 13 (INVITE), 9 (CANCEL), 15 (BYE),
// 13.3.1.4 (2xx retransmission), and RFC 6026.
package leg
