package admin_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"maskd/cmd/maskd/admin"
)

func count[T int | int64](n T) *T { return &n }

func TestALifeOverTheAPI(t *testing.T) {
	h := openWhole(t)
	ctx := context.Background()
	d := draft("+15550200001", "+15550200002")
	d.StartsAt, d.Expiry, d.Direction = admin.Time{Time: noon.Add(time.Hour)}, "sliding", "a_to_b"
	d.TTLSeconds, d.MaxTTLSeconds, d.CallbackSeconds, d.CompleteAfterCalls = count(int64(600)), count(int64(7200)), count(int64(60)), count(3)
	i, err := h.client.Create(ctx, d)
	if err != nil {
		t.Fatal(err)
	}
	e := i.Effective
	if i.State != "scheduled" || e.Expiry != "sliding" || e.Direction != "a_to_b" || e.TTLSeconds != 600 || e.MaxTTLSeconds != 7200 ||
		e.CallbackSeconds != 60 || e.CompleteAfterCalls != 3 || i.ExpiresAt.Sub(i.StartsAt.Time) != 10*time.Minute {
		t.Errorf("created %+v", i)
	}
	i, err = h.client.Extend(ctx, i.ID, admin.Extension{TTLSeconds: count(int64(7200))})
	if err != nil || i.ExpiresAt.Sub(noon.Truncate(time.Millisecond)) != 2*time.Hour || i.Effective.TTLSeconds != 600 {
		t.Errorf("extended to %v, %v", i.ExpiresAt, err)
	}
	done, err := h.client.Complete(ctx, i.ID, admin.Completion{})
	if err != nil || done.State != "draining" {
		t.Errorf("completed: %+v, %v", done, err)
	}
	if done, err = h.client.Complete(ctx, i.ID, admin.Completion{}); err != nil || done.State != "completed" {
		t.Errorf("completed again: %+v, %v", done, err)
	}
	if _, err := h.client.Extend(ctx, i.ID, admin.Extension{TTLSeconds: count(int64(9000))}); err == nil || !strings.Contains(err.Error(), "reopen it") {
		t.Errorf("extended when it is over: %v", err)
	}
	if _, err := h.client.Reopen(ctx, i.ID, admin.Extension{TTLSeconds: count(int64(600))}); err == nil || !strings.Contains(err.Error(), "create a new one") {
		t.Errorf("reopened in a pool without a cool-down: %v", err)
	}
}

func TestACompletedInteractionIsReopenedOverTheAPI(t *testing.T) {
	h := open(t)
	i := h.create("")
	if _, err := h.client.Complete(context.Background(), i.ID, admin.Completion{Reason: "by mistake"}); err != nil {
		t.Fatal(err)
	}
	again, err := h.client.Reopen(context.Background(), i.ID, admin.Extension{TTLSeconds: count(int64(600))})
	if err != nil || again.State != "active" || again.Reason != "" || !again.CompletedAt.IsZero() {
		t.Errorf("reopened: %+v, %v", again, err)
	}
}
