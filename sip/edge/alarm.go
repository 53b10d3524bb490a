package edge

import (
	"go.uber.org/zap"

	"maskd/mapping"
)

// alarm counts a call that is refused for what it says of itself, and tells the
// operators of one that should never have come to us: whoever routed an
// emergency here must hear of it before the next one.
func (e *Edge) alarm(id Identity) {
	trunk := zap.String("trunk", id.Trunk)
	switch id.Refusal {
	case mapping.RefusalEmergency:
		e.counts.emergencies.Add(1)
		e.log.Error("emergency call refused: the trunk must not route them to us", trunk)
	case mapping.RefusalShortCode:
		e.counts.shortCodes.Add(1)
		e.log.Warn("call to a short code refused", trunk)
	case mapping.RefusalUnverified:
		e.counts.unverified.Add(1)
		if id.PIN {
			e.log.Info("caller is to enter his PIN: his number is not attested as the trunk's minimum asks", trunk)
			return
		}
		e.log.Info("call refused: the caller's number is not attested as the trunk's minimum asks", trunk)
	}
}
