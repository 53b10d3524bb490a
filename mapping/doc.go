// Package mapping is the domain of maskd: numbers, DIDs, parties,
// interactions, routes and call detail records, and the decisions about them.
//
// Everything here is a value or a pure function. There is no I/O, no clock and
// no logger: whoever calls passes the time. The package imports nothing but
// the standard library, and everything else imports it.
//
// Start with [Number], the type that cannot be printed, then [Interaction],
// [Draft] (what an integrator asks for), [Route] and [Refusal] (the answer to
// "who is (DID, caller) for?"), and [CDR].
package mapping
