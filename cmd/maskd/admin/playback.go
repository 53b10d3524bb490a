package admin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"maskd/media/recording"
)

// Dictate says something of the recording of a live call.
func (c *Client) Dictate(ctx context.Context, id string, d Dictation) (Dictation, error) {
	return do[Dictation](ctx, c, http.MethodPost, "/v1/calls/"+url.PathEscape(id)+"/recording", d)
}

// Recordings returns a part of the recordings, in the order of time.
func (c *Client) Recordings(ctx context.Context, at Cursor) (Page[Recording], error) {
	return do[Page[Recording]](ctx, c, http.MethodGet, "/v1/recordings?"+at.query().Encode(), nil)
}

// Recording returns what the recording of that id is.
func (c *Client) Recording(ctx context.Context, id string) (recording.Manifest, error) {
	return do[recording.Manifest](ctx, c, http.MethodGet, "/v1/recordings/"+url.PathEscape(id), nil)
}

// VerifyRecording compares the files of a recording with what it is said to be.
func (c *Client) VerifyRecording(ctx context.Context, id string) (Verified, error) {
	return do[Verified](ctx, c, http.MethodPost, "/v1/recordings/"+url.PathEscape(id)+"/verify", nil)
}

// RecordingPart returns a part of a recording, as it is encrypted to its auditors, or a
// [*WaitingError].
func (c *Client) RecordingPart(ctx context.Context, id string, format recording.Format, asked Asked) (io.ReadCloser, error) {
	path := "/v1/recordings/" + url.PathEscape(id) + "/parts/" + url.PathEscape(string(format))
	response, err := c.open(ctx, http.MethodPost, path, asked)
	if err != nil {
		return nil, err
	}
	if response.StatusCode == http.StatusAccepted {
		defer response.Body.Close()
		var waiting WaitingError
		if err := json.NewDecoder(response.Body).Decode(&waiting.Petition); err != nil {
			return nil, fmt.Errorf("read answer: %w", err)
		}
		return nil, &waiting
	}
	return sealedPart{response.Body, c.socket}, nil
}

// sealedPart is a part of a recording on its way. Where the way breaks off it says
// so: that the part ends there is for the recording to say.
type sealedPart struct {
	io.ReadCloser
	socket string
}

func (p sealedPart) Read(b []byte) (int, error) {
	n, err := p.ReadCloser.Read(b)
	if err != nil && !errors.Is(err, io.EOF) {
		err = &UnreachableError{p.socket, errBrokeOff}
	}
	return n, err
}

var errBrokeOff = errors.New("its answer broke off")
