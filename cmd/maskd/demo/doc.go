// Package demo shows the whole of maskd on loopback: the real daemon with a
// fresh store, two phones with real audio, a masked call, a completion during
// it, and the refusal after it. It checks what it shows: if anything is not as
// it says, it fails.
package demo
