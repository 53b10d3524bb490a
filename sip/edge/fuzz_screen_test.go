package edge

import (
	"bytes"
	"testing"

	"github.com/emiago/sipgo/sip"
)

// Whatever is received, the screen says one of our statuses or lets pass what
// the rest of the edge may rely on.
func FuzzScreen(f *testing.F) {
	seed(f)
	parts := invite().with("Content-Type: multipart/mixed;boundary=part")
	f.Add([]byte(parts.text(mixed("Content-Type: application/sdp\r\n\r\n" + sdp))))
	f.Add([]byte(invite().and("e: gzip").and("x: 90").and("Expires: 5").text(sdp)))
	f.Fuzz(func(t *testing.T, data []byte) {
		req, ok := received(data)
		if !ok || controls(req.Headers()) || req.Via() == nil || req.CSeq() == nil || req.To() == nil {
			return // dropped before the screen
		}
		v := screen(req)
		switch {
		case v.status != 0 && phrases[v.status] == "":
			t.Errorf("status %d has no phrase", v.status)
		case v.status == 0:
			checkPassed(t, req)
		}
		if _, ok := expiry(req); ok && req.GetHeader("Expires") == nil {
			t.Error("expires without a word")
		}
	})
}

// checkPassed checks what the edge relies on.
func checkPassed(t *testing.T, req *sip.Request) {
	t.Helper()
	for _, name := range []string{"From", "To", "Call-ID", "CSeq"} {
		if n := len(req.GetHeaders(name)); n != 1 {
			t.Errorf("%d headers %s", n, name)
		}
	}
	if tag, _ := req.From().Params.Get("tag"); tag == "" {
		t.Error("no tag in From")
	}
	if !understood(req.CSeq().MethodName) {
		t.Errorf("method %q", req.CSeq().MethodName)
	}
	if req.CallID().Value() == "" {
		t.Error("no Call-ID")
	}
	if sdp, v := sessionOf(req); req.IsInvite() && (v.status != 0 || !bytes.Contains(req.Body(), sdp)) {
		t.Errorf("verdict %d, or a session that is not in the body", v.status)
	}
}
