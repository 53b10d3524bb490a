package hook

// Decode reads an answer.
var Decode = decode

// Occupy lets as many questions be open as may be.
func Occupy(c *Client) {
	for range maxOpen {
		c.open <- struct{}{}
	}
}
