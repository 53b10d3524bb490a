package sip

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/binary"
	"io"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"go.uber.org/zap"

	"maskd/mapping"
	"maskd/media"
	"maskd/media/sound"
	"maskd/sip/edge"
	"maskd/sip/leg"
)

// DefaultMaxCalls bounds the live calls. It is above what the ports of a
// default configuration allow to talk (2,500), and keeps a flood of INVITEs
// within 200 MB.
const DefaultMaxCalls = 10_000

// DefaultMaxAlike bounds the live calls of one caller to one DID. A phone has
// two lines and an office a few; two parties who each forward their calls to
// their DID ring each other without end, and no Via tells (RFC 5393).
const DefaultMaxAlike = 10

// Directory answers who is meant.
type Directory interface {
	// Resolve returns whom a caller of a DID is for, or why nobody. It never
	// waits for a commit.
	Resolve(did mapping.DID, caller mapping.Number, at time.Time) (mapping.Route, mapping.Refusal)
	// AsksUnknown reports whether a caller of the DID for whom there is no route
	// is asked for a PIN, and on which trunk the other party then is rung.
	AsksUnknown(did mapping.DID) (trunk string, asks bool)
	// Redirects returns where a caller of the DID for whom there is no route is
	// sent to, if anywhere.
	Redirects(did mapping.DID, caller mapping.Number) (mapping.Route, bool)
	// Prove is Resolve for a caller who has entered a PIN, by whatever phone.
	Prove(did mapping.DID, phone mapping.Number, entered []byte, at time.Time) (mapping.Route, mapping.Refusal)
	// Unknown returns what the arbiter is asked about a caller for whom there is no
	// route; nil if it is not asked.
	Unknown(did mapping.DID, caller mapping.Number) *mapping.Case
	// Vouched is Resolve for a caller of whom the arbiter says that he is a party of
	// the interaction, by whatever phone; without a side, on the side that has the DID.
	Vouched(did mapping.DID, phone mapping.Number, interaction mapping.ID, side mapping.Side, at time.Time) (mapping.Route, mapping.Refusal)
	// AsksExtension reports whether such a caller is asked for an extension.
	AsksExtension(did mapping.DID) (trunk string, asks bool)
	// Through is Resolve for a caller who has keyed in an extension.
	Through(did mapping.DID, caller mapping.Number, keyed []byte, at time.Time) (mapping.Route, mapping.Refusal)
	// Renew is Resolve for a call that has a route, some time later.
	Renew(was *mapping.Route, did mapping.DID, at time.Time) (mapping.Route, mapping.Refusal)
	// Origin returns how the party on a side of the interaction is rung, shown its
	// own DID, in a call that begins with it; or why it may not call the other.
	Origin(interaction mapping.ID, side mapping.Side, at time.Time) (mapping.Route, mapping.Refusal)
	// Live reports whether the interaction still connects its parties.
	Live(interaction mapping.ID, at time.Time) bool
	// Counted changes when a call is counted to those in all: what a route says is
	// left of them holds while this is as the route has it.
	Counted() uint64
	// Reaching returns what a call to the DID counts to from when it rings a number, of
	// a party of that tenant, and what Counted was when that was made.
	Reaching(did mapping.DID, of mapping.Tenant, n mapping.Number, at time.Time) (quotas []mapping.Quota, counted uint64)
	// PoolOf returns the name of the pool that has the DID; empty for none.
	PoolOf(did mapping.DID) string
}

// Journal keeps CDRs. Record never blocks; a later record of the same call
// replaces the one before.
type Journal interface {
	Record(mapping.CDR)
}

// Config is what the B2BUA is made of.
type Config struct {
	Listen    []edge.Listen
	Advertise string       // host for Via and Contact; the listen address if empty
	Keypair   edge.Keypair // what TLS listeners show
	Trunks    []edge.Trunk
	Sound     map[string]media.LegOptions // how the legs of a trunk are negotiated, by its name; none: G.711, plain
	Early     map[string]EarlyMedia       // what callers hear of those who are rung on a trunk, by its name; none: EarlyLocal
	RingTime  time.Duration               // in place of what the route says; 0: nothing
	MaxCalls  int                         // more are answered 503; 0: DefaultMaxCalls
	Record    Recordings                  // how calls are recorded
	Speech    Speech                      // what callers hear of us; tones for what is missing
	Locales   map[string]mapping.Locale   // of who calls a DID and is not known yet, by the name of its pool
	Announce  map[string]Announcements    // what is heard in place of a refusal, by the name of the DID's pool; of none: ""
	Meter     Meter                       // nil: nobody measures
	Wishes    Wishes                      // nil: parties want nothing by key
	WantKeys  WantKeys                    // by which they do
	Arbiter   Arbiter                     // nil: calls about which it should be asked are refused
	Sockets   edge.Sockets                // nil: the system's
	Random    io.Reader                   // nil: crypto/rand; safe for use by many goroutines
}

