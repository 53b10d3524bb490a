package siptest

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Torture is a message of RFC 4475, the torture tests of SIP.
type Torture struct {
	Name string // of its section
	Text string
	Want string // what must come back
}

// ErrTorture: the torture messages are not those of RFC 4475.
var ErrTorture = errors.New("not the 49 torture messages")

// Tortures reads the torture messages from a directory, in the order of their names.
func Tortures(dir string) ([]Torture, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.dat"))
	if err != nil || len(files) != len(tortured) {
		return nil, ErrTorture
	}
	slices.Sort(files)
	messages := make([]Torture, len(files))
	for i, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		name := strings.TrimSuffix(filepath.Base(file), ".dat")
		want, known := tortured[name]
		if !known {
			return nil, ErrTorture
		}
		messages[i] = Torture{Name: name, Text: string(text), Want: want}
	}
	return messages, nil
}

// tortured is what must come back for each message: the names of the answers,
// nothing for silence. An INVITE that is "100, 404" was taken for a call, to a
// DID that nobody has.
var tortured = map[string]string{
	// Section 3.1.1, valid messages. The parser gives up on some; that is
	// silence, and no harm.
	"wsinv":      "481", // its To has a tag, of a dialog that never was
	"intmeth":    "",    // the URI has no host that can be found
	"esc01":      "100, 404",
	"escnull":    "405 REGISTER",
	"esc02":      "501 RE%47IST%45R",
	"lwsdisp":    "200 OPTIONS",
	"longreq":    "100, 404",
	"dblreq":     "405 REGISTER", // what follows is no part of it
	"semiuri":    "200 OPTIONS",
	"transports": "200 OPTIONS",
	"mpart01":    "405 MESSAGE",
	"unreason":   "", // a 2xx to nothing of ours
	"noreason":   "",

	// Section 3.1.2, invalid messages.
	"badinv01":   "",
	"clerr":      "",
	"ncl":        "",
	"scalar02":   "",
	"scalarlg":   "",
	"quotbal":    "",
	"ltgtruri":   "",
	"lwsruri":    "",
	"lwsstart":   "",
	"trws":       "",
	"escruri":    "100, 404", // the headers in the Request-URI are not looked at
	"baddate":    "100, 404", // nor is the Date
	"regbadct":   "405 REGISTER",
	"badaspec":   "",
	"baddn":      "",
	"badvers":    "505 OPTIONS",
	"mismatch01": "400", // named after its CSeq
	"mismatch02": "400",
	"bigcode":    "",

	// Section 3.2, the transaction layer.
	"badbranch": "200 OPTIONS",

	// Section 3.3, the application layer.
	"insuf":    "400",
	"unkscm":   "416 OPTIONS",
	"novelsc":  "",
	"unksm2":   "405 REGISTER",
	"bext01":   "420 OPTIONS",
	"invut":    "415",
	"regaut01": "405 REGISTER",
	"multi01":  "400",
	"mcl01":    "400 OPTIONS",
	"bcast":    "", // a response by way of another host
	"zeromf":   "483 OPTIONS",
	"cparam01": "405 REGISTER",
	"cparam02": "405 REGISTER",
	"regescrt": "405 REGISTER",
	"sdp01":    "100, 404",

	// Section 3.4, backward compatibility.
	"inv2543": "400", // a From without a tag
}
