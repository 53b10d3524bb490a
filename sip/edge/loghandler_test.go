package edge

import (
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/exp/zapslog"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"
)

// What a log must never show. Each stands in a record where sipgo puts the like.
const (
	secretMessage = "INVITE sip:+447700900123@gateway SIP/2.0"
	secretAddress = "198.51.100.77:5066"
	secretBranch  = "z9hG4bKsecretbranch"
)

// sipgoRecords writes a record of every shape that sipgo v1.7.2 writes.
func sipgoRecords(log *slog.Logger) {
	fail := errors.New("transmission beginning '" + secretMessage + "' is not a SIP message")
	udp := log.With("caller", "Transport<UDP>")
	udp.Error("failed to parse", "data", secretMessage, "error", fail)
	udp.Debug("begin listening", "network", "UDP", "addr", secretAddress)
	udp.Debug("Read connection closed", "laddr", secretAddress, "error", fail)
	udp.Error("Read filter error", "laddr", secretAddress, "raddr", secretAddress, "error", fail)
	udp.Debug("getting connection", "network", "udp", "addr", secretAddress)
	udp.Debug("UDP reference decrement", "src", secretAddress, "ref", 1)
	udp.Debug("TCP reference increment", "ip", secretAddress, "dst", secretAddress, "ref", 2)
	udp.Debug("DNS Resolving", "host", secretAddress)
	udp.Debug("SRV resolved IPS", "ips", []string{secretAddress}, "target", secretAddress)
	udp.Warn("DNS resolution is slow", "dur", 3)
	tx := log.With("caller", "TransactionLayer")
	tx.Error("Server tx failed to handle request", "error", fail, "req", secretMessage)
	tx.Error("Failed to send stateless 400", "error", fail, "reason", fail.Error(), "req", secretMessage)
	tx.Debug("fail to pass response", "error", fail, "res", secretMessage, "tx", secretBranch)
	tx.Debug("ACK missed", "callid", secretBranch, "tx", secretBranch)
	tx.Debug("Changing transaction state", "key", secretBranch, "input", "x", "state", "y")
	tx.Debug("Transport error", "fsmError", fail, "tx", secretBranch)
	tx.Info("Unhandled sip response", "caller", "transactionLayer", "msg", secretMessage)
	log.With("raddr", secretAddress, "tx", secretBranch).Info("with attributes of its own")
	log.WithGroup("message").With("data", secretMessage).Error("in a group", "error", fail)
	log.Info("a group as a value", slog.Group("peer", "raddr", secretAddress))
	log.Info("a group under a harmless name", slog.Group("caller", "raddr", secretAddress))
}

// secretsIn returns which secrets the entries show.
func secretsIn(t *testing.T, logs *observer.ObservedLogs) []string {
	t.Helper()
	var found []string
	text := written(t, logs)
	for _, secret := range []string{secretMessage, "+447700900123", secretAddress, secretBranch} {
		if strings.Contains(text, secret) {
			found = append(found, secret)
		}
	}
	return found
}

// written returns all that a log says.
func written(t *testing.T, logs *observer.ObservedLogs) string {
	t.Helper()
	var b strings.Builder
	for _, entry := range logs.All() {
		fields, err := json.Marshal(entry.ContextMap())
		if err != nil {
			t.Fatal(err)
		}
		b.WriteString(entry.Level.String() + " " + entry.LoggerName + " " + entry.Message + " ")
		b.Write(fields)
		b.WriteString(entry.Stack + "\n")
	}
	return b.String()
}

func TestSipgoLogsNothingOfAMessage(t *testing.T) {
	core, logs := observer.New(zapcore.DebugLevel)
	sipgoRecords(slog.New(newLogHandler(zap.New(core))))
	if found := secretsIn(t, logs); len(found) != 0 {
		t.Errorf("the log shows %q:\n%s", found, written(t, logs))
	}
	for _, kept := range []string{"failed to parse", `"caller":"TransactionLayer"`, `"network":"udp"`, `"ref":2`, `"dur":3`} {
		if !strings.Contains(written(t, logs), kept) {
			t.Errorf("the log has lost %q", kept)
		}
	}
}

// Without the handler every secret is seen: the test above can fail.
func TestSipgoWouldLogAll(t *testing.T) {
	core, logs := observer.New(zapcore.DebugLevel)
	sipgoRecords(slog.New(zapslog.NewHandler(core)))
	if found := secretsIn(t, logs); len(found) != 4 {
		t.Errorf("only %q of four secrets are found", found)
	}
}

func TestSipgoLogsAtTheLevelOfTheLog(t *testing.T) {
	core, logs := observer.New(zapcore.WarnLevel)
	sipgoRecords(slog.New(newLogHandler(zap.New(core))))
	for _, entry := range logs.All() {
		if entry.Level < zapcore.WarnLevel {
			t.Errorf("%s: %s", entry.Level, entry.Message)
		}
	}
}

// A flood of malformed datagrams is not a flood of lines, and hides nothing else.
func TestSipgoLogsAFloodInSamples(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		core, logs := observer.New(zapcore.DebugLevel)
		log := slog.New(newLogHandler(zap.New(core)))
		flood := func() {
			for range 3000 {
				log.With("caller", "Transport<UDP>").Error("failed to parse", "data", secretMessage)
			}
		}
		flood()
		log.Warn("DNS resolution is slow")
		time.Sleep(time.Second)
		flood()
		if n := logs.FilterMessage("failed to parse").Len(); n < 2*perSecond || n > 2*(perSecond+3) {
			t.Errorf("6000 records in two seconds are %d lines", n)
		}
		if n := logs.FilterMessage("DNS resolution is slow").Len(); n != 1 {
			t.Errorf("a record during the flood is %d lines", n)
		}
	})
}
