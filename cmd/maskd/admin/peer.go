package admin

import (
	"context"
	"net"
	"net/http"
	"syscall"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// peer is the process at the other end of the socket, as the kernel saw it
// connect (SO_PEERCRED, unix(7)): a client can't lie about it.
type peer struct {
	known bool
	uid   uint32
	pid   int32
}

type peerKey struct{}

// withPeer keeps the peer of a connection for its requests.
func withPeer(ctx context.Context, c net.Conn) context.Context {
	socket, ok := c.(*net.UnixConn)
	if !ok {
		return ctx
	}
	return context.WithValue(ctx, peerKey{}, credentials(socket))
}

func credentials(c *net.UnixConn) peer {
	raw, err := c.SyscallConn()
	if err != nil {
		return peer{}
	}
	var p peer
	err = raw.Control(func(fd uintptr) {
		if cred, err := syscall.GetsockoptUcred(int(fd), syscall.SOL_SOCKET, syscall.SO_PEERCRED); err == nil {
			p = peer{known: true, uid: cred.Uid, pid: cred.Pid}
		}
	})
	if err != nil {
		return peer{}
	}
	return p
}

// by is the log field that says who asked.
func by(r *http.Request) zap.Field {
	p, _ := r.Context().Value(peerKey{}).(peer)
	return zap.Object("by", p)
}

// MarshalLogObject writes uid and pid.
func (p peer) MarshalLogObject(enc zapcore.ObjectEncoder) error {
	if p.known {
		enc.AddUint32("uid", p.uid)
		enc.AddInt32("pid", p.pid)
	}
	return nil
}
