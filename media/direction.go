package media

// Direction says which way a stream flows, as the one who wrote the description sees it.
type Direction struct {
	Sends, Receives bool
}

var bothWays = Direction{Sends: true, Receives: true}

// String gives the attribute of RFC 8866 section 6.7.
func (d Direction) String() string {
	switch {
	case d.Sends && d.Receives:
		return "sendrecv"
	case d.Sends:
		return "sendonly"
	case d.Receives:
		return "recvonly"
	default:
		return "inactive"
	}
}

// OnHold tells whether it is less than both ways.
func (d Direction) OnHold() bool { return d != bothWays }

// reversed is the same flow as the other side sees it.
func (d Direction) reversed() Direction {
	return Direction{Sends: d.Receives, Receives: d.Sends}
}

// within is what of the flow is left where another allows no more.
func (d Direction) within(other Direction) Direction {
	return Direction{Sends: d.Sends && other.Sends, Receives: d.Receives && other.Receives}
}

func parseDirection(attribute string) (Direction, bool) {
	switch attribute {
	case "sendrecv":
		return bothWays, true
	case "sendonly":
		return Direction{Sends: true}, true
	case "recvonly":
		return Direction{Receives: true}, true
	case "inactive":
		return Direction{}, true
	default:
		return Direction{}, false
	}
}
