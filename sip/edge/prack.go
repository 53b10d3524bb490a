package edge

import (
	"strconv"
	"strings"

	"github.com/emiago/sipgo/sip"
)

// Reliable provisional responses (RFC 3262).

// maxRSeq is the bound of section 7.1.
const maxRSeq = 1<<31 - 1

// rseqOf returns the number of a reliable provisional response; 0 if it is
// none.
func rseqOf(res *sip.Response) uint32 {
	rseq := header(res, "RSeq")
	if rseq == nil || !res.IsProvisional() || res.StatusCode == 100 || !hasTag(res, "Require", "100rel") {
		return 0
	}
	n, err := strconv.ParseUint(strings.TrimSpace(rseq.Value()), 10, 32)
	if err != nil || n > maxRSeq {
		return 0
	}
	return uint32(n)
}

// rack is what a PRACK acknowledges: an RSeq, and the CSeq of what it answered.
type rack struct {
	rseq, cseq uint32
}

// rackOf reads RAck: "776656 1 INVITE". Zero if there is none.
func rackOf(req *sip.Request) rack {
	if req.Method != sip.PRACK {
		return rack{}
	}
	h := header(req, "RAck")
	if h == nil {
		return rack{}
	}
	fields := strings.Fields(h.Value())
	if len(fields) != 3 || fields[2] != string(sip.INVITE) {
		return rack{}
	}
	rseq, err := strconv.ParseUint(fields[0], 10, 32)
	if err != nil {
		return rack{}
	}
	cseq, err := strconv.ParseUint(fields[1], 10, 32)
	if err != nil {
		return rack{}
	}
	return rack{rseq: uint32(rseq), cseq: uint32(cseq)}
}

func (r rack) String() string {
	return strconv.FormatUint(uint64(r.rseq), 10) + " " + strconv.FormatUint(uint64(r.cseq), 10) + " INVITE"
}
