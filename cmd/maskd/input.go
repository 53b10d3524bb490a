package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/urfave/cli/v2"

	"maskd/cmd/maskd/admin"
)

// maxInput is what the daemon takes, and more than any request needs.
const maxInput = 64 << 10

// fromFlag is that of every verb that is told numbers.
func fromFlag() cli.Flag {
	return &cli.PathFlag{Name: "from", Usage: "read the numbers from `FILE`, not from standard input"}
}

// input opens what --from names, or else standard input, and tells a person at
// a terminal what is waited for.
func input(c *cli.Context, path, expected string) (name string, from io.ReadCloser, err error) {
	if path != "" && path != "-" {
		file, err := os.Open(path)
		if err != nil {
			return "", nil, fmt.Errorf("read numbers: %w", err)
		}
		return path, file, nil
	}
	if in, ok := c.App.Reader.(*os.File); ok && terminal(in) {
		fmt.Fprintf(c.App.ErrWriter, "Write %s, a line each; end with Ctrl-D.\n", expected)
	}
	return "standard input", io.NopCloser(c.App.Reader), nil
}

// readNumbers reads the API's JSON into a request, or lines NAME=+..., for each
// of which it calls set; set is false for a name that there is not.
func readNumbers(c *cli.Context, expected string, request any, set func(name string, n admin.PlainNumber) bool) error {
	name, from, err := input(c, c.Path("from"), expected)
	if err != nil {
		return err
	}
	defer from.Close()
	text, err := io.ReadAll(io.LimitReader(from, maxInput))
	if err != nil {
		return fmt.Errorf("read numbers: %w", err)
	}
	if strings.HasPrefix(strings.TrimSpace(string(text)), "{") {
		if err := admin.Decode(strings.NewReader(string(text)), request); err != nil {
			return usagef("%s: %s", name, err)
		}
		return nil
	}
	for n, line := range strings.Split(string(text), "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		key, value, _ := strings.Cut(line, "=")
		if !set(strings.TrimSpace(key), admin.PlainNumber(strings.TrimSpace(value))) {
			return usagef("%s:%d: expected %s", name, n+1, expected)
		}
	}
	return nil
}

// noNumberArguments refuses an argument where a number could have been meant.
func noNumberArguments(c *cli.Context) error {
	if c.Args().Present() {
		return usagef("%s takes no argument: numbers come from --from FILE or standard input, because other users can read a process list", c.Command.HelpName)
	}
	return nil
}
