// Package media gives sound to a call with two legs: it negotiates each leg's SDP by itself,
// reserves the ports and tells the relay what may pass. It knows nothing of SIP messages and
// nothing of numbers.
package media
