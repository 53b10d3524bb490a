package media

import (
	"crypto/hkdf"
	"crypto/sha256"
	"fmt"

	"maskd/media/relay"
)

// secret is what our keys on one leg come from: 256 random bits. It has no use but this one, and
// it shows in no printing.
type secret [32]byte

// Format hides the secret, whatever the verb.
func (secret) Format(s fmt.State, _ rune) { _, _ = s.Write([]byte("secret")) }

// keyring is our keys on one leg. That of a suite stays the same for as long as the suite is in
// use, so that a new offer does not break what is being said.
type keyring struct {
	secret secret
	left   [strongest + 1]uint8 // how often each suite went out of use
}

// leave puts a suite out of use. Should it be taken up again, it has a new key: packets would be
// counted from the beginning, and no key may encrypt two of the same index (RFC 3711 section 9.1).
func (k *keyring) leave(suite relay.Suite) { k.left[suite]++ }

func (k *keyring) key(suite relay.Suite) (relay.Key, error) {
	purpose := fmt.Sprintf("maskd sdes %s %d", suite, k.left[suite])
	material, err := hkdf.Key(sha256.New, k.secret[:], nil, purpose, suite.Size())
	if err != nil {
		return relay.Key{}, fmt.Errorf("derive key: %w", err)
	}
	key, err := relay.NewKey(suite, material)
	if err != nil {
		return relay.Key{}, fmt.Errorf("derive key: %w", err)
	}
	return key, nil
}

// current tells whether a key that was offered is still the one of its suite. If not, the suite
// went out of use since, and to encrypt with the key again would count its packets anew.
func (k *keyring) current(offered relay.Key) bool {
	key, err := k.key(offered.Suite())
	return err == nil && key == offered
}

// offered is a line for each suite, with a key of its own.
func (k *keyring) offered() (lines []crypto, err error) {
	for suite := strongest; suite >= weakest; suite-- {
		key, err := k.key(suite)
		if err != nil {
			return nil, err
		}
		lines = append(lines, crypto{tag: uint32(len(lines) + 1), key: key})
	}
	return lines, nil
}
