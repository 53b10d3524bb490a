package config

import (
	"strconv"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
)

// scalar reads one plain value and leaves the place of a bad one in the error:
// that is why the types of this package read YAML nodes and not just text. The
// text is the one written, because YAML would read +15550100000 as an integer.
func scalar[T any](node ast.Node, into *T, parse func(string) (T, error)) error {
	value, ok := node.(ast.ScalarNode)
	if !ok {
		return at(node, "expected one plain value; a text with a colon may need quotes")
	}
	parsed, err := parse(text(value))
	if err != nil {
		return at(node, err.Error())
	}
	*into = parsed
	return nil
}

// number reads a number from least to most; for any other the error is what was expected.
func number[N ~uint8 | ~uint16 | ~uint32](node ast.Node, into *N, least, most N, expected error) error {
	return scalar(node, into, func(s string) (N, error) {
		n, err := strconv.ParseUint(s, 10, 32)
		if err != nil || n < uint64(least) || n > uint64(most) {
			return 0, expected
		}
		return N(n), nil
	})
}

// word reads one of the words that another package knows, and keeps it as it is written.
func word[T ~string, V any](node ast.Node, into *T, read func(string) (V, bool), expected error) error {
	return scalar(node, into, func(s string) (T, error) {
		if _, ok := read(s); !ok || s == "" {
			return "", expected
		}
		return T(s), nil
	})
}

func text(node ast.ScalarNode) string {
	if s, ok := node.(*ast.StringNode); ok {
		return s.Value
	}
	return node.GetToken().Value
}

// at is the error that something is wrong with this node.
func at(node ast.Node, expected string) error {
	return &yaml.SyntaxError{Message: expected, Token: node.GetToken()}
}
