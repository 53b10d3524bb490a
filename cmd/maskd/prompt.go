package main

import (
	"fmt"
	"os"
	"path/filepath"

	"maskd/media"
)

// prompt reads what asks callers for a PIN; nil for none.
func prompt(file string) (*media.Prompt, error) {
	if file == "" {
		return nil, nil
	}
	p, err := media.LoadPrompt(os.DirFS(filepath.Dir(file)), filepath.Base(file))
	if err != nil {
		return nil, fmt.Errorf("prompts.pin: %w", err)
	}
	return p, nil
}
