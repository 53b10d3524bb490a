package media

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"

	"maskd/media/relay"
)

// material is a key of a length, as text.
func material(n int) string {
	return base64.StdEncoding.EncodeToString(bytes.Repeat([]byte("k"), n))
}

func keyLine(tag int, suite string, n int) string {
	return fmt.Sprintf("a=crypto:%d %s inline:%s", tag, suite, material(n))
}

// elsewhere is a description of ours as another host would write it.
func elsewhere(body []byte) []byte {
	return bytes.ReplaceAll(body, []byte("203.0.113.5"), []byte("192.0.2.1"))
}

func TestCryptoLineThatWeCanUse(t *testing.T) {
	const suite = "1 AES_CM_128_HMAC_SHA1_80 "
	for _, c := range []struct {
		name, value string
		want        relay.Suite
	}{
		{"AES-CM 128, 80 bit tag", suite + "inline:" + material(30), relay.AESCM128SHA1x80},
		{"AES-CM 128, 32 bit tag", "9 AES_CM_128_HMAC_SHA1_32 inline:" + material(30), relay.AESCM128SHA1x32},
		{"AES-CM 256", "1 AES_256_CM_HMAC_SHA1_80 inline:" + material(46), relay.AESCM256SHA1x80},
		{"GCM 128", "1 AEAD_AES_128_GCM inline:" + material(28), relay.AESGCM128},
		{"GCM 256", "1 AEAD_AES_256_GCM inline:" + material(44), relay.AESGCM256},
		{"base64 without its end", "1 AEAD_AES_256_GCM inline:" + strings.TrimRight(material(44), "="), relay.AESGCM256},
		{"lifetime as a power", suite + "inline:" + material(30) + "|2^31", relay.AESCM128SHA1x80},
		{"lifetime as a number", suite + "inline:" + material(30) + "|1000000000", relay.AESCM128SHA1x80},
		{"lifetime of six hours", suite + "inline:" + material(30) + "|2^20", relay.AESCM128SHA1x80},
		{"six hours as a number", suite + "inline:" + material(30) + "|1048576", relay.AESCM128SHA1x80},
		{"all that can be counted", suite + "inline:" + material(30) + "|2^48", relay.AESCM128SHA1x80},
		{"window", suite + "inline:" + material(30) + " WSH=64", relay.AESCM128SHA1x80},

		{"nothing", "", 0},
		{"no key", "1 AES_CM_128_HMAC_SHA1_80", 0},
		{"another suite", "1 F8_128_HMAC_SHA1_80 inline:" + material(30), 0},
		{"a key too short", suite + "inline:" + material(29), 0},
		{"a key too long", suite + "inline:" + material(31), 0},
		{"no base64", suite + "inline:!!!!", 0},
		{"another method", suite + "uri:" + material(30), 0},
		{"two keys", suite + "inline:" + material(30) + ";inline:" + material(30), 0},
		{"key identifier", suite + "inline:" + material(30) + "|2^31|1:1", 0},
		{"key identifier without lifetime", suite + "inline:" + material(30) + "|1:1", 0},
		{"short life", suite + "inline:" + material(30) + "|2^16", 0},
		{"impossible life", suite + "inline:" + material(30) + "|2^64", 0},
		{"impossible life as a number", suite + "inline:" + material(30) + "|281474976710657", 0},
		{"no encryption", suite + "inline:" + material(30) + " UNENCRYPTED_SRTP", 0},
		{"no encryption of reports", suite + "inline:" + material(30) + " UNENCRYPTED_SRTCP", 0},
		{"no authentication", suite + "inline:" + material(30) + " UNAUTHENTICATED_SRTP", 0},
		{"new keys on the way", suite + "inline:" + material(30) + " KDR=12", 0},
		{"tag is no number", "x AES_CM_128_HMAC_SHA1_80 inline:" + material(30), 0},
		{"tag too long", "1234567890 AES_CM_128_HMAC_SHA1_80 inline:" + material(30), 0},
	} {
		got, ok := readCrypto(c.value)
		if ok != (c.want != 0) || got.key.Suite() != c.want {
			t.Errorf("%s: %v, %v", c.name, got.key, ok)
		}
	}
}

