package edge

import (
	"bytes"
	"strconv"
)

// glimpse is what a glance at a datagram shows of a request, without parsing
// it: the lines that a response repeats, each without its end. It points into
// the datagram.
type glimpse struct {
	vias                   [maxVias][]byte
	hops                   int
	from, to, callID, cseq []byte
}

// maxVias is how many hops a request may have come to be answered at a glance.
const maxVias = 8

// glance reads a request; false if a glance is not enough, because something
// is missing, is there twice, is folded or has a control character. The parser
// has the last word then.
func glance(data []byte) (g glimpse, ok bool) {
	_, rest, found := bytes.Cut(data, []byte("\r\n"))
	for found && len(rest) > 0 {
		var line []byte
		if line, rest, found = bytes.Cut(rest, []byte("\r\n")); len(line) == 0 {
			return g, g.hops > 0 && g.from != nil && g.to != nil && g.callID != nil && g.cseq != nil
		}
		if !g.take(line) {
			return g, false
		}
	}
	return g, false
}

// take keeps a line that a response repeats.
func (g *glimpse) take(line []byte) bool {
	name, _, found := bytes.Cut(line, []byte(":"))
	if !found || line[0] == ' ' || line[0] == '\t' {
		return false
	}
	switch name = bytes.TrimRight(name, " \t"); {
	case isNamed(name, "Via", "v"):
		if g.hops == maxVias || !plain(line) {
			return false
		}
		g.vias[g.hops] = line
		g.hops++
		return true
	case isNamed(name, "From", "f"):
		return keep(&g.from, line)
	case isNamed(name, "To", "t"):
		return keep(&g.to, line)
	case isNamed(name, "Call-ID", "i"):
		return keep(&g.callID, line)
	case isNamed(name, "CSeq", ""):
		return keep(&g.cseq, line)
	default:
		return true
	}
}

func isNamed(name []byte, long, short string) bool {
	return len(name) == len(long) && bytes.EqualFold(name, []byte(long)) ||
		len(name) == 1 && len(short) == 1 && name[0]|0x20 == short[0]
}

// keep keeps a line that may be there once.
func keep(where *[]byte, line []byte) bool {
	if *where != nil || !plain(line) {
		return false
	}
	*where = line
	return true
}

// plain reports whether a line can be repeated as it is.
func plain(line []byte) bool {
	for _, c := range line {
		if c < ' ' && c != '\t' || c == 0x7f {
			return false
		}
	}
	return true
}

// value is what follows the colon.
func value(line []byte) []byte {
	_, v, _ := bytes.Cut(line, []byte(":"))
	return bytes.TrimSpace(v)
}

// inDialog reports whether To may have a tag. In doubt it has: a request
// within a dialog is never shed.
func (g *glimpse) inDialog() bool {
	params := g.to[bytes.LastIndexByte(g.to, '>')+1:]
	for i := 0; i+3 <= len(params); i++ {
		if bytes.EqualFold(params[i:i+3], []byte("tag")) {
			return true
		}
	}
	return false
}

// number is the number in CSeq.
func (g *glimpse) number() (uint32, bool) {
	digits, _, _ := bytes.Cut(value(g.cseq), []byte(" "))
	if len(digits) > 10 {
		return 0, false
	}
	n, err := strconv.ParseUint(string(digits), 10, 32)
	return uint32(n), err == nil
}
