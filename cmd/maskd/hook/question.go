package hook

import (
	"encoding/json"
	"fmt"

	"maskd/mapping"
)

// question is a case as the hook is told it. It has no room for a number.
type question struct {
	Event       string            `json:"event"`                 // call, or unknown_caller: whose party is he?
	Call        string            `json:"call,omitempty"`        // left out if nobody calls, and it is asked what would be
	Tenant      string            `json:"tenant,omitempty"`      // whose interaction, or DID, it is; left out for the default one
	Interaction string            `json:"interaction,omitempty"` // of the party that calls
	ExternalID  string            `json:"external_id,omitempty"`
	DID         string            `json:"did"` // that was dialled
	CallerSide  string            `json:"caller_side,omitempty"`
	Caller      string            `json:"caller,omitempty"`   // reference; left out if he withholds his number
	Targets     []string          `json:"targets"`            // references, in the order in which they would be rung
	Fallback    string            `json:"fallback,omitempty"` // reference of who can be rung in their place
	Labels      map[string]string `json:"labels"`
	At          string            `json:"at"`
}

// encode returns a case as it is sent.
func encode(c *mapping.Case) ([]byte, error) {
	q := question{
		Event: c.Matter.String(), Call: text(c.Call, mapping.KindCall), Interaction: text(c.Interaction, mapping.KindInteraction),
		ExternalID: c.ExternalID, DID: string(c.DID), CallerSide: c.Side.String(), Caller: c.Caller,
		Targets: c.Targets, Fallback: c.Fallback, Labels: c.Labels, At: c.At.UTC().Format("2006-01-02T15:04:05.000Z"),
	}
	if c.Tenant != mapping.DefaultTenant {
		q.Tenant = string(c.Tenant)
	}
	if q.Targets == nil {
		q.Targets = []string{}
	}
	if q.Labels == nil {
		q.Labels = map[string]string{}
	}
	body, err := json.Marshal(q)
	if err != nil {
		return nil, fmt.Errorf("write question: %w", err)
	}
	return body, nil
}

func text(id mapping.ID, kind mapping.Kind) string {
	if id.IsZero() {
		return ""
	}
	return id.Text(kind)
}
