package sip

import (
	"cmp"
	"maps"

	"maskd/mapping"
	"maskd/media"
	"maskd/sip/edge"
)

// policies are what the trunks have agreed on besides signalling, by their
// names. They are never changed, but replaced whole.
type policies struct {
	sound map[string]media.LegOptions
	early map[string]EarlyMedia

	announce map[string]Announcements  // by pool
	locales  map[string]mapping.Locale // by pool
	speech   Speech
}

// policiesOf returns those of a configuration. Of a trunk that is not in it any
// more those before stay, for a call that is being set up on it.
func policiesOf(cfg Config, before policies) *policies {
	p := &policies{sound: maps.Clone(before.sound), early: maps.Clone(before.early), announce: cfg.Announce, locales: cfg.Locales, speech: cfg.Speech}
	if p.sound == nil {
		p.sound, p.early = make(map[string]media.LegOptions), make(map[string]EarlyMedia)
	}
	for _, t := range cfg.Trunks {
		p.sound[t.Name], p.early[t.Name] = cfg.Sound[t.Name], cmp.Or(cfg.Early[t.Name], EarlyLocal)
	}
	return p
}

// soundOn returns how the legs of a trunk are negotiated.
func (b *B2BUA) soundOn(trunk string) media.LegOptions { return b.policies.Load().sound[trunk] }

// earlyOn returns what callers hear of those who are rung on a trunk.
func (b *B2BUA) earlyOn(trunk string) EarlyMedia { return b.policies.Load().early[trunk] }

// announcementsOf returns what callers of a DID hear in place of a refusal.
func (b *B2BUA) announcementsOf(did mapping.DID) Announcements {
	announce := b.policies.Load().announce
	if len(announce) == 0 {
		return Announcements{}
	}
	return announce[b.directory.PoolOf(did)]
}

// Reload replaces the trunks with those of a new configuration, and reads
// certificates again. The next call uses them; those that are up go on as they
// are. Of the rest of the configuration nothing is used but the key pair,
// the announcements, and what is said in which locale. If a file can't be read, all is as it was before.
func (b *B2BUA) Reload(cfg Config) (edge.Changes, error) {
	return b.edge.Reload(cfg.Trunks, cfg.Keypair, func() {
		b.policies.Store(policiesOf(cfg, *b.policies.Load()))
	})
}
