package main

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"maskd/cmd/maskd/admin"
)

// glance is how the daemon is at one moment.
type glance struct {
	At       admin.Time      `json:"at"`
	State    string          `json:"state"` // ready, or why not
	Live     int             `json:"calls_live"`
	Calls    map[string]int  `json:"calls"` // by state
	Trunks   []admin.Trunk   `json:"trunks,omitempty"`
	Pools    []admin.Pool    `json:"pools"`
	Webhooks []admin.Webhook `json:"webhooks,omitempty"`

	tenant bool // who asks is a tenant's, and sees no trunks
}

// frame is a view of it, with rates if there is one from before.
func (g *glance) frame(before *glance) (string, error) {
	out := new(bytes.Buffer)
	fmt.Fprintf(out, "maskd at %s: %s\n%d calls live%s%s\n", g.At, g.State, g.Live, g.states(), g.rates(before))
	tables := [][][]string{g.trunks(before), g.pools(), g.webhooks()}
	for _, rows := range tables {
		if len(rows) == 1 {
			continue
		}
		out.WriteByte('\n')
		if err := printRows(out, rows); err != nil {
			return "", err
		}
	}
	return out.String(), nil
}

// states counts calls by their state.
func (g *glance) states() string {
	var texts []string
	for _, state := range slices.Sorted(maps.Keys(g.Calls)) {
		texts = append(texts, fmt.Sprintf("%d %s", g.Calls[state], state))
	}
	if len(texts) == 0 {
		return ""
	}
	return ": " + strings.Join(texts, ", ")
}

// rates is how many calls a second were let in by trunks, and how many of them were
// answered.
func (g *glance) rates(before *glance) string {
	if before == nil || g.tenant {
		return ""
	}
	var ended, answered float64
	for _, t := range g.Trunks {
		all, good := g.rate(before, t)
		ended, answered = ended+all, answered+good
	}
	return fmt.Sprintf("; %.1f a second set up or refused, %.1f answered", ended, answered)
}

// rate is how many of the calls that a trunk sent us got a final response in a
// second, and how many of these a 2xx.
func (g *glance) rate(before *glance, t admin.Trunk) (all, answered float64) {
	n := slices.IndexFunc(before.Trunks, func(o admin.Trunk) bool { return o.Name == t.Name })
	seconds := g.At.Sub(before.At.Time).Seconds()
	if n < 0 || seconds <= 0 {
		return 0, 0
	}
	for code, count := range t.Sent {
		more := float64(count) - float64(before.Trunks[n].Sent[code])
		all += more
		if strings.HasPrefix(code, "2") {
			answered += more
		}
	}
	return all / seconds, answered / seconds
}

func (g *glance) trunks(before *glance) [][]string {
	rows := [][]string{{"TRUNK", "IN", "OUT", "PER SECOND", "ANSWERED", "GATEWAYS"}}
	for _, t := range g.Trunks {
		all, answered := "-", "-"
		if before != nil {
			a, b := g.rate(before, t)
			all, answered = fmt.Sprintf("%.1f", a), fmt.Sprintf("%.1f", b)
		}
		rows = append(rows, []string{nameOf(t), strconv.Itoa(t.CallsIn), strconv.Itoa(t.CallsOut), all, answered, gatewaysOf(t)})
	}
	return rows
}

// gatewaysOf counts a trunk's gateways by their state: 2 up, 1 down.
func gatewaysOf(t admin.Trunk) string {
	counts := make(map[string]int)
	for _, gateway := range t.Gateways {
		counts[gateway.State]++
	}
	var texts []string
	for _, state := range slices.Sorted(maps.Keys(counts)) {
		texts = append(texts, fmt.Sprintf("%d %s", counts[state], state))
	}
	return cmp.Or(strings.Join(texts, ", "), "-")
}

func (g *glance) pools() [][]string {
	rows := [][]string{{"POOL", "TRUNK", "DIDS", "ACTIVE", "WARMING", "DRAINING", "QUARANTINED", "RETIRED"}}
	for _, p := range g.Pools {
		row := []string{p.Name, p.Trunk}
		for _, n := range []int{p.DIDs, p.Standings["active"], p.Warming, p.Standings["draining"], p.Standings["quarantined"], p.Standings["retired"]} {
			row = append(row, strconv.Itoa(n))
		}
		rows = append(rows, row)
	}
	return rows
}

func (g *glance) webhooks() [][]string {
	rows := [][]string{{"WEBHOOK", "STATE", "BACKLOG", "DELIVERED", "FAILED"}}
	for _, w := range g.Webhooks {
		rows = append(rows, []string{w.Name, stateOf(w), fmt.Sprintf("%.0f s", w.BacklogSeconds),
			strconv.FormatUint(w.Delivered, 10), strconv.FormatUint(w.Failed, 10)})
	}
	return rows
}
