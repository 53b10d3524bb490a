package admin

import (
	"errors"
	"net/http"
)

// Why somebody is turned away.
var (
	errNoRole      = errors.New("no entry of admin.roles is for you: whoever runs maskd can add one")
	errNotAllowed  = errors.New("your role may not do this")
	errHouseOnly   = errors.New("this concerns all tenants, and you are one's")
	errOtherTenant = errors.New("only an admin of the house may act for a tenant")
	errCertificate = errors.New("your certificate has expired, or its authority is believed no more")

	errNoPetition  = errors.New("no such request waits: it was shown, or too much time has passed")
	errNotApproved = errors.New("another person has to approve this first")
	errSamePerson  = errors.New("who asks can't approve: this takes a second person")
)

// denial is the problem of who is turned away; nil if the error is another.
func denial(err error) *Problem {
	status, code, field := http.StatusForbidden, "", ""
	switch {
	case errors.Is(err, errNoRole):
		code = "no_role"
	case errors.Is(err, errNotAllowed):
		code = "not_allowed"
	case errors.Is(err, errHouseOnly):
		code = "house_only"
	case errors.Is(err, errOtherTenant):
		code, field = "other_tenant", tenantHeader
	case errors.Is(err, errCertificate):
		code = "certificate_refused"
	case errors.Is(err, errSamePerson):
		code = "same_person"
	case errors.Is(err, errNotApproved):
		status, code = http.StatusConflict, "not_approved"
	case errors.Is(err, errNoPetition):
		status, code = http.StatusNotFound, "not_found"
	default:
		return nil
	}
	return newProblem(status, code, field, err.Error())
}
