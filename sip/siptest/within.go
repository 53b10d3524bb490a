package siptest

// Within sends any request within the call, once.
func (p *Phone) Within(method string, edits ...Edit) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.seq++
	m := p.request(method, p.seq)
	m.edit(edits)
	p.send(m)
}
