package relay

import (
	"math"
	"time"
)

// impairment is what a codec does to speech by itself, and how well it stands losses (ITU-T
// G.113 appendix I: Ie and Bpl).
type impairment struct {
	equipment  float64
	robustness float64
}

// impairmentOf a codec that the narrowband E-model speaks of. For G.711 it is with packet loss
// concealment, which all telephones have.
func impairmentOf(codec Format) impairment {
	switch codec {
	case PCMA, PCMU:
		return impairment{0, 25.1}
	case G729:
		return impairment{10, 19}
	case AMR:
		return impairment{5, 10}
	default:
		return impairment{}
	}
}

// MOS is the mean opinion score that the E-model gives the direction (ITU-T G.107), from 1 to
// 4.5; 0 where nothing was expected, or the codec is none of the narrowband model. What is late
// counts as lost; the delay is half the round trip and a jitter buffer of twice the jitter.
func (q Quality) MOS() float64 {
	codec := impairmentOf(q.Codec)
	if q.Expected == 0 || codec.robustness == 0 {
		return 0
	}
	loss := float64(min(q.Expected, q.Lost+q.Late)) / float64(q.Expected)
	return score(transmission(codec, loss, q.RoundTrip/2+2*q.Jitter))
}

// transmission is the rating R with all else at the defaults of G.107 table 2, which give 93.2.
// The loss is a part of 1, and falls at random.
func transmission(codec impairment, loss float64, delay time.Duration) float64 {
	const best = 93.2
	percent := 100 * loss
	equipment := codec.equipment + (95-codec.equipment)*percent/(percent+codec.robustness)
	return best - delayed(delay) - equipment
}

// delayed is Idd, the impairment by too long a delay (G.107 section 3.5, equation 3-27 on).
func delayed(delay time.Duration) float64 {
	const harmless = 100 * time.Millisecond
	if delay <= harmless {
		return 0
	}
	x := math.Log2(float64(delay) / float64(harmless))
	return 25 * (math.Pow(1+math.Pow(x, 6), 1.0/6) - 3*math.Pow(1+math.Pow(x/3, 6), 1.0/6) + 2)
}

// score turns R into a mean opinion score (G.107 annex B).
func score(r float64) float64 {
	switch {
	case r <= 0:
		return 1
	case r >= 100:
		return 4.5
	default:
		return max(1, 1+0.035*r+r*(r-60)*(100-r)*7e-6)
	}
}
