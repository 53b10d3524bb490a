package webhook

import (
	"encoding/json"
	"fmt"

	"maskd/mapping"
)

// Message is an event as the API and webhooks tell it. It has no room for a number.
type Message struct {
	ID        string `json:"id"`  // the same wherever and however often it is told
	Seq       uint64 `json:"seq"` // its place among all events of its tenant, without a gap
	Type      string `json:"type"`
	Timestamp string `json:"timestamp"` // when it happened
	Tenant    string `json:"tenant,omitempty"`
	Data      Data   `json:"data"`
}

// Data is what happened to what. What an event has not is left out.
type Data struct {
	Interaction   string   `json:"interaction,omitempty"`
	Call          string   `json:"call,omitempty"`
	Recording     string   `json:"recording,omitempty"`
	DID           string   `json:"did,omitempty"` // of a call: that was dialled
	CallerSide    string   `json:"caller_side,omitempty"`
	Outcome       string   `json:"outcome,omitempty"`
	EndedBy       string   `json:"ended_by,omitempty"`
	TalkedSeconds *float64 `json:"talked_seconds,omitempty"`
	Until         string   `json:"until,omitempty"` // until when the DIDs connect, or a DID is quarantined
	Standing      string   `json:"standing,omitempty"`
	Pool          string   `json:"pool,omitempty"`
}

// timeFormat is RFC 3339 in UTC with milliseconds, as the API has it.
const timeFormat = "2006-01-02T15:04:05.000Z"

// View returns an event as it is told.
func View(e mapping.Event) Message {
	m := Message{
		ID: e.ID.Text(mapping.KindEvent), Seq: e.Seq, Type: e.Type.String(), Timestamp: e.At.UTC().Format(timeFormat),
		Data: Data{
			Interaction: text(e.Interaction, mapping.KindInteraction), Call: text(e.Call, mapping.KindCall),
			DID: string(e.DID), CallerSide: e.CallerSide.String(), EndedBy: e.EndedBy.String(), Pool: e.Pool,
		},
	}
	if e.Tenant != mapping.DefaultTenant {
		m.Tenant = string(e.Tenant)
	}
	switch e.Type {
	case mapping.EventCallEnded:
		talked := e.Talked.Seconds()
		m.Data.Outcome, m.Data.TalkedSeconds = e.Outcome.String(), &talked
	case mapping.EventRecordingReady, mapping.EventRecordingFailed:
		m.Data.Recording = text(e.Call, mapping.KindRecording)
	case mapping.EventNumberChanged:
		m.Data.Standing = e.Standing.String()
	}
	if !e.Until.IsZero() {
		m.Data.Until = e.Until.UTC().Format(timeFormat)
	}
	return m
}

func text(id mapping.ID, kind mapping.Kind) string {
	if id.IsZero() {
		return ""
	}
	return id.Text(kind)
}

func encode(e mapping.Event) ([]byte, error) {
	body, err := json.Marshal(View(e))
	if err != nil {
		return nil, fmt.Errorf("write event: %w", err)
	}
	return body, nil
}
