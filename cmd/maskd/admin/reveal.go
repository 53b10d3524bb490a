package admin

import (
	"net/http"

	"maskd/mapping"
)

// Revealed is the numbers of an interaction's parties in clear.
type Revealed struct {
	ID      string          `json:"id"`
	Parties RevealedParties `json:"parties"`
}

// RevealedParties are the two ends.
type RevealedParties struct {
	A RevealedParty `json:"a"`
	B RevealedParty `json:"b"`
}

// RevealedParty is one end.
type RevealedParty struct {
	Numbers  []PlainNumber `json:"numbers"`
	Fallback PlainNumber   `json:"fallback,omitempty"`
}

// reveal shows the numbers of an interaction.
func (s *Server) reveal(r *http.Request) (int, any, error) {
	id, err := pathID(r, mapping.KindInteraction)
	if err != nil {
		return 0, nil, err
	}
	var asked Asked
	if err := Decode(r.Body, &asked); err != nil {
		return 0, nil, err
	}
	i, err := s.store.Interaction(id)
	if err != nil {
		return 0, nil, err
	}
	waiting, err := s.heed(r, plea{
		Asked: asked, object: mapping.ObjectID(mapping.KindInteraction, id), tenant: i.Tenant, numbers: numbersIn(&i),
	})
	if err != nil || waiting != nil {
		return http.StatusAccepted, waiting, err
	}
	s.log.Info("numbers revealed", interaction(i.ID), by(r))
	return http.StatusOK, Revealed{
		ID:      i.ID.Text(mapping.KindInteraction),
		Parties: RevealedParties{A: inClear(i.A), B: inClear(other(&i))},
	}, nil
}

func inClear(p mapping.Party) RevealedParty {
	shown := RevealedParty{Numbers: make([]PlainNumber, 0, len(p.Numbers)), Fallback: PlainNumber(p.Hunt.Fallback.Reveal())}
	for _, n := range p.Numbers {
		shown.Numbers = append(shown.Numbers, PlainNumber(n.Reveal()))
	}
	return shown
}
