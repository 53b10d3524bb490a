package media

// direction says which way a stream flows, as the one who wrote the description sees it.
type direction struct {
	sends, receives bool
}

var bothWays = direction{sends: true, receives: true}

// String gives the attribute of RFC 8866 section 6.7.
func (d direction) String() string {
	switch {
	case d.sends && d.receives:
		return "sendrecv"
	case d.sends:
		return "sendonly"
	case d.receives:
		return "recvonly"
	default:
		return "inactive"
	}
}

// reversed is the same flow as the other side sees it.
func (d direction) reversed() direction {
	return direction{sends: d.receives, receives: d.sends}
}

func parseDirection(attribute string) (direction, bool) {
	switch attribute {
	case "sendrecv":
		return bothWays, true
	case "sendonly":
		return direction{sends: true}, true
	case "recvonly":
		return direction{receives: true}, true
	case "inactive":
		return direction{}, true
	default:
		return direction{}, false
	}
}
