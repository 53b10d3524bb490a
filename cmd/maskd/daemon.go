package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"go.uber.org/zap"

	"maskd/cmd/maskd/admin"
	"maskd/cmd/maskd/config"
	"maskd/cmd/maskd/hook"
	"maskd/cmd/maskd/place"
	"maskd/cmd/maskd/webhook"
	"maskd/mapping"
	"maskd/media"
	"maskd/media/recording"
	"maskd/sip"
	"maskd/sip/edge"
	"maskd/store"
)

// sweepEvery is how often expired interactions are forgotten. They connect
// nobody from the instant they expire; this only frees their memory.
const sweepEvery = time.Minute

// adminStopTime is enough for a commit, and short enough that nobody who hangs
// up waits for a client that stalls.
const adminStopTime = time.Second

// socketDirMode lets the group of the daemon reach the admin socket.
const socketDirMode = 0o750

// daemon is the running whole: a store, the sound, the B2BUA and the way in
// for its operators, each built on the ones before.
type daemon struct {
	log  *zap.Logger
	file string // the configuration's; empty: all is default

	reloading sync.Mutex
	cfg       config.Config // under reloading

	spare *place.Spare // nil: there is none

	store     *store.DB
	chronicle *chronicle
	hook      *hook.Client // nil: there is none
	webhooks  *webhook.Office
	media     *media.Engine
	vault     *recording.Vault // nil: nothing is recorded
	deck      *recording.Deck
	sip       *sip.B2BUA
	metrics   *admin.Metrics
	admin     *admin.Server

	sweeping sync.WaitGroup
	swept    context.CancelFunc
	life     context.Context // of what goes on beside the calls, until swept

	retention  atomic.Pointer[mapping.Retention]
	reconsider chan struct{}   // it has changed
	stuck      map[string]bool // of retain: recordings that are erased, and whose files can't be removed
}

// start puts a daemon together and lets it take calls. The file is where its
// configuration is read again. Without a spare place it is one of several things in
// a process, and has none for its threads either. If a part can't start,
// those before it are stopped again, and the error is a [*startError].
func start(cfg config.Config, file string, log *zap.Logger, spare *place.Spare) (*daemon, error) {
	d := &daemon{log: log, file: file, cfg: cfg, spare: spare, reconsider: make(chan struct{}, 1), stuck: make(map[string]bool)}
	for _, part := range []func(config.Config) error{makeSocketDir, d.openStore, d.openMedia, d.openWebhooks, d.openStudio, d.startRetention, d.startSIP, d.startAdmin} {
		if err := part(cfg); err != nil {
			return nil, &startError{errors.Join(err, d.close(context.Background()))}
		}
	}
	log.Info("ready", zap.Stringers("sip", cfg.SIP.Listen), zap.Stringers("media", cfg.Media.Listen),
		zap.Stringer("ports", media.PortRange(cfg.Media.Ports)), zap.String("admin", cfg.Admin.Socket),
		zap.Stringer("admin_tls", cfg.Admin.Listen), zap.Stringer("metrics", cfg.Admin.Metrics), zap.Int("live_interactions", d.store.Counts().Live))
	return d, nil
}

// makeSocketDir comes first, because the store makes its directories for
// nobody else, and the socket may be in the same one.
func makeSocketDir(cfg config.Config) error {
	if err := os.MkdirAll(filepath.Dir(cfg.Admin.Socket), socketDirMode); err != nil {
		return fmt.Errorf("make directory of admin socket: %w", err)
	}
	return nil
}

func (d *daemon) openStore(cfg config.Config) error {
	pools, err := cfg.DomainPools()
	if err != nil {
		return err
	}
	fault := func(err error) { d.log.Error("call detail record or audit entry is late or lost", zap.Error(err)) }
	options, err := storeOptions(cfg)
	if err != nil {
		return err
	}
	options.Pools, options.OnFault, options.Callable, options.Aside = pools, fault, admin.Callable, d.spare.Run
	d.store, err = store.Open(options, time.Now())
	if err != nil {
		return err
	}
	if d.store.RootWaits() {
		d.log.Warn("the root key that rotate-key --to has written waits: make it the root key, and start again; until then this one opens the store too")
	}
	if err := d.openChronicle(cfg); err != nil {
		return err
	}
	var ctx context.Context
	ctx, d.swept = context.WithCancel(context.Background())
	d.life = ctx
	d.sweeping.Go(func() { d.sweep(ctx) })
	return nil
}

