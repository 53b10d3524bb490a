package media

import (
	"slices"
	"strings"
	"testing"

	"github.com/pion/sdp/v3"
)

// Our reader takes from a description what pion's takes, once its lines are in the order that one asks
// for; and both refuse the same.
func FuzzDescriptionAsPionReadsIt(f *testing.F) {
	for _, body := range peersOwn(f) {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		session, stream, ok := aStream(body)
		if !ok {
			return
		}
		var theirs sdp.SessionDescription
		refused := theirs.UnmarshalString(orderly(session, stream))
		at, err := connectionOf(session, stream)
		if (err != nil) != (refused != nil) {
			t.Fatalf("%q: %v, pion says %v", body, err, refused)
		}
		if err != nil {
			return
		}
		media := theirs.MediaDescriptions[0]
		if own := strings.Fields(stream[0].value)[3:]; !slices.Equal(own, media.MediaName.Formats) {
			t.Errorf("%q: formats %q, pion reads %q", body, own, media.MediaName.Formats)
		}
		if want := connectionByPion(&theirs); at != want {
			t.Errorf("%q: %+v, pion reads %+v", body, at, want)
		}
		for i, theirs := range [2][]sdp.Attribute{theirs.Attributes, media.Attributes} {
			if own := attributesOf([2]section{session, stream}[i]); !slices.Equal(own, theirs) {
				t.Errorf("%q: %q, pion reads %q", body, own, theirs)
			}
		}
	})
}

// aStream is the first stream that is live audio, and the session part. It is none where pion is known
// to read otherwise: it takes more lines to be in one, and minds how many ports a stream has.
func aStream(body []byte) (session, stream section, ok bool) {
	session, streams, err := split(nil, body)
	if err != nil {
		return nil, nil, false
	}
	for len(streams) > 0 {
		var lines section
		lines, streams = streams.next()
		s, err := readStream(lines)
		if err == nil && s.live() && !strings.Contains(strings.Fields(lines[0].value)[1], "/") {
			return session, lines, !odd(session) && !odd(lines)
		}
	}
	return nil, nil, false
}

func odd(lines section) bool {
	version, versioned := lines.first('v')
	at, _ := lines.first('c')
	return versioned && version != "0" || strings.ContainsAny(at, "\t\v\f\u0085\u00a0=") || at != strings.Join(strings.Fields(at), " ")
}

func connectionByPion(d *sdp.SessionDescription) (at connection) {
	c := d.MediaDescriptions[0].ConnectionInformation
	if c == nil {
		c = d.ConnectionInformation
	}
	if c == nil {
		return at
	}
	at.family = c.AddressType
	if c.Address != nil {
		at.address = c.Address.Address
	}
	return at
}

func attributesOf(lines section) (all []sdp.Attribute) {
	for _, l := range lines {
		if name, value := l.attribute(); l.kind == 'a' && name != "" {
			all = append(all, sdp.Attribute{Key: name, Value: value})
		} else if l.kind == 'a' {
			all = append(all, sdp.Attribute{Key: l.value}) // of no name
		}
	}
	return all
}

// orderly puts the lines that concern us into the order of RFC 8866 section 5, which pion asks for and not
// every peer keeps.
func orderly(session, stream section) string {
	var text strings.Builder
	write := func(lines section, kind byte, all bool) {
		for _, l := range lines {
			if l.kind == kind {
				text.WriteString(string(kind) + "=" + l.value + "\r\n")
				if !all {
					return
				}
			}
		}
	}
	write(session, 'v', false)
	if _, ok := session.first('o'); ok {
		text.WriteString("o=- 0 0 IN IP4 0.0.0.0\r\n")
	}
	text.WriteString("s=-\r\n")
	write(session, 'c', false)
	text.WriteString("t=0 0\r\n")
	write(session, 'a', true)
	fields := strings.Fields(stream[0].value)
	transport, _ := parseTransport(fields[2])
	fields[2] = transport.String()
	text.WriteString("m=" + strings.Join(fields, " ") + "\r\n")
	write(stream, 'c', false)
	write(stream, 'a', true)
	return text.String()
}
