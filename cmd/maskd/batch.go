package main

import (
	"fmt"
	"os"
	"time"

	"github.com/urfave/cli/v2"

	"maskd/cmd/maskd/admin"
)

// progressEvery is how often a person hears how far a batch is.
const progressEvery = time.Second

// batchError is a batch of which some lines were not done.
type batchError struct {
	lines   int
	refused int // by what they ask for
	failed  int // by the daemon: they may be tried again
}

func (e *batchError) Error() string {
	return fmt.Sprintf("%d of %d lines were refused, %d failed", e.refused, e.lines, e.failed)
}

// batch sends the lines of a file or of standard input, and tells of each that
// was not done.
func batch(c *cli.Context, path string) error {
	name, from, err := input(c, path, `{"create": {...}} or {"complete": {"id": ...}}`)
	if err != nil {
		return err
	}
	defer from.Close()
	daemon, err := client(c)
	if err != nil {
		return err
	}
	t := &tally{name: name, c: c, told: time.Now()}
	if err := daemon.Batch(c.Context, from, t.take); err != nil {
		return fmt.Errorf("%w (%d lines were answered before)", err, t.lines)
	}
	return t.summary()
}

// tally counts receipts and passes them on.
type tally struct {
	batchError
	name string
	c    *cli.Context
	told time.Time // when progress was last said
}

func (t *tally) take(r admin.Receipt) error {
	t.lines++
	if r.Problem != nil {
		t.note(r)
	}
	if out, ok := t.c.App.ErrWriter.(*os.File); ok && terminal(out) && time.Since(t.told) >= progressEvery {
		t.told = time.Now()
		fmt.Fprintf(t.c.App.ErrWriter, "%d lines, %d not done\n", t.lines, t.refused+t.failed)
	}
	if t.c.Bool("json") {
		return printLine(t.c.App.Writer, r)
	}
	return nil
}

// note counts a line that was not done, and says which.
func (t *tally) note(r admin.Receipt) {
	if exitOf(r.Problem) == exitFailure {
		t.failed++
	} else {
		t.refused++
	}
	fmt.Fprintf(t.c.App.ErrWriter, "%s:%d: %s\n", t.name, r.Line, r.Problem)
}

func (t *tally) summary() error {
	if !t.c.Bool("json") {
		fmt.Fprintf(t.c.App.Writer, "%d lines, %d done\n", t.lines, t.lines-t.refused-t.failed)
	}
	if t.refused+t.failed > 0 {
		return &t.batchError
	}
	return nil
}
