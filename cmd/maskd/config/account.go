package config

import (
	"errors"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

var (
	errAOR      = errors.New("expected sip:USER@HOST")
	errUser     = errors.New("expected a user part: letters, digits and -_.!~*'()&=+$")
	errQuotable = errors.New("expected a text without quotes, backslashes and control characters")
	errExpiry   = errors.New("expected seconds from 60 to 86400")
	errFileName = errors.New("expected a name without slashes")
)

// Auth is who we are to a carrier that asks (digest authentication). The
// password itself is never in the configuration.
type Auth struct {
	Username Quotable `yaml:"username"`
	// One of the two: a file that nobody else may read, or the name of a
	// credential that systemd hands over.
	PasswordFile       string         `yaml:"password_file,omitempty"`
	PasswordCredential CredentialName `yaml:"password_credential,omitempty"`
	Realm              Quotable       `yaml:"realm,omitempty"` // the only one answered; empty: the first that lets us in
}

// Register is how a trunk makes itself known to its carrier.
type Register struct {
	Registrar Gateway `yaml:"registrar"` // a host of the gateways; the first of them if left out
	AOR       AOR     `yaml:"aor"`       // the address of record
	Contact   User    `yaml:"contact"`   // the user that the carrier calls us by; that of aor if left out
	Expires   Expiry  `yaml:"expires_seconds"`
}

// usualExpiry is what RFC 3261 section 10.2 recommends.
const usualExpiry Expiry = 3600

// fillIn gives the values that may be left out.
func (r *Register) fillIn(gateways []Gateway) {
	if r.Registrar == (Gateway{}) && len(gateways) > 0 {
		r.Registrar = gateways[0]
	}
	if r.Contact == "" {
		r.Contact = r.AOR.User
	}
	if r.Expires == 0 {
		r.Expires = usualExpiry
	}
}

// AOR is an address of record, written sip:user@host.
type AOR struct {
	User User
	Host Host
}

func parseAOR(s string) (AOR, error) {
	address, ok := strings.CutPrefix(s, "sip:")
	user, host, cut := strings.Cut(address, "@")
	if !ok || !cut || !userPart.MatchString(user) || host == "" {
		return AOR{}, errAOR
	}
	h, err := parseHost(host)
	if err != nil || strings.Contains(host, ":") {
		return AOR{}, errAOR
	}
	return AOR{User(user), h}, nil
}

// UnmarshalYAML reads the written form.
func (a *AOR) UnmarshalYAML(node ast.Node) error { return scalar(node, a, parseAOR) }

// MarshalText returns the written form.
func (a AOR) MarshalText() ([]byte, error) {
	return []byte("sip:" + string(a.User) + "@" + string(a.Host)), nil
}

// userPart is the user of a SIP URI that needs no escapes (RFC 3261 section 25.1).
var userPart = regexp.MustCompile(`^[A-Za-z0-9\-_.!~*'()&=+$]+$`)

// User is the user part of a SIP URI.
type User string

func parseUser(s string) (User, error) {
	if !userPart.MatchString(s) {
		return "", errUser
	}
	return User(s), nil
}

// UnmarshalYAML reads the written form.
func (u *User) UnmarshalYAML(node ast.Node) error { return scalar(node, u, parseUser) }

// Quotable is a text that stands between quotes in a header as it is.
type Quotable string

func parseQuotable(s string) (Quotable, error) {
	unfit := func(r rune) bool { return r < ' ' || r == 0x7f || r == '"' || r == '\\' }
	if strings.ContainsFunc(s, unfit) {
		return "", errQuotable
	}
	return Quotable(s), nil
}

// UnmarshalYAML reads the written form.
func (q *Quotable) UnmarshalYAML(node ast.Node) error { return scalar(node, q, parseQuotable) }

// CredentialName is the name of a credential of systemd.
type CredentialName string

func parseCredentialName(s string) (CredentialName, error) {
	if s == "" || s == "." || s == ".." || strings.Contains(s, "/") {
		return "", errFileName
	}
	return CredentialName(s), nil
}

// UnmarshalYAML reads the written form.
func (c *CredentialName) UnmarshalYAML(node ast.Node) error {
	return scalar(node, c, parseCredentialName)
}

// Expiry is how many seconds a registration is asked to hold.
type Expiry uint32

// UnmarshalYAML reads the written form.
func (e *Expiry) UnmarshalYAML(node ast.Node) error { return number(node, e, 60, 86400, errExpiry) }

// validateAccount wants an account that can be used, and a registrar that the
// account may be shown to.
func (c Config) validateAccount(i int) error {
	t := c.Trunks[i]
	if a := t.Auth; a != nil {
		if a.Username == "" {
			return found("expected the name of the account", "$.trunks[%d].auth.username", i)
		}
		if (a.PasswordFile == "") == (a.PasswordCredential == "") {
			return found("expected either password_file or password_credential", "$.trunks[%d].auth", i)
		}
	}
	r := t.Register
	if r == nil {
		return nil
	}
	if r.AOR == (AOR{}) {
		return found(errAOR.Error(), "$.trunks[%d].register.aor", i)
	}
	isOurs := func(g Gateway) bool { return g.Host == r.Registrar.Host && g.Network == r.Registrar.Network }
	if !slices.ContainsFunc(t.Gateways, isOurs) {
		return found("expected the host and transport of one of the trunk's gateways", "$.trunks[%d].register.registrar", i)
	}
	return nil
}
