package edge

import (
	"net/netip"
	"testing"
	"time"

	"maskd/mapping"
	"maskd/sip/dialplan"
)

// britain is a trunk that writes 0NSN.
func britain() Trunk {
	t := carrier()
	t.Format = dialplan.Plan{Form: dialplan.National, Bare: dialplan.BareNational, Country: "44", TrunkPrefix: "0", InternationalPrefix: "00"}
	return t
}

func TestNumbersAreReadByTheFormatOfTheTrunk(t *testing.T) {
	trunk := britain()
	req := request(t, invite().start("INVITE sip:02079460000@192.0.2.50 SIP/2.0").and("P-Asserted-Identity: <tel:00919876543210>"), sdp)
	id := identify(req, &trunk, time.Time{})
	if id.DID != "+442079460000" || id.Caller != number(t, "+919876543210") {
		t.Errorf("DID %q, caller %v", id.DID, id.Caller)
	}
}

func TestNumbersAreDialledByTheFormatOfTheTrunk(t *testing.T) {
	trunk := britain()
	trunk.Format.TechPrefix = "77*"
	o := Outbound{trunk: &trunk, edge: newListener(UDP).edge,
		invitation: Invitation{Target: number(t, "+447700900123"), Show: "+442079460000"}}
	o.listener = newListener(UDP)
	o.targets, o.tries = []Target{{Gateway: trunk.Gateways[0], Network: UDP, Addr: netip.MustParseAddrPort(carrierAddr)}}, 1
	d := o.newDialog()
	if d.target.User != "77*07700900123" || d.remote.uri.User != d.target.User || d.local.uri.User != "02079460000" {
		t.Errorf("invites %s, as %s", d.target.User, d.local.uri.User)
	}
}

// Whatever a service is called by, the call is refused and nobody is looked up.
func TestACallToAServiceIsRefused(t *testing.T) {
	for uri, want := range map[string]mapping.Refusal{
		"sip:112@192.0.2.50":                      mapping.RefusalEmergency,
		"sip:+911@192.0.2.50;user=phone":          mapping.RefusalEmergency,
		"sip:9%39%39@192.0.2.50":                  mapping.RefusalEmergency,
		"tel:112;phone-context=+44":               mapping.RefusalEmergency,
		"tel:112;phone-context=+442079":           mapping.RefusalEmergency, // which would be a number
		"urn:service:sos":                         mapping.RefusalEmergency,
		"URN:Service:SOS.police":                  mapping.RefusalEmergency,
		"sip:12345@192.0.2.50":                    mapping.RefusalShortCode,
		"sip:100500@192.0.2.50":                   mapping.RefusalShortCode,
		"sip:+15550100001@192.0.2.50":             0,
		"sip:front-desk@192.0.2.50":               0,
		"sip:9115550100@192.0.2.50":               0,
		"sip:5550;phone-context=+1555010@192.0.2": 0, // a local number may be short
	} {
		trunk := carrier()
		req := request(t, invite().start("INVITE "+uri+" SIP/2.0"), sdp)
		if v := screen(req); v != (verdict{}) {
			t.Errorf("%s is answered %d", uri, v.status)
		}
		id := identify(req, &trunk, time.Time{})
		if id.Refusal != want || want != 0 && id.DID != "" {
			t.Errorf("%s: DID %q, refusal %q, want %q", uri, id.DID, id.Refusal, want)
		}
	}
	other := request(t, invite().start("INVITE urn:service:counseling SIP/2.0"), sdp)
	if v := screen(other); v.status != 416 {
		t.Errorf("another URN is answered %d", v.status)
	}
}
