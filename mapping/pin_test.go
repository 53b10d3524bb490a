package mapping_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"maskd/mapping"
)

// pin reads a PIN that a test knows to be good.
func pin(t testing.TB, s string) mapping.PIN {
	t.Helper()
	p, err := mapping.ParsePIN(s)
	if err != nil {
		t.Fatalf("ParsePIN: %v", err)
	}
	return p
}

func TestAPINIsSixToTwelveDigits(t *testing.T) {
	for _, good := range []string{"000000", "482913", "123456789012"} {
		if p := pin(t, good); p.Reveal() != good || p.Digits() != len(good) || p.IsZero() {
			t.Errorf("%q is read as one of %d digits", good, p.Digits())
		}
	}
	for _, bad := range []string{"", "48291", "1234567890123", "48291a", " 482913", "4829-13", "48291٣", "+482913"} {
		if p, err := mapping.ParsePIN(bad); !errors.Is(err, mapping.ErrPIN) || !p.IsZero() {
			t.Errorf("%q is taken", bad)
		}
	}
	if strings.ContainsAny(mapping.ErrPIN.Error(), "345789") {
		t.Error("the error quotes the PIN")
	}
}

func TestOnlyTheSameDigitsMatch(t *testing.T) {
	p := pin(t, "482913")
	if !p.Matches([]byte("482913")) {
		t.Error("the PIN does not match itself")
	}
	for _, entered := range []string{"", "482914", "48291", "4829130", "482913\x00", "000000", "4829134829134829"} {
		if p.Matches([]byte(entered)) {
			t.Errorf("%q matches", entered)
		}
	}
	var none mapping.PIN
	for _, entered := range [][]byte{nil, {}, make([]byte, mapping.MaxPIN)} {
		if none.Matches(entered) {
			t.Errorf("%v matches no PIN", entered)
		}
	}
	if long := pin(t, "123456789012"); long.Matches([]byte("1234567890123")) {
		t.Error("a thirteenth digit is overlooked")
	}
}

// Each digit is as likely as any other in each place: of 20,000 draws a digit is
// expected 2,000 times, and more than 6 standard deviations off it is not chance.
func TestDrawnPINsAreEven(t *testing.T) {
	const draws, expected, tolerance = 20_000, 2_000, 260
	var seen [mapping.MinPIN]['9' + 1]int
	for range draws {
		p, err := mapping.DrawPIN(rand.Reader)
		if err != nil || p.Digits() != mapping.MinPIN {
			t.Fatalf("%d digits, %v", p.Digits(), err)
		}
		for place, digit := range []byte(p.Reveal()) {
			seen[place][digit]++
		}
	}
	for place := range seen {
		for digit := byte('0'); digit <= '9'; digit++ {
			if n := seen[place][digit]; n < expected-tolerance || n > expected+tolerance {
				t.Errorf("%c is drawn %d times in place %d", digit, n, place)
			}
		}
	}
}

func TestAPINIsNotDrawnFromNothing(t *testing.T) {
	if p, err := mapping.DrawPIN(strings.NewReader("short")); err == nil || !p.IsZero() {
		t.Errorf("a PIN of a source that ran dry: %v", err)
	}
	// Bytes over 249 would make some digits likelier: they are left out.
	p, err := mapping.DrawPIN(bytes.NewReader([]byte{250, 255, 249, 1, 12, 23, 34, 45, 9, 9, 9, 9}))
	if err != nil || p.Reveal() != "912345" {
		t.Errorf("drawn: %q, %v", p.Reveal(), err)
	}
}

func TestADraftsWishesAreGranted(t *testing.T) {
	same := io.MultiReader(strings.NewReader(strings.Repeat("\x01", 24)), rand.Reader)
	d := good(t)
	d.PINA.Draw, d.PINB.Draw = true, true
	drawn, err := d.WithPINs(same)
	if err != nil {
		t.Fatal(err)
	}
	i := drawn.Bind(mapping.ID{1}, "+15550100001", "+15550100001", noon)
	if i.A.PIN.IsZero() || i.B.PIN.IsZero() || i.A.PIN == i.B.PIN {
		t.Errorf("PINs %v and %v, the same: %t", i.A.PIN, i.B.PIN, i.A.PIN == i.B.PIN)
	}
	if !d.Matches(&i) {
		t.Error("the same request does not match what it made")
	}
	d.PINA = mapping.PINWish{Given: pin(t, "482913")}
	if d.Matches(&i) {
		t.Error("a given PIN matches one that was drawn")
	}
	if _, err := drawn.WithPINs(strings.NewReader("")); err != nil {
		t.Error("what is drawn is drawn again")
	}
}

func TestLockoutGrows(t *testing.T) {
	var l mapping.Lockout
	at, lengths := noon, ""
	for range 14 {
		for try := range mapping.PINTries {
			var ok bool
			if l, ok = l.Try(at); !ok {
				t.Fatalf("try %d is not looked at", try)
			}
			at = at.Add(time.Second)
		}
		at = at.Add(-time.Second)
		length := time.Duration(0)
		for l.Locked(at.Add(length)) {
			length += time.Minute
		}
		if _, ok := l.Try(at.Add(length - 1)); ok {
			t.Errorf("looked at before %s are over", length)
		}
		lengths += fmt.Sprint(length.Minutes(), " ")
		at = at.Add(length)
	}
	if want := "1 2 4 8 16 32 64 128 256 512 1024 1440 1440 1440 "; lengths != want {
		t.Errorf("locked out for %sminutes, want %s", lengths, want)
	}
}

// Whatever is tried while it is locked changes nothing: who waits is not
// punished for who does not.
func TestALockoutIsNotProlonged(t *testing.T) {
	var l mapping.Lockout
	for range mapping.PINTries {
		l, _ = l.Try(noon)
	}
	after, ok := l.Try(noon.Add(time.Second))
	if ok || after != l {
		t.Errorf("%+v became %+v", l, after)
	}
	if l.Stale(noon.Add(47*time.Hour)) || !l.Stale(noon.Add(48*time.Hour)) {
		t.Error("it is forgotten too early, or never")
	}
}

// A year of guessing finds one PIN of six digits in a thousand.
func TestGuessingIsHopeless(t *testing.T) {
	var l mapping.Lockout
	looked := 0
	for at := noon; at.Before(noon.AddDate(1, 0, 0)); at = at.Add(time.Minute) {
		for ok := true; ok; {
			if l, ok = l.Try(at); ok {
				looked++
			}
		}
	}
	if looked > 1_200 {
		t.Errorf("%d PINs are looked at in a year", looked)
	}
}
