package admin

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"time"

	"go.uber.org/zap"

	"maskd/mapping"
)

// Blocks is what the API needs of the block list.
type Blocks interface {
	// Block puts all of them on the list, or none.
	Block(ctx context.Context, all []mapping.Block, at time.Time) ([]mapping.Block, error)
	// Unblock takes off those that are on it.
	Unblock(ctx context.Context, of mapping.Tenant, ids []mapping.ID, at time.Time) ([]mapping.Block, error)
	Blocks(of mapping.Tenant, after mapping.ID, limit int) ([]mapping.Block, error)
	BlockID(of mapping.Tenant, n, with mapping.Number) mapping.ID
}

// BlockRequest is the body of what puts on the block list, or takes off it. Who
// is meant is said in one of three ways: a number, or two as a pair; a party of
// an interaction, or with no party its two as pairs; or to take off, an id.
type BlockRequest struct {
	ID          string      `json:"id,omitempty"`
	Number      PlainNumber `json:"number,omitempty"`
	With        PlainNumber `json:"with,omitempty"`
	Interaction string      `json:"interaction,omitempty"`
	Party       string      `json:"party,omitempty"` // a or b
	Bars        string      `json:"bars,omitempty"`  // both, calling, or reached: do not disturb
	Reason      string      `json:"reason,omitempty"`
}

// Block is a block as the API shows it.
type Block struct {
	ID     string `json:"id"`
	Number Masked `json:"number"`
	With   Masked `json:"with,omitzero"`
	Bars   string `json:"bars"`
	Reason string `json:"reason,omitempty"`
	Since  Time   `json:"since"`
}

func (s *Server) routeBlocks(mux *gate) {
	mux.Handle("GET /v1/blocks", s.list(s.listBlocks))
	mux.Handle("POST /v1/blocks", s.answer(s.block))
	mux.Handle("POST /v1/blocks:remove", s.answer(s.unblock))
}

func (s *Server) listBlocks(r *http.Request) (int, any, error) {
	w, _, err := readWindow(r, mapping.KindBlock)
	if err != nil {
		return 0, nil, err
	}
	found, err := s.blocks.Blocks(askerOf(r).scope, w.after, w.limit+1)
	if err != nil {
		return 0, nil, err
	}
	id := func(b mapping.Block) string { return b.ID.Text(mapping.KindBlock) }
	return http.StatusOK, page(found, w.limit, id, s.viewBlock), nil
}

// block puts on the list whom the request means, and answers with their blocks.
func (s *Server) block(r *http.Request) (int, any, error) {
	asked, wanted, err := s.readBlocks(r)
	if err != nil {
		return 0, nil, err
	}
	if asked.ID != "" {
		return 0, nil, invalidField("id", "not_allowed", "expected a number, or an interaction")
	}
	ctx, cancel := change(r)
	defer cancel()
	made, err := s.blocks.Block(ctx, wanted, s.now())
	if err != nil {
		return 0, nil, err
	}
	s.log.Info("blocked", zap.Int("blocks", len(made)), by(r))
	return http.StatusCreated, s.viewBlocks(made), nil
}

// unblock takes off the list whom the request means, as far as they are on it.
func (s *Server) unblock(r *http.Request) (int, any, error) {
	_, wanted, err := s.readBlocks(r)
	if err != nil {
		return 0, nil, err
	}
	ctx, cancel := change(r)
	defer cancel()
	ids := make([]mapping.ID, len(wanted))
	for n, b := range wanted {
		if ids[n] = b.ID; b.ID.IsZero() {
			ids[n] = s.blocks.BlockID(b.Tenant, b.Number, b.With)
		}
	}
	lifted, err := s.blocks.Unblock(ctx, askerOf(r).scope, ids, s.now())
	if errors.Is(err, mapping.ErrNotFound) {
		err = newProblem(http.StatusNotFound, "not_found", "", "that is not on the block list")
	}
	if err != nil {
		return 0, nil, err
	}
	s.log.Info("unblocked", zap.Int("blocks", len(lifted)), by(r))
	return http.StatusOK, s.viewBlocks(lifted), nil
}

