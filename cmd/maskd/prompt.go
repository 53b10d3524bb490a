package main

import (
	"fmt"
	"os"
	"path/filepath"

	"maskd/media"
)

// prompt reads what callers hear, as a key of the configuration has it; nil for
// none.
func prompt(key, file string) (*media.Prompt, error) {
	if file == "" {
		return nil, nil
	}
	p, err := media.LoadPrompt(os.DirFS(filepath.Dir(file)), filepath.Base(file))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", key, err)
	}
	return p, nil
}
