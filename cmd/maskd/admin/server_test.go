package admin_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"maskd/cmd/maskd/admin"
	"maskd/mapping"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// house is a server with all that it needs, and what it logged.
type house struct {
	*testing.T
	socket string
	store  *memory
	calls  *switchboard
	log    *bytes.Buffer // read it after close
	client *admin.Client
	server *admin.Server

	reloaded   admin.Reloaded // what comes of a reload
	unreadable error
}

var noon = time.Date(2026, 11, 21, 12, 0, 0, 123456789, time.UTC)

func newHouse(t *testing.T) *house {
	return &house{T: t, socket: filepath.Join(t.TempDir(), "s"), store: &memory{}, calls: &switchboard{}, log: new(bytes.Buffer)}
}

func open(t *testing.T) *house {
	h := newHouse(t)
	h.start(h.store)
	return h
}

func (h *house) start(store admin.Store) { h.Helper(); h.startWith(store, nil) }

func (h *house) startWith(store admin.Store, numbers admin.Numbers) {
	h.Helper()
	h.launch(admin.Options{Store: store, Numbers: numbers})
}

// launch starts a server with these options, and the usual ones in place of what
// is left out.
func (h *house) launch(o admin.Options) {
	h.Helper()
	core := zapcore.NewCore(zapcore.NewJSONEncoder(zap.NewProductionEncoderConfig()),
		zapcore.Lock(zapcore.AddSync(h.log)), zap.DebugLevel)
	if o.Blocks == nil {
		o.Blocks, _ = o.Store.(admin.Blocks)
	}
	o.Socket, o.Calls, o.Log = h.socket, h.calls, zap.New(core)
	o.Reload = func() (admin.Reloaded, error) { return h.reloaded, h.unreadable }
	if o.Now == nil {
		o.Now = func() time.Time { return noon }
	}
	server, err := admin.Start(o)
	if err != nil {
		h.Fatal(err)
	}
	h.server, h.client = server, admin.NewClient(h.socket)
	h.Cleanup(h.close)
}

func (h *house) close() {
	if err := h.server.Close(context.Background()); err != nil {
		h.Error(err)
	}
}

// ask sends a request as curl would and returns status and body.
func (h *house) ask(method, path, body string) (*http.Response, string) {
	h.Helper()
	return h.send(h.request(method, path, body))
}

func (h *house) request(method, path, body string) *http.Request {
	h.Helper()
	request, err := http.NewRequest(method, "http://maskd"+path, strings.NewReader(body))
	if err != nil {
		h.Fatal(err)
	}
	return request
}

func (h *house) send(request *http.Request) (*http.Response, string) {
	h.Helper()
	return h.sendBy(func(context.Context, string, string) (net.Conn, error) { return net.Dial("unix", h.socket) }, request)
}

