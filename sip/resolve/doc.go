// Package resolve finds where a SIP service is reached: RFC 3263 over NAPTR,
// SRV and address records, RFC 2782's choice among them, and what DNS said kept
// for as long as it may be.
//
// The decisions are pure. [Expand] makes candidates of what DNS has said;
// [Order] puts them in the order in which one call tries them; a memo says
// until when an answer counts and when to ask again. The [Book] is the shell
// around them: a goroutine for each service asks before its answers run out,
// so that whoever wants a target never waits for DNS.
//
// Nothing is ever looked up but the services that the book was made with.
package resolve
