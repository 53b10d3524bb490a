package admin

import (
	"context"
	"net/http"
	"time"

	"go.uber.org/zap"

	"maskd/mapping"
)

// Numbers is what the API needs to know of our DIDs, and to change.
type Numbers interface {
	Pools() []mapping.Pool
	Condition(did mapping.DID) mapping.Condition
	Stock(after mapping.DID, limit int, pool string, standing mapping.Standing, at time.Time) []mapping.Stock
	Instruct(ctx context.Context, did mapping.DID, o mapping.Order, at time.Time) (mapping.Stock, error)
}

// Stock is one of our DIDs as the API shows it.
type Stock struct {
	DID      string `json:"did"`
	Pool     string `json:"pool"`
	Standing string `json:"standing"`          // active, draining, quarantined or retired
	Reserved bool   `json:"reserved"`          // given only to who names it
	Live     int    `json:"live"`              // interactions that have it
	Since    Time   `json:"since,omitzero"`    // when that was said of it
	Until    Time   `json:"until,omitzero"`    // end of its quarantine
	Reason   string `json:"reason,omitempty"`  // why
	AddedAt  Time   `json:"added_at,omitzero"` // when it came to a pool that was there before
}

// Order is the body of what is said of a DID. Until or Seconds are for a
// quarantine only, which otherwise lasts until it is said to be over.
type Order struct {
	Until   Time   `json:"until,omitzero"`
	Seconds *int64 `json:"seconds,omitempty"`
	Reason  string `json:"reason,omitempty"`
}

// orders are the verbs in the path, and what they make of a DID.
func orders() map[string]mapping.Standing {
	return map[string]mapping.Standing{
		"activate": mapping.StandingActive, "drain": mapping.StandingDraining,
		"quarantine": mapping.StandingQuarantined, "retire": mapping.StandingRetired,
	}
}

func (s *Server) routeNumbers(mux router) {
	mux.Handle("GET /v1/pools", s.list(s.listPools))
	mux.Handle("GET /v1/numbers", s.list(s.listStock))
	for verb, standing := range orders() {
		mux.Handle("POST /v1/numbers/{did}/"+verb, s.answer(func(r *http.Request) (int, any, error) { return s.instruct(r, standing) }))
	}
}

func (s *Server) listStock(r *http.Request) (int, any, error) {
	query, err := readQuery(r, "limit", "after", "pool", "standing")
	if err != nil {
		return 0, nil, err
	}
	limit, err := readLimit(query)
	if err != nil {
		return 0, nil, err
	}
	var after mapping.DID
	if text := query.Get("after"); text != "" {
		if after, err = mapping.ParseDID(text); err != nil {
			return 0, nil, invalidField("after", "malformed", "expected a DID, such as the next of the page before")
		}
	}
	standing, ok := mapping.ParseStanding(query.Get("standing"))
	if !ok && query.Has("standing") {
		return 0, nil, invalidField("standing", "unknown", "expected active, draining, quarantined or retired")
	}
	found := s.stock(askerOf(r), after, limit+1, query.Get("pool"), standing)
	return http.StatusOK, page(found, limit, func(n mapping.Stock) string { return string(n.DID) }, s.viewStock), nil
}

func (s *Server) instruct(r *http.Request, standing mapping.Standing) (int, any, error) {
	did, err := mapping.ParseDID(r.PathValue("did"))
	if err != nil {
		return 0, nil, mapping.ErrNotOurs // and not said back: it may be somebody's number
	}
	var asked Order
	if err := decodeOptional(r, &asked); err != nil {
		return 0, nil, err
	}
	order, err := asked.domain(standing, s.now())
	if err != nil {
		return 0, nil, err
	}
	ctx, cancel := change(r)
	defer cancel()
	stock, err := s.numbers.Instruct(ctx, did, order, s.now())
	if err != nil {
		return 0, nil, err
	}
	mapping.DeedOf(r.Context()).Object = mapping.ObjectDID(did)
	s.log.Info("number instructed", zap.String("did", string(did)), zap.Stringer("standing", standing), by(r))
	return http.StatusOK, s.viewStock(stock), nil
}

func (o Order) domain(standing mapping.Standing, at time.Time) (mapping.Order, error) {
	order := mapping.Order{Standing: standing, Until: o.Until.Time, Reason: o.Reason}
	if err := mapping.ValidateReason(o.Reason); err != nil {
		return order, err
	}
	if o.Seconds == nil {
		return order, nil
	}
	if *o.Seconds < 1 || *o.Seconds > int64(mapping.MaxTTL/time.Second) {
		return order, invalidField("seconds", "out_of_range", "from 1 to 31622400 (366 days)")
	}
	if !o.Until.IsZero() {
		return order, invalidField("seconds", "not_allowed", "expected until or seconds, not both")
	}
	order.Until = at.Add(time.Duration(*o.Seconds) * time.Second)
	return order, nil
}

func (s *Server) viewStock(n mapping.Stock) Stock {
	return Stock{
		DID: string(n.DID), Pool: n.Pool, Standing: n.At(s.now()).String(), Reserved: n.Reserved, Live: n.Live,
		Since: Time{n.Since}, Until: Time{n.Until}, Reason: n.Reason, AddedAt: Time{n.AddedAt},
	}
}
