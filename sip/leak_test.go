package sip

import (
	"context"
	"net"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"maskd/mapping"
	"maskd/sip/siptest"
)

// planted are texts, each with something of the rider's in another spelling.
// They are written by hand: what makes the canary's spellings may not vouch
// for itself.
var planted = map[string]string{
	"number":                  "+919876543210",
	"without plus":            "919876543210",
	"national":                "09876543210",
	"local":                   "6543210",
	"dashes":                  "98765-43210",
	"dots":                    "987.654.3210",
	"blanks":                  "98 76 54 32 10",
	"brackets":                "(98765) 43210",
	"escaped":                 "%39%38%37%36%35%34%33%32%31%30",
	"backwards":               "012345678919",
	"base64":                  "x" + "KzkxOTg3NjU0MzIxMA==",
	"base64, second phase":    "YSs5MTk4NzY1NDMyMTA=",
	"base64, third phase":     "YWIrOTE5ODc2NTQzMjEw",
	"base64 in a PASSporT":    "eyJvcmlnIjp7InRuIjoiOTE5ODc2NTQzMjEwIn19",
	"hex":                     "2B393139383736353433323130",
	"BCD":                     "\x91\x98\x76\x54\x32\x10",
	"BCD, nibbles swapped":    "\x19\x89\x67\x45\x23\x01",
	"BCD after another digit": "\x09\x19\x87\x65\x43\x21\x00",
	"BCD in hex":              "198967452301",
	"address":                 "10.11.12.13",
	"address in IPv6":         "::ffff:10.11.12.13",
	"address in hex":          "0A0B0C0D",
	"address in IPv6 in hex":  "::ffff:a0b:c0d",
	"address as number":       "168496141",
	"address in a host name":  "ip-10-11-12-13.example",
	"address as bytes":        "\x0a\x0b\x0c\x0d",
	"address, reversed":       "\x0d\x0c\x0b\x0a",
	"name":                    "ASHA RIDERWORD",
	"name in base64":          "QXNoYSBSaWRlcndvcmQ=",
	"device":                  "riderphone/7.1",
	"host":                    "RIDER-HOST.invalid",
	"session":                 "o=riderbox",
	"origin":                  "2890844526",
	"source":                  "1357924680",
	"CSeq":                    "314159",
	"header":                  "rider-trace-id",
	"DID of the rider":        "+15550100001",
}

// TestCanaryFindsEverySpelling sends each spelling over the network of a world,
// from maskd's address, and expects the search that every ladder ends with to
// find it.
func TestCanaryFindsEverySpelling(t *testing.T) {
	innocent := leaksOf(t, usual, func(w *world) { w.smuggle("nothing") })
	if len(innocent) != 0 {
		t.Fatalf("found where nothing is: %v", innocent)
	}
	for name, text := range planted {
		t.Run(name, func(t *testing.T) {
			leaks := leaksOf(t, usual, func(w *world) { w.smuggle(text) })
			if len(leaks) == 0 {
				t.Errorf("%q was not found", text)
			}
		})
	}
}

// TestCanaryFindsMarksOfTheOtherLeg smuggles what tells that two legs belong
// together, as maskd or a phone wrote it on the other leg.
func TestCanaryFindsMarksOfTheOtherLeg(t *testing.T) {
	marks := map[string]func(invite, ok siptest.Message) string{
		"Call-ID of the rider": func(invite, _ siptest.Message) string { return invite.Get("Call-ID") },
		"tag of the rider":     func(invite, _ siptest.Message) string { return siptest.Tag(invite.Get("From")) },
		"branch of the rider":  func(invite, _ siptest.Message) string { return siptest.Branch(invite.Get("Via")) },
		"our tag":              func(_, ok siptest.Message) string { return siptest.Tag(ok.Get("To")) },
		"our session": func(_, ok siptest.Message) string {
			_, origin, _ := strings.Cut(ok.Body, "o=- ")
			return strings.Fields(origin)[0]
		},
		"our port": func(_, ok siptest.Message) string {
			_, media, _ := strings.Cut(ok.Body, "m=audio ")
			return strings.Fields(media)[0]
		},
	}
	for name, mark := range marks {
		t.Run(name, func(t *testing.T) {
			leaks := leaksOf(t, usual, func(w *world) {
				w.ring()
				w.customer.Answer()
				ok := w.await(w.rider, "200")
				invite := siptest.Parse(w.network.Packets()[0].Data)
				time.Sleep(time.Second)
				w.hangUp(w.rider)
				w.smuggle(mark(invite, ok))
			})
			if len(leaks) == 0 {
				t.Error("it was not found")
			}
		})
	}
}

// TestPlantedFaultsLeak puts faults into the path by which messages are
// composed, and expects the search to report each.
func TestPlantedFaultsLeak(t *testing.T) {
	shown := func(did mapping.DID) func(*world) {
		return func(w *world) {
			k := key{riderDID, rider.number()}
			route := w.directory.routes[k]
			route.Show = did
			w.directory.routes[k] = route
		}
	}
	faults := []struct {
		name  string
		cast  cast
		plant func(*world)
	}{
		{"the route shows the rider's number", usual, shown(mapping.DID(rider.id.Number))},
		{"the route shows the rider's DID", usual, shown(riderDID)},
		{"we call ourselves what the rider does", cast{rider: rider, customer: customer, advertise: rider.id.Host}, func(*world) {}},
		{"we call ourselves the rider's address", cast{rider: rider, customer: customer, advertise: rider.host().String()}, func(*world) {}},
	}
	for _, fault := range faults {
		t.Run(fault.name, func(t *testing.T) {
			leaks := leaksOf(t, fault.cast, func(w *world) {
				fault.plant(w)
				w.talk()
				w.hangUp(w.rider)
			})
			if len(leaks) == 0 {
				t.Error("no leak is reported")
			}
		})
	}
}

// leaksOf plays a script and returns what leaked, which is for once no failure.
func leaksOf(t *testing.T, c cast, script func(*world)) []string {
	t.Helper()
	var leaks []string
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, c)
		script(w)
		w.settle()
		w.close()
		leaks = w.leaks()
	})
	return leaks
}

// smuggle sends the customer a request with a text in it, from maskd's address,
// by the network that all else goes through.
func (w *world) smuggle(text string) {
	w.t.Helper()
	socket, err := w.network.ListenPacket(context.Background(), "udp", netip.AddrPortFrom(maskdHost, 5999).String())
	w.must(err)
	defer func() { w.must(socket.Close()) }()
	_, err = socket.WriteTo([]byte("OPTIONS sip:x SIP/2.0\r\nCSeq: 1 OPTIONS\r\nX: "+text+"\r\n\r\n"),
		net.UDPAddrFromAddrPort(netip.MustParseAddrPort(w.cast.customer.addr)))
	w.must(err)
}
