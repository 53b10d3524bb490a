package mapping

import "strconv"

// Role is what somebody may do. A role is not a rank: an auditor hears
// recordings and completes nothing.
type Role uint8

// The roles. Zero is none: it may do nothing. The audit log keeps their values,
// so that a new one is added at the end.
const (
	// RoleIntegrator creates and completes interactions, and reads back no number.
	RoleIntegrator Role = iota + 1
	// RoleOperator looks after calls, DIDs and the configuration.
	RoleOperator
	// RoleAuditor reads call detail records, the audit log and recordings.
	RoleAuditor
	// RoleAdmin may do all of it.
	RoleAdmin
)

// roles is how many there are.
const roles = RoleAdmin

// String returns the role as the configuration writes it.
func (r Role) String() string {
	switch r {
	case RoleIntegrator:
		return "integrator"
	case RoleOperator:
		return "operator"
	case RoleAuditor:
		return "auditor"
	case RoleAdmin:
		return "admin"
	case 0:
		return ""
	default:
		return "role(" + strconv.Itoa(int(r)) + ")"
	}
}

// ParseRole reads the name of a role.
func ParseRole(s string) (Role, bool) { return called(s, RoleIntegrator, roles) }
