package edge

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"maskd/sip/leg"
)

// Every status that we send has a phrase of ours: those written in this
// package's code, and those that a cause stands for.
func TestEveryStatusHasAPhrase(t *testing.T) {
	statuses := statusesInCode(t)
	for cause := leg.CauseHangup; cause <= leg.CauseShutdown; cause++ {
		statuses[cause.Status()] = cause.String()
	}
	if len(statuses) < 15 {
		t.Errorf("only %d statuses found", len(statuses))
	}
	for status, where := range statuses {
		if phrases[status] == "" {
			t.Errorf("%d (%s) has no phrase", status, where)
		}
	}
}

// statusesInCode returns every status that is passed to a compose function or
// put into a verdict, and where.
func statusesInCode(t *testing.T) map[int]string {
	statuses := make(map[int]string)
	files := token.NewFileSet()
	note := func(value ast.Expr) {
		if literal, ok := value.(*ast.BasicLit); ok {
			if status, err := strconv.Atoi(literal.Value); err == nil {
				statuses[status] = files.Position(literal.Pos()).String()
			}
		}
	}
	visit := func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			if name, ok := n.Fun.(*ast.Ident); ok && strings.HasPrefix(name.Name, "compose") && len(n.Args) > 1 {
				note(n.Args[1])
			}
		case *ast.KeyValueExpr:
			if key, ok := n.Key.(*ast.Ident); ok && key.Name == "status" {
				note(n.Value)
			}
		}
		return true
	}
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		file, err := parser.ParseFile(files, name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasSuffix(name, "_test.go") {
			ast.Inspect(file, visit)
		}
	}
	return statuses
}
