package admin_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"slices"
	"strings"
	"sync"
	"time"

	"maskd/mapping"
	"maskd/sip"
)

// memory is a store that forgets.
type memory struct {
	mu           sync.Mutex
	interactions []mapping.Interaction
	cdrs         []mapping.CDR
	broken       error // what every method returns, if set
	completing   func()
}

func (m *memory) Create(_ context.Context, d mapping.Draft, at time.Time) (mapping.Interaction, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	d = d.WithDefaults()
	if err := d.Validate(func(mapping.Number) bool { return false }); err != nil {
		return mapping.Interaction{}, false, err
	}
	d = d.In(mapping.Pool{})
	for _, i := range m.interactions {
		if d.ExternalID != "" && i.ExternalID == d.ExternalID && i.Tenant == d.Tenant {
			if !d.Matches(&i) {
				return mapping.Interaction{}, false, mapping.ErrConflict
			}
			return i, false, m.broken
		}
	}
	d, err := d.WithPINs(rand.Reader)
	if err != nil {
		return mapping.Interaction{}, false, err
	}
	id := mapping.NewID(at, [10]byte{byte(len(m.interactions))})
	i := d.Bind(id, "+15550100000", "+15550100001", at)
	m.interactions = append(m.interactions, i)
	return i, true, m.broken
}

func (m *memory) Complete(_ context.Context, id mapping.ID, reason string, at time.Time) (mapping.Interaction, error) {
	if m.completing != nil {
		m.completing()
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for n := range m.interactions {
		if i := &m.interactions[n]; i.ID == id {
			if i.CompletedAt.IsZero() {
				*i = i.Complete(reason, at)
			}
			return *i, m.broken
		}
	}
	return mapping.Interaction{}, mapping.ErrNotFound
}

func (m *memory) Extend(_ context.Context, id mapping.ID, e mapping.Extension, at time.Time) (mapping.Interaction, error) {
	return m.becomes(id, func(i mapping.Interaction) (mapping.Interaction, error) { return i.Extend(e, at) })
}

func (m *memory) Reopen(_ context.Context, id mapping.ID, e mapping.Extension, at time.Time) (mapping.Interaction, error) {
	return m.becomes(id, func(i mapping.Interaction) (mapping.Interaction, error) { return i.Reopen(e, time.Hour, at) })
}

func (m *memory) SetHours(_ context.Context, id mapping.ID, change mapping.HoursChange, at time.Time) (mapping.Interaction, error) {
	return m.becomes(id, func(i mapping.Interaction) (mapping.Interaction, error) { return i.WithHours(change, at) })
}

func (m *memory) Revise(_ context.Context, id mapping.ID, r mapping.Revision, at time.Time) (mapping.Interaction, error) {
	return m.becomes(id, func(i mapping.Interaction) (mapping.Interaction, error) {
		return i.Revise(r, func(mapping.Number) bool { return false }, at)
	})
}

func (m *memory) becomes(id mapping.ID, what func(mapping.Interaction) (mapping.Interaction, error)) (mapping.Interaction, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for n := range m.interactions {
		if m.interactions[n].ID == id {
			i, err := what(m.interactions[n])
			if err == nil {
				m.interactions[n] = i
			}
			return i, err
		}
	}
	return mapping.Interaction{}, mapping.ErrNotFound
}

func (m *memory) Interaction(id mapping.ID) (mapping.Interaction, error) {
	return m.first(func(i mapping.Interaction) bool { return i.ID == id })
}

func (m *memory) ByExternalID(of mapping.Tenant, external string) (mapping.Interaction, error) {
	return m.first(func(i mapping.Interaction) bool { return i.Tenant == of && i.ExternalID == external })
}

func (m *memory) first(wanted func(mapping.Interaction) bool) (mapping.Interaction, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if n := slices.IndexFunc(m.interactions, wanted); n >= 0 {
		return m.interactions[n], m.broken
	}
	return mapping.Interaction{}, mapping.ErrNotFound
}

func (m *memory) InteractionsOf(of mapping.Tenant, after mapping.ID, limit int) ([]mapping.Interaction, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	from := slices.IndexFunc(m.interactions, func(i mapping.Interaction) bool { return i.ID == after }) + 1
	all := slices.DeleteFunc(slices.Clone(m.interactions[from:]), func(i mapping.Interaction) bool { return !of.Sees(i.Tenant) })
	return all[:min(limit, len(all))], m.broken
}

func (m *memory) Explain(_ context.Context, did mapping.DID, _ mapping.Number, at time.Time) (mapping.Evidence, error) {
	return mapping.Evidence{DID: did, At: at, Refusal: mapping.RefusalUnknown}, m.broken
}

func (m *memory) CDR(call mapping.ID) (mapping.CDR, error) {
	for _, c := range m.cdrs {
		if c.Call == call {
			return c, nil
		}
	}
	return mapping.CDR{}, mapping.ErrNotFound
}

func (m *memory) CDRsOf(of mapping.Tenant, after mapping.ID, limit int) ([]mapping.CDR, error) {
	all := slices.DeleteFunc(slices.Clone(m.cdrs), func(c mapping.CDR) bool {
		return !of.Sees(c.Tenant) || bytes.Compare(c.Call[:], after[:]) <= 0
	})
	return all[:min(limit, len(all))], m.broken
}

func (m *memory) Ref(of mapping.Tenant, _ mapping.Number) string {
	if of == mapping.DefaultTenant {
		return "num_0123456789abcdef"
	}
	return "num_" + string(of)
}

// TenantOf has acme own what begins so.
func (m *memory) Ours(did mapping.DID) bool { return strings.HasPrefix(string(did), "+1555010") }

func (m *memory) TenantOf(did mapping.DID) mapping.Tenant {
	if strings.HasPrefix(string(did), "+15550101") {
		return "acme"
	}
	return mapping.DefaultTenant
}

// switchboard is a B2BUA whose calls are as the test says.
type switchboard struct {
	mu   sync.Mutex
	live []sip.CallInfo
	// trunks is what there is from the beginning.
	trunks   []sip.TrunkInfo
	draining bool
	goodbyes int
	begun    []sip.Origination
	refusing error // of calls that are to be begun
	ending   func()
}

// Drain takes no more calls.
func (s *switchboard) Drain() int {
	s.draining = true
	return len(s.Calls())
}

// Originate notes what call is asked for.
func (s *switchboard) Originate(o sip.Origination) (mapping.ID, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.refusing != nil {
		return mapping.ID{}, s.refusing
	}
	s.begun = append(s.begun, o)
	return mapping.ID{15: byte(len(s.begun))}, nil
}

func (s *switchboard) Draining() bool { return s.draining }

func (s *switchboard) Trunks() []sip.TrunkInfo { return s.trunks }

func (s *switchboard) Calls() []sip.CallInfo {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.live)
}

