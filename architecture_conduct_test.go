package maskd_test

import (
	"go/ast"
	"slices"
	"strings"
	"testing"
)

// reveals lists the files that may take the digits out of a Number or a PIN, and why.
// Tests may: their numbers are nobody's.
var reveals = map[string]string{
	"cmd/maskd/admin/callable.go": "a number that called is looked up in the numbering plan, before it may be called back",
	"cmd/maskd/admin/pin.go":      "a PIN is shown once, to who has asked for it",
	"cmd/maskd/admin/reason.go":   "a reason is searched for the numbers that it is about",
	"cmd/maskd/admin/reveal.go":   "a number is shown to who may see it, for a reason that is kept",
	"mapping/pin.go":              "a PIN is compared with what was entered",
	"sip/edge/outbound.go":        "the real number is dialled on the outbound trunk",
	"store/number.go":             "a number is sealed into a record and hashed into a key",
	"store/pin.go":                "a PIN is sealed into a record",
}

// unveilers lists the files of mapping that may reach behind the mask of a Number, a PIN or an extension.
var unveilers = []string{"mapping/mask.go", "mapping/number.go", "mapping/did.go", "mapping/pin.go", "mapping/extension_number.go"}

// isReveal reports whether the digits are taken out there: as a text, or at the end of one.
func isReveal(sel *ast.SelectorExpr) bool {
	return sel.Sel.Name == "Reveal" || sel.Sel.Name == "RevealTo"
}

func numbersAreRevealedInListedFiles(s *source) (found []string) {
	if s.isTest() {
		return nil
	}
	s.selectors(func(sel *ast.SelectorExpr) {
		if _, listed := reveals[s.path]; isReveal(sel) && !listed {
			found = append(found, s.at(sel, "Reveal is called in a file that is not on the list"))
		}
		if sel.Sel.Name == "digits" && s.dir() == "mapping" && !slices.Contains(unveilers, s.path) {
			found = append(found, s.at(sel, "the digits of a Number are used outside of its file"))
		}
	})
	return found
}

// The list must not outlive its callers.
func TestEveryFileOnTheRevealListReveals(t *testing.T) {
	calls := make(map[string]bool)
	for _, s := range tree(t) {
		s.selectors(func(sel *ast.SelectorExpr) { calls[s.path] = calls[s.path] || isReveal(sel) })
	}
	for file := range reveals {
		if !calls[file] {
			t.Errorf("%s is on the list and reveals nothing", file)
		}
	}
}

// nothingBelowMainExitsPrintsOrPanics: what main packages hand the rest is a
// logger and a writer, and what they get back is an error. log.New is not
// printing: net/http asks for a *log.Logger.
func nothingBelowMainExitsPrintsOrPanics(s *source) (found []string) {
	if s.isTest() || s.isMain() {
		return nil
	}
	ast.Inspect(s.file, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		switch f := call.Fun.(type) {
		case *ast.Ident:
			if f.Obj == nil && slices.Contains([]string{"panic", "print", "println"}, f.Name) {
				found = append(found, s.at(f, "%s below main", f.Name))
			}
		case *ast.SelectorExpr:
			if s.isOf(f, "os") && f.Sel.Name == "Exit" || s.isOf(f, "log") && f.Sel.Name != "New" ||
				s.isOf(f, "fmt") && strings.HasPrefix(f.Sel.Name, "Print") {
				found = append(found, s.at(f, "%s below main", f.Sel.Name))
			}
		}
		return true
	})
	return found
}

// noTestIsSkipped: a test that may not run proves nothing. A Skip of an
// imported package is another thing.
func noTestIsSkipped(s *source) (found []string) {
	s.selectors(func(sel *ast.SelectorExpr) {
		x, ok := sel.X.(*ast.Ident)
		skips := !(ok && x.Obj == nil) && slices.Contains([]string{"Skip", "Skipf", "SkipNow"}, sel.Sel.Name)
		if s.isTest() && skips || s.isOf(sel, "testing") && sel.Sel.Name == "Short" {
			found = append(found, s.at(sel, "%s: a test runs or is removed", sel.Sel.Name))
		}
	})
	return found
}

