// Package config reads the daemon's configuration: strict YAML, in which an
// unknown key, a duplicate or a bad value is an error that names file, line
// and column and says what was expected there.
//
// A file need say only what differs from [Default]; a list that it gives
// replaces the default list whole. Relative paths are relative to the working
// directory.
package config

import (
	"net/netip"

	"maskd/mapping"
)

// Config is the whole configuration, checked.
type Config struct {
	SIP       SIP       `yaml:"sip"`
	Media     Media     `yaml:"media"`
	Prompts   Prompts   `yaml:"prompts"`
	Recording Recording `yaml:"recording"`
	Keys      Keys      `yaml:"keys"`
	Retention Retention `yaml:"retention"`
	Store     Store     `yaml:"store"`
	Admin     Admin     `yaml:"admin"`
	Trunks    []Trunk   `yaml:"trunks"`
	Pools     []Pool    `yaml:"pools"`
	Hook      Hook      `yaml:"hook"`
	Webhooks  []Webhook `yaml:"webhooks"`

	Holidays Holidays `yaml:"holidays"` // days on which the windows of schedules that name the list don't begin

	Tenants []Tenant `yaml:"tenants"`
}

// SIP is where signalling arrives, and what we call ourselves.
type SIP struct {
	Listen    []Listen `yaml:"listen"`
	Advertise Host     `yaml:"advertise"`     // host put into Via and Contact; the listen address if empty
	TLS       Keypair  `yaml:"tls"`           // what tls:// addresses show
	Drain     Drain    `yaml:"drain_seconds"` // how long calls may go on when the daemon stops; 0: not at all
}

// Media is where sound arrives.
type Media struct {
	Listen    Addresses `yaml:"listen"`    // one, or one of IPv4 and one of IPv6; legs that could be on both are on the first
	Advertise Addresses `yaml:"advertise"` // addresses written into SDP; the listen address where none of its version is named
	Ports     PortRange `yaml:"ports"`
	DSCP      DSCP      `yaml:"dscp"`            // mark on all packets of sound
	Silence   Seconds   `yaml:"silence_seconds"` // a peer that sends nothing for so long has lost the call
	Rest      Rest      `yaml:"rest_seconds"`    // how long the ports of a call that is over are used by no other

	// Spin is how long a thread goes on looking for packets before it sleeps.
	Spin Microseconds `yaml:"spin_microseconds"`
}

// Store is where the records and the key that seals them are.
type Store struct {
	Path    string `yaml:"path"`
	Keys    string `yaml:"keys"` // the file of keys; beside the store if empty
	RootKey string `yaml:"root_key"`

	// Credential is the name of a systemd credential that is the root key, in
	// place of root_key; empty: none.
	Credential string `yaml:"root_key_credential"`
}

// Admin is where the daemon is told what to do, and asked how it is.
type Admin struct {
	Socket  string     `yaml:"socket"`
	Metrics TCPAddress `yaml:"metrics"` // empty: off
	Listen  TCPAddress `yaml:"listen"`  // the same API over TLS, for who has a certificate; empty: off
	TLS     AdminTLS   `yaml:"tls"`
	Roles   []Grant    `yaml:"roles"` // who may do what; root and our own user are admins
	Reveals Reveals    `yaml:"reveal"`
	Rates   Rates      `yaml:"limits"`
}

// Trunk is a carrier connection.
type Trunk struct {
	Name     string    `yaml:"name"`
	Accept   []Prefix  `yaml:"accept"`
	Gateways []Gateway `yaml:"gateways"`
	Listen   []Listen  `yaml:"listen"` // addresses of sip.listen that our calls leave from; empty: any
	TLS      TrunkTLS  `yaml:"tls"`
	Options  *Probe    `yaml:"options_seconds"`  // how often gateways are sent OPTIONS; 0: never; 30 if left out
	Failover Patience  `yaml:"failover_seconds"` // how long a gateway may say nothing to an INVITE; 4 if left out
	Caller   Caller    `yaml:"caller"`           // the header trusted for the caller; pai-or-from if left out
	Format   Format    `yaml:"format"`           // how numbers are written; e164 if left out
	Early    Early     `yaml:"early_media"`      // what callers hear before the answer; local if left out
	Limits   Limits    `yaml:"limits"`           // of the calls that it may carry; empty: none
	NAT      bool      `yaml:"nat"`              // sound may come from another port of the address that SDP named
	SRTP     SRTP      `yaml:"srtp"`             // whether sound is encrypted; empty: off
	Codecs   []Codec   `yaml:"codecs"`           // in our order of preference; empty: pcma, pcmu, telephone-event
	STIR     STIR      `yaml:"stir,omitempty"`
	Auth     *Auth     `yaml:"auth,omitempty"`     // nil: the carrier knows us by our address
	Register *Register `yaml:"register,omitempty"` // nil: the carrier wants no registration
}