func (s *switchboard) Call(id mapping.ID) (sip.CallInfo, bool) {
	for _, c := range s.Calls() {
		if c.ID == id {
			return c, true
		}
	}
	return sip.CallInfo{}, false
}

func (s *switchboard) End(interaction mapping.ID) int {
	if s.ending != nil {
		s.ending()
	}
	ended := s.LiveCalls(interaction)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.live = slices.DeleteFunc(s.live, func(c sip.CallInfo) bool { return c.Interaction == interaction })
	return ended
}

func (s *switchboard) Trace(id mapping.ID) []sip.Crossing {
	if _, live := s.Call(id); !live {
		return nil
	}
	return []sip.Crossing{{At: noon, Method: "INVITE", SDP: true}, {At: noon, OnB: true, Sent: true, Method: "INVITE", SDP: true}}
}

func (s *switchboard) Dictate(id mapping.ID, _ sip.Dictation) bool {
	_, live := s.Call(id)
	return live
}

// EndAnnounced tells that a goodbye is heard.
func (s *switchboard) EndAnnounced(interaction mapping.ID) int {
	s.goodbyes++
	return s.End(interaction)
}

func (s *switchboard) Hangup(id mapping.ID) bool {
	_, live := s.Call(id)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.live = slices.DeleteFunc(s.live, func(c sip.CallInfo) bool { return c.ID == id })
	return live
}

func (s *switchboard) LiveCalls(interaction mapping.ID) int {
	n := 0
	for _, c := range s.Calls() {
		if c.Interaction == interaction {
			n++
		}
	}
	return n
}

func (s *switchboard) add(calls ...sip.CallInfo) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.live = append(s.live, calls...)
}
