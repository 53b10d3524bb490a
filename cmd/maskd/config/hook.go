package config

import (
	"errors"
	"net/netip"
	"net/url"
	"time"

	"github.com/goccy/go-yaml/ast"
)

var (
	errHookURL      = errors.New("expected an https URL, or http and an address of this machine, such as http://127.0.0.1:8080/decide")
	errHookPatience = errors.New("expected milliseconds from 50 to 5000")
)

// maxHookURL bounds the URL of the hook.
const maxHookURL = 512

// usualHookPatience is how long a caller can be kept waiting without a sound and
// think nothing of it.
const usualHookPatience HookPatience = 800

// Hook is the program that is asked about calls. Without a URL there is none.
type Hook struct {
	URL     HookURL      `yaml:"url"`
	KeyFile string       `yaml:"key_file"`   // of the key that our questions are signed with
	CA      string       `yaml:"ca"`         // file of authorities that certify the hook; the system's if empty
	Timeout HookPatience `yaml:"timeout_ms"` // for a question and its answer
}

// HookURL is where the hook is asked.
type HookURL string

func parseHookURL(s string) (HookURL, error) {
	u, err := url.Parse(s)
	switch {
	case s == "":
		return "", nil
	case err != nil || len(s) > maxHookURL || u.Hostname() == "" || u.User != nil || u.Fragment != "" || u.RawQuery != "":
		return "", errHookURL
	case u.Scheme == "https" || u.Scheme == "http" && isLoopback(u.Hostname()):
		return HookURL(s), nil
	default:
		return "", errHookURL
	}
}

// isLoopback reports whether the host is an address of this machine. A name may
// lead anywhere, even localhost.
func isLoopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.IsLoopback()
}

// UnmarshalYAML reads the written form.
func (u *HookURL) UnmarshalYAML(node ast.Node) error { return scalar(node, u, parseHookURL) }

// HookPatience is how long the hook may take, in milliseconds.
type HookPatience uint16

// UnmarshalYAML reads the written form.
func (p *HookPatience) UnmarshalYAML(node ast.Node) error {
	return number(node, p, 50, 5000, errHookPatience)
}

// Time returns the time.
func (p HookPatience) Time() time.Duration { return time.Duration(p) * time.Millisecond }

func (c Config) validateHook() error {
	switch {
	case c.Hook.URL != "" && c.Hook.KeyFile == "":
		return found("expected the file of a key: without one, the hook can't tell who asks", "$.hook.key_file")
	case c.Hook.URL == "" && (c.Hook.KeyFile != "" || c.Hook.CA != ""):
		return found(errHookURL.Error(), "$.hook.url")
	}
	for i, p := range c.Pools {
		if c.Hook.URL == "" && p.UnknownCaller.AsksHook() {
			return found("expected hook.url too: there is nobody to ask", "$.pools[%d].unknown_caller", i)
		}
	}
	return nil
}
