package digest

import (
	"fmt"
	"strings"
	"sync/atomic"
)

// Session answers one challenge, as often as needed: each answer has the next
// count, so that the server can tell it from a replay. It is safe for use by
// many goroutines.
type Session struct {
	challenge Challenge // never changed
	username  string    // as it is sent
	secret    string    // H(A1), in hex
	cnonce    string
	count     atomic.Uint32
}

// NewSession begins to answer a challenge. The nonce of ours is random, of
// letters and digits.
func NewSession(a Account, c Challenge, cnonce string) *Session {
	s := &Session{challenge: c, username: a.Username, cnonce: cnonce}
	s.secret = c.Algorithm.sum(a.Username, c.Realm, a.Password.reveal())
	if c.Algorithm.session() {
		s.secret = c.Algorithm.sum(s.secret, c.Nonce, cnonce)
	}
	if c.Userhash {
		s.username = c.Algorithm.sum(a.Username, c.Realm)
	}
	return s
}

// Realm returns the realm of the session.
func (s *Session) Realm() string { return s.challenge.Realm }

// renewed returns the session that goes on with a nonce that the server has
// handed out for the next request (RFC 7616 section 3.5). One whose secret has
// the first nonce in it stays as it is.
func (s *Session) renewed(nonce string) *Session {
	if nonce == "" || nonce == s.challenge.Nonce || s.challenge.Algorithm.session() {
		return s
	}
	next := &Session{challenge: s.challenge, username: s.username, secret: s.secret, cnonce: s.cnonce}
	next.challenge.Nonce = nonce
	return next
}

// Authorize returns the value of an Authorization or Proxy-Authorization for a
// request. The URI is the Request-URI as it is on the wire. Errors: ErrURI.
func (s *Session) Authorize(method, uri string) (string, error) {
	if strings.ContainsAny(uri, "\"\\\r\n") {
		return "", ErrURI
	}
	c := &s.challenge
	asked := c.Algorithm.sum(method, uri)
	var b strings.Builder
	fmt.Fprintf(&b, `Digest username="%s", realm="%s", nonce="%s", uri="%s"`, s.username, c.Realm, c.Nonce, uri)
	if c.Auth {
		count := fmt.Sprintf("%08x", s.count.Add(1))
		response := c.Algorithm.sum(s.secret, c.Nonce, count, s.cnonce, "auth", asked)
		fmt.Fprintf(&b, `, response="%s", cnonce="%s", nc=%s, qop=auth`, response, s.cnonce, count)
	} else {
		fmt.Fprintf(&b, `, response="%s"`, c.Algorithm.sum(s.secret, c.Nonce, asked))
	}
	if c.named {
		b.WriteString(", algorithm=" + c.Algorithm.String())
	}
	if c.Opaque != "" {
		fmt.Fprintf(&b, `, opaque="%s"`, c.Opaque)
	}
	if c.Userhash {
		b.WriteString(", userhash=true")
	}
	return b.String(), nil
}
