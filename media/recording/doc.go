// Package recording keeps what is said in a call: both sides on one time line, encrypted while it
// is written, for an auditor alone to hear. It reads a tap of the relay and never makes it wait;
// if the disk is slow, full or gone, the recording has a hole or an end, and the call has none.
//
// G.711, G.722 and L16 are decoded into a WAV file, A on the left and B on the right. Other codecs
// are kept as they came, each side in a file of its own: Opus in Ogg, AMR and AMR-WB in their own
// files, G.729 in WAV. All files of a recording begin with it, last as
// long as it does, and have silence where nobody spoke, nothing arrived or nobody may listen.
package recording
