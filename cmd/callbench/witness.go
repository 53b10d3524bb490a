//go:build linux

package main

import (
	"bytes"
	_ "embed" // the scenarios of sipp
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

//go:embed scenario/caller.xml
var callerScenario []byte

//go:embed scenario/callee.xml
var calleeScenario []byte

// testify lets sipp call at the rate that our own phones found, and says what it saw.
func (b *bench) testify(rate int) error {
	if _, ok := installed("sipp"); !ok {
		fmt.Fprintln(b.out, "sipp is not installed (Debian: sip-tester), so nobody testifies")
		return nil
	}
	d, err := startDaemon(b.program)
	if err != nil {
		return err
	}
	defer d.stop()
	pairs := newPairs(people)
	if err := d.connect(pairs); err != nil {
		return err
	}
	calls := rate * int(b.options.hold/time.Second)
	callee, err := sipp(d.dir, "callee", calleeScenario, calleeHost)
	if err != nil {
		return err
	}
	defer callee.stop()
	if err := os.WriteFile(filepath.Join(d.dir, "pairs.csv"), table(pairs), 0o600); err != nil {
		return err
	}
	caller, err := sipp(d.dir, "caller", callerScenario, callerHost, "-inf", "pairs.csv", "-r", strconv.Itoa(rate),
		"-m", strconv.Itoa(calls), "-l", strconv.Itoa(people), "-d", strconv.Itoa(int(b.options.talk/time.Millisecond)))
	if err != nil {
		return err
	}
	cpu := d.cpu()
	err = caller.wait(2 * b.options.hold)
	cpu = d.cpu() - cpu
	fmt.Fprintf(b.out, "sipp, %d/s: %s; %.3f ms CPU a call%s\n", rate, caller.verdict(), float64(cpu.Microseconds())/1000/float64(calls), suffix(err))
	return nil
}

func suffix(err error) string {
	if err == nil {
		return ""
	}
	return "; " + err.Error()
}

// table is who calls whom, in the words of sipp.
func table(pairs []pair) []byte {
	b := []byte("SEQUENTIAL\n")
	for _, p := range pairs {
		b = append(b, p.caller+";"+p.did+"\n"...)
	}
	return b
}

// player is a sipp at work.
type player struct {
	child *exec.Cmd
	stats string // its file of statistics
	done  chan error
}

// sipp starts one in the folder.
func sipp(dir, name string, scenario []byte, host string, more ...string) (*player, error) {
	if err := os.WriteFile(filepath.Join(dir, name+".xml"), scenario, 0o600); err != nil {
		return nil, err
	}
	p := &player{stats: filepath.Join(dir, name+".csv"), done: make(chan error, 1)}
	args := append([]string{"-sf", name + ".xml", "-i", host, "-p", strconv.Itoa(port), "-nostdin", "-buff_size", strconv.Itoa(receiveBuffer),
		"-trace_stat", "-stf", p.stats, "-fd", "1"}, more...)
	p.child = exec.Command("sipp", append(args, maskdHost+":"+strconv.Itoa(port))...)
	p.child.Dir = dir
	p.child.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := p.child.Start(); err != nil {
		return nil, fmt.Errorf("start sipp: %w", err)
	}
	go func() { p.done <- p.child.Wait() }()
	return p, nil
}

// wait waits until it has made all its calls.
func (p *player) wait(longest time.Duration) error {
	select {
	case err := <-p.done:
		return err
	case <-time.After(longest):
		p.stop()
		return fmt.Errorf("stopped after %s", longest)
	}
}

func (p *player) stop() {
	_ = p.child.Process.Kill()
	<-p.done
}

// verdict reads the last line of its statistics.
func (p *player) verdict() string {
	b, _ := os.ReadFile(p.stats)
	lines := bytes.Split(bytes.TrimSpace(b), []byte("\n"))
	names, values := strings.Split(string(lines[0]), ";"), strings.Split(string(lines[len(lines)-1]), ";")
	var said []string
	for i, name := range names {
		switch name {
		case "TotalCallCreated", "SuccessfulCall(C)", "FailedCall(C)", "Retransmissions(C)":
			if i < len(values) {
				said = append(said, strings.TrimSuffix(name, "(C)")+" "+values[i])
			}
		}
	}
	return strings.Join(said, ", ")
}
