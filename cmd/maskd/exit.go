package main

import (
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"strings"
	"syscall"

	"github.com/urfave/cli/v2"

	"maskd/cmd/maskd/admin"
	"maskd/cmd/maskd/config"
	"maskd/store"
)

// The exit codes. They are part of the interface: programs go by them.
const (
	exitOK          = 0
	exitFailure     = 1
	exitUsage       = 2
	exitConfig      = 3
	exitStart       = 4
	exitUnreachable = 5
	exitRefused     = 6
	exitNotFound    = 7
)

const exitCodes = `Exit codes:
  0  done
  1  failed
  2  the command line can't be
  3  the configuration can't be
  4  the daemon can't start
  5  the daemon does not answer
  6  the daemon refused, or some lines of a batch
  7  there is no such interaction or call`

// usageError is a command line that can't be.
type usageError struct{ message string }

func (e *usageError) Error() string { return e.message }

func usagef(format string, args ...any) error {
	return &usageError{fmt.Sprintf(format, args...)}
}

// onUsageError is for what the flag parser says. It quotes the flag, and for a
// value that can't be read the value: none of our flags takes a number.
func onUsageError(c *cli.Context, err error, _ bool) error {
	return usagef("%s: see %s --help", err, c.Command.HelpName)
}

// startError is a daemon that can't start: nothing of it is left.
type startError struct{ err error }

func (e *startError) Error() string { return "can't start: " + e.err.Error() }

func (e *startError) Unwrap() error { return e.err }

// exitCode is the table from what went wrong to what the shell sees.
func exitCode(err error) int {
	var usage *usageError
	var configuration *config.Error
	var start *startError
	var unreachable *admin.UnreachableError
	var problem *admin.Problem
	var batch *batchError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &usage):
		return exitUsage
	case errors.As(err, &configuration):
		return exitConfig
	case errors.As(err, &start):
		return exitStart
	case errors.As(err, &unreachable):
		return exitUnreachable
	case errors.As(err, &problem):
		return exitOf(problem)
	case errors.As(err, &batch) && batch.failed == 0:
		return exitRefused
	default:
		return exitFailure
	}
}

func exitOf(p *admin.Problem) int {
	switch {
	case p.Status == http.StatusNotFound:
		return exitNotFound
	case p.Code == admin.CodeBadConfiguration:
		return exitConfig
	case p.Status < http.StatusInternalServerError:
		return exitRefused
	default:
		return exitFailure
	}
}

// oneLine is the error for people: what happened, where, and what to do.
func oneLine(err error) string {
	text := strings.ReplaceAll(strings.TrimSpace(err.Error()), "\n", "; ")
	if advice := advise(err); advice != "" {
		text += ": " + advice
	}
	return text
}

// advise is what to do about an error of the system, which does not say.
func advise(err error) string {
	var unreachable *admin.UnreachableError
	switch isUnreachable := errors.As(err, &unreachable); {
	case isUnreachable && errors.Is(err, fs.ErrPermission):
		return "join the group of the daemon, and have an entry of admin.roles"
	case isUnreachable:
		return "is maskd serve running with this socket?"
	case errors.Is(err, syscall.EADDRINUSE):
		return "stop the program that has it, or choose another"
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return "choose an address of this host"
	case errors.Is(err, store.ErrLocked):
		return "stop it, or choose another store.path"
	case errors.Is(err, store.ErrDamaged):
		return "maskd store restore puts a backup in its place"
	default:
		return ""
	}
}
