package config

import (
	"cmp"
	"errors"
	"strings"

	"filippo.io/age"
	"github.com/goccy/go-yaml/ast"

	"maskd/mapping"
)

var (
	errKey    = errors.New("expected a key of a telephone: 0 to 9, # or A to D")
	errRecord = errors.New("expected off, agreed, announce, opt_in or opt_out")
)

const recordOff Record = "off"

// Recording is how calls are recorded, and by which keys the parties say whether
// they may be.
type Recording struct {
	Directory string   `yaml:"directory"` // where recordings are kept; empty: nothing is recorded
	Auditors  []string `yaml:"auditors"`  // public keys of age of those who can hear them

	Accept   Key `yaml:"accept"`   // says yes to opt_in
	Decline  Key `yaml:"decline"`  // says no to either question
	Withdraw Key `yaml:"withdraw"` // behind a star, at any time: it is over with recording
	Pause    Key `yaml:"pause"`    // behind a star: pauses, and goes on
}

func usualRecording() Recording {
	return Recording{Auditors: []string{}, Accept: '1', Decline: '2', Withdraw: '2', Pause: '3'}
}

// RecordingPrompts are WAV files that both parties hear when they are connected.
type RecordingPrompts struct {
	Announce string `yaml:"announce"` // that the call is recorded; a beep if empty
	OptIn    string `yaml:"opt_in"`   // asks for a yes; a beep if empty
	OptOut   string `yaml:"opt_out"`  // how to say no; a beep if empty
}

// Key is a key of a telephone. The star is none of them: it begins what is keyed in
// the middle of a call.
type Key byte

const keys = "0123456789*#ABCD"

func parseKey(s string) (Key, error) {
	if len(s) != 1 || s == "*" || !strings.Contains(keys, s) {
		return 0, errKey
	}
	return Key(s[0]), nil
}

// UnmarshalYAML reads the written form.
func (k *Key) UnmarshalYAML(node ast.Node) error { return scalar(node, k, parseKey) }

// MarshalText returns the written form.
func (k Key) MarshalText() ([]byte, error) { return []byte{byte(k)}, nil }

// Event is the number of the key (RFC 4733 section 3.2).
func (k Key) Event() uint8 { return uint8(strings.IndexByte(keys, byte(k))) }

// Record is whether the calls of an interaction are recorded that does not say.
type Record string

// UnmarshalYAML reads the written form.
func (r *Record) UnmarshalYAML(node ast.Node) error {
	return word(node, r, mapping.ParseRecording, errRecord)
}

func (r Record) way() mapping.Recording {
	way, _ := mapping.ParseRecording(string(cmp.Or(r, recordOff)))
	return way
}

// validateRecording holds that what is to be recorded is recorded for somebody.
func (c Config) validateRecording() error {
	r := c.Recording
	switch {
	case r.Directory != "" && len(r.Auditors) == 0:
		return found("expected the public key of an auditor, age1...: without one nobody could hear what is recorded", "$.recording.auditors")
	case r.Accept == r.Decline:
		return found("expected another key than accept", "$.recording.decline")
	case r.Withdraw == r.Pause:
		return found("expected another key than withdraw", "$.recording.pause")
	}
	for i, key := range r.Auditors {
		if _, err := age.ParseX25519Recipient(key); err != nil { // which may quote a secret key
			return found("expected a public key of age, age1...", "$.recording.auditors[%d]", i)
		}
	}
	for i, p := range c.Pools {
		if p.Record.way() > mapping.RecordingOff && r.Directory == "" {
			return found("expected off: recording.directory is empty", "$.pools[%d].record", i)
		}
	}
	return nil
}
