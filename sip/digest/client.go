package digest

import (
	"encoding/hex"
	"io"
	"net/netip"
	"sync"
)

// maxKept bounds the sessions kept: a carrier has a handful of proxies.
const maxKept = 256

// Client answers for one account, and remembers with which nonces its peers
// let it in, so that the next request need not be asked. It is safe for use by
// many goroutines.
type Client struct {
	account Account
	random  io.Reader // safe for use by many goroutines, never fails

	mu      sync.Mutex
	realm   string // the only one that is answered; empty until it is known
	doors   map[door]sessions
	lockout lockout
}

// door is where a session is good.
type door struct {
	peer  netip.AddrPort
	place Place
}

// sessions are those at a door; nil for none.
type sessions struct {
	good *Session // the last that was accepted
	last *Session // the last that was begun
}

// NewClient returns the client of an account.
func NewClient(a Account, random io.Reader) *Client {
	return &Client{account: a, random: random, realm: a.Realm, doors: make(map[door]sessions)}
}

// Exchange begins a request outside of any dialog: a REGISTER, or the INVITE
// that creates one. Until a realm is known, the one that accepts it is learnt.
func (c *Client) Exchange(peer netip.AddrPort) *Exchange {
	x := c.ExchangeWithin(peer)
	x.learns = true
	return x
}

// ExchangeWithin begins a request within a dialog. The far end may challenge it
// as well as the carrier, so no realm is learnt from it.
func (c *Client) ExchangeWithin(peer netip.AddrPort) *Exchange {
	x := &Exchange{client: c, peer: peer}
	c.mu.Lock()
	defer c.mu.Unlock()
	for place := Server; place < places; place++ {
		x.sessions[place] = c.doors[door{peer, place}].good
	}
	return x
}

// answers returns the only realm that is answered; empty if none is known.
func (c *Client) answers() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.realm
}

// keep remembers a session that was accepted, and its realm if none is known:
// an account has one, whichever of the carrier's hosts asks.
func (c *Client) keep(d door, s *Session) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.realm == "" {
		c.realm = s.Realm()
	}
	if s.Realm() == c.realm { // not of two requests that were on their way at once
		c.put(d, sessions{good: s, last: s})
	}
}

// begin returns a session that answers a challenge. Requests that are given the
// same nonce share it: the count is the nonce's (RFC 7616 section 3.4).
func (c *Client) begin(d door, ch Challenge) *Session {
	ch.Stale = false // it says nothing of the new nonce
	c.mu.Lock()
	defer c.mu.Unlock()
	at := c.doors[d]
	if at.last == nil || at.last.challenge != ch {
		at.last = NewSession(c.account, ch, c.cnonce())
		c.put(d, at)
	}
	return at.last
}

// put takes notes of a door. The caller holds mu.
func (c *Client) put(d door, at sessions) {
	if _, known := c.doors[d]; !known && len(c.doors) >= maxKept {
		clear(c.doors)
	}
	c.doors[d] = at
}

// cnonce draws a nonce of ours: 128 bits.
func (c *Client) cnonce() string {
	var raw [16]byte
	_, _ = io.ReadFull(c.random, raw[:])
	return hex.EncodeToString(raw[:])
}
