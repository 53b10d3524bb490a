package edge

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// mixed writes a body of several parts, each of some headers, an empty line and
// a body.
func mixed(parts ...string) string {
	return "--part\r\n" + strings.Join(parts, "\r\n--part\r\n") + "\r\n--part--\r\n"
}

func TestSessionOf(t *testing.T) {
	const (
		described = "Content-Type: application/sdp\r\n\r\n" + sdp
		isup      = "Content-Type: application/isup;version=itu-t92+\r\n\r\n\x01\x00\x49"
		parts     = "Content-Type: multipart/mixed;boundary=part"
	)
	with := func(more ...string) lines {
		msg := invite().without("Content-Type")
		for _, line := range more {
			msg = msg.and(line)
		}
		return msg
	}
	types, encodings := verdict{status: 415, name: "Accept", value: acceptedTypes}, verdict{status: 415, name: "Accept-Encoding", value: "identity"}
	for _, row := range []struct {
		name string
		msg  lines
		body string
		sdp  string
		want verdict
	}{
		{"no body", with(), "", "", verdict{}},
		{"SDP", invite(), sdp, sdp, verdict{}},
		{"SDP for the session (20.11)", invite().and("Content-Disposition: session;handling=required"), sdp, sdp, verdict{}},
		{"SDP for an early session (RFC 3959)", invite().and("Content-Disposition: early-session"), sdp, "", types},
		{"which may be ignored", invite().and("Content-Disposition: early-session;handling=optional"), sdp, "", verdict{}},
		{"no word of what it is", with(), sdp, "", types},
		{"another body", with("Content-Type: application/pidf+xml"), "<x/>", "", types},
		{"which may be ignored (8.2.3)", with("Content-Type: application/pidf+xml", "Content-Disposition: render;handling=optional"), "<x/>", "", verdict{}},
		{"SDP, but compressed (8.2.3)", invite().and("Content-Encoding: gzip"), "\x1f\x8b", "", encodings},
		{"the same in compact form", invite().and("e: gzip"), "\x1f\x8b", "", encodings},
		{"SDP as it is", invite().and("Content-Encoding: identity"), sdp, sdp, verdict{}},

		{"SDP as the only part", with(parts), mixed(described), sdp, verdict{}},
		{"after ISUP (RFC 3204)", with(parts), mixed(isup, described), sdp, verdict{}},
		{"before ISUP", with(parts), mixed(described, isup), sdp, verdict{}},
		{"the first of two", with(parts), mixed(described, strings.Replace(described, "m=", "m=video", 1)), sdp, verdict{}},
		{"with a part that must be understood (RFC 5621 section 4)", with(parts), mixed("Content-Disposition: signal;handling=required\r\n"+isup, described), "", types},
		{"as an alternative (RFC 5621 section 3.2)", with("Content-Type: multipart/alternative;boundary=\"part\""), mixed("Content-Type: text/plain\r\n\r\nhello", described), sdp, verdict{}},
		{"not among the parts", with(parts), mixed(isup), "", verdict{}},
		{"compressed within", with(parts), mixed("Content-Encoding: gzip\r\n" + described), "", verdict{}},
		{"a preamble that looks like SDP", with(parts), described + "\r\n" + mixed(isup), "", verdict{}},

		{"parts without a boundary", with("Content-Type: multipart/mixed"), mixed(described), "", verdict{status: 400}},
		{"parts of another boundary", with("Content-Type: multipart/mixed;boundary=other"), mixed(described), "", verdict{status: 400}},
		{"the end is missing", with(parts), strings.TrimSuffix(mixed(described), "\r\n--part--\r\n"), "", verdict{status: 400}},
		{"more parts than anybody sends", with(parts), mixed(strings.Split(strings.Repeat(isup+"|", maxParts+1), "|")...), "", verdict{status: 400}},
	} {
		t.Run(row.name, func(t *testing.T) {
			got, v := sessionOf(request(t, row.msg, row.body))
			if diff := cmp.Diff(row.want, v, cmp.AllowUnexported(verdict{})); diff != "" {
				t.Errorf("verdict (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(row.sdp, string(got)); diff != "" {
				t.Errorf("session (-want +got):\n%s", diff)
			}
		})
	}
}

// Almost every body is SDP and nothing else: to find that costs nothing.
func TestPlainSDPAllocatesNothing(t *testing.T) {
	req := request(t, invite(), sdp)
	req.ContentType()
	if n := testing.AllocsPerRun(100, func() { _, _ = sessionOf(req) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}
