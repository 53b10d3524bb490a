package admin

import (
	"net/http"

	"maskd/mapping"
)

// CDR is a call detail record as the API shows it: numbers masked, with a
// reference that is the same for the same number.
type CDR struct {
	Call          string  `json:"call"`
	Interaction   string  `json:"interaction,omitempty"`
	CallerSide    string  `json:"caller_side,omitempty"`
	ClickToCall   bool    `json:"click_to_call,omitempty"` // we began it: trunk_in is the one that the caller was rung on
	Caller        Masked  `json:"caller,omitzero"`
	Doubted       bool    `json:"doubted,omitempty"`    // the trunk showed too little for the caller's number
	Target        Masked  `json:"target,omitzero"`      // who was reached, or where nobody was, who was rung last
	Tried         int     `json:"tried,omitempty"`      // how many numbers were rung
	Diverted      string  `json:"diverted,omitempty"`   // why the party's fallback was rung: no_answer, outside_hours or hook
	Redirected    bool    `json:"redirected,omitempty"` // to where the pool sends callers who are no party
	DID           string  `json:"did"`                  // that was dialled; masked if it was none of ours, and may be somebody's number
	Shown         string  `json:"shown,omitempty"`
	TrunkIn       string  `json:"trunk_in,omitempty"`
	TrunkOut      string  `json:"trunk_out,omitempty"`
	AdmittedAt    Time    `json:"admitted_at"`
	AnsweredAt    Time    `json:"answered_at,omitzero"`
	EndedAt       Time    `json:"ended_at,omitzero"`
	TalkedSeconds float64 `json:"talked_seconds"`
	Outcome       string  `json:"outcome"`
	Refusal       string  `json:"refusal,omitempty"`
	EndedBy       string  `json:"ended_by,omitempty"`
	Status        int     `json:"status,omitempty"` // the final SIP status that the caller was given

	Record   string `json:"record,omitempty"`    // how it was to be recorded
	Recorded bool   `json:"recorded,omitempty"`  // something of it was
	ConsentA string `json:"consent_a,omitempty"` // what A said to that: yes, no or withdrawn
	ConsentB string `json:"consent_b,omitempty"`
}

// Masked is a number in a CDR: masked, and its reference.
type Masked struct {
	Number string `json:"number"`
	Ref    string `json:"ref"`
}

func (s *Server) listCDRs(r *http.Request) (int, any, error) {
	w, _, err := readWindow(r, mapping.KindCall)
	if err != nil {
		return 0, nil, err
	}
	cdrs, err := s.store.CDRsOf(askerOf(r).scope, w.after, w.limit+1)
	if err != nil {
		return 0, nil, err
	}
	id := func(c mapping.CDR) string { return c.Call.Text(mapping.KindCall) }
	return http.StatusOK, page(cdrs, w.limit, id, s.viewCDR), nil
}

func (s *Server) viewCDR(c mapping.CDR) CDR {
	return CDR{
		Call: c.Call.Text(mapping.KindCall), Interaction: text(c.Interaction, mapping.KindInteraction),
		CallerSide: c.CallerSide.String(), ClickToCall: c.Originated, Caller: s.viewNumber(c.Tenant, c.Caller), Target: s.viewNumber(c.Tenant, c.Target),
		Doubted: c.Doubted, Tried: c.Tried, Diverted: c.Diverted.String(), Redirected: c.Redirected,
		DID: s.viewDialled(c.DID, knownCall(&c)), Shown: string(c.Shown), TrunkIn: c.TrunkIn, TrunkOut: c.TrunkOut,
		AdmittedAt: Time{c.AdmittedAt}, AnsweredAt: Time{c.AnsweredAt}, EndedAt: Time{c.EndedAt},
		TalkedSeconds: c.Talked().Seconds(), Outcome: c.Outcome.String(), Refusal: c.Refusal.String(),
		EndedBy: c.EndedBy.String(), Status: c.Status,
		Record: recordOf(c), Recorded: c.Recorded, ConsentA: c.ConsentA.String(), ConsentB: c.ConsentB.String(),
	}
}

// viewDialled is what was dialled. It is shown if the call came to something, for then
// it was our DID, or if it is one now: people dial numbers too, and carriers send us
// what is another's.
func (s *Server) viewDialled(did mapping.DID, known bool) string {
	if known || s.store.Ours(did) {
		return string(did)
	}
	return did.Masked()
}

// knownCall reports whether the call was of an interaction, or of a DID that sends
// strangers elsewhere.
func knownCall(c *mapping.CDR) bool { return !c.Interaction.IsZero() || c.Redirected }

// recordOf is how a call was to be recorded; empty for one that was not.
func recordOf(c mapping.CDR) string {
	if c.Record == 0 {
		return ""
	}
	return c.Record.String()
}

func (s *Server) viewNumber(of mapping.Tenant, n mapping.Number) Masked {
	if n.IsZero() {
		return Masked{}
	}
	return Masked{Number: n.String(), Ref: s.store.Ref(of, n)}
}
