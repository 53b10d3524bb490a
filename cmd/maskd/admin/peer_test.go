package admin_test

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"

	"maskd/cmd/maskd/admin"
	"maskd/mapping"
)

// somebody is a user and its groups, the first its own.
type somebody struct {
	uid    uint32
	groups []uint32
}

// dial connects as somebody. Only the thread that dials becomes him, and it ends
// with the goroutine that had it: it never has our rights again.
func (who somebody) dial(socket string) (conn net.Conn, err error) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread()
		if err = who.become(); err == nil {
			conn, err = net.Dial("unix", socket)
		}
	}()
	<-done
	return conn, err
}

// become changes the credentials of this thread alone, which is what the bare
// system calls do (setuid(2), C library/kernel differences).
func (who somebody) become() error {
	further := who.groups[1:]
	var first unsafe.Pointer
	if len(further) > 0 {
		first = unsafe.Pointer(&further[0])
	}
	if _, _, no := unix.RawSyscall(unix.SYS_SETGROUPS, uintptr(len(further)), uintptr(first), 0); no != 0 {
		return no
	}
	gid, uid := uintptr(who.groups[0]), uintptr(who.uid)
	if _, _, no := unix.RawSyscall(unix.SYS_SETRESGID, gid, gid, gid); no != 0 {
		return no
	}
	if _, _, no := unix.RawSyscall(unix.SYS_SETRESUID, uid, uid, uid); no != 0 {
		return no
	}
	return nil
}

// openToAll is a house whose socket anybody can open.
func openToAll(t *testing.T) *house {
	h := newHouse(t)
	dir, err := os.MkdirTemp("", "maskd")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	h.socket = filepath.Join(dir, "s")
	h.start(h.store)
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(h.socket, 0o666); err != nil {
		t.Fatal(err)
	}
	return h
}

// by asks as somebody.
func (h *house) by(who somebody, method, path, body string) (int, string) {
	h.Helper()
	r, answer := h.sendBy(func(context.Context, string, string) (net.Conn, error) { return who.dial(h.socket) }, h.request(method, path, body))
	return r.StatusCode, answer
}

// The kernel says who asks: other users, with groups of theirs, ask for what only
// an operator may.
func TestTheKernelSaysWhoAsks(t *testing.T) {
	h := openToAll(t)
	many := []uint32{7000}
	for g := range uint32(100) {
		many = append(many, 8000+g)
	}
	number := func(n uint32) *uint32 { return &n }
	for _, test := range []struct {
		name   string
		who    somebody
		grants []admin.Grant
		want   string
	}{
		{"a user without an entry", somebody{6000, []uint32{7000}}, nil, "no_role"},
		{"a user with one", somebody{6000, []uint32{7000}}, []admin.Grant{{UID: number(6000), Role: mapping.RoleOperator}}, ""},
		{"another user's", somebody{6001, []uint32{7000}}, []admin.Grant{{UID: number(6000), Role: mapping.RoleOperator}}, "no_role"},
		{"the user's own group", somebody{6000, []uint32{7000}}, []admin.Grant{{GID: number(7000), Role: mapping.RoleOperator}}, ""},
		{"a further group", somebody{6000, []uint32{7000, 7001}}, []admin.Grant{{GID: number(7001), Role: mapping.RoleOperator}}, ""},
		{"the last of a hundred groups", somebody{6000, many}, []admin.Grant{{GID: number(8099), Role: mapping.RoleOperator}}, ""},
		{"a group that is not his", somebody{6000, many}, []admin.Grant{{GID: number(8100), Role: mapping.RoleOperator}}, "no_role"},
		{"a group of a user's number", somebody{6000, []uint32{7000}}, []admin.Grant{{GID: number(6000), Role: mapping.RoleOperator}}, "no_role"},
		{"another role", somebody{6000, []uint32{7000}}, []admin.Grant{{UID: number(6000), Role: mapping.RoleAuditor}}, "not_allowed"},
		{"root, without an entry", somebody{0, []uint32{0}}, nil, ""},
		{"root's group, without an entry", somebody{6000, []uint32{0}}, nil, "no_role"},
		{"root, with one", somebody{0, []uint32{0}}, []admin.Grant{{UID: number(0), Role: mapping.RoleAuditor}}, "not_allowed"},
	} {
		h.server.SetAccess(admin.Access{Grants: slices.Clone(test.grants)})
		status, body := h.by(test.who, "POST", "/v1/drain", "")
		if (test.want == "") != (status == 200) || !strings.Contains(body, test.want) {
			t.Errorf("%s: %d %s", test.name, status, body)
		}
	}
}

// Two users are two persons, whatever groups they share.
func TestTwoUsersOfAGroupAreTwoPersons(t *testing.T) {
	h := openToAll(t)
	i := h.create("")
	staff := uint32(7000)
	h.server.SetAccess(admin.Access{Second: true, Grants: []admin.Grant{{GID: &staff, Role: mapping.RoleAuditor}}})
	ann, ben := somebody{6000, []uint32{7000}}, somebody{6001, []uint32{7000}}
	reveal := "/v1/interactions/" + i.ID + "/reveal"
	_, answer := h.by(ann, "POST", reveal, revealBody(why))
	_, rest, _ := strings.Cut(answer, `"request":"`)
	request, _, _ := strings.Cut(rest, `"`)
	approve := "/v1/reveals/" + request + "/approve"
	for _, step := range []struct {
		who              somebody
		path, body, want string
	}{
		{ann, approve, "", "same_person"}, {ben, approve, "", `"approved_by":"uid 6001"`},
		{ben, reveal, `{"request":"` + request + `"}`, "not_found"}, {ann, reveal, `{"request":"` + request + `"}`, "+15550200001"},
	} {
		if _, got := h.by(step.who, "POST", step.path, step.body); !strings.Contains(got, step.want) {
			t.Errorf("uid %d, %s: %s; want %s", step.who.uid, step.path, got, step.want)
		}
	}
}
