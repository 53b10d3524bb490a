package media

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"maskd/media/relay"
	"maskd/media/sound"
)

// score writes down what a mover is told to play, and can notice things.
type score struct {
	*relay.Mute
	told   []string
	events chan relay.Event
}

func (s *score) Play(_ relay.Circuit, end int, clip *relay.Clip, loop bool) {
	s.told = append(s.told, fmt.Sprintf("play %d to %d, loop %v", clip.Samples(), end, loop))
}

func (s *score) Stop(_ relay.Circuit, end int) { s.told = append(s.told, fmt.Sprintf("stop %d", end)) }

func (s *score) Press(_ relay.Circuit, end int, digit relay.Digit, d time.Duration) {
	s.told = append(s.told, fmt.Sprintf("press %s to %d for %s", digit, end, d))
}

func (s *score) Events() <-chan relay.Event { return s.events }

func scored(t *testing.T, options Options) (*Session, *score) {
	t.Helper()
	mover := &score{Mute: relay.NewMute(fixed().Ports), events: make(chan relay.Event)}
	engine := New(fixed(), mover)
	t.Cleanup(engine.Close)
	s, err := engine.Open(options)
	must(t, err)
	return s, mover
}

func TestPlayingNeedsNoBridge(t *testing.T) {
	s, mover := scored(t, Options{})
	must(t, s.Receive(A, both))
	_, err := s.Answer(A)
	must(t, err)
	must(t, s.Play(A, sound.Warning().Prompt(), true))
	must(t, s.SendDigit(A, 5, 100*time.Millisecond))
	s.StopPlaying(A)
	if want := []string{"play 4800 to 0, loop true", "press 5 to 0 for 100ms", "stop 0"}; !slices.Equal(mover.told, want) {
		t.Errorf("%q", mover.told)
	}
	flow, ok := mover.Flow(s.circuit)
	if a, b := flow.Ends[0], flow.Ends[1]; !ok || a.Speaks || !a.Listens || b.RTP.IsValid() {
		t.Errorf("A %+v, B %+v", a, b)
	}
}

// Before the bridge a prompt or a PIN opens the way to and from a leg, and none between them.
func TestNothingPassesBetweenTheLegsBeforeTheBridge(t *testing.T) {
	s, mover := scored(t, Options{})
	talk(t, s, both, muLaw)
	s.Swallow(A, true)
	must(t, s.Play(B, sound.Ringback().Prompt(), true))
	flow, ok := mover.Flow(s.circuit)
	if a, b := flow.Ends[0], flow.Ends[1]; !ok || a.Speaks || b.Speaks || !a.Swallow || b.Swallow {
		t.Errorf("A %+v, B %+v", a, b)
	}
	s.Bridge()
	s.Swallow(A, false)
	flow, _ = mover.Flow(s.circuit)
	if a, b := flow.Ends[0], flow.Ends[1]; !a.Speaks || !b.Speaks || a.Swallow {
		t.Errorf("bridged: A %+v, B %+v", a, b)
	}
	s.Cut()
	must(t, s.Play(A, sound.Warning().Prompt(), false))
	if _, ok := mover.Flow(s.circuit); ok {
		t.Error("a prompt after the cut opened the way again")
	}
}

func TestSwallowingIsOfOneLeg(t *testing.T) {
	s, _ := muted(t)
	for _, on := range []bool{true, false} {
		s.Swallow(B, on)
		if s.Swallows(A) || s.Swallows(B) != on {
			t.Errorf("B's keys swallowed %v, and told: A %v, B %v", on, s.Swallows(A), s.Swallows(B))
		}
	}
}

func TestLegThatCanNotBePlayedTo(t *testing.T) {
	s, mover := scored(t, wideband)
	beep := sound.Warning().Prompt()
	if err := s.Play(A, beep, false); !errors.Is(err, ErrUnplayable) {
		t.Errorf("a leg that has agreed on nothing: %v", err)
	}
	talk(t, s, sdpOf("192.0.2.1", "audio 4000 RTP/AVP 9"), sdpOf("192.0.2.2", "audio 5000 RTP/AVP 9"))
	if err := s.Play(A, beep, false); !errors.Is(err, ErrUnplayable) {
		t.Errorf("G.722: %v", err)
	}
	if err := s.SendDigit(B, 1, time.Second); !errors.Is(err, ErrUnplayable) {
		t.Errorf("no events: %v", err)
	}
	s.Close()
	s.StopPlaying(A)
	s.Swallow(A, true)
	s.Tap(NewTap())
	for _, err := range []error{s.Play(A, beep, false), s.SendDigit(A, 1, time.Second)} {
		if !errors.Is(err, ErrClosed) {
			t.Errorf("%v, want ErrClosed", err)
		}
	}
	if len(mover.told) != 0 {
		t.Errorf("%q", mover.told)
	}
}

func TestEventsReachTheirSession(t *testing.T) {
	heard := make(chan Event, 1)
	s, mover := scored(t, Options{Events: func(e Event) { heard <- e }})
	deaf, err := s.engine.Open(Options{})
	must(t, err)
	mover.events <- relay.Event{Circuit: 99, Kind: Silent}
	mover.events <- relay.Event{Circuit: deaf.circuit.ID, Kind: Silent}
	mover.events <- relay.Event{Circuit: s.circuit.ID, End: 1, Kind: DigitHeard, Digit: 11, Duration: time.Second, Swallowed: true}
	if got, want := <-heard, (Event{Leg: B, Kind: DigitHeard, Digit: 11, Duration: time.Second, Swallowed: true}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	s.Close()
	mover.events <- relay.Event{Circuit: s.circuit.ID, Kind: Silent}
	mover.events <- relay.Event{Circuit: s.circuit.ID, Kind: Silent} // the one before has been delivered
	if len(heard) != 0 {
		t.Errorf("%+v after the end", <-heard)
	}
}

func TestWhatAPeerWantsIsKnown(t *testing.T) {
	s, _ := muted(t)
	if s.Wants(A).OnHold() {
		t.Error("held before there is anything")
	}
	for _, attribute := range []string{"sendonly", "inactive", "recvonly", "sendrecv"} {
		offer := append(slices.Clone(aLaw), "a="+attribute+"\r\n"...)
		if wants, err := s.Consider(A, offer); err != nil || wants.String() != attribute {
			t.Errorf("%s is considered as %s, %v", attribute, wants, err)
		}
		must(t, s.Receive(A, offer))
		_, err := s.Answer(A)
		must(t, err)
		if s.Wants(A).String() != attribute || s.Wants(B).OnHold() {
			t.Errorf("%s: A wants %s, B wants %s", attribute, s.Wants(A), s.Wants(B))
		}
	}
}
