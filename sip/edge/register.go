package edge

import (
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"
)

// Register is how a trunk makes itself known to a carrier that asks for it.
type Register struct {
	Registrar Gateway // where REGISTER goes
	User      string  // of the address of record
	Domain    string  // of the address of record
	Contact   string  // the user that the carrier is to call us by
	Expiry    time.Duration
}

// maxServiceRoutes bounds what a registrar may have us put into every INVITE.
const maxServiceRoutes = 8

// composeRegister makes a REGISTER (RFC 3261 section 10.2). The number of the
// first one and the Call-ID are the registration's, its dialog is none. path
// says that a proxy in between may put itself into the way to us (RFC 3327).
func (l *listener) composeRegister(d *dialog, expiry time.Duration) asking {
	req := l.compose(sip.REGISTER, d, l.edge.tokens.branch())
	req.addressable, req.to = true, d.home
	req.say("Expires", seconds(expiry))
	req.say("Supported", "path")
	req.say("Allow", allowed)
	return req
}

// dialog returns what a REGISTER is made of. It is no dialog, and nobody
// finds it by its tag.
func (reg *Register) dialog(l *listener, t *Trunk, registrar netip.AddrPort) dialog {
	aor := end{uri: &sip.Uri{Scheme: "sip", User: reg.User, Host: reg.Domain}}
	contact := l.contact(reg.Contact)
	return dialog{
		local: aor, remote: aor,
		target:  &sip.Uri{Scheme: "sip", Host: reg.Domain},
		contact: &contact,
		trunk:   t,
		home:    registrar,
	}
}

// replyOf reads a final response to our REGISTER; nil is none.
func replyOf(res *sip.Response, contact *sip.Uri, asked time.Duration) registrarReply {
	if res == nil {
		return registrarReply{}
	}
	return registrarReply{
		status:     res.StatusCode,
		granted:    grantedOf(res, contact, asked),
		least:      secondsOf(res, "Min-Expires"),
		retryAfter: secondsOf(res, "Retry-After"),
	}
}

// grantedOf returns for how long we are bound: what our Contact says, or the
// only one there is, which a registrar behind NAT may have changed; or else
// Expires, or else what we asked for (section 10.2.4). Contacts without ours
// among them bind others.
func grantedOf(res *sip.Response, contact *sip.Uri, asked time.Duration) time.Duration {
	otherwise := asked
	if header(res, "Expires") != nil {
		otherwise = secondsOf(res, "Expires")
	}
	bindings := count(res, "Contact")
	for h := range named(res, "Contact") {
		var uri sip.Uri
		params := sip.NewParams()
		if _, err := sip.ParseAddressValue(h.Value(), &uri, &params); err != nil || bindings > 1 && !sameBinding(&uri, contact) {
			continue
		}
		if expires, ok := params.Get("expires"); ok {
			return secondsIn(expires)
		}
		return otherwise
	}
	return 0
}

// sameBinding compares what a registrar keeps of a Contact.
func sameBinding(a, b *sip.Uri) bool {
	return a.User == b.User && strings.EqualFold(a.Host, b.Host) && a.Port == b.Port
}

func secondsOf(msg message, name string) time.Duration {
	values := valuesOf(msg, name)
	if len(values) == 0 {
		return 0
	}
	return secondsIn(values[0])
}

// secondsIn reads the digits that a value begins with; behind them stand
// parameters and comments.
func secondsIn(value string) time.Duration {
	value = strings.TrimSpace(value)
	end := strings.IndexFunc(value+" ", func(r rune) bool { return r < '0' || r > '9' })
	n, err := strconv.ParseUint(value[:end], 10, 32)
	if err != nil {
		return 0
	}
	return time.Duration(n) * time.Second
}

// serviceRoute reads the way that the carrier wants our requests to take (RFC
// 3608); none if a part of it can't be read. Where it leads is believed for
// hosts of the trunk only, as with every route.
func serviceRoute(res *sip.Response) []sip.Uri {
	var routes []sip.Uri
	if controls(res.Headers()) {
		return nil
	}
	for _, value := range valuesOf(res, "Service-Route") {
		for _, address := range splitAddresses(value) {
			var uri sip.Uri
			if _, err := sip.ParseAddressValue(address, &uri, nil); err != nil || len(routes) == maxServiceRoutes {
				return nil
			}
			routes = append(routes, uri)
		}
	}
	return routes
}

// splitAddresses splits a list of addresses at its commas: those outside of
// quotes and angle brackets.
func splitAddresses(list string) []string {
	var addresses []string
	start, quoted, angled := 0, false, false
	for i := range len(list) {
		switch c := list[i]; {
		case c == '"':
			quoted = !quoted
		case c == '<' && !quoted:
			angled = true
		case c == '>' && !quoted:
			angled = false
		case c == ',' && !quoted && !angled:
			addresses = append(addresses, strings.TrimSpace(list[start:i]))
			start = i + 1
		}
	}
	return append(addresses, strings.TrimSpace(list[start:]))
}
