package mapping

import "fmt"

// word is a value that has a name in the API, in the configuration or in a file.
type word interface {
	~uint8
	fmt.Stringer
}

// called returns which of the words from first to last has the name.
func called[T word](name string, first, last T) (T, bool) {
	for w := first; w <= last; w++ {
		if w.String() == name {
			return w, true
		}
	}
	return 0, false
}

// calledOr is called, but that the empty name is good too, and means unsaid.
func calledOr[T word](name string, first, last, unsaid T) (T, bool) {
	if name == "" {
		return unsaid, true
	}
	return called(name, first, last)
}
