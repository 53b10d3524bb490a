package edge

import (
	"slices"
	"strings"
	"testing"

	"maskd/sip/siptest"
)

func tortures(tb testing.TB) []siptest.Torture {
	tb.Helper()
	messages, err := siptest.Tortures("../../testdata/torture")
	if err != nil {
		tb.Fatal(err)
	}
	return messages
}

// Each message of RFC 4475 by itself: what is said, and what is logged.
func TestTortureMessages(t *testing.T) {
	for _, torture := range tortures(t) {
		t.Run(torture.Name, func(t *testing.T) {
			inExchange(t, func(x *exchange) {
				answers := x.send(x.carrier, torture.Text)
				if got := names(answers); got != torture.Want {
					t.Errorf("answered %q, want %q", got, torture.Want)
				}
				for _, m := range answers {
					checkTortured(t, m)
				}
				if got := names(x.send(x.carrier, options().text(""))); got != "200 OPTIONS" {
					t.Errorf("the edge now answers OPTIONS with %q", got)
				}
				log := written(t, x.logs)
				for _, word := range words(torture.Text) {
					if strings.Contains(log, word) {
						t.Errorf("the log shows %q:\n%s", word, log)
					}
				}
			})
		})
	}
}

// checkTortured checks that a response has only the headers and phrases that
// are ours to send.
func checkTortured(t *testing.T, m siptest.Message) {
	t.Helper()
	if m.Status() == 0 || !strings.HasSuffix(m.Start, " "+phrases[m.Status()]) {
		t.Errorf("answered %q", m.Start)
	}
	for _, h := range m.Headers {
		if !slices.Contains(responseHeaders, h.Name) {
			t.Errorf("answered with %s: %s", h.Name, h.Value)
		}
	}
	if m.Body != "" {
		t.Errorf("answered with a body: %q", m.Body)
	}
}

// words are the words of a message that could give anything away: all that are
// long, but those that name a method or the library itself.
func words(message string) []string {
	all := strings.FieldsFunc(message, func(r rune) bool { return strings.ContainsRune(" \t\r\n:;,=<>\"@/", r) })
	return slices.DeleteFunc(all, func(word string) bool { return len(word) < 7 || word == "message" })
}
