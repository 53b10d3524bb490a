package store

import (
	"crypto/cipher"
	"sync/atomic"
)

// ciphers are those that were made of late. Of the interaction of a call it is asked again and
// again: whom it is for, whether that still holds, what its records are sealed with. To make the
// cipher takes longer each time than what is done with it, and 1.3 KB.
type ciphers struct {
	epoch atomic.Uint64 // changes with the keys that there are: no cipher of before is given out
	ready [1 << 11]atomic.Pointer[ready]
}

// ready is a cipher, of which key it is, and since when.
type ready struct {
	epoch  uint64
	key    buriedKey
	cipher cipher.AEAD
}

// of returns the cipher of a key, made by the given function if it is not at hand.
func (c *ciphers) of(key buriedKey, derive func(day, uint32) (keySecret, error)) (cipher.AEAD, error) {
	epoch := c.epoch.Load() // before it is looked whether there is such a key
	slot := c.slot(key)
	if r := slot.Load(); r != nil && r.key == key && r.epoch == epoch {
		return r.cipher, nil
	}
	secret, err := derive(key.day, key.leaf)
	if err != nil {
		return nil, err
	}
	made, err := newAEAD(secret[:])
	if err == nil {
		slot.Store(&ready{epoch, key, made})
	}
	return made, err
}

// slot is where the cipher of a key would be. Those of keys that were given out one after the
// other are in different ones.
func (c *ciphers) slot(key buriedKey) *atomic.Pointer[ready] {
	return &c.ready[(uint32(key.day)<<8+key.leaf)%uint32(len(c.ready))]
}

// forget is called when other keys hold than before.
func (c *ciphers) forget() {
	c.epoch.Add(1)
	for i := range c.ready {
		c.ready[i].Store(nil)
	}
}
