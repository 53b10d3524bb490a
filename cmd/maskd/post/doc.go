// Package post sends signed messages over HTTP to where the configuration says, and
// nowhere else: no proxy of the environment and no redirection leads elsewhere, and
// no answer is read further than it may be long.
//
// Messages are signed as Standard Webhooks has it: who has the key can tell that one
// is ours, when it was sent, and by its id whether he has had it before. Decision hook
// and webhooks both go by it.
package post
