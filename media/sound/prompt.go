package sound

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"time"

	"maskd/media/relay"
)

// ErrPrompt: a file is no sound that can be played. The error says which file, and what was
// expected of it.
var ErrPrompt = errors.New("unusable prompt")

// Prompt is a sound that can be played to a leg. It does not change, and any number of calls
// may play it at once.
type Prompt struct {
	clip *relay.Clip
}

// Clip is the prompt as the relay plays it.
func (p *Prompt) Clip() *relay.Clip { return p.clip }

// Duration is how long it takes to play the prompt once.
func (p *Prompt) Duration() time.Duration {
	return time.Duration(p.clip.Samples()) * time.Second / promptRate
}

// maxPromptFile is five minutes of CD sound in mono, in octets.
const maxPromptFile = 32 << 20

// Load reads a WAV file: mono, or stereo that is mixed to mono; PCM, float, A-law or
// mu-law; of any usual rate. It is made fit for G.711 here, once. Errors: ErrPrompt, which
// names the file and what was expected of it.
func Load(files fs.FS, name string) (*Prompt, error) {
	file, err := read(files, name)
	if err != nil {
		return nil, fmt.Errorf("read prompt %s: %w", name, err)
	}
	wave, err := parseWAV(file)
	if err != nil {
		return nil, fmt.Errorf("read prompt %s: %w", name, err)
	}
	return &Prompt{relay.NewClip(wave.linear())}, nil
}

func read(files fs.FS, name string) ([]byte, error) {
	file, err := files.Open(name)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrPrompt, err)
	}
	defer file.Close()
	body, err := io.ReadAll(io.LimitReader(file, maxPromptFile+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrPrompt, err)
	case len(body) > maxPromptFile:
		return nil, fmt.Errorf("%w: expected a file of at most %d MiB", ErrPrompt, maxPromptFile>>20)
	}
	return body, nil
}
