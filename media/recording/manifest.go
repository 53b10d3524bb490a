package recording

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"maskd/media"
	"maskd/media/relay"
)

// Manifest says what a recording is, so that nobody can pass another for it. It has no number.
type Manifest struct {
	ID          string    `json:"id"`
	Call        string    `json:"call"`
	Interaction string    `json:"interaction"`
	BeganAt     time.Time `json:"began_at"`
	EndedAt     time.Time `json:"ended_at,omitzero"` // zero while it is being made
	Ended       Ending    `json:"ended,omitempty"`
	Parts       []Part    `json:"parts"`
	Spans       []Span    `json:"spans"`
	Dropped     [2]uint64 `json:"dropped"` // packets of A and B that found the tap full
	Late        int       `json:"late"`    // packets that came too late for their place
	Unkept      int       `json:"unkept"`  // packets of a codec that is not kept
}

// Part is a file of a recording, by its encrypted form. It begins with the recording, or later where
// its codec was not spoken before.
type Part struct {
	File   string       `json:"file"`
	Format Format       `json:"format"`
	From   Milliseconds `json:"from_ms,omitempty"` // counted from the beginning of the recording
	Bytes  int64        `json:"bytes,omitempty"`
	SHA256 string       `json:"sha256,omitempty"`
}

// Span is from when on the recording listens, or does not, counted from its beginning. What is
// not listened to is silence.
type Span struct {
	From      Milliseconds `json:"from_ms"`
	Listening bool         `json:"listening"`
	Why       string       `json:"why"`
}

// listening tells whether the spans listen at a time.
func listening(spans []Span, at time.Duration) bool {
	for _, s := range slices.Backward(spans) {
		if time.Duration(s.From)*time.Millisecond <= at {
			return s.Listening
		}
	}
	return false
}

// Milliseconds is a time written as a number of them.
type Milliseconds int64

// Format is what a decrypted part is.
type Format string

// The formats of parts.
const (
	FormatWAV   Format = "wav"   // A on the left, B on the right
	FormatOpusA Format = "opusA" // A in an Ogg file
	FormatOpusB Format = "opusB" // B in an Ogg file

	// A and B in files of AMR and AMR-WB (RFC 4867 section 5).
	FormatAMRA   Format = "amrA"
	FormatAMRB   Format = "amrB"
	FormatAMRWBA Format = "amrwbA"
	FormatAMRWBB Format = "amrwbB"

	// A and B in WAV files of G.729.
	FormatG729A Format = "g729A"
	FormatG729B Format = "g729B"
)

// formats are all of them, and before each those whose names end like its own.
func formats() []Format {
	return []Format{FormatOpusA, FormatOpusB, FormatAMRA, FormatAMRB, FormatAMRWBA, FormatAMRWBB, FormatG729A, FormatG729B, FormatWAV}
}

// formatOf is the part in which a codec is kept that is not decoded.
func formatOf(codec relay.Format, speaker media.Leg) (Format, bool) {
	var sides [2]Format
	switch codec {
	case relay.Opus:
		sides = [2]Format{FormatOpusA, FormatOpusB}
	case relay.AMR:
		sides = [2]Format{FormatAMRA, FormatAMRB}
	case relay.AMRWB:
		sides = [2]Format{FormatAMRWBA, FormatAMRWBB}
	case relay.G729:
		sides = [2]Format{FormatG729A, FormatG729B}
	default:
		return "", false
	}
	return sides[speaker-media.A], true
}

// Extension ends the name of such a part when it is decrypted.
func (f Format) Extension() string { return strings.TrimSuffix(f.suffix(), ".age") }

// suffix ends the name of such a part's file.
func (f Format) suffix() string {
	switch f {
	case FormatOpusA:
		return ".a.opus.age"
	case FormatOpusB:
		return ".b.opus.age"
	case FormatAMRA:
		return ".a.amr.age"
	case FormatAMRB:
		return ".b.amr.age"
	case FormatAMRWBA:
		return ".a.awb.age"
	case FormatAMRWBB:
		return ".b.awb.age"
	case FormatG729A:
		return ".a.g729.wav.age"
	case FormatG729B:
		return ".b.g729.wav.age"
	default:
		return ".wav.age"
	}
}

// Ending is why a recording is over.
type Ending string

// The endings.
const (
	EndedWithCall Ending = "call"  // the call is
	EndedByCrash  Ending = "crash" // the daemon died; what it had written is there
	EndedByDisk   Ending = "disk"  // the disk took no more
)

const (
	manifestSuffix = ".json"
	fresh          = ".new" // of a manifest that is being written
)

// file is the name of the manifest's file.
func (m *Manifest) file() string { return m.ID + manifestSuffix }

// save keeps the manifest. A crash leaves the one before or this one.
func (v *Vault) save(m *Manifest) error {
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return fmt.Errorf("write manifest: %w", err)
	}
	if text = append(text, '\n'); m.Ended != "" {
		if text, err = v.cover.Sign(text); err != nil {
			return fmt.Errorf("sign manifest: %w", err)
		}
	}
	file, err := v.dir.OpenFile(m.file()+fresh, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("create manifest: %w", err)
	}
	_, err = file.Write(text)
	if err = errors.Join(err, v.sync(file), file.Close()); err != nil {
		return fmt.Errorf("write manifest: %w", err)
	}
	if err := v.dir.Rename(m.file()+fresh, m.file()); err != nil {
		return fmt.Errorf("write manifest: %w", err)
	}
	if m.Ended != "" {
		if err := v.syncNames(); err != nil {
			return fmt.Errorf("write manifest: %w", err)
		}
	}
	v.register.add(m)
	return nil
}

// syncNames has the disk keep which file has which name: the audit log gives the digest of a manifest
// that is signed, which a crash must not replace by the one before.
func (v *Vault) syncNames() error {
	folder, err := v.dir.Open(".")
	if err != nil {
		return err
	}
	return errors.Join(v.sync(folder), folder.Close())
}

// Digest names what the manifest of a recording says, to the last byte: the SHA-256 of its file.
func (v *Vault) Digest(id string) (string, error) {
	_, sum, err := v.weigh(id + manifestSuffix)
	return sum, err
}

// Manifest reads the manifest of a recording. One that is over is signed; ErrAltered is one that
// somebody has changed.
func (v *Vault) Manifest(id string) (Manifest, error) {
	text, err := v.dir.ReadFile(id + manifestSuffix)
	if err != nil {
		return Manifest{}, fmt.Errorf("read manifest: %w", err)
	}
	var m Manifest
	if err := json.Unmarshal(text, &m); err == nil && m.Ended == "" {
		return m, nil // it is still being made, or a crash has left it so
	}
	if text, err = v.cover.Verify(text); err == nil {
		err = json.Unmarshal(text, &m)
	}
	if err != nil {
		return Manifest{}, fmt.Errorf("read manifest %s: %w: %w", id, ErrAltered, err)
	}
	return m, nil
}

// List returns the ids of the recordings that there are, the oldest first.
func (v *Vault) List() ([]string, error) {
	dir, err := v.dir.Open(".")
	if err != nil {
		return nil, fmt.Errorf("list recordings: %w", err)
	}
	defer dir.Close()
	entries, err := dir.ReadDir(-1)
	if err != nil {
		return nil, fmt.Errorf("list recordings: %w", err)
	}
	var ids []string
	for _, e := range entries {
		if id, ok := strings.CutSuffix(e.Name(), manifestSuffix); ok {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids) // ids are in the order of time
	return ids, nil
}
