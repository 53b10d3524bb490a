package edge

import "math/rand/v2"

// longestRefusal is the most seconds that we ask a refused carrier to wait. It
// is small: a carrier may keep back all its calls for so long (RFC 3261
// section 21.5.4), and we have room again within two seconds.
const longestRefusal = 3

// comeAgain draws the seconds of a Retry-After, so that those whom we refused
// together don't come back together. It tells nothing.
func comeAgain() int { return 1 + rand.IntN(longestRefusal) }