// readBlocks returns the blocks that a request means: on the list of the asker's
// tenant, or else on the house's.
func (s *Server) readBlocks(r *http.Request) (asked BlockRequest, wanted []mapping.Block, err error) {
	if err := Decode(r.Body, &asked); err != nil {
		return asked, nil, err
	}
	bars, ok := mapping.ParseBar(asked.Bars)
	if !ok {
		return asked, nil, invalidField("bars", "unknown", "expected both, calling or reached")
	}
	switch {
	case asked.ways() != 1:
		return asked, nil, invalidField("number", "missing", "expected a number, an interaction or an id, one of them")
	case asked.ID != "":
		id, err := mapping.ParseID(mapping.KindBlock, asked.ID)
		if err != nil {
			return asked, nil, invalidField("id", "malformed", "expected the id of a block")
		}
		wanted = []mapping.Block{{ID: id}}
	case asked.Interaction != "":
		wanted, err = s.blocksOf(askerOf(r), asked)
	default:
		wanted, err = asked.numbers()
	}
	if err != nil {
		return asked, nil, err
	}
	if len(wanted) > 1 { // which are told of as one thing
		mapping.DeedOf(r.Context()).Object = mapping.Object(asked.Interaction)
	}
	for n, b := range wanted {
		if err := validateReason(asked.Reason, b.Number, b.With); err != nil {
			return asked, nil, err
		}
		wanted[n].Tenant, wanted[n].Bars, wanted[n].Reason = askerOf(r).scope, bars, asked.Reason
	}
	return asked, wanted, nil
}

// ways counts how often it is said who is meant.
func (q BlockRequest) ways() (n int) {
	for _, said := range []bool{q.ID != "", q.Number != "" || q.With != "", q.Interaction != ""} {
		if said {
			n++
		}
	}
	return n
}

// numbers returns the block of a number, or of a pair.
func (q BlockRequest) numbers() ([]mapping.Block, error) {
	number, err := q.number("number", q.Number)
	if err != nil || q.With == "" {
		return []mapping.Block{{Number: number}}, err
	}
	with, err := q.number("with", q.With)
	return []mapping.Block{{Number: number, With: with}}, err
}

func (q BlockRequest) number(field string, written PlainNumber) (mapping.Number, error) {
	e164, no := normalise(written)
	if no != nil {
		return mapping.Number{}, invalidField(field, no.code, no.reason)
	}
	n, err := mapping.ParseNumber(e164)
	if err != nil {
		return n, invalidField(field, "not_e164", err.Error())
	}
	return n, nil
}

// blocksOf returns the blocks of a party of an interaction, or of its two parties
// as pairs.
func (s *Server) blocksOf(a asker, q BlockRequest) (wanted []mapping.Block, err error) {
	id, err := mapping.ParseID(mapping.KindInteraction, q.Interaction)
	if err != nil {
		return nil, invalidField("interaction", "malformed", "expected the id of an interaction")
	}
	i, err := s.store.Interaction(id)
	if err == nil && !a.scope.Sees(i.Tenant) {
		err = mapping.ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	numbers, others := i.A.Known(), []mapping.Number{{}}
	switch q.Party {
	case "":
		others = i.B.Known()
	case mapping.SideA.String():
	case mapping.SideB.String():
		numbers = i.B.Known()
	default:
		return nil, invalidField("party", "unknown", "expected a or b, or nothing for the two as a pair")
	}
	for _, n := range numbers {
		for _, with := range others {
			wanted = append(wanted, mapping.Block{Number: n, With: with})
		}
	}
	if len(wanted) == 0 {
		return nil, invalidField("party", "nobody", "its party b is whoever calls: block a number")
	}
	return wanted, nil
}

func (s *Server) viewBlocks(all []mapping.Block) (p Page[Block]) {
	for _, b := range all {
		p.Data = append(p.Data, s.viewBlock(b))
	}
	return p
}

func (s *Server) viewBlock(b mapping.Block) Block {
	of := cmp.Or(b.Tenant, mapping.DefaultTenant)
	return Block{
		ID: b.ID.Text(mapping.KindBlock), Number: s.viewNumber(of, b.Number), With: s.viewNumber(of, b.With),
		Bars: b.Bars.String(), Reason: b.Reason, Since: Time{b.Since},
	}
}
