package main

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// crash is a way in which a daemon ends amid its calls, and says of its goroutines as
// much as its operator has asked for in GOTRACEBACK.
type crash struct {
	name      string
	traceback string
	says      string // in the dump: an expression
	provoke   func(*muster, *os.Process) error
}

const (
	crashing = 4  // numbers that talk then
	knocks   = 10 // requests that read and write, while a store is damaged
)

func crashes() []crash {
	signalled := func(s syscall.Signal) func(*muster, *os.Process) error {
		return func(_ *muster, p *os.Process) error { return p.Signal(s) }
	}
	limited := func(resource int) func(*muster, *os.Process) error {
		return func(m *muster, p *os.Process) error {
			return unix.Prlimit(p.Pid, resource, &unix.Rlimit{Cur: 1, Max: 1}, nil)
		}
	}
	damaged := func(damage func(store *os.File, size int64) error) func(*muster, *os.Process) error {
		return func(m *muster, p *os.Process) error {
			if err := m.damage(damage); err != nil {
				return err
			}
			for range knocks {
				m.knock()
			}
			return p.Signal(syscall.SIGQUIT) // which finds it at work
		}
	}
	return []crash{
		{"SIGQUIT", "all", "SIGQUIT: quit", signalled(syscall.SIGQUIT)},
		{"SIGABRT", "crash", "SIGABRT: abort", signalled(syscall.SIGABRT)},
		{"SIGSEGV", "system", "SIGSEGV: segmentation violation", signalled(syscall.SIGSEGV)},
		{"a memory limit", "crash", "memory|ThreadSanitizer failed to allocate", // the race detector's comes first
			limited(unix.RLIMIT_DATA)},
		{"a store cut short", "crash", "(?s)store is damaged.*SIGQUIT: quit", damaged(func(store *os.File, _ int64) error { return store.Truncate(intact) })},
		{"a store overwritten", "all", "(?s)store is damaged.*SIGQUIT: quit", damaged(func(store *os.File, size int64) error {
			_, err := store.WriteAt(bytes.Repeat([]byte{0xff}, int(size-intact)), intact)
			return err
		})},
	}
}

// intact is how much of a store is left alone that is damaged: what says where the rest is.
const intact = 2 * pageSize

// damage damages the store of a daemon under it.
func (m *muster) damage(damage func(store *os.File, size int64) error) error {
	store, err := os.OpenFile(m.site.path("var/maskd.db"), os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer store.Close()
	size, err := store.Seek(0, io.SeekEnd)
	return errors.Join(err, damage(store, size))
}

// crashEachWay has a daemon crash in each way.
func (m *muster) crashEachWay() {
	store, err := os.ReadFile(m.site.path("var/maskd.db"))
	if err != nil {
		m.Fatal(err)
	}
	for _, c := range crashes() {
		m.site.environment = []string{"GOTRACEBACK=" + c.traceback}
		m.site.start(m.T)
		m.crash(c)
		if strings.HasPrefix(c.name, "a store") {
			m.site.write(m.T, "var/maskd.db", string(store))
		}
	}
}

// crash has calls be up, provokes the crash, and asks for this and that until the daemon
// has ended.
func (m *muster) crash(c crash) {
	for _, p := range m.pairs(m.site.line("crowd"), crashing/2, "") {
		p.a.Invite(p.didA)
		if err := ladder(hears(p.b, "INVITE"), does(func() { p.b.Answer() }), hears(p.a, "200"), hears(p.b, "ACK")); err != nil {
			m.Error(err)
		}
	}
	if err := c.provoke(m, m.site.daemon.Process); err != nil {
		m.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- m.site.daemon.Wait() }()
	for end := time.Now().Add(patience); len(ended) == 0; m.knock() {
		if time.Now().After(end) {
			m.Fatalf("%s does not end the daemon", c.name)
		}
	}
	if err := <-ended; err == nil || !regexp.MustCompile(c.says).Match(m.site.log.Bytes()) {
		log := m.site.log.Bytes()
		m.Errorf("%s: %v, and nothing of %q, but %s", c.name, err, c.says, blurred(log, len(log)))
	}
	m.sinks.add("log of a crash by "+c.name, m.site.log.Bytes())
	m.keepFiles("after a crash by "+c.name, "var")
	for _, core := range m.site.files(m.T, ".") {
		if strings.HasPrefix(filepath.Base(core), "core") {
			m.Errorf("%s leaves a %s", c.name, core)
		}
	}
}

// knock asks for something that takes memory and a commit. Nobody may be there to answer.
func (m *muster) knock() {
	for _, path := range []string{"/v1/interactions?limit=1000", "/v1/cdrs?limit=1000", "/v1/audit?limit=1000"} {
		o := m.offices["admin"]
		request, err := http.NewRequestWithContext(m.Context(), http.MethodGet, o.base+path, http.NoBody)
		if err != nil {
			m.Fatal(err)
		}
		if response, err := o.client.Do(request); err == nil {
			_, _ = io.Copy(io.Discard, response.Body)
			_ = response.Body.Close()
		}
	}
}
