package media

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"maskd/media/relay"
)

// profiles are the options of the calls in the folders of testdata/calls.
var profiles = map[string]Options{
	"telephone":      {},
	"all-codecs":     {A: LegOptions{Codecs: wide}, B: LegOptions{Codecs: wide}},
	"srtp-optional":  {A: LegOptions{SRTP: SRTPOptional}, B: LegOptions{SRTP: SRTPOptional}},
	"srtp-required":  {A: LegOptions{SRTP: SRTPRequired}, B: LegOptions{SRTP: SRTPRequired}},
	"srtp-towards-a": {A: LegOptions{SRTP: SRTPRequired}},
	"mux-towards-b":  {B: LegOptions{Mux: true}},
}

var wide = []Codec{Opus, AMRWB, G722, PCMA, PCMU, AMR, G729, L16Wide, L16, ComfortNoise, TelephoneEvent}

func opened(t testing.TB, options Options) (*Session, *relay.Mute) {
	t.Helper()
	cfg := fixed()
	mover := relay.NewMute(cfg.Ports)
	engine := New(cfg, mover)
	t.Cleanup(engine.Close)
	s, err := engine.Open(options)
	must(t, err)
	return s, mover
}

// Each file has what both peers say, and what each of them hears of us.
func TestCalls(t *testing.T) {
	names, err := filepath.Glob("testdata/calls/*/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatalf("%d calls, %v", len(names), err)
	}
	for _, name := range names {
		profile := filepath.Base(filepath.Dir(name))
		t.Run(profile+"/"+strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			options, ok := profiles[profile]
			call, err := txtar.ParseFile(name)
			must(t, err)
			if !ok || len(call.Files) != 4 {
				t.Fatalf("%d parts, known %v", len(call.Files), ok)
			}
			s, _ := opened(t, options)
			must(t, s.Receive(A, call.Files[0].Data))
			toB := s.Offer(B)
			must(t, s.Accept(B, call.Files[2].Data))
			toA, err := s.Answer(A)
			must(t, err)
			written := *call
			written.Files = append([]txtar.File(nil), call.Files...)
			written.Files[1].Data, written.Files[3].Data = unix(toB), unix(toA)
			if *update {
				must(t, os.WriteFile(name, txtar.Format(&written), 0o644))
				return
			}
			if diff := cmp.Diff(string(txtar.Format(call)), string(txtar.Format(&written))); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func unix(body []byte) []byte { return bytes.ReplaceAll(body, []byte("\r\n"), []byte("\n")) }
