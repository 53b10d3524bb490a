package digest

import "strings"

// The bounds of what a peer may have us read. Real nonces are below 200 bytes.
const (
	maxText       = 4 << 10
	maxParameters = 32
)

// parameters reads a list of auth-params (RFC 7235 section 2.1). Names are in
// lower case. A quoted value is what stands between the quotes, backslashes
// included: that is what is hashed, and what is sent back. The same name twice
// is an error: the peer could mean either.
func parameters(list string) (map[string]string, error) {
	if len(list) > maxText {
		return nil, ErrChallenge
	}
	params := make(map[string]string)
	for {
		list = strings.TrimLeft(list, " \t,")
		if list == "" {
			return params, nil
		}
		name, value, rest, ok := cutParameter(list)
		_, twice := params[name]
		if !ok || twice || len(params) == maxParameters {
			return nil, ErrChallenge
		}
		params[name], list = value, rest
	}
}

// cutParameter reads the first parameter, and the comma behind it.
func cutParameter(list string) (name, value, rest string, ok bool) {
	name, rest, ok = strings.Cut(list, "=")
	name = strings.ToLower(strings.TrimRight(name, " \t"))
	if !ok || !isToken(name) {
		return "", "", "", false
	}
	rest = strings.TrimLeft(rest, " \t")
	if quoted, is := strings.CutPrefix(rest, `"`); is {
		value, rest, ok = cutQuoted(quoted)
	} else {
		end := strings.IndexAny(rest+",", ", \t")
		value, rest = rest[:end], rest[end:]
		ok = isToken(value)
	}
	rest = strings.TrimLeft(rest, " \t")
	return name, value, rest, ok && (rest == "" || rest[0] == ',')
}

// cutQuoted reads up to the closing quote.
func cutQuoted(s string) (value, rest string, ok bool) {
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"':
			return s[:i], s[i+1:], true
		case c < ' ' || c == 0x7f:
			return "", "", false
		case c == '\\':
			i++ // and what it escapes, unless that is a control character
			if i < len(s) && (s[i] < ' ' || s[i] == 0x7f) {
				return "", "", false
			}
		}
	}
	return "", "", false
}

// isToken reports whether a text is a token (RFC 7230 section 3.2.6), or of
// the few more characters that servers leave unquoted.
func isToken(s string) bool {
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c >= 0x7f || strings.IndexByte(`"(),;<>@[]{}\`, c) >= 0 {
			return false
		}
	}
	return s != ""
}