func nothingInitialisesItself(s *source) (found []string) {
	for _, decl := range s.file.Decls {
		if f, ok := decl.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == "init" {
			found = append(found, s.at(f, "init hides what main should show"))
		}
	}
	return found
}

// tables are package variables that are constants in all but syntax: nothing
// writes them, and each is documented where it stands.
var tables = map[string][]string{
	"cmd/maskd/admin/number.go": { // why a number is refused: errors of a type of their own
		"numberEmpty", "numberDialled", "numberNational", "numberExtension", "numberShape", "numberCountry", "numberShort",
		"numberLong", "numberPlan", "numberService", "numberEmergency", "numberPremium", "numberStateless",
	},
	"mapping/veil.go":           {"veil"},                                  // the key of this process, which is drawn once
	"cmd/maskd/demo/stage.go":   {"rider", "customer"},                     // the cast
	"cmd/callbench/witness.go":  {"callerScenario", "calleeScenario"},      // files of the program
	"cmd/mediabench/measure.go": {"calmRates"},                             // what is measured
	"media/direction.go":        {"bothWays"},                              // the direction that SDP means by none
	"media/relay/g711.go":       {"aLawToMuLaw", "muLawToALaw"},            // ITU-T G.711
	"media/relay/linear.go":     {"linearOfA", "linearOfMu"},               // of the same
	"media/relay/crypt.go":      {"profiles"},                              // of pion/srtp, by suite
	"media/relay/quality.go":    {"impairments"},                           // by codec, ITU-T G.113
	"sip/edge/parser.go":        {"compactNames"},                          // RFC 3261 section 7.3.3
	"sip/edge/phrase.go":        {"phrases"},                               // by SIP status
	"sip/edge/screen.go":        {"once"},                                  // RFC 3261 section 7.3.1
	"sip/siptest/torture.go":    {"tortured"},                              // RFC 4475
	"store/schema.go":           {"metaSchema", "metaCheck", "metaPruned"}, // keys of a bucket
	"media/recording/g722.go":   {"g722QMF", "g722QM2", "g722QM4", "g722QM6", "g722WL", "g722WH", "g722ILB"},
	"media/recording/ogg.go":    {"oggTable"},
	"store/auditlog.go":         {"keyCheckpoint"}, // another
}

// immutable are the makers of values that nobody can change.
var immutable = []string{"errors.New", "fmt.Errorf", "regexp.MustCompile", "strings.NewReplacer", "base32.NewEncoding", "sip.NewHeader"}

func packageVariablesNeverChange(s *source) (found []string) {
	if s.isTest() {
		return nil
	}
	for _, decl := range s.file.Decls {
		vars, ok := decl.(*ast.GenDecl)
		if !ok || vars.Tok.String() != "var" {
			continue
		}
		for _, spec := range vars.Specs {
			spec := spec.(*ast.ValueSpec)
			for i, name := range spec.Names {
				if name.Name == "_" || i < len(spec.Values) && isImmutable(spec.Values[i]) || slices.Contains(tables[s.path], name.Name) {
					continue
				}
				found = append(found, s.at(name, "package variable %s may change", name.Name))
			}
		}
	}
	return found
}

// isImmutable reports whether the value is a sentinel (made here, or the
// sentinel of another package by a second name) or made by a maker on the list.
func isImmutable(value ast.Expr) bool {
	switch v := value.(type) {
	case *ast.SelectorExpr:
		return strings.HasPrefix(v.Sel.Name, "Err")
	case *ast.CallExpr:
		sel, ok := v.Fun.(*ast.SelectorExpr)
		if !ok {
			return false
		}
		if x, ok := sel.X.(*ast.Ident); ok {
			return slices.Contains(immutable, x.Name+"."+sel.Sel.Name)
		}
		return isImmutable(sel.X) // base32.NewEncoding(...).WithPadding(...)
	default:
		return false
	}
}
