package sip

import (
	"bytes"
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"time"

	"maskd/media/recording"
)

const (
	// window is how much of a recording is listened to at once: enough to tell the voices apart.
	window = 100 * time.Millisecond
	// doubt is for how long about a change there may be something or nothing: a frame, and how long it
	// was on its way.
	doubt = 2 * frame
	// least is what silence may be: A-law has no zero (ITU-T G.711).
	least = 8
)

// tape is what a recording sounds like: A on the left and B on the right.
type tape struct {
	manifest recording.Manifest
	sides    [2][]int16
}

// audit waits for the recording of the call, and decrypts it as an auditor does.
func (w *world) audit() tape {
	w.t.Helper()
	w.studio.deck.Close()
	defer w.studio.vault.Close()
	t := tape{manifest: <-w.studio.over}
	for _, p := range t.manifest.Parts {
		if p.Format != recording.FormatWAV {
			w.t.Fatalf("there is a part of %s", p.Format)
		}
		in, err := w.studio.vault.Open(t.manifest, p.File)
		w.must(err)
		defer in.Close()
		out, err := os.Create(filepath.Join(w.t.TempDir(), "heard.wav"))
		w.must(err)
		defer out.Close()
		w.must(recording.Export(out, in, p.Format, w.studio.auditor))
		file, err := os.ReadFile(out.Name())
		w.must(err)
		t.play(time.Duration(p.From)*time.Millisecond, file)
	}
	return t
}

// play reads the samples of a WAV file of two sides that begins when the recording has gone on for a time.
func (t *tape) play(from time.Duration, file []byte) {
	for side, samples := range t.sides {
		t.sides[side] = append(samples, make([]int16, int(from*rate/time.Second)-len(samples))...)
	}
	_, samples, _ := bytes.Cut(file, []byte("data"))
	for of := samples[4:]; len(of) >= 4; of = of[4:] {
		t.sides[0] = append(t.sides[0], int16(binary.LittleEndian.Uint16(of)))
		t.sides[1] = append(t.sides[1], int16(binary.LittleEndian.Uint16(of[2:])))
	}
}

// change is something by which a call may be recorded, or may not any more, and when that took effect.
type change struct {
	may      bool
	from, to time.Time
}

// changes does something by which the call may be recorded from then on, or may not.
func (w *world) changes(may bool, do func()) {
	c := change{may: may, from: time.Now()}
	do()
	c.to = time.Now()
	if n := len(w.consent); may != (n > 0 && w.consent[n-1].may) {
		w.consent = append(w.consent, c)
	}
}

// consented tells whether the call could be recorded at a time, and whether it surely was to be.
func (w *world) consented(at time.Time) (may, must bool) {
	for _, c := range w.consent {
		switch {
		case !at.Before(c.to):
			may, must = c.may, c.may
		case !at.Before(c.from):
			may, must = may || c.may, must && c.may
		}
	}
	return may, must
}

// compare fails wherever the tape has not what each said when all had consented, or has anything else.
func (w *world) compare(t tape) {
	w.t.Helper()
	length := t.manifest.EndedAt.Sub(t.manifest.BeganAt)
	if played := time.Duration(len(t.sides[0])) * time.Second / rate; played > length {
		w.t.Errorf("%s are on the tape of a call of %s", played, length)
	}
	for side, s := range w.speakers {
		for at := time.Duration(0); at+window <= length; at += window {
			may, must := w.said(s, t.manifest.BeganAt.Add(at))
			heard := t.tone(side, at, s.hertz)
			switch {
			case must && heard < 0.9:
				w.t.Errorf("%s of %c is missing at %s: %.2f of it", window, 'A'+side, at, heard)
			case !may && !t.silent(side, at):
				w.t.Errorf("%s of %c is not silent at %s", window, 'A'+side, at)
			}
		}
	}
}

// said tells whether there may be something of what was said in a window on the tape, and whether all
// of it must be.
func (w *world) said(s *speaker, at time.Time) (may, must bool) {
	must = true
	for moment := at.Add(-doubt); !moment.After(at.Add(window + doubt)); moment = moment.Add(frame / 2) {
		could, should := w.consented(moment)
		may, must = may || could && s.speaks(moment), must && should && s.speaks(moment)
	}
	return may, must
}

// window is a piece of a side; short where the tape is over.
func (t *tape) window(side int, at time.Duration) []int16 {
	samples := t.sides[side]
	from, to := int(at*rate/time.Second), int((at+window)*rate/time.Second)
	return samples[min(from, len(samples)):min(to, len(samples))]
}

func (t *tape) silent(side int, at time.Duration) bool {
	for _, sample := range t.window(side, at) {
		if sample < -least || sample > least {
			return false
		}
	}
	return true
}

// tone is the share of a frequency in a window, from 0 to 1, by Goertzel's filter.
func (t *tape) tone(side int, at time.Duration, hertz float64) float64 {
	var s1, s2, power float64
	samples, c := t.window(side, at), 2*math.Cos(2*math.Pi*hertz/rate)
	for _, sample := range samples {
		x := float64(sample)
		s1, s2 = x+c*s1-s2, s1
		power += x * x
	}
	if power == 0 {
		return 0
	}
	return (s1*s1 + s2*s2 - c*s1*s2) / power * 2 / float64(len(samples))
}
