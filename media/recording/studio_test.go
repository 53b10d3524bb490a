package recording

import (
	"bytes"
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"filippo.io/age"
	"go.uber.org/goleak"

	"maskd/media"
	"maskd/media/relay"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// cover turns what it covers upside down, until it is erased.
type cover struct{ erased bool }

func (c *cover) Seal(_ Manifest, head []byte) ([]byte, error) {
	turned := make([]byte, len(head))
	for i, octet := range head {
		turned[i] = ^octet
	}
	return turned, nil
}

func (c *cover) Sign(text []byte) ([]byte, error) { return append(text, "signed"...), nil }

func (c *cover) Verify(signed []byte) ([]byte, error) {
	if text, ok := bytes.CutSuffix(signed, []byte("signed")); ok {
		return text, nil
	}
	return nil, errors.New("the signature is missing")
}

func (c *cover) Open(m Manifest, sealed []byte) ([]byte, error) {
	if c.erased {
		return nil, ErrErased
	}
	return c.Seal(m, sealed)
}

// studio is a vault, and the auditor who has its key.
type studio struct {
	t       *testing.T
	cover   cover
	dir     string
	vault   *Vault
	auditor *age.X25519Identity
}

func newStudio(t *testing.T) *studio {
	t.Helper()
	auditor, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	s := &studio{t: t, dir: filepath.Join(t.TempDir(), "recordings"), auditor: auditor}
	if s.vault, err = OpenVault(s.dir, &s.cover, auditor.Recipient().String()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.vault.Close() })
	return s
}

// export decrypts a part as an auditor does, and returns the path of what he has then.
func (s *studio) export(p Part) (string, error) {
	s.t.Helper()
	in, err := s.vault.Open(Manifest{}, p.File)
	if err != nil {
		return "", err
	}
	defer in.Close()
	out, err := os.Create(filepath.Join(s.t.TempDir(), "export"+p.Format.Extension()))
	if err != nil {
		s.t.Fatal(err)
	}
	defer out.Close()
	return out.Name(), Export(out, in, p.Format, s.auditor)
}

// voice is a telephone that speaks: at some times a tone, and nothing in between (DTX).
type voice struct {
	speaker media.Leg
	format  relay.Format
	hertz   float64
	ppm     float64       // how much its clock is fast
	travel  time.Duration // how long each packet is on its way, and up to how much longer
	jitter  time.Duration
	loss    float64
	speaks  func(at time.Duration) bool
	dice    *rand.Rand
	word    []byte // the packet that it says over and over, in place of a tone in A-law
	aligned bool   // that is octet-aligned
}

const frame = 20 * time.Millisecond

// say returns what arrives of a time of its life, in order of arrival.
func (v *voice) say(begun time.Time, long time.Duration) []media.Sound {
	var said []media.Sound
	rate := float64(v.format.Clock()) * (1 + v.ppm/1e6)
	for at := time.Duration(0); at < long; at += frame {
		begins := v.speaks(at) && (at == 0 || !v.speaks(at-frame))
		if !v.speaks(at) || v.dice.Float64() < v.loss && !begins { // where it begins is measured
			continue
		}
		stamp := at.Seconds() * rate
		said = append(said, media.Sound{Speaker: v.speaker, TapPacket: relay.TapPacket{
			End: int(v.speaker) - 1, Format: v.format, Aligned: v.aligned, Timestamp: uint32(int64(stamp)) - 1000,
			At:      begun.Add(at + v.travel + time.Duration(v.dice.Float64()*float64(v.jitter))),
			Payload: v.says(stamp),
		}})
	}
	slices.SortStableFunc(said, func(a, b media.Sound) int { return a.At.Compare(b.At) })
	return said
}

func (v *voice) says(from float64) []byte {
	if v.word != nil {
		return v.word
	}
	return v.tone(from)
}

// tone is a frame in A-law, of which any other is as good as a carrier of frequency.
func (v *voice) tone(from float64) []byte {
	payload := make([]byte, 160)
	for i := range payload {
		want := int16(10000 * math.Sin(2*math.Pi*v.hertz*(from+float64(i))/8000))
		payload[i] = companded(want)
	}
	return payload
}

// companded finds the octet of A-law that is nearest to a sample.
func companded(want int16) (best byte) {
	const positive = 0xD5
	magnitude, sign := want, byte(0)
	if want < 0 {
		magnitude, sign = -want, 0x80
	}
	low, high := 0, 127
	for low < high {
		middle := (low + high + 1) / 2
		if relay.Linear(relay.PCMA, byte(middle)^positive) <= magnitude {
			low = middle
		} else {
			high = middle - 1
		}
	}
	return byte(low) ^ positive ^ sign
}

// goertzel is the share of a frequency in what was recorded, from 0 to 1.
func goertzel(samples []int16, hertz, rate float64) float64 {
	var s1, s2, power float64
	c := 2 * math.Cos(2*math.Pi*hertz/rate)
	for _, x := range samples {
		s1, s2 = float64(x)+c*s1-s2, s1
		power += float64(x) * float64(x)
	}
	if power == 0 {
		return 0
	}
	return (s1*s1 + s2*s2 - c*s1*s2) / power * 2 / float64(len(samples))
}
