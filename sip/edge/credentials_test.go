package edge

import (
	"slices"
	"strings"
	"testing"

	"maskd/sip/digest"
	"maskd/sip/leg"
	"maskd/sip/siptest"
)

// account is ours at the carrier.
func account(realm string) digest.Account {
	return digest.Account{Username: "maskd", Password: digest.NewPassword("zanzibar"), Realm: realm}
}

// atTheDoor runs a script in which the carrier's server wants to know who we
// are, and the first trunk has an account.
func atTheDoor(t *testing.T, a digest.Account, script func(*exchange, *doorman)) {
	t.Helper()
	inExchange(t, func(x *exchange) {
		d := newDoorman(x.t, x.carrier)
		x.edge.peers().trunks[0].Account = a
		x.edge.peers().trunks[0].equip(x.edge.cfg.Random)
		script(x, d)
	})
}

// inputs returns what a leg has heard that means something, and empties it. The
// leg sends its INVITE again if it wants to.
func (r *ringing) inputs() string {
	r.x.t.Helper()
	var names []string
	for len(r.heard) > 0 {
		in, ok := r.Heard(<-r.heard)
		if !ok {
			continue
		}
		names = append(names, in.Kind.String())
		var acts []leg.Action
		if r.uac, acts = r.uac.Step(in, nil); slices.ContainsFunc(acts, func(a leg.Action) bool { return a.Do == leg.SendAgain }) {
			if err := r.Do(leg.Action{Do: leg.SendAgain}, []byte(sdp)); err != nil {
				r.x.t.Error(err)
			}
		}
	}
	return strings.Join(names, ", ")
}

// settle lets the leg act on what it hears until the doorman has no more to say.
func (r *ringing) settle(d *doorman) (heard, told string) {
	var all, verdicts []string
	for {
		verdict := d.told()
		in := r.inputs()
		if in != "" {
			all = append(all, in)
		}
		if verdict == "" {
			return strings.Join(all, ", "), strings.Join(verdicts, ", ")
		}
		verdicts = append(verdicts, verdict)
	}
}

func (r *ringing) do(verbs ...leg.Verb) {
	r.x.t.Helper()
	for _, verb := range verbs {
		if err := r.Do(leg.Action{Do: verb}, nil); err != nil {
			r.x.t.Error(err)
		}
	}
}

func check(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %q, want %q", what, got, want)
	}
}

func TestAChallengedCallIsPutThrough(t *testing.T) {
	for name, how := range map[string]func(*doorman){
		"by the server":    func(*doorman) {},
		"by a proxy":       func(d *doorman) { d.proxy = true },
		"with SHA-256 too": func(d *doorman) { d.sha = true },
	} {
		t.Run(name, func(t *testing.T) {
			atTheDoor(t, account("carrier.example"), func(x *exchange, d *doorman) {
				d.change(how)
				r := x.ring()
				heard, told := r.settle(d)
				check(t, "the leg hears", heard, "retry, 200")
				check(t, "the INVITE", told, "refused INVITE, passed INVITE")
				r.do(leg.SendAck)
				_ = d.told()
				invite, ack := d.last("INVITE"), d.last("ACK")
				for _, header := range []string{"Authorization", "Proxy-Authorization"} {
					check(t, "the ACK's "+header+" (22.1)", ack.Get(header), invite.Get(header))
				}
				check(t, "the ACK's number", strings.Fields(ack.Get("CSeq"))[0], strings.Fields(invite.Get("CSeq"))[0])
				check(t, "the INVITE's body", invite.Body, sdp)

				if err := r.Do(leg.Action{Do: leg.SendDigit, Digit: leg.Digit{Key: 5}}, nil); err != nil {
					t.Error(err)
				}
				check(t, "an INFO is not asked", d.told(), "passed INFO")
				r.do(leg.SendBye)
				heard, told = r.settle(d)
				check(t, "nor a BYE", told, "passed BYE")
				check(t, "the leg hears at last", heard, "BYE over")
				r.Close()

				next := x.ring()
				heard, told = next.settle(d)
				check(t, "nor the next call", heard+": "+told, "200: passed INVITE")
				next.do(leg.SendAck, leg.SendBye)
				_, _ = next.settle(d)
				next.Close()
			})
		})
	}
}

