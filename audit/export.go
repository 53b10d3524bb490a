package audit

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"

	"golang.org/x/mod/sumdb/note"
)

// Log is where entries are kept.
type Log interface {
	Hashes
	// Latest returns the last checkpoint; nil if there is no entry yet.
	Latest() ([]byte, error)
	// Rows returns entries from the index on, in their order, at most that many.
	Rows(from int64, limit int) ([]Row, error)
}

// Export writes the log from the entry on, or from a few before it, up to the
// last checkpoint: all that [Verify] needs.
func Export(ctx context.Context, l Log, by note.Verifier, from int64, to io.Writer) error {
	signed, err := l.Latest()
	if err != nil {
		return err
	}
	until, err := Open(signed, by)
	if err != nil {
		return fmt.Errorf("export audit log: %w", err)
	}
	from = min(max(from, 0), until.Size) &^ (TileSize - 1)
	before, err := Resume(from, HashReader(l))
	if err != nil {
		return err
	}
	out := bufio.NewWriter(to)
	if err := writeLine(out, header{Version: exportVersion, Checkpoint: string(signed), First: from, Peaks: before.Peaks()}); err != nil {
		return err
	}
	for at := from; at < until.Size; at += TileSize {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := exportTile(l, at, min(TileSize, until.Size-at), out); err != nil {
			return err
		}
	}
	return out.Flush()
}

// exportTile writes a tile's entries and, if it is complete, its hash. Entries
// are written as they are kept: what is wrong with them is for who verifies.
func exportTile(l Log, from, count int64, out *bufio.Writer) error {
	rows, err := l.Rows(from, int(count))
	if err != nil {
		return err
	}
	for i := range rows {
		if int64(rows[i].Entry.Index) >= from+count {
			break
		}
		if err := writeLine(out, lineOf(&rows[i])); err != nil {
			return err
		}
	}
	if count < TileSize {
		return nil
	}
	n := from / TileSize
	hashes, err := l.Hashes(1, n, 1)
	if err != nil {
		return err
	}
	return writeLine(out, line{Tile: &n, Hash: &hashes[0]})
}

func writeLine(out *bufio.Writer, v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("write audit entry: %w", err)
	}
	if _, err := out.Write(append(text, '\n')); err != nil {
		return fmt.Errorf("write audit entry: %w", err)
	}
	return nil
}
