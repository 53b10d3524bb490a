package media

import (
	"testing"
	"time"
)

// Two who are parted hear what is played to each, and nothing of each other, even if
// the bridge is opened again.
func TestPartedLegsHearOnlyUs(t *testing.T) {
	const host = "127.22.0.9"
	s, a, answer := answered(t, host, nil)
	b := phone(t, host)
	s.Offer(B)
	must(t, s.Accept(B, offerOf(b, "8")))
	s.Bridge()
	to := portIn(t, answer)
	send(t, a, to, 8, 0, "from A")
	if got := hear(t, b); string(got.Payload) != "from A" {
		t.Fatalf("B heard %q of A before", got.Payload)
	}
	s.Part()
	s.Bridge()
	s.Preview(A)
	for i := range uint16(5) {
		send(t, a, to, 8, 1+i, "from A")
	}
	octets := make([]byte, 160)
	for i := range octets {
		octets[i] = 0x2a
	}
	prompt := prompt(t, octets)
	must(t, s.Play(A, prompt, false))
	must(t, s.Play(B, prompt, false))
	if got := hear(t, b); string(got.Payload) != string(octets) {
		t.Errorf("B heard %x, want the prompt", got.Payload)
	}
	if got := hear(t, a); string(got.Payload) != string(octets) {
		t.Errorf("A heard %x, want the prompt", got.Payload)
	}
	if in := s.Stats().Leg(A).In.Packets; in != 1 {
		t.Errorf("%d packets of A were sent on, not the one before", in)
	}
}

// A key takes a tenth of a second to be sent, and others wait behind it.
func TestPartedLegsAreSentNoKeysOfBefore(t *testing.T) {
	s, a, _ := answered(t, "127.22.0.27", nil)
	s.Bridge()
	for range 5 {
		must(t, s.SendDigit(A, 7, time.Second))
	}
	if got := hear(t, a); got.PayloadType != 101 {
		t.Fatalf("A hears %d, not the key", got.PayloadType)
	}
	s.Part()
	must(t, s.SendDigit(A, 8, time.Second))
	sent := s.Stats().Leg(A).Out.Packets
	must(t, s.Play(A, prompt(t, make([]byte, 160)), false))
	for range sent - 1 {
		if got := hear(t, a); got.PayloadType != 101 {
			t.Errorf("A hears %d of before, not the key", got.PayloadType)
		}
	}
	if got := hear(t, a); got.PayloadType != 8 {
		t.Errorf("A hears %d, a key of before: %x", got.PayloadType, got.Payload)
	}
}
