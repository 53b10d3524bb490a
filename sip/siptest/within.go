package siptest

// Called reports whether somebody has called the phone.
func (p *Phone) Called() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.inbound
}

// Finished reports whether the phone has given its call a final response.
func (p *Phone) Finished() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.inbound && p.said.Status() >= 200
}

// InDialog reports whether there is a dialog to send requests within.
func (p *Phone) InDialog() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.inbound {
		return p.ok.Start != ""
	}
	return p.peer.Start != ""
}

// Within sends any request within the call, once.
func (p *Phone) Within(method string, edits ...Edit) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.seq++
	m := p.request(method, p.seq)
	m.edit(edits)
	p.send(m)
}
