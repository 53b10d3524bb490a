package relay

import (
	"errors"
	"testing"
)

func TestMuteTakesPortsInOrder(t *testing.T) {
	m := NewMute(PortRange{First: 30001, Last: 30011})
	first, err := m.Reserve([2]Source{}, [2]Family{})
	if err != nil || first.Ports != [2]uint16{30002, 30004} {
		t.Errorf("first: %v, %v", first.Ports, err)
	}
	second, _ := m.Reserve([2]Source{}, [2]Family{})
	if _, err := m.Reserve([2]Source{}, [2]Family{}); !errors.Is(err, ErrNoPorts) {
		t.Errorf("third: %v, want ErrNoPorts", err)
	}
	m.Release(first)
	third, err := m.Reserve([2]Source{}, [2]Family{})
	if err != nil || second.Ports != [2]uint16{30006, 30008} || third.Ports != [2]uint16{30010, 30002} {
		t.Errorf("second %v, third %v, %v", second.Ports, third.Ports, err)
	}
	if got, want := m.Usage(), (Usage{Free: 1, Used: 4}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

func TestMuteShowsTheFlow(t *testing.T) {
	m := NewMute(PortRange{First: 30000, Last: 30003})
	id, _ := m.Reserve([2]Source{}, [2]Family{})
	want := Flow{Ends: [2]End{{RTP: peerA}, {RTP: peerB}}}
	m.Install(id, want)
	if got, ok := m.Flow(id); !ok || got != want {
		t.Errorf("%+v, %v", got, ok)
	}
	m.Remove(id)
	m.Install(id, want)
	if _, ok := m.Flow(id); ok {
		t.Error("a flow came back after its end")
	}
	m.Close()
	if _, err := m.Reserve([2]Source{}, [2]Family{}); !errors.Is(err, ErrClosed) {
		t.Errorf("%v, want ErrClosed", err)
	}
}
