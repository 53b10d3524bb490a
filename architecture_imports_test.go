package maskd_test

import (
	"go/ast"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
)

const module = "maskd/"

// house is what may import what: the table of the rooms in DESIGN.md.
var house = sync.OnceValue(func() map[string][]string {
	page, err := os.ReadFile("DESIGN.md")
	if err != nil {
		return nil // each package is in no room then
	}
	return roomsOf(string(page))
})

var roomRow = regexp.MustCompile("(?m)^\\| `([\\w/]+)` \\|[^|]+\\|([^|]*)\\|$")

// roomsOf reads the rooms of a page, and what each may import.
func roomsOf(page string) map[string][]string {
	rooms := make(map[string][]string)
	for _, row := range roomRow.FindAllStringSubmatch(page, -1) {
		rooms[row[1]] = strings.Fields(strings.ReplaceAll(row[2], "`", ""))
	}
	return rooms
}

// guests are what the tests of a room may import besides: the peers of sip's
// phones have a dial plan and a password too.
var guests = map[string][]string{"sip": {"sip/dialplan", "sip/digest"}}

// importsFollowTheHouse holds the directions. Tests keep to the same, and may use
// siptest; those of the commands may use all.
func importsFollowTheHouse(s *source) []string {
	allowed, known := house()[s.dir()]
	var found []string
	if !known && s.dir() != "." {
		found = append(found, s.at(s.file, "%s is no room of the house", s.dir()))
	}
	if s.isTest() {
		if isWithin(s.dir(), "cmd") {
			return found
		}
		allowed = slices.Concat(allowed, guests[s.dir()], []string{s.dir(), "sip/siptest"})
	}
	for imported, at := range s.imports() {
		if room, ours := strings.CutPrefix(imported, module); ours && !slices.Contains(allowed, room) {
			found = append(found, s.at(at, "%s must not import %s", s.dir(), room))
		}
	}
	return found
}

// A table that allows what nobody does, or shows a room that was torn down, is no
// drawing of the house.
func TestTheHouseIsAsItIsDrawn(t *testing.T) {
	used := make(map[string]map[string]bool)
	for _, s := range tree(t) {
		if used[s.dir()] == nil {
			used[s.dir()] = make(map[string]bool)
		}
		for imported := range s.imports() {
			used[s.dir()][imported] = used[s.dir()][imported] || !s.isTest()
		}
	}
	for room, allowed := range house() {
		if used[room] == nil {
			t.Errorf("there is no room %s", room)
		}
		for _, other := range allowed {
			if !used[room][module+other] {
				t.Errorf("%s does not import %s", room, other)
			}
		}
	}
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
			if isWithin(imported, stack) && !isWithin(s.dir(), room) {
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
