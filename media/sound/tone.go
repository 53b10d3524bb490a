package sound

import (
	"math"
	"time"

	"maskd/media/relay"
)

// Tone is a sound made of one or two sines that sound and pause in turn (ITU-T E.180).
type Tone struct {
	Frequencies []float64       // Hz
	Cadence     []time.Duration // sound, pause, sound, pause ...
}

// toneLevel of each sine, as a part of full scale: about -13 dBm0, within what E.180 asks for.
const toneLevel = 0.16

// ramp at both ends of a sound, without which it begins and ends with a click.
const ramp = 5 * time.Millisecond

// Ringback is what a caller hears while it rings, as E.180 recommends it. It is the same for all, so
// that it does not tell where the callee is. Played in a loop.
func Ringback() Tone {
	return Tone{[]float64{425}, []time.Duration{time.Second, 4 * time.Second}}
}

// Warning says that the call is about to end: two short beeps, higher than any tone of a
// country's network. Played once.
func Warning() Tone {
	beep := 150 * time.Millisecond
	return Tone{[]float64{1400}, []time.Duration{beep, beep, beep, beep}}
}

// Invitation asks to type something: one beep, between the warning's pitch and a network's. Played
// once.
func Invitation() Tone { return Tone{[]float64{1000}, []time.Duration{300 * time.Millisecond}} }

// Goodbye says that the call is over: three notes that fall. Played once.
func Goodbye() *Prompt { return melody(250*time.Millisecond, 880, 660, 440) }

// Unobtainable says that nobody can be reached by the number: the special
// information tone of E.180, three notes that rise, and a second of silence, twice.
// Played once.
func Unobtainable() *Prompt {
	return melody(330*time.Millisecond, 950, 1400, 1800, 0, 0, 0, 950, 1400, 1800)
}

// melody is notes of one length, one after the other; a frequency of 0 is a rest.
func melody(length time.Duration, notes ...float64) *Prompt {
	var samples []int16
	for _, note := range notes {
		samples = append(samples, Tone{[]float64{note}, []time.Duration{length}}.linear()...)
	}
	return &Prompt{relay.NewClip(samples)}
}

// Prompt is the tone's whole cadence, to be played once or in a loop.
func (t Tone) Prompt() *Prompt { return &Prompt{relay.NewClip(t.linear())} }

func (t Tone) linear() (samples []int16) {
	for i, length := range t.Cadence {
		span := make([]int16, int(length*promptRate/time.Second))
		if i%2 == 0 {
			t.sound(span)
		}
		samples = append(samples, span...)
	}
	return samples
}

func (t Tone) sound(span []int16) {
	edge := float64(ramp * promptRate / time.Second)
	for i := range span {
		var sum float64
		for _, frequency := range t.Frequencies {
			sum += toneLevel * math.Sin(2*math.Pi*frequency*float64(i)/promptRate)
		}
		distance := float64(min(i, len(span)-1-i))
		span[i] = clamp(sum * min(1, distance/edge))
	}
}
