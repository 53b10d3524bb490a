package admin

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"syscall"
	"time"
)

// Why the socket can't be bound. Each is wrapped with the path.
var (
	// ErrSocketInUse: another daemon answers on the socket.
	ErrSocketInUse = errors.New("another daemon answers on this socket: stop it or choose another path")
	// ErrNotSocket: there is a file of another kind in its place.
	ErrNotSocket = errors.New("is not a socket: move it away or choose another path")
	// ErrSocketPath: the path is longer than the system can bind.
	ErrSocketPath = errors.New("path is longer than the 107 bytes that a socket can have")
)

const (
	socketMode = 0o660
	dialWait   = time.Second
	maxPath    = 107 // sun_path of sockaddr_un is 108 bytes, one of them the end
)

// listen binds the socket, in place of one that a daemon left when it died.
func listen(path string) (net.Listener, error) {
	if len(path) > maxPath {
		return nil, fmt.Errorf("bind admin socket %s: %w", path, ErrSocketPath)
	}
	if err := removeStale(path); err != nil {
		return nil, fmt.Errorf("bind admin socket %s: %w", path, err)
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		return nil, fmt.Errorf("bind admin socket: %w", err)
	}
	if err := os.Chmod(path, socketMode); err != nil {
		return nil, errors.Join(fmt.Errorf("set mode of admin socket: %w", err), l.Close())
	}
	return l, nil
}

// removeStale removes a socket on which nobody listens, and nothing else.
func removeStale(path string) error {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if info.Mode().Type() != fs.ModeSocket {
		return ErrNotSocket
	}
	conn, err := net.DialTimeout("unix", path, dialWait)
	if err == nil {
		return errors.Join(ErrSocketInUse, conn.Close())
	}
	if !errors.Is(err, syscall.ECONNREFUSED) {
		return err
	}
	return os.Remove(path)
}
