package main

import (
	"encoding/binary"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pion/rtp"
)

// stranger has some sockets, and knows all about a call but its sound.
type stranger struct {
	sockets []*net.UDPConn
	sent    atomic.Int64
	bled    atomic.Int64 // datagrams that were sent to one of the sockets
}

// newStranger has a socket on each of the hosts; on those of the parties it is
// another process.
func newStranger(t *testing.T, hosts ...netip.Addr) *stranger {
	t.Helper()
	x := new(stranger)
	for _, h := range hosts {
		conn := listen(t, netip.AddrPortFrom(h, 0))
		x.sockets = append(x.sockets, conn)
		attend(t, conn, func([]byte) { x.bled.Add(1) })
	}
	return x
}

// aim is a port of maskd, and whose packets it expects there.
type aim struct {
	at     netip.AddrPort
	victim *voice
}

// aims are the ports for RTP and RTCP of both legs.
func aims(a, b *voice, toA, toB netip.AddrPort) []aim {
	above := func(at netip.AddrPort) netip.AddrPort { return netip.AddrPortFrom(at.Addr(), at.Port()+1) }
	return []aim{{toA, a}, {above(toA), a}, {toB, b}, {above(toB), b}}
}

// spray sends so many packets at so many per second, from every socket to every
// port in turn: sound that goes on where the victim is, and every fourth round
// reports. It catches up when it had no processor.
func (x *stranger) spray(packets, perSecond int, at []aim) (done *sync.WaitGroup) {
	done = new(sync.WaitGroup)
	done.Go(func() {
		began := time.Now()
		for i := 0; i < packets; {
			due := min(packets, 1+int(time.Since(began).Seconds()*float64(perSecond)))
			for ; i < due; i++ {
				round, turn := i/(len(x.sockets)*len(at)), i%(len(x.sockets)*len(at))
				to := at[turn/len(x.sockets)]
				_, _ = x.sockets[turn%len(x.sockets)].WriteToUDPAddrPort(forge(round, to.victim), to.at)
				x.sent.Add(1)
			}
			time.Sleep(time.Millisecond)
		}
	})
	return done
}

// send sends a packet from the first socket.
func (x *stranger) send(packet []byte, to netip.AddrPort) {
	_, _ = x.sockets[0].WriteToUDPAddrPort(packet, to)
	x.sent.Add(1)
}

// forge is what the victim might send next, but for the words.
func forge(round int, victim *voice) []byte {
	ssrc, sequence := victim.position()
	if round%4 == 3 {
		return report(ssrc)
	}
	return word(ssrc, sequence+1+uint16(round%8))
}

// word is a packet of a stranger's.
func word(ssrc uint32, sequence uint16) []byte {
	h := rtp.Header{Version: 2, PayloadType: 8, SSRC: ssrc, SequenceNumber: sequence, Timestamp: uint32(sequence) * wordSamples}
	payload := append([]byte(mark), make([]byte, wordSamples-len(mark))...)
	packet, err := (&rtp.Packet{Header: h, Payload: payload}).Marshal()
	if err != nil {
		panic(err) // there is nothing in it that can fail
	}
	return packet
}

// report is a compound of RTCP (RFC 3550 section 6): what the source has sent,
// its name, and its farewell.
func report(ssrc uint32) []byte {
	const sender, description, bye = 200, 202, 203
	b := append([]byte{0x80, sender, 0, 6}, binary.BigEndian.AppendUint32(nil, ssrc)...)
	b = append(b, make([]byte, 20)...)
	b = binary.BigEndian.AppendUint32(append(b, 0x81, description, 0, 4), ssrc)
	b = append(append(b, 1, byte(len(mark))), mark...)
	b = append(b, 0, 0)
	return binary.BigEndian.AppendUint32(append(b, 0x81, bye, 0, 1), ssrc)
}
