package audit

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// size is that of the logs below: a tile and a part.
const size = TileSize + 60

func TestWhatIsExportedVerifies(t *testing.T) {
	for _, entries := range []int{1, 2, 255, 256, 257, 512, 600} {
		m := newLog(t, entries)
		for _, from := range []int64{0, 255, 256, 300, 600} {
			report := m.verify(t, m.export(t, from), nil)
			if !report.OK() || report.First+report.Entries != int64(entries) || report.First > from {
				t.Errorf("%d entries from %d: %d from %d, %v", entries, from, report.Entries, report.First, report.Findings)
			}
		}
	}
}

// sampled picks of the lines of an export those at the beginning and about the
// end of the tile, and one in nine of the rest.
func sampled(line int) bool {
	return line < 6 || line > TileSize-3 && line < TileSize+5 || line%9 == 0
}

// named sees that the first finding is about one of these entries, or the log.
func named(t *testing.T, what string, report *Report, first, last int64) {
	t.Helper()
	if report.OK() {
		t.Errorf("%s: nothing is found", what)
		return
	}
	for _, f := range report.Findings {
		if f.Index >= first && f.Index <= last {
			return
		}
	}
	t.Errorf("%s: none of %v is about entries %d to %d", what, report.Findings, first, last)
}

// lineEntry returns the entry of each line of an export; a tile's is its last,
// the header's is -1.
func lineEntry(export []string) []int64 {
	at, entries := int64(-1), make([]int64, len(export))
	for i, l := range export {
		if strings.HasPrefix(l, `{"entry"`) {
			at++
		}
		entries[i] = at
	}
	return entries
}

// A flip may make of an entry another one: then it is found at either of them.
func TestAnyBitOfAnExportIsNamed(t *testing.T) {
	m := newLog(t, size)
	export := m.export(t, 0)
	all := lines(export)
	entries := lineEntry(all)
	at := 0
	for i, l := range all {
		if !sampled(i) {
			at += len(l)
			continue
		}
		for range 3 {
			spoilt := bytes.Clone(export)
			place, bit := at+rand.IntN(len(l)-1), byte(1)<<rand.IntN(8)
			spoilt[place] ^= bit
			report := m.verify(t, spoilt, nil)
			first, last := entries[i], entries[i]+1
			if strings.HasPrefix(l, `{"tile"`) {
				first = entries[i] - TileSize + 1
			}
			if entries[i] < 0 {
				first, last = -1, size
			}
			named(t, fmt.Sprintf("bit %#x at %d of line %d, %.60s", bit, place-at, i, l), report, first, last)
		}
		at += len(l)
	}
}

// A bit of each byte of a line of each kind of entry, and of the header; the line
// of a tile is in the test before.
func TestEveryByteOfALineIsFound(t *testing.T) {
	m := newLog(t, TileSize+4)
	export := m.export(t, TileSize)
	all := lines(export)
	for n := range all {
		at := len(strings.Join(all[:n], ""))
		for i := range all[n] {
			spoilt := bytes.Clone(export)
			spoilt[at+i] ^= 1 << rand.IntN(8)
			if m.verify(t, spoilt, nil).OK() {
				t.Fatalf("byte %d of line %d, %s: nothing is found", i, n, all[n])
			}
		}
	}
}

func TestAnyEntryThatIsDroppedIsNamed(t *testing.T) {
	m := newLog(t, size)
	all := lines(m.export(t, 0))
	for i, index := range lineEntry(all) {
		if index < 0 || !sampled(i) {
			continue
		}
		left := strings.Join(all[:i], "") + strings.Join(all[i+1:], "")
		report := m.verify(t, []byte(left), nil)
		named(t, fmt.Sprintf("line %d dropped", i), report, index, index)
	}
}

func TestACutTailIsNamed(t *testing.T) {
	m := newLog(t, size)
	all := lines(m.export(t, 0))
	entries := lineEntry(all)
	for i := 1; i < len(all); i++ {
		if !sampled(i) {
			continue
		}
		report := m.verify(t, []byte(strings.Join(all[:i], "")), nil)
		if strings.HasPrefix(all[i], `{"tile"`) {
			named(t, fmt.Sprintf("cut before line %d", i), report, entries[i-1], entries[i-1]+1)
			continue
		}
		named(t, fmt.Sprintf("cut before line %d", i), report, entries[i], entries[i])
	}
}