func TestPolicyOfEncryption(t *testing.T) {
	plain, sdes := sdpOf("192.0.2.1", audio), sdpOf("192.0.2.1", "audio 4000 RTP/SAVP 8", keyLine(1, "AES_CM_128_HMAC_SHA1_80", 30))
	over := sdpOf("192.0.2.1", audio, keyLine(1, "AES_CM_128_HMAC_SHA1_80", 30))
	broken := sdpOf("192.0.2.1", "audio 4000 RTP/SAVP 8", keyLine(1, "AES_CM_128_HMAC_SHA1_80", 7))
	dtls := sdpOf("192.0.2.1", "audio 4000 UDP/TLS/RTP/SAVPF 8")
	for _, c := range []struct {
		name      string
		policy    SRTP
		offer     []byte
		want      error
		encrypted bool
	}{
		{"off, plain", SRTPOff, plain, nil, false},
		{"off, SDES", SRTPOff, sdes, ErrNotAudio, false},
		{"off, keys over AVP", SRTPOff, over, nil, false},
		{"off, DTLS", SRTPOff, dtls, ErrNotAudio, false},
		{"optional, plain", SRTPOptional, plain, nil, false},
		{"optional, SDES", SRTPOptional, sdes, nil, true},
		{"optional, keys over AVP", SRTPOptional, over, nil, true},
		{"optional, broken key", SRTPOptional, broken, ErrCrypto, false},
		{"required, plain", SRTPRequired, plain, ErrCrypto, false},
		{"required, SDES", SRTPRequired, sdes, nil, true},
		{"required, keys over AVP", SRTPRequired, over, nil, true},
		{"required, broken key", SRTPRequired, broken, ErrCrypto, false},
		{"required, DTLS", SRTPRequired, dtls, ErrNotAudio, false},
	} {
		s, _ := opened(t, Options{A: LegOptions{SRTP: c.policy}})
		if err := s.Receive(A, c.offer); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
			continue
		}
		if _, err := s.engine.Read(c.offer, LegOptions{SRTP: c.policy}); !errors.Is(err, c.want) {
			t.Errorf("%s: checked %v, want %v", c.name, err, c.want)
		}
		if c.want != nil {
			continue
		}
		answer, err := s.Answer(A)
		must(t, err)
		crypt := s.leg(A).agreed.Crypt
		if (crypt.In.Suite() != 0) != c.encrypted || (crypt.Out.Suite() != 0) != c.encrypted || bytes.Contains(answer, []byte("a=crypto:")) != c.encrypted {
			t.Errorf("%s: %+v, %q", c.name, crypt, answer)
		}
	}
}

