package relay

import "golang.org/x/sys/unix"

// drain asks once where there is anything: nowhere, mostly, because its worker reads what comes to a port at rest.
func (e *epoll) drain(pairs [2]pair) {
	var ports [2 * len(pairs)]*port
	var asked [2 * len(pairs)]unix.PollFd
	for end, p := range pairs {
		for i, s := range [2]socket{p.rtp, p.rtcp} {
			at := 2*end + i
			if asked[at].Fd = -1; s != nil { // the system passes over a negative one
				ports[at] = s.(*port)
				asked[at] = unix.PollFd{Fd: int32(ports[at].fd), Events: unix.POLLIN}
			}
		}
	}
	n, err := unix.Ppoll(asked[:], new(unix.Timespec), nil)
	for at, p := range ports {
		if p != nil && (err != nil || n > 0 && asked[at].Revents != 0) {
			p.drain()
		}
	}
}

// drain takes what there is. An error may be an ICMP message about what was sent, and the last it is not.
func (p *port) drain() {
	var b [1]byte
	for range maxUnread {
		if _, _, err := p.receive(b[:]); err == unix.EAGAIN {
			return
		}
	}
}
