// Package siptest is a telephone network in memory: packets with delay and
// loss ([Network]), phones that speak SIP from a script ([Phone]), a printer of
// what crossed the wire ([Network.Ladder]), and a search for what must not
// have crossed it ([Canary]).
//
// It knows nothing of sipgo and shares no code with what it tests, so it is a
// witness of its own. It is made for testing/synctest: time is whatever the
// time package says, and nothing touches a real socket.
package siptest
