package main

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"maskd": main})
}

// quickExit is for programs with the race detector, which waits for a second
// at every exit otherwise.
const quickExit = "GORACE=atexit_sleep_ms=0"

// The scripts are command lines as people type them, and what they answer.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			env.Vars = append(env.Vars, quickExit)
			env.Values[daemonsKey{}] = make(map[string]*process)
			return writeConfigurations(env)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exit":      exit,
			"serve":     serveInBackground,
			"terminate": stopDaemon,
			"hangup":    hangUpDaemon,
			"append":    appendFile,
			"log":       searchLog(true),
			"nolog":     searchLog(false),
			"id":        keepID,
		},
	})
}

// exit CODE PROGRAM ARGS... runs the program and expects the exit code.
func exit(ts *testscript.TestScript, _ bool, args []string) {
	err := ts.Exec(args[1], args[2:]...)
	got := 0
	var ended *exec.ExitError
	if errors.As(err, &ended) {
		got = ended.ExitCode()
	} else {
		ts.Check(err)
	}
	if strconv.Itoa(got) != args[0] {
		ts.Fatalf("%s: exit code %d, want %s", strings.Join(args[1:], " "), got, args[0])
	}
}

type daemonsKey struct{}

// process is a daemon in the background.
type process struct {
	command *exec.Cmd
	log     transcript
}

// transcript is what a process says, and may be read while it does.
type transcript struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (t *transcript) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.text.Write(b)
}

func (t *transcript) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.text.String()
}

func daemons(ts *testscript.TestScript) map[string]*process {
	return ts.Value(daemonsKey{}).(map[string]*process)
}

// serve NAME ARGS... starts a daemon and waits until it is ready.
func serveInBackground(ts *testscript.TestScript, _ bool, args []string) {
	self, err := exec.LookPath("maskd")
	ts.Check(err)
	p := &process{command: exec.Command(self, append([]string{"serve"}, args[1:]...)...)}
	p.command.Dir, p.command.Stderr = ts.MkAbs("."), &p.log
	p.command.Env = append(os.Environ(), "CREDENTIALS_DIRECTORY="+ts.Getenv("CREDENTIALS_DIRECTORY"))
	ts.Check(p.command.Start())
	daemons(ts)[args[0]] = p
	ts.Defer(func() {
		_ = p.command.Process.Kill()
		_ = p.command.Wait()
	})
	for range 600 {
		conn, err := net.Dial("unix", ts.MkAbs("var/maskd.sock"))
		if err == nil {
			ts.Check(conn.Close())
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	ts.Fatalf("daemon %s is not ready; it says %s", args[0], p.log.String())
}

// terminate NAME CODE sends SIGTERM and expects the exit code.
func stopDaemon(ts *testscript.TestScript, _ bool, args []string) {
	p := daemons(ts)[args[0]]
	ts.Check(p.command.Process.Signal(syscall.SIGTERM))
	_ = p.command.Wait()
	if got := p.command.ProcessState.ExitCode(); strconv.Itoa(got) != args[1] {
		ts.Fatalf("daemon %s: exit code %d, want %s; log:\n%s", args[0], got, args[1], &p.log)
	}
}

// hangup NAME sends SIGHUP.
func hangUpDaemon(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check(daemons(ts)[args[0]].command.Process.Signal(syscall.SIGHUP))
}

// append FILE MORE writes the text of a file behind that of another.
func appendFile(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(ts.ReadFile(args[0])+ts.ReadFile(args[1])), 0o600))
}

// log NAME REGEXP finds a line in the log of a daemon; nolog
// expects none.
func searchLog(want bool) func(*testscript.TestScript, bool, []string) {
	return func(ts *testscript.TestScript, _ bool, args []string) {
		log := daemons(ts)[args[0]].log.String()
		if regexp.MustCompile(args[1]).MatchString(log) != want {
			ts.Fatalf("log of %s, looking for %s:\n%s", args[0], args[1], log)
		}
	}
}

// id NAME FILE keeps the first id of an interaction, or of a call, in a file in a
// variable.
func keepID(ts *testscript.TestScript, _ bool, args []string) {
	ts.Setenv(args[0], regexp.MustCompile(`(int|call)_[0-9a-v]{26}`).FindString(ts.ReadFile(args[1])))
}

// writeConfigurations writes maskd.yaml, for a daemon on free ports, and
// others that clash with it in one thing each.
func writeConfigurations(env *testscript.Env) error {
	sip, metrics, other, otherMetrics := freePort(loopback), freePort(loopback), freePort(loopback), freePort(loopback)
	env.Setenv("SIP_PORT", port(sip))
	const shape = `
sip: {listen: ["udp://127.0.0.1:%d", "tcp://127.0.0.1:%[1]d"]}
media: {ports: 40000-40199}
store: {path: %s.db, root_key: %[2]s.key}
admin: {socket: %s.sock, metrics: "127.0.0.1:%d"}
`
	for name, text := range map[string]string{
		"other-port.yaml":    fmt.Sprintf(shape, sip, "other", "other", otherMetrics),
		"other-socket.yaml":  fmt.Sprintf(shape, other, "other", "var/maskd", otherMetrics),
		"other-metrics.yaml": fmt.Sprintf(shape, other, "other", "other", metrics),
		"maskd.yaml": fmt.Sprintf(`
sip: {listen: ["udp://127.0.0.1:%d", "tcp://127.0.0.1:%[1]d"]}
media: {ports: 40000-40199}
admin: {metrics: "127.0.0.1:%d"}
`, sip, metrics),
	} {
		if err := os.WriteFile(env.WorkDir+"/"+name, []byte(text), 0o600); err != nil {
			return err
		}
	}
	return nil
}
