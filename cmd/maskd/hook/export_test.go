package hook

import "net/http"

// Decode reads an answer.
var Decode = decode

// AsksProxy reports whether a proxy may be asked on the way to the hook.
func AsksProxy(c *Client) bool { return c.http.Transport.(*http.Transport).Proxy != nil }

// Occupy lets as many questions be open as may be.
func Occupy(c *Client) {
	for range maxOpen {
		c.open <- struct{}{}
	}
}

// Sign signs a message.
func Sign(k Key, id, timestamp string, body []byte) string { return k.sign(id, timestamp, body) }
