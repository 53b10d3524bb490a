package admin

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
)

// WaitingError is what was asked for and waits for another person's approval.
type WaitingError struct{ Petition Petition }

func (e *WaitingError) Error() string {
	return "request " + e.Petition.Request + " waits for another person"
}

// answered is an answer, or what has to be approved first.
type answered[T any] struct{ of T }

// UnmarshalJSON reads either: no answer to a plea names a request.
func (a *answered[T]) UnmarshalJSON(text []byte) error {
	var p Petition
	if json.Unmarshal(text, &p) == nil && p.Request != "" {
		return &WaitingError{p}
	}
	return json.Unmarshal(text, &a.of)
}

// plead asks for what another person may have to approve.
func plead[T any](ctx context.Context, c *Client, path string, body any) (T, error) {
	a, err := do[answered[T]](ctx, c, http.MethodPost, path, body)
	if waiting := new(WaitingError); errors.As(err, &waiting) {
		return a.of, waiting
	}
	return a.of, err
}

// Unmask asks for the numbers of an interaction in clear.
func (c *Client) Unmask(ctx context.Context, id string, asked Asked) (Revealed, error) {
	return plead[Revealed](ctx, c, "/v1/interactions/"+url.PathEscape(id)+"/reveal", asked)
}

// FindSubject returns what there is of a person.
func (c *Client) FindSubject(ctx context.Context, p Person) (Traces, error) {
	return plead[Traces](ctx, c.patient(), "/v1/subjects/find", p)
}

// ExportSubject returns all that there is of a person, to be handed to it.
func (c *Client) ExportSubject(ctx context.Context, p Person) (Dossier, error) {
	return plead[Dossier](ctx, c.patient(), "/v1/subjects/export", p)
}

// EraseSubject erases all that there is of a person, and returns what it was.
func (c *Client) EraseSubject(ctx context.Context, p Person) (Traces, error) {
	return plead[Traces](ctx, c.patient(), "/v1/subjects/erase", p)
}

// Petitions returns a part of what waits for a second person.
func (c *Client) Petitions(ctx context.Context, at Cursor) (Page[Petition], error) {
	return do[Page[Petition]](ctx, c, http.MethodGet, "/v1/reveals?"+at.query().Encode(), nil)
}

// Approve lets who has asked have it, once.
func (c *Client) Approve(ctx context.Context, request string) (Petition, error) {
	return do[Petition](ctx, c, http.MethodPost, "/v1/reveals/"+url.PathEscape(request)+"/approve", nil)
}
