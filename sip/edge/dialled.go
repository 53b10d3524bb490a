package edge

import "github.com/emiago/sipgo/sip"

// dialled returns the URI that names the DID: the Request-URI. But a registrar
// puts there what we registered (RFC 3261 section 16.6), whatever was dialled;
// that is then left in To.
func (t *Trunk) dialled(req *sip.Request) *sip.Uri {
	to := req.To()
	if t.Register == nil || req.Recipient.User != t.Register.Contact || to == nil {
		return &req.Recipient
	}
	return &to.Address
}
