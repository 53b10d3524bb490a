package config_test

import (
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"maskd/cmd/maskd/config"
	"maskd/mapping"
)

// keyOfTheREADME is a key below another, as a sentence names it: `sip.drain_seconds`.
var keyOfTheREADME = regexp.MustCompile("`([a-z]+(?:\\.[a-z_]+)+)`")

func TestEveryKeyOfTheREADMEIsOne(t *testing.T) {
	page, err := os.ReadFile("../../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, key := range keyOfTheREADME.FindAllStringSubmatch(string(page), -1) {
		top, _, _ := strings.Cut(key[1], ".")
		if !isKey(reflect.TypeFor[config.Config](), top) || isEvent(key[1]) {
			continue
		}
		found++
		if !isKey(reflect.TypeFor[config.Config](), key[1]) {
			t.Errorf("there is no key %s", key[1])
		}
	}
	if found < 20 {
		t.Fatalf("found %d keys only", found)
	}
}

// isEvent tells the types of events from keys.
func isEvent(key string) bool { _, ok := mapping.ParseEventType(key); return ok }

// isKey reports whether there is a key of that path below a type.
func isKey(of reflect.Type, path string) bool {
	for of.Kind() == reflect.Pointer || of.Kind() == reflect.Slice {
		of = of.Elem()
	}
	if of.Kind() != reflect.Struct {
		return false
	}
	name, below, nested := strings.Cut(path, ".")
	for field := range of.Fields() {
		tag, _, _ := strings.Cut(field.Tag.Get("yaml"), ",")
		switch {
		case tag == name && !nested, tag == name && isKey(field.Type, below):
			return true
		case tag == "" && field.Anonymous && isKey(field.Type, path):
			return true
		}
	}
	return false
}
