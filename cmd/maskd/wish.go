package main

import (
	"context"
	"time"

	"maskd/cmd/maskd/config"
	"maskd/mapping"
	"maskd/sip"
	"maskd/store"
)

// wishes grants what parties want by key: as the API would, but that the audit log
// says who has asked.
type wishes struct{ store *store.DB }

// granted are the wishes that a configuration has keys for; nil if it has none.
func (d *daemon) granted(cfg config.Config) (sip.Wishes, sip.WantKeys) {
	if cfg.Keys == (config.Keys{}) {
		return nil, sip.WantKeys{}
	}
	return wishes{d.store}, sip.WantKeys{Quiet: cfg.Keys.DoNotDisturb.Event(), Block: cfg.Keys.Block.Event()}
}

// Grant makes a wish durable.
func (w wishes) Grant(ctx context.Context, wish sip.Wish) error {
	deed := &mapping.Deed{
		Actor:  mapping.PartyOf(wish.Call, wish.Side),
		Object: mapping.ObjectID(mapping.KindInteraction, wish.Interaction),
	}
	ctx, now := mapping.WithDeed(ctx, deed), time.Now()
	if wish.Want == sip.WantQuiet {
		_, err := w.store.Revise(ctx, wish.Interaction, quieted(wish.Side), now)
		return err
	}
	b := mapping.Block{Tenant: listOf(wish.Tenant), Number: wish.Own, With: wish.Other, Bars: mapping.BarBoth, Reason: "by key"}
	_, err := w.store.Block(ctx, []mapping.Block{b}, now)
	return err
}

// listOf is the block list on which a wish is: that of the tenant whose interaction it
// is about, who alone sees it and can lift it; where that is the default one, the house's.
func listOf(t mapping.Tenant) mapping.Tenant {
	if t == mapping.DefaultTenant {
		return ""
	}
	return t
}

// quieted is the revision by which a party is not reached any more.
func quieted(side mapping.Side) (r mapping.Revision) {
	quiet := true
	if side == mapping.SideA {
		r.A.Quiet = &quiet
	} else {
		r.B.Quiet = &quiet
	}
	return r
}
