package siptest

import (
	"fmt"
	"net/netip"
	"strings"
)

// Identity is all that a phone says about itself. Every field but Codecs is
// searched for on the other side.
type Identity struct {
	Number  string // E.164
	Name    string // display name
	Agent   string // User-Agent, Server
	Host    string // a host name in its headers
	Session string // user name, session name and cname in its SDP
	Origin  int    // the session id of its SDP
	SSRC    int
	Port    int    // where it hears audio
	Seq     int    // the CSeq that it begins with
	Codecs  string // payload types in its order of preference, and any lines of SDP that follow
	Extra   []Header
}

// sdp returns what the phone describes itself with.
func (id Identity) sdp(host netip.Addr) string {
	types, more, _ := strings.Cut(id.Codecs, "\n")
	family := "IP6"
	if host.Is4() {
		family = "IP4"
	}
	return fmt.Sprintf("v=0\r\no=%s %d %d IN %s %s\r\ns=%s\r\nc=IN %s %s\r\nt=0 0\r\n"+
		"m=audio %d RTP/AVP %s\r\na=rtpmap:101 telephone-event/8000\r\n%sa=ssrc:%d cname:%s\r\n",
		id.Session, id.Origin, id.Origin, family, host, id.Session, family, host,
		id.Port, types, strings.ReplaceAll(more, "\n", "\r\n"), id.SSRC, id.Session)
}
