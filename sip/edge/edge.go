package edge

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/emiago/sipgo/sip"
	"go.uber.org/zap"

	"maskd/sip/resolve"
)

// What can go wrong at the edge. None quotes a message.
var (
	// ErrSend: a message could not be handed to the network.
	ErrSend = errors.New("message could not be sent")
	// ErrTrunk: there is no trunk of that name with a gateway.
	ErrTrunk = errors.New("no such trunk, or none with a gateway")
	// ErrListener: a listener stopped although nobody closed it.
	ErrListener = errors.New("SIP listener stopped unexpectedly")
)

// What the system knows of names.
const (
	hostsFile   = "/etc/hosts"
	serversFile = "/etc/resolv.conf"
)

// Config is what the edge is made of.
type Config struct {
	Listen    []Listen
	Advertise string // host for Via and Contact; the listen address if empty
	Keypair   Keypair
	Trunks    []Trunk
	Lookup    resolve.Lookup // nil: the system's name servers and hosts file
	Sockets   Sockets        // nil: the system's
	Random    io.Reader      // nil: crypto/rand
}

// Calls is who takes the calls that pass admission.
type Calls interface {
	// Admit makes a call of an inbound leg that has been answered with 100. It
	// returns nil if no call can be taken now.
	Admit(*Inbound) Call
}

// Call is a call that has been admitted.
type Call interface {
	// Put hands over what happened to leg A. It never blocks. It reports false
	// if the call takes no more.
	Put(Signal) bool
	// Run begins the call, and may return when it is over: the goroutine is the
	// call's. From now on everything can reach it.
	Run()
}

// Edge is the SIP side of the daemon.
type Edge struct {
	// Never changed after Start.
	cfg     Config
	calls   Calls
	log     *zap.Logger
	slog    slog.Handler
	tokens  tokens
	shedTag string           // what our tags begin with in refusals of what we have not read
	addrs   []netip.AddrPort // as bound, in the order of Config.Listen
	doors   []*door
	life    context.Context // until Close
	stop    context.CancelFunc

	// Safe for use by many goroutines.
	legs       *index // by our tag
	invites    *index // ours, by branch
	cancels    *cancels
	lanes      *lanes
	merges     *merges
	aftermath  *aftermath
	peering    atomic.Pointer[peering]
	changing   sync.Mutex // held by whoever replaces the peering, or closes
	unlearn    func()     // ends the keeping of the peering's book; under changing
	draining   atomic.Bool
	trust      atomic.Pointer[trust]
	guests     *guests
	crew       crew
	texts      texts
	intake     *intake
	strays     *pace
	streamless streamless
	counts     counts
	wg         sync.WaitGroup
	registered sync.WaitGroup // the registrars, which end before the listeners do
	failed     chan error
	closing    atomic.Bool
}

// counts are what the edge saw and did not answer, or not in full.
type counts struct {
	strangers atomic.Uint64 // datagrams and connections from outside every trunk
	crowded   atomic.Uint64 // connections of trunks that had too many
	unproven  atomic.Uint64 // certificates that were refused
	oversize  atomic.Uint64
	malformed atomic.Uint64
	strays    atomic.Uint64
	shed      atomic.Uint64 // INVITEs refused unread, and the ACKs for that
	overrun   atomic.Uint64 // OPTIONS and the like that were too many
	panics    atomic.Uint64

	emergencies atomic.Uint64 // calls that should never have come to us
	shortCodes  atomic.Uint64
	unverified  atomic.Uint64
}

// Counts are what the edge saw since the start and did not answer, or not in full.
type Counts struct {
	Strangers uint64 // datagrams and connections from outside every trunk
	Oversize  uint64 // datagrams longer than we read
	Malformed uint64 // datagrams that are no SIP, and requests refused before anybody looked at what they want
	Strays    uint64 // 2xx that no call waited for
	Panics    uint64 // messages dropped because they caused one
	Shed      uint64 // INVITEs refused unread, and the ACKs for that
}

