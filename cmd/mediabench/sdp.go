//go:build linux

package main

import (
	"fmt"
	"net/netip"
	"regexp"
	"strconv"
)

// sdp is what a phone offers and answers.
func sdp(phone netip.AddrPort) string {
	return fmt.Sprintf("v=0\r\no=- 1 1 IN IP4 %s\r\ns=-\r\nc=IN IP4 %[1]s\r\nt=0 0\r\nm=audio %d RTP/AVP 8 101\r\n"+
		"a=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\na=ptime:20\r\n", phone.Addr(), phone.Port())
}

var audio = regexp.MustCompile(`m=audio (\d+) `)

// audioPort is where a description wants sound, anywhere in a text.
func audioPort(text string) (uint16, error) {
	m := audio.FindStringSubmatch(text)
	if m == nil {
		return 0, fmt.Errorf("no SDP in %q", text)
	}
	port, err := strconv.ParseUint(m[1], 10, 16)
	return uint16(port), err
}
