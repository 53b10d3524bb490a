package admin

import (
	"net/http"
	"strconv"
	"strings"

	"maskd/sip"
	"maskd/sip/edge"
)

// Trunk is a trunk as the API shows it.
type Trunk struct {
	Name         string            `json:"name"`
	Leaving      bool              `json:"leaving,omitempty"`      // removed by a reload, and it has calls yet
	Registration string            `json:"registration,omitempty"` // of one that registers
	CallsIn      int               `json:"calls_in"`               // live
	CallsOut     int               `json:"calls_out"`
	Account      string            `json:"account"`                      // none, in_use, refused: not used then
	AccountRests Time              `json:"account_rests_until,omitzero"` // with refused
	Received     map[string]uint64 `json:"received"`                     // final responses to our INVITEs, by status
	Sent         map[string]uint64 `json:"sent"`                         // and to theirs
	Gateways     []Gateway         `json:"gateways"`                     // by preference
}

// Gateway is one address of a gateway.
type Gateway struct {
	Gateway      string  `json:"gateway"`           // as configured
	Address      string  `json:"address,omitempty"` // empty: DNS has not said
	Transport    string  `json:"transport,omitempty"`
	State        string  `json:"state"` // unknown, up, down; unheard: its answers would not be accepted
	Since        Time    `json:"since,omitzero"`
	AvoidedUntil Time    `json:"avoided_until,omitzero"` // calls try others first until then, because it took none
	Status       int     `json:"status,omitempty"`       // of its last response to our OPTIONS
	RoundTripMS  float64 `json:"round_trip_ms"`          // of that; 0: not known
	NextProbeAt  Time    `json:"next_probe_at,omitzero"`
}

// listTrunks shows all trunks, which are as many as in the configuration: there
// is no part of them to ask for.
func (s *Server) listTrunks(r *http.Request) (int, any, error) {
	for name := range r.URL.Query() {
		return 0, nil, newProblem(http.StatusBadRequest, "unknown_parameter", known(name), "there is no such parameter here")
	}
	trunks := s.calls.Trunks()
	p := Page[Trunk]{Data: make([]Trunk, len(trunks))}
	for i, t := range trunks {
		p.Data[i] = viewTrunk(t)
	}
	return http.StatusOK, p, nil
}

func viewTrunk(t sip.TrunkInfo) Trunk {
	trunk := Trunk{
		Name: t.Name, Leaving: t.Leaving, CallsIn: t.CallsIn, CallsOut: t.CallsOut,
		Account: t.Account.String(), AccountRests: Time{t.Rests},
		Received: byStatus(t.Received), Sent: byStatus(t.Sent), Gateways: make([]Gateway, len(t.Targets)),
	}
	if t.Registration != 0 {
		trunk.Registration = t.Registration.String()
	}
	for i, target := range t.Targets {
		trunk.Gateways[i] = viewGateway(target)
	}
	return trunk
}

func viewGateway(t edge.TargetStanding) Gateway {
	g := Gateway{
		Gateway: t.Gateway.String(), Transport: strings.ToLower(string(t.Network)), State: t.State.String(), Since: Time{t.Since},
		AvoidedUntil: Time{t.Shunned}, Status: t.Status, NextProbeAt: Time{t.NextProbe},
	}
	if t.Addr.IsValid() {
		g.Address = t.Addr.String()
	}
	if t.Status != 0 {
		g.RoundTripMS = hundredths(t.RoundTrip.Seconds() * 1000)
	}
	return g
}

func byStatus(counts map[int]uint64) map[string]uint64 {
	named := make(map[string]uint64, len(counts))
	for status, n := range counts {
		named[strconv.Itoa(status)] = n
	}
	return named
}
