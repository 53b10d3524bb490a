package recording

import (
	"io"
	"time"

	"maskd/media"
)

// part is a file of a recording: a time line that begins with it.
type part interface {
	// put lays a packet in its place, counted in timestamps from the beginning of the recording,
	// if it is not too late.
	put(p media.Sound, place int64)
	// write writes the time line so far, counted from the beginning of the recording.
	write(until time.Duration) error
	// end writes what a reader expects at the end.
	end() error
	// late is how many packets came too late for their place.
	late() int
}

// writeRoom is how many bytes are written at once, at most but for a sample: a chunk of age's.
const writeRoom = 64 << 10

// flushed is a writer's buffer: written when it is full, and when somebody asks for it.
type flushed struct {
	out io.Writer
	buf []byte
}

func (f *flushed) ifFull() error {
	if len(f.buf) < writeRoom {
		return nil
	}
	return f.flush()
}

func (f *flushed) flush() error {
	_, err := f.out.Write(f.buf)
	f.buf = f.buf[:0]
	return err
}
