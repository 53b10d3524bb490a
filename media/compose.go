package media

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"github.com/pion/sdp/v3"
)

// local is what our descriptions on one leg say of us.
type local struct {
	session uint64 // sess-id
	addr    netip.Addr
	port    uint16 // of RTP; RTCP is on the next, as RFC 3550 section 11 has it, or on the same
}

// compose writes a description of ours. The streams are the slots of the leg (RFC 3264 section
// 6): ours is at index audio, the others are refused with port 0.
func (l local) compose(version uint64, streams []stream, audio int, c content) ([]byte, error) {
	family := "IP6"
	if l.addr.Is4() {
		family = "IP4"
	}
	description := sdp.SessionDescription{
		Origin: sdp.Origin{
			Username: "-", SessionID: l.session, SessionVersion: version,
			NetworkType: "IN", AddressType: family, UnicastAddress: l.addr.String(),
		},
		SessionName: "-",
		ConnectionInformation: &sdp.ConnectionInformation{
			NetworkType: "IN", AddressType: family, Address: &sdp.Address{Address: l.addr.String()},
		},
		TimeDescriptions: []sdp.TimeDescription{{}},
	}
	for i, s := range streams {
		if i == audio {
			description.MediaDescriptions = append(description.MediaDescriptions, l.audio(c))
			continue
		}
		description.MediaDescriptions = append(description.MediaDescriptions, s.refused())
	}
	body, err := description.Marshal()
	if err != nil {
		return nil, fmt.Errorf("write description: %w", err)
	}
	return body, nil
}

func (l local) audio(c content) *sdp.MediaDescription {
	m := &sdp.MediaDescription{MediaName: sdp.MediaName{
		Media: "audio", Port: sdp.RangedPort{Value: int(l.port)}, Protos: c.transport.words(),
	}}
	for _, p := range c.payloads {
		number := strconv.Itoa(int(p.number))
		m.MediaName.Formats = append(m.MediaName.Formats, number)
		m.WithValueAttribute("rtpmap", number+" "+encoding(p.format))
		if parameters := p.variant.parameters(p.format); parameters != "" {
			m.WithValueAttribute("fmtp", number+" "+parameters)
		}
	}
	m.WithValueAttribute("ptime", strconv.FormatInt(c.ptime.Milliseconds(), 10))
	if c.mux {
		m.WithPropertyAttribute("rtcp-mux")
	}
	for _, line := range c.crypto {
		m.WithValueAttribute("crypto", line.value())
	}
	return m.WithPropertyAttribute(c.direction.String())
}

// refused is the stream with port 0 and otherwise the peer's own words, to the same peer.
func (s stream) refused() *sdp.MediaDescription {
	return &sdp.MediaDescription{MediaName: sdp.MediaName{
		Media: s.media, Protos: strings.Split(s.proto, "/"), Formats: []string{s.format},
	}}
}
