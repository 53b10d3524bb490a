package edge

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"strings"

	"github.com/emiago/sipgo/sip"
)

// The types of bodies.
const (
	typeSDP       = "application/sdp"
	typeMixed     = "multipart/mixed"
	acceptedTypes = typeSDP + ", " + typeMixed
)

// maxParts bounds the parts of a body that are looked at. Carriers send two:
// SDP, and the ISUP message that it was made from (RFC 3204).
const maxParts = 16

// errMultipart: a body in several parts can't be taken apart. It does not say
// why, since the reason would quote the body.
var errMultipart = errors.New("multipart body can't be read")

// carrying is a message that may have a body.
type carrying interface {
	Body() []byte
	ContentType() *sip.ContentTypeHeader
	Headers() []sip.Header
}

// sessionOf returns the session description in a message: nil if there is
// none. A body that we must understand and don't is a verdict (RFC 3261 section
// 8.2.3); what else is in a body with several parts is dropped unread.
func sessionOf(msg carrying) ([]byte, verdict) {
	if len(msg.Body()) == 0 {
		return nil, verdict{}
	}
	kind := ""
	if msg.ContentType() != nil {
		kind = msg.ContentType().Value()
	}
	return part{
		kind:        kind,
		encoding:    headerValue(msg, "Content-Encoding"),
		disposition: headerValue(msg, "Content-Disposition"),
		body:        msg.Body(),
	}.session()
}

// sdpOf returns the session description in a message that is not screened: what
// is not understood is none.
func sdpOf(msg carrying) []byte {
	sdp, _ := sessionOf(msg)
	return sdp
}

// part is a body or a part of one, with what its headers say of it.
type part struct {
	kind        string // Content-Type
	encoding    string // Content-Encoding
	disposition string // Content-Disposition
	body        []byte
}

// session returns the session description in the part.
func (p part) session() ([]byte, verdict) {
	switch {
	case p.described():
		return p.body, verdict{}
	case p.encoded():
		return nil, p.unless(verdict{status: 415, name: "Accept-Encoding", value: "identity"})
	case p.isMultipart():
		return p.inside()
	default:
		return nil, p.unless(verdict{status: 415, name: "Accept", value: acceptedTypes})
	}
}

// described reports whether the part is a session description as it is, meant
// as one (RFC 3261 section 20.11: SDP without a disposition is).
func (p part) described() bool {
	disposition := typeOf(p.disposition)
	return !p.encoded() && strings.EqualFold(typeOf(p.kind), typeSDP) &&
		(disposition == "" || strings.EqualFold(disposition, "session"))
}

func (p part) encoded() bool { return p.encoding != "" && !strings.EqualFold(p.encoding, "identity") }

func (p part) isMultipart() bool {
	const prefix = "multipart/"
	return len(p.kind) > len(prefix) && strings.EqualFold(p.kind[:len(prefix)], prefix)
}

// unless returns the verdict, or none if the part may be ignored.
func (p part) unless(v verdict) verdict {
	if p.handling() == "optional" {
		return verdict{}
	}
	return v
}

// handling returns what must be done with a part that is not understood.
func (p part) handling() string {
	_, params, err := mime.ParseMediaType(p.disposition)
	if err != nil {
		return ""
	}
	return strings.ToLower(params["handling"])
}

// inside returns the first session description among the parts (RFC 5621
// section 3.1). RFC 3261 section 20.11 would have a part that does not say how
// it is to be handled be required; carriers add ISUP without a word, and mean
// nothing by it, so here only a part that says so is.
func (p part) inside() (sdp []byte, v verdict) {
	parts, err := p.parts()
	if err != nil {
		return nil, verdict{status: 400}
	}
	for _, inner := range parts {
		switch {
		case inner.described() && sdp == nil:
			sdp = inner.body
		case !inner.described() && inner.handling() == "required":
			return nil, verdict{status: 415, name: "Accept", value: acceptedTypes}
		}
	}
	return sdp, verdict{}
}

// parts takes a multipart body apart.
func (p part) parts() ([]part, error) {
	_, params, err := mime.ParseMediaType(p.kind)
	if err != nil {
		return nil, errMultipart
	}
	reader := multipart.NewReader(bytes.NewReader(p.body), params["boundary"])
	var parts []part
	for len(parts) <= maxParts {
		next, err := reader.NextRawPart()
		if errors.Is(err, io.EOF) && len(parts) > 0 {
			return parts, nil
		}
		if err != nil {
			return nil, errMultipart
		}
		body, err := io.ReadAll(next)
		if err != nil {
			return nil, errMultipart
		}
		parts = append(parts, part{kind: next.Header.Get("Content-Type"), encoding: next.Header.Get("Content-Encoding"),
			disposition: next.Header.Get("Content-Disposition"), body: body})
	}
	return nil, errMultipart
}

// typeOf returns a media type or a disposition without its parameters.
func typeOf(value string) string {
	kind, _, _ := strings.Cut(value, ";")
	return strings.TrimSpace(kind)
}
