package config

// validate wants one address of each IP version at most that sound comes by, and for each one that
// carriers can send to.
func (m Media) validate() error {
	if len(m.Listen) == 0 {
		return found(errAddress.Error(), "$.media.listen")
	}
	if i := m.Listen.again(); i >= 0 {
		return found(onePerVersion, "$.media.listen[%d]", i)
	}
	for _, addr := range m.Listen {
		if addr.IsUnspecified() && !m.Advertise.speaks(addr) {
			return found("expected the address that carriers reach us at, because media.listen is unspecified",
				"$.media.advertise")
		}
	}
	return m.validateAdvertise()
}

func (m Media) validateAdvertise() error {
	if i := m.Advertise.again(); i >= 0 {
		return found(onePerVersion, "$.media.advertise[%d]", i)
	}
	for _, addr := range m.Advertise {
		if addr.IsUnspecified() || addr.IsMulticast() {
			return found("expected an address that carriers can send to", "$.media.advertise")
		}
		if !m.Listen.speaks(addr) {
			return found("expected an address of the same IP version as media.listen", "$.media.advertise")
		}
	}
	return nil
}

const onePerVersion = "expected one address of each IP version at most"
