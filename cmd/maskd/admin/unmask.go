package admin

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
)

// Unmasked is the answer to a reveal: the numbers, or what has to be approved first.
type Unmasked struct {
	Revealed *Revealed
	Petition *Petition
}

// UnmarshalJSON reads either.
func (v *Unmasked) UnmarshalJSON(text []byte) error {
	var which struct {
		Request string `json:"request"`
	}
	err := json.Unmarshal(text, &which)
	switch {
	case err == nil && which.Request != "":
		err = json.Unmarshal(text, &v.Petition)
	case err == nil:
		err = json.Unmarshal(text, &v.Revealed)
	}
	if err != nil {
		return fmt.Errorf("read reveal: %w", err)
	}
	return nil
}

// Unmask asks for the numbers of an interaction in clear.
func (c *Client) Unmask(ctx context.Context, id string, asked Asked) (Unmasked, error) {
	return do[Unmasked](ctx, c, http.MethodPost, "/v1/interactions/"+url.PathEscape(id)+"/reveal", asked)
}

// Petitions returns a part of the reveals that wait for a second person.
func (c *Client) Petitions(ctx context.Context, at Cursor) (Page[Petition], error) {
	return do[Page[Petition]](ctx, c, http.MethodGet, "/v1/reveals?"+at.query().Encode(), nil)
}

// Approve lets who has asked see the numbers, once.
func (c *Client) Approve(ctx context.Context, request string) (Petition, error) {
	return do[Petition](ctx, c, http.MethodPost, "/v1/reveals/"+url.PathEscape(request)+"/approve", nil)
}
