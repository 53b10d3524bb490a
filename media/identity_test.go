package media

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"testing"

	"github.com/pion/srtp/v3"
	"pgregory.net/rapid"
)

func TestStreamBeginsWhereAPeerOfSRTPCanMissItsBeginning(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		if got := firstSequence(rapid.Uint16().Draw(t, "drawn")); got < 256 || got > 1<<15-1 {
			t.Fatalf("begins with %d", got)
		}
	})
}

// highest draws the highest identities that there are; what else is drawn is as usual.
type highest struct{ io.Reader }

func (h highest) Read(b []byte) (int, error) {
	if len(b) != identitySize {
		return h.Reader.Read(b)
	}
	for i := range b {
		b[i] = 0xff
	}
	return len(b), nil
}

func encryptedAnswerOf(conn *net.UDPConn) []byte {
	at := conn.LocalAddr().(*net.UDPAddr)
	return sdpOf(at.IP.String(), fmt.Sprintf("audio %d RTP/SAVP 8", at.Port), keyLine(4, "AES_CM_128_HMAC_SHA1_80", 30))
}

// The sequence numbers of what the peer misses must not hide a wrap, or it would understand nothing.
func TestPeerOfSRTPThatMissesTheFirstPackets(t *testing.T) {
	const host, all, missed = "127.22.0.6", 20, 10
	engine, err := NewSockets(Config{
		Listen: addrs(host), Ports: PortRange{First: 20000, Last: 20099},
		Random: highest{rand.NewChaCha8([32]byte{})},
	})
	must(t, err)
	t.Cleanup(engine.Close)
	s, err := engine.Open(Options{B: LegOptions{SRTP: SRTPRequired}})
	must(t, err)
	a, b := phone(t, host), phone(t, host)
	must(t, s.Receive(A, offerOf(a, "8")))
	s.Offer(B)
	must(t, s.Accept(B, encryptedAnswerOf(b)))
	answer, err := s.Answer(A)
	must(t, err)
	s.Bridge()

	key := s.leg(B).agreed.Crypt.Out.Material()
	peer, err := srtp.CreateContext(key[:16], key[16:], srtp.ProtectionProfileAes128CmHmacSha1_80)
	must(t, err)
	packet := make([]byte, 2000)
	for i := range uint16(all) {
		send(t, a, portIn(t, answer), 8, i, "\xd5\xd5")
		n, err := b.Read(packet)
		must(t, err)
		if i < missed {
			continue
		}
		if _, err := peer.DecryptRTP(nil, packet[:n], nil); err != nil {
			t.Errorf("packet %d: %v", i, err)
		}
	}
}
