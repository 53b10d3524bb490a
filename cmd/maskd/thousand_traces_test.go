package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"filippo.io/age"

	"maskd/cmd/maskd/admin"
	"maskd/media/recording"
)

// record has two talk with real sound, and be recorded in each way of agreeing to it.
func (m *muster) record() {
	l := m.site.line("taped")
	a, b := m.take(l.caller), m.take(l.callee)
	c := &conversation{
		line: l, caller: newHandset(m.T, m.site, l.caller, a, soundPort, withNumber101), callee: newHandset(m.T, m.site, l.callee, b, soundPort, withNumber96),
		a: newVoice(m.T, l.caller, soundPort, "taped caller"), b: newVoice(m.T, l.callee, soundPort, "taped callee"),
	}
	for _, way := range []string{"agreed", "announce", "opt_in", "opt_out"} {
		i := m.create("integrator", `{"pool":"taped","record":"`+way+`","parties":{"a":{"numbers":["`+a+`"]},"b":{"numbers":["`+b+`"]}}}`)
		c.did = i.Parties.A.Dial
		c.dial(m.T)
		c.talk(10)
		call := m.liveOf(i.ID)
		switch way {
		case "opt_in":
			c.caller.press(c.dialogA, 2, "Signal=1\r\nDuration=160\r\n")
			c.callee.press(c.dialogB, 2, "Signal=1\r\nDuration=160\r\n")
		case "opt_out":
			m.expect(200, "operator", "POST", "/v1/calls/"+call+"/recording", `{"do":"withdraw","party":"b"}`)
			m.command(exitOK, "", "recording", "withdraw", "--party", "a", call)
		}
		c.talk(10)
		m.expect(200, "operator", "POST", "/v1/calls/"+call+"/recording", `{"do":"pause"}`)
		m.ask("operator", "GET", "/v1/calls/"+call, "")
		m.expect(200, "operator", "POST", "/v1/calls/"+call+"/recording", `{"do":"resume"}`)
		m.command(exitOK, "", "recording", "pause", call)
		m.command(exitOK, "", "recording", "resume", call)
		c.talk(10)
		m.expect(200, "integrator", "POST", "/v1/interactions/"+i.ID+"/complete", `{"calls":"hangup"}`)
		if way != "agreed" { // which is erased at the end
			m.called(call)
		}
	}
	await(m.T, "the recordings to be over", func() bool {
		found := m.recordings()
		return len(found) > 0 && !slices.ContainsFunc(found, func(m recording.Manifest) bool { return m.Ended == "" })
	})
	for n, tape := range m.recordings() {
		m.command(exitOK, "", "recording", "show", tape.ID)
		m.command(exitOK, "", "recording", "verify", tape.ID)
		if out := m.site.path(fmt.Sprintf("heard-%d", n)); os.Mkdir(out, 0o700) == nil {
			m.command(exitOK, "", "recording", "export", "--identity", m.site.path("auditor.key"), "--reason", because, "--out", out, tape.ID)
		}
		for _, part := range tape.Parts {
			m.plead("/v1/recordings/"+tape.ID+"/parts/"+string(part.Format), "")
			m.expect(422, "auditor", "POST", "/v1/recordings/"+tape.ID+"/parts/"+string(part.Format), `{"reason":"for `+a[3:8]+"-"+a[8:]+` of course"}`)
		}
	}
	m.keepFiles("", "recordings")
	m.expect(200, "auditor", "POST", "/v1/interactions/"+m.recordings()[0].Interaction+"/erase", `{"reason":"`+because+`"}`)
}

func (m *muster) recordings() []recording.Manifest {
	return read[admin.Page[recording.Manifest]](m.T, []byte(m.expect(200, "auditor", "GET", "/v1/recordings", ""))).Data
}

// liveOf is the id of an interaction's one call.
func (m *muster) liveOf(interaction string) string {
	live := m.live()
	i := slices.IndexFunc(live, func(c admin.Call) bool { return c.Interaction == interaction })
	if i < 0 {
		m.Fatalf("%s has no live call among %d", interaction, len(live))
	}
	return live[i].ID
}

// live are the live calls.
func (m *muster) live() []admin.Call {
	return read[admin.Page[admin.Call]](m.T, []byte(m.expect(200, "operator", "GET", "/v1/calls?limit=1000", ""))).Data
}

// auditorsKey makes the key of who may hear recordings.
func (m *muster) auditorsKey() string {
	auditor, err := age.GenerateX25519Identity()
	if err != nil {
		m.Fatal(err)
	}
	m.site.write(m.T, "auditor.key", auditor.String()+"\n")
	return auditor.Recipient().String()
}

// look is what everybody on the machine sees of the daemon: the process list, its
// threads, its files.
func (m *muster) look() {
	proc := fmt.Sprintf("/proc/%d/", m.site.daemon.Process.Pid)
	for _, name := range []string{"cmdline", "environ", "status", "limits", "maps", "mountinfo", "comm", "stat", "wchan"} {
		text, err := os.ReadFile(proc + name)
		if err != nil {
			m.Error(err)
		}
		m.sinks.add("process: "+name, text)
		if name == "limits" && !bytes.Contains(bytes.Join(bytes.Fields(text), []byte(" ")), []byte("Max core file size 0 0 bytes")) {
			m.Error("a crash may leave a core file")
		}
	}
	for _, pattern := range []string{"task/*/comm", "task/*/stat"} {
		for _, file := range m.matching(proc + pattern) {
			if text, err := os.ReadFile(file); err == nil { // a thread may be gone
				m.sinks.add("process: threads", text)
			}
		}
	}
	for _, file := range m.matching(proc + "fd/*") {
		if target, err := os.Readlink(file); err == nil {
			m.sinks.add("process: open files", []byte(target))
		}
	}
	m.keepFiles("while it runs", "var")
}

func (m *muster) matching(pattern string) []string {
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		m.Errorf("%s: %d files, %v", pattern, len(files), err)
	}
	return files
}

// lookAfter does to the store what is done to it while no daemon runs.
func (m *muster) lookAfter() {
	m.keepFiles("after the stop", "var", "recordings")
	for n, verb := range [][]string{{"store", "check"}, {"store", "check", "--json"}, {"store", "rotate-key", "--reason", because}, {"store", "compact"}, {"store", "check"}} {
		m.process(exitOK, append(verb, "--config", "maskd.yaml")...)
		m.keepFiles(fmt.Sprintf("after %s, %d", verb[1], n), "var")
	}
	m.process(exitOK, "store", "backup", "--config", "maskd.yaml", "var/copy.db")
	m.process(exitOK, "store", "restore", "--config", "maskd.yaml", "--reason", because, "var/copy.db")
	m.keepFiles("after a restore", "var")
	m.process(exitUsage, "store", "rotate-key", "--config", "maskd.yaml", "--reason", "for "+m.take())
	m.process(exitUnreachable, "interaction", "list", "--config", "maskd.yaml")
}

// process runs a command that speaks to no daemon, in the directory of the site.
func (m *muster) process(code int, words ...string) {
	m.Helper()
	var out, errs bytes.Buffer
	m.noteTyped(words)
	command := m.site.program(m.Context(), words...)
	command.Stdout, command.Stderr = &out, &errs
	_ = command.Run()
	if got := command.ProcessState.ExitCode(); got != code {
		m.Errorf("maskd %s: exit code %d, want %d: %s", words[:2], got, code, blurred(errs.Bytes(), errs.Len()))
	}
	m.sinks.add("answers to commands", out.Bytes(), errs.Bytes())
}
