package edge

import (
	"strings"

	"github.com/emiago/sipgo/sip"
)

// readAddress reads a name-addr (RFC 3261 section 25.1) and returns what follows its
// closing bracket. A name may be in quotes if nothing is escaped there.
func readAddress(value string, display *string, uri *sip.Uri) (rest string, ok bool) {
	name, rest, found := strings.Cut(value, "<")
	if !found {
		return "", false
	}
	inside, rest, closed := strings.Cut(rest, ">")
	ok = closed && readDisplay(name, display) && readURI(inside, uri) && !uri.Wildcard && uri.Scheme != ""
	return rest, ok
}

// readDisplay reads the name before an address.
func readDisplay(name string, display *string) bool {
	if name == "" {
		return true
	}
	if strings.ContainsAny(name, `\;>`) {
		return false
	}
	if quoted, ok := strings.CutPrefix(name, `"`); ok {
		after := ""
		if name, after, ok = strings.Cut(quoted, `"`); !ok || strings.TrimSpace(after) != "" {
			return false
		}
	} else if name = strings.TrimSpace(name); strings.IndexByte(name, '"') >= 0 {
		return false
	}
	*display = name
	return true
}

// readURI reads a URI: sip:user@host or sip:user@host:port by ourselves, any other by
// sipgo.
func readURI(text string, uri *sip.Uri) bool {
	userinfo, place, found := strings.Cut(strings.TrimPrefix(text, "sip:"), "@")
	if found && len(userinfo)+len(place)+len("sip:@") == len(text) && plainUser(userinfo) {
		if host, port, ok := readHost(place); ok {
			uri.Scheme, uri.User, uri.Host, uri.Port = "sip", userinfo, host, port
			return true
		}
	}
	return sip.ParseUri(text, uri) == nil
}

// plainUser reports whether a user is one without a password, and no start of
// anything else.
func plainUser(user string) bool {
	for i := range len(user) {
		switch user[i] {
		case ':', '[', '/':
			return false
		}
	}
	return true
}

// readHost reads a host with or without a port, and nothing else.
func readHost(text string) (host string, port int, ok bool) {
	for i := range len(text) {
		switch text[i] {
		case '[', ';', '?', '*':
			return "", 0, false
		case ':':
			port, ok = readPort(text[i+1:])
			return text[:i], port, ok
		}
	}
	return text, 0, true
}

// readPort reads a port: digits, and no more of them than ports have.
func readPort(text string) (port int, ok bool) {
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return 0, false
		}
		port = 10*port + int(text[i]-'0')
	}
	return port, text != "" && len(text) <= len("65535")
}

// readParams reads parameters (generic-param of section 25.1), each behind a
// semicolon, once, and without white space or quotes. Names have no case.
func readParams(text string, params *sip.HeaderParams) bool {
	for text != "" {
		end, equals, ok := paramIn(text)
		if !ok {
			return false
		}
		name, value := text[1:end], ""
		if equals > 0 {
			name, value = text[1:equals], text[equals+1:end]
		}
		if name = strings.ToLower(name); name == "" || params.Has(name) {
			return false
		}
		*params = append(*params, sip.HeaderKV{K: name, V: value})
		text = text[end:]
	}
	return true
}

// delimiters are the characters that end a parameter or its name, or make one unusual,
// a bit for each.
const delimiters = 1<<'\t' | 1<<' ' | 1<<'"' | 1<<',' | 1<<';' | 1<<'<' | 1<<'=' | 1<<'>'

// paramIn finds the end of the parameter behind a semicolon, and its equals sign, if it
// has one.
func paramIn(text string) (end, equals int, ok bool) {
	if text[0] != ';' {
		return 0, 0, false
	}
	for end = 1; end < len(text); end++ {
		switch c := text[end]; {
		case c >= 64 || delimiters>>c&1 == 0:
		case c == ';':
			return end, equals, true
		case c == '=' && equals == 0:
			equals = end
		default:
			return 0, 0, false
		}
	}
	return end, equals, true
}
