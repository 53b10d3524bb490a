// Package webhook tells endpoints of an integrator what has happened: the events of
// the store's outbox, one POST for each, signed as Standard Webhooks has it, in their
// order and at least once.
//
// It reads what is committed, in goroutines of its own: an endpoint that hangs, fails
// or floods us delays neither a call nor a commit nor another endpoint. How far each
// has been told lies in the store; after a crash, the events of the last second may be
// sent again, by the same id.
package webhook
