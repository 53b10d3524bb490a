package edge

import (
	"time"

	"github.com/emiago/sipgo/sip"

	"maskd/mapping"
	"maskd/sip/dialplan"
)

// Identity is who calls which DID on which trunk.
type Identity struct {
	Trunk   string
	DID     mapping.DID     // empty if the Request-URI names no number
	Caller  mapping.Number  // zero if withheld or unreadable
	Refusal mapping.Refusal // why the call is refused, whomever it is for; 0: it is not
	PIN     bool            // unless the caller enters the PIN of the party that he says he is
}

// identify reads who calls whom from an INVITE: the DID from the Request-URI (see [Trunk.dialled]),
// the caller from the header that this trunk is trusted for, if the trunk shows
// as much for it as we ask for.
func identify(req *sip.Request, trunk *Trunk, now time.Time) Identity {
	dialled := trunk.dialled(req)
	did := trunk.Format.Read(subscriber(dialled))
	claimed := callerOf(req, trunk)
	id := Identity{Trunk: trunk.Name}
	id.DID, _ = mapping.ParseDID(did)
	id.Caller, _ = mapping.ParseNumber(claimed.number)
	switch service := serviceOf(dialled); {
	case service == dialplan.Emergency:
		id.DID, id.Refusal = "", mapping.RefusalEmergency
	case service == dialplan.ShortCode && id.DID == "":
		id.Refusal = mapping.RefusalShortCode
	case !id.Caller.IsZero() && !trunk.Assurance.holds(req, claimed, did, now):
		id.Refusal, id.PIN = mapping.RefusalUnverified, trunk.Assurance.PIN
	}
	return id
}
