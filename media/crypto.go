package media

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"

	"maskd/media/relay"
)

// crypto is an a=crypto line (RFC 4568 section 4) in so far as we can use it: one master key, no
// key identifier and no session parameter that would take protection away.
type crypto struct {
	tag uint32
	key relay.Key
}

// Format hides the key, whatever the verb: within a struct the key's own Format is not asked.
func (c crypto) Format(s fmt.State, _ rune) { fmt.Fprintf(s, "%d %s", c.tag, c.key.Suite()) }

// The suites that we offer and answer with, all between these, the strongest first.
const (
	strongest = relay.AESGCM256
	weakest   = relay.AESCM128SHA1x32
)

// readCrypto reads the attribute's value; one that we can't use is as good as none.
func readCrypto(value string) (c crypto, ok bool) {
	fields := strings.Fields(value)
	if len(fields) < 3 {
		return crypto{}, false
	}
	tag, err := strconv.ParseUint(fields[0], 10, 32)
	if err != nil || len(fields[0]) > 9 {
		return crypto{}, false
	}
	key, ok := readKey(fields[1], fields[2])
	if !ok || !harmless(fields[3:]) {
		return crypto{}, false
	}
	return crypto{tag: uint32(tag), key: key}, true
}

// readKey reads "inline:" key||salt ["|" lifetime] (RFC 4568 section 6.1).
func readKey(suite, parameters string) (relay.Key, bool) {
	text, inline := strings.CutPrefix(parameters, "inline:")
	text, lifetime, limited := strings.Cut(text, "|")
	if !inline || limited && !lasting(lifetime) {
		return relay.Key{}, false
	}
	material, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(text, "="))
	if err != nil {
		return relay.Key{}, false
	}
	for s := strongest; s >= weakest; s-- {
		if s.String() == suite {
			key, err := relay.NewKey(s, material)
			return key, err == nil
		}
	}
	return relay.Key{}, false
}

// lasting tells whether a key may be used for as many packets as a call has: from 2^20, which many
// peers say and is almost six hours of sound, to 2^48, all that SRTP can count (RFC 3711 section 9.2).
// What comes after another bar would be a key identifier, which we don't write into packets.
func lasting(lifetime string) bool {
	const least, most = 20, 48
	if power, ok := strings.CutPrefix(lifetime, "2^"); ok {
		n, err := strconv.ParseUint(power, 10, 8)
		return err == nil && n >= least && n <= most
	}
	n, err := strconv.ParseUint(lifetime, 10, 64)
	return err == nil && n >= 1<<least && n <= 1<<most
}

// harmless tells whether session parameters leave the packets as RFC 3711 has them by default.
func harmless(parameters []string) bool {
	for _, p := range parameters {
		if !strings.HasPrefix(p, "WSH=") && !strings.HasPrefix(p, "-") && p != "KDR=0" {
			return false
		}
	}
	return true
}

// best is the strongest of the lines that a peer offers.
func best(lines []crypto) (c crypto, ok bool) {
	for suite := strongest; suite >= weakest; suite-- {
		for _, line := range lines {
			if line.key.Suite() == suite {
				return line, true
			}
		}
	}
	return crypto{}, false
}

// value is the attribute's value as we write it.
func (c crypto) value() string {
	return fmt.Sprintf("%d %s inline:%s", c.tag, c.key.Suite(), base64.StdEncoding.EncodeToString(c.key.Material()))
}
