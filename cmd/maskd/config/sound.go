package config

import (
	"errors"
	"fmt"
	"time"

	"github.com/goccy/go-yaml/ast"

	"maskd/media"
)

var (
	errSRTP    = errors.New("expected off, optional or required")
	errCodec   = errors.New("expected pcma, pcmu, g722, opus, g729, amr, amr-wb, l16, l16/16000, cn or telephone-event")
	errDSCP    = errors.New("expected a number from 0 to 63, such as 46")
	errSilence = errors.New("expected seconds from 5 to 3600")
	errRest    = errors.New("expected seconds from 1 to 3600")
	errSpin    = fmt.Errorf("expected microseconds from 0 to %d", media.MaxSpin.Microseconds())
)

const srtpOff SRTP = "off"

// usualCodecs are what every carrier speaks.
func usualCodecs() []Codec { return []Codec{"pcma", "pcmu", "telephone-event"} }

// SRTP is whether a trunk's sound is encrypted.
type SRTP string

// UnmarshalYAML reads the written form.
func (s *SRTP) UnmarshalYAML(node ast.Node) error { return word(node, s, media.ParseSRTP, errSRTP) }

// Codec is the name of a codec.
type Codec string

// UnmarshalYAML reads the written form.
func (c *Codec) UnmarshalYAML(node ast.Node) error { return word(node, c, media.ParseCodec, errCodec) }

// DSCP marks the packets of sound (RFC 2474).
type DSCP uint8

// UnmarshalYAML reads the written form.
func (d *DSCP) UnmarshalYAML(node ast.Node) error { return number(node, d, 0, 63, errDSCP) }

// Seconds is a time that a person would write in seconds.
type Seconds uint16

// UnmarshalYAML reads the written form.
func (s *Seconds) UnmarshalYAML(node ast.Node) error { return number(node, s, 5, 3600, errSilence) }

// Rest is how many seconds a port rests between two calls. One address has ports for 16,000
// calls; with half a minute of rest those are used up by 500 calls a second.
type Rest uint16

// UnmarshalYAML reads the written form.
func (r *Rest) UnmarshalYAML(node ast.Node) error { return number(node, r, 1, 3600, errRest) }

// Microseconds is a time that a person would write in microseconds.
type Microseconds uint16

// UnmarshalYAML reads the written form.
func (m *Microseconds) UnmarshalYAML(node ast.Node) error {
	return number(node, m, 0, Microseconds(media.MaxSpin/time.Microsecond), errSpin)
}

// Sound returns how the trunk's legs are negotiated.
func (t Trunk) Sound() (media.LegOptions, error) {
	options := media.LegOptions{NAT: t.NAT}
	var ok bool
	if options.SRTP, ok = media.ParseSRTP(string(t.SRTP)); !ok {
		return options, fmt.Errorf("trunk %q: srtp: %w", t.Name, errSRTP)
	}
	for _, name := range t.Codecs {
		codec, ok := media.ParseCodec(string(name))
		if !ok {
			return options, fmt.Errorf("trunk %q: codecs: %w", t.Name, errCodec)
		}
		options.Codecs = append(options.Codecs, codec)
	}
	return options, nil
}
