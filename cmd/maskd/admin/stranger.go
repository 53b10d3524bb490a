package admin

import (
	"fmt"

	"maskd/mapping"
)

// DraftStrangers is what is for callers who are no party, where only party A is named.
type DraftStrangers struct {
	Callback       string      `json:"callback,omitempty"`        // last_caller, fallback or refuse: whom A reaches by calling its DID
	CallbackNumber PlainNumber `json:"callback_number,omitempty"` // with fallback
	Withheld       string      `json:"withheld,omitempty"`        // connect or refuse: those who hide their numbers, in mode open
}

// PlainExtension is an extension in clear, or [DrawExtension]. It is JSON;
// printed, it says nothing.
type PlainExtension string

// DrawExtension asks for an extension that is drawn, as does leaving it out.
const DrawExtension PlainExtension = "generate"

// String says nothing of the extension.
func (PlainExtension) String() string { return "(extension)" }

// Format says nothing of the extension, whatever the verb.
func (e PlainExtension) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(e.String())) }

// strangers reads what the draft wants of callers who are no party.
func (d Draft) strangers() (s mapping.Strangers, err error) {
	var ok bool
	if s.Callback, ok = mapping.ParseCallback(d.Callback); !ok {
		return s, invalidField("callback", "unknown", "expected last_caller, fallback or refuse")
	}
	if s.Withheld, ok = mapping.ParseWithheld(d.Withheld); !ok {
		return s, invalidField("withheld", "unknown", "expected connect or refuse")
	}
	if d.CallbackNumber != "" {
		if s.Fallback, err = d.number("callback_number", d.CallbackNumber); err != nil {
			return s, err
		}
	}
	if d.Parties.B.Extension != "" {
		return s, invalidField("parties.b.extension", "not_allowed", "only party a can have one")
	}
	if keyed := d.Parties.A.Extension; keyed != "" && keyed != DrawExtension {
		if s.Extension, err = mapping.ParseExtension(string(keyed)); err != nil {
			return s, invalidField("parties.a.extension", "not_an_extension", `expected "generate", or 3 to 8 digits`)
		}
	}
	return s, nil
}

// viewStrangers adds what is for callers who are no party. Strangers are no
// party to be shown.
func (s *Server) viewStrangers(view Interaction, i *mapping.Interaction) Interaction {
	if !i.Mode.OneSided() {
		return view
	}
	view.Parties.B = Party{}
	view.Parties.A.Extension = PlainExtension(i.Strangers.Extension.Digits())
	view.LastCaller, view.LastCalledAt = s.viewNumber(i.Tenant, i.LastCall.Caller), Time{i.LastCall.At}
	view.Effective.Callback, view.Effective.CallbackNumber = i.Strangers.Callback.String(), s.viewNumber(i.Tenant, i.Strangers.Fallback)
	if i.Mode == mapping.ModeOpen {
		view.Effective.Withheld = i.Strangers.Withheld.String()
	}
	return view
}

// other returns the end that is not A, as it is revealed: of strangers it is the
// one whom A would call back.
func other(i *mapping.Interaction) mapping.Party {
	b := i.B
	if i.Mode.OneSided() {
		b.Numbers = i.Reached(mapping.SideA)
	}
	return b
}
