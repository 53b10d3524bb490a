package main

import (
	"io"
	"os"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"maskd/cmd/maskd/admin"
)

// newLogger logs JSON, one object a line, or text for a person if what it writes
// to is a terminal.
func newLogger(to io.Writer, level string) (*zap.Logger, error) {
	least, err := zapcore.ParseLevel(level)
	if err != nil {
		return nil, usagef("--log-level: expected debug, info, warn or error")
	}
	style := zap.NewProductionEncoderConfig()
	style.EncodeTime = encodeTime
	style.TimeKey = "time"
	encoder := zapcore.NewJSONEncoder(style)
	if file, ok := to.(*os.File); ok && terminal(file) {
		style.EncodeLevel = zapcore.CapitalColorLevelEncoder
		encoder = zapcore.NewConsoleEncoder(style)
	}
	return zap.New(zapcore.NewCore(encoder, zapcore.Lock(zapcore.AddSync(to)), least)), nil
}

// encodeTime writes RFC 3339 in UTC with milliseconds, as the API does.
func encodeTime(at time.Time, enc zapcore.PrimitiveArrayEncoder) {
	enc.AppendString(admin.Time{Time: at}.String())
}

// terminal reports whether a person looks at the file. The null device counts
// as one; nobody sees the difference.
func terminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
