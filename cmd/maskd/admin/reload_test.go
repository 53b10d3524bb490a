package admin_test

import (
	"context"
	"errors"
	"net/http"
	"testing"

	"maskd/cmd/maskd/admin"
)

func TestReload(t *testing.T) {
	h := open(t)
	h.reloaded, h.unreadable = admin.Reloaded{Changed: []string{"west"}, RestartNeeded: []string{"media"}}, nil
	r, body := h.ask("POST", "/v1/reload", "")
	const want = `{"added":[],"changed":["west"],"removed":[],"restart_needed":["media"]}` + "\n"
	if r.StatusCode != http.StatusOK || body != want {
		t.Errorf("%d %s", r.StatusCode, body)
	}
	h.unreadable = admin.BadConfiguration(errors.New("maskd.yaml:3:9: expected a name"))
	_, err := h.client.Reload(context.Background())
	var problem *admin.Problem
	if !errors.As(err, &problem) || problem.Status != http.StatusUnprocessableEntity || problem.Code != admin.CodeBadConfiguration ||
		problem.Detail != "maskd.yaml:3:9: expected a name" {
		t.Errorf("a configuration that can't be: %v", err)
	}
}

func TestDrain(t *testing.T) {
	h := open(t)
	if err := h.client.Ready(context.Background()); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := h.client.Drain(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	var problem *admin.Problem
	if err := h.client.Ready(context.Background()); !errors.As(err, &problem) || problem.Status != 503 || problem.Code != "draining" {
		t.Errorf("while it drains it is ready: %v", err)
	}
	if r, _ := h.ask("GET", "/livez", ""); r.StatusCode != http.StatusOK {
		t.Errorf("while it drains it is not alive: %d", r.StatusCode)
	}
}
