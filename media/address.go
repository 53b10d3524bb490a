package media

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// connection is a c= line (RFC 8866 section 5.7).
type connection struct {
	family  string // IP4 or IP6
	address string // empty: there is none
}

// connectionOf reads the c= line that holds for a stream, its own if it has one, and checks what else a
// description must have. There may be no stream.
func connectionOf(session, stream section) (at connection, err error) {
	if err := session.check(); err != nil {
		return at, err
	}
	for _, lines := range [2]section{session, stream} {
		value, ok := lines.first('c')
		if !ok {
			continue
		}
		if at, ok = readConnection(value); !ok {
			return at, fmt.Errorf("read connection: %w", ErrMalformed)
		}
	}
	return at, nil
}

func readConnection(value string) (connection, bool) {
	var w [3]string
	n := words(value, w[:])
	return connection{family: w[1], address: w[2]}, n <= len(w) && w[0] == "IN" && (w[1] == "IP4" || w[1] == "IP6")
}

// readAddresses finds where the peer hears and speaks. The unspecified address is the hold of
// old (RFC 3264 section 8.4): there is nobody to send to.
func (d *description) readAddresses(audio section, at connection, reach reach) error {
	if at.address == "" {
		return fmt.Errorf("read connection: %w", ErrMalformed)
	}
	addr, err := readAddress(at.family, at.address, reach)
	if err != nil {
		return err
	}
	if addr.IsUnspecified() {
		d.direction.Receives = false
		return nil
	}
	port := d.streams[d.audio].port
	d.rtp = netip.AddrPortFrom(addr, port)
	switch {
	case d.mux:
		d.rtcp = d.rtp // and no attribute names another (RFC 5761 section 5.1.1)
		return nil
	case port < 1<<16-1:
		d.rtcp = netip.AddrPortFrom(addr, port+1)
	}
	if value, ok := audio.attribute("rtcp"); ok {
		return d.readRTCP(value, addr, reach.within(FamilyOf(addr)))
	}
	return nil
}

// readRTCP reads the attribute of RFC 3605 section 2.1: a port, and perhaps an address of the same family,
// because a leg has one.
func (d *description) readRTCP(value string, addr netip.Addr, reach reach) error {
	fields := strings.Fields(value)
	if len(fields) != 1 && (len(fields) != 4 || fields[1] != "IN") {
		return fmt.Errorf("read rtcp attribute: %w", ErrMalformed)
	}
	port, err := strconv.ParseUint(fields[0], 10, 16)
	if err != nil {
		return fmt.Errorf("read rtcp attribute: %w", ErrMalformed)
	}
	if len(fields) == 4 {
		if addr, err = readAddress(fields[2], fields[3], reach); err != nil {
			return err
		}
	}
	d.rtcp = netip.AddrPort{}
	if port != 0 && !addr.IsUnspecified() {
		d.rtcp = netip.AddrPortFrom(addr, uint16(port))
	}
	return nil
}

// readAddress takes an IP literal only: no name that a message brings is ever looked up. The
// unspecified address may be of either family.
func readAddress(family, literal string, reach reach) (netip.Addr, error) {
	addr, err := netip.ParseAddr(literal)
	if err != nil || addr.Zone() != "" || addr.Is4() != (family == "IP4") {
		return netip.Addr{}, ErrAddress
	}
	addr = addr.Unmap()
	if !addr.IsUnspecified() && !reach.includes(addr) {
		return netip.Addr{}, ErrAddress
	}
	return addr, nil
}
