package transaction

import "time"

// Client is the state of a client transaction (section 17.1). It is a value;
// whoever holds it holds the request as it was sent.
type Client struct {
	state  clientState
	invite bool
	waits
}

type clientState uint8

const (
	clientCalling    clientState = iota + 1 // no response yet; section 17.1.2 calls it trying
	clientProceeding                        // a provisional one
	clientCompleted                         // an INVITE was refused: acknowledged as often as that comes
	clientTerminated
)

// lateRefusals is how long refusals of an INVITE are acknowledged (timer D).
const lateRefusals = 32 * time.Second

// NewClient is the transaction of a request that is sent now.
func NewClient(invite bool, now time.Time) Client {
	c := Client{state: clientCalling, invite: invite}
	c.repeat(now)         // timers A and E
	c.end = now.Add(Life) // timers B and F
	return c
}

// Answer is what a response means to a client transaction.
type Answer struct {
	Final bool // whoever has sent the request is to know it
	Ack   bool // it is to be acknowledged
	Over  bool // the transaction is to be forgotten
}

// Responded takes a response. A 2xx to an INVITE ends the transaction, and so
// does the final response to another request: what comes again is known by
// other means (RFC 6026 section 7.2 has it wait for that), or is nothing to us.
func (c *Client) Responded(status int, now time.Time) Answer {
	switch {
	case c.state == clientTerminated:
		return Answer{}
	case c.state == clientCompleted:
		return Answer{Ack: status >= 300}
	case status < 200:
		c.proceed()
		return Answer{}
	case c.invite && status >= 300:
		c.state, c.waits = clientCompleted, waits{end: now.Add(lateRefusals)}
		return Answer{Final: true, Ack: true}
	default:
		c.state, c.waits = clientTerminated, waits{}
		return Answer{Final: true, Over: true}
	}
}

// proceed takes a provisional response. An INVITE is not sent again, and may
// take as long as it takes; another request is, every T2 (section 17.1.2.2).
func (c *Client) proceed() {
	c.state = clientProceeding
	if c.invite {
		c.waits = waits{}
		return
	}
	c.interval = T2
}

// Woken says what is to be done now. At its end a final response that has not come
// is waited for in vain.
func (c *Client) Woken(now time.Time) Wake {
	switch {
	case c.ended(now):
		c.state, c.waits = clientTerminated, waits{}
		return End
	case !c.repeats(now):
		return Sleep
	case c.invite:
		c.once(now, Life) // timer A has no bound
	default:
		c.once(now, T2)
	}
	return Again
}
