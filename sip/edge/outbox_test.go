package edge

import (
	"io"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"maskd/sip/leg"
)

// posted is an outbox whose other end is the test's.
func posted(t *testing.T) (*outbox, net.Conn) {
	ours, peer := net.Pipe()
	o := newOutbox(ours)
	go o.deliver(t.Context())
	return o, peer
}

func TestWhatWasWrittenBeforeACloseArrives(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, peer := posted(t)
		_, _ = o.Write([]byte("BYE"))
		synctest.Wait() // it is being written
		_, _ = o.Write([]byte(", and 200"))
		_ = o.Close()
		if _, err := o.Write([]byte("late")); err == nil {
			t.Error("what is written after the close is taken")
		}
		if got, err := io.ReadAll(peer); string(got) != "BYE, and 200" {
			t.Errorf("arrived: %q, %v", got, err)
		}
	})
}

// Nothing that is written later gives a peer more time for what was written first.
func TestWhoDoesNotReadIsLeftInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, _ := posted(t)
		began := time.Now()
		for time.Since(began) < writeTimeout {
			_ = o.SetWriteDeadline(time.Now().Add(writeTimeout))
			if _, err := o.Write([]byte("200")); err != nil {
				t.Fatalf("after %s: %v", time.Since(began), err)
			}
			time.Sleep(time.Second)
		}
		synctest.Wait()
		if _, err := o.Write([]byte("200")); err == nil {
			t.Error("the connection is still open")
		}
	})
}

func TestWhoReadsTooLittleIsLeftAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, _ := posted(t)
		began, written := time.Now(), 0
		for range 2 * maxUnsent / 1000 {
			n, err := o.Write(make([]byte, 1000))
			written += n
			if err != nil {
				break
			}
			synctest.Wait()
		}
		if written > maxUnsent+1000 || time.Since(began) > 0 {
			t.Errorf("%d bytes wait, for %s", written, time.Since(began))
		}
		if _, err := o.Read(nil); err == nil {
			t.Error("the connection is still open")
		}
	})
}

// A caller may ask and ask, and read none of the answers.
func TestACallerWhoDoesNotReadKeepsNoCall(t *testing.T) {
	e := onLoopback(t, TCP)
	admitted := make(chan *Inbound, 1)
	board := e.calls.(*switchboard)
	board.rings, board.admit = true, func(in *Inbound) { admitted <- in }
	conn, err := dial(westHost, e)
	if err != nil {
		t.Fatal(err)
	}
	caller := newStream(t, conn)
	caller.send(overTCP(invite(), sdp))
	in := <-admitted
	defer in.Close()
	for range 2 {
		_ = caller.read() // 100 and 180
	}
	stalled := in.listener // what the system holds for it is soon full
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		pool, err := stalled.tp.GetConnection(string(TCP), conn.LocalAddr().String())
		if err != nil {
			return
		}
		for res := composeResponse(in.invite, 200).message(); pool.WriteMsg(res) == nil; {
			continue
		}
		_, _ = pool.TryClose()
	}()
	select {
	case <-sent: // refused, and not waited for
	case <-time.After(writeTimeout):
		t.Fatal("who writes waits for who does not read")
	}
	done := make(chan error, 1)
	go func() { done <- in.Do(leg.Action{Do: leg.SendFinal, Cause: leg.CauseComplete}, nil) }()
	select {
	case <-done:
	case <-time.After(patience):
		t.Error("the call waits for it")
	}
}
