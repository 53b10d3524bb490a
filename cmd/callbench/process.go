//go:build linux

package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// process is a running program, by its id.
type process int

// ticks of the system's accounting in a second.
const ticks = 100

// cpu is how long it has worked.
func (p process) cpu() time.Duration {
	b, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p))
	_, rest, _ := strings.Cut(string(b), ") ")
	fields := strings.Fields(rest)
	if len(fields) < 13 {
		return 0
	}
	return time.Duration(number(fields[11])+number(fields[12])) * time.Second / ticks
}

// memory is what it keeps in memory, in bytes.
func (p process) memory() int {
	b, _ := os.ReadFile(fmt.Sprintf("/proc/%d/statm", p))
	fields := strings.Fields(string(b))
	if len(fields) < 2 {
		return 0
	}
	return number(fields[1]) * os.Getpagesize()
}

func number(s string) int {
	n, _ := strconv.Atoi(s)
	return n
}

// load is the machine's, of the last minute: what else runs on it.
func load() string {
	b, _ := os.ReadFile("/proc/loadavg")
	first, _, _ := strings.Cut(string(b), " ")
	return first
}