// Pool is a set of DIDs with one trunk and one way of giving them out.
type Pool struct {
	Name         string       `yaml:"name"`
	Trunk        string       `yaml:"trunk"`
	DIDs         []DIDRange   `yaml:"dids"`
	Reserved     []DIDRange   `yaml:"reserved"`                // those of them that are given only to who names them
	Sticky       Sticky       `yaml:"sticky"`                  // what becomes of a pair's earlier DIDs; off if left out
	CoolDown     Span         `yaml:"cool_down_seconds"`       // for how long a party is not given a DID that it had
	OnExhaustion OnExhaustion `yaml:"on_exhaustion"`           // what is done when the cool-down leaves nothing; reject if left out
	Floor        Span         `yaml:"cool_down_floor_seconds"` // what it may be shortened to
	MaxPairs     Pairs        `yaml:"max_pairs"`               // live interactions on one DID; 0: any number
	Low          Percent      `yaml:"low_percent"`             // of the DIDs; if a newcomer can be given fewer, it is told; 0: it is not
	WarmUp       Span         `yaml:"warm_up_seconds"`         // in which the share of a new DID grows

	Locale Locale `yaml:"locale"` // in which parties are spoken to of whom it is not said, and strangers
	Record Record `yaml:"record"` // whether calls are recorded where the interaction does not say; off if left out

	CallTime  Span      `yaml:"max_call_seconds"`     // of the calls of an interaction that says nothing of it; 0: no limit
	Warn      []Span    `yaml:"warn_seconds"`         // so long before its end it is warned of
	AtOnce    Limit     `yaml:"max_calls_at_once"`    // of an interaction that says nothing of it; 0: no limit
	PerNumber Limit     `yaml:"max_calls_per_number"` // at once, of one party's number; 0: no limit
	PerDID    Limit     `yaml:"max_calls_per_did"`    // at once; 0: no limit
	InAll     PoolCalls `yaml:"calls_in_all"`         // answered ones, in so many hours
	Announce  Announce  `yaml:"announce"`             // what is heard in place of a refusal

	UnknownCaller UnknownCaller `yaml:"unknown_caller"` // refuse; announce; pin: who calls without a number may prove himself; hook: it is asked who he is; redirect
	RedirectTo    E164          `yaml:"redirect_to"`    // with redirect: who is rung in place of a party
}

// Default returns the configuration of a daemon without a file: all on
// loopback, and equal to config.example.yaml.
func Default() Config {
	loopback := netip.AddrFrom4([4]byte{127, 0, 0, 1})
	return Config{
		SIP: SIP{Listen: []Listen{
			{Network: "udp", Addr: netip.AddrPortFrom(loopback, 5060)},
			{Network: "tcp", Addr: netip.AddrPortFrom(loopback, 5060)},
		}, Drain: usualDrain},
		Media:     Media{Listen: Addresses{loopback}, Ports: PortRange{First: 20000, Last: 29999}, DSCP: 46, Silence: 60, Rest: 30},
		Prompts:   Prompts{Locales: map[string]Phrases{}},
		Recording: usualRecording(),
		Retention: Retention{Events: usualEventDays},
		Store:     Store{Path: "var/maskd.db", RootKey: "var/root.key"},
		Admin:     Admin{Socket: "var/maskd.sock", Metrics: TCPAddress{netip.AddrPortFrom(loopback, 9560)}, Rates: usualRates()},
		Trunks: []Trunk{{
			Name:     "carrier",
			Accept:   []Prefix{{netip.PrefixFrom(netip.AddrFrom4([4]byte{127}), 8)}},
			Gateways: []Gateway{{Network: "udp", Host: "127.0.0.1", Port: 5070}},
			Options:  usualProbe(), Failover: usualPatience,
			Caller: CallerPAIOrFrom, Format: FormatE164(), Early: EarlyLocal,
			SRTP: srtpOff, Codecs: usualCodecs(),
		}},
		Pools: []Pool{{
			Name: mapping.DefaultPool, Trunk: "carrier",
			DIDs:   []DIDRange{{First: "+15550100000", Last: "+15550100099"}},
			Sticky: stickyOff, OnExhaustion: exhaustionReject, UnknownCaller: unknownCallerRefuse, Record: recordOff,
			InAll: PoolCalls{Hours: usualHours},
		}},
		Hook: Hook{Timeout: usualHookPatience}, Webhooks: []Webhook{}, Holidays: Holidays{},
	}
}
