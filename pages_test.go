package maskd_test

import (
	"go/ast"
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// pages are what people read of the tree.
var pages = []string{"README.md", "DESIGN.md", "CARRIER.md", "media/DESIGN.md", "store/DESIGN.md"}

// inventory is what there is for a page to name.
type inventory struct {
	tests   map[string]bool
	files   []string // and folders, from the root
	targets string   // of the Makefile
}

func takeInventory(t *testing.T) *inventory {
	t.Helper()
	there := &inventory{tests: testsOfTheTree(t), targets: readPage(t, "Makefile")}
	err := fs.WalkDir(os.DirFS("."), ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && d.Name() == ".git" {
			return fs.SkipDir
		}
		there.files = append(there.files, name)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return there
}

// has reports whether there is a file of that name, which may be a pattern and
// leave out the first folders.
func (i *inventory) has(name string) bool {
	folders := strings.Count(name, "/")
	return slices.ContainsFunc(i.files, func(file string) bool {
		parts := strings.Split(file, "/")
		ok, _ := path.Match(name, strings.Join(parts[max(0, len(parts)-1-folders):], "/"))
		return ok
	})
}

// TestPagesNameWhatThereIs: a page that names what is gone or was never there
// sends its reader astray, and one that claims a test that there is not lies.
func TestPagesNameWhatThereIs(t *testing.T) {
	there := takeInventory(t)
	for _, name := range pages {
		for _, fault := range there.missing(readPage(t, name)) {
			t.Errorf("%s: %s", name, fault)
		}
	}
}

func TestWhatAPageNamesInVainIsFound(t *testing.T) {
	there := takeInventory(t)
	for _, line := range []string{
		"proven by `TestNobodyHasWritten`", "see `sip/nowhere.go`", "all of `store/*_nothing.go`", "[there](NOWHERE.md)",
		"[below](#not-a-heading)", "`make nothing`", "ladders `hunt_*`, `nothing_*`", "`media/nothing/`", "`nothing.txtar`",
	} {
		if len(there.missing(line)) != 1 {
			t.Errorf("%s: not found", line)
		}
	}
	const true = "## A Heading: said\n`TestPagesNameWhatThereIs`, `sip/call.go`, `call.go`, `*_codec.go`, [above](#a-heading-said), `make test`, ladders `hunt_*`, `sip/edge/`"
	if found := there.missing(true); len(found) > 0 {
		t.Errorf("found %q in what is true", found)
	}
}

// charts are the pages that say what is in which file of the rooms that have most of
// them.
var charts = map[string]string{"sip/edge": "sip/edge/doc.go", "store": "store/DESIGN.md"}

func TestEveryFileIsOnItsChart(t *testing.T) {
	for room, chart := range charts {
		for _, file := range offChart(tree(t), room, readPage(t, chart)) {
			t.Errorf("%s is not in %s", file, chart)
		}
		if off := offChart(tree(t), room, "`a.go`, `b_*.go`"); len(off) < 50 {
			t.Errorf("%d files of %s are not on an empty chart", len(off), room)
		}
	}
}

// offChart returns the files of a room that its chart does not name.
func offChart(tree []*source, room, chart string) (off []string) {
	names := chartFiles.FindAllString(chart, -1)
	for _, s := range tree {
		file := path.Base(s.path)
		named := func(name string) bool { is, _ := path.Match(name, file); return is }
		if s.dir() == room && !s.isTest() && file != "doc.go" && !slices.ContainsFunc(names, named) {
			off = append(off, file)
		}
	}
	return off
}

var chartFiles = regexp.MustCompile(`[\w*]+\.go\b`)

var (
	pageTests   = regexp.MustCompile("`((?:Test|Fuzz|Benchmark)[A-Z0-9]\\w*)`")
	pageFiles   = regexp.MustCompile("`([\\w*./-]+(?:\\.go|\\.md|\\.txtar|\\w/\\w+/))`")
	pageLadders = regexp.MustCompile("ladders? ((?:`[\\w*]+`(?:, )?)+)")
	pageTargets = regexp.MustCompile("`make ([a-z-]+)")
	pageLinks   = regexp.MustCompile(`\]\(([^)]+)\)`)
	pageHeads   = regexp.MustCompile(`(?m)^#+ (.*)$`)
	noAnchor    = regexp.MustCompile(`[^a-z0-9 -]`)
)

// missing says what a page names and there is not.
func (i *inventory) missing(page string) (found []string) {
	must := func(is bool, what, name string) {
		if !is {
			found = append(found, "there is no "+what+" "+name)
		}
	}
	for _, name := range testsNamedIn(page) {
		must(i.tests[name], "test", name)
	}
	for _, name := range namedIn(page, pageFiles) {
		must(i.has(strings.TrimSuffix(name, "/")), "file", name)
	}
	for _, list := range namedIn(page, pageLadders) {
		for name := range strings.SplitSeq(strings.ReplaceAll(list, "`", ""), ", ") {
			must(name == "" || i.has("testdata/ladders/"+name+".txt"), "ladder", name)
		}
	}
	for _, name := range namedIn(page, pageTargets) {
		must(strings.Contains(i.targets, "\n"+name+":"), "target", name)
	}
	for _, link := range namedIn(page, pageLinks) {
		anchor, inside := strings.CutPrefix(link, "#")
		must(strings.Contains(link, "://") || inside && slices.Contains(anchorsOf(page), anchor) || !inside && i.has(link), "place", link)
	}
	return found
}

// anchorsOf returns what the headings of a page are linked by.
func anchorsOf(page string) (anchors []string) {
	for _, head := range namedIn(page, pageHeads) {
		anchors = append(anchors, strings.ReplaceAll(noAnchor.ReplaceAllString(strings.ToLower(head), ""), " ", "-"))
	}
	return anchors
}

// namedIn returns what an expression finds in a text.
func namedIn(text string, what *regexp.Regexp) (names []string) {
	for _, found := range what.FindAllStringSubmatch(text, -1) {
		names = append(names, found[1])
	}
	return names
}

// testsNamedIn returns the names of tests in a text.
func testsNamedIn(text string) []string { return namedIn(text, pageTests) }

// testsOfTheTree returns the names of all tests, fuzz targets and benchmarks.
func testsOfTheTree(t *testing.T) map[string]bool {
	t.Helper()
	names := make(map[string]bool)
	for _, s := range tree(t) {
		for _, decl := range s.file.Decls {
			if f, ok := decl.(*ast.FuncDecl); ok && s.isTest() && f.Recv == nil {
				names[f.Name.Name] = true
			}
		}
	}
	return names
}

func readPage(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
