package main

import (
	"fmt"
	"strings"
	"time"

	"maskd/cmd/maskd/config"
	"maskd/media"
	"maskd/sip"
	"maskd/sip/edge"
)

// sipConfig is the configuration in the words of the B2BUA.
func sipConfig(cfg config.Config) (sip.Config, error) {
	c := sip.Config{
		Advertise: string(cfg.SIP.Advertise), Listen: listens(cfg.SIP.Listen), Keypair: edge.Keypair(cfg.SIP.TLS),
		Sound: make(map[string]media.LegOptions), Early: make(map[string]sip.EarlyMedia),
	}
	if err := prompts(cfg, &c); err != nil {
		return c, err
	}
	for _, t := range cfg.Trunks {
		trunk, err := trunk(t)
		if err != nil {
			return c, err
		}
		c.Trunks = append(c.Trunks, trunk)
		sound, err := t.Sound()
		if err != nil {
			return c, err
		}
		c.Sound[t.Name], c.Early[t.Name] = sound, earlyMedia(t.Early)
	}
	return c, nil
}

func trunk(t config.Trunk) (out edge.Trunk, err error) {
	out = edge.Trunk{
		Name: t.Name, Caller: callerSource(t.Caller), Format: t.Format.Plan, Listen: listens(t.Listen),
		TLS: edge.TrunkTLS{CA: t.TLS.CA, Mutual: t.TLS.Mutual}, Register: register(t.Register),
		Probe: t.ProbeEvery(), Failover: time.Duration(t.Failover) * time.Second,
		Limits: limits(t.Limits),
	}
	for _, name := range t.TLS.Names {
		out.TLS.Names = append(out.TLS.Names, string(name))
	}
	if out.Signer, err = signer(t.STIR.Sign); err != nil {
		return out, fmt.Errorf("trunk %q: %w", t.Name, err)
	}
	if out.Assurance, err = assurance(t.STIR); err != nil {
		return out, fmt.Errorf("trunk %q: %w", t.Name, err)
	}
	if out.Account, err = account(t.Auth); err != nil {
		return out, fmt.Errorf("trunk %q: %w", t.Name, err)
	}
	for _, p := range t.Accept {
		out.Accept = append(out.Accept, p.Prefix)
	}
	for _, g := range t.Gateways {
		out.Gateways = append(out.Gateways, gateway(g))
	}
	return out, nil
}

func gateway(g config.Gateway) edge.Gateway {
	return edge.Gateway{Network: network(g.Network), Host: g.Host, Port: g.Port}
}

func register(r *config.Register) *edge.Register {
	if r == nil {
		return nil
	}
	return &edge.Register{Registrar: gateway(r.Registrar), User: string(r.AOR.User), Domain: string(r.AOR.Host),
		Contact: string(r.Contact), Expiry: time.Duration(r.Expires) * time.Second}
}

func limits(l config.Limits) edge.Limits {
	return edge.Limits{
		CallsIn: int(l.CallsIn), CallsOut: int(l.CallsOut),
		CallsPerSecondIn: int(l.CallsPerSecondIn), CallsPerSecondOut: int(l.CallsPerSecondOut),
	}
}

func earlyMedia(e config.Early) sip.EarlyMedia {
	switch e {
	case config.EarlyRelay:
		return sip.EarlyRelay
	case config.EarlySuppress:
		return sip.EarlySuppress
	default:
		return sip.EarlyLocal
	}
}

func listens(list []config.Listen) []edge.Listen {
	var out []edge.Listen
	for _, l := range list {
		out = append(out, edge.Listen{Network: network(l.Network), Addr: l.Addr, Advertise: string(l.Advertise)})
	}
	return out
}

func callerSource(c config.Caller) edge.CallerSource {
	switch c {
	case config.CallerPAI:
		return edge.CallerPAI
	case config.CallerFrom:
		return edge.CallerFrom
	default:
		return edge.CallerPAIOrFrom
	}
}

func network(name string) edge.Network { return edge.Network(strings.ToUpper(name)) }
