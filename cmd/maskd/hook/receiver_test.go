package hook_test

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"maskd/cmd/maskd/hook"
	"maskd/cmd/maskd/post"
	"maskd/mapping"
)

// readmeReceiver returns the receiver that the README shows.
func readmeReceiver(t *testing.T) string {
	t.Helper()
	readme, err := os.ReadFile("../../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	const first = "    import base64"
	_, program, found := strings.Cut(string(readme), first)
	program, _, ended := strings.Cut(program, "\n\n")
	if !found || !ended {
		t.Fatal("the README shows no receiver")
	}
	return strings.ReplaceAll("import base64"+program, "\n    ", "\n")
}

// receiver runs it, and returns where.
func receiver(t *testing.T) (url string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().(*net.TCPAddr)
	l.Close()
	keyFile := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(keyFile, []byte(secret+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	said := new(bytes.Buffer)
	python := exec.Command("python3", "-c", readmeReceiver(t), keyFile, fmt.Sprint(addr.Port))
	python.Stderr = said
	if err := python.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { _ = python.Wait(); close(ended) }()
	t.Cleanup(func() {
		_ = python.Process.Kill()
		<-ended
		if t.Failed() {
			t.Logf("the receiver said\n%s", said)
		}
	})
	for {
		if c, err := net.Dial("tcp", addr.String()); err == nil {
			c.Close()
			return "http://" + addr.String()
		}
		select {
		case <-ended:
			t.Fatalf("the receiver ended: %s", said)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// wiretap passes questions on to the receiver, and keeps them.
type wiretap struct {
	to string

	mu   sync.Mutex
	head http.Header
	body []byte
}

func (w *wiretap) ServeHTTP(res http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	w.mu.Lock()
	w.head, w.body = r.Header.Clone(), body
	w.mu.Unlock()
	status, answer := w.send(r.Header, body)
	res.WriteHeader(status)
	_, _ = res.Write(answer)
}

func (w *wiretap) send(head http.Header, body []byte) (int, []byte) {
	req, _ := http.NewRequest(http.MethodPost, w.to, bytes.NewReader(body))
	req.Header = head
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		return http.StatusBadGateway, []byte(err.Error())
	}
	defer res.Body.Close()
	answer, _ := io.ReadAll(res.Body)
	return res.StatusCode, answer
}

// TestTheReceiverOfTheREADME has code that is none of ours check the signatures.
func TestTheReceiverOfTheREADME(t *testing.T) {
	defer http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	tap := &wiretap{to: receiver(t)}
	c, _ := served(t, patience, tap.ServeHTTP)
	elsewhere := call
	elsewhere.Labels = map[string]string{"city": "Goa"}
	for about, want := range map[*mapping.Case]mapping.Verdict{&call: mapping.VerdictConnect, &elsewhere: mapping.VerdictRefuse} {
		if r, err := c.Rule(t.Context(), *about); err != nil || r.Verdict != want {
			t.Errorf("%v: %s, %v", about.Labels, r.Verdict, err)
		}
	}

	if status, _ := tap.send(tap.head, tap.body); status != http.StatusUnauthorized {
		t.Errorf("the same question again: %d", status)
	}
	for name, change := range map[string]func(http.Header){
		"another id": func(h http.Header) { h.Set("Webhook-Id", "msg_other") },
		"another time": func(h http.Header) {
			h.Set("Webhook-Id", "msg_2")
			h.Set("Webhook-Timestamp", fmt.Sprint(time.Now().Unix()+1))
		},
	} {
		head := tap.head.Clone()
		change(head)
		if status, _ := tap.send(head, tap.body); status != http.StatusUnauthorized {
			t.Errorf("%s: %d", name, status)
		}
	}
	stranger, err := post.ParseKey("whsec_" + strings.Repeat("A", 32))
	if err != nil {
		t.Fatal(err)
	}
	forger := hook.New(hook.Options{URL: tap.to, Key: stranger, Timeout: patience})
	defer forger.Close()
	if r, err := forger.Rule(t.Context(), call); err == nil {
		t.Errorf("another key: %s", r.Verdict)
	}
}
