package sip

import (
	"errors"
	"fmt"
	"testing"

	"maskd/media"
)

func TestACallWithoutSoundIsRefusedForItsReason(t *testing.T) {
	for _, row := range []struct {
		err    error
		status int
	}{
		{media.ErrNoPorts, 503},
		{media.ErrNoCodec, 488},
		{media.ErrNotAudio, 488},
		{media.ErrCrypto, 488},
		{media.ErrAddress, 488},
		{media.ErrMalformed, 488},
		{media.ErrClosed, 500},
		{errors.New("anything else"), 500},
	} {
		wrapped := fmt.Errorf("open session: %w", row.err)
		if got := causeOfSound(wrapped).Status(); got != row.status {
			t.Errorf("%v: %d, want %d", row.err, got, row.status)
		}
	}
}
