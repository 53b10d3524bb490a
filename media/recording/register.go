package recording

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"sync"
)

// register knows of which interaction each recording is, so that nobody has to read all
// manifests to find those of one.
type register struct {
	mu    sync.Mutex
	of    map[string]map[string]bool // by interaction: ids
	where map[string]string          // by id: its interaction
}

func (r *register) add(m *Manifest) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.of == nil {
		r.of, r.where = make(map[string]map[string]bool), make(map[string]string)
	}
	if r.of[m.Interaction] == nil {
		r.of[m.Interaction] = make(map[string]bool)
	}
	r.of[m.Interaction][m.ID], r.where[m.ID] = true, m.Interaction
}

func (r *register) remove(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	of := r.where[id]
	if delete(r.of[of], id); len(r.of[of]) == 0 {
		delete(r.of, of)
	}
	delete(r.where, id)
}

// ids returns those of an interaction, the oldest first.
func (r *register) ids(interaction string) []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.SortedFunc(maps.Keys(r.of[interaction]), cmp.Compare[string])
}

// enter puts all recordings that there are into the register. One whose manifest can't
// be read is nobody's.
func (v *Vault) enter() error {
	ids, err := v.List()
	if err != nil {
		return err
	}
	for _, id := range ids {
		if m, err := v.Manifest(id); err == nil {
			v.register.add(&m)
		}
	}
	return nil
}

// Of returns the recordings of an interaction, the oldest first. One that can't be read
// is left out, and the error is about it.
func (v *Vault) Of(interaction string) (found []Manifest, err error) {
	for _, id := range v.register.ids(interaction) {
		m, unread := v.Manifest(id)
		switch {
		case errors.Is(unread, os.ErrNotExist): // it was erased since
		case unread != nil:
			err = errors.Join(err, unread)
		default:
			found = append(found, m)
		}
	}
	if err != nil {
		return found, fmt.Errorf("find recordings of %s: %w", interaction, err)
	}
	return found, nil
}
