package main

import (
	"bytes"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"
)

// spoken is a call between two softphones.
type spoken struct {
	name             string
	rate, channels   int
	caller, callee   string // settings of their accounts
	callers, callees string // settings of their trunks
}

var spokens = []spoken{
	{name: "g711", rate: 8000, channels: 1, caller: "audio_codecs=PCMA", callee: "audio_codecs=PCMA"},
	{
		name: "g722", rate: 16000, channels: 1, caller: "audio_codecs=G722", callee: "audio_codecs=G722",
		callers: "codecs: [g722, pcma, telephone-event]", callees: "codecs: [g722, pcma, telephone-event]",
	},
	{
		name: "opus", rate: 48000, channels: 2, caller: "audio_codecs=opus", callee: "audio_codecs=opus",
		callers: "codecs: [opus, pcma, telephone-event]", callees: "codecs: [opus, pcma, telephone-event]",
	},
	{
		name: "encrypted-caller", rate: 8000, channels: 1, caller: "audio_codecs=PCMA;mediaenc=srtp-mand", callee: "audio_codecs=PCMA",
		callers: "srtp: required",
	},
	{
		name: "encrypted-callee", rate: 8000, channels: 1, caller: "audio_codecs=PCMA", callee: "audio_codecs=PCMA;mediaenc=srtp-mand",
		callees: "srtp: required",
	},
	{
		name: "encrypted-opus", rate: 48000, channels: 2,
		caller: "audio_codecs=opus;mediaenc=srtp-mand", callee: "audio_codecs=opus;mediaenc=srtp",
		callers: "srtp: required, codecs: [opus, pcma, telephone-event]", callees: "srtp: optional, codecs: [opus, pcma, telephone-event]",
	},
}

// encrypted tells which of the two legs are.
func (k spoken) encrypted() (caller, callee bool) {
	return strings.Contains(k.callers, "srtp"), strings.Contains(k.callees, "srtp")
}

// TestSoundOfSoftphonesComesOutAsItWentIn has baresip on both sides, and
// tshark as the witness of every packet.
func TestSoundOfSoftphonesComesOutAsItWentIn(t *testing.T) {
	t.Parallel()
	var lines []line
	settings := make(map[string]string)
	for _, k := range spokens {
		lines = append(lines, line{name: k.name, transport: "udp"})
		for trunk, setting := range map[string]string{"-in": k.callers, "-out": k.callees} {
			if setting != "" {
				settings[k.name+trunk] = setting
			}
		}
	}
	s := newSite(t, lines...)
	s.tune(t, settings)
	s.start(t)
	w := s.witness(t)
	t.Run("calls", func(t *testing.T) {
		for _, k := range spokens {
			t.Run(k.name, func(t *testing.T) { t.Parallel(); s.speak(t, k) })
		}
	})
	if t.Failed() {
		return
	}
	w.mark(t, "the calls are over")
	packets, _ := w.before(w.dismiss(t), "the calls are over")
	for _, source := range borrowed(packets, s.addr(1)) {
		t.Error(source)
	}
	for _, k := range spokens {
		t.Run(k.name+" on the wire", func(t *testing.T) { passedThrough(t, s, k, packets) })
	}
}

// speak plays the call, and compares what was recorded with what was said where
// the codec loses nothing.
func (s *site) speak(t *testing.T, k spoken) {
	const length = 20 // seconds that there are to say
	l := s.line(k.name)
	samples := length * k.rate * k.channels
	saidA, saidB := wav(k.rate, k.channels, noise(1, samples)), wav(k.rate, k.channels, noise(2, samples))
	s.write(t, k.name+"-a.wav", saidA)
	s.write(t, k.name+"-b.wav", saidB)
	i := s.connect(t, l, l.number('a', 0), l.number('b', 0))
	b := s.softphone(t, l.callee, l.number('b', 0), k.callee, k.name+"-b.wav")
	a := s.softphone(t, l.caller, l.number('a', 0), k.caller, k.name+"-a.wav", "-e", "/dial sip:"+i.Parties.A.Dial+"@"+s.addr(1).String())
	await(t, "the two to talk", func() bool { return s.talking(t, l) })
	time.Sleep(3 * time.Second) // of sound to compare
	a.off()
	await(t, "the call to end", func() bool { return !s.talking(t, l) })
	b.off()
	s.expectCDRs(t, l, "answered by caller 200")
	if strings.Contains(k.caller, "PCMA") {
		expectPart(t, "what the caller hears", a.heard(t), saidB)
		expectPart(t, "what the callee hears", b.heard(t), saidA)
	}
}

