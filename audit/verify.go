package audit

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Finding is one thing that is wrong with a log: at which entry, and what.
type Finding struct {
	Index int64 // -1: with the log as a whole
	Why   string
}

// String names the entry and what is wrong with it.
func (f Finding) String() string {
	if f.Index < 0 {
		return f.Why
	}
	return fmt.Sprintf("entry %d: %s", f.Index, f.Why)
}

// Report is what came of a verification.
type Report struct {
	Checkpoint Checkpoint
	First      int64 // the first entry that was read
	Entries    int64 // how many were read
	Pruned     int64 // of these: only their hashes are left, as a later entry says
	Findings   []Finding
}

// OK reports whether the log is what its key signed, whole and in order.
func (r *Report) OK() bool { return len(r.Findings) == 0 }

const (
	// maxFindings is enough to see what was done to a log.
	maxFindings = 100
	// maxLine is far above the longest line that an export has.
	maxLine = 64 << 10
)

// Verify reads an export and finds what is altered, missing, out of order or
// cut off, given the key that the log's checkpoints are signed with. An older
// checkpoint, kept elsewhere, is one that the log must have grown out of: with
// it, what somebody did who has the key is found too. The error is that of
// reading; what is wrong with the log is in the report.
func Verify(export io.Reader, by note.Verifier, older *Checkpoint) (*Report, error) {
	v := &verification{report: &Report{}, older: older, crown: &Crown{}}
	lines := bufio.NewScanner(export)
	lines.Buffer(nil, maxLine)
	lines.Split(splitLines)
	if !lines.Scan() {
		return nil, errors.Join(fmt.Errorf("read export: it is empty"), lines.Err())
	}
	if !v.begin(lines.Bytes(), by) {
		return v.report, nil
	}
	for lines.Scan() && len(v.report.Findings) < maxFindings {
		v.line(lines.Bytes())
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("read export: %w", err)
	}
	v.end()
	return v.report, nil
}

// splitLines is [bufio.ScanLines], but that it leaves what ends a line as it is:
// a carriage return is an alteration like any other.
func splitLines(text []byte, atEOF bool) (advance int, line []byte, err error) {
	if end := bytes.IndexByte(text, '\n'); end >= 0 {
		return end + 1, text[:end], nil
	}
	if atEOF && len(text) > 0 {
		return len(text), text, nil
	}
	return 0, nil, nil
}

// verification goes once through an export. While all is well it makes the
// tree again; a gap ends that, and single entries are still looked at.
type verification struct {
	report *Report
	older  *Checkpoint
	crown  *Crown
	tile   *Tile // that the tree has just completed, until its line comes

	next    int64 // the entry to come
	broken  bool  // an entry is missing or can't be hashed: there is no tree to compare
	gaps    []gap
	blurred bool // an entry of this tile is known to be altered

	pruned  []gap // entries that are pruned
	allowed int64 // up to where an entry says so
}

// gap is entries that have not come: from first to before last.
type gap struct{ first, last int64 }

func (v *verification) find(index int64, why string, args ...any) {
	v.report.Findings = append(v.report.Findings, Finding{index, fmt.Sprintf(why, args...)})
}

// begin reads the header; false if it makes no sense to go on.
func (v *verification) begin(text []byte, by note.Verifier) bool {
	h, err := parseLine[header](text)
	if err != nil || h.Version != exportVersion {
		v.find(-1, "the first line is not that of an export")
		return false
	}
	if v.report.Checkpoint, err = Open([]byte(h.Checkpoint), by); err != nil {
		v.find(-1, "the checkpoint is altered, or signed by another key")
		return false
	}
	if v.crown, err = crownOf(h.First, h.Peaks); err != nil || h.First%TileSize != 0 {
		v.find(-1, "the first line is altered: its peaks are not those of %d entries", h.First)
		return false
	}
	v.next, v.report.First = h.First, h.First
	v.compareOlder()
	return true
}

func (v *verification) line(text []byte) {
	l, err := parseLine[line](text)
	switch {
	case err != nil || (l.Entry == nil) == (l.Tile == nil):
		v.find(v.next, "altered: its line can't be read")
		v.next, v.broken = v.next+1, true
	case l.Tile != nil:
		v.compareTile(&l)
	default:
		v.entry(&l)
	}
}

