package relay

import "testing"

func TestLinearValues(t *testing.T) {
	for _, c := range []struct {
		name      string
		linear    func(byte) int
		octet     byte
		amplitude int
	}{
		{"A-law smallest", linearA, 0xD5, 8},
		{"A-law smallest negative", linearA, 0x55, -8},
		{"A-law largest", linearA, 0xAA, 32256},
		{"A-law largest negative", linearA, 0x2A, -32256},
		{"mu-law zero", linearMu, 0xFF, 0},
		{"mu-law first step", linearMu, 0xFE, 8},
		{"mu-law largest", linearMu, 0x80, 32124},
		{"mu-law largest negative", linearMu, 0x00, -32124},
	} {
		if got := c.linear(c.octet); got != c.amplitude {
			t.Errorf("%s: %d, want %d", c.name, got, c.amplitude)
		}
	}
}

func TestTranscodedOctetIsTheNearest(t *testing.T) {
	for octet := range 256 {
		checkNearest(t, "A to mu", linearA(byte(octet)), linearMu, aLawToMuLaw[octet])
		checkNearest(t, "mu to A", linearMu(byte(octet)), linearA, muLawToALaw[octet])
	}
}

func checkNearest(t *testing.T, name string, value int, linear func(byte) int, chosen byte) {
	t.Helper()
	for other := range 256 {
		if abs(linear(byte(other))-value) < abs(linear(chosen)-value) {
			t.Fatalf("%s: %d becomes %d, but %d is nearer", name, value, linear(chosen), linear(byte(other)))
		}
	}
}

func TestTranscodingOnlyBetweenTheLaws(t *testing.T) {
	for _, same := range []Format{PCMA, PCMU, TelephoneEvent} {
		if transcoding(same, same) != nil {
			t.Errorf("%s to itself changes octets", same)
		}
	}
	if transcoding(PCMA, PCMU) != &aLawToMuLaw || transcoding(PCMU, PCMA) != &muLawToALaw {
		t.Error("the laws are not told apart")
	}
}
