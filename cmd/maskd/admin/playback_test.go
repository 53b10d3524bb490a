package admin_test

import (
	"errors"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"testing"

	"maskd/cmd/maskd/admin"
)

// What breaks off on its way is not taken for a recording that ends there; and who
// acts for a tenant asks for it as that.
func TestAPartThatBreaksOffIsNoPart(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	asked := make(chan string, 1)
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- r.Header.Get("Maskd-Tenant")
		_, _ = io.WriteString(w, "half")
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	})}
	served := make(chan error, 1)
	go func() { served <- server.Serve(l) }()
	defer func() {
		if err := errors.Join(server.Close(), <-served); !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
	}()
	part, err := admin.NewClient(socket).For("acme").RecordingPart(t.Context(), "rec_1", "wav", admin.Asked{Reason: "a complaint"})
	if err != nil {
		t.Fatal(err)
	}
	defer part.Close()
	got, err := io.ReadAll(part)
	var unreachable *admin.UnreachableError
	if string(got) != "half" || !errors.As(err, &unreachable) || errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("read %q, %v", got, err)
	}
	if tenant := <-asked; tenant != "acme" {
		t.Errorf("asked for tenant %q", tenant)
	}
}
