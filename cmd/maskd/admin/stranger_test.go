package admin_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"maskd/cmd/maskd/admin"
	"maskd/mapping"
)

func TestAnOpenInteractionOverTheAPI(t *testing.T) {
	h := withStore(t, 2)
	ctx := context.Background()
	d := draft("+15550200001", "+15550200002")
	d.Mode, d.Parties.B, d.Callback, d.CallbackNumber, d.Withheld = "open", admin.DraftParty{}, "fallback", "+15550200003", "refuse"
	i, err := h.client.Create(ctx, d)
	if err != nil {
		t.Fatal(err)
	}
	e := i.Effective
	if e.Mode != "open" || e.Numbering != "shared" || e.Callback != "fallback" || e.Withheld != "refuse" || e.CallbackNumber.Number == "" ||
		i.Parties.A.Dial == "" || i.Parties.B.Dial != "" || i.Parties.A.ReuseAgeSeconds != nil {
		t.Errorf("created %+v", i)
	}
	if _, text := h.ask("GET", "/v1/interactions/"+i.ID, ""); strings.Contains(text, `"b":`) || strings.Contains(text, "0200003") {
		t.Errorf("shown %s", text)
	}
	const why = `{"reason":"asked for by the court"}`
	if r, text := h.ask("POST", "/v1/interactions/"+i.ID+"/reveal", why); r.StatusCode != 200 || !strings.Contains(text, `"b":{"numbers":["+15550200003"]}`) {
		t.Errorf("revealed: %d %s", r.StatusCode, text)
	}
	asked := admin.Question{DID: admin.PlainNumber(i.Parties.A.Dial), Caller: "+15550200099"}
	if got, err := h.client.LookUp(ctx, asked); err != nil || !got.Connects || got.CallerSide != "b" || got.Shown != i.Parties.A.Dial {
		t.Errorf("a stranger: %+v, %v", got, err)
	}
	asked.Caller = ""
	if got, err := h.client.LookUp(ctx, asked); err != nil || got.Refusal != "withheld" {
		t.Errorf("a stranger who hides: %+v, %v", got, err)
	}
	asked.Caller = "+15550200001"
	if got, err := h.client.LookUp(ctx, asked); err != nil || got.Target.Ref != e.CallbackNumber.Ref || got.CallerSide != "a" {
		t.Errorf("A: %+v, %v", got, err)
	}
	again, err := h.client.Create(ctx, draft("+15550200001", "+15550200002"))
	if err == nil || !strings.Contains(err.Error(), "2 DIDs") {
		t.Errorf("two on the DIDs of which one is A's alone: %+v, %v", again, err)
	}
}

func TestAnExtensionOverTheAPI(t *testing.T) {
	h := openWhole(t)
	ctx := context.Background()
	d := draft("+15550200001", "+15550200002")
	d.Mode, d.Parties.B = "extension", admin.DraftParty{}
	d.Parties.A.Extension = "73051"
	first, err := h.client.Create(ctx, d)
	if err != nil {
		t.Fatal(err)
	}
	d.Parties.A.Numbers, d.Parties.A.Extension = []admin.PlainNumber{"+15550200002"}, admin.DrawExtension
	second, err := h.client.Create(ctx, d)
	if err != nil {
		t.Fatal(err)
	}
	if first.Parties.A.Extension != "73051" || first.Parties.A.Dial != second.Parties.A.Dial || len(second.Parties.A.Extension) != 4 {
		t.Errorf("%s: %d digits; %s: %d digits", first.Parties.A.Dial, len(first.Parties.A.Extension), second.Parties.A.Dial, len(second.Parties.A.Extension))
	}
	if shown, err := h.client.Interaction(ctx, first.ID); err != nil || shown.Parties.A.Extension != "73051" {
		t.Errorf("shown with an extension of %d digits, %v", len(shown.Parties.A.Extension), err)
	}
	page, err := h.client.Numbers(ctx, admin.Cursor{Limit: 9}, "", "")
	if err != nil || len(page.Data) != 2 || page.Data[0].Live+page.Data[1].Live != 2 {
		t.Errorf("numbers %+v, %v", page, err)
	}
	asked := admin.Question{DID: admin.PlainNumber(first.Parties.A.Dial), Caller: "+15550200099"}
	got, err := h.client.LookUp(ctx, asked)
	if err != nil || got.Refusal != "unknown" || !strings.Contains(got.Steps[len(got.Steps)-1].Finding, "asked for an extension") {
		t.Errorf("a stranger: %+v, %v", got, err)
	}
	if strings.Contains(h.log.String(), "73051") {
		t.Error("the log holds an extension")
	}
}

// What a stranger called back sees as caller is not his to make a premium number.
func TestWhoMayBeCalledBack(t *testing.T) {
	for e164, want := range map[string]bool{
		"+15550200001": true, "+447700900123": true, "+919876543210": true,
		"+19002345678": false, "+881612345678": false, "+44999": false, "+8881234567890": false,
	} {
		n, err := mapping.ParseNumber(e164)
		if err != nil {
			continue // nor can it call
		}
		if got := admin.Callable(n); got != want {
			t.Errorf("%s may be called back: %t", e164, got)
		}
	}
}

func TestAPlainExtensionIsNotPrinted(t *testing.T) {
	party := admin.Party{Extension: "73051984"}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
		if said := fmt.Sprintf(verb, party); strings.Contains(said, "73051984") || strings.Contains(said, "3733303531393834") {
			t.Errorf("%s prints %s", verb, said)
		}
	}
}
