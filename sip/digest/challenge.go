package digest

import (
	"errors"
	"strings"
)

// Why a challenge is not answered. None quotes it.
var (
	// ErrChallenge: it can't be read.
	ErrChallenge = errors.New("malformed digest challenge")
	// ErrUnsupported: it asks for what we don't do.
	ErrUnsupported = errors.New("unsupported digest algorithm or quality of protection")
	// ErrRealm: it is of a realm that is not the account's.
	ErrRealm = errors.New("digest challenge of another realm")
	// ErrRefused: the account's password was refused.
	ErrRefused = errors.New("digest credentials refused")
	// ErrRests: the account was refused too often to be tried now.
	ErrRests = errors.New("digest account rests after refusals")
	// ErrURI: the Request-URI can't be quoted as it is.
	ErrURI = errors.New("request URI can't be quoted")
)

// Challenge is what a server wants to be answered. Its texts are as they stand
// between the quotes.
type Challenge struct {
	Realm     string
	Nonce     string
	Opaque    string
	Algorithm Algorithm
	Auth      bool // qop "auth" is offered; else the answer is RFC 2069's, without a count
	Stale     bool // the nonce was too old, the password was right
	Userhash  bool // the name is to be hashed (RFC 7616 section 3.4.4)

	named bool // the algorithm is named, and is to be in the answer
}

// ParseChallenge reads the value of a WWW-Authenticate or Proxy-Authenticate.
// SIP has one challenge in each (RFC 3261 section 7.3.1). Errors: ErrChallenge,
// ErrUnsupported.
func ParseChallenge(value string) (Challenge, error) {
	scheme, list, _ := strings.Cut(strings.TrimSpace(value), " ")
	if !strings.EqualFold(scheme, "Digest") {
		return Challenge{}, ErrUnsupported
	}
	params, err := parameters(list)
	if err != nil {
		return Challenge{}, err
	}
	c := Challenge{Realm: params["realm"], Nonce: params["nonce"], Opaque: params["opaque"],
		Stale: isTrue(params["stale"]), Userhash: isTrue(params["userhash"])}
	if _, named := params["realm"]; !named || c.Nonce == "" {
		return Challenge{}, ErrChallenge
	}
	var known bool
	c.Algorithm, known = algorithmOf(params["algorithm"])
	c.named = params["algorithm"] != ""
	qop, offered := params["qop"]
	c.Auth = offers(qop, "auth")
	// auth-int alone we don't do. A session needs our nonce, which goes with qop only.
	if !known || offered && !c.Auth || c.Algorithm.session() && !c.Auth {
		return Challenge{}, ErrUnsupported
	}
	return c, nil
}

func isTrue(s string) bool { return strings.EqualFold(s, "true") }

// offers reports whether a list has a member.
func offers(list, want string) bool {
	for member := range strings.SplitSeq(list, ",") {
		if strings.EqualFold(strings.TrimSpace(member), want) {
			return true
		}
	}
	return false
}

// strongest returns the challenge to answer: of the realm, if one is given, the
// one with the strongest hash, and of equals the topmost (RFC 8760 section 2.4:
// the topmost, unless a policy of ours says otherwise). Errors: those of
// ParseChallenge, ErrRealm.
func strongest(values []string, realm string) (Challenge, error) {
	var best Challenge
	why := ErrChallenge
	for _, value := range values {
		switch c, err := ParseChallenge(value); {
		case err != nil:
			why = err
		case realm != "" && c.Realm != realm:
			why = ErrRealm
		case best.Nonce == "" || c.Algorithm.strength() > best.Algorithm.strength():
			best = c
		}
	}
	if best.Nonce == "" {
		return Challenge{}, why
	}
	return best, nil
}
