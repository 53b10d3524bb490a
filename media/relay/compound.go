package relay

import (
	"errors"

	"github.com/pion/rtcp"
)

// compound is what concerns us of a peer's RTCP datagram (RFC 3550 section 6.1). It is read into
// again and again, so that a report allocates nothing.
type compound struct {
	clocks []senderClock
	blocks []rtcp.ReceptionReport // of sender and receiver reports

	sender   rtcp.SenderReport
	receiver rtcp.ReceiverReport
}

// senderClock is what a source's clock was when it reported.
type senderClock struct {
	ssrc uint32
	ntp  uint64
}

var errCompound = errors.New("datagram is not made of whole packets")

// read takes a datagram apart. Of a packet that is no report nothing is read but how long it is.
func (c *compound) read(datagram []byte) error {
	c.clocks, c.blocks = c.clocks[:0], c.blocks[:0]
	if len(datagram) == 0 {
		return errCompound
	}
	for rest := datagram; len(rest) > 0; {
		var header rtcp.Header
		if err := header.Unmarshal(rest); err != nil {
			return err
		}
		size := (int(header.Length) + 1) * reportWord
		if size > len(rest) {
			return errCompound
		}
		if err := c.readReport(header.Type, rest[:size]); err != nil {
			return err
		}
		rest = rest[size:]
	}
	return nil
}

func (c *compound) readReport(kind rtcp.PacketType, packet []byte) error {
	switch kind {
	case rtcp.TypeSenderReport:
		c.sender = rtcp.SenderReport{Reports: c.sender.Reports[:0]}
		if err := c.sender.Unmarshal(packet); err != nil {
			return err
		}
		c.clocks = append(c.clocks, senderClock{ssrc: c.sender.SSRC, ntp: c.sender.NTPTime})
		c.blocks = append(c.blocks, c.sender.Reports...)
	case rtcp.TypeReceiverReport:
		c.receiver = rtcp.ReceiverReport{Reports: c.receiver.Reports[:0]}
		if err := c.receiver.Unmarshal(packet); err != nil {
			return err
		}
		c.blocks = append(c.blocks, c.receiver.Reports...)
	}
	return nil
}
