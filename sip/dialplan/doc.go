// Package dialplan knows how numbers are written on a trunk: it reads what a
// carrier writes into E.164, and writes E.164 as the carrier reads it. It is
// pure: text in, text out.
//
// What is read is a telephone-subscriber (RFC 3966 section 3): the part behind
// "tel:", or the user of a SIP URI (RFC 3261 section 19.1.6), with its
// parameters and its escapes. Nothing is ever guessed: a spelling that could be
// two numbers is none.
package dialplan
