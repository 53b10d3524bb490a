package main

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// witness captures every packet of a site's network, as a wire-tap would.
type witness struct {
	site    *site
	command *exec.Cmd
	file    string
	said    bytes.Buffer // read it when the witness is dismissed
}

// seen is a packet, as tshark understands it.
type seen struct {
	number    int // in the order of the capture
	from, to  netip.AddrPort
	protocols string // such as eth:ethertype:ip:udp:sip:sdp
	payload   []byte // of UDP or TCP
	stream    string // the TCP connection; "" for others
	sip       string // the start line
	faults    string // what tshark finds wrong with it
	at        time.Time
}

func (p seen) has(protocol string) bool {
	return strings.Contains(p.protocols+":", ":"+protocol+":")
}

// witness starts a capture, and returns when it sees packets.
func (s *site) witness(t *testing.T) *witness {
	t.Helper()
	return s.witnessOf(t, fmt.Sprintf("net %s/24", s.addr(0)))
}

// witnessOf captures what a filter lets through, the site's network included.
func (s *site) witnessOf(t *testing.T, filter string) *witness {
	t.Helper()
	w := &witness{site: s, file: s.path("capture.pcapng")}
	w.command = exec.CommandContext(t.Context(), "dumpcap", "-q", "-i", "lo", "-f", filter, "-B", "64", "-w", w.file)
	w.command.Stderr = &w.said
	if err := w.command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = w.command.Process.Kill()
		_ = w.command.Wait()
	})
	w.mark(t, "the capture begins")
	return w
}

// mark sends a packet that stands in the capture for a moment, until it is
// there: everything before it is on disk then.
func (w *witness) mark(t *testing.T, moment string) {
	t.Helper()
	await(t, moment, func() bool {
		plant(t, w.site.addr(1), netip.AddrPortFrom(w.site.addr(254), 9), moment)
		capture, err := os.ReadFile(w.file)
		return err == nil && bytes.Contains(capture, []byte(moment))
	})
}

// plant sends a packet of the test's own.
func plant(t *testing.T, from netip.Addr, to netip.AddrPort, data string) {
	t.Helper()
	conn, err := net.DialUDP("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(from, 0)), net.UDPAddrFromAddrPort(to))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_, _ = conn.Write([]byte(data)) // nobody listens, and it may be told so
}

// before returns what was seen before the mark, and what after it, without the
// marks.
func (w *witness) before(packets []seen, moment string) (earlier, later []seen) {
	at := slices.IndexFunc(packets, func(p seen) bool { return string(p.payload) == moment })
	mark := func(p seen) bool { return p.from.Addr() == w.site.addr(254) || p.to.Addr() == w.site.addr(254) }
	return slices.DeleteFunc(slices.Clone(packets[:at]), mark), slices.DeleteFunc(slices.Clone(packets[at:]), mark)
}

// dismiss ends the capture and returns what was seen.
func (w *witness) dismiss(t *testing.T) []seen {
	t.Helper()
	if err := w.command.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := w.command.Wait(); err != nil {
		t.Fatalf("dumpcap: %v\n%s", err, &w.said)
	}
	if !strings.Contains(w.said.String(), "(pcap:0/dumpcap:0/") {
		t.Errorf("the witness missed packets: %s", &w.said)
	}
	return w.decode(t)
}

// fields is what tshark is asked for, in the order of decodeLine.
var fields = []string{
	"ip.src", "ip.dst", "udp.srcport", "udp.dstport", "tcp.srcport", "tcp.dstport", "frame.protocols",
	"udp.payload", "tcp.payload", "tcp.stream", "sip.Request-Line", "sip.Status-Line",
	"_ws.expert.severity", "_ws.expert.message", "_ws.malformed", "ipv6.src", "ipv6.dst", "frame.time_epoch",
}

func (w *witness) decode(t *testing.T) []seen {
	t.Helper()
	ask := []string{"-r", w.file, "-n", "-T", "fields", "-E", "separator=/t", "-E", "aggregator=|"}
	for _, f := range fields {
		ask = append(ask, "-e", f)
	}
	var packets []seen
	for line := range strings.Lines(string(output(t, exec.CommandContext(t.Context(), "tshark", ask...)))) {
		p, err := decodeLine(strings.Split(strings.TrimSuffix(line, "\n"), "\t"))
		if err != nil {
			t.Fatalf("%v in %q", err, line)
		}
		p.number = len(packets)
		packets = append(packets, p)
	}
	return packets
}

// decodeLine reads a packet. An ICMP error quotes another one, whose fields
// follow the error's own: the addresses are the error's, the payload is quoted.
func decodeLine(column []string) (p seen, err error) {
	if len(column) != len(fields) {
		return p, fmt.Errorf("%d columns, want %d", len(column), len(fields))
	}
	first := func(texts ...string) string {
		text, _, _ := strings.Cut(strings.Join(texts, ""), "|")
		return text
	}
	if p.from, err = endpoint(first(column[0], column[15]), first(column[2], column[4])); err != nil {
		return p, err
	}
	if p.to, err = endpoint(first(column[1], column[16]), first(column[3], column[5])); err != nil {
		return p, err
	}
	p.protocols, p.stream = column[6], column[9]
	p.payload, err = hex.DecodeString(first(column[7], column[8]))
	p.sip = first(column[10], column[11])
	p.at = moment(column[17])
	if severe(column[12], p.stream != "") || column[14] != "" {
		p.faults = strings.Join(column[12:15], " ")
	}
	return p, err
}

func endpoint(addr, port string) (netip.AddrPort, error) {
	a, err := netip.ParseAddr(addr)
	if err != nil {
		return netip.AddrPort{}, err
	}
	n, _ := strconv.ParseUint(port, 10, 16) // none in ICMP
	return netip.AddrPortFrom(a, uint16(n)), nil
}

// moment reads the seconds since 1970, to the microsecond.
func moment(epoch string) time.Time {
	seconds, _ := strconv.ParseFloat(epoch, 64) // tshark has them of every packet
	return time.UnixMicro(int64(seconds * 1e6))
}

// severe reports whether tshark complains: from PI_NOTE on, or from PI_WARN on
// over TCP, where a segment sent again is worth a note.
func severe(severities string, stream bool) bool {
	const note, warning = 0x00400000, 0x00600000
	limit := uint64(note)
	if stream {
		limit = warning
	}
	for text := range strings.SplitSeq(severities, "|") {
		if severity, err := strconv.ParseUint(text, 10, 32); err == nil && severity >= limit {
			return true
		}
	}
	return false
}
