package audit

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"maskd/mapping"
)

// noon is when the tests take place.
var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// memory is a log in memory.
type memory struct {
	signer   note.Signer
	verifier note.Verifier
	crown    Crown
	rows     []Row
	tiles    map[int][]tlog.Hash
	signed   []byte
}

func newLog(t testing.TB, entries int) *memory {
	t.Helper()
	secret, public, err := NewKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	m := &memory{tiles: make(map[int][]tlog.Hash)}
	if m.signer, err = note.NewSigner(secret); err != nil {
		t.Fatal(err)
	}
	if m.verifier, err = note.NewVerifier(public); err != nil {
		t.Fatal(err)
	}
	for n := range entries {
		m.add(entry(n))
	}
	m.sign(t)
	return m
}

// entry is the nth entry: every kind of field is in one of any four.
func entry(n int) mapping.AuditEntry {
	e := mapping.AuditEntry{
		Index: uint64(n), At: noon.Add(time.Duration(n) * time.Millisecond), Action: mapping.ActionInteractionCreate, Outcome: mapping.AuditDone,
		Actor:  mapping.Actor{Way: mapping.WaySocket, UID: 1000, GID: 1000, PID: int32(n), Role: mapping.RoleIntegrator, Tenant: "north"},
		Object: mapping.ObjectID(mapping.KindInteraction, mapping.NewID(noon, [10]byte{byte(n), byte(n >> 8)})),
	}
	switch n % 4 {
	case 1:
		e.Action, e.Reason, e.Salt = mapping.ActionInteractionReveal, fmt.Sprintf("dispute <%d> & co", n), mapping.Salt{byte(n), 1}
		e.Commitment = Commit(e.Reason, e.Salt)
	case 2:
		e.Action, e.Commitment = mapping.ActionInteractionReveal, mapping.Commitment{byte(n), 7} // its reason is erased
	case 3:
		e.Actor = mapping.Actor{Way: mapping.WayCertificate, Name: "ops.example", Role: mapping.RoleOperator}
		e.Action, e.Object, e.Outcome = mapping.ActionCDRList, "", mapping.AuditRefused
	}
	return e
}

func (m *memory) add(e mapping.AuditEntry) {
	leaf := Encode(&e)
	m.rows = append(m.rows, Row{Entry: e, Leaf: leaf, Check: CheckOf(Hash(leaf))})
	m.crown.Grow(Hash(leaf), func(t Tile) { m.tiles[t.Level] = append(m.tiles[t.Level], t.Hash) })
}

func (m *memory) sign(t testing.TB) {
	t.Helper()
	var err error
	if m.signed, err = Sign(m.checkpoint(), m.signer); err != nil {
		t.Fatal(err)
	}
}

func (m *memory) checkpoint() Checkpoint {
	return Checkpoint{Size: m.crown.Size(), Root: m.crown.Root(), At: noon}
}

func (m *memory) Latest() ([]byte, error) { return m.signed, nil }

func (m *memory) Rows(from int64, limit int) ([]Row, error) {
	return m.rows[from:min(from+int64(limit), int64(len(m.rows)))], nil
}

func (m *memory) Hashes(level int, first, count int64) (found []tlog.Hash, err error) {
	if level > 0 {
		return cloned(m.tiles[level][first : first+count]), nil
	}
	for _, r := range m.rows[first : first+count] {
		found = append(found, Hash(r.Leaf))
	}
	return found, nil
}

// cloned copies hashes: who reads them may use them up.
func cloned(h []tlog.Hash) []tlog.Hash { return append([]tlog.Hash(nil), h...) }

func (m *memory) export(t testing.TB, from int64) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := Export(context.Background(), m, m.verifier, from, &out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func (m *memory) verify(t testing.TB, export []byte, older *Checkpoint) *Report {
	t.Helper()
	report, err := Verify(bytes.NewReader(export), m.verifier, older)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// lines cuts an export into its lines.
func lines(export []byte) []string {
	return strings.SplitAfter(strings.TrimSuffix(string(export), "\n"), "\n")
}