// B2BUA is the back-to-back user agent.
type B2BUA struct {
	// Never changed.
	edge      *edge.Edge
	directory Directory
	journal   Journal
	media     *media.Engine
	log       *zap.Logger
	random    io.Reader
	ringTime  time.Duration
	maxCalls  int
	maxAlike  int
	tones     [sayings]*sound.Prompt
	ringback  *sound.Prompt // what who was rung first hears until the other answers
	warning   *sound.Prompt // says that the time of a call is nearly over
	meter     Meter         // nil: nobody measures
	arbiter   Arbiter       // nil: nobody to ask
	wishes    Wishes        // nil: nobody to grant any
	wantKeys  WantKeys

	recordings *Recordings

	// Safe for use by many goroutines.
	live     *live
	telling  sync.WaitGroup // what parties have said of being recorded
	lockouts *lockouts
	trace    *trace
	stage    stage
	visits   *visits
	policies atomic.Pointer[policies]
}

// New makes a B2BUA. Nothing is bound until Start.
func New(cfg Config, directory Directory, journal Journal, engine *media.Engine, log *zap.Logger) *B2BUA {
	b := &B2BUA{
		directory: directory, journal: journal, media: engine, log: log.Named("sip"), random: cfg.Random,
		ringTime: cfg.RingTime, maxCalls: cmp.Or(cfg.MaxCalls, DefaultMaxCalls), maxAlike: DefaultMaxAlike,
		tones: tones(), ringback: sound.Ringback().Prompt(), warning: sound.Warning().Prompt(),
		meter: cfg.Meter, arbiter: cfg.Arbiter, wishes: cfg.Wishes, wantKeys: cfg.WantKeys, recordings: &cfg.Record,
		live: newLive(directory.Counted), lockouts: newLockouts(maxSuspects), trace: newTrace(traced), visits: newVisits(maxDoors),
	}
	if b.random == nil {
		b.random = rand.Reader
	}
	b.policies.Store(policiesOf(cfg, policies{}))
	b.edge = edge.New(edge.Config{
		Listen: cfg.Listen, Advertise: cfg.Advertise, Keypair: cfg.Keypair, Trunks: cfg.Trunks,
		Sockets: cfg.Sockets, Random: b.random,
	}, b, b.log)
	return b
}

// Start binds every address and begins to take calls. If one can't be bound,
// none is, and the error names it.
func (b *B2BUA) Start() error { return b.edge.Start() }

// Failed tells that a listener stopped by itself: the daemon is deaf.
func (b *B2BUA) Failed() <-chan error { return b.edge.Failed() }

// Admit takes an INVITE that passed admission (edge.Calls).
func (b *B2BUA) Admit(in *edge.Inbound) edge.Call {
	c := newCall(b, b.newID(), in)
	if !b.live.add(c, b.maxCalls) {
		return nil
	}
	return c
}

func (b *B2BUA) newID() mapping.ID {
	var random [10]byte
	_, _ = io.ReadFull(b.random, random[:])
	return mapping.NewID(time.Now(), random)
}

// spread returns a time below the given one, at random (RFC 3261 section 14.1
// wants it in units of 10 ms).
func (b *B2BUA) spread(within time.Duration) time.Duration {
	const unit = 10 * time.Millisecond
	if within < unit {
		return 0
	}
	var random [4]byte
	_, _ = io.ReadFull(b.random, random[:])
	return time.Duration(binary.BigEndian.Uint32(random[:])%uint32(within/unit)) * unit
}

