package store

import (
	"sync"
	"sync/atomic"

	"maskd/mapping"
)

// line is what memory keeps of a DID. Its counts are of slots, whose shards
// guard them; a reader sees each count as it was a moment ago.
type line struct {
	place uint32       // among all lines; it is in the DID's slots
	uses  atomic.Int32 // interactions that have the DID, live and held
	asks  atomic.Int32 // extensions that are live on it
	freed atomic.Int64 // when the last of its slots was released, in milliseconds since 1970
}

// lines is every DID that memory has met: those of the configuration, and those
// of records from before. None is ever forgotten, for slots name it by its place.
type lines struct {
	none  *line                                 // of what is no DID of ours: the first place
	known atomic.Pointer[map[mapping.DID]*line] // never changed, only replaced
	all   atomic.Pointer[[]*line]               // by place; only ever appended to

	mu   sync.Mutex
	late map[mapping.DID]*line // not in known yet
	any  atomic.Bool           // there are late ones
}

func newLines(pools *mapping.Pools) *lines {
	l := &lines{none: &line{}, late: make(map[mapping.DID]*line)}
	l.known.Store(&map[mapping.DID]*line{})
	l.all.Store(&[]*line{l.none})
	l.enter(pools)
	return l
}

// enter takes in the DIDs of the configuration.
func (l *lines) enter(pools *mapping.Pools) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, pool := range pools.All() {
		for _, did := range pool.DIDs {
			l.add(did)
		}
	}
	l.merge()
}

// find returns the line of a DID; that of none if there never was one.
func (l *lines) find(did mapping.DID) *line {
	if found, ok := (*l.known.Load())[did]; ok {
		return found
	}
	if l.any.Load() {
		l.mu.Lock()
		defer l.mu.Unlock()
		if found, ok := l.late[did]; ok {
			return found
		}
	}
	return l.none
}

// meet returns the line of a DID that a record names.
func (l *lines) meet(did mapping.DID) *line {
	if found := l.find(did); found != l.none || did == "" {
		return found
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	met := l.add(did)
	if len(l.late) > len(*l.known.Load()) { // so that all of them cost no more than twice their number
		l.merge()
	}
	return met
}

// add returns the line of a DID, which it makes if need be; mu is held.
func (l *lines) add(did mapping.DID) *line {
	if found, ok := (*l.known.Load())[did]; ok {
		return found
	}
	if found, ok := l.late[did]; ok {
		return found
	}
	all := *l.all.Load()
	made := &line{place: uint32(len(all))}
	all = append(all, made)
	l.all.Store(&all)
	l.late[did] = made
	l.any.Store(true)
	return made
}

// merge lets all be found without a lock; mu is held.
func (l *lines) merge() {
	was := *l.known.Load()
	next := make(map[mapping.DID]*line, len(was)+len(l.late))
	for _, some := range []map[mapping.DID]*line{was, l.late} {
		for did, found := range some {
			next[did] = found
		}
	}
	l.known.Store(&next)
	l.any.Store(false)
	clear(l.late)
}

// of returns the line that a slot is on.
func (l *lines) of(s slot) *line { return (*l.all.Load())[s.place()] }

// raise sets a value unless it is higher already.
func raise(v *atomic.Int64, to int64) {
	for was := v.Load(); was < to; was = v.Load() {
		if v.CompareAndSwap(was, to) {
			return
		}
	}
}
