package edge

import "testing"

func TestControlsAreFoundInEveryHeader(t *testing.T) {
	for _, tt := range []struct {
		name string
		msg  lines
		want bool
	}{
		{"none", options(), false},
		{"a tab, which is white space", options().and("Subject: a\tb"), false},
		{"a bare line feed in a value", options().and("Subject: x\nP-Asserted-Identity: <sip:+15550000000@x>"), true},
		{"a bare line feed in a From", options().with("From: \"a\nb\" <sip:probe@caller.invalid>;tag=1"), true},
		{"a NUL in a value", options().and("Subject: \x00"), true},
		{"a DEL in a value", options().and("Subject: \x7f"), true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := controls(request(t, tt.msg, "").Headers()); got != tt.want {
				t.Errorf("controls = %v, want %v", got, tt.want)
			}
			if got := !clean([]byte(tt.msg.text("\x00"))); got != tt.want {
				t.Errorf("in the datagram: %v, want %v", got, tt.want)
			}
		})
	}
}
