package relay

// Clip is sound to be played, ready for either law of G.711 at 8 kHz. It does not change, and
// any number of ends may be played it at once.
type Clip struct {
	aLaw, muLaw []byte // an octet for each sample
}

// NewClip makes a clip of 16 bit samples at 8 kHz.
func NewClip(samples []int16) *Clip {
	c := &Clip{aLaw: make([]byte, len(samples)), muLaw: make([]byte, len(samples))}
	for i, sample := range samples {
		c.aLaw[i], c.muLaw[i] = compandA(sample), compandMu(sample)
	}
	return c
}

// Samples is the clip's length, at 8000 to the second.
func (c *Clip) Samples() int { return len(c.aLaw) }

// in gives the octets of a law.
func (c *Clip) in(law Format) []byte {
	if law == PCMA {
		return c.aLaw
	}
	return c.muLaw
}
