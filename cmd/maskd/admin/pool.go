package admin

import (
	"net/http"
	"time"

	"maskd/mapping"
)

// Pool is a pool as the API shows it.
type Pool struct {
	Name            string         `json:"name"`
	Tenant          string         `json:"tenant,omitempty"` // left out: the default tenant
	Trunk           string         `json:"trunk"`
	DIDs            int            `json:"dids"`
	Reserved        int            `json:"reserved"`
	Standings       map[string]int `json:"standings"` // how many DIDs are active, draining, quarantined, retired
	Warming         int            `json:"warming"`   // how many are new and have not their full share yet
	Sticky          string         `json:"sticky"`
	CoolDownSeconds int64          `json:"cool_down_seconds"`
	OnExhaustion    string         `json:"on_exhaustion"`
	FloorSeconds    int64          `json:"cool_down_floor_seconds"`
	MaxPairs        int            `json:"max_pairs"`
	LowPercent      int            `json:"low_percent"` // pool.low is told below it; 0: it is not
	WarmUpSeconds   int64          `json:"warm_up_seconds"`

	MaxCallSeconds    int64   `json:"max_call_seconds"` // of the calls of interactions that say nothing of it; 0: no limit
	WarnSeconds       []int64 `json:"warn_seconds"`
	MaxCallsAtOnce    int     `json:"max_calls_at_once"`    // the same; 0: no limit
	MaxCallsPerNumber int     `json:"max_calls_per_number"` // at once; 0: no limit
	MaxCallsPerDID    int     `json:"max_calls_per_did"`    // at once; 0: no limit
}

// PoolList is all pools.
type PoolList struct {
	Data []Pool `json:"data"`
}

func (s *Server) listPools(r *http.Request) (int, any, error) {
	list := PoolList{Data: []Pool{}}
	for _, p := range s.pools(askerOf(r)) {
		list.Data = append(list.Data, s.viewPool(p))
	}
	return http.StatusOK, list, nil
}

func (s *Server) viewPool(p mapping.Pool) Pool {
	view := Pool{
		Name: p.Name, Tenant: tenantText(p.Tenant), Trunk: p.Trunk, DIDs: len(p.DIDs), Reserved: len(p.Reserved), Standings: make(map[string]int),
		Sticky: max(p.Sticky, mapping.StickyOff).String(), CoolDownSeconds: int64(p.CoolDown / time.Second),
		OnExhaustion: max(p.OnExhaustion, mapping.ExhaustionReject).String(), FloorSeconds: int64(p.Floor / time.Second),
		MaxPairs: p.MaxPairs, LowPercent: p.Low, WarmUpSeconds: int64(p.WarmUp / time.Second),
		MaxCallSeconds: int64(p.CallTime / time.Second), WarnSeconds: []int64{},
		MaxCallsAtOnce: p.AtOnce, MaxCallsPerNumber: p.AtOnceNumber, MaxCallsPerDID: p.AtOnceDID,
	}
	for _, before := range p.Warn {
		view.WarnSeconds = append(view.WarnSeconds, int64(before/time.Second))
	}
	for _, standing := range mapping.Standings() {
		view.Standings[standing.String()] = 0
	}
	at := s.now()
	for _, did := range p.DIDs {
		c := s.numbers.Condition(did)
		view.Standings[c.At(at).String()]++
		if c.Share(p.WarmUp, at) < 1 {
			view.Warming++
		}
	}
	return view
}
