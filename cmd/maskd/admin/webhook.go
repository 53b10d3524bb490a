package admin

import (
	"errors"
	"net/http"

	"maskd/cmd/maskd/webhook"
	"maskd/mapping"
)

// Webhooks is what the API needs of who delivers events.
type Webhooks interface {
	Standings() []webhook.Standing
	// Resume has an endpoint be tried now; false if there is none of that name.
	Resume(name string) bool
}

// Webhook is an endpoint as the API shows it.
type Webhook struct {
	Name           string   `json:"name"`
	Tenant         string   `json:"tenant,omitempty"`
	Site           string   `json:"site"`  // its URL without the path
	Types          []string `json:"types"` // empty: all
	State          string   `json:"state"` // delivering, failing or disabled
	After          uint64   `json:"after"` // the seq of the last event that it has, or that is not for it
	BacklogSeconds float64  `json:"backlog_seconds"`
	Status         int      `json:"status,omitempty"` // of its last answer; left out: there was none
	FailingSince   Time     `json:"failing_since,omitzero"`
	NextTryAt      Time     `json:"next_try_at,omitzero"`
	DisabledAt     Time     `json:"disabled_at,omitzero"`
	Gone           bool     `json:"gone,omitempty"` // it is disabled because it answered 410
	Delivered      uint64   `json:"delivered"`      // since the start
	Failed         uint64   `json:"failed"`         // attempts, since the start
}

func (s *Server) listWebhooks(r *http.Request) (int, any, error) {
	p := Page[Webhook]{Data: []Webhook{}}
	for _, w := range s.webhooks.Standings() {
		if askerOf(r).scope.Sees(w.Tenant) {
			p.Data = append(p.Data, s.viewWebhook(&w))
		}
	}
	return http.StatusOK, p, nil
}

func (s *Server) viewWebhook(w *webhook.Standing) Webhook {
	view := Webhook{
		Name: w.Name, Tenant: tenantText(w.Tenant), Site: w.Site, Types: []string{}, State: w.State().String(), After: w.Progress.After,
		Status: w.Status, FailingSince: Time{w.Progress.FailingSince}, NextTryAt: Time{w.NextTry},
		DisabledAt: Time{w.Progress.DisabledAt}, Gone: w.Progress.Gone, Delivered: w.Delivered, Failed: w.Failed,
		BacklogSeconds: w.Backlog(s.now()).Seconds(),
	}
	for _, t := range w.Types {
		view.Types = append(view.Types, t.String())
	}
	return view
}

// errNoWebhook is a name that no endpoint has, or another tenant's.
var errNoWebhook = errors.New("no webhook of that name")

// resumeWebhook has an endpoint be tried at once.
func (s *Server) resumeWebhook(r *http.Request) (int, any, error) {
	for _, w := range s.webhooks.Standings() {
		if w.Name != r.PathValue("name") || !askerOf(r).scope.Sees(w.Tenant) {
			continue
		}
		mapping.DeedOf(r.Context()).Object = mapping.ObjectNamed("webhook", w.Name)
		if s.webhooks.Resume(w.Name) {
			return http.StatusOK, s.viewWebhook(&w), nil
		}
	}
	return 0, nil, errNoWebhook
}
