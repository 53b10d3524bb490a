package config

import (
	"regexp"

	"github.com/goccy/go-yaml/ast"
)

// keyName is what a key of ours looks like. Another one is not said back: it may be a
// number that slipped into its place.
var keyName = regexp.MustCompile(`^unknown field "[a-z][a-z_]{0,31}"$`)

// unknownKey is what is wrong with a key that there is not, of which the YAML reader
// says that.
func unknownKey(message string) string {
	if !keyName.MatchString(message) {
		return "expected a known key"
	}
	return "expected a known key, found an " + message
}

// oddKey finds a key that is no text: a bare number, say. The decoder passes those
// over, whatever is behind them.
type oddKey struct{ found ast.MapKeyNode }

// Visit looks at one node of the tree (ast.Visitor).
func (o *oddKey) Visit(node ast.Node) ast.Visitor {
	if pair, ok := node.(*ast.MappingValueNode); ok && o.found == nil {
		switch pair.Key.(type) {
		case *ast.StringNode, *ast.MergeKeyNode, *ast.MappingKeyNode:
		default:
			o.found = pair.Key
		}
	}
	return o
}