func (d *daemon) sweep(ctx context.Context) {
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case at := <-tick.C:
			d.spare.Run(func() { d.expire(ctx, at) })
			d.chronicle.publish()
		}
	}
}

// expire forgets what has expired, and tells of it, and of pools that have few DIDs left.
func (d *daemon) expire(ctx context.Context, at time.Time) {
	d.store.Sweep(at)
	if err := d.store.TellExpired(ctx, at); err != nil && ctx.Err() == nil {
		d.log.Error("expiries are told later", zap.Error(err))
	}
	if err := d.store.TellLow(ctx, at); err != nil && ctx.Err() == nil {
		d.log.Error("low pools are told of later", zap.Error(err))
	}
}

func (d *daemon) openMedia(cfg config.Config) (err error) {
	d.media, err = media.NewSockets(media.Config{
		Listen: cfg.Media.Listen, Advertise: cfg.Media.Advertise, Ports: media.PortRange(cfg.Media.Ports),
		DSCP: uint8(cfg.Media.DSCP), Silence: time.Duration(cfg.Media.Silence) * time.Second,
		Rest: time.Duration(cfg.Media.Rest) * time.Second,
		Spin: time.Duration(cfg.Media.Spin) * time.Microsecond, OwnPlaces: d.spare != nil,
	})
	return err
}

func (d *daemon) startSIP(cfg config.Config) error {
	edge.Prepare(d.log)
	options, err := sipConfig(cfg)
	if err != nil {
		return err
	}
	options.Record = d.recordings(cfg)
	options.Wishes, options.WantKeys = d.granted(cfg)
	d.metrics = admin.NewMetrics()
	options.Meter = d.metrics
	if d.hook, err = decisionHook(cfg.Hook, d.metrics); err != nil {
		return err
	}
	if d.hook != nil {
		options.Arbiter = d.hook
	}
	d.sip = sip.New(options, d.store, d.store, d.media, d.log)
	return d.sip.Start()
}

func (d *daemon) startAdmin(cfg config.Config) (err error) {
	d.metrics.Watch(admin.Gauges{
		Live: d.sip.Size, Webhooks: d.webhooks.Standings, Unanswered: d.sip.Unanswered, Ports: d.media.Usage, Store: d.store.Counts,
	})
	may, err := access(cfg)
	if err != nil {
		return err
	}
	options := admin.Options{
		Socket: cfg.Admin.Socket, Listen: cfg.Admin.Listen.AddrPort, Metrics: cfg.Admin.Metrics.AddrPort, Meter: d.metrics, Access: may,
		Store: d.store, Numbers: d.store, Blocks: d.store, Calls: d.sip, Recordings: d.shelf(), Oblivion: d.store, Events: d.store, Webhooks: d.webhooks,
		Ledger: d.store, Audit: d.store.AuditLog(), Keys: d.store, Archive: d.store, Reload: d.reload, Log: d.log.Named("admin"), Aside: d.spare.Run,
	}
	if d.hook != nil {
		options.Hook = d.hook
	}
	d.admin, err = admin.Start(options)
	return err
}

// failed tells of a part that broke while the daemon ran. Without it the
// daemon would be deaf, so the daemon stops and its supervisor starts it anew.
func (d *daemon) failed() (sip, admin <-chan error) { return d.sip.Failed(), d.admin.Failed() }

// close stops what was started, the last first: nothing new is asked for, the
// calls are hung up, their CDRs written, and the store is closed. The peers of
// calls have until the context is done to say goodbye.
func (d *daemon) close(ctx context.Context) error {
	var errs []error
	if d.admin != nil {
		errs = append(errs, d.closeAdmin(ctx))
	}
	if d.sip != nil {
		d.sip.Close(ctx)
	}
	if d.hook != nil {
		d.hook.Close()
	}
	if d.media != nil {
		d.media.Close()
	}
	if d.swept != nil {
		d.swept()
		d.sweeping.Wait()
	}
	errs = append(errs, d.closeStudio())
	if d.webhooks != nil {
		d.webhooks.Close()
	}
	if d.store != nil {
		errs = append(errs, d.closeChronicle(), d.store.Close())
	}
	return errors.Join(errs...)
}

// closeAdmin gives the requests at work a part of the time, so that the rest
// is left for the calls.
func (d *daemon) closeAdmin(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, adminStopTime)
	defer cancel()
	return d.admin.Close(ctx)
}
