package edge

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"maskd/sip/siptest"
)

// tortured is what comes back for each message of RFC 4475; nothing for
// silence. An INVITE that is "100, 404" was taken for a call, which the
// switchboard refuses.
var tortured = map[string]string{
	// Section 3.1.1, valid messages. The parser gives up on some; that is
	// silence, and no harm.
	"wsinv":      "400", // white space around "=" hides the tag
	"intmeth":    "",    // the URI has no host that can be found
	"esc01":      "100, 404",
	"escnull":    "405 REGISTER",
	"esc02":      "405 RE%47IST%45R",
	"lwsdisp":    "200 OPTIONS",
	"longreq":    "100, 404",
	"dblreq":     "405 REGISTER", // what follows is no part of it
	"semiuri":    "200 OPTIONS",
	"transports": "200 OPTIONS",
	"mpart01":    "405 MESSAGE",
	"unreason":   "", // a 2xx to nothing of ours
	"noreason":   "",

	// Section 3.1.2, invalid messages.
	"badinv01":   "",
	"clerr":      "",
	"ncl":        "",
	"scalar02":   "",
	"scalarlg":   "",
	"quotbal":    "",
	"ltgtruri":   "",
	"lwsruri":    "",
	"lwsstart":   "",
	"trws":       "",
	"escruri":    "100, 404", // the headers in the Request-URI are not looked at
	"baddate":    "100, 404", // nor is the Date
	"regbadct":   "405 REGISTER",
	"badaspec":   "",
	"baddn":      "",
	"badvers":    "505 OPTIONS",
	"mismatch01": "400", // named after its CSeq
	"mismatch02": "400",
	"bigcode":    "",

	// Section 3.2, the transaction layer.
	"badbranch": "200 OPTIONS",

	// Section 3.3, the application layer.
	"insuf":    "400",
	"unkscm":   "416 OPTIONS",
	"novelsc":  "",
	"unksm2":   "405 REGISTER",
	"bext01":   "420 OPTIONS",
	"invut":    "415",
	"regaut01": "405 REGISTER",
	"multi01":  "400",
	"mcl01":    "400 OPTIONS",
	"bcast":    "", // a response by way of another host
	"zeromf":   "483 OPTIONS",
	"cparam01": "405 REGISTER",
	"cparam02": "405 REGISTER",
	"regescrt": "405 REGISTER",
	"sdp01":    "100, 404",

	// Section 3.4, backward compatibility.
	"inv2543": "400", // a From without a tag
}

// torture returns the torture messages by name.
func torture(tb testing.TB) map[string]string {
	tb.Helper()
	files, err := filepath.Glob("../../testdata/torture/*.dat")
	if err != nil || len(files) != 49 {
		tb.Fatalf("%d torture messages, want 49 (%v)", len(files), err)
	}
	messages := make(map[string]string)
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			tb.Fatal(err)
		}
		messages[strings.TrimSuffix(filepath.Base(file), ".dat")] = string(data)
	}
	return messages
}

func TestTortureMessages(t *testing.T) {
	for name, message := range torture(t) {
		t.Run(name, func(t *testing.T) {
			inExchange(t, func(x *exchange) {
				answers := x.send(x.carrier, message)
				want, known := tortured[name]
				if got := names(answers); got != want || !known {
					t.Errorf("answered %q, want %q", got, want)
				}
				for _, m := range answers {
					checkTortured(t, m)
				}
				if got := names(x.send(x.carrier, options().text(""))); got != "200 OPTIONS" {
					t.Errorf("the edge now answers OPTIONS with %q", got)
				}
				log := written(t, x.logs)
				for _, word := range words(message) {
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
