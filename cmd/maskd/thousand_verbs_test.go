package main

import (
	"bytes"
	"slices"
	"strings"
	"syscall"

	"github.com/urfave/cli/v2"

	"maskd/cmd/maskd/admin"
)

// noteTyped notes what verb a command line has, of one word or two.
func (m *muster) noteTyped(words []string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for n := range min(2, len(words)) {
		m.typed[strings.Join(words[:n+1], " ")] = true
	}
}

// expectAllTyped expects that each verb of the program was typed, but for those that run
// daemons: one of them is the site's, the other one's phones have numbers of their own.
func (m *muster) expectAllTyped() {
	var walk func(before string, commands []*cli.Command)
	walk = func(before string, commands []*cli.Command) {
		for _, c := range commands {
			switch name := before + c.Name; {
			case len(c.Subcommands) > 0:
				walk(name+" ", c.Subcommands)
			case !m.typed[name] && !slices.Contains([]string{"serve", "demo"}, name):
				m.Errorf("nobody has typed maskd %s", name)
			}
		}
	}
	walk("", app(nil, nil, nil).Commands)
}

// revealByCommand has a number shown on the command line, once somebody else has
// approved it there too. It is not searched, but must be what was asked for.
func (m *muster) revealByCommand(l line) {
	a, b := m.take(), m.take()
	i := m.create("integrator", `{"pool":"`+l.name+`","parties":{"a":{"numbers":["`+a+`"]},"b":{"numbers":["`+b+`"]}}}`)
	asked := read[admin.Petition](m.T, []byte(m.command(exitOK, "", "interaction", "reveal", "--json", "--reason", because, i.ID)))
	m.command(exitRefused, "", "reveal", "approve", asked.Request) // by who has asked
	m.expect(200, "second", "POST", "/v1/reveals/"+asked.Request+"/approve", "")
	shown := m.commandInSecret(exitOK, "", "interaction", "reveal", "--request", asked.Request, i.ID)
	if want := []string{"id", i.ID, "a", a, "b", b}; !slices.Equal(strings.Fields(shown), want) {
		m.Errorf("a reveal on the command line: %s", blurred([]byte(shown), len(shown)))
	}
}

// follow has somebody watch what happens, until the result is called.
func (m *muster) follow() (end func()) {
	var out bytes.Buffer
	words := []string{"event", "list", "--follow", "--json"}
	m.noteTyped(words)
	command := m.site.program(m.Context(), append(words, "--socket", "maskd.sock")...)
	command.Stdout, command.Stderr = &out, &out
	if err := command.Start(); err != nil {
		m.Fatal(err)
	}
	return func() {
		_ = command.Process.Signal(syscall.SIGINT)
		_ = command.Wait() // it is interrupted
		m.sinks.add("events that are followed", out.Bytes())
	}
}
