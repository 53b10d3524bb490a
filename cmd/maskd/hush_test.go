package main

import (
	"bytes"
	"strings"
	"testing"
)

// Whatever place on a command line a number is written in, the error does not say it.
func TestNoErrorSaysANumberOfTheCommandLine(t *testing.T) {
	for _, number := range []string{"+919876543210", "919876543210", "09876543210", "98765 43210", "+91-98765-43210", "(98765) 43210"} {
		for _, line := range [][]string{
			{number}, {"interaction", number}, {"interaction", "create", number}, {"interaction", "show", number, number},
			{"--" + number}, {"interaction", "list", "--" + number + "=1"}, {"interaction", "list", "--limit", number},
			{"interaction", "list", "--limit=" + number}, {"interaction", "create", "--from", number},
			{"interaction", "create", "--ttl", number}, {"interaction", "create", "--batch", number},
			{"config", "check", "--config", number}, {"serve", "--config", "/nowhere/" + number + ".yaml"},
			{"serve", "--log-level", number}, {"call", "list", number}, {"interaction", "list", "--socket", "/nowhere/" + number},
			{"store", "rotate-key", "--reason", "for " + number}, {"number", "lookup", "--at", number}, {"number", "lookup", number},
			{"subject", "find", number}, {"block", "add", number}, {"audit", "verify", "--export", number},
			{"audit", "list", "--after", number, "--socket", "/nowhere"}, {"pool", "plan", "--per-hour", number + "x"},
			{"call", "trace", "--pcapng", number}, {"cdr", "export", "--since", number}, {"cdr", "export", "--reason", "for " + number, "--socket", "/nowhere"}, {"recording", "export", "--identity", number, "rec_1"}, {"help", number},
		} {
			var out, errs bytes.Buffer
			code := run(append([]string{"maskd"}, line...), strings.NewReader(""), &out, &errs)
			if code == exitOK || errs.Len() == 0 {
				t.Errorf("maskd %s: exit code %d, and it says %q", strings.Join(line, " "), code, errs.String())
			}
			if said := onlyDigits(out.String() + errs.String()); strings.Contains(said, "9876543210") {
				t.Errorf("maskd %s: it says %s", strings.Join(line, " "), errs.String())
			}
		}
	}
}

// What is no number is said back, for it helps.
func TestAnErrorSaysWhatIsNoNumber(t *testing.T) {
	for _, word := range []string{"fly", "int_06h00jvc8tr71c28mb7ucs3mm0", "2026", "2026-11-22T10:11:12Z"} {
		var out, errs bytes.Buffer
		if run([]string{"maskd", word}, strings.NewReader(""), &out, &errs); !strings.Contains(errs.String(), word) {
			t.Errorf("%s: it says %s", word, errs.String())
		}
	}
}

func onlyDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}
