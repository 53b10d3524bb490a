package edge

import (
	"reflect"
	"slices"

	"go.uber.org/zap"
)

// Changes are the names of the trunks that a reload has changed.
type Changes struct {
	Added, Changed, Removed []string
}

// Reload replaces the trunks, and reads our certificate and all CAs again. The
// next call uses the new trunks. Those that are up go on as they were set up,
// on a trunk that leaves when its last call has. A trunk that is the same stays
// the same: what is known of its gateways, its registration and its connections.
// If a file can't be read, nothing has changed; else also is called before the
// first call sees the new trunks.
func (e *Edge) Reload(configured []Trunk, keypair Keypair, also func()) (Changes, error) {
	e.changing.Lock()
	defer e.changing.Unlock()
	if e.closing.Load() || e.stop == nil {
		return Changes{}, nil
	}
	before := e.peers()
	after := &peering{trunks: e.welcome(before, configured)}
	gone := leftOut(before.trunks, after)
	after.leaving = slices.Concat(gone, before.leaving)
	trust, err := readTrust(keypair, after.trunks, after.leaving, e.trust.Load())
	if err != nil {
		return Changes{}, err
	}
	e.trust.Store(trust)
	also()
	e.replace(before, after, gone)
	changes := changesOf(before.trunks, after.trunks)
	e.log.Info("trunks reloaded", zap.Strings("added", changes.Added), zap.Strings("changed", changes.Changed),
		zap.Strings("removed", changes.Removed), zap.Int("leaving", len(after.leaving)))
	return changes, nil
}

// replace puts a peering in the place of the one before, whose trunks that are
// gone leave from now on. The caller holds changing.
func (e *Edge) replace(before, after *peering, gone trunks) {
	opened := e.openBehind(before.listeners, after.trunks)
	after.listeners = slices.Concat(before.listeners, opened)
	e.unlearn()
	after.book = before.book.With(services(slices.Concat(after.trunks, after.leaving)))
	e.peering.Store(after)
	for _, t := range gone {
		t.retire(after.trunks)
		e.wg.Go(func() { e.seeOff(e.life, t) })
	}
	e.begin(after, leftOut(after.trunks, before), opened)
	for _, t := range after.trunks {
		t.quota.allow(t.Limits)
		if t.client != nil {
			t.client.Forgive() // the operator may have put right what was wrong with the account
		}
	}
}

// openBehind makes the listeners that new trunks need behind the doors.
func (e *Edge) openBehind(present []*listener, trunks trunks) (opened []*listener) {
	for _, d := range e.doors {
		for _, t := range trunks {
			if _, there := d.queueOf(t, &peering{listeners: present}); !there {
				opened = append(opened, d.listen(t))
			}
		}
	}
	return opened
}

// welcome makes trunks of what was configured. One that is as it was before is
// the one that was there before; one that was changed takes over what is known.
func (e *Edge) welcome(before *peering, configured []Trunk) (fresh trunks) {
	for _, c := range configured {
		old, known := before.trunks.named(c.Name)
		if known && old.same(&c) {
			fresh = append(fresh, old)
			continue
		}
		t := &c
		t.equip(e.cfg.Random)
		t.roster, t.quota = e.newRoster(t), newQuota(t.Limits)
		if t.Register != nil {
			t.registrar = e.newRegistrar(t)
		}
		if known {
			t.inherit(old)
		} else if left, leaves := before.leaving.named(c.Name); leaves {
			t.follow(left)
		}
		fresh = append(fresh, t)
	}
	return fresh
}

// same reports whether the two are configured alike. Where it can't tell, as
// with certificates, they are not: a trunk that is changed into the same loses
// nothing.
func (t *Trunk) same(other *Trunk) bool {
	a, b := *t, *other
	for _, c := range []*Trunk{&a, &b} {
		c.roster, c.quota, c.registrar, c.client = nil, nil, nil, nil
	}
	return reflect.DeepEqual(a, b)
}

// inherit takes over from the same trunk before a reload what it knows of its
// gateways, which of its channels are in use, and what it knows of its account
// if that is the same.
func (t *Trunk) inherit(old *Trunk) {
	t.roster.inherit(old.roster)
	t.quota = old.quota
	if t.client != nil && old.client != nil && reflect.DeepEqual(t.Account, old.Account) {
		t.client = old.client
	}
	t.follow(old)
}

// follow has the trunk register after another of its name has said its last.
func (t *Trunk) follow(left *Trunk) {
	if t.registrar != nil {
		t.registrar.before = left.registrar
	}
}

// bindsAs reports whether the registrations of two trunks are one binding.
func (t *Trunk) bindsAs(other *Trunk) bool {
	return t.Name == other.Name && t.Register != nil && other.Register != nil && *t.Register == *other.Register &&
		slices.Equal(t.Listen, other.Listen)
}

// retire ends what a trunk does of itself. Its binding is taken back, unless
// one of the new trunks goes on with it.
func (t *Trunk) retire(fresh trunks) {
	if t.registrar == nil {
		return
	}
	if i := slices.IndexFunc(fresh, t.bindsAs); i >= 0 {
		t.registrar.inherited.Store(true)
		fresh[i].registrar.set(t.registrar.current())
	}
	t.registrar.stop()
}

// leftOut returns those of the trunks that the peering does not have.
func leftOut(ts trunks, p *peering) (out trunks) {
	for _, t := range ts {
		if !p.has(t) {
			out = append(out, t)
		}
	}
	return out
}

func changesOf(before, after trunks) (c Changes) {
	for _, t := range after {
		switch old, known := before.named(t.Name); {
		case !known:
			c.Added = append(c.Added, t.Name)
		case old != t:
			c.Changed = append(c.Changed, t.Name)
		}
	}
	for _, t := range before {
		if _, stays := after.named(t.Name); !stays {
			c.Removed = append(c.Removed, t.Name)
		}
	}
	return c
}
