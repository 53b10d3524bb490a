package admin

// MaxReaders is how many lists are made at once.
const MaxReaders = maxReaders
