package post

import "net/http"

// AsksProxy reports whether a proxy may be asked on the way.
func AsksProxy(c *Client) bool { return c.http.Transport.(*http.Transport).Proxy != nil }

// Sign signs a message.
func Sign(k Key, id, timestamp string, body []byte) string { return k.sign(id, timestamp, body) }
