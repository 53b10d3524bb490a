package admin

import (
	"encoding/json"
	"net/http"
)

// maxReaders is how many lists are made at once; who else asks for one waits. A
// list takes milliseconds of a processor, and the daemon has a place beside the calls' for
// one that computes for so long (see [Options].Aside).
const maxReaders = 1

// readers are the places of those that make a list.
type readers chan struct{}

// list makes an endpoint that lists a handler. The list is whole before any of it
// is sent: a client that does not read keeps its place from nobody.
func (s *Server) list(e endpoint) http.Handler {
	return s.answer(func(r *http.Request) (int, any, error) {
		if err := s.takePlace(r); err != nil {
			return 0, nil, err
		}
		defer s.leavePlace()
		status, body, err := e(r)
		if err != nil {
			return 0, nil, err
		}
		text, err := json.Marshal(body)
		return status, encoded(text), err
	})
}

// takePlace waits for a place among those that make a list.
func (s *Server) takePlace(r *http.Request) error {
	select {
	case s.readers <- struct{}{}:
		return nil
	case <-r.Context().Done():
		return r.Context().Err()
	}
}

func (s *Server) leavePlace() { <-s.readers }

// encoded is an answer that is JSON already.
type encoded []byte

// encode writes an answer as JSON, and a line's end.
func encode(w http.ResponseWriter, body any) error {
	if text, is := body.(encoded); is {
		_, err := w.Write(append(text, '\n'))
		return err
	}
	return json.NewEncoder(w).Encode(body)
}