func (h *house) sendBy(dial func(context.Context, string, string) (net.Conn, error), request *http.Request) (*http.Response, string) {
	h.Helper()
	client := http.Client{Transport: &http.Transport{DialContext: dial, DisableKeepAlives: true}}
	response, err := client.Do(request)
	if err != nil {
		h.Fatal(err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		h.Fatal(err)
	}
	return response, string(answer)
}

func TestTheSocketIsForOwnerAndGroup(t *testing.T) {
	h := open(t)
	info, err := os.Stat(h.socket)
	if err != nil || info.Mode().Perm() != 0o660 {
		t.Errorf("mode = %v, %v", info.Mode(), err)
	}
	h.close()
	if _, err := os.Lstat(h.socket); err == nil {
		t.Error("socket is still there after Close")
	}
}

func TestASocketLeftBehindIsReplaced(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	l.SetUnlinkOnClose(false)
	l.Close()
	h := &house{T: t, socket: path, calls: &switchboard{}, log: new(bytes.Buffer)}
	h.start(&memory{})
	if err := h.client.Ready(context.Background()); err != nil {
		t.Error(err)
	}
}

func TestWhatIsInTheSocketsPlaceIsKept(t *testing.T) {
	file := filepath.Join(t.TempDir(), "precious")
	if err := os.WriteFile(file, []byte("data"), 0o600); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(open(t).socket, link); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct{ socket, want string }{
		"a file":         {file, "is not a socket"},
		"a directory":    {t.TempDir(), "is not a socket"},
		"a link":         {link, "is not a socket"},
		"another daemon": {open(t).socket, "another daemon answers"},
		"no directory":   {filepath.Join(t.TempDir(), "none", "s"), "no such file or directory"},
		"a long path":    {"/" + strings.Repeat("a", 107), "longer than the 107 bytes"},
	} {
		server, err := admin.Start(admin.Options{Socket: test.socket, Log: zap.NewNop()})
		if err == nil {
			server.Close(context.Background())
			t.Errorf("%s: bound", name)
			continue
		}
		if !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), test.socket) {
			t.Errorf("%s: error = %v", name, err)
		}
		if _, err := os.Lstat(test.socket); err != nil && name != "no directory" && name != "a long path" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAMetricsAddressInUseLeavesNoSocket(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	socket := filepath.Join(t.TempDir(), "s")
	_, err = admin.Start(admin.Options{Socket: socket, Metrics: netip.MustParseAddrPort(taken.Addr().String()), Log: zap.NewNop()})
	if err == nil || !strings.Contains(err.Error(), taken.Addr().String()) {
		t.Errorf("error = %v", err)
	}
	if _, err := os.Lstat(socket); err == nil {
		t.Error("socket is still there")
	}
}

func TestHealth(t *testing.T) {
	h := open(t)
	for _, path := range []string{"/livez", "/readyz"} {
		if r, body := h.ask("GET", path, ""); r.StatusCode != 200 || strings.TrimSpace(body) != `{"status":"ok"}` {
			t.Errorf("%s = %d %s", path, r.StatusCode, body)
		}
	}
	h.store.broken = mapping.ErrUnavailable
	if r, _ := h.ask("GET", "/livez", ""); r.StatusCode != 200 {
		t.Errorf("livez without a store = %d", r.StatusCode)
	}
	if r, body := h.ask("GET", "/readyz", ""); r.StatusCode != 503 || !strings.Contains(body, "store_unavailable") {
		t.Errorf("readyz without a store = %d %s", r.StatusCode, body)
	}
}

func TestTheMetricsAddressAnswersHealthAlone(t *testing.T) {
	probe, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	at := netip.MustParseAddrPort(probe.Addr().String())
	probe.Close()
	server, err := admin.Start(admin.Options{Socket: filepath.Join(t.TempDir(), "s"), Metrics: at, Store: &memory{}, Calls: &switchboard{}, Log: zap.NewNop()})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close(context.Background())
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	for path, want := range map[string]int{"/livez": 200, "/readyz": 200, "/v1/interactions": 404, "/v1/cdrs": 404} {
		response, err := client.Get("http://" + at.String() + path)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != want {
			t.Errorf("%s = %d, want %d", path, response.StatusCode, want)
		}
	}
}

func TestAClientThatStallsDelaysNoStop(t *testing.T) {
	h := open(t)
	stalled, err := net.Dial("unix", h.socket)
	if err != nil {
		t.Fatal(err)
	}
	defer stalled.Close()
	if _, err := stalled.Write([]byte("POST /v1/inter")); err != nil {
		t.Fatal(err)
	}
	over, cancel := context.WithCancel(context.Background())
	cancel()
	if err := h.server.Close(over); err != nil {
		t.Errorf("close = %v", err)
	}
	if _, err := stalled.Read(make([]byte, 1)); err == nil {
		t.Error("the stalled client was not cut off")
	}
}

func TestADefectIsAnAnswerAndALineOfTheLog(t *testing.T) {
	h := open(t)
	i := h.create("")
	h.store.completing = func() { panic("+15550200001") }
	r, body := h.ask("POST", "/v1/interactions/"+i.ID+"/complete", "")
	if r.StatusCode != 500 || !strings.Contains(body, `"code":"internal"`) {
		t.Errorf("%d %s", r.StatusCode, body)
	}
	h.close()
	if log := h.log.String(); !strings.Contains(log, "request panicked") || strings.Contains(log, "5550200001") {
		t.Errorf("log = %s", log)
	}
}

func TestEveryChangeSaysWhoAsked(t *testing.T) {
	h := open(t)
	i, err := h.client.Create(context.Background(), draft("+15550200001", "+15550200002"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.client.Complete(context.Background(), i.ID, admin.Completion{}); err != nil {
		t.Fatal(err)
	}
	h.close()
	for _, want := range []string{"interaction created", "interaction completed"} {
		if !logged(t, h.log.Bytes(), want, os.Getuid(), os.Getpid()) {
			t.Errorf("no line %q of uid %d and pid %d in:\n%s", want, os.Getuid(), os.Getpid(), h.log)
		}
	}
}

func logged(t *testing.T, log []byte, message string, uid, pid int) bool {
	for line := range bytes.Lines(log) {
		var entry struct {
			Msg string
			By  struct{ UID, PID int }
		}
		if err := json.Unmarshal(line, &entry); err != nil {
			t.Fatal(err)
		}
		if entry.Msg == message && entry.By.UID == uid && entry.By.PID == pid {
			return true
		}
	}
	return false
}
