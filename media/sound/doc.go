// Package sound makes what we say to those who call: prompts out of WAV files, and tones. All of
// it is fit for G.711 before any call is there; [media] has it played.
//
// [media]: maskd/media
package sound
