// Package store keeps the domain in one bbolt file: interactions and call
// detail records, every one of them sealed, and in memory the index that
// answers who a (DID, caller) is for.
//
// What is acknowledged is durable. One goroutine writes: it takes what is
// waiting, commits it as one transaction and answers everyone. Readers never
// wait for it. Time is always an argument.
//
// Start with [Open], then [DB.Create], [DB.Resolve] and [DB.Complete].
// DESIGN.md says why it is built this way.
package store