// Counts returns what was seen so far.
func (e *Edge) Counts() Counts {
	return Counts{Strangers: e.counts.strangers.Load(), Oversize: e.counts.oversize.Load(),
		Malformed: e.counts.malformed.Load(), Strays: e.counts.strays.Load(), Panics: e.counts.panics.Load(), Shed: e.counts.shed.Load()}
}

// New makes an edge. Nothing is bound until Start.
func New(cfg Config, calls Calls, log *zap.Logger) *Edge {
	if cfg.Sockets == nil {
		cfg.Sockets = systemSockets{}
	}
	if cfg.Random == nil {
		cfg.Random = rand.Reader
	}
	if cfg.Lookup == nil {
		cfg.Lookup = resolve.WithHosts(hostsFile, resolve.SystemDNS(serversFile).Lookup)
	}
	tokens := newTokens(cfg.Random)
	e := &Edge{
		cfg: cfg, calls: calls, log: log, slog: newLogHandler(log),
		tokens: tokens, shedTag: tokens.shed(), intake: newIntake(), strays: newPace(straysPerSecond, straysAtOnce), lanes: newLanes(),
		legs: newIndex(), invites: newIndex(), cancels: newCancels(), merges: newMerges(), aftermath: newAftermath(), guests: newGuests(),
		failed: make(chan error, 1),
	}
	peers := &peering{trunks: e.welcome(&peering{}, cfg.Trunks)}
	peers.book = resolve.NewBook(services(peers.trunks), spoken(cfg.Listen), cfg.Lookup)
	e.peering.Store(peers)
	return e
}

// Start binds every address and begins to read. If one can't be bound, none is.
func (e *Edge) Start() error {
	trust, err := readTrust(e.cfg.Keypair, e.peers().trunks, nil, nil)
	if err != nil {
		return err
	}
	e.trust.Store(trust)
	ctx, stop := context.WithCancel(context.Background())
	for _, at := range e.cfg.Listen {
		if err := e.bind(ctx, at); err != nil {
			stop()
			e.closeListeners()
			return err
		}
	}
	e.changing.Lock()
	defer e.changing.Unlock()
	e.life, e.stop = ctx, stop
	peers := e.peers()
	for _, l := range peers.listeners {
		l.stream = e.streamBeside(l)
	}
	for _, d := range e.doors {
		e.wg.Go(func() { d.serve(ctx) })
	}
	e.begin(peers, peers.trunks, peers.listeners)
	e.wg.Go(func() { e.probe(ctx) })
	return nil
}

// bind binds an address.
func (e *Edge) bind(ctx context.Context, at Listen) error {
	opened, err := e.open(ctx, at)
	if err != nil {
		return err
	}
	peers := *e.peers()
	peers.listeners = slices.Concat(peers.listeners, opened)
	e.peering.Store(&peers)
	e.addrs = append(e.addrs, opened[0].addr)
	return nil
}

// begin sets to work what is new in a peering.
func (e *Edge) begin(peers *peering, fresh trunks, opened []*listener) {
	for _, l := range opened {
		e.wg.Go(func() { e.serve(l) })
	}
	for _, t := range fresh {
		if t.registrar != nil {
			t.registrar.begin(e.life)
		}
	}
	e.learn(peers.book)
}

// learn has DNS asked where the gateways are, from now on and until unlearn.
func (e *Edge) learn(book *resolve.Book) {
	ctx, cancel := context.WithCancel(e.life)
	over := make(chan struct{})
	e.wg.Go(func() {
		defer close(over)
		book.Keep(ctx)
	})
	e.unlearn = func() {
		cancel()
		<-over
	}
}

// Drain tells who asks by OPTIONS that no more calls are taken.
func (e *Edge) Drain() { e.draining.Store(true) }

func (e *Edge) serve(l *listener) {
	_ = l.serve()
	if e.closing.Load() || l.retired.Load() {
		return
	}
	select {
	case e.failed <- ErrListener:
	default: // one is enough to stop the daemon
	}
}

// Failed tells that a listener stopped by itself: the daemon is deaf.
func (e *Edge) Failed() <-chan error { return e.failed }

