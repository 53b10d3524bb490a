package store

import (
	"crypto/hmac"
	"crypto/sha256"
	"io"
	"sync"

	"maskd/mapping"
)

// naming is the keys by which a tenant's names are digested. Each tenant has its
// own: what two tenants call the same has two digests, and a number that both
// know has two references.
type naming struct {
	external  *mac // digests external ids in the file
	reference *mac // makes references to numbers
	request   *mac // of before schema 4: digests keys of requests, and what was asked
}

// namings makes the keys of tenants, and keeps them.
type namings struct {
	own     naming   // of the default tenant, as from before there were others
	root    []byte   // that those of the others are made from
	derived sync.Map // mapping.Tenant -> *naming
}

// of returns the keys of a tenant.
func (n *namings) of(t mapping.Tenant) *naming {
	if t == mapping.DefaultTenant || t == "" {
		return &n.own
	}
	if known, ok := n.derived.Load(t); ok {
		return known.(*naming)
	}
	made := &naming{external: n.derive("external", t), reference: n.derive("reference", t), request: n.derive("request", t)}
	known, _ := n.derived.LoadOrStore(t, made)
	return known.(*naming)
}

// derive makes a key out of the root and what it is for. The use has no zero
// byte, so that no two uses and tenants read the same.
func (n *namings) derive(use string, t mapping.Tenant) *mac {
	h := hmac.New(sha256.New, n.root)
	_, _ = io.WriteString(h, use+"\x00"+string(t)) // a hash never fails to write
	return newMAC(h.Sum(nil))
}
