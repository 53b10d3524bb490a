package admin

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// Client speaks to a daemon over its admin socket. Errors are a [*Problem] if
// the daemon refused, an [*UnreachableError] if there was no answer.
type Client struct {
	socket string
	tenant string // empty: one's own
	http   http.Client
}

// UnreachableError is a daemon that did not answer.
type UnreachableError struct {
	Socket string
	Err    error
}

func (e *UnreachableError) Error() string {
	return fmt.Sprintf("reach daemon at %s: %v", e.Socket, e.Err)
}

// Unwrap returns what the system said.
func (e *UnreachableError) Unwrap() error { return e.Err }

// maxAnswer bounds an answer: a page of 1000 interactions of 8 numbers and 16
// labels each is below it.
const maxAnswer = 16 << 20

// NewClient makes a client of the daemon that listens on the socket.
func NewClient(socket string) *Client {
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", socket)
	}
	return &Client{socket: socket, http: http.Client{
		Timeout:   writeTimeout + 5*time.Second, // the daemon gives up first, and says why
		Transport: &http.Transport{DialContext: dial, DisableKeepAlives: true},
	}}
}

// For returns a client that acts for the tenant, as an admin of the house may; the
// empty name is none.
func (c *Client) For(tenant string) *Client {
	acting := *c
	acting.tenant = tenant
	return &acting
}

// Cursor is the part of a list to ask for; the zero Cursor is the beginning.
type Cursor struct {
	After string // an id
	Limit int    // 0: as many as the daemon likes
}

func (c Cursor) query() url.Values {
	query := make(url.Values)
	if c.After != "" {
		query.Set("after", c.After)
	}
	if c.Limit != 0 {
		query.Set("limit", strconv.Itoa(c.Limit))
	}
	return query
}

// Create makes an interaction, or returns the one that the same draft made.
func (c *Client) Create(ctx context.Context, d Draft) (Interaction, error) {
	return do[Interaction](ctx, c, http.MethodPost, "/v1/interactions", d)
}

// Batch sends lines of orders as they are read, and calls each with the receipts
// as they come, in the order of the lines. It ends with the last of them, or
// with the error of each.
func (c *Client) Batch(ctx context.Context, orders io.Reader, each func(Receipt) error) error {
	response, err := c.open(ctx, http.MethodPost, "/v1/interactions:batch", io.NopCloser(orders))
	if err != nil {
		return err
	}
	defer response.Body.Close()
	received := json.NewDecoder(response.Body)
	for {
		var receipt Receipt
		if err := received.Decode(&receipt); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return &UnreachableError{c.socket, err}
		}
		if err := each(receipt); err != nil {
			return err
		}
	}
}

// Interaction returns the interaction of that id.
func (c *Client) Interaction(ctx context.Context, id string) (Interaction, error) {
	return do[Interaction](ctx, c, http.MethodGet, "/v1/interactions/"+url.PathEscape(id), nil)
}

// ByExternalID returns a list of the one interaction of that external id, or
// of none.
func (c *Client) ByExternalID(ctx context.Context, external string) (Page[Interaction], error) {
	query := url.Values{"external_id": {external}}
	return do[Page[Interaction]](ctx, c, http.MethodGet, "/v1/interactions?"+query.Encode(), nil)
}

// Interactions returns a part of all interactions, in the order of time.
func (c *Client) Interactions(ctx context.Context, at Cursor) (Page[Interaction], error) {
	return do[Page[Interaction]](ctx, c, http.MethodGet, "/v1/interactions?"+at.query().Encode(), nil)
}

// Complete ends an interaction.
func (c *Client) Complete(ctx context.Context, id string, how Completion) (Completed, error) {
	return do[Completed](ctx, c, http.MethodPost, "/v1/interactions/"+url.PathEscape(id)+"/complete", how)
}

// Revise changes what the calls of an interaction may do, while it lives.
func (c *Client) Revise(ctx context.Context, id string, r Revision) (Interaction, error) {
	return do[Interaction](ctx, c, http.MethodPatch, "/v1/interactions/"+url.PathEscape(id), r)
}

// Blocks returns a part of the block list.
func (c *Client) Blocks(ctx context.Context, at Cursor) (Page[Block], error) {
	return do[Page[Block]](ctx, c, http.MethodGet, "/v1/blocks?"+at.query().Encode(), nil)
}

// Block puts on the block list whom the request means.
func (c *Client) Block(ctx context.Context, q BlockRequest) (Page[Block], error) {
	return do[Page[Block]](ctx, c, http.MethodPost, "/v1/blocks", q)
}

