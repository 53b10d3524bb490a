package config

import (
	"cmp"
	"errors"
	"regexp"
	"slices"

	"github.com/goccy/go-yaml/ast"

	"maskd/mapping"
)

var (
	errWebhookName = errors.New("expected a name: 1 to 32 of a-z, 0-9, - and _")
	errEventType   = errors.New("expected the type of an event, such as call.ended")
	errWebhookURL  = errors.New("expected an https URL, or http and an address of this machine, such as http://127.0.0.1:8080/events")
)

// maxWebhooks bounds the endpoints: each has a goroutine and a connection.
const maxWebhooks = 64

// Webhook is an endpoint that is told what happens.
type Webhook struct {
	Name    WebhookName `yaml:"name"`
	URL     HookURL     `yaml:"url"`
	KeyFile string      `yaml:"key_file"` // of the key that messages are signed with
	CA      string      `yaml:"ca"`       // file of authorities that certify the endpoint; the system's if empty
	Types   []EventType `yaml:"types"`    // what it is told of; empty: of all
	Tenant  TenantName  `yaml:"tenant"`   // whose events it is told; the default tenant's if left out
}

// WebhookName is the name of an endpoint, by which it is known over restarts.
type WebhookName string

var webhookName = regexp.MustCompile(`^[a-z0-9_-]{1,32}$`)

func parseWebhookName(s string) (WebhookName, error) {
	if !webhookName.MatchString(s) {
		return "", errWebhookName
	}
	return WebhookName(s), nil
}

// UnmarshalYAML reads the written form.
func (n *WebhookName) UnmarshalYAML(node ast.Node) error { return scalar(node, n, parseWebhookName) }

// EventType is the type of an event.
type EventType string

// UnmarshalYAML reads the written form.
func (t *EventType) UnmarshalYAML(node ast.Node) error {
	return word(node, t, mapping.ParseEventType, errEventType)
}

// fillIn puts defaults in place of what is left out.
func (w *Webhook) fillIn() {
	w.Tenant = cmp.Or(w.Tenant, TenantName(mapping.DefaultTenant))
	if w.Types == nil {
		w.Types = []EventType{}
	}
}

// Events returns the types as the domain has them.
func (w Webhook) Events() (types []mapping.EventType) {
	for _, name := range w.Types {
		t, _ := mapping.ParseEventType(string(name)) // it was read by that
		types = append(types, t)
	}
	return types
}

func (c Config) validateWebhooks() error {
	if len(c.Webhooks) > maxWebhooks {
		return found("expected at most 64 webhooks", "$.webhooks")
	}
	for i, w := range c.Webhooks {
		switch {
		case w.Name == "":
			return found(errWebhookName.Error(), "$.webhooks[%d].name", i)
		case slices.ContainsFunc(c.Webhooks[:i], func(o Webhook) bool { return o.Name == w.Name }):
			return found("expected a name that no other webhook has", "$.webhooks[%d].name", i)
		case w.URL == "":
			return found(errWebhookURL.Error(), "$.webhooks[%d].url", i)
		case w.KeyFile == "":
			return found("expected the file of a key: without one, the endpoint can't tell who speaks", "$.webhooks[%d].key_file", i)
		case !c.hasTenant(w.Tenant):
			return found("expected the name of a tenant", "$.webhooks[%d].tenant", i)
		}
		if j := slices.Index(w.Types, ""); j >= 0 {
			return found(errEventType.Error(), "$.webhooks[%d].types[%d]", i, j)
		}
	}
	return nil
}
