package edge

import (
	"strconv"
	"strings"

	"github.com/emiago/sipgo/sip"
)

// head is the headers that are in every message, in one piece.
type head struct {
	via      sip.ViaHeader
	from     sip.FromHeader
	to       sip.ToHeader
	contact  sip.ContactHeader
	cseq     sip.CSeqHeader
	callID   sip.CallIDHeader
	forwards sip.MaxForwardsHeader
	length   sip.ContentLengthHeader
	measured bool // length is set
	kind     sip.ContentTypeHeader

	viaParams  [3]sip.HeaderKV
	fromParams [1]sip.HeaderKV
	toParams   [1]sip.HeaderKV
}

// read reads a header. It returns nil for one that it has already, and one that
// is written in another way than usual; parsed is whether sipgo would parse a
// header of that name, and not just keep it.
func (h *head) read(name, value string) (header sip.Header, parsed bool) {
	switch {
	case len(name) == 1: // a compact form, or nothing
		return nil, true
	case sameName(name, "Via"):
		return h.readVia(value), true
	case sameName(name, "From"):
		return h.readFrom(value), true
	case sameName(name, "To"):
		return h.readTo(value), true
	case sameName(name, "Contact"):
		return h.readContact(value), true
	case sameName(name, "CSeq"):
		return h.readCSeq(value), true
	case sameName(name, "Call-ID"):
		return h.readCallID(value), true
	case sameName(name, "Max-Forwards"):
		return h.readForwards(value), true
	case sameName(name, "Content-Length"):
		return h.readLength(value), true
	case sameName(name, "Content-Type"):
		return h.readKind(value), true
	default:
		return nil, isAddressed(name)
	}
}

// isAddressed reports whether sipgo parses a header of that name for its address.
func isAddressed(name string) bool {
	return sameName(name, "Route") || sameName(name, "Record-Route") ||
		sameName(name, "Refer-To") || sameName(name, "Referred-By")
}

func (h *head) readVia(value string) sip.Header {
	rest, ok := strings.CutPrefix(value, version+"/")
	transport, rest, spaced := strings.Cut(rest, " ")
	sentBy, params := rest, ""
	if i := strings.IndexByte(rest, ';'); i >= 0 {
		sentBy, params = rest[:i], rest[i:]
	}
	if !ok || !spaced || h.via.Host != "" || !isMethod(transport) || strings.ContainsAny(sentBy, " \t,[") {
		return nil
	}
	via := sip.ViaHeader{ProtocolName: "SIP", ProtocolVersion: "2.0", Transport: transport, Params: h.viaParams[:0]}
	host, port, has := strings.Cut(sentBy, ":")
	if via.Host = host; has {
		n, err := strconv.ParseUint(port, 10, 16)
		if err != nil {
			return nil
		}
		via.Port = int(n)
	}
	if host == "" || !readParams(params, &via.Params) {
		return nil
	}
	h.via = via
	return &h.via
}

func (h *head) readFrom(value string) sip.Header {
	if h.from.Address.Scheme != "" {
		return nil
	}
	rest, ok := readAddress(value, &h.from.DisplayName, &h.from.Address)
	h.from.Params = h.fromParams[:0]
	if !ok || !readParams(rest, &h.from.Params) {
		h.from = sip.FromHeader{}
		return nil
	}
	return &h.from
}

func (h *head) readTo(value string) sip.Header {
	if h.to.Address.Scheme != "" {
		return nil
	}
	rest, ok := readAddress(value, &h.to.DisplayName, &h.to.Address)
	h.to.Params = h.toParams[:0]
	if !ok || !readParams(rest, &h.to.Params) {
		h.to = sip.ToHeader{}
		return nil
	}
	return &h.to
}

// readContact reads a Contact without parameters, which are of registrations.
func (h *head) readContact(value string) sip.Header {
	if h.contact.Address.Scheme != "" || strings.IndexByte(value, ',') >= 0 {
		return nil
	}
	if rest, ok := readAddress(value, &h.contact.DisplayName, &h.contact.Address); !ok || rest != "" {
		h.contact = sip.ContactHeader{}
		return nil
	}
	return &h.contact
}

func (h *head) readCSeq(value string) sip.Header {
	number, method, _ := strings.Cut(value, " ")
	n, err := strconv.ParseUint(number, 10, 31)
	if err != nil || h.cseq.MethodName != "" || !isMethod(method) {
		return nil
	}
	h.cseq = sip.CSeqHeader{SeqNo: uint32(n), MethodName: sip.RequestMethod(method)}
	return &h.cseq
}

func (h *head) readCallID(value string) sip.Header {
	if h.callID != "" || value == "" {
		return nil
	}
	h.callID = sip.CallIDHeader(value)
	return &h.callID
}

func (h *head) readForwards(value string) sip.Header {
	n, err := strconv.ParseUint(value, 10, 32)
	if err != nil || n == 0 || h.forwards != 0 {
		return nil
	}
	h.forwards = sip.MaxForwardsHeader(n)
	return &h.forwards
}

func (h *head) readLength(value string) sip.Header {
	n, err := strconv.ParseUint(value, 10, 32)
	if err != nil || h.measured {
		return nil
	}
	h.length, h.measured = sip.ContentLengthHeader(n), true
	return &h.length
}

func (h *head) readKind(value string) sip.Header {
	if h.kind != "" || value == "" {
		return nil
	}
	h.kind = sip.ContentTypeHeader(value)
	return &h.kind
}
