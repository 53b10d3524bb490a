package main

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"maskd/audit"
	"maskd/cmd/maskd/config"
	"maskd/mapping"
)

// ages is how much later it is when all is forgotten: more than any interaction lives,
// any DID rests and anything is kept.
const ages = 60 * 24 * time.Hour

// age lets all that there is become older than it may be kept, but for one interaction
// that is under a legal hold, and looks for what is left of it: in the store, and in a
// backup of before, with the keys of now.
func (m *muster) age(held pair) {
	m.process(exitOK, "store", "backup", "--config", "maskd.yaml", "var/young.db")
	log := new(bytes.Buffer)
	d := m.caretaker(log)
	before := m.remembered(d)
	if before.interactions < 200 || before.calls < 200 || before.events < 500 || before.recordings == 0 {
		m.Errorf("there is not much to forget: %+v", before)
	}
	m.expectAllDone(m.auditLog(d))
	later := time.Now().Add(ages)
	d.expire(m.Context(), later)
	d.forget(m.Context(), *d.retention.Load(), later)
	m.expectForgotten("the store", d, held)
	m.expectPruned(d)
	m.dismiss(d)
	m.sinks.add("log of what is forgotten", log.Bytes())
	if !strings.Contains(log.String(), "erased what was kept too long") {
		m.Error("nothing is told of what was forgotten")
	}
	m.keepFiles("after ages", "var", "recordings")
	m.process(exitOK, "store", "compact", "--config", "maskd.yaml")
	m.keepFiles("after ages, compacted", "var")

	m.process(exitOK, "store", "restore", "--config", "maskd.yaml", "--reason", because, "var/young.db")
	d = m.caretaker(log)
	m.expectForgotten("the copy", d, held)
	m.dismiss(d)
	m.keepFiles("after ages, restored", "var", "recordings")
}

// keepForCourt has two talk whose interaction is then under a legal hold.
func (m *muster) keepForCourt() pair {
	p := m.pairs(m.site.line("crowd"), 1, "")[0]
	p.a.Invite(p.didA)
	if err := meets(p.b, p.a)(); err != nil {
		m.Error(err)
	}
	m.expect(200, "auditor", "POST", "/v1/interactions/"+p.id+"/hold", `{"reason":"`+because+`"}`)
	return p
}

// caretaker is the daemon as it is configured, without what talks to others: it keeps
// the store and the recordings.
func (m *muster) caretaker(log *bytes.Buffer) *daemon {
	cfg, err := config.Load(m.site.path("maskd.yaml"))
	if err != nil {
		m.Fatal(err)
	}
	cfg.Store.Path, cfg.Store.RootKey = m.site.path(cfg.Store.Path), m.site.path(cfg.Store.RootKey)
	cfg.Recording.Directory = m.site.path(cfg.Recording.Directory)
	logger, err := newLogger(log, "debug")
	if err != nil {
		m.Fatal(err)
	}
	d := &daemon{log: logger, cfg: cfg, reconsider: make(chan struct{}, 1), stuck: make(map[string]bool)}
	d.retention.Store(new(cfg.Retention.Domain()))
	for _, part := range []func(config.Config) error{d.openStore, d.openStudio} {
		if err := part(cfg); err != nil {
			m.Fatal(err)
		}
	}
	return d
}

func (m *muster) dismiss(d *daemon) {
	if err := d.close(context.Background()); err != nil {
		m.Error(err)
	}
}

// memory is how much can be read with the keys of now.
type memory struct{ interactions, calls, events, recordings int }

func (m *muster) remembered(d *daemon) (all memory) {
	const many = 100_000
	interactions, err := d.store.Interactions(mapping.ID{}, many)
	calls, err2 := d.store.CDRs(mapping.ID{}, many)
	events, err3 := d.store.Events(mapping.DefaultTenant, 0, many)
	tapes, err4 := d.vault.List()
	if errors.Is(err3, mapping.ErrForgotten) {
		err3 = nil
	}
	if err := errors.Join(err, err2, err3, err4); err != nil {
		m.Error(err)
	}
	return memory{len(interactions), len(calls), len(events), len(tapes)}
}

// expectForgotten expects that of interactions, calls and recordings only that is left
// which is held, and that nobody is known by his number but its parties.
func (m *muster) expectForgotten(where string, d *daemon, held pair) {
	left := m.remembered(d)
	if left.interactions != 1 || left.calls != 1 || left.events != 0 || left.recordings != 0 {
		m.Errorf("%s remembers %+v", where, left)
	}
	for n, e164 := range m.numbers {
		if is := slices.Contains(held.numbers[:], e164); !is && n%199 != 0 { // each takes a look at all
			continue
		} else if number, err := mapping.ParseNumber(e164); err != nil {
			m.Error(err)
		} else if s, err := d.store.Subject(m.Context(), "", number); err != nil || len(s.Others)+len(s.Held) > 0 || is != (len(s.Interactions)+len(s.Calls) > 0) {
			m.Errorf("%s knows number %d by %d interactions and %d calls, %v", where, n, len(s.Interactions), len(s.Calls), err)
		}
	}
}

// auditLog is the daemon's, exported.
func (m *muster) auditLog(d *daemon) []byte {
	var text bytes.Buffer
	l := d.store.AuditLog()
	if err := audit.Export(m.Context(), l, l.Verifier(), 0, &text); err != nil {
		m.Error(err)
	}
	m.sinks.add("audit log", text.Bytes())
	return text.Bytes()
}

// expectAllDone expects that whatever the audit log has a name for was done, but for what
// age does.
func (m *muster) expectAllDone(log []byte) {
	undone := []mapping.Action{mapping.ActionRetention, mapping.ActionRecordingErase}
	for a := mapping.ActionStart; a != 0; a++ { // of one byte
		if strings.Contains(a.String(), "(") {
			continue
		}
		if bytes.Contains(log, []byte(`"`+a.String()+`"`)) == slices.Contains(undone, a) {
			m.Errorf("%s: done is %t", a, slices.Contains(undone, a))
		}
	}
}

// expectPruned expects that the audit log says that it was done, that it holds without
// what it said before, and nothing of why.
func (m *muster) expectPruned(d *daemon) {
	text, l := m.auditLog(d), d.store.AuditLog()
	report, err := audit.Verify(bytes.NewReader(text), l.Verifier(), nil)
	if err != nil || !report.OK() || report.Pruned < 1000 {
		m.Errorf("the audit log: %v, %+v", err, report)
	}
	if !bytes.Contains(text, []byte(mapping.ActionRetention.String())) || !bytes.Contains(text, []byte(mapping.ActionRecordingErase.String())) || bytes.Contains(text, []byte("he-asked-for-it")) {
		m.Error("the audit log does not say what was forgotten, or why something was done before")
	}
}
