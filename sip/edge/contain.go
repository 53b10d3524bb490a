package edge

import (
	"errors"

	"github.com/emiago/sipgo/sip"
	"go.uber.org/zap"
)

// contain keeps a panic to the one message that caused it.
func (e *Edge) contain() { e.contained(recover()) }

// contained notes a panic, if there was one. Its value may quote the message, so it
// is not logged.
func (e *Edge) contained(panicked any) bool {
	if panicked == nil {
		return false
	}
	e.counts.panics.Add(1)
	e.log.Error("message dropped: it caused a panic", zap.Stack("stack"))
	return true
}

// fail answers a request that caused a panic: whoever sent it would wait. What can't be
// answered either is forgotten.
func (l *listener) fail(req *sip.Request, tx serving) {
	answered := false
	defer func() {
		if l.edge.contained(recover()) || !answered {
			tx.Terminate()
		}
	}()
	if req.IsAck() {
		return
	}
	err := tx.Respond(composeResponse(req, 500))
	answered = err == nil || errors.Is(err, errOver) || errors.Is(err, errCancelled) // else it is over
}