// expectPart expects a second or more of the other's sound, sample for sample.
func expectPart(t *testing.T, what string, heard []byte, said string) {
	t.Helper()
	const second = 2 * 8000
	if len(heard) < second || !strings.Contains(said, string(heard)) {
		t.Errorf("%s, %d samples, is not what was said", what, len(heard)/2)
		return
	}
	t.Logf("%s: %d samples, all as they were said", what, len(heard)/2)
}

// passedThrough compares the legs as they are on the wire: what leaves one is
// what entered the other, packet by packet, and if one of them is encrypted
// nothing of it can be read there.
func passedThrough(t *testing.T, s *site, k spoken, packets []seen) {
	l := s.line(k.name)
	encryptedA, encryptedB := k.encrypted()
	for _, way := range []struct {
		from, to           netip.Addr
		entersBy, leavesBy bool // encrypted
	}{{l.caller, l.callee, encryptedA, encryptedB}, {l.callee, l.caller, encryptedB, encryptedA}} {
		entered, left := soundFrom(packets, mouth(t, packets, way.from)), soundTo(packets, mouth(t, packets, way.to))
		same := common(entered, left)
		t.Logf("%s: %d packets in, %d out, %d alike", way.from, len(entered), len(left), same)
		if len(left) < 50 || len(entered)-len(left) > inFlight || len(left) > len(entered) {
			t.Errorf("%s: %d packets in, %d out", way.from, len(entered), len(left))
		}
		if plain := !way.entersBy && !way.leavesBy; plain && same != len(left) || !plain && same != 0 {
			t.Errorf("%s: %d of %d packets are alike", way.from, same, len(left))
		}
	}
}

// mouth is where the phone on a host has its sound, as its first description says.
func mouth(t *testing.T, packets []seen, host netip.Addr) netip.AddrPort {
	t.Helper()
	for _, p := range packets {
		_, address, described := strings.Cut(string(p.payload), "\r\nc=IN IP4 ")
		if p.from.Addr() != host || p.sip == "" || !described {
			continue
		}
		_, port, _ := strings.Cut(address, "\r\nm=audio ")
		at, err := endpoint(strings.Fields(address)[0], strings.Fields(port + " ")[0])
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	t.Fatalf("%s has described no sound", host)
	return netip.AddrPort{}
}

// soundFrom and soundTo return the payloads of what is sent from and to an address.
// Those that are encrypted have a tag besides.
func soundFrom(packets []seen, at netip.AddrPort) [][]byte {
	return payloads(packets, func(p seen) bool { return p.from == at })
}

func soundTo(packets []seen, at netip.AddrPort) [][]byte {
	return payloads(packets, func(p seen) bool { return p.to == at })
}

func payloads(packets []seen, of func(seen) bool) (found [][]byte) {
	for _, p := range packets {
		if of(p) && !p.has("icmp") && len(p.payload) > rtpHeader {
			found = append(found, p.payload[rtpHeader:])
		}
	}
	return found
}

// common counts what comes in the same order in both, with a tag or without.
func common(entered, left [][]byte) (n int) {
	for _, out := range left {
		i := slices.IndexFunc(entered, func(in []byte) bool { return bytes.HasPrefix(in, out) || bytes.HasPrefix(out, in) })
		if i >= 0 {
			entered = entered[i+1:]
			n++
		}
	}
	return n
}
