package admin

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"go.uber.org/zap"

	"maskd/mapping"
	"maskd/sip"
)

// Store is what the API needs of the store.
type Store interface {
	Create(ctx context.Context, d mapping.Draft, at time.Time) (i mapping.Interaction, created bool, err error)
	Complete(ctx context.Context, id mapping.ID, reason string, at time.Time) (mapping.Interaction, error)
	Extend(ctx context.Context, id mapping.ID, e mapping.Extension, at time.Time) (mapping.Interaction, error)
	SetHours(ctx context.Context, id mapping.ID, change mapping.HoursChange, at time.Time) (mapping.Interaction, error)
	Reopen(ctx context.Context, id mapping.ID, e mapping.Extension, at time.Time) (mapping.Interaction, error)
	Revise(ctx context.Context, id mapping.ID, r mapping.Revision, at time.Time) (mapping.Interaction, error)
	Interaction(id mapping.ID) (mapping.Interaction, error)
	ByExternalID(of mapping.Tenant, external string) (mapping.Interaction, error)
	InteractionsOf(of mapping.Tenant, after mapping.ID, limit int) ([]mapping.Interaction, error)
	Explain(ctx context.Context, did mapping.DID, caller mapping.Number, at time.Time) (mapping.Evidence, error)
	CDR(call mapping.ID) (mapping.CDR, error)
	CDRsOf(of mapping.Tenant, after mapping.ID, limit int) ([]mapping.CDR, error)
	Ref(of mapping.Tenant, n mapping.Number) string
	TenantOf(did mapping.DID) mapping.Tenant
	Ours(did mapping.DID) bool
}

// Calls is what the API needs of the B2BUA.
type Calls interface {
	Calls() []sip.CallInfo
	Call(id mapping.ID) (sip.CallInfo, bool)
	// End hangs up every call of the interaction; when it returns, no audio
	// passes any more. It returns how many calls that were.
	End(interaction mapping.ID) int
	// EndAnnounced is End, but that those who talk hear a goodbye first. When it
	// returns they don't hear each other any more.
	EndAnnounced(interaction mapping.ID) int
	LiveCalls(interaction mapping.ID) int
	// Originate begins a call. Errors: [*sip.RefusedError], sip.ErrDraining,
	// sip.ErrFull, sip.ErrTrunk.
	Originate(sip.Origination) (mapping.ID, error)
	// Hangup hangs up one call; false if it is not live.
	Hangup(id mapping.ID) bool
	// Trace returns what crossed of a call, as far as it is remembered.
	Trace(id mapping.ID) []sip.Crossing
	// Dictate says something of the recording of a call; false if it is not live.
	Dictate(id mapping.ID, d sip.Dictation) bool
	// Drain takes no new calls from now on, and returns how many are live.
	Drain() int
	Draining() bool
	// Trunks returns how the trunks are, in the order of the configuration.
	Trunks() []sip.TrunkInfo
}

// Options are what a server is started with. Now, Metrics, Meter, Listen, Access,
// Ledger and Rand may be left out.
type Options struct {
	Socket  string         // path of the Unix socket
	Metrics netip.AddrPort // where /livez, /readyz and /metrics are also answered; zero: nowhere
	Meter   *Metrics       // what /metrics answers
	Listen  netip.AddrPort // where the API is also answered, over TLS; zero: nowhere
	Access  Access         // who may do what
	Ledger  Ledger         // who is told of it
	Audit   AuditLog       // what was told; nil: it is not shown
	Keys    Keys           // nil: they can't be changed
	Archive Archive        // nil: there is no copy to be had
	Store   Store
	Numbers Numbers
	Blocks  Blocks
	Calls   Calls

	Oblivion Oblivion
	Events   Events
	Webhooks Webhooks

	Recordings Recordings // nil: nothing is recorded

	Hook   Hook                     // nil: there is none
	Reload func() (Reloaded, error) // reads the configuration again; errors that are the file's are a [*Problem]
	Log    *zap.Logger
	Now    func() time.Time // nil: time.Now

	Rand  io.Reader    // of ids; nil: crypto/rand
	Aside func(func()) // runs what may take long, so that nobody waits for the processor meanwhile; nil: as it is
}

// Limits on a client. It is a program on the same machine, so all are far
// above what an honest one needs.
const (
	maxBody       = 64 << 10
	maxHeader     = 16 << 10
	headerTimeout = 5 * time.Second
	readTimeout   = 10 * time.Second
	writeTimeout  = 30 * time.Second
	idleTimeout   = 2 * time.Minute
	// changeTimeout bounds the wait for a commit, below writeTimeout so that
	// the answer can still be sent.
	changeTimeout = 20 * time.Second
)

