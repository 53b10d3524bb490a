package edge

import (
	"strconv"
	"strings"

	"github.com/emiago/sipgo/sip"
)

// version is what a start line has of the protocol.
const version = "SIP/2.0"

// readRequest reads a request line; false if it is not as usual.
func readRequest(method, rest string, req *sip.Request) bool {
	uri, protocol, _ := strings.Cut(rest, " ")
	if protocol != version || !isMethod(method) || !readURI(uri, &req.Recipient) || req.Recipient.Wildcard {
		return false
	}
	req.Method = sip.RequestMethod(method)
	return true
}

// readStatus reads what follows the version in a status line; false if it is not as
// usual.
func readStatus(rest string, res *sip.Response) bool {
	code, phrase, found := strings.Cut(rest, " ")
	status, err := strconv.ParseUint(code, 10, 16)
	if !found || err != nil || len(code) != 3 || strings.HasPrefix(phrase, "SIP") || strings.HasPrefix(phrase, "sip") {
		return false // sipgo might take it for a request
	}
	res.StatusCode, res.Reason = int(status), phrase
	return true
}

func isMethod(word string) bool {
	for i := range len(word) {
		if word[i] < 'A' || word[i] > 'Z' {
			return false
		}
	}
	return word != ""
}
