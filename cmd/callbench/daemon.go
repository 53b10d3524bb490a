//go:build linux

package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"maskd/cmd/maskd/admin"
)

// configuration is any day's, but for two things: a port rests a second and not half a minute,
// because one address has ports for 16,000 calls only, and the log is of warnings.
const configuration = `sip: {listen: ["udp://` + maskdHost + `:5060"]}
media: {listen: ` + maskdHost + `, ports: 1024-65535, rest_seconds: 1}
store: {path: var/maskd.db, root_key: var/root.key}
admin: {socket: maskd.sock, metrics: "` + metricsAddr + `"}
trunks:
  - {name: callers, accept: [` + callerHost + `/32], gateways: ["sip:` + callerHost + `:5060"]}
  - {name: callees, accept: [` + calleeHost + `/32], gateways: ["sip:` + calleeHost + `:5060"]}
pools:
  - {name: default, trunk: callees, dids: [+15550100000..+15550100999]}
`

// metricsAddr is where the daemon tells how much it has allocated.
const metricsAddr = maskdHost + ":9560"

// daemon is the real one, in a folder of its own, alone on its processor.
type daemon struct {
	process
	dir    string
	child  *exec.Cmd
	client *admin.Client
	log    bytes.Buffer
}

// startDaemon builds it, unless one is given, and starts it.
func startDaemon(program string, environment ...string) (d *daemon, err error) {
	d = &daemon{}
	if d.dir, err = os.MkdirTemp("", "callbench"); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			d.stop()
		}
	}()
	if program == "" {
		program = filepath.Join(d.dir, "maskd")
		if out, err := exec.Command("go", "build", "-o", program, "maskd/cmd/maskd").CombinedOutput(); err != nil {
			return d, fmt.Errorf("build maskd: %w: %s", err, out)
		}
	}
	if err := os.WriteFile(filepath.Join(d.dir, "maskd.yaml"), []byte(configuration), 0o600); err != nil {
		return d, err
	}
	return d, d.start(program, environment)
}

// start starts it on its processor and waits until it is ready.
func (d *daemon) start(program string, environment []string) error {
	program, err := filepath.Abs(program)
	if err != nil {
		return err
	}
	d.child = exec.Command(program, "serve", "--config", "maskd.yaml", "--log-level", "warn")
	d.child.Dir, d.child.Stderr = d.dir, &d.log
	d.child.Env = append(os.Environ(), environment...)
	d.child.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := pin(daemonCPU); err != nil {
		return err
	}
	err = d.child.Start()
	if err := pin(phonesCPU); err != nil {
		return err
	}
	if err != nil {
		return fmt.Errorf("start maskd: %w", err)
	}
	d.process = process(d.child.Process.Pid)
	d.client = admin.NewClient(filepath.Join(d.dir, "maskd.sock"))
	return d.await()
}

func (d *daemon) await() error {
	var err error
	for range 100 {
		if err = d.client.Ready(context.Background()); err == nil {
			return nil
		}
		time.Sleep(50 * time.Millisecond)
	}
	return fmt.Errorf("maskd is not ready: %w: %s", err, d.log.Bytes())
}

// stop ends it as its supervisor would, and removes its folder.
func (d *daemon) stop() {
	if d.child != nil && d.child.Process != nil {
		_ = d.child.Process.Signal(syscall.SIGTERM)
		_ = d.child.Wait()
	}
	_ = os.RemoveAll(d.dir)
}

// creators is how many create interactions at once, so that they share commits.
const creators = 32

// connect creates an interaction for each pair, and notes which DID its caller is to dial.
func (d *daemon) connect(pairs []pair) error {
	var creating sync.WaitGroup
	errs := make(chan error, creators)
	for k := range creators {
		creating.Go(func() {
			for i := k; i < len(pairs); i += creators {
				if err := d.connectOne(&pairs[i]); err != nil {
					errs <- err
					return
				}
			}
		})
	}
	creating.Wait()
	select {
	case err := <-errs:
		return fmt.Errorf("create interaction: %w", err)
	default:
		return nil
	}
}

func (d *daemon) connectOne(p *pair) error {
	hours := int64(3 * time.Hour / time.Second)
	i, err := d.client.Create(context.Background(), admin.Draft{TTLSeconds: &hours, Parties: admin.DraftParties{
		A: admin.DraftParty{Numbers: []admin.PlainNumber{admin.PlainNumber(p.caller)}},
		B: admin.DraftParty{Numbers: []admin.PlainNumber{admin.PlainNumber(p.callee)}},
	}})
	if err == nil {
		p.did = i.Parties.A.Dial
	}
	return err
}
