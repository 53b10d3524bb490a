package post

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// idleTimeout is how long an unused connection is kept, above the pauses between
// messages and below the patience of most servers.
const idleTimeout = 50 * time.Second

// maxHeader bounds the header of an answer.
const maxHeader = 16 << 10

// Options are what a client is made with. URL and Key must be set.
type Options struct {
	URL   string // https, or http on this machine
	Key   Key
	Roots *x509.CertPool // who certifies the other side; nil: whom the system trusts
	Conns int            // connections at most; 0: any number
}

// Client posts to one URL. It is safe for use by many goroutines.
type Client struct {
	url  string
	key  Key
	http *http.Client
}

// New makes a client. Nothing is sent before the first message.
func New(o Options) *Client {
	return &Client{url: o.URL, key: o.Key, http: &http.Client{
		// The configuration alone says who is told: nobody else, be it by the
		// environment's proxy or by a redirection.
		Transport: &http.Transport{
			TLSClientConfig: &tls.Config{RootCAs: o.Roots, MinVersion: tls.VersionTLS12},
			MaxConnsPerHost: o.Conns, MaxIdleConnsPerHost: o.Conns, IdleConnTimeout: idleTimeout,
			MaxResponseHeaderBytes: maxHeader, DisableCompression: true, ForceAttemptHTTP2: true,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Close ends the connections that are not in use.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Post sends a message, whose id is the same however often it is sent, and returns the
// answer, whose body is the caller's to bound and to close. No error names the URL,
// whose path may be a secret.
func (c *Client) Post(ctx context.Context, id string, body []byte) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url, bytes.NewReader(body))
	if err != nil {
		return nil, plain(err)
	}
	timestamp := strconv.FormatInt(time.Now().Unix(), 10)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "maskd")
	req.Header.Set("Webhook-Id", id)
	req.Header.Set("Webhook-Timestamp", timestamp)
	req.Header.Set("Webhook-Signature", c.key.sign(id, timestamp, body))
	// With it, net/http sends the message again if the other side has closed the
	// connection that was kept, just as it was sent.
	req.Header.Set("Idempotency-Key", id)
	res, err := c.http.Do(req)
	if err != nil {
		return nil, plain(err)
	}
	return res, nil
}

// plain leaves out the URL.
func plain(err error) error {
	var of *url.Error
	if errors.As(err, &of) {
		return of.Err
	}
	return err
}
