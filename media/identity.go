package media

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"net/netip"

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

func drawIdentity(random io.Reader, policy SRTP) (id identity, err error) {
	var b [identitySize]byte
	if _, err := io.ReadFull(random, b[:]); err != nil {
		return identity{}, fmt.Errorf("draw identity: %w", err)
	}
	if policy.allows(true) {
		if _, err := io.ReadFull(random, id.secret[:]); err != nil {
			return identity{}, fmt.Errorf("draw identity: %w", err)
		}
	}
	return identity{
		secret: id.secret,
		// 63 bits, since there are peers that read a signed number.
		session: binary.BigEndian.Uint64(b[:8]) >> 1,
		source: relay.Source{
			SSRC:      binary.BigEndian.Uint32(b[8:12]),
			Sequence:  binary.BigEndian.Uint16(b[12:14]),
			Timestamp: binary.BigEndian.Uint32(b[14:18]),
			CNAME:     base64.RawStdEncoding.EncodeToString(b[18:]),
		},
	}, nil
}

func (i identity) local(addr netip.Addr, port uint16) local {
	return local{session: i.session, addr: addr, port: port}
}