// Addrs returns the addresses bound, in the order of the configuration.
func (e *Edge) Addrs() []netip.AddrPort {
	return slices.Clone(e.addrs)
}

// Legs returns how many dialogs the edge knows.
func (e *Edge) Legs() int { return e.legs.size() }

// Close ends every transaction, closes the sockets, and waits. Calls that are
// still up are not ended: their owner does that first.
func (e *Edge) Close() {
	e.changing.Lock()
	closed := e.closing.Swap(true)
	e.changing.Unlock()
	if closed || e.stop == nil {
		return
	}
	e.stop()
	e.registered.Wait()
	e.closeListeners()
	e.crew.dismiss()
	e.wg.Wait()
	e.crew.dismiss() // whom a reader called before it saw that its socket is closed
	e.log.Info("edge closed", zap.Uint64("strangers", e.counts.strangers.Load()),
		zap.Uint64("crowded", e.counts.crowded.Load()), zap.Uint64("unproven", e.counts.unproven.Load()),
		zap.Uint64("oversize", e.counts.oversize.Load()), zap.Uint64("malformed", e.counts.malformed.Load()),
		zap.Uint64("strays", e.counts.strays.Load()), zap.Uint64("panics", e.counts.panics.Load()),
		zap.Uint64("shed", e.counts.shed.Load()), zap.Uint64("overrun", e.counts.overrun.Load()),
		zap.Uint64("emergencies", e.counts.emergencies.Load()), zap.Uint64("short_codes", e.counts.shortCodes.Load()),
		zap.Uint64("unverified", e.counts.unverified.Load()))
}

func (e *Edge) closeListeners() {
	for _, d := range e.doors {
		d.close()
	}
	for _, l := range e.peers().listeners {
		l.close()
	}
}

// listenerFor returns the listener by which a trunk reaches an address: the
// first of that network and family that the trunk may use.
func (e *Edge) listenerFor(trunk *Trunk, n Network, to netip.Addr) (*listener, bool) {
	for _, l := range e.peers().listeners {
		if l.network == n && l.family(to) && l.serves(trunk) {
			return l, true
		}
	}
	return nil, false
}

// streamBeside returns the TCP listener for what is too long for a UDP
// listener's datagrams: on the same address, or on another of its family.
func (e *Edge) streamBeside(l *listener) (found *listener) {
	for _, other := range e.peers().listeners {
		switch {
		case l.network != UDP || other.network != TCP || !l.family(other.addr.Addr()):
		case other.addr.Addr() == l.addr.Addr():
			return other
		case found == nil:
			found = other
		}
	}
	return found
}

// own reports whether the address is one that we listen on.
func (e *Edge) own(addr netip.AddrPort) bool {
	return slices.ContainsFunc(e.peers().listeners, func(l *listener) bool { return l.addr == addr })
}

// Prepare sets what sipgo keeps in globals: its logger, and how long the
// transactions of an INVITE on a stream live on after its 2xx (RFC 6026 section
// 7): not as long as either may come again, because we know both by other means,
// but long enough for a CANCEL that crosses the 2xx. It is called once, before
// anything of sipgo is used.
func Prepare(log *zap.Logger) {
	sip.SetDefaultLogger(slog.New(newLogHandler(log)))
	sip.Timer_L, sip.Timer_M = sip.T1, sip.T1
}

// systemSockets are the sockets of the system.
type systemSockets struct{}

// receiveBuffer holds what comes while the reader is kept from running: a
// datagram lost here comes again after half a second, when it is needed least.
// The system grants as much of it as it allows.
const receiveBuffer = 4 << 20

func (systemSockets) ListenPacket(ctx context.Context, network, address string) (net.PacketConn, error) {
	var lc net.ListenConfig
	conn, err := lc.ListenPacket(ctx, network, address)
	if udp, ok := conn.(*net.UDPConn); ok {
		_ = udp.SetReadBuffer(receiveBuffer) // less will do
	}
	return conn, err
}

func (systemSockets) Listen(ctx context.Context, network, address string) (net.Listener, error) {
	var lc net.ListenConfig
	return lc.Listen(ctx, network, address)
}
