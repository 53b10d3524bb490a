// Package transaction is the transactions of RFC 3261 section 17 as pure
// machines, for a transport that loses messages: [Server] answers a request of a
// peer's, [Client] sends one of ours. A machine is told what came and when, and
// says what is to be done; there is no message, no clock and no timer in it.
//
// They read beside figures 5 to 8 of the RFC and sections 7.1 and 7.2 of RFC
// 6026. Each has one moment at which it wants to be woken, in place of the
// timers A to K that run side by side there.
package transaction
