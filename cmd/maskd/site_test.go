package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"maskd/cmd/maskd/admin"
)

// patience is how long anything may take on a machine that does much else.
const patience = time.Minute

// site is the real daemon between real carriers. Its addresses are those of a
// loopback network of its own, so that every port there is free.
type site struct {
	// Never changed.
	dir     string
	network [3]byte // maskd has .1, the lines have the others
	lines   []line

	// The test's.
	daemon      *exec.Cmd
	log         bytes.Buffer // read it when the daemon is down
	resolver    string       // the file that names the daemon's name server; empty: the system's
	environment []string     // of the daemon, besides this process's
}

// line is a pool with a trunk for its callers and another one for its callees.
type line struct {
	name           string
	transport      string // udp, tcp or tls
	index          int
	caller, callee netip.Addr
	proxy          netip.Addr // what the callers are behind, if anything
	did            string     // the first of the pool
	account        string     // more of the callees' trunk, in YAML
}

// number returns the real number of a party: its side, a or b, of the line's
// so manieth pair. No two have their last seven digits in common.
func (l line) number(side byte, pair int) string {
	return fmt.Sprintf("+91982%d%02d%04d", side-'a'+3, 40+l.index, 2700+pair)
}

// has reports whether the DID is of the line's pool.
func (l line) has(did string) bool { return strings.HasPrefix(did, l.did[:len(l.did)-2]) }

// behind returns the line as its phones see it that are not at its hosts but
// behind them, and send their calls there. No host of theirs is written as the
// beginning of another.
func (s *site) behind(l line, transport string) line {
	l.proxy, l.transport = l.caller, transport
	l.caller, l.callee = s.addr(60+2*l.index), s.addr(61+2*l.index)
	return l
}

// sites counts those of this process.
var sites atomic.Int64

// newSite writes the configuration of a daemon. Its number keeps the sites of
// one process apart, the process id those of two.
func newSite(t *testing.T, lines ...line) *site {
	t.Helper()
	id := os.Getpid()*64 + int(sites.Add(1))
	s := &site{dir: t.TempDir(), network: [3]byte{127, 64 + byte(id>>7)&63, byte(id) & 127}}
	for i, l := range lines {
		l.caller, l.callee = s.addr(10+2*i), s.addr(11+2*i)
		l.index, l.did = i, fmt.Sprintf("+155501%02d00", i)
		s.lines = append(s.lines, l)
	}
	s.write(t, "maskd.yaml", s.configuration())
	return s
}

// program is a command of this program as it was built for this test.
func (s *site) program(ctx context.Context, arguments ...string) *exec.Cmd {
	return s.command(ctx, append([]string{"maskd"}, arguments...)...)
}

func (s *site) command(ctx context.Context, words ...string) *exec.Cmd {
	command := exec.CommandContext(ctx, words[0], words[1:]...)
	command.Dir, command.Env = s.dir, append(os.Environ(), quickExit)
	return command
}

func (s *site) configuration() string {
	var trunks, pools strings.Builder
	for _, l := range s.lines {
		fmt.Fprintf(&trunks, "  - {name: %s-in, options_seconds: 0, accept: [%s/32], gateways: [\"sip:%s:5060\"]}\n", l.name, l.caller, l.caller)
		gateway := "sip:" + l.callee.String() + ":5060"
		switch l.transport {
		case "tcp":
			gateway += ";transport=tcp"
		case "tls":
			gateway = "sip:" + l.callee.String() + ":5061;transport=tls"
		}
		fmt.Fprintf(&trunks, "  - {name: %s-out, options_seconds: 0, accept: [%s/32], gateways: [%q]%s}\n", l.name, l.callee, gateway, l.account)
		fmt.Fprintf(&pools, "  - {name: %s, trunk: %[1]s-out, dids: [%s..%s99]}\n", l.name, l.did, l.did[:len(l.did)-2])
	}
	return fmt.Sprintf(`sip: {listen: ["udp://%s:5060", "tcp://%[1]s:5060"]}
media: {listen: %[1]s}
store: {path: var/maskd.db, root_key: var/root.key}
admin: {socket: maskd.sock, metrics: ""}
trunks:
%spools:
%s`, s.addr(1), &trunks, &pools)
}

