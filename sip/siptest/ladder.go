package siptest

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// column is the width between two lines of a ladder.
const column = 33

// Column is a vertical line of a ladder.
type Column struct {
	Name string
	Host netip.Addr
}

// Ladder prints what crossed the network between the hosts named.
func (n *Network) Ladder(columns ...Column) string { return Ladder(n.Packets(), columns...) }

// Ladder prints packets between the hosts named, left to right: when each was
// sent, by whom, to whom, and whether it was lost.
func Ladder(packets []Packet, columns ...Column) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%9s", "")
	for _, c := range columns {
		fmt.Fprintf(&b, " %-*s", column, c.Name)
	}
	lines := []string{strings.TrimRight(b.String(), " ")}
	for _, r := range rungs(packets, columns) {
		lines = append(lines, r.print(len(columns)))
	}
	return strings.Join(lines, "\n") + "\n"
}

// rung is one packet of a ladder.
type rung struct {
	packet   Packet
	from, to int // columns
}

// rungs puts packets in order. What left for two hosts in one instant may come
// from two goroutines that race; it is printed from left to right.
func rungs(packets []Packet, columns []Column) []rung {
	all := make([]rung, len(packets))
	for i, p := range packets {
		all[i] = rung{p, place(p.From.Addr(), columns), place(p.To.Addr(), columns)}
	}
	slices.SortStableFunc(all, func(x, y rung) int {
		return cmp.Or(cmp.Compare(x.packet.At, y.packet.At), cmp.Compare(x.from, y.from), cmp.Compare(x.to, y.to))
	})
	return all
}

// place returns the host's column, the last for one that has none.
func place(host netip.Addr, columns []Column) int {
	for i, c := range columns {
		if c.Host == host {
			return i
		}
	}
	return len(columns) - 1
}

func (r rung) print(columns int) string {
	left, right := min(r.from, r.to), max(r.from, r.to)
	var b strings.Builder
	fmt.Fprintf(&b, "%8.3fs |", r.packet.At.Seconds())
	for i := 0; i < columns-1; {
		if i == left && right > left {
			width := (right-left)*(column+1) - 1
			b.WriteString(arrow(label(r.packet, width-decoration), r.from < r.to, width))
			i = right
		} else {
			b.WriteString(strings.Repeat(" ", column))
			i++
		}
		b.WriteByte('|')
	}
	if r.packet.Lost {
		b.WriteString("  lost")
	}
	return b.String()
}

// label names a packet, without the reason phrase where there is no room for it.
func label(p Packet, room int) string {
	m := Parse(p.Data)
	ends := ""
	if m.Status() != 0 && m.Method() != "INVITE" {
		ends = " (" + m.Method() + ")"
	}
	switch {
	case m.Body == "":
	case m.Get("Content-Type") == "application/sdp":
		ends += ", SDP" + flowOf(m.Body)
	default:
		ends += ", body"
	}
	name := m.Name()
	if m.Status() != 0 {
		name = strings.TrimPrefix(m.Start, "SIP/2.0 ")
	}
	if m.Status() != 0 && len(name+ends) > room {
		name = strconv.Itoa(m.Status())
	}
	return name + ends
}

// flowOf is the direction of an SDP that is not both ways.
func flowOf(sdp string) string {
	for _, direction := range []string{"sendonly", "recvonly", "inactive"} {
		if strings.Contains(sdp, "a="+direction) {
			return " " + direction
		}
	}
	return ""
}

// decoration is what an arrow needs beside its label: two blanks, two dashes
// and a head.
const decoration = 5

// arrow draws a labelled arrow of that width.
func arrow(label string, rightward bool, width int) string {
	label = " " + label + " "
	dashes := width - len(label) - 1
	before := strings.Repeat("-", dashes/2)
	after := strings.Repeat("-", dashes-dashes/2)
	if rightward {
		return before + label + after + ">"
	}
	return "<" + before + label + after
}