func TestARequestInADialogIsSentAgainWhenChallenged(t *testing.T) {
	atTheDoor(t, account("carrier.example"), func(x *exchange, d *doorman) {
		d.change(func(d *doorman) { d.open = true })
		r := x.ring()
		_, _ = r.settle(d)
		r.do(leg.SendAck)
		d.change(func(d *doorman) { d.open = false })
		_ = d.told()
		if err := r.Do(leg.Action{Do: leg.SendDigit, Digit: leg.Digit{Key: 5}}, nil); err != nil {
			t.Error(err)
		}
		check(t, "an INFO", d.told(), "refused INFO, passed INFO")
		info := d.last("INFO")
		check(t, "its body", info.Body, "Signal=5\r\nDuration=0\r\n")
		d.change(func(d *doorman) { d.nonce, d.stale = "n2", true })
		r.do(leg.SendBye)
		check(t, "a BYE with a nonce too old", d.told(), "refused BYE, passed BYE")
		if bye := d.last("BYE"); bye.Seq() <= info.Seq() || siptest.Branch(bye.Get("Via")) == siptest.Branch(info.Get("Via")) {
			t.Errorf("the BYE is number %d after %d", bye.Seq(), info.Seq())
		}
		check(t, "the leg hears", r.inputs(), "BYE over")
		r.Close()
	})
}

func TestWhenAChallengeIsNotAnswered(t *testing.T) {
	for _, row := range []struct {
		name    string
		account digest.Account
		how     func(*doorman)
		told    string
		heard   string
	}{
		{"no account", digest.Account{}, func(*doorman) {}, "refused INVITE", "final"},
		{"the password is wrong", account(""), func(d *doorman) { d.password = "other" }, "refused INVITE, refused INVITE", "retry, final"},
		{"another realm (CVE-2021-41158)", account("carrier.example"), func(d *doorman) { d.realm = "attacker" }, "refused INVITE", "final"},
		{"it rang already", account(""), func(d *doorman) { d.early = "180 Ringing" }, "refused INVITE", "180, retry"},
	} {
		t.Run(row.name, func(t *testing.T) {
			atTheDoor(t, row.account, func(x *exchange, d *doorman) {
				d.change(row.how)
				r := x.ring()
				heard, told := r.settle(d)
				check(t, "the INVITE", told, row.told)
				check(t, "the leg hears", heard, row.heard)
				r.Close()
			})
		})
	}
}

func TestACallThatIsCancelledIsNotTriedAgain(t *testing.T) {
	atTheDoor(t, account(""), func(x *exchange, d *doorman) {
		r := x.ring()
		r.uac, _ = r.uac.Step(leg.Input{Kind: leg.Release}, nil)
		heard, told := r.settle(d)
		check(t, "the leg hears", heard+": "+told, "retry: refused INVITE")
		r.Close()
	})
}

// Two requests at once are both challenged, and both sent again: each time with
// a number that no other has.
func TestRequestsSentAgainHaveNumbersOfTheirOwn(t *testing.T) {
	atTheDoor(t, account("carrier.example"), func(x *exchange, d *doorman) {
		d.change(func(d *doorman) { d.open = true })
		r := x.ring()
		_, _ = r.settle(d)
		r.do(leg.SendAck)
		d.change(func(d *doorman) { d.open = false })
		_ = d.told()
		r.do(leg.SendDigit, leg.SendDigit, leg.SendBye)
		if told := d.told(); strings.Count(told, "passed") != 3 || strings.Contains(told, "twice") {
			t.Error(told)
		}
		_, _ = r.settle(d)
		r.Close()
	})
}

// The answer to a challenge is worth a call at our cost: another trunk gets none,
// though it knows the transaction (CVE-2021-41158).
func TestAnotherTrunksChallengeIsNotAnswered(t *testing.T) {
	inExchange(t, func(x *exchange) {
		x.edge.peers().trunks[0].Account = account("")
		x.edge.peers().trunks[0].equip(x.edge.cfg.Random)
		r := x.ring()
		rival := x.plug(rivalAddr)
		invite := x.invited()
		before := len(x.network.Packets())
		challenge := lines{"SIP/2.0 401 Unauthorized", "Via: " + invite.Get("Via"), "From: " + invite.Get("From"),
			"To: " + invite.Get("To") + ";tag=theirs", "Call-ID: " + invite.Get("Call-ID"), "CSeq: " + invite.Get("CSeq"),
			`WWW-Authenticate: Digest realm="carrier.example", nonce="n", qop="auth"`}
		_ = x.send(rival, challenge.text(""))
		_ = r.inputs()
		for _, p := range x.network.Packets()[before:] {
			if strings.Contains(string(p.Data), "Authorization") {
				t.Errorf("%s is sent credentials", p.To)
			}
		}
		r.Close()
	})
}

