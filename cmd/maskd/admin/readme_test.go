package admin_test

import (
	"os"
	"regexp"
	"slices"
	"testing"
)

var (
	pathOfTheREADME = regexp.MustCompile(`/v1/[\w/:{}.]*\w[}]?`)
	wildcard        = regexp.MustCompile(`\{[^}]*\}`)
)

func TestEveryPathOfTheREADMEIsRouted(t *testing.T) {
	page, err := os.ReadFile("../../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	var routes []*regexp.Regexp
	for _, r := range rows() {
		routes = append(routes, regexp.MustCompile("^"+wildcard.ReplaceAllString(r.path, "[^/]+")+"$"))
	}
	paths := pathOfTheREADME.FindAllString(string(page), -1)
	if len(paths) < 20 {
		t.Fatalf("found %d paths only", len(paths))
	}
	for _, path := range paths {
		if !slices.ContainsFunc(routes, func(r *regexp.Regexp) bool { return r.MatchString(path) }) {
			t.Errorf("nothing is routed at %s", path)
		}
	}
}
