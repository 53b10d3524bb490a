package store

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"maskd/mapping"
)

// bbolt reads what was put when it commits: until then no row is in the place of another.
func TestRowsStayUntilTheTransactionIsOver(t *testing.T) {
	var d desk
	write := func() {
		var rows [][]byte
		for n := range 5000 {
			rows = append(rows, append(d.row(1+n%300), bytes.Repeat([]byte{byte(n)}, 1+n%300)...))
		}
		for n, row := range rows {
			if !bytes.Equal(row, bytes.Repeat([]byte{byte(n)}, 1+n%300)) {
				t.Fatalf("row %d of %d bytes was written over", n, len(row))
			}
			if cap(row) != len(row) {
				t.Fatalf("row %d reaches into the next", n)
			}
		}
	}
	write()
	d.clear()
	write()
	if large := d.row(manyRows + 1); cap(large) != manyRows+1 {
		t.Errorf("a large row has room for %d bytes", cap(large))
	}
}

func TestAGroupHasTheRoomOfTheOneBefore(t *testing.T) {
	var d desk
	group := func() {
		d.clear()
		for range 60 {
			_ = append(d.row(200), 1)
		}
	}
	if n := testing.AllocsPerRun(10, group); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

// A recording is used again once it is written, and has nothing of its call then; one that
// is to be tried again is as it was.
func TestARecordingIsGivenBackOnceItIsWritten(t *testing.T) {
	for err, kept := range map[error]bool{nil: false, fmt.Errorf("commit: %w", mapping.ErrUnavailable): true, errors.New("never"): true} {
		db := &DB{uncounted: newUncounted(), onFault: func(error) {}}
		db.recordings = db.newRecordings()
		r := &recording{db: db, cdr: mapping.CDR{Call: mapping.ID{1}, Caller: rider(t, 1), Outcome: mapping.OutcomeAnswered}, told: err != nil}
		r.settle(err)
		if got := r.cdr != (mapping.CDR{}) || r.told; got != kept {
			t.Errorf("settled with %v: something of it is left: %t", err, got)
		}
	}
}
