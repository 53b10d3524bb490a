package media

import (
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"

	"maskd/media/relay"
)

// fixed is a configuration whose SDP is the same each time.
func fixed() Config {
	return Config{
		Listen: addrs("203.0.113.5"),
		Ports:  PortRange{First: 20000, Last: 20099},
		Random: rand.NewChaCha8([32]byte{'f', 'i', 'x', 'e', 'd'}),
	}
}

// muted is a session that moves nothing, and what shows its flow.
func muted(t testing.TB) (*Session, *relay.Mute) {
	t.Helper()
	cfg := fixed()
	mover := relay.NewMute(cfg.Ports)
	engine := New(cfg, mover)
	t.Cleanup(engine.Close)
	s, err := engine.Open(Options{})
	if err != nil {
		t.Fatal(err)
	}
	return s, mover
}

func addrs(texts ...string) (all []netip.Addr) {
	for _, text := range texts {
		all = append(all, netip.MustParseAddr(text))
	}
	return all
}

// sdpOf is a body with one audio stream; the lines given come after its m= line.
func sdpOf(address, media string, lines ...string) []byte {
	family := "IP4"
	if strings.Contains(address, ":") {
		family = "IP6"
	}
	all := []string{"v=0", "o=- 1 1 IN " + family + " " + address, "s=-", "c=IN " + family + " " + address, "t=0 0", "m=" + media}
	return []byte(strings.Join(append(all, lines...), "\r\n") + "\r\n")
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
