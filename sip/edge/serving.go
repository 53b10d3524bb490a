package edge

import (
	"errors"

	"github.com/emiago/sipgo/sip"
)

// serving is the transaction by which a request of a peer's is answered: one
// of ours on UDP, one of sipgo's on a stream.
type serving interface {
	// Respond sends a response, and keeps it for when the request comes again.
	Respond(response) error
	// Repeat sends a response past the transaction, which may be over.
	Repeat(response) error
	// OnCancel has f called when the request is cancelled, after the transaction
	// has answered it 487, or when the way back is lost. It reports false if it is
	// cancelled already.
	OnCancel(f func(lost bool)) bool
	// OnEnd has f called when the transaction ends. It reports false if it has ended.
	OnEnd(f func()) bool
	// Terminate ends the transaction.
	Terminate()
}

// streamed is a server transaction on a stream.
type streamed struct{ *sip.ServerTx }

// Respond sends a response. If a CANCEL was faster, the transaction has sent
// 487 but now keeps the response that it did not send, and would repeat that
// one: it is given the 487 once more.
func (s streamed) Respond(res response) error {
	err := s.ServerTx.Respond(res.message())
	if errors.Is(err, sip.ErrTransactionCanceled) {
		_ = s.ServerTx.Respond(composeResponse(s.Origin(), 487).message())
		return errCancelled
	}
	return err
}

// Repeat sends a 2xx again.
func (s streamed) Repeat(res response) error { return s.Connection().WriteMsg(res.message()) }

// OnCancel has f called when the request is cancelled, or the connection is lost.
func (s streamed) OnCancel(f func(lost bool)) bool {
	open := s.ServerTx.OnCancel(func(*sip.Request) { f(false) })
	s.OnTerminate(func(_ string, err error) {
		if errors.Is(err, sip.ErrTransactionTransport) {
			f(true)
		}
	})
	return open
}

// OnEnd has f called when the transaction ends.
func (s streamed) OnEnd(f func()) bool { return s.OnTerminate(func(string, error) { f() }) }