// Unblock takes off the block list whom the request means.
func (c *Client) Unblock(ctx context.Context, q BlockRequest) (Page[Block], error) {
	return do[Page[Block]](ctx, c, http.MethodPost, "/v1/blocks:remove", q)
}

// LookUp asks what would happen to a call, and why. Nothing is changed.
func (c *Client) LookUp(ctx context.Context, q Question) (Decision, error) {
	return do[Decision](ctx, c, http.MethodPost, "/v1/lookup", q)
}

// Extend gives an interaction a later end.
func (c *Client) Extend(ctx context.Context, id string, to Extension) (Interaction, error) {
	return do[Interaction](ctx, c, http.MethodPost, "/v1/interactions/"+url.PathEscape(id)+"/extend", to)
}

// SetHours changes when the parties may be reached.
func (c *Client) SetHours(ctx context.Context, id string, to HoursChange) (Interaction, error) {
	return do[Interaction](ctx, c, http.MethodPost, "/v1/interactions/"+url.PathEscape(id)+"/hours", to)
}

// Reopen makes a completed or expired interaction active again.
func (c *Client) Reopen(ctx context.Context, id string, to Extension) (Interaction, error) {
	return do[Interaction](ctx, c, http.MethodPost, "/v1/interactions/"+url.PathEscape(id)+"/reopen", to)
}

// Originate begins a call between an interaction's parties.
func (c *Client) Originate(ctx context.Context, id string, o Origination) (Originated, error) {
	return do[Originated](ctx, c, http.MethodPost, "/v1/interactions/"+url.PathEscape(id)+"/call", o)
}

// Calls returns a part of the live calls, in the order of time.
func (c *Client) Calls(ctx context.Context, at Cursor) (Page[Call], error) {
	return do[Page[Call]](ctx, c, http.MethodGet, "/v1/calls?"+at.query().Encode(), nil)
}

// Call returns the call of that id, live or over.
func (c *Client) Call(ctx context.Context, id string) (Call, error) {
	return do[Call](ctx, c, http.MethodGet, "/v1/calls/"+url.PathEscape(id), nil)
}

// Hangup ends one live call.
func (c *Client) Hangup(ctx context.Context, id string) (HungUp, error) {
	return do[HungUp](ctx, c, http.MethodPost, "/v1/calls/"+url.PathEscape(id)+"/hangup", nil)
}

// Trace returns what crossed of a call, live or over.
func (c *Client) Trace(ctx context.Context, id string) (Trace, error) {
	return do[Trace](ctx, c, http.MethodGet, "/v1/calls/"+url.PathEscape(id)+"/trace", nil)
}

// Erase ends an interaction and its calls, and forgets it for good.
func (c *Client) Erase(ctx context.Context, id string, why Why) (Erased, error) {
	return do[Erased](ctx, c, http.MethodPost, "/v1/interactions/"+url.PathEscape(id)+"/erase", why)
}

// Hold puts an interaction under a legal hold, or takes it out: verb is hold or release.
func (c *Client) Hold(ctx context.Context, id, verb string, why Why) (Interaction, error) {
	return do[Interaction](ctx, c, http.MethodPost, "/v1/interactions/"+url.PathEscape(id)+"/"+verb, why)
}

// patient is a client that waits for what takes long.
func (c *Client) patient() *Client {
	patient := *c
	patient.http = http.Client{Transport: c.http.Transport, Timeout: subjectTimeout}
	return &patient
}

// Trunks returns all trunks.
func (c *Client) Trunks(ctx context.Context) (Page[Trunk], error) {
	return do[Page[Trunk]](ctx, c, http.MethodGet, "/v1/trunks", nil)
}

// Reload has the daemon read its configuration again.
func (c *Client) Reload(ctx context.Context) (Reloaded, error) {
	return do[Reloaded](ctx, c, http.MethodPost, "/v1/reload", nil)
}

// Drain has the daemon take no more calls.
func (c *Client) Drain(ctx context.Context) (Draining, error) {
	return do[Draining](ctx, c, http.MethodPost, "/v1/drain", nil)
}

// CDRs returns a part of the call detail records, in the order of time.
func (c *Client) CDRs(ctx context.Context, at Cursor) (Page[CDR], error) {
	return do[Page[CDR]](ctx, c, http.MethodGet, "/v1/cdrs?"+at.query().Encode(), nil)
}