func TestAnswerToOurKeys(t *testing.T) {
	for _, c := range []struct {
		name   string
		policy SRTP
		answer []byte
		want   error
	}{
		{"ours", SRTPRequired, sdpOf("192.0.2.1", "audio 4000 RTP/SAVP 8", keyLine(4, "AES_CM_128_HMAC_SHA1_80", 30)), nil},
		{"with feedback", SRTPRequired, sdpOf("192.0.2.1", "audio 4000 RTP/SAVPF 8", keyLine(4, "AES_CM_128_HMAC_SHA1_80", 30)), nil},
		{"a tag of another suite", SRTPRequired, sdpOf("192.0.2.1", "audio 4000 RTP/SAVP 8", keyLine(1, "AES_CM_128_HMAC_SHA1_80", 30)), ErrCrypto},
		{"a tag that we did not give", SRTPRequired, sdpOf("192.0.2.1", "audio 4000 RTP/SAVP 8", keyLine(6, "AES_CM_128_HMAC_SHA1_80", 30)), ErrCrypto},
		{"no key", SRTPRequired, sdpOf("192.0.2.1", "audio 4000 RTP/SAVP 8"), ErrCrypto},
		{"plain where we require keys", SRTPRequired, sdpOf("192.0.2.1", audio), ErrCrypto},
		{"over AVP where we offered SAVP", SRTPRequired, sdpOf("192.0.2.1", audio, keyLine(4, "AES_CM_128_HMAC_SHA1_80", 30)), ErrCrypto},
		{"over AVP as we offered", SRTPOptional, sdpOf("192.0.2.1", audio, keyLine(4, "AES_CM_128_HMAC_SHA1_80", 30)), nil},
		{"over SAVP where we offered AVP", SRTPOptional, sdpOf("192.0.2.1", "audio 4000 RTP/SAVP 8", keyLine(4, "AES_CM_128_HMAC_SHA1_80", 30)), ErrCrypto},
		{"over AVP, none usable", SRTPOptional, sdpOf("192.0.2.1", audio, keyLine(4, "AES_CM_128_HMAC_SHA1_80", 30)+"|2^31|1:1"), ErrCrypto},
		{"over AVP, without keys", SRTPOptional, sdpOf("192.0.2.1", audio), nil},
		{"keys that we did not ask for", SRTPOff, sdpOf("192.0.2.1", audio, keyLine(4, "AES_CM_128_HMAC_SHA1_80", 30)), nil},
	} {
		s, _ := opened(t, Options{B: LegOptions{SRTP: c.policy}})
		s.Offer(B)
		if err := s.Accept(B, c.answer); !errors.Is(err, c.want) || (err == nil) != s.leg(B).settled {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
}

// What one side of a leg encrypts with is what the other one decrypts with.
func TestKeysOfBothSidesOfALegAgree(t *testing.T) {
	options := LegOptions{SRTP: SRTPRequired}
	s, _ := opened(t, Options{A: options, B: options})
	must(t, s.Receive(A, elsewhere(s.Offer(B))))
	answer, err := s.Answer(A)
	must(t, err)
	must(t, s.Accept(B, elsewhere(answer)))
	a, b := s.leg(A).agreed.Crypt, s.leg(B).agreed.Crypt
	if a.In != b.Out || a.Out != b.In || a.In == a.Out || a.In.Suite() != relay.AESGCM256 {
		t.Errorf("A %+v, B %+v", a, b)
	}
}

func TestOurKeyLastsAsLongAsTheSession(t *testing.T) {
	s, _ := opened(t, Options{A: LegOptions{SRTP: SRTPRequired}})
	offer := sdpOf("192.0.2.1", "audio 4000 RTP/SAVP 8", keyLine(1, "AES_CM_128_HMAC_SHA1_80", 30))
	must(t, s.Receive(A, offer))
	_, err := s.Answer(A)
	must(t, err)
	before := s.leg(A).agreed.Crypt
	must(t, s.Receive(A, append(offer, "a=sendonly\r\n"...)))
	_, err = s.Answer(A)
	must(t, err)
	if after := s.leg(A).agreed.Crypt; after != before {
		t.Error("a hold changed the keys")
	}
	if other, _ := opened(t, Options{}); other.leg(A).keys.secret != (secret{}) {
		t.Error("a leg without SRTP has a secret")
	}
}

// A suite taken up again counts its packets from the beginning, which its old key must not see.
func TestSuiteTakenUpAgainHasANewKey(t *testing.T) {
	s, _ := opened(t, Options{A: LegOptions{SRTP: SRTPOptional}})
	keyFor := func(suite string, n int) relay.Key {
		must(t, s.Receive(A, sdpOf("192.0.2.1", audio, keyLine(1, suite, n))))
		_, err := s.Answer(A)
		must(t, err)
		return s.leg(A).agreed.Crypt.Out
	}
	first := keyFor("AES_CM_128_HMAC_SHA1_80", 30)
	keyFor("AEAD_AES_128_GCM", 28)
	second := keyFor("AES_CM_128_HMAC_SHA1_80", 30)
	keyFor("none", 0)
	third := keyFor("AES_CM_128_HMAC_SHA1_80", 30)
	if first == second || second == third || first == third || third != keyFor("AES_CM_128_HMAC_SHA1_80", 30) {
		t.Error("keys come again, or don't last")
	}
}

// Several answers to one offer, as of several phones that ring: one that goes back to a suite which
// another one left would have its key count from the beginning.
func TestAnswerThatGoesBackToASuiteIsRefused(t *testing.T) {
	gcm := sdpOf("192.0.2.1", audio, keyLine(2, "AEAD_AES_128_GCM", 28))
	cm := sdpOf("192.0.2.2", audio, keyLine(4, "AES_CM_128_HMAC_SHA1_80", 30))
	for _, between := range [][]byte{cm, sdpOf("192.0.2.2", audio)} {
		s, _ := opened(t, Options{B: LegOptions{SRTP: SRTPOptional}})
		s.Offer(B)
		must(t, s.Accept(B, gcm))
		first := s.leg(B).agreed.Crypt.Out
		must(t, s.Accept(B, gcm))
		must(t, s.Accept(B, between))
		before := s.leg(B).agreed
		if err := s.Accept(B, gcm); !errors.Is(err, ErrCrypto) || s.leg(B).agreed != before {
			t.Errorf("%v, and B is sent %v", err, s.leg(B).agreed.Crypt.Out)
		}
		s.Offer(B)
		must(t, s.Accept(B, gcm))
		if s.leg(B).agreed.Crypt.Out == first {
			t.Error("the next offer has the same key")
		}
	}
}

func TestKeysAreNotPrinted(t *testing.T) {
	options := LegOptions{SRTP: SRTPRequired}
	s, mover := opened(t, Options{A: options, B: options})
	must(t, s.Receive(A, elsewhere(s.Offer(B))))
	answer, err := s.Answer(A)
	must(t, err)
	must(t, s.Accept(B, elsewhere(answer)))
	s.Bridge()
	flow, _ := mover.Flow(s.circuit)
	ours := s.leg(A).agreed.Crypt.Out.Material()
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%q", "%d"} {
		printed := fmt.Sprintf(strings.Repeat(verb, 4), s, flow, s.leg(A).keys.secret, crypto{key: s.leg(A).agreed.Crypt.Out})
		for _, form := range []string{
			fmt.Sprintf("%x", ours[:6]), fmt.Sprint(ours[:6])[1:10], fmt.Sprintf("%x", s.leg(A).keys.secret[:6]), base64.StdEncoding.EncodeToString(ours[:6]),
		} {
			if strings.Contains(printed, form) {
				t.Errorf("%s prints a key", verb)
			}
		}
	}
	wrong := bytes.Replace(answer, []byte("inline:"), []byte("inline:AAAA"), 1)
	if err := s.Accept(B, wrong); err == nil || strings.Contains(err.Error(), "inline") || strings.Contains(err.Error(), "AAAA") {
		t.Errorf("%v", err)
	}
}
