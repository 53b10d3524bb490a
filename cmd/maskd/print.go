package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/urfave/cli/v2"

	"maskd/cmd/maskd/admin"
)

// printJSON is for programs.
func printJSON(w io.Writer, v any) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(v); err != nil {
		return fmt.Errorf("print: %w", err)
	}
	return nil
}

// printLine is for programs that read line by line.
func printLine(w io.Writer, v any) error {
	if err := json.NewEncoder(w).Encode(v); err != nil {
		return fmt.Errorf("print: %w", err)
	}
	return nil
}

// printRows prints a table for people, the first row its head.
func printRows(w io.Writer, rows [][]string) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		for i := range row {
			row[i] = cell(row[i])
		}
		fmt.Fprintln(table, strings.TrimRight(strings.Join(row, "\t"), "\t"))
	}
	if err := table.Flush(); err != nil {
		return fmt.Errorf("print: %w", err)
	}
	return nil
}

// printFields prints names and values for people, those that have a value.
func printFields(w io.Writer, rows [][]string) error {
	none := func(row []string) bool { return row[1] == "" || row[1] == "-" }
	return printRows(w, slices.DeleteFunc(rows, none))
}

// cell is a text that a terminal shows and does not obey: labels and reasons
// are what integrators wrote.
func cell(s string) string {
	if strings.ContainsFunc(s, func(r rune) bool { return !strconv.IsPrint(r) }) {
		return strconv.Quote(s)
	}
	return s
}

// printPage prints a page of a list; where there is more, the last line on
// standard error says how to get it.
func printPage[T any](c *cli.Context, p admin.Page[T], head []string, row func(T) []string) error {
	if c.Bool("json") {
		return printJSON(c.App.Writer, p)
	}
	rows := [][]string{head}
	for _, item := range p.Data {
		rows = append(rows, row(item))
	}
	if err := printRows(c.App.Writer, rows); err != nil {
		return err
	}
	if p.Next != "" {
		fmt.Fprintf(c.App.ErrWriter, "there is more: --after %s\n", p.Next)
	}
	return nil
}

// clock is a time for people; a dash for none.
func clock(t admin.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.String()
}
