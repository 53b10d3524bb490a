package store

import "maskd/mapping"

// The fields of a block. Its id is the key that it is kept under.
const (
	blockNumber byte = iota + 1
	blockWith
	blockBars
	blockReason
	blockSince
	blockTenant // left out of the house's
)

func encodeBlock(b *mapping.Block) []byte {
	f := fields{}.number(blockNumber, b.Number)
	f = f.number(blockWith, b.With)
	f = f.integer(blockBars, uint64(b.Bars))
	f = f.text(blockReason, b.Reason)
	f = f.instant(blockSince, b.Since)
	return f.text(blockTenant, string(b.Tenant))
}

func decodeBlock(id mapping.ID, f fields) (mapping.Block, error) {
	b := mapping.Block{ID: id}
	for len(f) > 0 {
		tag, v, rest, err := f.next()
		if err == nil {
			err = setBlock(&b, tag, v)
		}
		if err != nil {
			return mapping.Block{}, err
		}
		f = rest
	}
	return b, nil
}

func setBlock(b *mapping.Block, tag byte, v value) (err error) {
	switch tag {
	case blockNumber:
		b.Number, err = v.number()
	case blockWith:
		b.With, err = v.number()
	case blockBars:
		b.Bars, err = enumOf[mapping.Bar](v)
	case blockReason:
		b.Reason = string(v)
	case blockSince:
		b.Since, err = v.instant()
	case blockTenant:
		b.Tenant, err = v.tenant()
	default:
		err = errFields
	}
	return err
}
