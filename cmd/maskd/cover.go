package main

import (
	"context"
	"errors"
	"fmt"

	"maskd/mapping"
	"maskd/media/recording"
	"maskd/store"
)

// cover hides what opens a recording behind a key of the store.
type cover struct{ store *store.DB }

// Seal covers the head of a file of a recording.
func (c cover) Seal(m recording.Manifest, head []byte) ([]byte, error) {
	interaction, err := mapping.ParseID(mapping.KindInteraction, m.Interaction)
	if err != nil {
		return nil, fmt.Errorf("cover recording: %w", err)
	}
	call, err := mapping.ParseID(mapping.KindCall, m.Call)
	if err != nil {
		return nil, fmt.Errorf("cover recording: %w", err)
	}
	return c.store.CoverRecording(context.Background(), interaction, call, head)
}

// Sign signs a manifest with the key of the audit log.
func (c cover) Sign(text []byte) ([]byte, error) { return c.store.Sign(text) }

// Verify gives back what was signed.
func (c cover) Verify(signed []byte) ([]byte, error) { return c.store.Verify(signed) }

// Open uncovers it.
func (c cover) Open(m recording.Manifest, sealed []byte) ([]byte, error) {
	call, err := mapping.ParseID(mapping.KindCall, m.Call)
	if err != nil {
		return nil, fmt.Errorf("uncover recording: %w", err)
	}
	head, err := c.store.UncoverRecording(call, sealed)
	if errors.Is(err, mapping.ErrNotFound) {
		err = errors.Join(recording.ErrErased, err)
	}
	return head, err
}
