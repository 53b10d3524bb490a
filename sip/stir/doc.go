// Package stir signs and checks who a call is from: PASSporTs (RFC 8225) of the
// kind that SHAKEN uses (RFC 8588), carried in Identity headers (RFC 8224).
//
// It is pure: no clock, no file and no network. A certificate is found under
// the URL that names it among those that it was given, and is never fetched: the
// URL is a stranger's.
package stir