func (v *verification) entry(l *line) {
	index := int64(l.Entry.Index)
	v.tileIsDue()
	if v.fills(index) {
		v.find(index, "out of order: it stands behind entry %d", v.next-1)
		return
	}
	switch {
	case index < v.next:
		v.find(index, "there twice, or altered: entry %d should stand here", v.next)
		v.broken = true
		return
	case index >= v.report.Checkpoint.Size:
		v.find(index, "altered, or added: the checkpoint is of %d entries", v.report.Checkpoint.Size)
		v.broken = true
		return
	case index > v.next:
		v.gaps, v.broken = append(v.gaps, gap{v.next, index}), true
	}
	v.next = index + 1
	v.report.Entries++
	row, err := l.row()
	if err != nil {
		v.find(index, "%s", err)
		v.blurred = true
	}
	if row == nil {
		v.broken = true
		return
	}
	v.prune(row)
	v.grow(HashKept(row.Leaf))
}

// prune notes that an entry is pruned, or that it says which are.
func (v *verification) prune(row *Row) {
	index := int64(row.Entry.Index)
	if !IsPruned(row.Leaf) {
		v.allowed = max(v.allowed, allows(&row.Entry))
		return
	}
	v.report.Pruned++
	if last := len(v.pruned) - 1; last >= 0 && v.pruned[last].last == index {
		v.pruned[last].last++
		return
	}
	v.pruned = append(v.pruned, gap{index, index + 1})
}

// endPruned reports entries that were pruned and of which no entry says so.
func (v *verification) endPruned() {
	for _, g := range v.pruned {
		if g.last > v.allowed {
			v.find(max(g.first, v.allowed), "altered, or one of those up to %d: they are pruned, and no entry says so", g.last-1)
		}
	}
}

// fills reports whether the entry was missed before, and takes it out of its gap.
func (v *verification) fills(index int64) bool {
	for i, g := range v.gaps {
		if index < g.first || index >= g.last {
			continue
		}
		v.gaps = append(v.gaps[:i], append([]gap{{g.first, index}, {index + 1, g.last}}, v.gaps[i+1:]...)...)
		return true
	}
	return false
}

func (v *verification) grow(h tlog.Hash) {
	if v.broken {
		return
	}
	v.crown.Grow(h, func(t Tile) {
		if t.Level == 1 {
			v.tile = &t
		}
	})
	v.compareOlder()
}

// tileIsDue reports that the line of the tile before was left out.
func (v *verification) tileIsDue() {
	if v.tile != nil {
		v.find(v.next-1, "the line behind it, that of its tile, is missing")
		v.tile = nil
	}
}

// compareTile sees that the 256 entries of a tile are those it was made of.
func (v *verification) compareTile(l *line) {
	first, made := *l.Tile*TileSize, v.tile
	v.tile = nil
	switch {
	case l.Hash == nil || first+TileSize != v.next:
		if !v.broken {
			v.find(v.next, "altered: the line behind it is not that of its tile")
		}
		v.broken = true
	case made != nil && made.Hash != *l.Hash && !v.blurred:
		v.find(first, "altered, it or one of the entries up to %d: they don't make up the hash of their tile", first+TileSize-1)
		v.broken = true
	}
	v.blurred = false
}

// compareOlder compares the tree with the older checkpoint when it has its size.
func (v *verification) compareOlder() {
	if v.older != nil && !v.broken && v.crown.Size() == v.older.Size && v.crown.Root() != v.older.Root {
		v.find(-1, "some of the first %d entries are not those of the older checkpoint: they were written anew by somebody who has the key", v.older.Size)
	}
}

func (v *verification) end() {
	until := v.report.Checkpoint
	v.tileIsDue()
	for _, g := range v.gaps {
		if g.first < g.last {
			v.find(g.first, "missing, with all up to %d", g.last-1)
		}
	}
	if v.next < until.Size {
		v.find(v.next, "missing, with all up to %d: the end is cut off", until.Size-1)
	}
	v.endOlder(until.Size)
	v.endPruned()
	if v.report.OK() && v.crown.Root() != until.Root {
		v.find(-1, "the entries agree with each other and not with the checkpoint: they were written anew, or the last %d were altered", until.Size%TileSize)
	}
}

func (v *verification) endOlder(size int64) {
	switch {
	case v.older == nil:
	case v.older.Size > size:
		v.find(size, "missing, with all up to %d: the older checkpoint has them", v.older.Size-1)
	case v.older.Size < v.report.First:
		v.find(-1, "the export begins behind the older checkpoint: export from entry %d or before", v.older.Size)
	}
}
