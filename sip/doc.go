// Package sip is the back-to-back user agent: calls, the machine that decides
// what a call does, and the registry of live calls.
//
// A call is two legs and the bridge between them. [Step] is the call machine:
// pure, it composes the machines of the two legs (package leg) and says what is
// to be done. One goroutine owns one call ([call]), performs the actions and
// feeds back what happens. What touches the wire is in package edge, sound in
// package media. The mapping is asked through [Directory], and CDRs go to a
// [Journal]: this package knows no store.
//
// Read machine.go first, then call.go, then b2bua.go.
package sip
