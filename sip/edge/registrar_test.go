package edge

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"maskd/sip/digest"
	"maskd/sip/leg"
	"maskd/sip/siptest"
)

// enrolled is a trunk that registers with the doorman for an hour.
func enrolled(c *Config) {
	c.Trunks[0].Account, c.Trunks[0].Gateways = account("carrier.example"), twoGateways()
	c.Trunks[0].Register = &Register{Registrar: Gateway{Network: UDP, Host: "192.0.2.9", Port: 5060},
		User: "maskd", Domain: "carrier.example", Contact: "trunk1", Expiry: time.Hour}
}

// registering runs a script with a trunk that registers, and a doorman that is
// its registrar.
func registering(t *testing.T, how func(*doorman), script func(*exchange, *doorman)) {
	t.Helper()
	inExchangeOf(t, enrolled, func(x *exchange) {
		d := newDoorman(x.t, x.carrier)
		d.change(func(d *doorman) { d.extra = []string{"Contact: <sip:trunk1@192.0.2.50:5060>;expires=3600"} })
		d.change(how)
		time.Sleep(firstWait + firstSpread)
		script(x, d)
	})
}

func (x *exchange) registration() Registration { return x.edge.Registrations()[0] }

func TestATrunkRegistersWithCredentials(t *testing.T) {
	registering(t, func(*doorman) {}, func(x *exchange, d *doorman) {
		check(t, "first", d.told(), "refused REGISTER, passed REGISTER")
		m := d.last("REGISTER")
		for name, want := range map[string]string{"Contact": "<sip:trunk1@192.0.2.50:5060>", "Expires": "3600", "Supported": "path",
			"To": "<sip:maskd@carrier.example>", "Content-Length": "0"} {
			check(t, name, m.Get(name), want)
		}
		check(t, "Request-URI (10.2: no user)", m.Start, "REGISTER sip:carrier.example SIP/2.0")
		now := x.registration()
		if now.State != Registered || now.Status != 200 || now.ExpiresAt.IsZero() {
			t.Errorf("operators see %+v", now)
		}
		wait := time.Until(now.NextAt)
		if wait < 29*time.Minute || wait > 54*time.Minute {
			t.Errorf("refreshed in %v", wait)
		}
		time.Sleep(wait)
		check(t, "refreshed without being asked", d.told(), "passed REGISTER")
		if next := d.last("REGISTER"); next.Get("Call-ID") != m.Get("Call-ID") || next.Seq() <= m.Seq() ||
			siptest.Tag(next.Get("From")) != siptest.Tag(m.Get("From")) {
			t.Errorf("the next REGISTER has %s, %s after %s, %s (10.2)", next.Get("Call-ID"), next.Get("CSeq"), m.Get("Call-ID"), m.Get("CSeq"))
		}
	})
}

func TestTheBindingIsTakenBackAtClose(t *testing.T) {
	registering(t, func(*doorman) {}, func(x *exchange, d *doorman) {
		_ = d.told()
		x.edge.Close()
		check(t, "at close", d.told(), "passed REGISTER")
		check(t, "for how long", d.last("REGISTER").Get("Expires"), "0")
		if now := x.registration(); now.State != Unregistered || !now.ExpiresAt.IsZero() {
			t.Errorf("operators see %+v", now)
		}
	})
}

func TestASilentRegistrarDoesNotHoldUpTheClose(t *testing.T) {
	registering(t, func(*doorman) {}, func(x *exchange, _ *doorman) {
		x.network.Lose(func(p siptest.Packet) bool { return p.From.String() == carrierAddr })
		began := time.Now()
		x.edge.Close()
		if took := time.Since(began); took > leaveTime {
			t.Errorf("closing takes %v", took)
		}
	})
}

