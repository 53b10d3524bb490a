package recording

import "encoding/binary"

const (
	oggFirst  = 2   // header type: the first page of a stream
	oggLast   = 4   // and the last
	oggSizes  = 255 // the most entries that a page's table of sizes has; and the most of an entry
	oggCRCAt  = 22  // where a page has its checksum
	oggPoly   = 0x04C11DB7
	oggSerial = 1 // there is one stream in each file
)

// pages writes one stream of packets as Ogg pages (RFC 3533 section 6).
type pages struct {
	file    flushed
	granule int64 // samples so far
	number  uint32
	sizes   []byte // of the packets of the page that is being made
	body    []byte
}

// packet adds a packet that lasts so many samples.
func (p *pages) packet(packet []byte, length int64) {
	if len(p.sizes)+len(packet)/oggSizes+1 > oggSizes {
		p.put(0)
	}
	p.add(packet)
	p.granule += length
}

// page writes a packet on a page of its own.
func (p *pages) page(packet []byte, kind byte) {
	p.add(packet)
	p.put(kind)
}

// flush writes what there is.
func (p *pages) flush() error {
	if len(p.sizes) > 0 {
		p.put(0)
	}
	return p.file.flush()
}

// close writes the last page, which may be empty.
func (p *pages) close() error {
	p.put(oggLast)
	return p.file.flush()
}

func (p *pages) add(packet []byte) {
	n := len(packet)
	for ; n >= oggSizes; n -= oggSizes {
		p.sizes = append(p.sizes, oggSizes)
	}
	p.sizes = append(p.sizes, byte(n))
	p.body = append(p.body, packet...)
}

func (p *pages) put(kind byte) {
	at, le := len(p.file.buf), binary.LittleEndian
	b := append(p.file.buf, "OggS\x00"...)
	b = append(b, kind)
	b = le.AppendUint64(b, uint64(p.granule))
	b = le.AppendUint32(b, oggSerial)
	b = le.AppendUint32(b, p.number)
	b = le.AppendUint32(b, 0)
	b = append(b, byte(len(p.sizes)))
	b = append(append(b, p.sizes...), p.body...)
	le.PutUint32(b[at+oggCRCAt:], oggChecksum(b[at:]))
	p.file.buf, p.sizes, p.body = b, p.sizes[:0], p.body[:0]
	p.number++
}

// oggTable has what an octet does to the checksum of RFC 3533 section 6, whose bits are in the
// other order than those of hash/crc32.
var oggTable = func() (table [256]uint32) {
	for octet := range table {
		crc := uint32(octet) << 24
		for range 8 {
			crc = crc<<1 ^ oggPoly&-(crc>>31)
		}
		table[octet] = crc
	}
	return table
}()

func oggChecksum(page []byte) (crc uint32) {
	for _, octet := range page {
		crc = crc<<8 ^ oggTable[byte(crc>>24)^octet]
	}
	return crc
}
