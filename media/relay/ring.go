package relay

import (
	"encoding/binary"
	"sync/atomic"
	"time"
)

const (
	// ringSize holds 7 s of G.711 at 20 ms, in bytes: time enough for a reader that comes ten times
	// a second, lets others go first, and may have to wait for a disk.
	ringSize = 65536
	// recordHead is what stands before a payload in the ring, in bytes.
	recordHead = 24
	// recordAlign makes a place for a skip wherever a record ends.
	recordAlign = 8
	// skip in place of a payload's size: the next record is at the beginning of the ring.
	skip = 0xFFFF
)

// ring is a queue of packets with one writer and one reader, without a lock: what is written is
// shown by one atomic store, and what is read is given back by another. Whenever all was read it
// goes on at its beginning, so that a reader that comes in time needs the same little memory
// again and again, which the processor has at hand: of 1,000 rings not 64 MB, but one.
type ring struct {
	bytes   [ringSize]byte
	dropped atomic.Uint64

	// How many bytes were ever written, and read. The writer stores the first, the reader the second.
	written atomic.Uint64
	read    atomic.Uint64
	// origin is how many were when the writer last went to the beginning: it does while all is
	// read, so that the reader finds what it counts from where it was when that was written.
	origin atomic.Uint64
}

// put copies a packet in, or counts it where the reader is too far behind.
func (r *ring) put(p *TapPacket) {
	need := (recordHead + len(p.Payload) + recordAlign - 1) / recordAlign * recordAlign
	written, read := r.written.Load(), r.read.Load()
	if read == written {
		r.origin.Store(written)
	}
	begin, lost := int((written-r.origin.Load())%ringSize), 0
	if begin+need > ringSize {
		lost = ringSize - begin
	}
	if need > ringSize || written+uint64(lost+need)-read > ringSize {
		r.dropped.Add(1)
		return
	}
	if lost > 0 {
		binary.LittleEndian.PutUint16(r.bytes[begin:], skip)
		begin = 0
	}
	record(r.bytes[begin:begin+need], p)
	r.written.Store(written + uint64(lost+need))
}

// drain shows all that is there now, in order.
func (r *ring) drain(show func(TapPacket)) {
	written := r.written.Load()
	for read := r.read.Load(); read != written; r.read.Store(read) {
		begin := int((read - r.origin.Load()) % ringSize)
		size := int(binary.LittleEndian.Uint16(r.bytes[begin:]))
		if size == skip {
			read += uint64(ringSize - begin)
			continue
		}
		show(recorded(r.bytes[begin:], size))
		read += uint64((recordHead + size + recordAlign - 1) / recordAlign * recordAlign)
	}
}

// record writes size, format, alignment, timestamp, source, time and payload.
func record(to []byte, p *TapPacket) {
	binary.LittleEndian.PutUint16(to, uint16(len(p.Payload)))
	to[2], to[3] = byte(p.Format), 0
	if p.Aligned {
		to[3] = 1
	}
	binary.LittleEndian.PutUint32(to[4:], p.Timestamp)
	binary.LittleEndian.PutUint32(to[8:], p.Source)
	binary.LittleEndian.PutUint64(to[16:], uint64(p.At.UnixNano()))
	copy(to[recordHead:], p.Payload)
}

func recorded(from []byte, size int) TapPacket {
	return TapPacket{
		Format:    Format(from[2]),
		Aligned:   from[3] == 1,
		Timestamp: binary.LittleEndian.Uint32(from[4:]),
		Source:    binary.LittleEndian.Uint32(from[8:]),
		At:        time.Unix(0, int64(binary.LittleEndian.Uint64(from[16:]))),
		Payload:   from[recordHead : recordHead+size : recordHead+size],
	}
}
