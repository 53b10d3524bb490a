package edge

import (
	"net/netip"
	"strconv"
	"time"

	"github.com/emiago/sipgo/sip"

	"maskd/sip/leg"
)

// Every message that maskd sends is made in this file, from nothing but a
// dialog of the leg that it goes out on, that leg's own SDP, and constants.
// The headers that appear here are the allow-list, with those that each has, which
// asking and response write; there is no other way out.

// maxForwards is constant, so that it does not tell how far A's INVITE has
// come. Loops are broken by refusing our own DIDs as parties.
const maxForwards = 70

// compose makes a request within a dialog, or the one that creates it; as yet
// without a body.
func (l *listener) compose(method sip.RequestMethod, d *dialog, branch string) asking {
	return asking{dialog: *d, method: method, branch: branch, from: l, to: l.next(d)}
}

// composeInvite makes the INVITE that creates a dialog (RFC 3261 section
// 13.2.1). From is a DID, To is the real number; both are in the dialog.
// least is the shortest session interval that the peer allows; 0 for any.
func (l *listener) composeInvite(d *dialog, branch string, least time.Duration, offer []byte) asking {
	req := l.compose(sip.INVITE, d, branch)
	introduce(&req)
	req.say("Session-Expires", seconds(max(sessionInterval, least)))
	req.say("Min-SE", seconds(max(minSessionInterval, least)))
	req.carry(typeSDP, offer)
	return req
}

// composeChange makes a re-INVITE or UPDATE (section 14.1, RFC 3311); offer is
// empty for an UPDATE that only refreshes.
func (l *listener) composeChange(method sip.RequestMethod, d *dialog, branch string, timer leg.SessionTimer, offer []byte) asking {
	req := l.compose(method, d, branch)
	introduce(&req)
	if timer.Every > 0 {
		req.say("Session-Expires", expiresAsked(timer))
		req.say("Min-SE", seconds(minSessionInterval))
	}
	req.carry(typeSDP, offer)
	return req
}

// introduce says where we are to be reached, and what we understand.
func introduce(req *asking) {
	req.addressable = true
	req.say("Allow", allowed)
	req.say("Supported", supported)
}

// composeAck makes the ACK to a 2xx: it has the number of the INVITE, whatever
// was sent since (section 13.2.2.4).
func (l *listener) composeAck(d *dialog, invite uint32, branch string) asking {
	ack := l.compose(sip.ACK, d, branch)
	ack.cseq = invite
	return ack
}

// composeRefusalAck makes the ACK to a refusal of our INVITE, which belongs to
// the same transaction: same Request-URI, same Via, same number, same Routes, and
// the tag of whoever refuses (section 17.1.1.3).
func composeRefusalAck(invite *asking, tag string) asking {
	ack := twin(sip.ACK, invite)
	ack.remote.tag = tag
	return ack
}

// twin makes the request that goes the way of our INVITE, has its number and
// belongs to its transaction.
func twin(method sip.RequestMethod, invite *asking) asking {
	return asking{dialog: invite.dialog, method: method, branch: invite.branch, from: invite.from, to: invite.to}
}

// composePrack makes the PRACK to a reliable provisional response (RFC 3262
// section 7.2).
func (l *listener) composePrack(d *dialog, r rack, branch string) asking {
	req := l.compose(sip.PRACK, d, branch)
	req.say("RAck", r.String())
	return req
}

// composePracked makes the 2xx to a PRACK. sdp is the answer to its offer, if it
// has one.
func composePracked(req *sip.Request, sdp []byte) response {
	res := composeResponse(req, 200)
	res.sdp = sdp
	return res
}

// composeBye makes a BYE that says why in a number (RFC 3326).
func (l *listener) composeBye(d *dialog, branch string, why leg.Cause) asking {
	req := l.compose(sip.BYE, d, branch)
	req.say("Reason", reason(why))
	return req
}

// composeCancel makes the CANCEL for an INVITE of ours that has no answer: same
// Request-URI, same branch, same number, one Via, same Routes (section 9.1).
func composeCancel(invite *asking, why leg.Cause) asking {
	req := twin(sip.CANCEL, invite)
	req.say("Reason", reason(why))
	return req
}

// setIdentity adds our signature of the DID and the number (RFC 8224 section 4).
// It is made of the dialog's own two ends; a caller's Identity never passes.
func setIdentity(invite *asking, identity string) { invite.say("Identity", identity) }

// reason is a cause as Q.850 counts them, and nothing else: no text of anybody.
// Who rings in vain because another number of his has answered has missed no call,
// and his phone knows that by the status of the answer (RFC 3326 section 3).
func reason(why leg.Cause) string {
	cause := "Q.850;cause=" + strconv.Itoa(why.Q850())
	if why == leg.CauseElsewhere {
		cause = "SIP;cause=200, " + cause
	}
	return cause
}

