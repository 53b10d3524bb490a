package edge

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"maskd/mapping"
	"maskd/sip/stir"
)

const (
	certificateURL = "https://certificates.example.net/carrier.pem"
	callerNumber   = "+919876543210" // of invite
	dialledNumber  = "+15550100001"
)

// noon is when the calls of these tests are signed.
var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// notary returns who signs as a provider, and who knows its certificate.
func notary(t testing.TB, level stir.Attestation) (*stir.Signer, *stir.Verifier) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	// A list with one service provider's code (RFC 8226 section 9).
	numbers := pkix.Extension{Id: []int{1, 3, 6, 1, 5, 5, 7, 1, 26}, Value: []byte("\x30\x08\xa0\x06\x16\x04709J")}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: noon.AddDate(-30, 0, 0), NotAfter: noon.AddDate(1, 0, 0), // fake time begins in 2000
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign, ExtraExtensions: []pkix.Extension{numbers}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	signer, err := stir.NewSigner(pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: secret}), certificateURL, level)
	if err != nil {
		t.Fatal(err)
	}
	verifier, err := stir.NewVerifier(certificate, map[stir.URLHash][]byte{stir.HashURL(certificateURL): certificate})
	if err != nil {
		t.Fatal(err)
	}
	return signer, verifier
}

func signature(t *testing.T, by *stir.Signer, orig, dest string, at time.Time) string {
	t.Helper()
	value, err := by.Sign(orig, dest, "123e4567-e89b-12d3-a456-426655440000", at)
	if err != nil {
		t.Fatal(err)
	}
	return "Identity: " + value
}

func TestACallerIsBelievedAsFarAsTheTrunkShows(t *testing.T) {
	full, verifier := notary(t, stir.Full)
	stranger, _ := notary(t, stir.Full)
	good := signature(t, full, callerNumber, dialledNumber, noon)
	div := strings.Replace(good, "ppt=shaken", "ppt=div", 1)
	pai := func(verstat string) lines {
		return invite().and("P-Asserted-Identity: <sip:" + callerNumber + verstat + "@h>")
	}
	none, checked := Assurance{}, Assurance{Minimum: stir.Full, Verifier: verifier}
	told := Assurance{Minimum: stir.Partial, Verstat: true}
	for _, row := range []struct {
		name  string
		asked Assurance
		msg   lines
		want  mapping.Refusal
	}{
		{"nothing is asked for", none, invite(), 0},
		{"nothing is asked for, nor looked at", none, invite().and("Identity: rubbish"), 0},
		{"nothing is shown", checked, invite(), mapping.RefusalUnverified},
		{"a signature", checked, invite().and(good), 0},
		{"among others", checked, invite().and("Identity: rubbish").and(div).and(good), 0},
		{"behind too many", checked, invite().and(div).and(div).and(div).and(div).and(good), mapping.RefusalUnverified},
		{"an old one", checked, invite().and(signature(t, full, callerNumber, dialledNumber, noon.Add(-2*time.Minute))), mapping.RefusalUnverified},
		{"another caller's", checked, invite().and(signature(t, full, "+919876543211", dialledNumber, noon)), mapping.RefusalUnverified},
		{"for another DID", checked, invite().and(signature(t, full, callerNumber, "+15550100002", noon)), mapping.RefusalUnverified},
		{"a stranger's", checked, invite().and(signature(t, stranger, callerNumber, dialledNumber, noon)), mapping.RefusalUnverified},
		{"a huge one", checked, invite().and("Identity: " + strings.Repeat("A", 9000)), mapping.RefusalUnverified},
		{"verdict without a trunk that is trusted for it", checked, pai(";verstat=TN-Validation-Passed").and("Attestation-Info: A"), mapping.RefusalUnverified},
		{"signature without a certificate", told, invite().and(good), mapping.RefusalUnverified},
		{"verdict and attestation", told, pai(";verstat=TN-Validation-Passed").and("Attestation-Info: A"), 0},
		{"the least that is enough", told, pai(";verstat=TN-Validation-Passed").and("P-Attestation-Indicator: B"), 0},
		{"verdict with attestation", told, pai(";verstat=TN-Validation-Passed-B"), 0},
		{"too little", told, pai(";verstat=TN-Validation-Passed").and("Attestation-Info: C"), mapping.RefusalUnverified},
		{"two attestations", told, pai(";verstat=TN-Validation-Passed").and("Attestation-Info: A").and("P-Attestation-Indicator: C"), mapping.RefusalUnverified},
		{"verdict alone", told, pai(";verstat=TN-Validation-Passed"), mapping.RefusalUnverified},
		{"a bad verdict", told, pai(";verstat=TN-Validation-Failed").and("Attestation-Info: A"), mapping.RefusalUnverified},
		{"two verdicts in one", told, pai(";verstat=TN-Validation-Passed;verstat=TN-Validation-Failed").and("Attestation-Info: A"), mapping.RefusalUnverified},
		{"verdict behind the host", told, invite().and("P-Asserted-Identity: <sip:" + callerNumber + "@h;verstat=TN-Validation-Passed>").and("Attestation-Info: A"), 0},
		{"verdict on From, which is not the one trusted", told,
			pai("").with("From: <sip:" + callerNumber + ";verstat=TN-Validation-Passed@h>;tag=1").and("Attestation-Info: A"), mapping.RefusalUnverified},
		{"nobody calls: that is another refusal", checked, invite().with("From: <sip:anonymous@anonymous.invalid>;tag=1"), 0},
	} {
		trunk := carrier()
		trunk.Assurance = row.asked
		if id := identify(request(t, row.msg, sdp), &trunk, noon); id.Refusal != row.want {
			t.Errorf("%s: refusal %q, want %q", row.name, id.Refusal, row.want)
		}
	}
}

// What we sign is the DID and the number that we dial, whatever a caller signed.
func TestOurInviteIsSignedWhereTheTrunkAsks(t *testing.T) {
	signer, verifier := notary(t, stir.Partial)
	inExchange(t, func(x *exchange) {
		x.edge.peers().trunks[0].Signer = signer
		r := x.ring()
		m := x.invited()
		level, err := verifier.Verify(m.Get("Identity"), stir.Call{Orig: "+15550100002", Dest: "+447700900123"}, time.Now())
		if err != nil || level != stir.Partial {
			t.Errorf("attests %q, %v", level, err)
		}
		for _, h := range m.Headers {
			if h.Name != "Identity" && !slices.Contains(requestHeaders, h.Name) {
				t.Errorf("a signed INVITE has %s", h.Name)
			}
		}
		if len(m.All("Identity")) != 1 {
			t.Errorf("%d Identity headers", len(m.All("Identity")))
		}
		r.Close()
	})
}
