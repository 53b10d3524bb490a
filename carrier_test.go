package maskd_test

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// expectations is how many rows the carriers' list has.
const expectations = 42

// column is what a row of the table has where.
const (
	columnNumber = iota + 1
	columnWhat
	columnLevel
	columnDone
	columnHow
	columnTests
	columns
)

// TestCarrierTableIsTrue holds the table of what carriers expect: every row is
// there, and says whether it is done; and whoever claims something names a test,
// which exists (TestPagesNameWhatThereIs).
func TestCarrierTableIsTrue(t *testing.T) {
	for _, fault := range tableFaults(readPage(t, "CARRIER.md")) {
		t.Error(fault)
	}
}

// Every flow that the page names is played.
func TestFlowsOfThePageArePlayed(t *testing.T) {
	there, page := takeInventory(t), readPage(t, "CARRIER.md")
	for _, name := range there.unplayed(page) {
		t.Errorf("there is no ladder %s", name)
	}
	if found := there.unplayed(strings.Replace(page, "`busy`", "`bussy`", 1)); len(found) != 1 {
		t.Errorf("a flow that is not there: found %q", found)
	}
}

var flowNames = regexp.MustCompile("`([a-z0-9_]+)`")

// unplayed returns the flows of the RFCs that a page names and that have no ladder.
func (i *inventory) unplayed(page string) []string {
	_, flows, _ := strings.Cut(page, "\n## The flows of RFC 3665\n")
	flows, _, _ = strings.Cut(flows, "\n## ")
	return slices.DeleteFunc(namedIn(flows, flowNames), func(name string) bool { return i.has("testdata/ladders/" + name + ".txt") })
}

// The rules find what they are there for.
func TestCarrierTableFaultsAreFound(t *testing.T) {
	page := readPage(t, "CARRIER.md")
	for name, broken := range map[string]string{
		"a row is missing":       strings.Replace(page, "| 17 |", "| 18 |", 1),
		"nothing is said":        strings.Replace(page, "| must | yes |", "| must |  |", 1),
		"a claim without a test": strings.Replace(page, "`TestReinvite` |", "|", 1),
	} {
		if broken == page || len(tableFaults(broken)) == 0 {
			t.Errorf("%s: not found", name)
		}
	}
}

// tableFaults says what is wrong with the table of a page.
func tableFaults(page string) (found []string) {
	row := 0
	for line := range strings.Lines(page) {
		cells := strings.Split(strings.TrimSpace(line), "|")
		if len(cells) != columns+1 || strings.Trim(cells[columnNumber], " 0123456789") != "" {
			continue
		}
		row++
		cell := func(i int) string { return strings.TrimSpace(cells[i]) }
		switch {
		case cell(columnNumber) != strconv.Itoa(row):
			found = append(found, "row "+cell(columnNumber)+" stands where "+strconv.Itoa(row)+" should")
		case !slices.Contains([]string{"must", "should", "nice"}, cell(columnLevel)):
			found = append(found, "row "+strconv.Itoa(row)+" has no level")
		case !slices.Contains([]string{"yes", "partly", "no"}, cell(columnDone)):
			found = append(found, "row "+strconv.Itoa(row)+" does not say whether it is done")
		case cell(columnDone) != "no" && len(testsNamedIn(cell(columnTests))) == 0:
			found = append(found, "row "+strconv.Itoa(row)+" claims something and names no test")
		}
	}
	if row != expectations {
		found = append(found, "the table has "+strconv.Itoa(row)+" rows")
	}
	return found
}
