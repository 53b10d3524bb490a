package config

import (
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
