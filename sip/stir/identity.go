package stir

import "strings"

// maxIdentity bounds an Identity header. Those that carriers send have 700 to
// 900 bytes.
const maxIdentity = 4096

// identity is the value of an Identity header (RFC 8224 section 4).
type identity struct {
	signed    string // header.claims, the text that is signed
	header    string // base64
	claims    string // base64
	signature string // base64
	info      string // the certificate's URL
	algorithm string
	extension string
}

// parseIdentity reads an Identity header in the full form, which is the one
// that SHAKEN uses.
func parseIdentity(value string) (id identity, err error) {
	if len(value) > maxIdentity {
		return id, ErrMalformed
	}
	token, params, _ := strings.Cut(value, ";")
	parts := strings.Split(strings.TrimSpace(token), ".")
	if len(parts) != 3 || parts[0] == "" || parts[1] == "" || parts[2] == "" {
		return id, ErrMalformed
	}
	id.header, id.claims, id.signature = parts[0], parts[1], parts[2]
	id.signed = parts[0] + "." + parts[1]
	for params != "" {
		var param string
		param, params = cutParameter(params)
		name, text, _ := strings.Cut(param, "=")
		if !id.set(strings.ToLower(strings.TrimSpace(name)), strings.TrimSpace(text)) {
			return id, ErrMalformed
		}
	}
	if id.info == "" {
		return id, ErrMalformed
	}
	return id, nil
}

// cutParameter cuts the first parameter off. The URL of the certificate stands
// in angle brackets, and may have a semicolon.
func cutParameter(params string) (first, rest string) {
	bracketed := false
	for i := range len(params) {
		switch c := params[i]; {
		case c == '<' || c == '>':
			bracketed = c == '<'
		case c == ';' && !bracketed:
			return params[:i], params[i+1:]
		}
	}
	return params, ""
}

// set takes a parameter; false if it is there twice, or can't be read.
func (id *identity) set(name, value string) bool {
	var field *string
	switch name {
	case "info":
		uri, opened := strings.CutPrefix(value, "<")
		uri, closed := strings.CutSuffix(uri, ">")
		if !opened || !closed {
			return false
		}
		field, value = &id.info, uri
	case "alg":
		field, value = &id.algorithm, unquote(value)
	case "ppt":
		field, value = &id.extension, unquote(value)
	default:
		return true
	}
	if *field != "" || value == "" {
		return false
	}
	*field = value
	return true
}

// unquote takes the quotes away that some put around a token.
func unquote(s string) string {
	if len(s) >= 2 && s[0] == '"' && s[len(s)-1] == '"' {
		return s[1 : len(s)-1]
	}
	return s
}

// text writes the header.
func (id *identity) text() string {
	return id.signed + "." + id.signature + ";info=<" + id.info + ">;alg=" + id.algorithm + ";ppt=" + id.extension
}
