package recording

import (
	"testing"

	"maskd/media"
)

// floor is a tap that tells how nice the thread is that drains it.
type floor struct{ asks chan int }

func (f floor) Drain(func(media.Sound)) {
	if nice, err := niceness(); err == nil {
		select {
		case f.asks <- nice:
		default:
		}
	}
}

func (floor) Dropped(media.Leg) uint64 { return 0 }

// Whoever writes recordings has the processor only when nobody else wants it, and nobody else is
// slowed down with him.
func TestRecordingsAreWrittenWhenNobodyElseWorks(t *testing.T) {
	asks := floor{make(chan int, 1)}
	asks.Drain(nil)
	usual := <-asks.asks // whoever runs the tests may be polite too
	s := newStudio(t)
	deck, told := NewDeck(s.vault), make(chan ending, 1)
	r := deck.start(asks, func() {}, orderOf("rec_10", told))
	if nice := <-asks.asks; nice != min(usual+polite, 19) {
		t.Errorf("it is written at %d, want %d", nice, min(usual+polite, 19))
	}
	r.Stop()
	deck.Close()
	if e := <-told; e.err != nil {
		t.Error(e.err)
	}
	select {
	case <-asks.asks: // which it said after that
	default:
	}
	for range 100 {
		done := make(chan struct{})
		go func() {
			defer close(done)
			asks.Drain(nil)
		}()
		<-done
		if nice := <-asks.asks; nice != usual {
			t.Fatalf("another thread is slowed down to %d", nice)
		}
	}
}
