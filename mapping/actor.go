package mapping

import (
	"fmt"
	"strconv"
)

// Way is how an actor reached us, and with it who vouches for his name.
type Way uint8

// The ways. The audit log keeps their values.
const (
	// WayDaemon: the daemon does it by itself: it starts, stops, reads its
	// configuration again at a signal.
	WayDaemon Way = iota + 1
	// WaySocket: a process at the other end of the admin socket. The kernel
	// vouches for its user, group and process (SO_PEERCRED, unix(7)).
	WaySocket
	// WayCertificate: a client of the admin listener that showed a certificate.
	WayCertificate
	// WayCommand: a command that opened the store itself, while no daemon ran.
	WayCommand
	// WayParty: a party of a call, by key. Its carrier vouches for it, as for its call.
	WayParty
)

// String returns the way as the API writes it.
func (w Way) String() string {
	switch w {
	case WayDaemon:
		return "daemon"
	case WaySocket:
		return "socket"
	case WayCertificate:
		return "certificate"
	case WayCommand:
		return "command"
	case WayParty:
		return "party"
	default:
		return "way(" + strconv.Itoa(int(w)) + ")"
	}
}

// Actor is who does something. The zero Actor is the daemon itself.
type Actor struct {
	Way    Way
	UID    uint32 // of the process, but for WayCertificate
	GID    uint32
	PID    int32
	Name   string // of the certificate
	Role   Role
	Tenant string // empty: the default one
	House  bool   // he is of the house, and acts for that tenant
}

// Daemon is the daemon as an actor.
func Daemon(uid, gid uint32, pid int32) Actor {
	return Actor{Way: WayDaemon, UID: uid, GID: gid, PID: pid, Role: RoleAdmin}
}

// PartyOf is a party of a call as an actor.
func PartyOf(call ID, side Side) Actor {
	return Actor{Way: WayParty, Name: "party " + side.String() + " in " + call.Text(KindCall)}
}

// String names the actor for people, such as "socket uid 1000 gid 1000 pid 4711
// (integrator)".
func (a Actor) String() string {
	if a.Way == 0 {
		a.Way = WayDaemon
	}
	text := fmt.Sprintf("%s uid %d gid %d pid %d", a.Way, a.UID, a.GID, a.PID)
	if a.Way == WayCertificate || a.Way == WayParty {
		text = a.Way.String() + " " + strconv.Quote(a.Name)
	}
	if a.Role != 0 {
		text += " (" + a.Role.String() + ")"
	}
	switch {
	case a.House:
		text += " of the house, for " + strconv.Quote(a.Tenant)
	case a.Tenant != "":
		text += " of " + strconv.Quote(a.Tenant)
	}
	return text
}