// Who may challenge a request within a dialog is the far end too: it gets no
// digest for a realm of its choosing, whether the carrier's is known or not.
func TestTheFarEndsRealmIsNotAnswered(t *testing.T) {
	for name, open := range map[string]bool{"the carrier's is known": false, "the carrier never asks": true} {
		t.Run(name, func(t *testing.T) {
			atTheDoor(t, account(""), func(x *exchange, d *doorman) {
				d.change(func(d *doorman) { d.open = open })
				r := x.ring()
				_, _ = r.settle(d)
				r.do(leg.SendAck)
				_ = d.told()
				d.change(func(d *doorman) { d.open, d.proxy, d.realm, d.nonce = false, true, "far.example", "chosen" })
				r.do(leg.SendBye)
				_, told := r.settle(d)
				check(t, "the BYE", told, "refused BYE")
				check(t, "its credentials", d.last("BYE").Get("Proxy-Authorization"), "")
				r.Close()
			})
		})
	}
}

func TestAPasswordIsInNoLog(t *testing.T) {
	atTheDoor(t, account("carrier.example"), func(x *exchange, d *doorman) {
		d.change(func(d *doorman) { d.password = "other" })
		r := x.ring()
		_, _ = r.settle(d)
		r.Close()
		log := written(t, x.logs)
		if !strings.Contains(log, "challenge not answered") {
			t.Error("an operator is not told why the calls fail")
		}
		for _, secret := range []string{"zanzibar", "447700900123", "n1"} {
			if strings.Contains(log, secret) {
				t.Errorf("logged: %s", log)
			}
		}
	})
}

// A re-INVITE and an UPDATE are sent again by the goroutine that has the
// dialog; the leg knows nothing of it.
func TestAChangeIsSentAgainWhenChallenged(t *testing.T) {
	for method, verb := range map[string]leg.Verb{"INVITE": leg.SendChange, "UPDATE": leg.SendRefresh} {
		t.Run(method, func(t *testing.T) {
			atTheDoor(t, account("carrier.example"), func(x *exchange, d *doorman) {
				d.change(func(d *doorman) { d.open, d.extra = true, []string{"Allow: UPDATE"} })
				r := x.ring()
				_, _ = r.settle(d)
				r.do(leg.SendAck)
				first := d.last("INVITE")
				d.change(func(d *doorman) { d.open = false })
				_ = d.told()
				if err := r.Do(leg.Action{Do: verb}, []byte(sdp)); err != nil {
					t.Error(err)
				}
				heard, told := r.settle(d)
				check(t, "the leg hears", heard, "200 to change")
				check(t, "the change", told, "refused "+method+", passed "+method)
				again := d.last(method)
				check(t, "its Call-ID", again.Get("Call-ID"), first.Get("Call-ID"))
				if method == "INVITE" {
					check(t, "its body", again.Body, sdp)
					r.do(leg.AckChange)
					_ = d.told()
					check(t, "its ACK (22.1)", d.last("ACK").Get("Authorization"), again.Get("Authorization"))
					if ack := d.last("ACK"); ack.Seq() != again.Seq() {
						t.Errorf("ACK of %d has number %d", again.Seq(), ack.Seq())
					}
				}
				r.do(leg.SendBye)
				_, told = r.settle(d)
				check(t, "the BYE", told, "passed BYE")
				r.Close()
				if n := x.edge.invites.size(); n != 0 {
					t.Errorf("%d INVITEs are waited for", n)
				}
			})
		})
	}
}

func TestAChangeIsNotSentAgainAfterABye(t *testing.T) {
	atTheDoor(t, account("carrier.example"), func(x *exchange, d *doorman) {
		d.change(func(d *doorman) { d.open = true })
		r := x.ring()
		_, _ = r.settle(d)
		r.do(leg.SendAck)
		d.change(func(d *doorman) { d.open = false })
		_ = d.told()
		if err := r.Do(leg.Action{Do: leg.SendChange}, []byte(sdp)); err != nil {
			t.Error(err)
		}
		r.do(leg.SendBye)
		if _, told := r.settle(d); strings.Count(told, "INVITE") != 1 || !strings.Contains(told, "passed BYE") {
			t.Error(told)
		}
		r.Close()
	})
}
