package transaction

import "time"

// Server is the state of a server transaction (section 17.2). It is a value;
// whoever holds it holds the request, and the last response as it was sent.
type Server struct {
	state  serverState
	invite bool
	waits
}

type serverState uint8

const (
	serverTrying     serverState = iota + 1 // no response yet
	serverProceeding                        // the last response was provisional
	serverAccepted                          // an INVITE has its 2xx (RFC 6026 section 7.1)
	serverCompleted                         // it has its final response
	serverConfirmed                         // and that was acknowledged
)

// silence is how long a caller is left without a word (section 17.2.1).
const silence = 200 * time.Millisecond

// NewServer is the transaction of a request that has come for the first time, now.
// prompt is whether somebody answers it at once.
func NewServer(invite, prompt bool, now time.Time) Server {
	s := Server{state: serverTrying, invite: invite}
	if invite && !prompt {
		s.again = now.Add(silence)
	}
	return s
}

// Responded takes a response from whoever answers the request, and reports
// whether it is to be sent: a transaction has one final response.
func (s *Server) Responded(status int, now time.Time) bool {
	switch {
	case s.state == serverAccepted:
		return status/100 == 2 // sent again, because nobody has acknowledged it
	case !s.Open():
		return false
	case status < 200:
		s.state, s.waits = serverProceeding, waits{}
	case s.invite && status < 300:
		s.state, s.waits = serverAccepted, waits{}
	case s.invite:
		s.state = serverCompleted
		s.repeat(now)         // timer G
		s.end = now.Add(Life) // timer H
	default:
		s.state = serverCompleted
		s.end = now.Add(Life) // timer J
	}
	return true
}

// Open reports whether it has no final response yet.
func (s *Server) Open() bool { return s.state <= serverProceeding }

// Repeated takes the same request once more, and reports whether the last
// response is to be sent again. A 2xx to an INVITE is not: whoever has sent it
// repeats it until it is acknowledged.
func (s *Server) Repeated() bool { return s.state == serverProceeding || s.state == serverCompleted }

// Acknowledged takes the ACK for a final response other than 2xx; others of
// the kind are absorbed for a while (timer I).
func (s *Server) Acknowledged(now time.Time) {
	if s.invite && s.state == serverCompleted {
		s.state, s.waits = serverConfirmed, waits{end: now.Add(T4)}
	}
}

// Woken says what is to be done now.
func (s *Server) Woken(now time.Time) Wake {
	switch {
	case s.ended(now):
		s.waits = waits{}
		return End
	case !s.repeats(now):
		return Sleep
	case s.state == serverTrying:
		s.state, s.waits = serverProceeding, waits{}
		return Try
	default:
		s.once(now, T2)
		return Again
	}
}
