package sound

import "math"

const (
	// promptRate is the rate of G.711, which prompts are played in, in Hz.
	promptRate = 8000
	// passband is the part of half the lower rate that is kept; above it the filter falls off.
	passband = 0.9
	// crossings of zero on either side of the filter's middle: enough for more than 70 dB
	// between what is kept and what would be folded back.
	crossings = 32
)

// linear turns a wave into 16 bit samples at the rate of G.711. What is at that rate already
// is not filtered, so that a recording made for telephones passes as it is.
func (w wave) linear() []int16 {
	if w.rate == promptRate {
		samples := make([]int16, len(w.samples))
		for i, s := range w.samples {
			samples[i] = clamp(float64(s))
		}
		return samples
	}
	return newResampler(w.rate).resample(w.samples)
}

// resampler is a low-pass filter by a windowed sinc, sampled at each of the places between two
// samples of the source at which a sample of ours can come to lie.
type resampler struct {
	step, phases int // a sample of ours is step/phases samples of the source later than the one before
	half         int // samples of the source on either side
	weights      [][]float64
}

func newResampler(rate int) resampler {
	divisor := gcd(rate, promptRate)
	r := resampler{step: rate / divisor, phases: promptRate / divisor}
	cutoff := passband * float64(min(rate, promptRate)) / float64(rate) // 1 is half the source's rate
	r.half = int(math.Ceil(crossings / cutoff))
	for phase := range r.phases {
		r.weights = append(r.weights, r.phase(float64(phase)/float64(r.phases), cutoff))
	}
	return r
}

// phase gives the weights of the samples around a place that is a fraction of a sample after
// one. They add up to 1, so that silence stays silence and loud stays as loud.
func (r resampler) phase(fraction, cutoff float64) []float64 {
	weights := make([]float64, 2*r.half)
	var sum float64
	for i := range weights {
		x := float64(i-r.half+1) - fraction
		weights[i] = sinc(x*cutoff) * blackman(x/float64(r.half))
		sum += weights[i]
	}
	for i := range weights {
		weights[i] /= sum
	}
	return weights
}

func (r resampler) resample(source []float32) []int16 {
	samples := make([]int16, (len(source)*r.phases+r.step-1)/r.step)
	for n := range samples {
		at := n * r.step
		first := at/r.phases - r.half + 1
		var sum float64
		for i, weight := range r.weights[at%r.phases] {
			if k := first + i; k >= 0 && k < len(source) {
				sum += weight * float64(source[k])
			}
		}
		samples[n] = clamp(sum)
	}
	return samples
}

func sinc(x float64) float64 {
	if x == 0 {
		return 1
	}
	return math.Sin(math.Pi*x) / (math.Pi * x)
}

// blackman is the window of that name, from -1 to 1.
func blackman(x float64) float64 {
	if x <= -1 || x >= 1 {
		return 0
	}
	return 0.42 + 0.5*math.Cos(math.Pi*x) + 0.08*math.Cos(2*math.Pi*x)
}

func clamp(s float64) int16 {
	return int16(math.Round(max(math.MinInt16, min(math.MaxInt16, s*(1<<15)))))
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
