package sip

import "maskd/sip/edge"

// TrunkInfo is how a trunk is, and how many calls live on it.
type TrunkInfo struct {
	edge.TrunkStanding
	CallsIn, CallsOut int
	Registration      edge.RegistrationState // 0: it does not register
}

// Trunks returns how the trunks are, in the order of the configuration.
func (b *B2BUA) Trunks() []TrunkInfo {
	in, out := make(map[string]int), make(map[string]int)
	for _, c := range b.Calls() {
		if c.Originated { // both its legs go out
			out[c.TrunkIn]++
		} else {
			in[c.TrunkIn]++
		}
		out[c.TrunkOut]++
	}
	registered := make(map[string]edge.RegistrationState)
	for _, r := range b.edge.Registrations() {
		registered[r.Trunk] = r.State
	}
	standings := b.edge.Standings()
	infos := make([]TrunkInfo, len(standings))
	for i, s := range standings {
		infos[i] = TrunkInfo{TrunkStanding: s, CallsIn: in[s.Name], CallsOut: out[s.Name], Registration: registered[s.Name]}
	}
	return infos
}
