package recording

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"maskd/media"
)

// horizon is how long a packet may be on its way and still find its place: the time line is
// written no further. A telephone gives up much earlier.
const horizon = time.Second

// reel is what a recording writes: its files and its manifest.
type reel struct {
	vault    *Vault
	begun    time.Time
	manifest Manifest
	stale    bool                 // the manifest that is on the disk, or on its way there
	spans    int                  // how many that has
	keeping  chan error           // tells when it is there; nil: nothing is on its way
	open     map[Format]*openPart // by format, as they are needed
	speakers [2]clock             // of A and B
	until    time.Duration        // up to where all time lines are written
}

// openPart is a part and its file.
type openPart struct {
	part
	file *sealed
	from time.Duration // where its time line begins on that of the recording
}

func (p *openPart) put(s media.Sound, place int64) {
	p.part.put(s, place-int64(p.from)*int64(s.Format.Clock())/int64(time.Second))
}

func (p *openPart) write(until time.Duration) error { return p.part.write(until - p.from) }

func newReel(v *Vault, o Order, begun time.Time) *reel {
	m := Manifest{ID: o.ID, Call: o.Call, Interaction: o.Interaction, BeganAt: begun.UTC()}
	return &reel{vault: v, begun: begun, manifest: m, open: make(map[Format]*openPart), speakers: [2]clock{{begun: begun}, {begun: begun}}}
}

// put keeps a packet.
func (r *reel) put(p media.Sound) error {
	to, err := r.partFor(p)
	switch {
	case err != nil:
		return err
	case to == nil:
		r.manifest.Unkept++
	default:
		to.put(p, r.speakers[p.Speaker-media.A].at(p.Format.Clock(), p.Timestamp, p.At))
	}
	return nil
}

// partFor returns the part that a packet belongs to, which is begun if it is the first; nil if its
// codec is not kept.
func (r *reel) partFor(p media.Sound) (*openPart, error) {
	if rate, ok := decoded(p.Format); ok {
		return r.part(FormatWAV, func(out io.Writer) part { return newWAV(out, rate) })
	}
	format, ok := formatOf(p.Format, p.Speaker)
	if !ok {
		return nil, nil
	}
	return r.part(format, func(out io.Writer) part {
		if framing, ok := framingOf(p.Format); ok {
			return newFrames(out, framing)
		}
		return newOpusFile(out)
	})
}

func (r *reel) part(format Format, begin func(io.Writer) part) (*openPart, error) {
	if p := r.open[format]; p != nil {
		return p, nil
	}
	name := r.manifest.ID + format.suffix()
	file, err := r.vault.create(r.manifest, name)
	if err != nil {
		return nil, err
	}
	// Where nothing is written yet it begins with the recording. To begin there later would be to write an
	// hour of silence while others wait for it.
	from := max(0, r.until).Truncate(time.Millisecond)
	p := &openPart{begin(file), file, from}
	r.open[format] = p
	r.manifest.Parts = append(r.manifest.Parts, Part{File: name, Format: format, From: Milliseconds(from.Milliseconds())})
	r.stale = true
	return p, nil
}

// write writes all time lines up to a time, and the manifest if it says something new.
func (r *reel) write(until time.Time) error {
	failed := make([]error, 0, 3)
	r.until = until.Sub(r.begun)
	for _, p := range r.open {
		failed = append(failed, p.write(r.until))
	}
	return errors.Join(append(failed, r.keep())...)
}

// keep has the manifest saved if it says something new, and tells whether that went well the last
// time. It does not wait: for a disk to have what it was told takes longer than all else.
func (r *reel) keep() error {
	select {
	case err := <-r.keeping:
		r.keeping = nil
		if err != nil {
			return err
		}
	default:
	}
	if r.stale = r.stale || r.spans != len(r.manifest.Spans); !r.stale || r.keeping != nil {
		return nil
	}
	r.stale, r.spans, r.keeping = false, len(r.manifest.Spans), make(chan error, 1)
	m, kept := r.manifest, r.keeping
	m.Parts = slices.Clone(m.Parts) // the spans are never changed
	go func() { kept <- r.vault.save(&m) }()
	return nil
}

// settle waits until the manifest is on the disk that names all files. So a file gets its last sound, which
// may be its first, when a start after a crash knows whose it is.
func (r *reel) settle() error {
	var failed []error
	if r.keeping != nil {
		failed, r.keeping = append(failed, <-r.keeping), nil
	}
	if r.stale {
		r.stale = false
		failed = append(failed, r.vault.save(&r.manifest))
	}
	return errors.Join(failed...)
}

// close ends the files and says of each what it is. It goes on where it fails: what is on the disk
// stays playable.
func (r *reel) close(at time.Time, why Ending) (Manifest, error) {
	m := &r.manifest
	failed := []error{r.settle()}
	m.EndedAt, m.Ended = at.UTC(), why
	for i := range m.Parts {
		p := r.open[m.Parts[i].Format]
		m.Late += p.late()
		failed = append(failed, p.end(), p.file.Close())
		m.Parts[i].Bytes, m.Parts[i].SHA256 = p.file.size, p.file.sum()
	}
	if err := errors.Join(failed...); err != nil {
		m.Ended = EndedByDisk
	}
	failed = append(failed, r.vault.save(m))
	if err := errors.Join(failed...); err != nil {
		return *m, fmt.Errorf("end recording: %w", err)
	}
	return *m, nil
}
