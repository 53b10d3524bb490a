package media

import "maskd/media/relay"

// choice is a format in one of its variants.
type choice struct {
	format  relay.Format
	variant variant
}

// repertoire is what a leg can be sent, in our order.
type repertoire []choice

// choicesOf is what payloads mean, in their order.
func choicesOf(payloads []payload) repertoire {
	all := make(repertoire, len(payloads))
	for i, p := range payloads {
		all[i] = p.choice
	}
	return all
}

// far is what one leg's negotiation is told of the other leg: formats, each in one of few
// variants, and which way sound flows. It is all that ever crosses.
type far struct {
	repertoire repertoire
	known      bool         // the peer has spoken; else the repertoire is what it may yet turn out to have
	audio      relay.Format // what the leg settled on; zero: not yet
	wants      Direction    // what its peer wants to send and receive
}

// profile is the repertoire of a peer that has all codecs of the options in all variants.
func profile(codecs []Codec) repertoire {
	all := make(repertoire, 0, len(codecs))
	for _, codec := range codecs {
		for _, v := range variants(codec) {
			all = append(all, choice{codec, v})
		}
	}
	return all
}

// meet is the choice as this repertoire can be sent it: in the same format, or for G.711 by the
// other law.
func (r repertoire) meet(c choice) (both choice, ok bool) {
	for _, own := range r {
		if own.format != c.format {
			continue
		}
		if v, ok := own.variant.meet(c.variant, c.format); ok {
			return choice{c.format, v}, true
		}
	}
	if c.format.G711() && r.speaksG711() {
		return c, true
	}
	return choice{}, false
}

func (r repertoire) speaksG711() bool {
	for _, c := range r {
		if c.format.G711() {
			return true
		}
	}
	return false
}

// narrow is what of our codecs is offered to a peer when the other leg is as it is: all that is
// G.711, which we can turn, and events, which we can tell by other means; of the rest what the other
// leg has. So with G.711 alone an offer never depends on the other leg.
func (f far) narrow(codecs []Codec) repertoire {
	offered := make(repertoire, 0, len(codecs))
	for _, codec := range codecs {
		switch {
		case codec.Event():
			continue
		case codec.G711() && (!f.known || f.repertoire.speaksG711()):
			offered = append(offered, choice{format: codec})
		case !codec.G711() && f.known:
			if c, ok := f.first(codec); ok {
				offered = append(offered, c)
			}
		}
	}
	if !offered.speaks() {
		offered = firsts(codecs)
	}
	return offered.withEvents(codecs)
}

// first is the first variant of a format that the far leg has.
func (f far) first(format relay.Format) (choice, bool) {
	for _, c := range f.repertoire {
		if c.format == format {
			return c, true
		}
	}
	return choice{}, false
}

// firsts is every audio codec in its first variant: what is offered to the first of two peers
// where there is no G.711.
func firsts(codecs []Codec) (r repertoire) {
	for _, codec := range codecs {
		if codec.Audio() {
			r = append(r, choice{codec, variants(codec)[0]})
		}
	}
	return r
}

func (r repertoire) speaks() bool {
	for _, c := range r {
		if c.format.Audio() {
			return true
		}
	}
	return false
}

// withEvents adds DTMF at the clocks of the audio there is, if the codecs have it at all.
func (r repertoire) withEvents(codecs []Codec) repertoire {
	for _, codec := range codecs {
		if codec != TelephoneEvent {
			continue
		}
		events := []choice{{format: TelephoneEvent}}
		for _, event := range []Codec{relay.TelephoneEventWide, relay.TelephoneEventFull} {
			if r.needs(event) {
				events = append(events, choice{format: event})
			}
		}
		return append(r, events...)
	}
	return r
}

func (r repertoire) needs(event relay.Format) bool {
	for _, c := range r {
		if c.format.Audio() && isEvent(event, c.format) {
			return true
		}
	}
	return false
}

// match is the audio of a peer's offer, in our order, with which the call goes on: what the other
// leg settled on if this peer has it, else the first that the other leg can be sent. Before
// anything is known of the other leg it is G.711, if there is any.
func (f far) match(ours []payload) (payload, bool) {
	for _, wanted := range [](func(relay.Format) bool){
		func(format relay.Format) bool { return format == f.audio },
		func(format relay.Format) bool { return !f.known && format.G711() },
		relay.Format.Audio,
	} {
		for _, p := range ours {
			if !p.format.Audio() || !wanted(p.format) {
				continue
			}
			if c, ok := f.repertoire.meet(p.choice); ok {
				return payload{c, p.number}, true
			}
		}
	}
	return payload{}, false
}

// heed is the audio of a peer's answer with which the call goes on: the first, since it is what
// the peer will send. Which law of G.711 that is does not matter, so it is chosen as in a match.
func (f far) heed(answer, ours []payload) (payload, bool) {
	for _, p := range answer {
		switch {
		case p.format.G711():
			return f.match(laws(ours))
		case p.format.Audio():
			return f.match([]payload{p})
		}
	}
	return payload{}, false
}

func laws(payloads []payload) (g711 []payload) {
	for _, p := range payloads {
		if p.format.G711() {
			g711 = append(g711, p)
		}
	}
	return g711
}

// accompany is the audio and what goes with it of a peer's payloads: comfort noise where the
// other leg has it too, and events.
func (f far) accompany(audio payload, ours []payload) []payload {
	all := append(make([]payload, 0, len(ours)), audio)
	for _, p := range ours {
		_, common := f.first(p.format)
		_, already := find(all, p.format)
		noise := p.format == ComfortNoise && common && audio.format.Clock() == ComfortNoise.Clock()
		if !already && (noise || p.format.Event() && isEvent(p.format, audio.format)) {
			all = append(all, p)
		}
	}
	return all
}
