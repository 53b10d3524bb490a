package edge

import (
	"strconv"
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"
)

// expiry returns how long an INVITE may wait for its final response, if it says
// so (RFC 3261 section 20.19). A value that can't be read, or that is longer
// than anything rings, says nothing.
func expiry(req *sip.Request) (time.Duration, bool) {
	h := header(req, "Expires")
	if h == nil {
		return 0, false
	}
	seconds, err := strconv.ParseUint(strings.TrimSpace(h.Value()), 10, 32)
	return time.Duration(seconds) * time.Second, err == nil
}

// limit lets the INVITE expire as if its caller had cancelled it: 487 is what
// section 13.3.1 says to answer.
func (in *Inbound) limit(expired func()) {
	if after, ok := expiry(in.invite); ok {
		in.expires = time.AfterFunc(after, expired)
	}
}

// unlimit says that the INVITE has its final response.
func (in *Inbound) unlimit() {
	if in.expires != nil {
		in.expires.Stop()
	}
}
