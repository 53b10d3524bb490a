package admin

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"maskd/mapping"
)

// minReason is how short a reason may be, in bytes: who has to write ten has to think
// of one.
const minReason = 10

// localDigits are the last digits of a number, by which who knows the country and the
// network can guess it.
const localDigits = 7

// reasoned takes the reason of a request into the audit log. It has to be one.
func reasoned(r *http.Request, reason string, numbers ...mapping.Number) error {
	if len(strings.TrimSpace(reason)) < minReason {
		return invalidField("reason", "too_short", "expected why, in 10 to 500 bytes")
	}
	if err := validateReason(reason, numbers...); err != nil {
		return err
	}
	mapping.DeedOf(r.Context()).Reason = reason
	return nil
}

// validateReason wants a reason that holds no number: it is shown to others than those
// who may see one. The numbers are those that it is about.
func validateReason(reason string, numbers ...mapping.Number) error {
	if slices.ContainsFunc(numbers, func(n mapping.Number) bool { return holds(reason, n) }) {
		return invalidField("reason", "holds_number", "holds a party's number, which would be shown elsewhere")
	}
	return mapping.ValidateReason(reason)
}

// holds reports whether the last digits of the number are in the text, however they
// are separated.
func holds(text string, n mapping.Number) bool {
	digits := onlyDigits(n.Reveal())
	return len(digits) >= localDigits && strings.Contains(onlyDigits(text), digits[len(digits)-localDigits:])
}

// numbersOf returns the numbers that an interaction holds; none if it is not there.
func (s *Server) numbersOf(id mapping.ID) ([]mapping.Number, error) {
	i, err := s.store.Interaction(id)
	if errors.Is(err, mapping.ErrNotFound) {
		return nil, nil
	}
	return numbersIn(&i), err
}

func numbersIn(i *mapping.Interaction) []mapping.Number {
	return slices.Concat(i.A.Known(), other(i).Known())
}
