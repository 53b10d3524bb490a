//go:build linux

package main

import (
	"bufio"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// heap is what the daemon says of its memory.
type heap struct {
	allocations, bytes uint64 // since its start
	live               uint64 // bytes, garbage included
}

// heap asks the daemon.
func (d *daemon) heap() (h heap, err error) {
	answer, err := http.Get("http://" + metricsAddr + "/metrics")
	if err != nil {
		return h, fmt.Errorf("ask for metrics: %w", err)
	}
	defer answer.Body.Close()
	for lines := bufio.NewScanner(answer.Body); lines.Scan(); {
		name, digits, _ := strings.Cut(lines.Text(), " ")
		value, _ := strconv.ParseFloat(digits, 64)
		switch name {
		case "go_memstats_mallocs_total":
			h.allocations = uint64(value)
		case "go_memstats_alloc_bytes_total":
			h.bytes = uint64(value)
		case "go_memstats_heap_alloc_bytes":
			h.live = uint64(value)
		}
	}
	return h, nil
}
