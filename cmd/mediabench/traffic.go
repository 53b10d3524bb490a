//go:build linux

package main

import (
	"encoding/binary"
	"net/netip"
	"os"
	"slices"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// packetSize is 20 ms of G.711.
const packetSize = 12 + 160

// phone is a socket with what it says.
type phone struct {
	fd       int
	address  netip.AddrPort
	sequence uint16
}

// traffic is all phones: those of call i are 2i and 2i+1.
type traffic struct {
	phones []phone
	run    uint32 // marks the packets of one run
}

// firstPort of the phones: each side has every second one, the odd ones being for RTCP.
const firstPort = 30000

func openPhones(b *bed, calls int) (*traffic, error) {
	t := &traffic{phones: make([]phone, 2*calls)}
	for side := range 2 {
		err := b.within(side, func() error {
			for call := range calls {
				// A port is a side's alone, so that the plain loop can tell them apart.
				at := netip.AddrPortFrom(b.phones[side], uint16(firstPort+4*call+2*side))
				fd, err := openPhone(at)
				if err != nil {
					return err
				}
				t.phones[2*call+side] = phone{fd: fd, address: at}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return t, nil
}

func openPhone(at netip.AddrPort) (int, error) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return 0, os.NewSyscallError("socket", err)
	}
	_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF, 1<<20) // as much as is allowed
	if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1); err != nil {
		return 0, os.NewSyscallError("setsockopt", err)
	}
	return fd, os.NewSyscallError("bind", unix.Bind(fd, &unix.SockaddrInet4{Addr: at.Addr().As4(), Port: int(at.Port())}))
}

func (t *traffic) close() {
	for i := range t.phones {
		_ = unix.Close(t.phones[i].fd)
	}
}

func (t *traffic) calls() (calls [][2]netip.AddrPort) {
	for i := 0; i < len(t.phones); i += 2 {
		calls = append(calls, [2]netip.AddrPort{t.phones[i].address, t.phones[i+1].address})
	}
	return calls
}

// aim tells every phone where to send.
func (t *traffic) aim(to [][2]netip.AddrPort) error {
	for i := range t.phones {
		at := to[i/2][i%2]
		if err := unix.Connect(t.phones[i].fd, &unix.SockaddrInet4{Addr: at.Addr().As4(), Port: int(at.Port())}); err != nil {
			return os.NewSyscallError("connect", err)
		}
	}
	return nil
}

// send sends packets at a rate, one phone after the other, each in its time, and tells how many.
func (t *traffic) send(perSecond int, length time.Duration) (sent int) {
	t.run++
	var b [packetSize]byte
	b[0], b[1] = 0x80, 8
	binary.BigEndian.PutUint32(b[12:], t.run)
	start := time.Now()
	total := int(int64(perSecond) * int64(length) / int64(time.Second))
	for ; sent < total; sent++ {
		for time.Since(start) < time.Duration(int64(sent)*int64(time.Second)/int64(perSecond)) {
		}
		if time.Since(start) > 3*length/2 {
			break // this processor can't send so fast
		}
		t.speak(sent%len(t.phones), &b)
	}
	return sent
}

func (t *traffic) speak(who int, b *[packetSize]byte) {
	p := &t.phones[who]
	p.sequence++
	binary.BigEndian.PutUint16(b[2:], p.sequence)
	binary.BigEndian.PutUint32(b[4:], uint32(p.sequence)*160)
	binary.BigEndian.PutUint32(b[8:], uint32(who+1))
	binary.BigEndian.PutUint64(b[16:], uint64(time.Now().UnixNano()))
	_, _, _ = unix.RawSyscall6(unix.SYS_SENDTO, uintptr(p.fd), uintptr(unsafe.Pointer(b)), packetSize, unix.MSG_DONTWAIT, 0, 0)
}

// heard is what arrived of one run.
type heard struct {
	packets int
	delays  []time.Duration // between a phone's send and the other's system, ascending
}

// listen takes what has arrived and waits at every phone.
func (t *traffic) listen() (h heard) {
	var b [2048]byte
	control := make([]byte, 128)
	for i := range t.phones {
		for {
			n, c, _, _, err := unix.Recvmsg(t.phones[i].fd, b[:], control, unix.MSG_DONTWAIT)
			if err == unix.ECONNREFUSED {
				continue
			}
			if err != nil {
				break
			}
			at := arrival(control[:c])
			if n == packetSize && binary.BigEndian.Uint32(b[12:]) == t.run && at > 0 {
				h.packets++
				h.delays = append(h.delays, time.Duration(at-int64(binary.BigEndian.Uint64(b[16:]))))
			}
		}
	}
	slices.Sort(h.delays)
	return h
}

// arrival is the time at which the system received a datagram, in nanoseconds.
func arrival(control []byte) int64 {
	if len(control) < unix.CmsgLen(0)+16 {
		return 0
	}
	data := control[unix.CmsgLen(0):]
	return int64(binary.NativeEndian.Uint64(data))*int64(time.Second) + int64(binary.NativeEndian.Uint64(data[8:]))
}

// at is a delay that so many of a thousand do not exceed, in microseconds.
func (h heard) at(perMille int) float64 {
	if len(h.delays) == 0 {
		return 0
	}
	return float64(h.delays[min(len(h.delays)-1, len(h.delays)*perMille/1000)].Nanoseconds()) / 1000
}
