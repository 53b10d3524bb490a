package edge

import (
	"net/netip"

	"github.com/emiago/sipgo/sip"
)

// Every message that maskd sends is made in this file, from nothing but a
// dialog of the leg that it goes out on, that leg's own SDP, and constants.
// The headers that appear here are the allow-list; there is no other way out.

// maxForwards is constant, so that it does not tell how far A's INVITE has
// come. Loops are broken by refusing our own DIDs as parties.
const maxForwards = 70

// compose makes a request within a dialog, or the one that creates it.
func (l *listener) compose(method sip.RequestMethod, d *dialog, branch string) *sip.Request {
	req := sip.NewRequest(method, *d.target.Clone())
	req.AppendHeader(l.via(branch))
	for _, route := range d.routes {
		req.AppendHeader(&sip.RouteHeader{Address: *route.Clone()})
	}
	forwards := sip.MaxForwardsHeader(maxForwards)
	req.AppendHeader(&forwards)
	req.AppendHeader(&sip.FromHeader{Address: *d.local.uri.Clone(), Params: tagged(d.local.tag)})
	req.AppendHeader(&sip.ToHeader{Address: *d.remote.uri.Clone(), Params: tagged(d.remote.tag)})
	callID := sip.CallIDHeader(d.callID)
	req.AppendHeader(&callID)
	req.AppendHeader(&sip.CSeqHeader{SeqNo: d.cseq, MethodName: method})
	l.address(req, d.hop(l.edge.own))
	return req
}

// composeBare makes a request without a body: ACK, BYE.
func (l *listener) composeBare(method sip.RequestMethod, d *dialog, branch string) *sip.Request {
	req := l.compose(method, d, branch)
	req.SetBody(nil)
	return req
}

// composeInvite makes the INVITE that creates a dialog (RFC 3261 section
// 13.2.1). From is a DID, To is the real number; both are in the dialog.
func (l *listener) composeInvite(d *dialog, branch string, offer []byte) *sip.Request {
	req := l.compose(sip.INVITE, d, branch)
	req.AppendHeader(&sip.ContactHeader{Address: *d.contact.Clone()})
	req.AppendHeader(sip.NewHeader("Allow", allowed))
	setSDP(req, offer)
	return req
}

// composeCancel makes the CANCEL for an INVITE of ours: same Request-URI, same
// branch, same number, one Via (section 9.1).
func (l *listener) composeCancel(d *dialog, invite *sip.Request, branch string) *sip.Request {
	unanswered := *d
	unanswered.target = invite.Recipient
	unanswered.remote.tag, unanswered.routes = "", nil
	return l.composeBare(sip.CANCEL, &unanswered, branch)
}

// composeResponse makes a response to a request of the same leg. What sipgo
// copies into it (Via, From, To, Call-ID, CSeq, Record-Route, Timestamp) is
// the asker's own.
func composeResponse(req *sip.Request, status int) *sip.Response {
	res := sip.NewResponseFromRequest(req, status, phrases[status], nil)
	res.SipVersion = "SIP/2.0" // not what the request said
	return res
}

// composeOK makes the 2xx that answers an INVITE.
func composeOK(req *sip.Request, contact sip.Uri, answer []byte) *sip.Response {
	res := composeResponse(req, 200)
	res.AppendHeader(&sip.ContactHeader{Address: *contact.Clone()})
	res.AppendHeader(sip.NewHeader("Allow", allowed))
	setSDP(res, answer)
	return res
}

// composeEarly makes a provisional response that creates an early dialog. It
// has no body: what B's network plays before the answer may be a voice that
// speaks B's number.
func composeEarly(req *sip.Request, status int, contact sip.Uri) *sip.Response {
	res := composeResponse(req, status)
	res.AppendHeader(&sip.ContactHeader{Address: *contact.Clone()})
	return res
}

// composeOptions answers an OPTIONS (section 11.2).
func composeOptions(req *sip.Request) *sip.Response {
	res := composeResponse(req, 200)
	res.AppendHeader(sip.NewHeader("Allow", allowed))
	res.AppendHeader(sip.NewHeader("Accept", "application/sdp"))
	return res
}

// bodied is a message that a body can be put into.
type bodied interface {
	AppendHeader(sip.Header)
	SetBody([]byte)
}

func setSDP(msg bodied, sdp []byte) {
	kind := sip.ContentTypeHeader("application/sdp")
	msg.AppendHeader(&kind)
	msg.SetBody(sdp)
}

func tagged(tag string) sip.HeaderParams {
	params := sip.NewParams()
	if tag != "" {
		params.Add("tag", tag)
	}
	return params
}

// via returns our one Via. rport asks the peer to answer to where we send from
// (RFC 3581).
func (l *listener) via(branch string) *sip.ViaHeader {
	params := sip.NewParams()
	params.Add("branch", branch)
	if l.network == UDP {
		params.Add("rport", "")
	}
	return &sip.ViaHeader{
		ProtocolName: "SIP", ProtocolVersion: "2.0", Transport: string(l.network),
		Host: l.host, Port: int(l.addr.Port()), Params: params,
	}
}

// address says where the request goes, and from where. On UDP it leaves from
// the listener's socket. On a stream the local port must stay open: sipgo
// would take a given one for the name of a connection, and send the request
// to whoever connected last.
func (l *listener) address(req *sip.Request, to netip.AddrPort) {
	req.SetTransport(string(l.network))
	req.SetDestination(to.String())
	req.Laddr = sip.Addr{IP: l.addr.Addr().AsSlice(), Hostname: l.addr.Addr().String()}
	if l.network == UDP {
		req.Laddr.Port = int(l.addr.Port())
	}
}

// contact returns our Contact for a dialog that shows the DID.
func (l *listener) contact(did string) sip.Uri {
	uri := sip.Uri{Scheme: "sip", User: did, Host: l.host, Port: int(l.addr.Port())}
	if l.network != UDP {
		uri.UriParams = sip.HeaderParams{{K: "transport", V: "tcp"}}
	}
	return uri
}
