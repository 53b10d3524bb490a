package store

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/subtle"
	"sync"

	"maskd/mapping"
)

// shorthand makes the digests that memory is keyed by: CBC-MAC with AES-256 under
// a key that is drawn at start and never kept, so that nothing in memory can be
// matched with a number. They take a tenth of the time of those that the file has,
// and a look-up, which makes one, is half as long for a caller who is refused. Of
// CBC-MAC it is known that texts of different lengths can be found that have the
// same digest, by who is shown digests: nobody is, and each use has one form.
type shorthand struct {
	block cipher.Block
	rooms sync.Pool
}

// shorthandRoom is where a text is taken in: what a cipher is handed goes to the heap.
type shorthandRoom struct {
	sum  digest
	text []byte
}

func newShorthand(key []byte) (*shorthand, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return &shorthand{block: block, rooms: sync.Pool{New: func() any { return new(shorthandRoom) }}}, nil
}

// number digests a number together with the name it is used under (a DID, a pool).
func (s *shorthand) number(under string, n mapping.Number) digest {
	r := s.rooms.Get().(*shorthandRoom)
	defer s.rooms.Put(r)
	s.begin(r, append(r.text[:0], under...))
	s.fold(r, appendNumber(r.text[:0], n))
	return r.end()
}

// written digests a number as a record has it: as number does, but without
// making a Number, of which a start would make millions.
func (s *shorthand) written(under, n value) digest {
	r := s.rooms.Get().(*shorthandRoom)
	defer s.rooms.Put(r)
	s.begin(r, append(r.text[:0], under...))
	s.fold(r, append(r.text[:0], n...))
	return r.end()
}

// pair digests two numbers together with the name they are used under.
func (s *shorthand) pair(under string, a, b mapping.Number) digest {
	r := s.rooms.Get().(*shorthandRoom)
	defer s.rooms.Put(r)
	s.begin(r, append(r.text[:0], under...))
	s.fold(r, appendNumber(r.text[:0], a))
	s.fold(r, appendNumber(r.text[:0], b))
	return r.end()
}

// writtenPair digests two numbers as a record has them.
func (s *shorthand) writtenPair(under, a, b value) digest {
	r := s.rooms.Get().(*shorthandRoom)
	defer s.rooms.Put(r)
	s.begin(r, append(r.text[:0], under...))
	s.fold(r, append(r.text[:0], a...))
	s.fold(r, append(r.text[:0], b...))
	return r.end()
}

func (s *shorthand) begin(r *shorthandRoom, text []byte) {
	r.sum = digest{}
	s.fold(r, text)
}

// fold takes in a text that is in the room, block by block; one at least.
func (s *shorthand) fold(r *shorthandRoom, text []byte) {
	r.text = text
	for more := true; more; more = len(text) > 0 {
		text = text[subtle.XORBytes(r.sum[:], r.sum[:], text[:min(len(text), aes.BlockSize)]):]
		s.block.Encrypt(r.sum[:], r.sum[:])
	}
}

func (r *shorthandRoom) end() digest {
	clear(r.text[:cap(r.text)]) // numbers were in it
	return r.sum
}
