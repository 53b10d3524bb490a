// Package admin is the way in for those who run maskd and for the programs
// that use it: HTTP and JSON on a Unix socket, and the client of that API.
//
// A request reaches an endpoint through Server.answer (routes.go), which is
// where every error becomes a problem (problem.go) and every request a line of
// the log. Numbers come in here, are normalised here (number.go), and never go
// out: what a response shows is the wire types of interaction.go, call.go and
// cdr.go, which have room for a masked number only.
package admin
