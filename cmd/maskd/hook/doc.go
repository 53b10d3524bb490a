// Package hook asks the decision hook: a program of the integrator's, that
// decides about calls by what the mapping does not know. A question is a POST
// signed as Standard Webhooks has it: HMAC-SHA256 over an id, a time and the
// body. It holds references in place of numbers, and an answer can name a number
// only by its place in the question.
//
// Whatever is not a good answer in time is an error, and the call is refused. The
// answer is not signed: it comes over the connection that the question went by,
// which is TLS, or never leaves this machine.
package hook
