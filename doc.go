// Package maskd is the root of the maskd source: a SIP back-to-back user agent
// that masks phone numbers. It holds no code, only the tests of the whole tree:
// its shape (architecture_test.go), and that its pages are true (pages_test.go).
//
// README.md says what maskd does; DESIGN.md shows the rooms, the life of a call,
// and where to add what.
package maskd
