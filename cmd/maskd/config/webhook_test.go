package config_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"maskd/cmd/maskd/config"
	"maskd/mapping"
)

const endpoint = `{name: dispatch, url: "https://dispatch.example.net/maskd", key_file: k`

func TestABadWebhookIsOneLineThatSaysWhere(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"an unknown key", `webhooks: [{nmae: a}]`, `f:1:13: expected a known key`},
		{"no name", `webhooks: [{url: "https://a.example/", key_file: k}]`, `webhooks[0].name: expected a name: 1 to 32 of a-z`},
		{"a name that is none", `webhooks: [{name: "+447700900123"}]`, `f:1:19: expected a name: 1 to 32 of a-z, 0-9, - and _`},
		{"the same name again", "webhooks:\n  - " + endpoint + "}\n  - " + endpoint + "}", `f:3:12: webhooks[1].name: expected a name that no other webhook has`},
		{"no URL", `webhooks: [{name: a, key_file: k}]`, `webhooks[0].url: expected an https URL`},
		{"plain HTTP to elsewhere", `webhooks: [{name: a, url: "http://a.example/"}]`, `f:1:27: expected an https URL`},
		{"no key", `webhooks: [{name: a, url: "http://127.0.0.1:1/"}]`, `webhooks[0].key_file: expected the file of a key`},
		{"an event that there is not", `webhooks: [` + endpoint + `, types: [call.ended, call.rung]}]`, `f:1:105: expected the type of an event`},
		{"a tenant that there is not", `webhooks: [` + endpoint + `, tenant: acme}]`, `webhooks[0].tenant: expected the name of a tenant`},
		{"too many", "webhooks: [" + strings.Repeat(endpoint+"}, ", 65) + "]", `f:1:11: webhooks: expected at most 64 webhooks`},
		{"events for too long", `retention: {events_days: 40000}`, `f:1:26: expected days from 0 (for ever) to 36500`},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := config.Parse("f", []byte(test.text+"\n"))
			if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("got  %v\nwant %s", err, test.want)
			}
		})
	}
}

func TestWebhooksReadBackAndReload(t *testing.T) {
	path := filepath.Join(t.TempDir(), "maskd.yaml")
	write := func(text string) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("")
	running, err := config.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	write("webhooks:\n  - " + endpoint + ", types: [call.ended, interaction.expired]}\n  - {name: b, url: \"http://[::1]:8080/\", key_file: k, ca: c}\n")
	next, restart, err := running.Reload(path)
	if err != nil || len(restart) > 0 || len(next.Webhooks) != 2 {
		t.Fatalf("%+v, %q, %v", next.Webhooks, restart, err)
	}
	types := []mapping.EventType{mapping.EventCallEnded, mapping.EventInteractionExpired}
	if w := next.Webhooks[0]; !slices.Equal(w.Events(), types) || w.Tenant != "default" || len(next.Webhooks[1].Events()) > 0 {
		t.Errorf("%+v", next.Webhooks)
	}
	text, err := next.YAML()
	if err != nil {
		t.Fatal(err)
	}
	again, err := config.Parse("f", text)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(next, again, byValue); diff != "" {
		t.Error(diff)
	}
}
