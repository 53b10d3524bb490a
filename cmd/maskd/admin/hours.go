package admin

import (
	"net/http"

	"maskd/mapping"
)

// HoursChange is the body of a change of hours: those of a party that is left out
// stay as they are, and {} is always.
type HoursChange struct {
	Parties PartiesHours `json:"parties"`
}

// PartiesHours are the hours of the two ends.
type PartiesHours struct {
	A *Hours `json:"a,omitempty"`
	B *Hours `json:"b,omitempty"`
}

func (c HoursChange) domain() (change mapping.HoursChange, err error) {
	if c.Parties == (PartiesHours{}) {
		return change, invalidField("parties", "missing", "expected the hours of a, of b, or of both")
	}
	for _, part := range []struct {
		field string
		asked *Hours
		into  **mapping.Hours
	}{{"parties.a", c.Parties.A, &change.A}, {"parties.b", c.Parties.B, &change.B}} {
		if part.asked == nil {
			continue
		}
		hours, err := part.asked.domain(part.field)
		if err != nil {
			return change, err
		}
		*part.into = &hours
	}
	return change, nil
}

// changeHours holds for the calls to come; those that are up go on.
func (s *Server) changeHours(r *http.Request) (int, any, error) {
	id, err := pathID(r, mapping.KindInteraction)
	if err != nil {
		return 0, nil, err
	}
	var asked HoursChange
	if err := Decode(r.Body, &asked); err != nil {
		return 0, nil, err
	}
	hours, err := asked.domain()
	if err != nil {
		return 0, nil, err
	}
	ctx, cancel := change(r)
	defer cancel()
	i, err := s.store.SetHours(ctx, id, hours, s.now())
	if err != nil {
		return 0, nil, err
	}
	s.log.Info("hours changed", interaction(id), by(r))
	return http.StatusOK, s.viewInteraction(i), nil
}
