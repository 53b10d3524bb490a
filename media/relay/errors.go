package relay

import "errors"

var (
	// ErrNoPorts: every port pair of the range is used, resting or somebody else's.
	ErrNoPorts = errors.New("no free media ports")
	// ErrClosed: the mover was closed.
	ErrClosed = errors.New("media closed")
)
