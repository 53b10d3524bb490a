package admin

import (
	"bytes"
	"net/http"
	"slices"

	"go.uber.org/zap"

	"maskd/mapping"
	"maskd/sip"
)

// Call is a call as the API shows it. What a call has only once it is over is
// left out while it lives.
type Call struct {
	ID          string `json:"id"`
	Interaction string `json:"interaction,omitempty"`
	State       string `json:"state"` // calling, routing, proving, ringing, talking, ending or ended
	CallerSide  string `json:"caller_side,omitempty"`
	ClickToCall bool   `json:"click_to_call,omitempty"` // we began it: the caller was rung too
	DID         string `json:"did"`                     // what the caller dialled, or sees if we began it; masked if it is none of ours
	Shown       string `json:"shown,omitempty"`         // what the other sees
	TrunkIn     string `json:"trunk_in,omitempty"`
	TrunkOut    string `json:"trunk_out,omitempty"`
	StartedAt   Time   `json:"started_at"`
	AnsweredAt  Time   `json:"answered_at,omitzero"`
	EndedAt     Time   `json:"ended_at,omitzero"`
	Outcome     string `json:"outcome,omitempty"`
	EndedBy     string `json:"ended_by,omitempty"`
	Refusal     string `json:"refusal,omitempty"` // of one that was refused
	Why         string `json:"why,omitempty"`     // the refusal in words

	Sound *Sounds `json:"sound,omitempty"` // of one that lives, and is shown alone
}

func (s *Server) listCalls(r *http.Request) (int, any, error) {
	w, _, err := readWindow(r, mapping.KindCall)
	if err != nil {
		return 0, nil, err
	}
	live := slices.DeleteFunc(s.liveCalls(askerOf(r)), func(c sip.CallInfo) bool {
		return bytes.Compare(c.ID[:], w.after[:]) <= 0
	})
	slices.SortFunc(live, func(a, b sip.CallInfo) int { return bytes.Compare(a.ID[:], b.ID[:]) })
	id := func(c sip.CallInfo) string { return c.ID.Text(mapping.KindCall) }
	return http.StatusOK, page(live, w.limit, id, s.viewLive), nil
}

// showCall shows a call that lives, or what its CDR says of one that is over.
func (s *Server) showCall(r *http.Request) (int, any, error) {
	id, err := pathID(r, mapping.KindCall)
	if err != nil {
		return 0, nil, err
	}
	if live, ok := s.calls.Call(id); ok {
		return http.StatusOK, s.viewLive(live), nil
	}
	cdr, err := s.store.CDR(id)
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, s.viewOver(cdr), nil
}

// hangUpCall ends one live call; its interaction goes on.
func (s *Server) hangUpCall(r *http.Request) (int, any, error) {
	id, err := pathID(r, mapping.KindCall)
	if err != nil {
		return 0, nil, err
	}
	if !s.calls.Hangup(id) {
		return 0, nil, mapping.ErrNotFound
	}
	s.log.Info("call hung up", zap.String("call", id.Text(mapping.KindCall)), by(r))
	return http.StatusOK, HungUp{CallsEnded: 1}, nil
}

// HungUp is the answer to a hangup.
type HungUp struct {
	CallsEnded int `json:"calls_ended"`
}

func (s *Server) viewLive(c sip.CallInfo) Call {
	return Call{
		ID: c.ID.Text(mapping.KindCall), Interaction: text(c.Interaction, mapping.KindInteraction),
		State: c.State, CallerSide: c.CallerSide.String(), ClickToCall: c.Originated, DID: s.viewDialled(c.DID, !c.Interaction.IsZero()), Shown: string(c.Shown),
		TrunkIn: c.TrunkIn, TrunkOut: c.TrunkOut,
		StartedAt: Time{c.StartedAt}, AnsweredAt: Time{c.AnsweredAt}, Sound: viewSounds(c.Sound),
	}
}

// viewOver shows a call that is not live any more. Its last CDR may still be
// on its way to the disk.
func (s *Server) viewOver(c mapping.CDR) Call {
	call := Call{
		ID: c.Call.Text(mapping.KindCall), Interaction: text(c.Interaction, mapping.KindInteraction),
		State: "ended", CallerSide: c.CallerSide.String(), ClickToCall: c.Originated, DID: s.viewDialled(c.DID, knownCall(&c)), Shown: string(c.Shown),
		TrunkIn: c.TrunkIn, TrunkOut: c.TrunkOut,
		StartedAt: Time{c.AdmittedAt}, AnsweredAt: Time{c.AnsweredAt}, EndedAt: Time{c.EndedAt},
		Outcome: c.Outcome.String(), EndedBy: c.EndedBy.String(),
		Refusal: c.Refusal.String(), Why: c.Refusal.Meaning(),
	}
	if c.Outcome == mapping.OutcomeLive {
		call.State, call.Outcome = "ending", ""
	}
	return call
}

// text writes an id; empty for none.
func text(id mapping.ID, kind mapping.Kind) string {
	if id.IsZero() {
		return ""
	}
	return id.Text(kind)
}