// addr returns the address of a host of the site's network.
func (s *site) addr(host int) netip.Addr {
	return netip.AddrFrom4([4]byte{s.network[0], s.network[1], s.network[2], byte(host)})
}

func (s *site) line(name string) line {
	return s.lines[slices.IndexFunc(s.lines, func(l line) bool { return l.name == name })]
}

func (s *site) path(name string) string { return filepath.Join(s.dir, name) }

func (s *site) write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(s.path(name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// start starts the daemon and waits until it is ready.
func (s *site) start(t *testing.T) {
	t.Helper()
	s.log.Reset()
	words := []string{"maskd", "serve", "--config", "maskd.yaml", "--log-level", "debug"}
	if s.resolver != "" { // it has a view of its own of the file system, in which the file is the system's
		words = append([]string{"unshare", "--mount", "sh", "-c", `mount --bind "$0" /etc/resolv.conf && exec "$@"`, s.resolver}, words...)
	}
	s.daemon = s.command(context.Background(), words...)
	s.daemon.Env = append(s.daemon.Env, s.environment...)
	s.daemon.Stderr = &s.log
	if err := s.daemon.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.kill)
	await(t, "daemon to be ready", func() bool { return s.client().Ready(t.Context()) == nil })
}

// kill ends the daemon as a power cut would.
func (s *site) kill() {
	_ = s.daemon.Process.Kill()
	_ = s.daemon.Wait()
}

// stop ends the daemon as its supervisor would.
func (s *site) stop(t *testing.T) {
	t.Helper()
	if err := s.daemon.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := s.daemon.Wait(); err != nil {
		t.Errorf("daemon: %v; log:\n%s", err, &s.log)
	}
}

func (s *site) client() *admin.Client { return admin.NewClient(s.path("maskd.sock")) }

// maskd runs the program as people do, and returns what it prints.
func (s *site) maskd(t *testing.T, stdin string, verb ...string) []byte {
	t.Helper()
	command := s.program(t.Context(), slices.Insert(slices.Clone(verb), 2, "--socket", "maskd.sock")...)
	command.Stdin = strings.NewReader(stdin)
	return output(t, command)
}

// connect makes an interaction of the line's pool on the command line.
func (s *site) connect(t *testing.T, l line, a, b string, flags ...string) admin.Interaction {
	t.Helper()
	return read[admin.Interaction](t, s.maskd(t, "a="+a+"\nb="+b+"\n", append([]string{"interaction", "create", "--json", "--pool", l.name}, flags...)...))
}

// cdrs returns the call detail records of calls to the line's DIDs.
func (s *site) cdrs(t *testing.T, l line) []admin.CDR {
	t.Helper()
	all := read[admin.Page[admin.CDR]](t, s.maskd(t, "", "cdr", "list", "--json", "--limit", "1000")).Data
	return slices.DeleteFunc(all, func(c admin.CDR) bool { return !l.has(c.DID) })
}

// talking reports whether a call to the line's DIDs is up.
func (s *site) talking(t *testing.T, l line) bool {
	t.Helper()
	calls, err := s.client().Calls(t.Context(), admin.Cursor{})
	if err != nil {
		t.Fatal(err)
	}
	return slices.ContainsFunc(calls.Data, func(c admin.Call) bool { return c.State == "talking" && l.has(c.DID) })
}

func read[T any](t *testing.T, text []byte) (value T) {
	t.Helper()
	if err := json.Unmarshal(text, &value); err != nil {
		t.Fatalf("%v in:\n%s", err, text)
	}
	return value
}

// output runs a command that must succeed.
func output(t *testing.T, command *exec.Cmd) []byte {
	t.Helper()
	var out, errs bytes.Buffer
	command.Stdout, command.Stderr = &out, &errs
	if err := command.Run(); err != nil {
		t.Fatalf("%s: %v\n%s", command, err, &errs)
	}
	return out.Bytes()
}

// await waits until something is so.
func await(t *testing.T, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !is(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("gave up waiting for %s", what)
		}
	}
}
