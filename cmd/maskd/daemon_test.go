package main

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"
	"go.uber.org/zap"

	"maskd/cmd/maskd/admin"
	"maskd/cmd/maskd/config"
	"maskd/store"
)

// testConfig is a configuration on free ports, in a directory of its own.
func testConfig(t *testing.T) config.Config {
	t.Chdir(t.TempDir())
	cfg := config.Default()
	sip := netip.AddrPortFrom(loopback, freePort(loopback))
	for i := range cfg.SIP.Listen {
		cfg.SIP.Listen[i].Addr = sip
	}
	cfg.Admin.Metrics = config.TCPAddress{}
	return cfg
}

func TestADaemonStopsWhole(t *testing.T) {
	defer goleak.VerifyNone(t)
	cfg := testConfig(t)
	d, err := start(cfg, "", zap.NewNop(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := admin.NewClient(cfg.Admin.Socket).Ready(context.Background()); err != nil {
		t.Error(err)
	}
	if err := d.close(context.Background()); err != nil {
		t.Error(err)
	}
	if _, err := os.Lstat(cfg.Admin.Socket); err == nil {
		t.Error("the socket is still there")
	}
}

// Whatever part can't start, nothing of the daemon is left: it starts as soon
// as the reason is gone.
func TestAFailedStartLeavesNothing(t *testing.T) {
	for name, spoil := range map[string]func(*testing.T, config.Config) io.Closer{
		"SIP over UDP": func(t *testing.T, c config.Config) io.Closer {
			return occupy(net.ListenPacket("udp", c.SIP.Listen[0].Addr.String()))
		},
		"SIP over TCP": func(t *testing.T, c config.Config) io.Closer {
			return occupy(net.Listen("tcp", c.SIP.Listen[1].Addr.String()))
		},
		"admin socket": func(t *testing.T, c config.Config) io.Closer {
			if err := os.Mkdir("var", 0o700); err != nil {
				t.Fatal(err)
			}
			return occupy(net.Listen("unix", c.Admin.Socket))
		},
	} {
		t.Run(name, func(t *testing.T) {
			defer goleak.VerifyNone(t)
			cfg := testConfig(t)
			occupant := spoil(t, cfg)
			d, err := start(cfg, "", zap.NewNop(), nil)
			var refused *startError
			if !errors.As(err, &refused) || d != nil || exitCode(err) != exitStart {
				t.Errorf("start = %v, %v", d, err)
			}
			if err := occupant.Close(); err != nil {
				t.Fatal(err)
			}
			if d, err = start(cfg, "", zap.NewNop(), nil); err != nil {
				t.Fatal(err)
			}
			if err := d.close(context.Background()); err != nil {
				t.Error(err)
			}
		})
	}
}

// Nor is a start that can't be told, as where the disk is full: there is a store by then, and
// nothing that goes on beside it.
func TestADaemonThatHasOnlyAStoreStops(t *testing.T) {
	cfg := testConfig(t)
	options, err := storeOptions(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if options.Pools, err = cfg.DomainPools(); err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(options, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if err := (&daemon{store: db}).close(context.Background()); err != nil {
		t.Error(err)
	}
}

// occupy keeps an address from others.
func occupy[C io.Closer](c C, err error) io.Closer {
	if err != nil {
		panic(err)
	}
	return c
}
