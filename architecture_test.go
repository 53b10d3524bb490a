package maskd_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// A rule reports each place in a file that breaks it.
type rule func(*source) []string

// rules is what every file of the tree must keep to.
var rules = []rule{
	importsFollowTheHouse,
	mappingNeedsOnlyTheStandardLibrary,
	foreignStackStaysInItsRoom,
	pureRoomsHaveNoClock,
	numbersAreRevealedInListedFiles,
	nothingBelowMainExitsPrintsOrPanics,
	noTestIsSkipped,
	nothingInitialisesItself,
	packageVariablesNeverChange,
	fileNamesAreNouns,
	commentsLeaveNothingUndone,
	filesAreShort,
	functionsAreShort,
	exportedNamesAreDocumented,
}

// source is one Go file of the tree.
type source struct {
	path string // from the root, with slashes
	set  *token.FileSet
	file *ast.File
	text string
}

func parse(name, text string) (*source, error) {
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, name, text, parser.ParseComments)
	if err != nil {
		return nil, fmt.Errorf("parse source: %w", err)
	}
	return &source{path: name, set: set, file: file, text: text}, nil
}

func (s *source) dir() string  { return path.Dir(s.path) }
func (s *source) isTest() bool { return strings.HasSuffix(s.path, "_test.go") }
func (s *source) isMain() bool { return s.file.Name.Name == "main" && isWithin(s.dir(), "cmd") }

// at reports a place in the file and what is wrong there.
func (s *source) at(n ast.Node, format string, args ...any) string {
	return fmt.Sprintf("%s:%d: %s", s.path, s.set.Position(n.Pos()).Line, fmt.Sprintf(format, args...))
}

// imports returns the paths that the file imports, and where.
func (s *source) imports() map[string]ast.Node {
	paths := make(map[string]ast.Node)
	for _, spec := range s.file.Imports {
		if p, err := strconv.Unquote(spec.Path.Value); err == nil {
			paths[p] = spec
		}
	}
	return paths
}

// importName returns the name by which the file calls the imported package;
// empty if it does not import it.
func (s *source) importName(of string) string {
	spec, ok := s.imports()[of].(*ast.ImportSpec)
	switch {
	case !ok:
		return ""
	case spec.Name != nil:
		return spec.Name.Name
	default:
		return path.Base(of)
	}
}

// isOf reports whether the selector names something of the imported package,
// and not of a variable of that name.
func (s *source) isOf(sel *ast.SelectorExpr, of string) bool {
	x, ok := sel.X.(*ast.Ident)
	return ok && x.Obj == nil && x.Name == s.importName(of)
}

// selectors calls f with each selector expression of the file.
func (s *source) selectors(f func(*ast.SelectorExpr)) {
	ast.Inspect(s.file, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			f(sel)
		}
		return true
	})
}

func isWithin(dir, room string) bool { return dir == room || strings.HasPrefix(dir, room+"/") }

// tree returns every Go file below the root.
func tree(t *testing.T) []*source {
	t.Helper()
	files, err := readTree()
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// readTree reads them, once: nobody changes what was read.
var readTree = sync.OnceValues(func() (files []*source, err error) {
	root := os.DirFS(".")
	err = fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".") && name != "."):
			return fs.SkipDir
		case d.IsDir() || path.Ext(name) != ".go":
			return nil
		}
		text, err := fs.ReadFile(root, name)
		if err != nil {
			return err
		}
		s, err := parse(name, string(text))
		files = append(files, s)
		return err
	})
	return files, err
})

func TestTreeKeepsTheRules(t *testing.T) {
	files := tree(t)
	if len(files) < 100 {
		t.Fatalf("found %d files only: is this the root of the tree?", len(files))
	}
	for _, r := range rules {
		t.Run(nameOf(r), func(t *testing.T) {
			for _, s := range files {
				for _, violation := range r(s) {
					t.Error(violation)
				}
			}
		})
	}
}
