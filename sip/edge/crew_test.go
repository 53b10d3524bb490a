package edge

import (
	"sync"
	"testing"
	"testing/synctest"
)

func TestACrewWorksAtOnceAndRestsTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c crew
		for range 2 { // the second time there are hands that rest
			var working sync.WaitGroup
			release := make(chan struct{})
			working.Add(maxIdle + 10)
			for range maxIdle + 10 {
				c.run(func() {
					working.Done()
					<-release
				})
			}
			working.Wait() // if one job waits for another, so does this test
			close(release)
			synctest.Wait()
			if rest := len(c.idle); rest != maxIdle {
				t.Errorf("%d hands rest, want %d", rest, maxIdle)
			}
		}
		c.dismiss()
		done := make(chan struct{})
		c.run(func() { close(done) })
		<-done
		c.dismiss()
		if len(c.idle) != 0 {
			t.Error("somebody rests after the end")
		}
	})
}