// composeResponse makes a response to a request of the same leg. What it has of
// the request (see response.headers) is the asker's own.
func composeResponse(req *sip.Request, status int) response {
	res := response{to: req, status: status}
	if status == 503 {
		res.say("Retry-After", strconv.Itoa(comeAgain()))
	}
	return res
}

// composeFinal makes the final response that ends a caller's INVITE (section
// 13.3.1.3), with the cause as Q.850 counts it (RFC 6432).
func composeFinal(req *sip.Request, why leg.Cause) response {
	res := composeResponse(req, why.Status())
	res.say("Reason", reason(why))
	return res
}

// composeChanged makes the 2xx to an INVITE, the first or a later one, or to
// an UPDATE. sdp is empty where offer and answer need none here.
func composeChanged(req *sip.Request, contact *sip.Uri, timer leg.SessionTimer, sdp []byte) response {
	res := composeResponse(req, 200)
	res.contact, res.sdp = contact, sdp
	res.say("Allow", allowed)
	res.say("Supported", supported)
	if timer.Every > 0 {
		if !timer.Ours { // who refreshes has to know that it does (RFC 4028 section 9)
			res.say("Require", "timer")
		}
		res.say("Session-Expires", expiresAnswered(timer))
	}
	return res
}

// composeRefusal refuses a re-INVITE or UPDATE. With 500 it says when to try
// again, at random, so that two who wait do not meet again (section 14.2).
func (l *listener) composeRefusal(req *sip.Request, status int) response {
	res := composeResponse(req, status)
	if status == 500 {
		res.say("Retry-After", strconv.Itoa(int(l.edge.tokens.cseq()%11)))
	}
	return res
}

// composeEarly makes a provisional response that creates an early dialog. It
// has a body only by the trunk's policy: what B's network plays before the
// answer may be a voice that speaks B's number.
func composeEarly(req *sip.Request, status int, contact *sip.Uri, sdp []byte) response {
	res := composeResponse(req, status)
	res.contact, res.sdp = contact, sdp
	res.say("Allow", allowed)
	return res
}

// addReliable makes a provisional response one that wants a PRACK (RFC 3262
// section 3).
func addReliable(res *response, rseq uint32) {
	res.say("Require", "100rel")
	res.say("RSeq", strconv.FormatUint(uint64(rseq), 10))
}

// composeOptions answers an OPTIONS (section 11.2).
func composeOptions(req *sip.Request) response {
	res := composeResponse(req, 200)
	res.say("Allow", allowed)
	res.say("Accept", acceptedTypes)
	res.say("Supported", supported)
	return res
}

// answerOptions answers an OPTIONS outside a dialog as an INVITE would be
// (section 11.2): with 503 once no more calls are taken, so that the carrier
// sends them elsewhere before we are gone.
func (e *Edge) answerOptions(req *sip.Request) response {
	if e.draining.Load() {
		return composeResponse(req, 503)
	}
	return composeOptions(req)
}

// setSDP gives a response that has no body the SDP for one, if there is any.
func setSDP(res *sip.Response, sdp []byte) {
	if len(sdp) == 0 {
		return
	}
	kind := sip.ContentTypeHeader(typeSDP)
	res.AppendHeader(&kind)
	res.SetBody(sdp)
}

// tagged adds a tag, if there is one.
func tagged(params sip.HeaderParams, tag string) sip.HeaderParams {
	if tag == "" {
		return nil
	}
	return append(params, sip.HeaderKV{K: "tag", V: tag})
}

// sign makes a Via without parameters our one. rport asks the peer to answer to
// where we send from (RFC 3581).
func (l *listener) sign(via *sip.ViaHeader, branch string) {
	via.ProtocolName, via.ProtocolVersion, via.Transport = "SIP", "2.0", string(l.network)
	via.Host, via.Port = l.host, int(l.addr.Port())
	via.Params = append(via.Params, sip.HeaderKV{K: "branch", V: branch})
	if l.network == UDP {
		via.Params = append(via.Params, sip.HeaderKV{K: "rport"})
	}
}

// address says where the request goes, and from where. On UDP it leaves from
// the listener's socket. On a stream the local port must stay open: sipgo
// would take a given one for the name of a connection, and send the request
// to whoever connected last.
func (l *listener) address(req *sip.Request, to netip.AddrPort) {
	req.SetTransport(string(l.network))
	req.SetDestination(to.String())
	req.Laddr = l.local
}

// contact returns our Contact for a dialog that shows the DID.
func (l *listener) contact(did string) sip.Uri {
	uri := sip.Uri{Scheme: "sip", User: did, Host: l.host, Port: int(l.addr.Port())}
	if l.network != UDP {
		uri.UriParams = sip.HeaderParams{{K: "transport", V: l.network.param()}}
	}
	return uri
}