// Server is the running API.
type Server struct {
	store   Store
	numbers Numbers
	blocks  Blocks
	calls   Calls

	recordings Recordings // nil: nothing is recorded
	oblivion   Oblivion
	events     Events
	webhooks   Webhooks

	hook   Hook // nil: there is none
	reads  func() (Reloaded, error)
	log    *zap.Logger
	now    func() time.Time
	meter  *Metrics // nil: nothing is measured
	clicks clicks   // safe for use by many goroutines

	ledger Ledger // nil: nobody is told
	audit  AuditLog
	keys   Keys

	archive Archive
	rand    io.Reader

	// Each guards itself.
	access    atomic.Pointer[Access]
	knocks    paces // by who is turned away
	lookups   paces // by who asks
	reveals   paces // by who asks
	creates   paces // by tenant
	petitions petitions

	servers []*http.Server
	readers readers
	aside   func(func())
	waiters waiters
	life    context.Context // until Close
	end     context.CancelFunc
	running sync.WaitGroup
	failed  chan error
}

// Start binds the socket and the metrics address, and answers from now on. The
// errors name what can't be bound, and why.
func Start(o Options) (*Server, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Rand == nil {
		o.Rand = rand.Reader
	}
	if o.Aside == nil {
		o.Aside = func(work func()) { work() }
	}
	s := &Server{
		store: o.Store, numbers: o.Numbers, blocks: o.Blocks, calls: o.Calls, hook: o.Hook, recordings: o.Recordings,
		oblivion: o.Oblivion, events: o.Events, webhooks: o.Webhooks, ledger: o.Ledger, audit: o.Audit, keys: o.Keys, archive: o.Archive,
		reads: o.Reload, log: o.Log, now: o.Now, meter: o.Meter, rand: o.Rand,
		readers: make(readers, maxReaders), aside: o.Aside, waiters: make(waiters, maxWaiters), failed: make(chan error, 3),
	}
	s.life, s.end = context.WithCancel(context.Background())
	s.SetAccess(o.Access)
	doors, err := s.open(o)
	if err != nil {
		for _, d := range doors {
			err = errors.Join(err, d.Close())
		}
		return nil, err
	}
	for _, d := range doors {
		s.serve(d.Listener, d.handler)
	}
	return s, nil
}

// door is a listener, and who answers those who come by it.
type door struct {
	net.Listener
	handler http.Handler
}

// open binds all that is configured. If one can't be bound, it returns those that
// were.
func (s *Server) open(o Options) (doors []door, err error) {
	socket, err := listen(o.Socket)
	if err != nil {
		return nil, err
	}
	api := s.routes()
	doors = append(doors, door{socket, api})
	if o.Listen.IsValid() {
		l, err := s.listenTLS(o.Listen)
		if err != nil {
			return doors, err
		}
		doors = append(doors, door{l, api})
	}
	if o.Metrics.IsValid() {
		metrics, err := net.Listen("tcp", o.Metrics.String())
		if err != nil {
			return doors, fmt.Errorf("listen for metrics: %w", err)
		}
		doors = append(doors, door{metrics, s.health()})
	}
	return doors, nil
}

// besides answers requests aside, but those for events: they may wait for a minute, and there is
// little to compute.
func (s *Server) besides(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/v1/events" {
			h.ServeHTTP(w, r)
			return
		}
		s.aside(func() { h.ServeHTTP(w, r) })
	})
}

func (s *Server) serve(l net.Listener, h http.Handler) {
	server := &http.Server{
		Handler:           s.besides(h),
		ReadHeaderTimeout: headerTimeout, ReadTimeout: readTimeout,
		WriteTimeout: writeTimeout, IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeader,
		ConnContext: withPeer,
		// What net/http has to say may quote what a client sent.
		ErrorLog: log.New(io.Discard, "", 0),
	}
	s.servers = append(s.servers, server)
	s.running.Go(func() {
		if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			s.failed <- fmt.Errorf("serve %s: %w", l.Addr(), err)
		}
	})
}

// Failed tells of a listener that broke while the server ran.
func (s *Server) Failed() <-chan error { return s.failed }

// Close stops accepting and lets the requests at work finish until the context
// is done. Those left then are cut off: a client that stalls delays nobody.
func (s *Server) Close(ctx context.Context) error {
	s.end()
	var errs []error
	for _, server := range s.servers {
		if server.Shutdown(ctx) != nil {
			errs = append(errs, server.Close())
		}
	}
	s.running.Wait()
	return errors.Join(errs...)
}
