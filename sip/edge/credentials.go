package edge

import (
	"io"
	"time"

	"github.com/emiago/sipgo/sip"
	"go.uber.org/zap"

	"maskd/sip/digest"
)

// equip gives the trunk what answers its carrier's challenges.
func (t *Trunk) equip(random io.Reader) {
	if t.Account.Username != "" {
		t.client = digest.NewClient(t.Account, random)
	}
}

// exchange begins a request of ours on the trunk; nil if the carrier knows us
// by our address, or has refused the account too often.
func (t *Trunk) exchange(req *asking) *digest.Exchange {
	if t == nil || t.client == nil || !t.client.Rests(time.Now()).IsZero() {
		return nil
	}
	if req.remote.tag != "" {
		return t.client.ExchangeWithin(req.to)
	}
	return t.client.Exchange(req.to)
}

// spare is how many sequence numbers a request of ours may need beside its own,
// to be sent again with credentials. They are kept free, because the dialog's
// next request may leave before that.
func (t *Trunk) spare() uint32 {
	if t == nil || t.client == nil {
		return 0
	}
	return digest.Rounds
}

// ask is requestSoon for a request whose recipient may want to know who we are.
// It leaves with the credentials that were good for the last one, and is sent
// again if it is challenged.
func (l *listener) ask(t *Trunk, req *asking, over func(*sip.Response)) error {
	x := t.exchange(req)
	if x == nil {
		return l.requestSoon(req, over)
	}
	return l.converse(t, x, req, over)
}

// converse sends the request, and again for as long as its challenges are
// answered.
func (l *listener) converse(t *Trunk, x *digest.Exchange, req *asking, over func(*sip.Response)) error {
	authorize(req, x)
	return l.requestSoon(req, func(res *sip.Response) {
		if l.challenged(t, x, res) {
			next := l.again(req, req.cseq+1)
			_ = l.converse(t, x, &next, over) // over hears of an error
			return
		}
		accepted(x, res)
		over(res)
	})
}

// authorize puts into a request what it is to carry.
func authorize(req *asking, x *digest.Exchange) {
	if x == nil {
		return
	}
	for _, place := range [...]digest.Place{digest.Proxy, digest.Server} {
		if value := x.Credentials(place, string(req.method), req.target.String()); value != "" {
			req.say(place.Credentials(), value)
		}
	}
}

// challenged takes a final response, and reports whether it is a challenge that
// sending the request again will answer. A challenge is answered only to the
// trunk whose account it is for.
func (l *listener) challenged(t *Trunk, x *digest.Exchange, res *sip.Response) bool {
	if x == nil || res == nil {
		return false
	}
	place, asked := digest.PlaceOf(res.StatusCode)
	if !asked || !l.hears(t, res) {
		return false
	}
	err := x.Challenged(place, valuesOf(res, place.Challenge()), time.Now())
	if err != nil {
		l.edge.log.Warn("challenge not answered", zap.String("trunk", t.Name), zap.Stringer("by", place), zap.Error(err))
	}
	return err == nil
}

// accepted notes that whoever might have challenged the request did not.
func accepted(x *digest.Exchange, res *sip.Response) {
	if x == nil || res == nil || res.StatusCode >= 300 {
		return
	}
	for _, place := range [...]digest.Place{digest.Proxy, digest.Server} {
		info := ""
		if values := valuesOf(res, place.Info()); len(values) == 1 {
			info = values[0]
		}
		x.Accepted(place, info)
	}
}

func valuesOf(msg message, name string) []string {
	var values []string
	for h := range named(msg, name) {
		values = append(values, h.Value())
	}
	return values
}

// again makes the request anew, to be sent with other credentials: the same but
// for its branch and number (RFC 3261 section 22.2).
func (l *listener) again(req *asking, seq uint32) asking {
	next := *req
	next.branch, next.cseq, next.from = l.edge.tokens.branch(), seq, l
	for _, place := range [...]digest.Place{digest.Proxy, digest.Server} {
		next.unsay(place.Credentials())
	}
	return next
}

// vouch gives the ACK of a 2xx the credentials of its INVITE: nobody can
// challenge an ACK (section 22.1).
func vouch(ack, invite *asking) {
	for _, place := range [...]digest.Place{digest.Proxy, digest.Server} {
		for _, h := range invite.all() {
			if h.name == place.Credentials() {
				ack.say(h.name, h.value)
			}
		}
	}
}
