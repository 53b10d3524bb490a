package relay

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestKeyIsNeverPrinted(t *testing.T) {
	const secret = "0123456789abcdefghijklmnopqrst"
	key, err := NewKey(AESCM128SHA1x80, []byte(secret))
	if err != nil {
		t.Fatal(err)
	}
	if string(key.Material()) != secret {
		t.Errorf("material %q", key.Material())
	}
	flow := Flow{Ends: [2]End{{Crypt: Crypt{In: key, Out: key}}}}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%q", "%d"} {
		for _, value := range []any{key, &key, flow, Crypt{In: key}, struct{ hidden Flow }{flow}} {
			text := fmt.Sprintf(verb, value)
			if strings.Contains(text, "789abc") || strings.Contains(text, "373839") || strings.Contains(text, "55 56 57") {
				t.Errorf("%s of %T shows the key", verb, value)
			}
		}
	}
	if text, _ := json.Marshal(flow); strings.Contains(string(text), "0123") {
		t.Errorf("JSON shows the key: %s", text)
	}
}

func TestKeyIsAsLongAsItsSuiteHasIt(t *testing.T) {
	for suite := Suite(0); suite <= suites; suite++ {
		for length := range 48 {
			_, err := NewKey(suite, make([]byte, length))
			if fits := err == nil; fits != (length > 0 && length == suite.Size()) {
				t.Errorf("%s of %d bytes: %v", suite, length, err)
			}
			if err != nil && !errors.Is(err, ErrKey) {
				t.Errorf("%s of %d bytes: %v", suite, length, err)
			}
		}
	}
}
