package edge

// acknowledge sends the ACK to a 2xx to our INVITE, and sends it again if that comes
// again. The branch is the ACK's, empty before the first.
func (l *listener) acknowledge(d *dialog, invite *asking, branch *string) error {
	if *branch == "" {
		*branch = l.edge.tokens.branch()
	}
	ack := l.composeAck(d, invite.cseq, *branch)
	vouch(&ack, invite)
	return l.send(&ack)
}

// acknowledgeStray sends the ACK to a 2xx to the INVITE of that number, of which
// nothing is known any more.
func (l *listener) acknowledgeStray(d *dialog, invite uint32) error {
	ack := l.composeAck(d, invite, l.edge.tokens.branch())
	return l.send(&ack)
}
