package admin

import (
	"net/http"

	"maskd/mapping"
	"maskd/sip"
)

// Crossing is a message between a call and the network: which one it was, and
// nothing of what it said.
type Crossing struct {
	At      Time   `json:"at"`
	Leg     string `json:"leg"`              // a: the caller's; b: the callee's
	Sent    bool   `json:"sent"`             // by maskd
	Method  string `json:"method"`           // of the request, or of the one that is answered
	Status  int    `json:"status,omitempty"` // of a response
	SDP     bool   `json:"sdp,omitempty"`
	Message string `json:"message"` // in words
}

// Trace is what crossed of a call, as far as it is remembered.
type Trace struct {
	Call      string     `json:"call"`
	Crossings []Crossing `json:"crossings"`
}

// traceCall shows what crossed of a call. A call that nothing is remembered of is
// none that there was, or was long ago.
func (s *Server) traceCall(r *http.Request) (int, any, error) {
	id, err := pathID(r, mapping.KindCall)
	if err != nil {
		return 0, nil, err
	}
	found := s.calls.Trace(id)
	if len(found) == 0 {
		return 0, nil, mapping.ErrNotFound
	}
	trace := Trace{Call: id.Text(mapping.KindCall), Crossings: make([]Crossing, 0, len(found))}
	for _, c := range found {
		trace.Crossings = append(trace.Crossings, viewCrossing(c))
	}
	return http.StatusOK, trace, nil
}

func viewCrossing(c sip.Crossing) Crossing {
	leg := "a"
	if c.OnB {
		leg = "b"
	}
	return Crossing{At: Time{c.At}, Leg: leg, Sent: c.Sent, Method: c.Method, Status: c.Status, SDP: c.SDP, Message: c.String()}
}
