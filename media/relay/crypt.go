package relay

import (
	"encoding/binary"
	"fmt"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/srtp/v3"
)

const (
	// cryptOverhead is the most that encryption adds to a packet: the tag of GCM and the index of
	// SRTCP (RFC 7714 section 9.2), in bytes. Buffers for out have room for it.
	cryptOverhead = 16 + 4
	// replayWindow is how many packets back a copy is still known (RFC 3711 section 3.3.2).
	replayWindow = memory
	// maxSources is how many synchronization sources one key may come from: more than a peer has
	// in a call that is put on hold again and again. Each takes memory for as long as the key lasts.
	maxSources = 64
)

// crypt is the SRTP of one leg; nil where there never was any. It is not safe for concurrent use.
type crypt struct {
	in, out cipher

	// For the library, which would make new ones for each packet.
	header       rtp.Header
	reportHeader rtcp.Header
}

// cipher is one direction, under one key.
type cipher struct {
	on      bool
	key     Key           // the last one there was
	context *srtp.Context // of the key; nil where it can't be used

	// How many sources the context has learned, of its packets and of its reports.
	sources, reporters int
}

// install takes the keys of a flow. A key that stays or comes back goes on counting where it was:
// to count anew under it would encrypt two packets alike. It gives what is to be used from now on.
func (c *crypt) install(keys Crypt) *crypt {
	if c == nil {
		if keys == (Crypt{}) {
			return nil
		}
		c = new(crypt)
	}
	c.in.install(keys.In)
	c.out.install(keys.Out)
	return c
}

func (c *cipher) install(key Key) {
	c.on = key.suite != 0
	if !c.on || key == c.key {
		return
	}
	size, _ := key.suite.sizes()
	material := key.Material()
	// NewKey has seen to the lengths, so there is no error; if there were, nothing would pass.
	*c = cipher{on: true, key: key}
	c.context, _ = srtp.CreateContext(material[:size], material[size:], key.suite.profile(),
		srtp.SRTPReplayProtection(replayWindow), srtp.SRTCPReplayProtection(replayWindow))
}

func (s Suite) profile() srtp.ProtectionProfile {
	switch s {
	case AESCM128SHA1x32:
		return srtp.ProtectionProfileAes128CmHmacSha1_32
	case AESCM128SHA1x80:
		return srtp.ProtectionProfileAes128CmHmacSha1_80
	case AESCM256SHA1x80:
		return srtp.ProtectionProfileAes256CmHmacSha1_80
	case AESGCM128:
		return srtp.ProtectionProfileAeadAes128Gcm
	case AESGCM256:
		return srtp.ProtectionProfileAeadAes256Gcm
	default:
		return 0 // none there is
	}
}

// open gives an RTP packet as it was before the peer encrypted it, in place; not ok where it is
// not the peer's, a copy, or of one source too many. The datagram is no shorter than a header.
func (c *crypt) open(in []byte) (plain []byte, ok bool) {
	if c == nil || !c.in.on {
		return in, true
	}
	if c.in.context == nil {
		return nil, false
	}
	_, known := c.in.context.ROC(binary.BigEndian.Uint32(in[8:]))
	if !known && c.in.sources == maxSources {
		return nil, false
	}
	plain, err := c.in.context.DecryptRTP(in, in, &c.header)
	if err == nil && !known {
		c.in.sources++
	}
	return plain, err == nil
}

// seal encrypts an RTP packet in place; the buffer has room for cryptOverhead.
func (c *crypt) seal(packet []byte) (sealed []byte, ok bool) {
	if c == nil || !c.out.on {
		return packet, true
	}
	if c.out.context == nil {
		return nil, false
	}
	sealed, err := c.out.context.EncryptRTP(packet, packet, &c.header)
	return sealed, err == nil
}

// openReport is open for RTCP, in place too.
func (c *crypt) openReport(in []byte) (plain []byte, ok bool) {
	if c == nil || !c.in.on {
		return in, true
	}
	if c.in.context == nil || len(in) < reportHeader {
		return nil, false
	}
	_, known := c.in.context.Index(binary.BigEndian.Uint32(in[4:]))
	if !known && c.in.reporters == maxSources {
		return nil, false
	}
	plain, err := c.in.context.DecryptRTCP(in, in, &c.reportHeader)
	if err == nil && !known {
		c.in.reporters++
	}
	return plain, err == nil
}

// sealReport is seal for RTCP, in place too.
func (c *crypt) sealReport(packet []byte) ([]byte, error) {
	if c == nil || !c.out.on {
		return packet, nil
	}
	if c.out.context == nil {
		return nil, fmt.Errorf("encrypt report: %w", ErrKey)
	}
	sealed, err := c.out.context.EncryptRTCP(packet, packet, &c.reportHeader)
	if err != nil {
		return nil, fmt.Errorf("encrypt report: %w", err)
	}
	return sealed, nil
}
