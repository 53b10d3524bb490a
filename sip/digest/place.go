package digest

import "strconv"

// Place is who asks: the server that a request is for, or a proxy on its way
// (RFC 3261 sections 22.2 and 22.3).
type Place uint8

// The places.
const (
	Server Place = iota + 1 // 401
	Proxy                   // 407
)

// places are how many there are, plus one.
const places = Proxy + 1

// PlaceOf returns who asks by a status; false if nobody does.
func PlaceOf(status int) (Place, bool) {
	switch status {
	case 401:
		return Server, true
	case 407:
		return Proxy, true
	default:
		return 0, false
	}
}

// String names the place.
func (p Place) String() string {
	switch p {
	case Server:
		return "server"
	case Proxy:
		return "proxy"
	default:
		return "place(" + strconv.Itoa(int(p)) + ")"
	}
}

// Challenge returns the name of the header with the challenge.
func (p Place) Challenge() string {
	if p == Proxy {
		return "Proxy-Authenticate"
	}
	return "WWW-Authenticate"
}

// Credentials returns the name of the header with the answer.
func (p Place) Credentials() string {
	if p == Proxy {
		return "Proxy-Authorization"
	}
	return "Authorization"
}

// Info returns the name of the header with which an answer is accepted.
func (p Place) Info() string {
	if p == Proxy {
		return "Proxy-Authentication-Info"
	}
	return "Authentication-Info"
}
