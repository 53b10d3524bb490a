package edge

import (
	"strings"
	"testing"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// A call that should never have come is refused like any other; the operators
// hear of it, and no log has a number.
func TestACallToAServiceIsCountedAndTold(t *testing.T) {
	for _, row := range []struct {
		uri                     string
		emergencies, shortCodes uint64
		level                   zapcore.Level
	}{
		{"sip:112@192.0.2.50", 1, 0, zapcore.ErrorLevel},
		{"urn:service:sos", 1, 0, zapcore.ErrorLevel},
		{"sip:12345@192.0.2.50", 0, 1, zapcore.WarnLevel},
	} {
		inExchange(t, func(x *exchange) {
			if got := names(x.send(x.carrier, invite().start("INVITE "+row.uri+" SIP/2.0").text(sdp))); got != "100, 404" {
				t.Errorf("%s is answered %q", row.uri, got)
			}
			if e, s := x.edge.counts.emergencies.Load(), x.edge.counts.shortCodes.Load(); e != row.emergencies || s != row.shortCodes {
				t.Errorf("%s: %d emergencies, %d short codes", row.uri, e, s)
			}
			told := x.logs.FilterField(zap.String("trunk", "carrier")).All()
			if len(told) != 1 || told[0].Level != row.level {
				t.Errorf("%s: told %v", row.uri, told)
			}
			if text := written(t, x.logs); strings.Contains(text, "9876543210") || strings.Contains(text, "12345") {
				t.Errorf("%s: the log has a number:\n%s", row.uri, text)
			}
		})
	}
}

func TestACallThatIsNotAttestedIsCounted(t *testing.T) {
	inExchange(t, func(x *exchange) {
		x.edge.peers().trunks[0].Assurance = Assurance{Minimum: 1, Verstat: true}
		if got := names(x.send(x.carrier, invite().text(sdp))); got != "100, 404" {
			t.Errorf("answered %q", got)
		}
		if n := x.edge.counts.unverified.Load(); n != 1 {
			t.Errorf("%d calls unverified", n)
		}
	})
}
