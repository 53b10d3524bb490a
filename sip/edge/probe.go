package edge

import (
	"context"
	"strconv"
	"time"

	"github.com/emiago/sipgo/sip"
	"go.uber.org/zap"

	"maskd/sip/leg"
)

const (
	// pulse is how often we look whether a target is due to be probed: how
	// late a probe may be.
	pulse = time.Second
	// probeTime is how long a target has to answer an OPTIONS: as long as it
	// has to say something to an INVITE, not the 32 s of a transaction.
	probeTime = leg.GatewayPatience
)

// probe sends OPTIONS to every target that is due, and says which can't be
// used, until ctx is done.
func (e *Edge) probe(ctx context.Context) {
	tick := time.NewTicker(pulse)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C: // the first, too: a listener sends through what it reads from, once it reads
		}
		for _, trunk := range e.peers().trunks {
			r := e.rosterOf(trunk)
			for _, t := range r.lost() {
				e.log.Warn("gateway can't be used: its trunk does not accept it, or no listener reaches it",
					zap.String("trunk", r.trunk.Name), zap.String("gateway", t.Gateway.String()), zap.Stringer("addr", t.Addr))
			}
			for _, t := range r.due(time.Now()) {
				e.wg.Go(func() { e.ping(ctx, r, t) })
			}
		}
	}
}

// ping asks one target whether it is there.
func (e *Edge) ping(ctx context.Context, r *roster, t Target) {
	begun := time.Now()
	what := e.askOptions(ctx, r, t)
	what.took = time.Since(begun)
	if ctx.Err() != nil { // it is we who are gone
		return
	}
	before, after := r.probed(t, what, time.Now())
	if before != after {
		e.log.Info("gateway changed", zap.String("trunk", r.trunk.Name), zap.String("gateway", t.Gateway.String()),
			zap.Stringer("addr", t.Addr), zap.Stringer("state", after), zap.Int("status", what.status))
	}
}

// askOptions sends an OPTIONS, and says what came of it.
func (e *Edge) askOptions(ctx context.Context, r *roster, t Target) report {
	l, ok := e.listenerFor(r.trunk, t.Network, t.Addr.Addr())
	if !ok {
		return report{verb: unreachable}
	}
	ctx, enough := context.WithTimeout(ctx, probeTime)
	defer enough()
	over := make(chan *sip.Response, 1)
	late, inTime := partingOf(ctx)
	defer inTime()
	ping := l.composePing(r.trunk, t)
	err := l.request(late, &ping, func(res *sip.Response) { over <- res })
	if err != nil {
		return report{verb: unreachable}
	}
	return reportOfFinal(<-over)
}

// composePing makes an OPTIONS (RFC 3261 section 11.1). It is made of the
// listener, the gateway and constants.
func (l *listener) composePing(trunk *Trunk, t Target) asking {
	target := t.uri("")
	d := &dialog{
		callID: l.edge.tokens.next(),
		local:  end{uri: &sip.Uri{Scheme: "sip", User: pinger, Host: l.host}, tag: l.edge.tokens.next()},
		remote: end{uri: &sip.Uri{Scheme: "sip", Host: t.Gateway.Host}},
		target: &target,
		cseq:   l.edge.tokens.cseq(),
		trunk:  trunk,
		home:   t.Addr,
	}
	req := l.compose(sip.OPTIONS, d, l.edge.tokens.branch())
	req.say("Accept", typeSDP)
	return req
}

// pinger is the user in From of our OPTIONS: some borders want one.
const pinger = "ping"

// reportOfFinal is the report of a transaction's final response; nil: there was none.
func reportOfFinal(res *sip.Response) report {
	if res == nil {
		return report{verb: silent}
	}
	return reportOf(res.StatusCode, retryAfter(res))
}

// retryAfter reads Retry-After (section 20.33): a number, maybe followed by a
// comment or parameters. What can't be read was not said.
func retryAfter(res *sip.Response) time.Duration {
	h := header(res, "Retry-After")
	if h == nil {
		return 0
	}
	text := h.Value()
	digits := 0
	for digits < len(text) && text[digits] >= '0' && text[digits] <= '9' {
		digits++
	}
	n, err := strconv.ParseUint(text[:digits], 10, 31)
	if err != nil {
		return 0
	}
	return time.Duration(n) * time.Second
}