// Calls returns the live calls, oldest first.
func (b *B2BUA) Calls() []CallInfo {
	calls := b.live.all()
	infos := make([]CallInfo, len(calls))
	for i, c := range calls {
		infos[i] = c.board.read()
	}
	slices.SortFunc(infos, func(x, y CallInfo) int { return slices.Compare(x.ID[:], y.ID[:]) })
	return infos
}

// Call returns one live call, with how it sounds.
func (b *B2BUA) Call(id mapping.ID) (CallInfo, bool) {
	c, ok := b.live.find(id)
	if !ok {
		return CallInfo{}, false
	}
	return c.read(), true
}

// Size returns how many calls are live.
func (b *B2BUA) Size() int { return b.live.size() }

// Unanswered returns what came to the SIP addresses and got no call.
func (b *B2BUA) Unanswered() edge.Counts { return b.edge.Counts() }

// LiveCalls returns how many calls of the interaction there are that are not
// ending.
func (b *B2BUA) LiveCalls(interaction mapping.ID) int { return b.live.count(interaction) }

// End hangs up every call of a completed interaction and returns how many
// there were. When it returns no audio passes any more, and BYE, CANCEL or a
// final response has left on every leg, but for two cases in which RFC 3261
// makes it wait for the peer: a BYE for the ACK (section 15), a CANCEL for the
// first provisional response (section 9.1).
func (b *B2BUA) End(interaction mapping.ID) int {
	return stopAll(b.live.of(interaction), letter{kind: toStop, cause: leg.CauseComplete})
}

// EndAnnounced is End, but that those who talk hear it before they are hung up,
// within ten seconds. When it returns they don't hear each other any more.
func (b *B2BUA) EndAnnounced(interaction mapping.ID) int {
	return stopAll(b.live.of(interaction), letter{kind: toStop, cause: leg.CauseComplete, parts: true})
}

// Hangup hangs up one call; false if there is no such live call. It returns as
// End does.
func (b *B2BUA) Hangup(id mapping.ID) bool {
	c, ok := b.live.find(id)
	return ok && stopAll([]*call{c}, letter{kind: toStop, cause: leg.CauseOperator}) == 1
}

// Dictate has the recording of a call pause, go on or end, as somebody has said;
// false if there is no such live call.
func (b *B2BUA) Dictate(id mapping.ID, d Dictation) bool {
	c, ok := b.live.find(id)
	return ok && c.mail.put(letter{kind: toDictate, dictation: d})
}

// stopAll tells the calls to stop, and waits until each has done what it can.
// Their sound is cut first, whatever they are at.
func stopAll(calls []*call, how letter) int {
	var done sync.WaitGroup
	how.read = done.Done
	stopped := 0
	for _, c := range calls {
		c.silence(how.parts)
		done.Add(1)
		if !c.mail.put(how) {
			done.Done() // it has ended by itself
			continue
		}
		stopped++
	}
	done.Wait()
	return stopped
}

// silence ends what the two hear of each other, and unless we have something to
// say to them, all that they hear. Any goroutine may call it.
func (c *call) silence(parts bool) {
	switch s := c.sound.Load(); {
	case s == nil:
	case parts:
		s.Part()
	default:
		s.Cut()
	}
}

// Drain takes no more calls, and tells so whoever asks by OPTIONS. Those that are
// up go on; it returns how many.
func (b *B2BUA) Drain() int {
	b.edge.Drain()
	b.live.close()
	return b.live.size()
}

// Draining reports whether no more calls are taken.
func (b *B2BUA) Draining() bool { return b.live.isClosed() }

// Over is closed when the last call is over. Drain first.
func (b *B2BUA) Over() <-chan struct{} {
	over := make(chan struct{})
	go func() {
		b.live.over.Wait()
		close(over)
	}()
	return over
}

// Close takes no more calls, hangs up those there are, gives their peers until
// ctx is done to say goodbye, and waits until nothing is left: neither a call nor a
// word of one that is being told.
func (b *B2BUA) Close(ctx context.Context) {
	b.Drain()
	stopAll(b.live.all(), letter{kind: toStop, cause: leg.CauseShutdown})
	over := b.Over()
	select {
	case <-over:
	case <-ctx.Done():
		for _, c := range b.live.all() {
			c.mail.put(letter{kind: toAbandon})
		}
		<-over
	}
	b.edge.Close()
	b.telling.Wait() // no longer than granting
}
