//go:build linux

package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/netip"
	"os"
	"os/exec"
	"strconv"
	"strings"
)

// task is what a contender is told: its address, and the phones of each call.
type task struct {
	Listen netip.Addr
	Calls  [][2]netip.AddrPort
}

// offer is its answer: where each phone of each call is to send to, and what the calls took.
type offer struct {
	To          [][2]netip.AddrPort
	BytesBefore uint64  // of memory, without a call
	BytesIdle   uint64  // of memory, with all calls, before any packet
	SetUp       float64 // microseconds for a call to be made and to be released; 0: not measured
	Again       float64 // likewise on the ports of calls before it
}

// contender moves packets in a process of its own.
type contender struct {
	offer
	pid     int
	close   func()
	in      io.Closer     // nil: it has none
	answers *json.Decoder // what it says
}

// end ends its input, and reads what it says at last.
func (c *contender) end(last any) error {
	if err := c.in.Close(); err != nil {
		return err
	}
	return c.answers.Decode(last)
}

// serve is the contender's process: it reads its task, answers, and ends with its input.
func serve(move func(task) (offer, error)) error {
	decoder := json.NewDecoder(os.Stdin)
	var t task
	if err := decoder.Decode(&t); err != nil {
		return fmt.Errorf("read task: %w", err)
	}
	o, err := move(t)
	if err != nil {
		return err
	}
	if err := json.NewEncoder(os.Stdout).Encode(o); err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, io.MultiReader(decoder.Buffered(), os.Stdin))
	return err
}

// launch starts this program again in a role, the last argument.
func launch(b *bed, t task, args ...string) (*contender, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	child := b.command(self, args...)
	child.Stderr = os.Stderr
	in, err := child.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := child.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := child.Start(); err != nil {
		return nil, err
	}
	c := &contender{pid: child.Process.Pid, in: in, answers: json.NewDecoder(out), close: func() { in.Close(); _ = child.Wait() }}
	if err := c.ask(in, t); err != nil {
		c.close()
		return nil, fmt.Errorf("%s: %w", args[len(args)-1], err)
	}
	return c, nil
}

func (c *contender) ask(in io.Writer, t task) error {
	if err := json.NewEncoder(in).Encode(t); err != nil {
		return err
	}
	return c.answers.Decode(&c.offer)
}

// memory is what a process keeps in memory, in bytes.
func memory(pid int) uint64 {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	fields := strings.Fields(string(b))
	if err != nil || len(fields) < 2 {
		return 0
	}
	pages, _ := strconv.ParseUint(fields[1], 10, 64)
	return pages * uint64(os.Getpagesize())
}

// installed tells where a program is.
func installed(program string) (string, bool) {
	path, err := exec.LookPath(program)
	return path, err == nil
}
