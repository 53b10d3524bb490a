package edge

import (
	"crypto/x509"
	"errors"
	"slices"
	"testing"
)

func TestWhichCertificatesProveATrunk(t *testing.T) {
	ours, theirs := newAuthority(t), newAuthority(t)
	domains := []string{"carrier.example", "backup.example"}
	for _, row := range []struct {
		name  string
		by    *authority
		about []subject
		want  error
	}{
		{"a DNS name", ours, []subject{dns("carrier.example")}, nil},
		{"one name of several", ours, []subject{dns("x.example", "backup.example")}, nil},
		{"a SIP URI", ours, []subject{uris("sip:carrier.example")}, nil},
		{"in other case", ours, []subject{uris("SIP:Carrier.EXAMPLE")}, nil},
		{"a SIP URI beside other names", ours, []subject{uris("https://x.example/", "sip:carrier.example"), dns("x.example")}, nil},
		{"a DNS name beside a URI that is not SIP's", ours, []subject{uris("https://x.example/"), dns("carrier.example")}, nil},
		{"for clients", ours, []subject{dns("carrier.example"), keyUsage(x509.ExtKeyUsageClientAuth)}, nil},
		{"for SIP alone (RFC 5924)", ours, []subject{dns("carrier.example"), sipUsage}, nil},
		{"for nothing in particular", ours, []subject{dns("carrier.example"), keyUsage()}, nil},

		{"for code signing", ours, []subject{dns("carrier.example"), keyUsage(x509.ExtKeyUsageCodeSigning)}, errUntrusted},
		{"another authority's", theirs, []subject{dns("carrier.example")}, errUntrusted},
		{"expired", ours, []subject{dns("carrier.example"), expired}, errOutOfDate},
		{"another's name", ours, []subject{dns("rival.example")}, errDomain},
		{"no name", ours, nil, errDomain},
		{"the common name alone", ours, []subject{common("carrier.example")}, errDomain},
		{"a wildcard (RFC 5922 section 7.2)", ours, []subject{dns("*.example")}, errDomain},
		{"a subdomain", ours, []subject{dns("sbc.carrier.example")}, errDomain},
		{"a user's SIP URI", ours, []subject{uris("sip:someone@carrier.example")}, errDomain},
		{"a sips URI", ours, []subject{uris("sips:carrier.example")}, errDomain},
		{"a DNS name beside another's SIP URI (RFC 5922 section 7.1)", ours, []subject{uris("sip:rival.example"), dns("carrier.example")}, errDomain},
	} {
		t.Run(row.name, func(t *testing.T) {
			chain := []*x509.Certificate{row.by.issue(row.about...).Leaf}
			if err := verify(chain, ours.roots(), domains); !errors.Is(err, row.want) {
				t.Errorf("verify = %v, want %v", err, row.want)
			}
		})
	}
	if err := verify(nil, ours.roots(), domains); !errors.Is(err, errNotShown) {
		t.Errorf("of no certificate: %v", err)
	}
	good := []*x509.Certificate{ours.issue(dns("carrier.example")).Leaf}
	if err := verify(good, ours.roots(), nil); !errors.Is(err, errDomain) {
		t.Errorf("of a trunk without names: %v", err)
	}
}

func TestATrunkIsKnownByItsGatewaysHosts(t *testing.T) {
	named := Trunk{Gateways: []Gateway{
		{Network: TLS, Host: "a.example"}, {Network: TLS, Host: "192.0.2.1"}, {Network: UDP, Host: "b.example"},
	}}
	if got := named.domains(); !slices.Equal(got, []string{"a.example"}) {
		t.Errorf("domains = %v", got)
	}
	named.TLS.Names = []string{"carrier.example"}
	if got := named.domains(); !slices.Equal(got, []string{"carrier.example"}) {
		t.Errorf("domains = %v", got)
	}
}
