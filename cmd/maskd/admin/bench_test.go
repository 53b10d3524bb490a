package admin_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"maskd/cmd/maskd/admin"
)

// stand serves the API over the real store, with the log that the daemon has.
func stand(b *testing.B) (socket string) {
	b.Helper()
	dir := b.TempDir()
	db := openPool(b, dir, 1000)
	log := zap.New(zapcore.NewCore(zapcore.NewJSONEncoder(zap.NewProductionEncoderConfig()), zapcore.AddSync(io.Discard), zap.InfoLevel))
	socket = filepath.Join(dir, "s")
	server, err := admin.Start(admin.Options{Socket: socket, Store: db, Calls: &switchboard{}, Log: log})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := errors.Join(server.Close(context.Background()), db.Close()); err != nil {
			b.Error(err)
		}
	})
	return socket
}

// line is a client that keeps its connection and does no more than it must,
// for it shares the processors with the daemon.
type line struct {
	net.Conn
	answers *bufio.Reader
}

func (l *line) create(n int) error {
	body := strings.TrimSuffix(strings.TrimPrefix(order(n), `{"create":`), "}")
	if _, err := fmt.Fprintf(l, "POST /v1/interactions HTTP/1.1\r\nHost: maskd\r\nContent-Length: %d\r\n\r\n%s", len(body), body); err != nil {
		return err
	}
	response, err := http.ReadResponse(l.answers, nil)
	if err != nil {
		return err
	}
	if _, err := io.Copy(io.Discard, response.Body); err != nil || response.StatusCode != http.StatusCreated {
		return fmt.Errorf("%s: %w", response.Status, err)
	}
	return nil
}

// BenchmarkAdminCreate creates through the socket and the whole of the store:
// by clients with a request for each, and in one batch.
func BenchmarkAdminCreate(b *testing.B) {
	for _, clients := range []int{1, 32, 128} {
		b.Run(fmt.Sprintf("clients=%d", clients), func(b *testing.B) {
			socket := stand(b)
			var next atomic.Int64
			var running sync.WaitGroup
			b.ResetTimer()
			for range clients {
				running.Go(func() {
					conn, err := net.Dial("unix", socket)
					if err != nil {
						b.Error(err)
						return
					}
					defer conn.Close()
					l := &line{conn, bufio.NewReader(conn)}
					for n := int(next.Add(1)); n <= b.N; n = int(next.Add(1)) {
						if err := l.create(n); err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			running.Wait()
			b.StopTimer()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "creates/s")
		})
	}
	b.Run("batch", func(b *testing.B) {
		socket := stand(b)
		body, write := io.Pipe()
		go func() {
			orders := bufio.NewWriter(write)
			for n := range b.N {
				_, _ = orders.WriteString(order(n) + "\n")
			}
			_ = orders.Flush()
			_ = write.Close()
		}()
		b.ResetTimer()
		done := 0
		err := admin.NewClient(socket).Batch(context.Background(), body, func(r admin.Receipt) error {
			if r.Status == http.StatusCreated {
				done++
			}
			return nil
		})
		b.StopTimer()
		if err != nil || done != b.N {
			b.Errorf("%d of %d done: %v", done, b.N, err)
		}
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "creates/s")
	})
}
