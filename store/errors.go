package store

import "errors"

// Why a store can't be opened. Each is wrapped with the path it is about and
// says what to do.
var (
	// ErrKeyUnreadable: the root key file can't be read or made.
	ErrKeyUnreadable = errors.New("root key can't be read")
	// ErrKeyMissing: the store has records, the root key file is gone.
	ErrKeyMissing = errors.New("root key is missing: without the one this store was made with it can't be read; restore it")
	// ErrKeySize: the root key file is not 32 bytes in base64 on one line.
	ErrKeySize = errors.New("root key is not 32 bytes in base64 on one line")
	// ErrKeyExposed: group or others may access the root key file.
	ErrKeyExposed = errors.New("root key is accessible to other users: chmod it to 0600")
	// ErrKeyWrong: the root key does not open the file of keys. What has sealed that can't tell
	// another key from a bit that was flipped.
	ErrKeyWrong = errors.New("root key is not the one this store was made with, or it was rotated since, or the file of keys is damaged")
	// ErrKeysMissing: the store has records, the file of keys is gone.
	ErrKeysMissing = errors.New("file of keys is missing: without it the store can't be read; restore it")
	// ErrKeysOther: the file of keys is that of another store.
	ErrKeysOther = errors.New("file of keys is that of another store")
	// ErrLocked: another process has the store open.
	ErrLocked = errors.New("store is in use by another process")
	// ErrDamaged: the file is no store, or a part of it can't be read.
	ErrDamaged = errors.New("store is damaged")
	// ErrNewer: the store was written by a newer maskd.
	ErrNewer = errors.New("store was written by a newer version of maskd")
)

// ErrOverflow is a call detail record that was dropped because too many
// already wait for the disk. It reaches [Options].OnFault only.
var ErrOverflow = errors.New("call detail record dropped: too many wait for the disk")
