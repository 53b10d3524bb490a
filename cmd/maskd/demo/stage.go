package demo

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"

	"maskd/cmd/maskd/admin"
	"maskd/cmd/maskd/config"
	"maskd/sip/siptest"
)

// The hosts, all of the loopback network: that the two never see each other's
// address shows only if they have different ones.
const (
	riderHost    = "127.0.0.2"
	maskdHost    = "127.0.0.1"
	customerHost = "127.0.0.3"
)

// The cast, with all that a phone says about itself. Both speak mu-law only, as
// their earpieces do.
var (
	rider = siptest.Identity{Number: "+919876543210", Name: "Asha", Agent: "RiderPhone/7.1",
		Host: "rider.example", Session: "asha-laptop", Origin: 4711001, SSRC: riderSSRC, Seq: 30101, Codecs: "0 101"}
	customer = siptest.Identity{Number: "+447700900123", Name: "Beth", Agent: "CustomerPhone/9.2",
		Host: "customer.example", Session: "beth-kitchen", Origin: 8822002, SSRC: customerSSRC, Seq: 70707, Codecs: "0 101"}
)

// The tones by which we know who is heard.
const (
	riderTone    = 440
	customerTone = 1000
)

const (
	riderSSRC    = 173118746
	customerSSRC = 199129723
)

// stage is a daemon and two phones.
type stage struct {
	dir    string
	config config.Config
	client *admin.Client
	stop   func() error
	tap    *siptest.Tap

	rider, customer           *siptest.Phone
	riderSound, customerSound *earpiece
}

// Start runs a daemon and returns what stops it.
type Start func(config.Config) (stop func() error, err error)

func setStage(start Start) (s *stage, err error) {
	s = &stage{tap: siptest.NewTap()}
	defer func() {
		if err != nil {
			s.strike()
		}
	}()
	if s.dir, err = os.MkdirTemp("", "maskd-demo-"); err != nil {
		return nil, err
	}
	if s.riderSound, err = newEarpiece(riderHost, riderTone, riderSSRC); err != nil {
		return nil, err
	}
	if s.customerSound, err = newEarpiece(customerHost, customerTone, customerSSRC); err != nil {
		return nil, err
	}
	if err = s.startDaemon(start); err != nil {
		return nil, err
	}
	s.client = admin.NewClient(s.config.Admin.Socket)
	return s, s.client.Ready(context.Background())
}

// startDaemon plugs the phones in and starts the daemon between them. The
// customer's phone stands for the carrier's gateway.
func (s *stage) startDaemon(start Start) error {
	proxy, err := freePort()
	if err != nil {
		return err
	}
	gateway, err := s.plug(customerHost, customer, proxy, s.customerSound, &s.customer)
	if err != nil {
		return err
	}
	if _, err := s.plug(riderHost, rider, proxy, s.riderSound, &s.rider); err != nil {
		return err
	}
	s.config = config.Default()
	s.config.SIP.Listen = []config.Listen{{Network: "udp", Addr: proxy}}
	s.config.Store = config.Store{Path: filepath.Join(s.dir, "maskd.db"), RootKey: filepath.Join(s.dir, "root.key")}
	s.config.Admin = config.Admin{Socket: filepath.Join(s.dir, "maskd.sock")}
	s.config.Trunks[0].Gateways = []config.Gateway{{Network: "udp", Host: customerHost, Port: gateway}}
	s.config.Trunks[0].Options = new(config.Probe) // never: the customer's phone is no gateway
	s.stop, err = start(s.config)
	return err
}

func (s *stage) plug(host string, id siptest.Identity, proxy netip.AddrPort, sound *earpiece, phone **siptest.Phone) (uint16, error) {
	conn, err := net.ListenPacket("udp", net.JoinHostPort(host, "0"))
	if err != nil {
		return 0, err
	}
	id.Port = int(sound.port())
	*phone = siptest.PlugIn(s.tap.On(conn), id, proxy)
	return uint16(conn.LocalAddr().(*net.UDPAddr).Port), nil
}

// freePort finds a port for the daemon. Another program could take it before
// the daemon does; then the daemon says so.
func freePort() (netip.AddrPort, error) {
	conn, err := net.ListenPacket("udp", net.JoinHostPort(maskdHost, "0"))
	if err != nil {
		return netip.AddrPort{}, fmt.Errorf("find a port: %w", err)
	}
	defer conn.Close()
	return conn.LocalAddr().(*net.UDPAddr).AddrPort(), nil
}

// strike takes everything down.
func (s *stage) strike() {
	for _, phone := range []*siptest.Phone{s.rider, s.customer} {
		if phone != nil {
			phone.Close()
		}
	}
	for _, sound := range []*earpiece{s.riderSound, s.customerSound} {
		if sound != nil {
			sound.close()
		}
	}
	if s.stop != nil {
		_ = s.stop()
	}
	_ = os.RemoveAll(s.dir)
}
