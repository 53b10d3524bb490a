package main

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pion/rtp"

	"maskd/audit"
	"maskd/cmd/maskd/admin"
	"maskd/mapping"
	"maskd/sip"
	"maskd/store"
)

// starred are a star and a key as a phone sends them one after the other.
func starred(t *testing.T, key string) []rtp.Packet {
	t.Helper()
	star, then := keysOfPIN(t, "*"), keysOfPIN(t, key)
	for _, p := range then { // recorded before the star
		p.SequenceNumber += 5000
		p.Timestamp += 100 * 8000
		star = append(star, p)
	}
	return star
}

// TestAPartyWantsByKeyEndToEnd has a caller press a key in the middle of a call, so that
// he is not reached any more; and the callee another one, so that neither is. The call
// goes on, the other hears nothing of the keys, and the audit log says who it was.
func TestAPartyWantsByKeyEndToEnd(t *testing.T) {
	t.Parallel()
	s := newSite(t, line{name: "wanting", transport: "udp"})
	s.write(t, "maskd.yaml", s.configuration()+"keys: {do_not_disturb: 8, block: 9}\n")
	s.start(t)
	l := s.line("wanting")
	c := s.converse(t, l, withNumber101, withNumber96)
	parties := "a=" + l.number('a', 0) + "\nb=" + l.number('b', 1) + "\n"
	i := read[admin.Interaction](t, s.maskd(t, parties, "interaction", "create", "--json", "--pool", l.name))
	c.did = i.Parties.A.Dial
	c.dial(t)
	c.talk(5)
	c.settle()
	c.a.play(c.toA, starred(t, "8"))
	await(t, "A to be left alone", func() bool {
		now := read[admin.Interaction](t, s.maskd(t, "", "interaction", "show", "--json", i.ID))
		return now.Parties.A.DoNotDisturb && !now.Parties.B.DoNotDisturb
	})
	c.a.play(c.toA, starred(t, "9"))
	await(t, "the two to be kept from each other", func() bool {
		blocks := read[admin.Page[admin.Block]](t, s.maskd(t, "", "block", "list", "--json")).Data
		return len(blocks) == 1 && blocks[0].Number.Ref == i.Parties.A.Ref && blocks[0].With.Ref == i.Parties.B.Ref
	})
	if !s.talking(t, l) {
		t.Error("the call is over")
	}
	log := string(s.maskd(t, "", "audit", "list", "--json"))
	for _, want := range []string{`"way": "party"`, `"party a in call_`, `"interaction.change"`, `"block"`} {
		if !strings.Contains(log, want) {
			t.Errorf("the audit log has no %s", want)
		}
	}
	if heard, err := c.b.pressed(96); err != nil || len(heard) != 0 {
		t.Errorf("the callee hears the keys %v: %v", heard, err)
	}
	c.hangUp(t, s)
	s.stop(t)
	if strings.Contains(s.log.String(), strings.TrimPrefix(l.number('b', 1), "+")) {
		t.Error("the log holds a number")
	}
}

// TestAWishIsOnTheListOfItsTenant sees that what a party wants by key in the interaction
// of one tenant bars nobody in that of another, and can be lifted by who sees it. Wanted
// again it is on the list once, and told of each time.
func TestAWishIsOnTheListOfItsTenant(t *testing.T) {
	t.Parallel()
	pools, err := mapping.NewPools(nil)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	db, err := store.Open(store.Options{
		Path: filepath.Join(dir, "maskd.db"), RootKey: filepath.Join(dir, "root.key"), Keys: filepath.Join(dir, "maskd.keys"), Pools: pools,
		OnFault: func(err error) { t.Errorf("fault: %v", err) },
	}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	own, _ := mapping.ParseNumber("+919876543210")
	other, _ := mapping.ParseNumber("+447700900123")
	wanted := []mapping.Tenant{"acme", mapping.DefaultTenant, "acme"}
	for _, of := range wanted {
		wish := sip.Wish{Want: sip.WantBlock, Tenant: of, Side: mapping.SideA, Own: own, Other: other}
		if err := (wishes{db}).Grant(t.Context(), wish); err != nil {
			t.Fatal(err)
		}
	}
	for of, want := range map[mapping.Tenant]int{"acme": 1, "zeta": 0, "": 1} {
		if page, err := db.Blocks(of, mapping.ID{}, 10); err != nil || len(page) != want {
			t.Errorf("the list of %q has %d blocks: %v", of, len(page), err)
		}
	}
	rows, err := db.AuditLog().Rows(0, 10)
	if err != nil {
		t.Fatal(err)
	}
	told := slices.DeleteFunc(rows, func(r audit.Row) bool {
		return r.Entry.Action != mapping.ActionBlock || r.Entry.Actor.Way != mapping.WayParty
	})
	if len(told) != len(wanted) {
		t.Errorf("the audit log tells of %d wishes", len(told))
	}
	if err := db.Close(); err != nil {
		t.Error(err)
	}
}
