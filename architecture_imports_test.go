package maskd_test

import (
	"go/ast"
	"slices"
	"strings"
)

const module = "maskd/"

// arrows is the house: which rooms a room may import.
var arrows = map[string][]string{
	"mapping":         {},
	"audit":           {"mapping"},
	"store":           {"mapping", "audit"},
	"media":           {"media/relay", "media/sound"},
	"media/recording": {"media", "media/relay"},
	"media/relay":     {},
	"media/sound":     {"media/relay"},
	"sip":             {"sip/edge", "sip/leg", "sip/dialplan", "sip/digest", "mapping", "media", "media/recording", "media/sound"},
	"sip/edge":        {"sip/leg", "sip/transaction", "sip/dialplan", "sip/digest", "sip/resolve", "sip/stir", "mapping"},
	"sip/leg":         {},
	"sip/transaction": {},
	"sip/dialplan":    {},
	"sip/digest":      {},
	"sip/resolve":     {},
	"sip/stir":        {},
	"sip/siptest":     {},
}

// importsFollowTheHouse holds the directions. cmd may import every room, and no
// room cmd. Tests keep to the same, and may use siptest.
func importsFollowTheHouse(s *source) []string {
	if isWithin(s.dir(), "cmd") {
		return nil
	}
	allowed, known := arrows[s.dir()]
	var found []string
	if !known && s.dir() != "." {
		found = append(found, s.at(s.file, "%s is no room of the house", s.dir()))
	}
	for imported, at := range s.imports() {
		room, ours := strings.CutPrefix(imported, module)
		if !ours || slices.Contains(allowed, room) || s.isTest() && (room == s.dir() || room == "sip/siptest") {
			continue
		}
		found = append(found, s.at(at, "%s must not import %s", s.dir(), room))
	}
	return found
}

// effects are packages of the standard library by which the domain would reach
// out of itself.
var effects = []string{"os", "os/exec", "os/signal", "io/fs", "net", "net/http", "log", "syscall", "database/sql", "math/rand", "math/rand/v2"}

// mappingNeedsOnlyTheStandardLibrary, and of that nothing that does I/O. A path
// with a dot in its first element is a module of others.
func mappingNeedsOnlyTheStandardLibrary(s *source) []string {
	if s.dir() != "mapping" || s.isTest() {
		return nil
	}
	var found []string
	for imported, at := range s.imports() {
		first, _, _ := strings.Cut(imported, "/")
		if strings.Contains(first, ".") || slices.Contains(effects, imported) {
			found = append(found, s.at(at, "mapping must not import %s", imported))
		}
	}
	return found
}

// stacks are the modules that one room alone may know, tests included.
var stacks = map[string]string{
	"github.com/emiago/sipgo": "sip/edge",
	"go.etcd.io/bbolt":        "store",
	"github.com/miekg/dns":    "sip/resolve",
}

func foreignStackStaysInItsRoom(s *source) []string {
	var found []string
	for imported, at := range s.imports() {
		for stack, room := range stacks {
			if isWithin(imported, stack) && s.dir() != room {
				found = append(found, s.at(at, "only %s may import %s", room, stack))
			}
		}
	}
	return found
}

// clocks are what reads or waits for the time.
var clocks = []string{"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "NewTimer", "NewTicker", "Tick"}

// pure are the rooms that are told what time it is.
var pure = []string{"mapping", "audit", "sip/leg", "sip/transaction", "sip/dialplan", "sip/digest", "sip/stir"}

// pureFiles are what is pure in rooms that are not.
var pureFiles = []string{
	"sip/machine.go", "sip/edge/health.go",
	"sip/resolve/expand.go", "sip/resolve/order.go", "sip/resolve/memo.go",
}

// pureRoomsHaveNoClock: whoever calls the domain or a leg passes the time.
func pureRoomsHaveNoClock(s *source) (found []string) {
	if s.isTest() || !slices.Contains(pure, s.dir()) && !slices.Contains(pureFiles, s.path) {
		return nil
	}
	s.selectors(func(sel *ast.SelectorExpr) {
		if s.isOf(sel, "time") && slices.Contains(clocks, sel.Sel.Name) {
			found = append(found, s.at(sel, "time.%s in a pure room", sel.Sel.Name))
		}
	})
	return found
}
