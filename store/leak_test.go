package store

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"

	"maskd/mapping"
)

// spellings are the ways in which a secret may stand in a file.
func spellings(secret string) [][]byte {
	texts := []string{secret}
	if digits, ok := strings.CutPrefix(secret, "+"); ok {
		texts = append(texts, digits, digits[len(digits)-7:])
	}
	var all [][]byte
	for _, text := range texts {
		all = append(all, []byte(text), []byte(hex.EncodeToString([]byte(text))))
		for shift := range 3 { // base64 writes a text in three ways, after where it starts
			coded := base64.RawStdEncoding.EncodeToString([]byte(strings.Repeat("\x00", shift) + text))
			// The first characters hold bits of what stands before, the last of what follows.
			all = append(all, []byte(coded[[]int{0, 2, 3}[shift]:len(coded)-1]))
		}
	}
	return all
}

// leaks returns the secrets that stand in the data in any spelling.
func leaks(data []byte, secrets []string) (found []string) {
	for _, secret := range secrets {
		for _, spelling := range spellings(secret) {
			if bytes.Contains(data, spelling) {
				found = append(found, secret+" as "+string(spelling))
			}
		}
	}
	return found
}

func readFile(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestFileHoldsNoSecretInClear(t *testing.T) {
	o := optionsIn(t, t.TempDir(), 50)
	db, err := Open(o, noon)
	if err != nil {
		t.Fatal(err)
	}
	secrets := []string{"external-canary", "key-canary", "label-canary", "value-canary", "reason-canary"}
	for n := range 40 {
		d := ride(t, n, n)
		d.PINA.Given = pinOf(t, fmt.Sprintf("94617%05d", n))
		secrets = append(secrets, d.A[0].Reveal(), d.B[0].Reveal(), d.PINA.Given.Reveal())
		if n == 0 {
			d.Key = "key-canary"
			d.ExternalID, d.Labels = "external-canary", map[string]string{"label-canary": "value-canary"}
		}
		i := created(t, db, d, noon)
		c := callOf(byte(n), &i)
		db.Record(c)
		c.EndedAt, c.Outcome = noon, mapping.OutcomeAnswered
		db.Record(c)
		if n%2 == 0 {
			if _, err := db.Complete(t.Context(), i.ID, "reason-canary", noon); err != nil {
				t.Fatal(err)
			}
		}
	}
	barred := mapping.Block{Number: rider(t, 888), With: driver(t, 888), Reason: "block-canary"}
	blocked(t, db, barred)
	secrets = append(secrets, barred.Number.Reveal(), barred.With.Reveal(), barred.Reason)
	for n, mode := range []mapping.Mode{mapping.ModeOpen, mapping.ModeExtension} {
		d := lone(t, mode, 500+n)
		d.Strangers.Callback, d.Strangers.Fallback = mapping.CallbackFallback, driver(t, 600)
		if mode == mapping.ModeExtension {
			d.Strangers = mapping.Strangers{Extension: extensionOf(t, "83946172")}
		}
		i := created(t, db, d, noon)
		rings(t, db, &i, driver(t, 700+n), noon.Add(time.Second))
		secrets = append(secrets, d.A[0].Reveal(), driver(t, 600).Reveal(), driver(t, 700+n).Reveal(), "83946172")
	}
	stranger := rider(t, 999)
	secrets = append(secrets, stranger.Reveal())
	db.Record(mapping.CDR{Call: mapping.NewID(noon, [10]byte{99}), Caller: stranger, AdmittedAt: noon, EndedAt: noon, Outcome: mapping.OutcomeRefused})
	flushed(t, db)

	if found := leaks(readFile(t, o.Path), secrets); len(found) > 0 {
		t.Errorf("the open file has %q", found)
	}
	checkAndClose(t, db)
	if found := leaks(readFile(t, o.Path), secrets); len(found) > 0 {
		t.Errorf("the closed file has %q", found)
	}
}

// The search must be able to find: a clear write in each spelling is planted.
func TestSearchFindsAPlantedSecret(t *testing.T) {
	secret := rider(t, 1).Reveal()
	for _, planted := range []string{
		secret, secret[1:], secret[6:], hex.EncodeToString([]byte(secret)),
		base64.StdEncoding.EncodeToString([]byte(secret)),
		base64.StdEncoding.EncodeToString([]byte(`{"number":"` + secret + `"}`)),
		base64.StdEncoding.EncodeToString([]byte("x" + secret + "y")),
	} {
		o := optionsIn(t, t.TempDir(), 2)
		db := opened(t, o)
		err := db.file.Update(func(tx *bolt.Tx) error { return bucketMeta.in(tx).Put([]byte("plant"), []byte(planted)) })
		if err != nil {
			t.Fatal(err)
		}
		if len(leaks(readFile(t, o.Path), []string{secret})) == 0 {
			t.Errorf("%q was not found", planted)
		}
	}
}
