package edge

import (
	"maps"
	"strings"

	"github.com/emiago/sipgo/sip"
)

// compactNames are the compact forms (RFC 3261 section 7.3.3, and the RFCs of
// the headers) that sipgo leaves as they are. Whoever asks for the long name
// must find the header under it: a "Replaces" that could hide behind a letter
// would not be refused.
var compactNames = map[string]string{
	"a": "Accept-Contact", "b": "Referred-By", "d": "Request-Disposition", "e": "Content-Encoding",
	"j": "Reject-Contact", "k": "Supported", "n": "Identity-Info", "o": "Event", "r": "Refer-To",
	"s": "Subject", "u": "Allow-Events", "x": "Session-Expires", "y": "Identity",
}

// newParser returns sipgo's parser, with what it leaves out of RFC 3261: the
// rest of the compact forms, and parameters whose names have no case and may
// have white space around their "=" (sections 7.3.1 and 25.1).
func newParser() *sip.Parser { return sip.NewParser(sip.WithHeadersParsers(headerParsers())) }

// headerParsers are those of its headers.
func headerParsers() sip.HeadersParser {
	parsers := maps.Clone(sip.DefaultHeadersParser())
	for short, long := range compactNames {
		parsers[short] = func(_ []byte, value string) (sip.Header, error) { return sip.NewHeader(long, value), nil }
	}
	for _, name := range []string{"from", "f", "to", "t", "via", "v", "cseq"} {
		parsers[name] = folded(parsers[name])
	}
	return parsers
}

// folded reads a header as sipgo does, and then folds what has no case and
// trims what may be spaced.
func folded(parse sip.HeaderParser) sip.HeaderParser {
	return func(name []byte, value string) (sip.Header, error) {
		h, err := parse(name, value)
		switch h := h.(type) {
		case *sip.FromHeader:
			fold(h.Params)
		case *sip.ToHeader:
			fold(h.Params)
		case *sip.ViaHeader:
			fold(h.Params)
		case *sip.CSeqHeader:
			h.MethodName = sip.RequestMethod(strings.TrimSpace(string(h.MethodName)))
		}
		return h, err
	}
}

func fold(params sip.HeaderParams) {
	for i := range params {
		p := &params[i]
		p.K, p.V = strings.ToLower(strings.TrimSpace(p.K)), strings.TrimSpace(p.V)
	}
}
