package admin

import (
	"net/http"
	"time"

	"maskd/mapping"
)

// Interaction is an interaction as the API shows it. It has no room for a
// number in clear.
type Interaction struct {
	ID          string            `json:"id"`
	ExternalID  string            `json:"external_id,omitempty"`
	State       string            `json:"state"` // scheduled, active, draining, completed or expired
	Parties     Parties           `json:"parties"`
	Labels      map[string]string `json:"labels,omitempty"`
	CreatedAt   Time              `json:"created_at"`
	StartsAt    Time              `json:"starts_at,omitzero"`
	ExpiresAt   Time              `json:"expires_at"`
	CompletedAt Time              `json:"completed_at,omitzero"`
	Reason      string            `json:"reason,omitempty"` // why it was completed

	CallbackUntil Time `json:"callback_until,omitzero"` // end of the window after its completion
	Calls         int  `json:"calls,omitempty"`         // answered calls that ended, if so many complete it or are its max_calls

	Held         bool     `json:"held,omitempty"`       // it is under a legal hold
	HeldBy       []string `json:"held_by,omitempty"`    // of the house, of the tenant
	LastCaller   Masked   `json:"last_caller,omitzero"` // whom A reaches by calling its DID, if that is the policy
	LastCalledAt Time     `json:"last_called_at,omitzero"`

	Effective Effective `json:"effective"`
}

// Parties are the two ends.
type Parties struct {
	A Party `json:"a"`
	B Party `json:"b,omitzero"` // left out where strangers are the other side
}

// Party is one end.
type Party struct {
	Dial    string   `json:"dial"`    // the DID that this party dials and sees
	Ref     string   `json:"ref"`     // the same for the same first number
	Numbers []string `json:"numbers"` // masked

	Prefer []mapping.Preference `json:"prefer,omitempty"` // what it wanted of its DID
	Strict bool                 `json:"strict,omitempty"`

	DoNotDisturb bool `json:"do_not_disturb,omitempty"` // it is not reached

	Locale string `json:"locale,omitempty"` // in which it is spoken to, its pool's if it named none

	MaxCallSeconds int64 `json:"max_call_seconds,omitempty"` // of the calls that it makes
	MaxCalls       int   `json:"max_calls,omitempty"`        // answered ones that it may make in all
	Calls          int   `json:"calls,omitempty"`            // those that it made, if they count

	// ReuseAgeSeconds is how long the DID had not been this party's when it was
	// given to it; null: it never was, as far as is known.
	ReuseAgeSeconds *int64 `json:"reuse_age_seconds"`

	Extension PlainExtension `json:"extension,omitempty"` // what callers key in to reach this party

	Hunt

	HasPIN bool     `json:"has_pin,omitempty"`
	PIN    PlainPIN `json:"pin,omitempty"` // in the answer to the create that made it, and nowhere else

	Hours
}

// Effective is what was decided about the interaction, every default resolved.
type Effective struct {
	Tenant     string `json:"tenant,omitempty"` // left out: the default tenant
	Mode       string `json:"mode"`
	Numbering  string `json:"numbering"`
	Pool       string `json:"pool"`
	Sticky     string `json:"sticky"`
	TTLSeconds int64  `json:"ttl_seconds"`

	Direction          string `json:"direction"`
	Record             string `json:"record"`
	Expiry             string `json:"expiry"`
	MaxTTLSeconds      int64  `json:"max_ttl_seconds,omitempty"`
	CallbackSeconds    int64  `json:"callback_seconds,omitempty"`
	CompleteAfterCalls int    `json:"complete_after_calls,omitempty"`
	EffectiveLimits
	Hook bool `json:"hook,omitempty"`

	Callback       string `json:"callback,omitempty"`
	CallbackNumber Masked `json:"callback_number,omitzero"`
	Withheld       string `json:"withheld,omitempty"`
}

// Completion is the body of a complete. Calls is hangup, the default; drain,
// which lets them go on to their end; or announce: the two don't hear each other
// any more, but a goodbye, and are then hung up.
type Completion struct {
	Calls  string `json:"calls,omitempty"`
	Reason string `json:"reason,omitempty"`
}

