package maskd_test

import (
	"go/ast"
	"path"
	"regexp"
	"slices"
	"strings"
)

// vague are the names of files that could hold anything.
var vague = []string{"util", "utils", "helper", "helpers", "common", "manager", "misc"}

func fileNamesAreNouns(s *source) []string {
	name := strings.TrimSuffix(strings.TrimSuffix(path.Base(s.path), ".go"), "_test")
	for _, word := range append(strings.Split(name, "_"), path.Base(s.dir())) {
		if slices.Contains(vague, word) {
			return []string{s.path + ": a file is named after a noun of the domain, not " + word}
		}
	}
	return nil
}

// undone is what marks work left for later, or a silenced check.
var undone = regexp.MustCompile(`\b(TODO|FIXME|XXX|HACK)\b|\bnolint\b`)

func commentsLeaveNothingUndone(s *source) (found []string) {
	for _, group := range s.file.Comments {
		for _, comment := range group.List {
			if mark := undone.FindString(comment.Text); mark != "" {
				found = append(found, s.at(comment, "%s: do it, or open an issue", mark))
			}
		}
	}
	return found
}

// maxLines bounds a file that is no test; the house aims at a hundred.
const maxLines = 400

func filesAreShort(s *source) []string {
	if lines := strings.Count(s.text, "\n"); !s.isTest() && lines > maxLines {
		return []string{s.at(s.file, "%d lines, more than %d", lines, maxLines)}
	}
	return nil
}

// maxFunction bounds a function that is no test, in lines. The house aims at ten;
// a table of routes or of a record's fields is as long as it has rows.
const maxFunction = 70

func functionsAreShort(s *source) (found []string) {
	if s.isTest() {
		return nil
	}
	for _, decl := range s.file.Decls {
		f, ok := decl.(*ast.FuncDecl)
		if !ok {
			continue
		}
		if lines := s.set.Position(f.End()).Line - s.set.Position(f.Pos()).Line + 1; lines > maxFunction {
			found = append(found, s.at(f, "%s has %d lines, more than %d", f.Name.Name, lines, maxFunction))
		}
	}
	return found
}

// selfExplaining are the methods whose meaning the interface they satisfy
// gives: the text of an error, and what it wraps.
var selfExplaining = []string{"Error", "Unwrap", "Is", "As"}

// exportedNamesAreDocumented: in the declaration, or for a group of constants
// or variables above the group.
func exportedNamesAreDocumented(s *source) (found []string) {
	if s.isTest() {
		return nil
	}
	for _, decl := range s.file.Decls {
		switch d := decl.(type) {
		case *ast.FuncDecl:
			if isPublic(d) && d.Doc == nil && !(d.Recv != nil && slices.Contains(selfExplaining, d.Name.Name)) {
				found = append(found, s.at(d, "%s has no comment", d.Name.Name))
			}
		case *ast.GenDecl:
			for _, name := range undocumented(d) {
				found = append(found, s.at(name, "%s has no comment", name.Name))
			}
		}
	}
	return found
}

// isPublic reports whether others can call it: a method of an unexported type
// is exported by name only.
func isPublic(f *ast.FuncDecl) bool {
	if !f.Name.IsExported() || f.Recv == nil {
		return f.Name.IsExported()
	}
	of := f.Recv.List[0].Type
	if star, ok := of.(*ast.StarExpr); ok {
		of = star.X
	}
	if generic, ok := of.(*ast.IndexExpr); ok {
		of = generic.X
	}
	name, ok := of.(*ast.Ident)
	return ok && name.IsExported()
}

func undocumented(d *ast.GenDecl) (names []*ast.Ident) {
	for _, spec := range d.Specs {
		switch spec := spec.(type) {
		case *ast.TypeSpec:
			if spec.Name.IsExported() && d.Doc == nil && spec.Doc == nil {
				names = append(names, spec.Name)
			}
		case *ast.ValueSpec:
			for _, name := range spec.Names {
				if name.IsExported() && d.Doc == nil && spec.Doc == nil && spec.Comment == nil {
					names = append(names, name)
				}
			}
		}
	}
	return names
}
