package edge

import (
	"errors"
	"os"
	"testing"
	"time"

	"go.uber.org/zap"

	"maskd/sip/siptest"
)

// reloaded changes the trunk of an exchange, and returns what that changed.
func (x *exchange) reloaded(change func(*Trunk)) Changes {
	x.t.Helper()
	trunk := *x.edge.peers().trunks[0]
	change(&trunk)
	changes, err := x.edge.Reload([]Trunk{trunk}, Keypair{}, func() {})
	if err != nil {
		x.t.Fatal(err)
	}
	return changes
}

// A binding outlives every change of its trunk but that of what is bound.
func TestARegistrationOverReloads(t *testing.T) {
	registering(t, func(*doorman) {}, func(x *exchange, d *doorman) {
		check(t, "at first", d.told(), "refused REGISTER, passed REGISTER")
		first := d.last("REGISTER")

		x.reloaded(func(*Trunk) {})
		time.Sleep(time.Minute)
		check(t, "after a reload that changed nothing", d.told(), "")

		x.reloaded(func(t *Trunk) { t.Failover = time.Second })
		if now := x.registration(); now.State != Registered {
			t.Errorf("while it is refreshed the trunk is %s", now.State)
		}
		time.Sleep(time.Second)
		check(t, "after a change of something else", d.told(), "passed REGISTER")
		again := d.last("REGISTER")
		check(t, "Expires", again.Get("Expires"), "3600")
		if again.Get("Call-ID") != first.Get("Call-ID") || again.Seq() <= first.Seq() {
			t.Errorf("it is another registration: %s, %s", again.Get("Call-ID"), again.Get("CSeq"))
		}

		x.reloaded(func(t *Trunk) {
			other := *t.Register
			other.Contact = "trunk2"
			t.Register = &other
		})
		d.change(func(d *doorman) { d.extra = []string{"Contact: <sip:trunk2@192.0.2.50:5060>;expires=3600"} })
		time.Sleep(2 * time.Second)
		check(t, "of another contact", d.told(), "passed REGISTER, passed REGISTER")
		bindings := d.registers()
		taken, given := bindings[len(bindings)-2], bindings[len(bindings)-1]
		check(t, "taken back first", taken.Get("Contact")+" "+taken.Get("Expires"), "<sip:trunk1@192.0.2.50:5060> 0")
		check(t, "then given", given.Get("Contact")+" "+given.Get("Expires"), "<sip:trunk2@192.0.2.50:5060> 3600")

		if _, err := x.edge.Reload(nil, Keypair{}, func() {}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Second)
		check(t, "removed", d.told(), "passed REGISTER")
		check(t, "taken back", d.last("REGISTER").Get("Expires"), "0")
	})
}

// registers returns all REGISTERs so far.
func (d *doorman) registers() (all []siptest.Message) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, m := range d.seen {
		if m.Method() == "REGISTER" {
			all = append(all, m)
		}
	}
	return all
}

// A file that can't be read stops all of a reload.
func TestAReloadThatFailsChangesNothing(t *testing.T) {
	inExchange(t, func(x *exchange) {
		before := x.edge.peers()
		trunk := *before.trunks[0]
		trunk.TLS.CA = "none.pem"
		_, err := x.edge.Reload([]Trunk{trunk}, Keypair{}, func() { t.Error("something else was changed") })
		if !errors.Is(err, os.ErrNotExist) {
			t.Errorf("error %v", err)
		}
		if x.edge.peers() != before {
			t.Error("the trunks were changed")
		}
	})
}

func TestAnEdgeThatIsClosedIsNotReloaded(t *testing.T) {
	e := New(Config{}, nil, zap.NewNop())
	if _, err := e.Reload([]Trunk{carrier("192.0.2.0/28")}, Keypair{}, func() {}); err != nil || len(e.peers().trunks) != 0 {
		t.Errorf("before the start: %v", err)
	}
}

// Each trunk behind a door has a listener of its own, one that comes later too.
func TestATrunkIsAddedBehindADoor(t *testing.T) {
	h := newHouse(t)
	north := carrier(loopStranger + "/32")
	north.Name, north.TLS = "north", TrunkTLS{CA: h.ca.file(), Names: []string{"north.example"}, Mutual: true}
	good := h.asWest(h.ca.issue(dns("north.example")))
	if _, err := h.connect(t, loopStranger, good); err == nil {
		t.Fatal("it is let in before it is a trunk")
	}
	configured := []Trunk{*h.peers().trunks[0], *h.peers().trunks[1], north}
	if _, err := h.Reload(configured, h.keypair, func() {}); err != nil {
		t.Fatal(err)
	}
	open, err := h.connect(t, loopStranger, good)
	if err != nil {
		t.Fatalf("it is not let in: %v", err)
	}
	if _, err := h.connect(t, loopStranger, h.asWest(h.ca.issue(dns("west.example")))); err == nil {
		t.Error("with another's certificate it is let in")
	}
	configured[2].TLS.Names = []string{"south.example"}
	if _, err := h.Reload(configured, h.keypair, func() {}); err != nil {
		t.Fatal(err)
	}
	if _, err := h.connect(t, loopStranger, good); err == nil {
		t.Error("with the name that it had before it is let in")
	}
	if _, err := h.connect(t, loopStranger, h.asWest(h.ca.issue(dns("south.example")))); err != nil {
		t.Errorf("with its new name it is not let in: %v", err)
	}
	_ = open.SetReadDeadline(time.Now().Add(shortPatience))
	if err := open.ask(); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("with the name that it had before it is answered: %v", err)
	}
}
