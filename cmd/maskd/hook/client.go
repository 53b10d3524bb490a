package hook

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"maskd/mapping"
)

// Why there is no answer.
var (
	ErrTimeout   = errors.New("decision hook took too long")
	ErrBusy      = errors.New("decision hook has too many questions open")
	ErrStatus    = errors.New("decision hook answered with another status than 200")
	ErrAbandoned = errors.New("call ended before the decision hook answered")
)

// maxOpen bounds the questions that are open at once, and with them the
// connections. At 10 ms an answer that is 6,400 calls a second.
const maxOpen = 64

// idleTimeout is how long an unused connection is kept, above the pauses between
// calls and below the patience of most servers.
const idleTimeout = 50 * time.Second

// Options are what a client is made with. URL, Key and Timeout must be set.
type Options struct {
	URL     string // https, or http on this machine
	Key     Key
	Timeout time.Duration  // for all of a question
	Roots   *x509.CertPool // who certifies the hook; nil: whom the system trusts
	Meter   Meter          // nil: nobody measures
}

// Client asks the hook. It is safe for use by many goroutines.
type Client struct {
	url     string
	key     Key
	timeout time.Duration
	meter   Meter
	http    *http.Client
	open    chan struct{}
}

// New makes a client. Nothing is sent before the first question.
func New(o Options) *Client {
	return &Client{
		url: o.URL, key: o.Key, timeout: o.Timeout, meter: o.Meter, open: make(chan struct{}, maxOpen),
		http: &http.Client{
			// The configuration alone says who is asked: nobody else, be it by the
			// environment's proxy or by a redirection.
			Transport: &http.Transport{
				TLSClientConfig: &tls.Config{RootCAs: o.Roots, MinVersion: tls.VersionTLS12},
				MaxConnsPerHost: maxOpen, MaxIdleConnsPerHost: maxOpen, IdleConnTimeout: idleTimeout,
				MaxResponseHeaderBytes: maxAnswer, DisableCompression: true, ForceAttemptHTTP2: true,
			},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
}

// Close ends the connections that are not in use.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Rule asks the hook about a case (sip.Arbiter).
func (c *Client) Rule(ctx context.Context, matter mapping.Case) (mapping.Ruling, error) {
	began := time.Now()
	ruling, err := c.ask(ctx, &matter)
	if ctx.Err() != nil {
		err = ErrAbandoned
	}
	if c.meter != nil {
		c.meter.Asked(outcomeOf(ruling, err), time.Since(began))
	}
	if err != nil {
		return mapping.Ruling{}, fmt.Errorf("ask decision hook: %w", err)
	}
	return ruling, nil
}

// ask waits for its turn and for the answer, both within the timeout.
func (c *Client) ask(ctx context.Context, matter *mapping.Case) (mapping.Ruling, error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	select {
	case c.open <- struct{}{}:
		defer func() { <-c.open }()
	case <-ctx.Done():
		return mapping.Ruling{}, ErrBusy
	}
	body, err := c.exchange(ctx, matter)
	switch {
	case err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded):
		return mapping.Ruling{}, ErrTimeout
	case err != nil:
		return mapping.Ruling{}, err
	}
	return decode(body, matter)
}

// exchange sends the question and returns the answer's body.
func (c *Client) exchange(ctx context.Context, matter *mapping.Case) ([]byte, error) {
	body, err := encode(matter)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	c.sign(req, body)
	res, err := c.http.Do(req)
	if err != nil {
		return nil, plain(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return nil, ErrStatus
	}
	answer, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer+1))
	if err == nil && len(answer) > maxAnswer {
		err = ErrAnswer
	}
	return answer, err
}

// sign adds the headers of Standard Webhooks: who has the key can tell that the
// question is ours, when we asked it, and that he has not heard it before.
func (c *Client) sign(req *http.Request, body []byte) {
	id, timestamp := "msg_"+rand.Text(), strconv.FormatInt(time.Now().Unix(), 10)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "maskd")
	req.Header.Set("Webhook-Id", id)
	req.Header.Set("Webhook-Timestamp", timestamp)
	req.Header.Set("Webhook-Signature", c.key.sign(id, timestamp, body))
	// With it, net/http sends the question again if the hook has closed the
	// connection that was kept, just as it was sent.
	req.Header.Set("Idempotency-Key", id)
}

// plain leaves out the URL, whose path may be a secret.
func plain(err error) error {
	var of *url.Error
	if errors.As(err, &of) {
		return of.Err
	}
	return err
}