// Completed is the answer to a complete. State is completed, or draining while
// calls go on.
type Completed struct {
	State      string `json:"state"`
	CallsEnded int    `json:"calls_ended"`
}

// state is that of the record, but for the calls that outlive a completion.
func (s *Server) state(i *mapping.Interaction) mapping.State {
	state := i.State(s.now())
	if state == mapping.StateCompleted && s.calls.LiveCalls(i.ID) > 0 {
		return mapping.StateDraining
	}
	return state
}

func (s *Server) viewInteraction(i mapping.Interaction) Interaction {
	return s.viewStrangers(Interaction{
		ID: i.ID.Text(mapping.KindInteraction), ExternalID: i.ExternalID,
		State: s.state(&i).String(), Labels: i.Labels,
		Parties:   Parties{A: s.viewParty(&i, mapping.SideA), B: s.viewParty(&i, mapping.SideB)},
		CreatedAt: Time{i.CreatedAt}, StartsAt: Time{i.Life.StartsAt}, ExpiresAt: Time{i.ExpiresAt},
		Held: i.Held.Any(), HeldBy: i.Held.Holders(), CompletedAt: Time{i.CompletedAt}, Reason: i.Reason, CallbackUntil: Time{i.CallbackUntil}, Calls: i.Calls.All,
		Effective: Effective{
			Tenant: tenantText(i.Tenant),
			Mode:   i.Mode.String(), Numbering: i.Numbering.String(), Pool: i.Pool, Sticky: i.Sticky.String(),
			TTLSeconds: int64(i.TTL / time.Second), Direction: i.Direction.String(), Record: i.Record.String(), Expiry: i.Life.Expiry.String(),
			MaxTTLSeconds: int64(i.Life.MaxTTL / time.Second), CallbackSeconds: int64(i.Life.Callback / time.Second),
			CompleteAfterCalls: i.Life.CompleteAfter, Hook: i.Hook, EffectiveLimits: viewLimits(i.Limits),
		},
	}, &i)
}

// tenantText is the name of a tenant but the default one, whom who has no tenants
// need not know of.
func tenantText(t mapping.Tenant) string {
	if t == mapping.DefaultTenant {
		return ""
	}
	return string(t)
}

func (s *Server) viewParty(i *mapping.Interaction, side mapping.Side) Party {
	of, p := i.Tenant, i.Party(side)
	view := Party{
		Dial: string(p.DID), Numbers: make([]string, 0, len(p.Numbers)), Prefer: p.Wish.Prefer, Strict: p.Wish.Strict,
		Hunt: s.viewHunt(of, p.Hunt), HasPIN: !p.PIN.IsZero(), DoNotDisturb: p.Quiet, Locale: string(p.Locale), Hours: viewHours(p.Hours),
		MaxCallSeconds: int64(p.Limits.CallTime / time.Second), MaxCalls: p.Limits.Calls, Calls: i.Calls.By(side),
	}
	if p.ReuseAge > 0 {
		seconds := int64(p.ReuseAge / time.Second)
		view.ReuseAgeSeconds = &seconds
	}
	for i, n := range p.Numbers {
		if i == 0 {
			view.Ref = s.store.Ref(of, n)
		}
		view.Numbers = append(view.Numbers, n.String())
	}
	return view
}

func (s *Server) listInteractions(r *http.Request) (int, any, error) {
	w, query, err := readWindow(r, mapping.KindInteraction, "external_id")
	if err != nil {
		return 0, nil, err
	}
	list := func() ([]mapping.Interaction, error) {
		return s.store.InteractionsOf(askerOf(r).scope, w.after, w.limit+1)
	}
	if query.Has("external_id") {
		list = func() ([]mapping.Interaction, error) { return s.byExternalID(askerOf(r), query.Get("external_id")) }
	}
	found, err := list()
	if err != nil {
		return 0, nil, err
	}
	id := func(i mapping.Interaction) string { return i.ID.Text(mapping.KindInteraction) }
	return http.StatusOK, page(found, w.limit, id, s.viewInteraction), nil
}

func (s *Server) showInteraction(r *http.Request) (int, any, error) {
	id, err := pathID(r, mapping.KindInteraction)
	if err != nil {
		return 0, nil, err
	}
	i, err := s.store.Interaction(id)
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, s.viewInteraction(i), nil
}
