package media

import (
	"strconv"
	"strings"

	"maskd/media/relay"
)

// variant is what of a format's parameters both legs must have alike. It takes few values, all
// listed here: a peer's own text is never passed on, and one that asks for anything else does
// not have the format as far as we are concerned.
type variant struct {
	octetAligned bool  // AMR and AMR-WB (RFC 4867 section 8.1)
	modes        modes // likewise; zero: all
	noSilence    bool  // G.729 without annex B (RFC 4856 section 2.1.9)
}

// modes is a set of AMR's or AMR-WB's rates, by bit.
type modes uint16

// The sets of 3GPP TS 26.103 that networks use.
const (
	modesFull     modes = 1 << 7                    // AMR at 12.2 kbit/s
	modesGSM      modes = 1<<0 | 1<<2 | 1<<4 | 1<<7 // AMR
	modesWide     modes = 1<<0 | 1<<1 | 1<<2        // AMR-WB
	modesWideHigh modes = 1<<0 | 1<<1 | 1<<2 | 1<<8 // AMR-WB
)

// text is what stands in SDP for one of the sets; empty: it is none.
func (m modes) text(format relay.Format) string {
	switch {
	case format == AMR && m == modesFull:
		return "7"
	case format == AMR && m == modesGSM:
		return "0,2,4,7"
	case format == AMRWB && m == modesWide:
		return "0,1,2"
	case format == AMRWB && m == modesWideHigh:
		return "0,1,2,8"
	default:
		return ""
	}
}

// meet is what two peers can both do with a format, if there is such a thing.
func (v variant) meet(w variant, format relay.Format) (both variant, ok bool) {
	if v.octetAligned != w.octetAligned {
		return variant{}, false
	}
	both = variant{octetAligned: v.octetAligned, noSilence: v.noSilence || w.noSilence}
	switch {
	case v.modes == 0:
		both.modes = w.modes
	case w.modes == 0:
		both.modes = v.modes
	default:
		both.modes = v.modes & w.modes
		return both, both.modes.text(format) != ""
	}
	return both, true
}

// variants are all that a format takes but for the narrower ones that meet any of these.
func variants(format relay.Format) []variant {
	if format == AMR || format == AMRWB {
		return []variant{{octetAligned: true}, {}}
	}
	return []variant{{}}
}

// parameters is what stands in our fmtp line; empty: no line.
func (v variant) parameters(format relay.Format) string {
	switch {
	case format.Event():
		return "0-16" // RFC 4733 section 2.4.1: the digits and flash
	case format == Opus:
		return "useinbandfec=1" // a hint that any decoder can do without (RFC 7587 section 6.1)
	case format == G729 && v.noSilence:
		return "annexb=no"
	case format != AMR && format != AMRWB:
		return ""
	}
	var all []string
	if v.octetAligned {
		all = append(all, "octet-align=1")
	}
	if v.modes != 0 {
		all = append(all, "mode-set="+v.modes.text(format))
	}
	return strings.Join(all, "; ")
}

// readVariant reads the parameters of a peer's fmtp line. Those of other formats are wishes
// that nobody has to fulfil.
func readVariant(format relay.Format, parameters string) (v variant, ok bool) {
	for parameter := range strings.SplitSeq(parameters, ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(parameter), "=")
		name, value = strings.ToLower(name), strings.ReplaceAll(value, " ", "")
		switch {
		case format == G729 && name == "annexb":
			v.noSilence = strings.EqualFold(value, "no")
		case format == AMR || format == AMRWB:
			if !v.readAMR(format, name, value) {
				return variant{}, false
			}
		}
	}
	return v, true
}

// readAMR reads one parameter of RFC 4867 section 8.1; it is false where the peer asks for what
// a stream from just anywhere may not fulfil.
func (v *variant) readAMR(format relay.Format, name, value string) bool {
	switch name {
	case "octet-align":
		v.octetAligned = value == "1"
	case "mode-set":
		set, ok := readModes(value)
		v.modes = set
		return ok && set.text(format) != ""
	case "crc", "robust-sorting", "mode-change-neighbor":
		return value == "0"
	case "mode-change-period":
		return value == "1"
	case "interleaving":
		return false
	}
	return true
}

func readModes(list string) (set modes, ok bool) {
	for text := range strings.SplitSeq(list, ",") {
		n, err := strconv.ParseUint(text, 10, 8)
		if err != nil || n > 8 {
			return 0, false
		}
		set |= 1 << n
	}
	return set, true
}