func TestARegistrarThatRefusesIsAskedLessAndLess(t *testing.T) {
	registering(t, func(d *doorman) { d.open, d.status, d.extra = true, 403, nil }, func(x *exchange, d *doorman) {
		if now := x.registration(); now.State != RegistrationFailed || now.Status != 403 {
			t.Errorf("operators see %+v", now)
		}
		_ = d.told()
		time.Sleep(time.Minute)
		early := strings.Count(d.told(), "REGISTER")
		time.Sleep(29 * time.Minute)
		_ = d.told()
		time.Sleep(time.Hour)
		late := strings.Count(d.told(), "REGISTER")
		if early < 4 || early > 6 || late < 12 || late > 24 { // 1, 2, 4 .. s at first, then every 2.5 to 5 min
			t.Errorf("asked %d times in the first minute, %d times in an hour later on", early, late)
		}
		if n := x.logs.FilterMessage("trunk not registered").Len(); n != 1 {
			t.Errorf("logged %d times", n)
		}
		d.change(func(d *doorman) { d.status, d.extra = 0, []string{"Expires: 60"} })
		time.Sleep(lastBackOff)
		if now := x.registration(); now.State != Registered {
			t.Errorf("once it is let in: %+v", now)
		}
	})
}

func TestAWrongPasswordIsNotTriedTwiceInARow(t *testing.T) {
	registering(t, func(d *doorman) { d.password = "other" }, func(x *exchange, d *doorman) {
		check(t, "asked", d.told(), "refused REGISTER, refused REGISTER")
		if now := x.registration(); now.State != RegistrationFailed || now.Status != 401 {
			t.Errorf("operators see %+v", now)
		}
	})
}

func TestATooBriefRegistrationAsksForMore(t *testing.T) {
	registering(t, func(d *doorman) { d.open, d.status, d.extra = true, 423, []string{"Min-Expires: 7200"} }, func(x *exchange, d *doorman) {
		_ = d.told()
		check(t, "asked for", d.last("REGISTER").Get("Expires"), "7200")
	})
}

// RFC 3608: the carrier says which way our calls are to take; and the CANCEL of
// a call takes the same (RFC 3261 section 9.1).
func TestCallsTakeTheServiceRoute(t *testing.T) {
	registering(t, func(d *doorman) {
		d.extra = append(d.extra, "Service-Route: <sip:192.0.2.10:5062;lr>, <sip:core.carrier.example;lr>")
	}, func(x *exchange, d *doorman) {
		proxy := x.plug("192.0.2.10:5062")
		r := x.ring()
		time.Sleep(time.Second)
		invite := x.invited()
		const want = "<sip:192.0.2.10:5062;lr> <sip:core.carrier.example;lr>"
		check(t, "Route", strings.Join(invite.All("Route"), " "), want)
		_ = x.respond(proxy, invite, "180 Ringing")
		_ = r.inputs()
		r.do(leg.SendCancel)
		time.Sleep(time.Second)
		var way []string
		for _, p := range x.network.Packets() {
			if m := siptest.Parse(p.Data); m.Name() == "INVITE" || m.Name() == "CANCEL" {
				way = append(way, m.Name()+" to "+p.To.String())
				check(t, m.Name()+"'s Route", strings.Join(m.All("Route"), " "), want)
			}
		}
		if len(way) < 2 || strings.Contains(strings.Join(way, " "), carrierAddr) {
			t.Errorf("sent: %s", way)
		}
		r.Close()
	})
}

// Where a Service-Route leads is believed for hosts of the trunk only.
func TestAServiceRouteLeadsNowhereElse(t *testing.T) {
	registering(t, func(d *doorman) { d.extra = append(d.extra, "Service-Route: <sip:203.0.113.1:5060;lr>") }, func(x *exchange, d *doorman) {
		r := x.ring()
		_, _ = r.settle(d)
		for _, p := range x.network.Packets() {
			if p.From.String() == edgeAddr && p.To.Addr() == netip.MustParseAddr("203.0.113.1") {
				t.Errorf("%s goes to a stranger", siptest.Parse(p.Data).Name())
			}
		}
		r.do(leg.SendAck, leg.SendBye)
		_, _ = r.settle(d)
		r.Close()
	})
}

func TestARegistrarOutsideOfTheTrunkIsNotAsked(t *testing.T) {
	inExchangeOf(t, func(c *Config) {
		enrolled(c)
		c.Trunks[0].Register.Registrar.Host = "203.0.113.1"
		c.Trunks[0].Gateways = append(c.Trunks[0].Gateways, c.Trunks[0].Register.Registrar)
		c.Trunks[0].Account = digest.Account{}
	}, func(x *exchange) {
		time.Sleep(time.Minute)
		if n := len(x.network.Packets()); n != 0 {
			t.Errorf("%d packets", n)
		}
		if now := x.registration(); now.State != RegistrationFailed {
			t.Errorf("operators see %+v", now)
		}
	})
}
