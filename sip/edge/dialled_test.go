package edge

import (
	"testing"
	"time"

	"maskd/mapping"
)

// A carrier that we registered with calls us by our Contact.
func TestTheDIDOfARegisteredTrunk(t *testing.T) {
	plain, registered := carrier("192.0.2.0/28"), carrier("192.0.2.0/28")
	registered.Register = &Register{Contact: "trunk1"}
	pilot := registered
	pilot.Register = &Register{Contact: "+15550100001"}
	for _, row := range []struct {
		name, uri, to string
		trunk         *Trunk
		want          mapping.DID
		refusal       mapping.Refusal
	}{
		{"our Contact: To names the DID", "sip:trunk1@192.0.2.50", "<sip:+15550100002@carrier.example>", &registered, "+15550100002", 0},
		{"our Contact is a DID itself", "sip:+15550100001@192.0.2.50", "<sip:+15550100002@carrier.example>", &pilot, "+15550100002", 0},
		{"the DID, as on any trunk", "sip:+15550100001@192.0.2.50", "<sip:+15550100002@carrier.example>", &registered, "+15550100001", 0},
		{"not registered: To means nothing", "sip:trunk1@192.0.2.50", "<sip:+15550100002@carrier.example>", &plain, "", 0},
		{"our Contact, and no number", "sip:trunk1@192.0.2.50", "<sip:trunk1@carrier.example>", &registered, "", 0},
		{"our Contact, and an emergency", "sip:trunk1@192.0.2.50", "<sip:112@carrier.example>", &registered, "", mapping.RefusalEmergency},
	} {
		req := request(t, invite().start("INVITE "+row.uri+" SIP/2.0").with("To: "+row.to), sdp)
		got := identify(req, row.trunk, time.Now())
		if got.DID != row.want || got.Refusal != row.refusal {
			t.Errorf("%s: %q, %v; want %q, %v", row.name, got.DID, got.Refusal, row.want, row.refusal)
		}
	}
}
