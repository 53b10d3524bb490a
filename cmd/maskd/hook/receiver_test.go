package hook_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"maskd/cmd/maskd/hook"
	"maskd/cmd/maskd/post"
	"maskd/cmd/maskd/post/posttest"
	"maskd/mapping"
)

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
	url, _ := posttest.Receiver(t, "../../../README.md", "import base64, hashlib, hmac, http.server, json, sys, time", secret)
	tap := &wiretap{to: url}
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
