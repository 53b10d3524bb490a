package resolve

import (
	"net/netip"
	"time"
)

// Kind is a type of DNS record.
type Kind uint8

// The kinds that are asked for.
const (
	NAPTR Kind = iota + 1 // RFC 3403
	SRV                   // RFC 2782
	A
	AAAA
)

// String returns the name of the type.
func (k Kind) String() string {
	switch k {
	case NAPTR:
		return "NAPTR"
	case SRV:
		return "SRV"
	case A:
		return "A"
	case AAAA:
		return "AAAA"
	default:
		return "none"
	}
}

// Question is what DNS is asked.
type Question struct {
	Kind Kind
	Name string // without a dot at its end
}

// Answer is what DNS said. One without records means that there are none; that
// DNS said nothing is an error instead.
type Answer struct {
	Pointers []Pointer    // to NAPTR
	Servers  []Server     // to SRV
	Addrs    []netip.Addr // to A and AAAA
	TTL      time.Duration
}

// empty reports whether there are no such records.
func (a Answer) empty() bool { return len(a.Pointers)+len(a.Servers)+len(a.Addrs) == 0 }

// Pointer is a NAPTR record.
type Pointer struct {
	Order, Preference uint16
	Flags, Service    string
	Replacement       string
}

// Server is an SRV record.
type Server struct {
	Priority, Weight, Port uint16
	Host                   string // ".": the service is decidedly not to be had here
}
