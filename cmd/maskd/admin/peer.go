package admin

import (
	"context"
	"net"
	"net/http"
	"slices"
	"syscall"
	"unsafe"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"golang.org/x/sys/unix"

	"maskd/mapping"
)

// peer is who is at the other end of a connection: a process, as the kernel saw
// it connect (SO_PEERCRED and SO_PEERGROUPS, unix(7)), or whoever has the
// certificate that was shown. A client can't lie about either.
type peer struct {
	way    mapping.Way // zero: nobody knows
	uid    uint32
	pid    int32
	groups []uint32 // its own first
	names  []string // URIs and DNS names that the certificate is for
}

type peerKey struct{}

// withPeer keeps the peer of a connection for its requests. Who is behind a TLS
// connection is known once it has shaken hands: see [Server.peer].
func withPeer(ctx context.Context, c net.Conn) context.Context {
	socket, ok := c.(*net.UnixConn)
	if !ok {
		return withEntrant(ctx)
	}
	return context.WithValue(ctx, peerKey{}, credentials(socket))
}

func credentials(c *net.UnixConn) (p peer) {
	raw, err := c.SyscallConn()
	if err != nil {
		return peer{}
	}
	err = raw.Control(func(fd uintptr) {
		if cred, err := syscall.GetsockoptUcred(int(fd), syscall.SOL_SOCKET, syscall.SO_PEERCRED); err == nil {
			p = peer{way: mapping.WaySocket, uid: cred.Uid, pid: cred.Pid, groups: append([]uint32{cred.Gid}, groupsOf(fd)...)}
		}
	})
	if err != nil {
		return peer{}
	}
	return p
}

// usualGroups is how many groups a process seldom has more of.
const usualGroups = 32

// groupsOf returns the supplementary groups of the peer, by one of which it most
// often has the right to open the socket. x/sys has no name for this call.
func groupsOf(fd uintptr) []uint32 {
	groups := make([]uint32, usualGroups)
	for {
		size := uint32(len(groups)) * 4
		_, _, errno := unix.Syscall6(unix.SYS_GETSOCKOPT, fd, unix.SOL_SOCKET, unix.SO_PEERGROUPS,
			uintptr(unsafe.Pointer(&groups[0])), uintptr(unsafe.Pointer(&size)), 0)
		switch {
		case errno == 0:
			return groups[:size/4]
		case errno == unix.ERANGE && int(size/4) > len(groups): // and says how many there are
			groups = make([]uint32, size/4)
		default:
			return nil
		}
	}
}

// is reports whether the grant is to this peer.
func (p peer) is(g *Grant) bool {
	switch p.way {
	case mapping.WaySocket:
		return g.UID != nil && *g.UID == p.uid || g.GID != nil && slices.Contains(p.groups, *g.GID)
	case mapping.WayCertificate:
		return g.Certificate != "" && slices.Contains(p.names, g.Certificate)
	default:
		return false
	}
}

// by is the log field that says who asked.
func by(r *http.Request) zap.Field {
	a, ok := r.Context().Value(askerKey{}).(asker)
	if !ok {
		a.peer, _ = r.Context().Value(peerKey{}).(peer)
	}
	return zap.Object("by", a.peer)
}

// MarshalLogObject writes uid and pid, or the name in the certificate.
func (p peer) MarshalLogObject(enc zapcore.ObjectEncoder) error {
	switch p.way {
	case mapping.WaySocket:
		enc.AddUint32("uid", p.uid)
		enc.AddInt32("pid", p.pid)
	case mapping.WayCertificate:
		enc.AddString("certificate", p.name())
	}
	return nil
}

// name is how a certificate is called that no grant is to.
func (p peer) name() string {
	if len(p.names) == 0 {
		return ""
	}
	return p.names[0]
}
