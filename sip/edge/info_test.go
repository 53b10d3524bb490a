package edge

import (
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"
	"github.com/google/go-cmp/cmp"

	"maskd/sip/leg"
	"maskd/sip/siptest"
)

// info returns a well-formed INFO with a body of that kind.
func info(kind string) lines {
	l := options().start("INFO sip:192.0.2.50 SIP/2.0").with("CSeq: 8 INFO").
		with("From: <sip:+919876543210@caller.invalid>;tag=callertag").with("Call-ID: call-of-the-caller")
	if kind == "" {
		return l
	}
	return l.with("Content-Type: " + kind)
}

func TestADigitIsRead(t *testing.T) {
	five := leg.Digit{Key: 5, Duration: usualDigit}
	for _, row := range []struct {
		name, kind, body string
		want             leg.Digit
		ok               bool
	}{
		{"relay", dtmfRelay, "Signal=5\r\nDuration=200\r\n", leg.Digit{Key: 5, Duration: 200 * time.Millisecond}, true},
		{"relay with blanks and bare line feeds", dtmfRelay, "Signal = 5\nDuration = 200", leg.Digit{Key: 5, Duration: 200 * time.Millisecond}, true},
		{"relay, its lines the other way round", dtmfRelay, "duration=200\r\nsignal=5", leg.Digit{Key: 5, Duration: 200 * time.Millisecond}, true},
		{"relay without a duration", dtmfRelay, "Signal=5", five, true},
		{"relay with a duration that is none", dtmfRelay, "Signal=5\r\nDuration=-1", five, true},
		{"a digit too short to be heard", dtmfRelay, "Signal=5\r\nDuration=0", leg.Digit{Key: 5, Duration: shortestDigit}, true},
		{"a digit that would not end", dtmfRelay, "Signal=5\r\nDuration=65535", leg.Digit{Key: 5, Duration: longestDigit}, true},
		{"plain", dtmfPlain, "5\r\n", five, true},
		{"a parameter of the type", dtmfPlain + "; charset=x", "5", five, true},
		{"a type in capitals", "Application/DTMF", "5", five, true},
		{"star", dtmfPlain, "*", leg.Digit{Key: 10, Duration: usualDigit}, true},
		{"hash", dtmfPlain, "#", leg.Digit{Key: 11, Duration: usualDigit}, true},
		{"a small letter", dtmfPlain, "d", leg.Digit{Key: 15, Duration: usualDigit}, true},

		{"no key", dtmfPlain, "E", leg.Digit{}, false},
		{"two keys", dtmfPlain, "12", leg.Digit{}, false},
		{"nothing pressed", dtmfPlain, " \r\n", leg.Digit{}, false},
		{"relay without a signal", dtmfRelay, "Duration=160", leg.Digit{}, false},
		{"another body", "text/plain", "5", leg.Digit{}, false},
		{"no type", "", "5", leg.Digit{}, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			got, ok := digitOf(request(t, info(row.kind), row.body))
			if diff := cmp.Diff(row.want, got); diff != "" || ok != row.ok {
				t.Errorf("read: %t (-want +got):\n%s", ok, diff)
			}
		})
	}
}

func TestWhichInfoIsAccepted(t *testing.T) {
	inExchange(t, func(x *exchange) {
		x.board.rings = true
		rival := x.plug(rivalAddr)
		ringing := x.send(x.carrier, invite().text(sdp))
		to := "To: " + ringing[len(ringing)-1].Get("To")
		for i, row := range []struct {
			name string
			msg  lines
			body string
			want string
		}{
			{"a digit", info(dtmfRelay).with(to), "Signal=1\r\nDuration=160", "200 INFO"},
			{"a plain digit", info(dtmfPlain).with(to), "2", "200 INFO"},
			{"an empty one", info("").with(to), "", "200 INFO"},
			{"another body", info("application/media_control+xml").with(to), "<fast-update/>", "415 INFO"},
			{"a digit that is none", info(dtmfPlain).with(to), "flash", "415 INFO"},
			{"outside a dialog", info(dtmfPlain), "3", "481 INFO"},
			{"in another dialog", info(dtmfPlain).with("To: <sip:x@192.0.2.50>;tag=other"), "4", "481 INFO"},
		} {
			via := "Via: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKinfo" + string(rune('a'+i))
			answers := x.send(x.carrier, row.msg.with(via).text(row.body))
			if got := names(answers); got != row.want {
				t.Errorf("%s is answered %q, want %q", row.name, got, row.want)
			}
			if row.want == "415 INFO" && answers[0].Get("Accept") != "application/dtmf-relay, application/dtmf" {
				t.Errorf("415 says that %q is accepted", answers[0].Get("Accept"))
			}
		}
		if got := names(x.send(rival, info(dtmfPlain).with(to).text("5"))); got != "481 INFO" {
			t.Errorf("from another trunk it is answered %q", got)
		}
		if diff := cmp.Diff([]leg.InputKind{leg.GotDigit, leg.GotDigit}, x.board.inputs()); diff != "" {
			t.Errorf("the call hears (-want +got):\n%s", diff)
		}
		x.send(x.carrier, cancelOf(invite()).text(""))
	})
}

// Whatever an INFO says, a digit is one of sixteen keys, pressed for as long as
// a person can; and what we tell of it is read as the same.
func FuzzDigit(f *testing.F) {
	f.Add(dtmfRelay, "Signal=5\r\nDuration=160\r\n")
	f.Add(dtmfRelay, "Signal= #\nSignal=*\nDuration=99999999999999999999")
	f.Add(dtmfPlain, "a")
	f.Add(dtmfPlain+";x=y", "ſ")
	f.Add("text/plain", "5")
	f.Fuzz(func(t *testing.T, kind, body string) {
		req := request(t, info(""), body)
		header := sip.ContentTypeHeader(kind)
		req.AppendHeader(&header)
		pressed, ok := digitOf(req)
		if !ok {
			if pressed != (leg.Digit{}) {
				t.Errorf("no digit, but %+v", pressed)
			}
			return
		}
		if pressed.Key >= leg.Keys || pressed.Duration < shortestDigit || pressed.Duration > longestDigit {
			t.Errorf("digit %+v", pressed)
		}
		nobody := end{uri: new(sip.Uri)}
		composed := newListener(UDP).composeInfo(&dialog{trunk: new(Trunk), local: nobody, remote: nobody, target: new(sip.Uri)}, pressed, "z9hG4bKx")
		told := composed.message()
		if again, ok := digitOf(told); !ok || again != pressed {
			t.Errorf("%+v is told as %+v: %q", pressed, again, told.Body())
		}
	})
}

func TestWhatWeTellOfADigit(t *testing.T) {
	trunk := carrier("192.0.2.0/28")
	d := dialog{callID: "call", cseq: 9, contact: uriOf(t, "sip:+15550100001@192.0.2.50"), target: uriOf(t, "sip:b@192.0.2.9"), trunk: &trunk}
	d.local, d.remote = end{uri: d.contact}, end{uri: d.target}
	m := siptest.Parse([]byte(onWire(newListener(UDP).composeInfo(&d, leg.Digit{Key: 11, Duration: time.Second}, "z9hG4bKx"))))
	if m.Get("CSeq") != "9 INFO" || m.Get("Content-Type") != dtmfRelay || m.Body != "Signal=#\r\nDuration=1000\r\n" {
		t.Errorf("told as %s, %v: %q", m.Start, m.Headers, m.Body)
	}
}
