package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// maxFile bounds the file: a pool is written in ranges, so that a page or two
// of text is a large configuration.
const maxFile = 1 << 20

// Error is what is wrong with a configuration file. It is one line: the file,
// the place in it, and what was expected there.
type Error struct {
	File         string
	Line, Column int // from 1; 0 if the place is not known
	Expected     string
}

func (e *Error) Error() string {
	if e.Line == 0 {
		return e.File + ": " + e.Expected
	}
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.Expected)
}

// Load reads and checks the file; the empty path is the default
// configuration. Every error is an [*Error].
func Load(path string) (Config, error) {
	c, _, err := load(path)
	return c, err
}

func read(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	if err == nil && len(text) > maxFile {
		err = errors.New("more than a mebibyte")
	}
	return text, err
}

// cause is the error without the path that the line begins with anyway.
func cause(err error) string {
	var path *os.PathError
	if errors.As(err, &path) {
		return path.Err.Error()
	}
	return err.Error()
}

// Parse reads and checks the text of a file, whose name is for errors alone.
// Every error is an [*Error].
func Parse(file string, text []byte) (Config, error) {
	c, _, err := parse(file, text)
	return c, err
}

// load is Load with the tree of the file, for places in it.
func load(path string) (Config, *ast.File, error) {
	if path == "" {
		return Default(), new(ast.File), nil
	}
	text, err := read(path)
	if err != nil {
		return Config{}, nil, &Error{File: path, Expected: "expected a readable file: " + cause(err)}
	}
	return parse(path, text)
}

// parse is Parse with the tree of the file.
func parse(file string, text []byte) (Config, *ast.File, error) {
	tree, err := parser.ParseBytes(text, 0)
	if err != nil {
		return Config{}, nil, locate(file, err)
	}
	if len(tree.Docs) > 1 {
		return Config{}, nil, place(file, tree.Docs[1].Start, "expected one YAML document")
	}
	c := Default()
	if len(tree.Docs) == 0 || !saysSomething(tree.Docs[0].Body) {
		return c, tree, nil
	}
	odd := new(oddKey)
	if ast.Walk(odd, tree.Docs[0].Body); odd.found != nil {
		return Config{}, nil, place(file, odd.found.GetToken(), "expected a known key")
	}
	if err := yaml.NewDecoder(bytes.NewReader(text), yaml.Strict()).Decode(&c); err != nil {
		return Config{}, nil, locate(file, err)
	}
	for i := range c.Trunks {
		c.Trunks[i].fillIn()
	}
	for i := range c.Pools {
		c.Pools[i].fillIn()
	}
	for i := range c.Tenants {
		c.Tenants[i].fillIn()
	}
	for i := range c.Webhooks {
		c.Webhooks[i].fillIn()
	}
	c.fillInAccess()
	if err := c.Validate(); err != nil {
		return Config{}, nil, locateFinding(file, tree, err)
	}
	return c, tree, nil
}

// saysSomething is false for an empty document, which the decoder would take
// for a configuration in which all is zero.
func saysSomething(body ast.Node) bool {
	if body == nil {
		return false
	}
	kind := body.Type()
	return kind != ast.NullType && kind != ast.CommentType && kind != ast.CommentGroupType
}

// locate keeps the place and the first line of what the YAML reader said; the
// rest is a picture of the file.
func locate(file string, err error) error {
	var where yaml.Error
	if !errors.As(err, &where) {
		return &Error{File: file, Expected: firstLine(err.Error())}
	}
	message := where.GetMessage()
	var unknown *yaml.UnknownFieldError
	var wrong *yaml.TypeError
	var shape *yaml.UnexpectedNodeTypeError
	switch {
	case errors.As(err, &unknown):
		message = unknownKey(message)
	case errors.As(err, &wrong):
		message = "expected a value of another kind"
	case errors.As(err, &shape):
		message = "expected a " + strings.ToLower(shape.Expected.String())
	}
	return place(file, where.GetToken(), message)
}

// locateFinding looks up where the value is written: itself, or what of its
// path the file has.
func locateFinding(file string, tree *ast.File, err error) error {
	var f *finding
	if !errors.As(err, &f) {
		return &Error{File: file, Expected: firstLine(err.Error())}
	}
	for text := f.path; text != "$"; text = text[:strings.LastIndexAny(text, ".[")] {
		path, err := yaml.PathString(text)
		if err != nil {
			break
		}
		if node, err := path.FilterFile(tree); err == nil {
			return place(file, beginning(node), f.Error())
		}
	}
	return &Error{File: file, Expected: f.Error()}
}

// beginning is the first token of a node; a mapping's own is the colon behind
// its first key.
func beginning(node ast.Node) *token.Token {
	switch n := node.(type) {
	case *ast.MappingNode:
		if len(n.Values) > 0 {
			return n.Values[0].Key.GetToken()
		}
	case *ast.MappingValueNode:
		return n.Key.GetToken()
	}
	return node.GetToken()
}

func place(file string, t *token.Token, expected string) error {
	e := &Error{File: file, Expected: firstLine(expected)}
	if t != nil && t.Position != nil {
		e.Line, e.Column = t.Position.Line, t.Position.Column
	}
	return e
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}
