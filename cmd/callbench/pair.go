//go:build linux

package main

import (
	"fmt"
	"time"
)

// What is to be seen on one side only: the number that begins so, a word that the phone puts
// wherever it may write what it likes, and its address. The words have digits that our tokens do
// not have: else one in some million calls would draw one.
const (
	callerHost, callerPrefix, callerWord = "127.0.0.2", "+9198765", "0ce10t"
	calleeHost, calleePrefix, calleeWord = "127.0.0.3", "+9198203", "tamar1n"
	maskdHost                            = "127.0.0.1"
	port                                 = 5060
)

// pair is two people who call each other, one call after the other.
type pair struct {
	caller, callee string // their real numbers
	did            string // what the caller dials

	call int // which of its calls this is
	a    callerState
	b    calleeState

	invited, answered time.Time // when the INVITE and the 200 were about to be sent
	toCallee          time.Duration
	request           []byte // the caller's INVITE or BYE, to be sent again
	ack               []byte // the caller's ACK, to be sent again
	response          []byte // the callee's last one, to be sent again
}

// callerState is how far the caller is.
type callerState uint8

const (
	callerIdle callerState = iota
	callerCalls
	callerProceeds
	callerTalks
	callerHangsUp
)

// calleeState is how far the callee is.
type calleeState uint8

const (
	calleeIdle calleeState = iota
	calleeAnswered
	calleeTalks
	calleeOver
)

// newPairs makes so many. The DIDs are not known yet.
func newPairs(n int) []pair {
	pairs := make([]pair, n)
	for i := range pairs {
		pairs[i].caller, pairs[i].callee = fmt.Sprintf("%s%05d", callerPrefix, i), fmt.Sprintf("%s%05d", calleePrefix, i)
	}
	return pairs
}

// index is which pair a number is of; false if of none.
func (c *crowd) index(digits []byte) (int, bool) {
	if len(digits) < 5 {
		return 0, false
	}
	i := 0
	for _, d := range digits[len(digits)-5:] {
		if d < '0' || d > '9' {
			return 0, false
		}
		i = 10*i + int(d-'0')
	}
	return i, i < len(c.pairs)
}
