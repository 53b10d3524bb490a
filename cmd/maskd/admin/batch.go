package admin

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"time"

	"go.uber.org/zap"

	"maskd/mapping"
)

// BatchLine is one line of a batch: one of the two.
type BatchLine struct {
	Create   *Draft         `json:"create,omitempty"`
	Complete *BatchComplete `json:"complete,omitempty"`
}

// BatchComplete completes the interaction of that id.
type BatchComplete struct {
	ID string `json:"id"`
	Completion
}

// Receipt is the line that answers a line of a batch: its number, the status
// that it would have been answered with alone, and one of the three.
type Receipt struct {
	Line        int          `json:"line"`
	Status      int          `json:"status"`
	Interaction *Interaction `json:"interaction,omitempty"`
	Completed   *Completed   `json:"completed,omitempty"`
	Problem     *Problem     `json:"problem,omitempty"`
}

// batchWindow is how many lines are carried out at once: enough that a commit
// is shared by many, and few beside what the store lets wait.
const batchWindow = 256

// batch carries out the lines of its body and answers each with a line, in
// their order, while they come: what is neither answered nor read yet is all
// that is kept. A line that can't be changes nothing and stops no other, and so does one
// that comes when the asker may not any more.
func (s *Server) batch(w http.ResponseWriter, r *http.Request) {
	control := http.NewResponseController(w)
	if err := control.EnableFullDuplex(); err != nil {
		s.refuse(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/x-ndjson")
	ctx, stop := context.WithCancel(r.Context())
	defer stop()
	pending := make(chan (<-chan Receipt), batchWindow)
	go s.takeOrders(r.WithContext(ctx), control, pending)
	out := answers{encoder: json.NewEncoder(w), control: control, stop: stop}
	for receipt := range pending {
		if out.write(<-receipt) && len(pending) == 0 {
			out.flush()
		}
	}
}

// takeOrders reads the lines and has them carried out, as many at once as
// there is room for. It ends with the body, or when that can't be read, or when
// nobody takes the answers.
func (s *Server) takeOrders(r *http.Request, control *http.ResponseController, pending chan<- (<-chan Receipt)) {
	defer close(pending)
	lines := newLines(r.Body, maxBody, control)
	for r.Context().Err() == nil && lines.next() {
		line, text, err := lines.number, lines.text, lines.problem
		if err == nil {
			err = s.remains(r)
		}
		receipt := make(chan Receipt, 1)
		pending <- receipt
		go func() { receipt <- s.carryOut(r, line, text, err) }()
	}
}

// carryOut does what a line asks for. A defect in it ends the line, not the
// daemon.
func (s *Server) carryOut(r *http.Request, line int, text []byte, err error) (receipt Receipt) {
	defer func() {
		if recover() != nil { // its value may hold anything
			s.log.Error("line of a batch panicked", zap.Stack("stack"), by(r))
			receipt = Receipt{Line: line, Problem: problemOf(errPanicked)}
			receipt.Status = receipt.Problem.Status
		}
	}()
	receipt.Line = line
	var body any
	if err == nil {
		receipt.Status, body, err = s.order(r, text)
	}
	if err != nil {
		receipt.Problem = s.problem(r, err)
		receipt.Status = receipt.Problem.Status
	}
	switch done := body.(type) {
	case Interaction:
		receipt.Interaction = &done
	case Completed:
		receipt.Completed = &done
	}
	return receipt
}

func (s *Server) order(r *http.Request, text []byte) (int, any, error) {
	var o BatchLine
	if err := Decode(bytes.NewReader(text), &o); err != nil {
		return 0, nil, err
	}
	switch {
	case o.Create != nil && o.Complete == nil:
		r = asDeed(r, mapping.ActionInteractionCreate, "")
		status, body, err := s.create(r, *o.Create, "") // a line is named by its external id
		return status, body, s.tell(r, err)
	case o.Complete != nil && o.Create == nil:
		id, err := mapping.ParseID(mapping.KindInteraction, o.Complete.ID)
		if err != nil {
			return 0, nil, mapping.ErrNotFound
		}
		r = asDeed(r, mapping.ActionInteractionComplete, mapping.ObjectID(mapping.KindInteraction, id))
		status, body, err := s.completeSeen(r, id, o.Complete.Completion)
		return status, body, s.tell(r, err)
	default:
		return 0, nil, newProblem(http.StatusBadRequest, "bad_order", "", "expected either create or complete")
	}
}

// completeSeen completes what is in the asker's sight.
func (s *Server) completeSeen(r *http.Request, id mapping.ID, how Completion) (int, any, error) {
	if err := s.sees(askerOf(r), aboutInteraction, id.Text(mapping.KindInteraction)); err != nil {
		return 0, nil, err
	}
	return s.complete(r, id, how)
}

// asDeed makes a line of a batch a deed of its own.
func asDeed(r *http.Request, action mapping.Action, object mapping.Object) *http.Request {
	deed := &mapping.Deed{Actor: mapping.DeedOf(r.Context()).Actor, Action: action, Object: object}
	return r.WithContext(mapping.WithDeed(r.Context(), deed))
}

// lines reads the lines of a batch. Empty ones are counted and passed over.
type lines struct {
	from    *bufio.Reader
	control *http.ResponseController
	until   time.Time // when a client that sends nothing more is given up
	over    bool

	number  int
	text    []byte // the caller's to keep
	problem error  // the line can't be read
}

// newLines reads lines of at most that many bytes, their ends included.
func newLines(from io.Reader, longest int, control *http.ResponseController) *lines {
	return &lines{from: bufio.NewReaderSize(from, longest), control: control}
}

// next reads a line; false if there was none. A body that breaks off has a last
// line with the problem: half of a line is no order.
func (l *lines) next() bool {
	for !l.over {
		l.wait()
		l.number++
		text, err := l.from.ReadSlice('\n')
		if l.text, l.problem = bytes.Clone(bytes.TrimSpace(text)), nil; errors.Is(err, bufio.ErrBufferFull) {
			err = l.passOver()
			l.problem = decodeProblem(&http.MaxBytesError{Limit: maxBody})
		}
		l.over = err != nil
		if err != nil && !errors.Is(err, io.EOF) {
			l.problem = newProblem(http.StatusBadRequest, "cut_short", "", "the batch broke off here: this line and what was behind it is not done")
		}
		if len(l.text) > 0 || l.problem != nil {
			return true
		}
	}
	return false
}

// passOver reads to the end of a line that is too long.
func (l *lines) passOver() error {
	for {
		if _, err := l.from.ReadSlice('\n'); !errors.Is(err, bufio.ErrBufferFull) {
			return err
		}
	}
}

// wait gives the client time for the next line, however long the batch is. A
// connection without deadlines has none to miss.
func (l *lines) wait() {
	if now := time.Now(); l.until.Sub(now) < readTimeout/2 {
		l.until = now.Add(readTimeout)
		_ = l.control.SetReadDeadline(l.until)
	}
}

// answers writes receipts until the client takes no more of them.
type answers struct {
	encoder *json.Encoder
	control *http.ResponseController
	stop    context.CancelFunc // takes no more orders
	until   time.Time
	gone    bool // the client: there is nobody left to tell
}

func (a *answers) write(receipt Receipt) bool {
	if now := time.Now(); a.until.Sub(now) < writeTimeout/2 {
		a.until = now.Add(writeTimeout)
		_ = a.control.SetWriteDeadline(a.until)
	}
	if !a.gone && a.encoder.Encode(receipt) != nil {
		a.gone = true
		a.stop()
	}
	return !a.gone
}

func (a *answers) flush() { a.gone = a.control.Flush() != nil }
