package siptest

import (
	"bytes"
	"fmt"
	"net/netip"
	"strings"
)

// Canary searches bytes for what must not be in them, in every spelling that a
// number or an address could escape in.
type Canary struct {
	spellings []spelling
}

// spelling is one way to write a secret.
type spelling struct {
	of, how string
	bytes   []byte
	form    form // of the data in which to look
}

// form is what is done to data before it is searched.
type form uint8

const (
	asText   form = iota + 1 // ASCII letters are small
	asDigits                 // what separates digits is gone
	asBytes                  // as it is
)

// Identity adds everything that a phone says about itself.
func (c *Canary) Identity(id Identity, addr netip.Addr) *Canary {
	c.Number(id.Number).Address(addr)
	for _, text := range []string{id.Name, id.Agent, id.Host, id.Session} {
		c.Text(text)
	}
	for _, number := range []int{id.Origin, id.SSRC, id.Port, id.Seq} {
		c.Text(fmt.Sprint(number))
	}
	for _, h := range id.Extra {
		c.Text(h.Value)
	}
	return c
}

// Find says what of it is in the data; nothing if there is no leak.
func (c *Canary) Find(data []byte) []string {
	var found []string
	forms := map[form][]byte{asText: lowered(data), asDigits: squeezed(data), asBytes: data}
	for _, s := range c.spellings {
		if bytes.Contains(forms[s.form], s.bytes) {
			found = append(found, fmt.Sprintf("%s as %s", s.of, s.how))
		}
	}
	return found
}

// Leaks searches everything that was sent from a host to another one.
func (c *Canary) Leaks(packets []Packet, from, to netip.Addr) []string {
	var leaks []string
	for _, p := range packets {
		if p.From.Addr() != from || p.To.Addr() != to {
			continue
		}
		for _, what := range c.Find(p.Data) {
			leaks = append(leaks, fmt.Sprintf("%s: %s", Parse(p.Data).Name(), what))
		}
	}
	return leaks
}

// lowered writes ASCII letters small, and leaves every other byte as it is.
func lowered(data []byte) []byte {
	lower := bytes.Clone(data)
	for i, b := range lower {
		if 'A' <= b && b <= 'Z' {
			lower[i] = b + 'a' - 'A'
		}
	}
	return lower
}

// squeezed takes away what people and programs put between digits.
func squeezed(data []byte) []byte {
	return []byte(strings.NewReplacer("%20", "", " ", "", "-", "", ".", "", "(", "", ")", "", "/", "").Replace(string(data)))
}
