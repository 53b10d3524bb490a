package admin_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"maskd/cmd/maskd/admin"
	"maskd/mapping"
)

// order is the line that creates an interaction of two numbers that differ in n.
func order(n int) string {
	return fmt.Sprintf(`{"create":{"external_id":"ride-%d","parties":{"a":{"numbers":["+1555%07d"]},"b":{"numbers":["+1556%07[1]d"]}}}}`, n, 2000000+n)
}

// receipts sends the lines and returns what each is answered with.
func (h *house) receipts(body io.Reader) (all []admin.Receipt) {
	h.Helper()
	err := h.client.Batch(context.Background(), body, func(r admin.Receipt) error {
		all = append(all, r)
		return nil
	})
	if err != nil {
		h.Fatal(err)
	}
	return all
}

func TestEveryLineOfABatchIsAnsweredInOrder(t *testing.T) {
	h := withStore(t, 1000)
	var body strings.Builder
	const rides = 3000
	for n := range rides {
		fmt.Fprintln(&body, order(n))
	}
	all := h.receipts(strings.NewReader(body.String()))
	if len(all) != rides {
		t.Fatalf("%d answers to %d lines", len(all), rides)
	}
	for n, r := range all {
		if r.Line != n+1 || r.Status != 201 || r.Interaction == nil || r.Interaction.ExternalID != fmt.Sprintf("ride-%d", n) {
			t.Fatalf("line %d: %+v", n+1, r)
		}
		if _, err := h.client.Interaction(context.Background(), r.Interaction.ID); n%500 == 0 && err != nil {
			t.Errorf("acknowledged line %d: %v", n+1, err)
		}
	}
}

func TestABadLineStopsNoOther(t *testing.T) {
	h := open(t)
	id := h.create("").ID
	body := strings.Join([]string{
		order(1),
		``,
		`{"create":{"parties":{"a":{"numbers":["5550200001"]}}}}`,
		`{"create":`,
		`{"create":{"pool":"` + strings.Repeat("p", 70_000) + `"}}`,
		`{"complete":{"id":"` + id + `","reason":"over"}}`,
		`{"complete":{"id":"int_1"}}`,
		`{"complete":{"id":"` + id + `","calls":"now"}}`,
		`{}`,
		`{"create":{},"complete":{}}`,
		order(1),
		`{"finish":{}}`,
		order(2), // without an end of line
	}, "\n")
	all := h.receipts(strings.NewReader(body))
	want := []struct {
		line, status int
		code         string
	}{
		{1, 201, ""}, {3, 422, "no_country_code"}, {4, 400, "bad_json"}, {5, 413, "body_too_large"}, {6, 200, ""},
		{7, 404, "not_found"}, {8, 422, "unknown"}, {9, 400, "bad_order"}, {10, 400, "bad_order"}, {11, 200, ""},
		{12, 400, "unknown_field"}, {13, 201, ""},
	}
	if len(all) != len(want) {
		t.Fatalf("%d answers, want %d", len(all), len(want))
	}
	if first, again := &all[0], &all[9]; first.Status == 200 && again.Status == 201 { // whichever was first
		first.Status, again.Status = again.Status, first.Status
	}
	for n, w := range want {
		r := all[n]
		code := ""
		if r.Problem != nil {
			code = r.Problem.Code
		}
		if r.Line != w.line || r.Status != w.status || code != w.code {
			t.Errorf("line %d: status %d %q, want line %d: %d %q", r.Line, r.Status, code, w.line, w.status, w.code)
		}
	}
	if all[4].Completed == nil || all[4].Completed.State != "completed" || len(h.store.interactions) != 3 {
		t.Errorf("%+v; %d interactions", all[4], len(h.store.interactions))
	}
}

// batch begins one, of which line after line is written and answered. It ends when no more is.
func (h *house) batch() (write *io.PipeWriter, answered chan admin.Receipt, ended chan error) {
	body, write := io.Pipe()
	answered, ended = make(chan admin.Receipt), make(chan error)
	go func() {
		ended <- h.client.Batch(context.Background(), body, func(r admin.Receipt) error {
			answered <- r
			return nil
		})
	}()
	return write, answered, ended
}

// A line is answered while the next is not written yet.
func TestABatchIsAnsweredAsItComes(t *testing.T) {
	h := open(t)
	write, answered, ended := h.batch()
	for n := range 3 {
		if _, err := io.WriteString(write, order(n)+"\n"); err != nil {
			t.Fatal(err)
		}
		if r := <-answered; r.Line != n+1 || r.Status != 201 {
			t.Errorf("%+v", r)
		}
	}
	if err := write.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// Who is given another role while he sends lines has none done any more, on the same connection.
func TestABatchEndsWithTheRoleOfWhoSendsIt(t *testing.T) {
	h := open(t)
	uid := uint32(os.Geteuid())
	grant := func(role mapping.Role) {
		h.server.SetAccess(admin.Access{Grants: []admin.Grant{{UID: &uid, Role: role}}})
	}
	grant(mapping.RoleIntegrator)
	write, answered, ended := h.batch()
	for n, row := range []struct {
		role   mapping.Role
		status int
	}{{mapping.RoleIntegrator, 201}, {mapping.RoleIntegrator, 201}, {mapping.RoleAuditor, 403}, {mapping.RoleAuditor, 403}, {mapping.RoleIntegrator, 201}} {
		grant(row.role)
		if _, err := io.WriteString(write, order(n)+"\n"); err != nil {
			t.Fatal(err)
		}
		if r := <-answered; r.Status != row.status {
			t.Errorf("line %d, of one who is %s now: %+v", n+1, row.role, r)
		}
	}
	if err := errors.Join(write.Close(), <-ended); err != nil {
		t.Error(err)
	}
}

// What breaks off in the middle of a line is no order.
func TestABatchThatBreaksOffDoesNoHalfLine(t *testing.T) {
	h := open(t)
	body, write := io.Pipe()
	go func() {
		_, _ = io.WriteString(write, order(1)+"\n"+order(2))
		_ = write.CloseWithError(io.ErrUnexpectedEOF)
	}()
	err := h.client.Batch(context.Background(), body, func(admin.Receipt) error { return nil })
	if err == nil {
		t.Error("a batch that broke off is done")
	}
	h.close()
	if n := len(h.store.interactions); n > 1 {
		t.Errorf("%d interactions of one whole line", n)
	}
}

// A defect in one line ends that line.
func TestALineThatPanicsStopsNoOther(t *testing.T) {
	h := open(t)
	id := h.create("").ID
	h.store.completing = func() { panic("+15550200001") }
	all := h.receipts(strings.NewReader(`{"complete":{"id":"` + id + "\"}}\n" + order(1)))
	if len(all) != 2 || all[0].Problem == nil || all[0].Problem.Code != "internal" || all[1].Status != 201 {
		t.Errorf("%+v", all)
	}
	h.close()
	if strings.Contains(h.log.String(), "5550200001") {
		t.Error("the log holds the value of the panic")
	}
}

func TestABatchSaysNoNumber(t *testing.T) {
	h := open(t)
	_, answer := h.ask("POST", "/v1/interactions:batch", order(7)+"\n"+`{"create":{"external_id":"+15552000007","parties":{"a":{"numbers":["+15552000007"]}}}}`+"\n"+
		`{"+15552000007":1}`+"\n"+`{"complete":{"id":"+15552000007"}}`)
	if !strings.Contains(answer, "holds_number") || strings.Contains(answer, "2000007") {
		t.Errorf("%s", answer)
	}
}
