package hook

import (
	"context"
	"crypto/rand"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"maskd/cmd/maskd/post"
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

// Options are what a client is made with. URL, Key and Timeout must be set.
type Options struct {
	URL     string // https, or http on this machine
	Key     post.Key
	Timeout time.Duration  // for all of a question
	Roots   *x509.CertPool // who certifies the hook; nil: whom the system trusts
	Meter   Meter          // nil: nobody measures
}

// Client asks the hook. It is safe for use by many goroutines.
type Client struct {
	timeout time.Duration
	meter   Meter
	post    *post.Client
	open    chan struct{}
}

// New makes a client. Nothing is sent before the first question.
func New(o Options) *Client {
	return &Client{
		timeout: o.Timeout, meter: o.Meter, open: make(chan struct{}, maxOpen),
		post: post.New(post.Options{URL: o.URL, Key: o.Key, Roots: o.Roots, Conns: maxOpen}),
	}
}

// Close ends the connections that are not in use.
func (c *Client) Close() { c.post.Close() }

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
	res, err := c.post.Post(ctx, "msg_"+rand.Text(), body)
	if err != nil {
		return nil, err
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
