package media

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"

	"maskd/media/relay"
)

// identity is all that is random about one leg. It is drawn in one piece when a session opens
// and is a function of nothing else, least of all of the other leg.
type identity struct {
	session uint64 // sess-id of the SDP origin (RFC 8866 section 5.2)
	source  relay.Source
	secret  secret // of SRTP, on a leg that may have it
}

const (
	identitySize = 8 + 4 + 2 + 4 + cnameSize // bytes
	cnameSize    = 12                        // 96 bits, RFC 7022 section 4.2
)

// lots is what identities are drawn into, one at a time: nothing of one is left there.
type lots struct {
	identity [identitySize]byte
	secret   secret
}

func (b *lots) draw(random io.Reader, policy SRTP) (identity, error) {
	defer clear(b.secret[:])
	if _, err := io.ReadFull(random, b.identity[:]); err != nil {
		return identity{}, fmt.Errorf("draw identity: %w", err)
	}
	if policy.allows(true) {
		if _, err := io.ReadFull(random, b.secret[:]); err != nil {
			return identity{}, fmt.Errorf("draw identity: %w", err)
		}
	}
	return b.read(), nil
}

func (b *lots) read() identity {
	drawn := &b.identity
	return identity{
		secret: b.secret,
		// 63 bits, since there are peers that read a signed number.
		session: binary.BigEndian.Uint64(drawn[:8]) >> 1,
		source: relay.Source{
			SSRC:      binary.BigEndian.Uint32(drawn[8:12]),
			Sequence:  firstSequence(binary.BigEndian.Uint16(drawn[12:14])),
			Timestamp: binary.BigEndian.Uint32(drawn[14:18]),
			CNAME:     base64.RawStdEncoding.EncodeToString(drawn[18:]),
		},
	}
}

// firstSequence makes a drawn number one that a stream may begin with. A peer of SRTP that misses the
// first packets takes the first that it hears for one before any wrap, so it must be below 2^15 (RFC
// 4568 section 6.4); and one late from before our first must not be below 0, in any stream.
func firstSequence(drawn uint16) uint16 {
	const first, last = 256, 1<<15 - 1
	return first + drawn%(last-first+1)
}

// local is what our descriptions say on a leg of that reach.
func (i identity) local(at reach, port uint16) local {
	return local{session: i.session, addr: at[0].advertise, port: port}
}
