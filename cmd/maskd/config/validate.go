package config

import (
	"fmt"
	"net/netip"
	"slices"
)

// finding is what no single value shows: something is missing, named twice, or
// doesn't fit the rest.
type finding struct {
	path     string // of the value, in YAMLPath: $.pools[0].trunk
	expected string
}

func (f *finding) Error() string { return f.path[len("$."):] + ": " + f.expected }

func found(expected, path string, args ...any) error {
	return &finding{path: fmt.Sprintf(path, args...), expected: expected}
}

// Validate reports the first thing that is missing or doesn't fit the rest.
func (c Config) Validate() error {
	for _, check := range []func() error{
		c.validateSIP, c.Media.validate, c.validateFiles, c.Prompts.validate, c.validateRecording, c.validateKeys, c.validateTrunks, c.validatePools,
		c.validateHook, c.Holidays.validate, c.validateTenants, c.validateWebhooks, c.validateAdmin,
	} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

func (c Config) validateSIP() error {
	if len(c.SIP.Listen) == 0 {
		return found("expected at least one address, such as udp://127.0.0.1:5060", "$.sip.listen")
	}
	for i, l := range c.SIP.Listen {
		if l == (Listen{}) {
			return found(errListen.Error(), "$.sip.listen[%d]", i)
		}
		if slices.ContainsFunc(c.SIP.Listen[:i], l.is) {
			return found("expected each address once", "$.sip.listen[%d]", i)
		}
		if l.Addr.Addr().IsUnspecified() {
			return found("expected one address of this host: an answer must leave from where the request arrived",
				"$.sip.listen[%d]", i)
		}
	}
	return c.SIP.validateTLS()
}

func (c Config) validateFiles() error {
	files := []struct{ path, value string }{
		{"$.store.path", c.Store.Path},
		{"$.store.root_key", c.Store.RootKey},
		{"$.admin.socket", c.Admin.Socket},
	}
	for i, f := range files {
		if f.value == "" {
			return found("expected the path of a file", "%s", f.path)
		}
		for _, other := range files[:i] {
			if f.value == other.value {
				return found("expected another file than "+other.path[len("$."):], "%s", f.path)
			}
		}
	}
	return c.Store.validate()
}

func (c Config) validateTrunks() error {
	if len(c.Trunks) == 0 {
		return found("expected at least one trunk", "$.trunks")
	}
	for i, t := range c.Trunks {
		if t.Name == "" {
			return found("expected a name", "$.trunks[%d].name", i)
		}
		if slices.ContainsFunc(c.Trunks[:i], func(o Trunk) bool { return o.Name == t.Name }) {
			return found("expected a name that no other trunk has", "$.trunks[%d].name", i)
		}
		if len(t.Gateways) == 0 {
			return found("expected at least one gateway, such as sip:192.0.2.1:5060", "$.trunks[%d].gateways", i)
		}
		if j := slices.Index(t.Gateways, Gateway{}); j >= 0 {
			return found(errGateway.Error(), "$.trunks[%d].gateways[%d]", i, j)
		}
		if err := c.validateAccept(i); err != nil {
			return err
		}
		if err := c.validateGateways(i); err != nil {
			return err
		}
		if err := c.validateSTIR(i); err != nil {
			return err
		}
		if err := c.validateTrunkTLS(i); err != nil {
			return err
		}
		if err := c.validateAccount(i); err != nil {
			return err
		}
	}
	return nil
}

// validateAccept wants every source to belong to one trunk: a trunk is who we
// believe the caller's number from.
func (c Config) validateAccept(i int) error {
	if len(c.Trunks[i].Accept) == 0 {
		return found("expected at least one IP prefix, such as 192.0.2.0/24", "$.trunks[%d].accept", i)
	}
	for j, p := range c.Trunks[i].Accept {
		if !p.IsValid() {
			return found(errPrefix.Error(), "$.trunks[%d].accept[%d]", i, j)
		}
		for _, other := range c.Trunks[:i] {
			if slices.ContainsFunc(other.Accept, func(o Prefix) bool { return o.Overlaps(p.Prefix) }) {
				return found(fmt.Sprintf("expected addresses that trunk %q does not accept too", other.Name),
					"$.trunks[%d].accept[%d]", i, j)
			}
		}
	}
	return nil
}

// validateGateways wants each gateway to be heard, and to be within reach. The
// address of one with a name is known only to DNS.
func (c Config) validateGateways(i int) error {
	t := c.Trunks[i]
	from := c.SIP.Listen
	if len(t.Listen) > 0 {
		from = t.Listen
	}
	for j, l := range t.Listen {
		if !slices.ContainsFunc(c.SIP.Listen, l.is) || l.Advertise != "" {
			return found("expected an address as it stands in sip.listen, without advertise", "$.trunks[%d].listen[%d]", i, j)
		}
	}
	for j, g := range t.Gateways {
		addr, err := netip.ParseAddr(g.Host)
		if err == nil && !slices.ContainsFunc(t.Accept, func(p Prefix) bool { return p.Contains(addr) }) {
			return found("expected an address that this trunk accepts: its answers would not be heard",
				"$.trunks[%d].gateways[%d]", i, j)
		}
		if !slices.ContainsFunc(from, func(l Listen) bool { return l.reaches(g) }) {
			return found("expected a gateway that an address of sip.listen can reach: same transport, same IP version",
				"$.trunks[%d].gateways[%d]", i, j)
		}
	}
	return nil
}

func (c Config) validatePools() error {
	if len(c.Pools) == 0 {
		return found("expected at least one pool", "$.pools")
	}
	for i, p := range c.Pools {
		if p.Name == "" {
			return found("expected a name", "$.pools[%d].name", i)
		}
		if slices.ContainsFunc(c.Pools[:i], func(o Pool) bool { return o.Name == p.Name }) {
			return found("expected a name that no other pool has", "$.pools[%d].name", i)
		}
		if !c.hasTrunk(p.Trunk) {
			return found("expected the name of a trunk", "$.pools[%d].trunk", i)
		}
		if err := c.validateDIDs(i); err != nil {
			return err
		}
		if err := p.validatePolicy(i); err != nil {
			return err
		}
	}
	return c.validateRedirects()
}

func (c Config) hasTrunk(name string) bool {
	return slices.ContainsFunc(c.Trunks, func(t Trunk) bool { return t.Name == name })
}

func (c Config) validateDIDs(i int) error {
	if len(c.Pools[i].DIDs) == 0 {
		return found("expected at least one DID", "$.pools[%d].dids", i)
	}
	var taken []DIDRange
	for _, p := range c.Pools[:i] {
		taken = append(taken, p.DIDs...)
	}
	for j, r := range c.Pools[i].DIDs {
		if r == (DIDRange{}) {
			return found(errDIDs.Error(), "$.pools[%d].dids[%d]", i, j)
		}
		if slices.ContainsFunc(taken, r.overlaps) {
			return found("expected DIDs that are in no pool yet", "$.pools[%d].dids[%d]", i, j)
		}
		taken = append(taken, r)
	}
	return nil
}