func TestEntriesOutOfOrderAreNamed(t *testing.T) {
	m := newLog(t, size)
	all := lines(m.export(t, 0))
	entries := lineEntry(all)
	for range 80 {
		i, j := 1+rand.IntN(len(all)-1), 1+rand.IntN(len(all)-1)
		if i > j {
			i, j = j, i
		}
		if i == j || strings.HasPrefix(all[i], `{"tile"`) || strings.HasPrefix(all[j], `{"tile"`) {
			continue
		}
		swapped := append([]string(nil), all...)
		swapped[i], swapped[j] = all[j], all[i]
		if j == len(all)-1 { // the last line has no end
			swapped[i], swapped[j] = swapped[i]+"\n", strings.TrimSuffix(swapped[j], "\n")
		}
		report := m.verify(t, []byte(strings.Join(swapped, "")), nil)
		named(t, fmt.Sprintf("lines %d and %d swapped", i, j), report, entries[i], entries[i])
	}
}

// Who has the store and not the key can make entry, check and tiles agree, and
// not the checkpoint.
func TestAForgedEntryDoesNotMatchTheCheckpoint(t *testing.T) {
	m := newLog(t, size)
	forged := newLog(t, 0)
	forged.signer, forged.verifier = m.signer, m.verifier
	for n := range size {
		e := entry(n)
		if n == 10 {
			e.Actor.UID = 0
		}
		forged.add(e)
	}
	forged.signed = m.signed
	named(t, "forged whole", m.verify(t, forged.export(t, 0), nil), -1, -1)

	forged.tiles = m.tiles // whoever forgets the tile betrays the place
	named(t, "forged but for its tile", m.verify(t, forged.export(t, 0), nil), 0, 0)
}

// Who has the key can sign another history. An older checkpoint that he has not
// got shows it.
func TestAnOlderCheckpointShowsANewHistory(t *testing.T) {
	m := newLog(t, 200)
	older := m.checkpoint()
	for n := 200; n < size; n++ {
		m.add(entry(n))
	}
	m.sign(t)
	if report := m.verify(t, m.export(t, 0), &older); !report.OK() {
		t.Fatalf("the log has grown out of the older checkpoint: %v", report.Findings)
	}
	forged := newLog(t, 0)
	forged.signer, forged.verifier = m.signer, m.verifier
	for n := range 190 {
		forged.add(entry(n))
	}
	forged.sign(t)
	named(t, "shorter", m.verify(t, forged.export(t, 0), &older), 190, 190)
	for n := 190; n < size; n++ {
		e := entry(n + 1)
		e.Index = uint64(n)
		forged.add(e)
	}
	forged.sign(t)
	if report := m.verify(t, forged.export(t, 0), nil); !report.OK() {
		t.Fatalf("without the older checkpoint it is a log like any other: %v", report.Findings)
	}
	named(t, "other", m.verify(t, forged.export(t, 0), &older), -1, -1)
	named(t, "exported from behind it", m.verify(t, m.export(t, TileSize), &older), -1, -1)
}

func TestAnotherKeysCheckpointIsRefused(t *testing.T) {
	m, other := newLog(t, 10), newLog(t, 10)
	named(t, "another key", other.verify(t, m.export(t, 0), nil), -1, -1)
}

// FuzzVerify: whatever an export is, it is judged, and only what is whole is good.
func FuzzVerify(f *testing.F) {
	m := newLog(f, 6)
	export := m.export(f, 0)
	f.Add(export)
	f.Add(export[:len(export)-10])
	f.Add(bytes.ReplaceAll(export, []byte("\n"), []byte("\r\n")))
	f.Add([]byte(lines(export)[0]))
	f.Fuzz(func(t *testing.T, text []byte) {
		report, err := Verify(bytes.NewReader(text), m.verifier, nil)
		if err == nil && report.OK() && string(bytes.TrimRight(text, "\n")) != strings.TrimSpace(string(export)) {
			t.Errorf("this verifies:\n%s", text)
		}
	})
}
