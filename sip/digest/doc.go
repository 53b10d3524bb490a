// Package digest answers the challenges of HTTP digest authentication as a SIP
// client does: RFC 3261 section 22, RFC 7616, and RFC 8760 for the algorithms.
//
// A [Challenge] is read from a header, a [Session] answers it again and again
// with a count that rises, a [Client] keeps the sessions that a peer has
// accepted, and an [Exchange] is one request with its repetitions.
//
// Who answers a challenge of whoever sends one gives an attacker what he needs
// to call at our cost (CVE-2021-41158). That the message came from the trunk
// whose account this is, the caller checks; that it names the account's realm,
// this package does.
package digest
