package admin

import (
	"context"
	"errors"
	"net/http"

	"maskd/mapping"
)

// Problem is an error as the API tells it (RFC 9457). Its type is the default,
// about:blank; programs go by Code, which does not change.
type Problem struct {
	Title         string `json:"title"`                    // of the status
	Status        int    `json:"status"`                   // the HTTP status
	Code          string `json:"code"`                     // what, for programs: "pool_exhausted"
	Field         string `json:"field,omitempty"`          // where, as a path in the request: "parties.a.numbers[0]"
	Detail        string `json:"detail,omitempty"`         // what to do, for people; never quotes a number
	BlockingParty string `json:"blocking_party,omitempty"` // with pool_exhausted: "a" or "b"
	Needed        int    `json:"needed,omitempty"`         // with pool_exhausted: how many DIDs more it would take
	NextFreeAt    Time   `json:"next_free_at,omitzero"`    // with pool_exhausted: when one is free if nothing is completed before

	RetryAfterSeconds int `json:"retry_after_seconds,omitempty"` // with too_many
}

// Error returns where and what, for people.
func (p *Problem) Error() string {
	switch {
	case p.Field != "":
		return p.Field + ": " + p.Detail
	case p.Detail != "":
		return p.Detail
	default:
		return p.Title
	}
}

func newProblem(status int, code, field, detail string) *Problem {
	return &Problem{Title: http.StatusText(status), Status: status, Code: code, Field: field, Detail: detail}
}

// errPanicked is a defect in a handler.
var errPanicked = errors.New("request panicked")

// problemOf is the table from what went wrong to what the API says. What it
// does not know is a defect: the log has the error, the client does not.
func problemOf(err error) *Problem {
	var problem *Problem
	var invalid *mapping.InvalidError
	var exhausted *mapping.ExhaustedError
	var quota *mapping.QuotaError
	if p := denial(err); p != nil {
		return p
	}
	switch {
	case errors.As(err, &problem):
		return problem
	case errors.As(err, &invalid):
		return newProblem(http.StatusUnprocessableEntity, invalid.Code, invalid.Field, invalid.Reason)
	case errors.As(err, &exhausted):
		p := newProblem(http.StatusConflict, "pool_exhausted", "pool", exhausted.Error())
		p.BlockingParty, p.Needed, p.NextFreeAt = exhausted.Blocking.String(), exhausted.Needed, Time{exhausted.NextFreeAt}
		return p
	case errors.As(err, &quota):
		return newProblem(http.StatusConflict, "quota_exceeded", "", quota.Error()+", which is as many as it may: complete some")
	case errors.Is(err, mapping.ErrNotFound):
		return newProblem(http.StatusNotFound, "not_found", "", "there is no interaction or call of that id")
	case errors.Is(err, errNoWebhook):
		return newProblem(http.StatusNotFound, "not_found", "", "there is no webhook of that name")
	case errors.Is(err, mapping.ErrNotOurs):
		return newProblem(http.StatusNotFound, "not_found", "", "that is none of our DIDs")
	case errors.Is(err, mapping.ErrNotActive):
		return newProblem(http.StatusConflict, "not_active", "", "it is completed or expired: reopen it")
	case errors.Is(err, mapping.ErrHeld):
		return newProblem(http.StatusConflict, "held", "", "the interaction is under a legal hold: it is erased when that is released")
	case errors.Is(err, mapping.ErrHeldByHouse):
		return newProblem(http.StatusForbidden, "held_by_house", "", "the legal hold is the house's, which alone can release it")
	case errors.Is(err, mapping.ErrTooLate):
		return newProblem(http.StatusConflict, "too_late", "", "it has been over for longer than the pool's cool_down_seconds: create a new one")
	case errors.Is(err, mapping.ErrTaken):
		return newProblem(http.StatusConflict, "dids_taken", "", "its DIDs are another's now, or can't be had any more: create a new one")
	case errors.Is(err, mapping.ErrForgotten):
		return newProblem(http.StatusGone, "events_forgotten", "after", "the next events are older than retention.events_days: leave after out, to begin with the oldest that is kept")
	case errors.Is(err, mapping.ErrConflict):
		return newProblem(http.StatusConflict, "external_id_taken", "external_id", "belongs to an interaction with other contents")
	case errors.Is(err, mapping.ErrReused):
		return newProblem(http.StatusUnprocessableEntity, "idempotency_key_reused", "Idempotency-Key", "came with another request before, or what it made was erased: use a new one")
	case errors.Is(err, mapping.ErrUnavailable):
		return newProblem(http.StatusServiceUnavailable, "store_unavailable", "", "the store can't answer or commit now; try again")
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return newProblem(http.StatusServiceUnavailable, "timeout", "",
			"it took too long and may have been done; ask again")
	default:
		return newProblem(http.StatusInternalServerError, "internal", "", "this is a defect of maskd; its log says more")
	}
}

// invalidField is a value in the request that can't be.
func invalidField(field, code, reason string) error {
	return &mapping.InvalidError{Field: field, Code: code, Reason: reason}
}
