//go:build linux

package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/netip"
	"os"
	"runtime"
	"sync"
	"time"

	"filippo.io/age"

	"maskd/media"
	"maskd/media/recording"
)

const (
	// taped is how long each try of the recorded calls is: several chunks of 64 kB of each are
	// encrypted and written in it, and the phones' sockets hold what they hear.
	taped      = 15 * time.Second
	warming    = 3 * time.Second // before: what is learned is learned then, and all files are begun
	tapedRate  = calls * 100     // packets a second: 50 from each phone
	tapedTries = 3
)

// harvest is what the recordings were, when all are over.
type harvest struct {
	Recordings, Failed int
	Files              int
	Bytes              int64
	Dropped            uint64 // packets that found no room in a ring
	Late, Unkept       int
	Processor          float64 // seconds that all of it took
}

// bare covers nothing: the keys of a store are no part of what is measured.
type bare struct{}

func (bare) Seal(_ recording.Manifest, head []byte) ([]byte, error)   { return head, nil }
func (bare) Sign(text []byte) ([]byte, error)                         { return text, nil }
func (bare) Verify(signed []byte) ([]byte, error)                     { return signed, nil }
func (bare) Open(_ recording.Manifest, sealed []byte) ([]byte, error) { return sealed, nil }

// recorder is our mover with calls that are recorded, or not, on as many threads as the daemon has.
type recorder struct {
	records bool
	dir     string
	deck    *recording.Deck
	vault   *recording.Vault
	running []*recording.Recording

	mu   sync.Mutex
	told harvest
}

// serve is the recorder's process: it reads its task, answers, records until its input ends, and
// says what it has.
func (r *recorder) serve() error {
	runtime.GOMAXPROCS(runtime.NumCPU() + media.DefaultWorkers() + recording.Scribes)
	in, out := json.NewDecoder(os.Stdin), json.NewEncoder(os.Stdout)
	var t task
	if err := in.Decode(&t); err != nil {
		return fmt.Errorf("read task: %w", err)
	}
	o, err := r.begin(t)
	if err != nil {
		return err
	}
	if err := out.Encode(o); err != nil {
		return err
	}
	if _, err := io.Copy(io.Discard, io.MultiReader(in.Buffered(), os.Stdin)); err != nil {
		return err
	}
	return out.Encode(r.end())
}

func (r *recorder) begin(t task) (o offer, err error) {
	engine, err := media.NewSockets(media.Config{Listen: []netip.Addr{t.Listen}, Ports: media.PortRange{First: 20000, Last: 29999}})
	if err != nil {
		return o, err
	}
	if err := r.load(); err != nil {
		return o, err
	}
	o.BytesBefore = settled()
	for i, call := range t.Calls {
		s, ports, err := open(engine, call)
		if err != nil {
			return o, err
		}
		if r.records {
			r.running = append(r.running, r.deck.Start(s, recording.Order{ID: fmt.Sprintf("rec_%03d", i), Listening: true, Why: "agreed", Ended: r.ended}))
		}
		o.To = append(o.To, [2]netip.AddrPort{netip.AddrPortFrom(t.Listen, ports[0]), netip.AddrPortFrom(t.Listen, ports[1])})
	}
	o.BytesIdle = settled()
	return o, nil
}

// load makes ready what is recorded on.
func (r *recorder) load() error {
	auditor, err := age.GenerateX25519Identity()
	if err != nil {
		return err
	}
	if r.vault, err = recording.OpenVault(r.dir, bare{}, auditor.Recipient().String()); err != nil {
		return err
	}
	r.deck = recording.NewDeck(r.vault)
	return nil
}

func (r *recorder) ended(m recording.Manifest, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.told.Recordings++
	if err != nil {
		r.told.Failed++
	}
	r.told.Dropped += m.Dropped[0] + m.Dropped[1]
	r.told.Late, r.told.Unkept = r.told.Late+m.Late, r.told.Unkept+m.Unkept
	for _, p := range m.Parts {
		r.told.Files++
		r.told.Bytes += p.Bytes
	}
}

func (r *recorder) end() harvest {
	for _, running := range r.running {
		running.Stop()
	}
	r.deck.Close()
	r.told.Processor = used(os.Getpid())
	return r.told
}
