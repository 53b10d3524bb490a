package admin

import (
	"math"

	"maskd/media"
)

// Sound is what passed on one leg of a live call, and how well.
type Sound struct {
	PacketsIn  uint64    `json:"packets_in"` // from the peer, and passed on
	PacketsOut uint64    `json:"packets_out"`
	BytesIn    uint64    `json:"bytes_in"`
	BytesOut   uint64    `json:"bytes_out"`
	Dropped    uint64    `json:"dropped"` // from the peer or a stranger, and not passed on
	Heard      Direction `json:"heard"`   // what we get of the peer
	Told       Direction `json:"told"`    // what the peer gets of us, as its reports say
}

// Direction is how well one direction of a leg travels.
type Direction struct {
	Expected    uint64  `json:"expected"` // packets
	Lost        uint64  `json:"lost"`
	Late        uint64  `json:"late"`
	Reordered   uint64  `json:"reordered"`
	Duplicated  uint64  `json:"duplicated"`
	JitterMS    float64 `json:"jitter_ms"`     // RFC 3550 section 6.4.1
	RoundTripMS float64 `json:"round_trip_ms"` // 0: not known
	MOS         float64 `json:"mos"`           // by ITU-T G.107, 1 to 4.5; 0: not known
}

// Sounds are the two legs: A the caller's, B the callee's.
type Sounds struct {
	A Sound `json:"leg_a"`
	B Sound `json:"leg_b"`
}

func viewSounds(s *media.Stats) *Sounds {
	if s == nil || *s == (media.Stats{}) {
		return nil
	}
	return &Sounds{A: viewSound(s.Leg(media.A)), B: viewSound(s.Leg(media.B))}
}

func viewSound(s media.LegStats) Sound {
	sound := Sound{
		PacketsIn: s.In.Packets, PacketsOut: s.Out.Packets, BytesIn: s.In.Bytes, BytesOut: s.Out.Bytes,
		Heard: viewDirection(s.Heard), Told: viewDirection(s.Told),
	}
	for _, n := range s.Dropped {
		sound.Dropped += n
	}
	return sound
}

func viewDirection(q media.Quality) Direction {
	return Direction{
		Expected: q.Expected, Lost: q.Lost, Late: q.Late, Reordered: q.Reordered, Duplicated: q.Duplicated,
		JitterMS: hundredths(q.Jitter.Seconds() * 1000), RoundTripMS: hundredths(q.RoundTrip.Seconds() * 1000),
		MOS: hundredths(q.MOS()),
	}
}

func hundredths(x float64) float64 { return math.Round(x*100) / 100 }
