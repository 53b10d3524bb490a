package media

import (
	"fmt"
	"io/fs"
	"path"
	"strings"
	"time"
)

// Prompts is a set of announcements by name, each in the locales there are. It does not change.
type Prompts struct {
	locales map[string]map[string]*Prompt
}

// maxPrompts of sound in a set: half an hour takes 28 MB.
const maxPrompts = 30 * time.Minute

// LoadPrompts reads <locale>/<name>.wav below a directory: en/goodbye.wav is the prompt goodbye
// in the locale en. Other files are left alone. Errors: ErrPrompt, as LoadPrompt gives it.
func LoadPrompts(files fs.FS) (*Prompts, error) {
	names, err := fs.Glob(files, "*/*.wav")
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrPrompt, err)
	}
	set := &Prompts{locales: make(map[string]map[string]*Prompt)}
	var total time.Duration
	for _, name := range names {
		prompt, err := LoadPrompt(files, name)
		if err != nil {
			return nil, err
		}
		if total += prompt.Duration(); total > maxPrompts {
			return nil, fmt.Errorf("read prompt %s: %w: expected at most %s of sound in all", name, ErrPrompt, maxPrompts)
		}
		set.add(path.Dir(name), strings.TrimSuffix(path.Base(name), ".wav"), prompt)
	}
	return set, nil
}

func (s *Prompts) add(locale, name string, prompt *Prompt) {
	if s.locales[locale] == nil {
		s.locales[locale] = make(map[string]*Prompt)
	}
	s.locales[locale][name] = prompt
}

// Find gives a prompt in the first of the locales that has it, where en-GB also stands for en.
func (s *Prompts) Find(name string, locales ...string) (*Prompt, bool) {
	for _, locale := range locales {
		language, _, _ := strings.Cut(locale, "-")
		for _, l := range [2]string{locale, language} {
			if prompt, ok := s.locales[l][name]; ok {
				return prompt, true
			}
		}
	}
	return nil, false
}

// Has tells whether a prompt is there in a locale, exactly, so that a configuration that names
// one which is missing is refused at start.
func (s *Prompts) Has(name, locale string) bool {
	_, ok := s.locales[locale][name]
	return ok
}
