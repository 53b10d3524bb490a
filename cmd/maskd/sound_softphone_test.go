package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// softphone is baresip: it calls, or answers whoever calls, says what is in a file, and
// records what it hears.
type softphone struct {
	command *exec.Cmd
	said    bytes.Buffer // read it when the phone is off
	dir     string
}

// softphone starts baresip with an account's settings, such as audio_codecs=PCMA.
func (s *site) softphone(t *testing.T, host netip.Addr, number, account, source string, more ...string) *softphone {
	t.Helper()
	return s.softphoneBehind(t, s.addr(1), host, number, account, source, more...)
}

// softphoneBehind starts baresip behind a proxy.
func (s *site) softphoneBehind(t *testing.T, proxy, host netip.Addr, number, account, source string, more ...string) *softphone {
	t.Helper()
	template, err := os.ReadFile("../../testdata/baresip/config")
	if err != nil {
		t.Fatal(err)
	}
	p := &softphone{dir: s.path("baresip-" + host.String())}
	if err := os.MkdirAll(p.dir, 0o700); err != nil {
		t.Fatal(err)
	}
	fill := strings.NewReplacer("HOST", host.String(), "SOURCE", s.path(source), "RECORDINGS", p.dir)
	for name, text := range map[string]string{
		"config": fill.Replace(string(template)),
		"accounts": fmt.Sprintf("<sip:%s@%s>;regint=0;answermode=auto;ptime=20;outbound=\"sip:%s:5060\";%s\n",
			number, host, proxy, account),
	} {
		if err := os.WriteFile(p.dir+"/"+name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	p.command = exec.CommandContext(t.Context(), "baresip", append([]string{"-f", p.dir, "-t", fmt.Sprint(patience.Seconds())}, more...)...)
	p.command.Stdout, p.command.Stderr = &p.said, &p.said
	if err := p.command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.off)
	await(t, "baresip to listen", func() bool { return bound(t, "udp", host) })
	return p
}

// off ends the phone.
func (p *softphone) off() {
	if p.command.ProcessState == nil {
		_ = p.command.Process.Signal(os.Interrupt)
		_ = p.command.Wait()
	}
}

// heard returns the samples that the phone has recorded, once it is off.
func (p *softphone) heard(t *testing.T) []byte {
	t.Helper()
	files, err := filepath.Glob(p.dir + "/dump-*-dec.wav")
	if err != nil || len(files) != 1 {
		t.Fatalf("%d recordings, %v; baresip said:\n%s", len(files), err, &p.said)
	}
	recording, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	_, samples, _ := bytes.Cut(recording, []byte("data"))
	return samples[min(4, len(samples)):] // the size comes first
}

// noise is a sound that no part of repeats. Its samples are such that A-law has them too,
// so that it comes out of it as it went in.
func noise(seed uint64, samples int) []int16 {
	const step, levels = 16, 63 // of the two lowest segments (ITU-T G.711, table 1a)
	random := rand.New(rand.NewPCG(seed, seed))
	sound := make([]int16, samples)
	for i := range sound {
		sound[i] = int16(step*(random.IntN(levels)-levels/2) + step/2)
	}
	return sound
}

// wav is a file of 16-bit samples.
func wav(rate, channels int, sound []int16) string {
	var b bytes.Buffer
	size := uint32(2 * len(sound))
	for _, part := range []any{
		[]byte("RIFF"), 36 + size, []byte("WAVEfmt "), uint32(16), uint16(1), uint16(channels),
		uint32(rate), uint32(2 * rate * channels), uint16(2 * channels), uint16(16), []byte("data"), size, sound,
	} {
		_ = binary.Write(&b, binary.LittleEndian, part) // a buffer takes all
	}
	return b.String()
}
