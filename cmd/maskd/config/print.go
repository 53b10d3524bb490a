package config

import (
	"fmt"

	"github.com/goccy/go-yaml"
)

// YAML returns the configuration as a file that reads back as the same.
func (c Config) YAML() ([]byte, error) {
	text, err := yaml.MarshalWithOptions(c, yaml.IndentSequence(true))
	if err != nil {
		return nil, fmt.Errorf("write configuration: %w", err)
	}
	return text, nil
}
