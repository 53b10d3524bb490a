package edge

import (
	"context"
	"log/slog"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/exp/zapslog"
	"go.uber.org/zap/zapcore"
)

// logHandler lets sipgo log, but not what it wants to. sipgo puts whole raw
// messages, start lines and addresses into its records; only the level, the
// constant message and an allow-list of harmless attributes come through.
type logHandler struct {
	slog.Handler
}

// perSecond is how many records of one message are kept each second; of more,
// every thousandth is.
const perSecond = 10

// newLogHandler returns the handler for everything that sipgo logs.
func newLogHandler(log *zap.Logger) slog.Handler {
	// No stack traces: every malformed datagram is an error to sipgo.
	// Sampled: a flood of malformed datagrams must not become a flood of lines.
	core := zapcore.NewSamplerWithOptions(log.Core(), time.Second, perSecond, 1000)
	return logHandler{zapslog.NewHandler(core,
		zapslog.WithName("sipgo"), zapslog.AddStacktraceAt(slog.LevelError+1))}
}

// Handle writes the record without what could identify anybody.
func (h logHandler) Handle(ctx context.Context, r slog.Record) error {
	clean := slog.NewRecord(r.Time, r.Level, r.Message, 0)
	r.Attrs(func(a slog.Attr) bool {
		if harmless(a) {
			clean.AddAttrs(a)
		}
		return true
	})
	return h.Handler.Handle(ctx, clean)
}

// WithAttrs keeps what is harmless of the attributes.
func (h logHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	var kept []slog.Attr
	for _, a := range attrs {
		if harmless(a) {
			kept = append(kept, a)
		}
	}
	return logHandler{h.Handler.WithAttrs(kept)}
}

// WithGroup keeps the group; its attributes are judged one by one.
func (h logHandler) WithGroup(name string) slog.Handler { return logHandler{h.Handler.WithGroup(name)} }

func harmless(a slog.Attr) bool {
	if k := a.Value.Kind(); k != slog.KindString && k != slog.KindInt64 && k != slog.KindDuration {
		return false // a group or a struct may hold anything
	}
	switch a.Key {
	case "caller", "network", "dur", "ref":
		return true
	default:
		return false
	}
}
