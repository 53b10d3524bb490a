package resolve

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestTheHostsFileComesFirst(t *testing.T) {
	file := filepath.Join(t.TempDir(), "hosts")
	text := "192.0.2.1 gw.h gw # 192.0.2.9 gw.h\n2001:db8::1\tGW.H\n\nnonsense gw.h\n192.0.2.2 other\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	asked := 0
	next := func(context.Context, Question) (Answer, error) { asked++; return Answer{}, nil }
	for _, row := range []struct {
		question Question
		want     []string
		asked    int
	}{
		{Question{A, "gw.h."}, []string{"192.0.2.1"}, 0},
		{Question{AAAA, "gw.h"}, []string{"2001:db8::1"}, 0},
		{Question{AAAA, "other"}, []string{}, 0},
		{Question{SRV, "other"}, []string{}, 1},
		{Question{A, "third"}, []string{}, 2},
	} {
		answer, err := WithHosts(file, next)(t.Context(), row.question)
		if got := texts(answer.Addrs); err != nil || !slices.Equal(got, row.want) || asked != row.asked {
			t.Errorf("%s %s: %v, DNS asked %d times", row.question.Kind, row.question.Name, got, asked)
		}
	}
	if _, _ = WithHosts(file+"-", next)(t.Context(), Question{A, "gw.h"}); asked != 3 {
		t.Error("without a file DNS is not asked")
	}
}