// Events returns events after the one that the cursor names, the oldest that are kept
// if it names none; it waits for the first for as long as is said.
func (c *Client) Events(ctx context.Context, at Cursor, wait time.Duration) (EventPage, error) {
	query := at.query()
	if wait > 0 {
		query.Set("wait_seconds", strconv.Itoa(int(wait/time.Second)))
	}
	waiting := *c
	waiting.http = http.Client{Transport: c.http.Transport, Timeout: c.http.Timeout + wait}
	return do[EventPage](ctx, &waiting, http.MethodGet, "/v1/events?"+query.Encode(), nil)
}

// Webhooks returns the endpoints that are told of events.
func (c *Client) Webhooks(ctx context.Context) (Page[Webhook], error) {
	return do[Page[Webhook]](ctx, c, http.MethodGet, "/v1/webhooks", nil)
}

// ResumeWebhook has an endpoint be tried again at once.
func (c *Client) ResumeWebhook(ctx context.Context, name string) (Webhook, error) {
	return do[Webhook](ctx, c, http.MethodPost, "/v1/webhooks/"+url.PathEscape(name)+"/resume", nil)
}

// Pools returns the pools.
func (c *Client) Pools(ctx context.Context) (PoolList, error) {
	return do[PoolList](ctx, c, http.MethodGet, "/v1/pools", nil)
}

// Numbers returns a part of our DIDs, those of the pool and the standing where
// these are given.
func (c *Client) Numbers(ctx context.Context, at Cursor, pool, standing string) (Page[Stock], error) {
	query := at.query()
	if pool != "" {
		query.Set("pool", pool)
	}
	if standing != "" {
		query.Set("standing", standing)
	}
	return do[Page[Stock]](ctx, c, http.MethodGet, "/v1/numbers?"+query.Encode(), nil)
}

// Instruct says what becomes of a DID: activate, drain, quarantine or retire.
func (c *Client) Instruct(ctx context.Context, did, verb string, o Order) (Stock, error) {
	return do[Stock](ctx, c, http.MethodPost, "/v1/numbers/"+url.PathEscape(did)+"/"+verb, o)
}

// Ready asks whether the daemon is ready.
func (c *Client) Ready(ctx context.Context) error {
	_, err := do[Health](ctx, c, http.MethodGet, "/readyz", nil)
	return err
}

func do[T any](ctx context.Context, c *Client, method, path string, body any) (answer T, err error) {
	response, err := c.ask(ctx, &c.http, method, path, body)
	if err != nil {
		return answer, err
	}
	defer response.Body.Close()
	if err := json.NewDecoder(io.LimitReader(response.Body, maxAnswer)).Decode(&answer); err != nil {
		return answer, fmt.Errorf("read answer: %w", err)
	}
	return answer, nil
}

// open asks for what takes as long as it takes to send or to read.
func (c *Client) open(ctx context.Context, method, path string, body any) (*http.Response, error) {
	return c.ask(ctx, &http.Client{Transport: c.http.Transport}, method, path, body)
}

// ask sends a body, as JSON unless it can be read, and returns the answer if it is no refusal.
func (c *Client) ask(ctx context.Context, by *http.Client, method, path string, body any) (*http.Response, error) {
	sent, read := body.(io.Reader)
	if !read && body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return nil, fmt.Errorf("write request: %w", err)
		}
		sent = bytes.NewReader(text)
	}
	request, err := http.NewRequestWithContext(ctx, method, "http://maskd"+path, sent)
	if err != nil {
		return nil, fmt.Errorf("make request: %w", err)
	}
	if c.tenant != "" {
		request.Header.Set(tenantHeader, c.tenant)
	}
	response, err := by.Do(request)
	if err != nil {
		return nil, &UnreachableError{c.socket, cause(err)}
	}
	if response.StatusCode >= http.StatusBadRequest {
		defer response.Body.Close()
		return nil, refusedWith(response.StatusCode, json.NewDecoder(io.LimitReader(response.Body, maxAnswer)))
	}
	return response, nil
}

// refusedWith reads the problem; what is none comes from something else than
// maskd.
func refusedWith(status int, received *json.Decoder) error {
	var p Problem
	if err := received.Decode(&p); err != nil || p.Status != status {
		return newProblem(status, "unknown", "", "the answer is no problem of maskd: is this its socket?")
	}
	return &p
}

// cause is the error without the URL, which is none that anybody can open.
func cause(err error) error {
	if wrapped, ok := err.(*url.Error); ok {
		return wrapped.Err
	}
	return err
}
