package demo

import (
	"context"
	"fmt"
	"io"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"time"

	"maskd/cmd/maskd/admin"
	"maskd/sip/siptest"
)

// burst is how many packets of sound each phone plays: one second.
const burst = 50

// Run plays the demo and tells the story on out. Its error says what was not
// as it should be.
func Run(ctx context.Context, out io.Writer, start Start) error {
	s, err := setStage(start)
	if err != nil {
		return fmt.Errorf("set the stage: %w", err)
	}
	defer s.strike()
	d := &demo{stage: s, out: out, ctx: ctx}
	for _, act := range []func() error{d.create, d.call, d.talk, d.complete, d.callAgain, d.search} {
		if err := act(); err != nil {
			d.say("")
			d.print(d.ladder())
			return err
		}
	}
	return nil
}

// demo is the play.
type demo struct {
	*stage
	out io.Writer
	ctx context.Context

	interaction      admin.Interaction
	offered, invited siptest.Message // what the customer was sent, what the rider was answered
}

func (d *demo) create() error {
	d.say("maskd listens at %s, with a fresh store at %s.", d.config.SIP.Listen[0].Addr, d.config.Store.Path)
	d.say("The rider's number is %s, the customer's %s.", rider.Number, customer.Number)
	var draft admin.Draft
	draft.ExternalID = "order-4711"
	draft.Parties.A.Numbers = []admin.PlainNumber{admin.PlainNumber(rider.Number)}
	draft.Parties.B.Numbers = []admin.PlainNumber{admin.PlainNumber(customer.Number)}
	i, err := d.client.Create(d.ctx, draft)
	if err != nil {
		return fmt.Errorf("create the interaction: %w", err)
	}
	d.interaction = i
	d.title("An interaction, created over the admin socket")
	d.say("%s is %s. The rider dials %s, the customer would dial %s.",
		i.ID, i.State, i.Parties.A.Dial, i.Parties.B.Dial)
	return nil
}

// call has the rider call the customer.
func (d *demo) call() (err error) {
	d.rider.Invite(string(d.interaction.Parties.A.Dial))
	if d.invited, err = d.customer.Await("INVITE"); err != nil {
		return err
	}
	d.customer.Respond(180, "Ringing at Beth's")
	if _, err := d.rider.Await("180"); err != nil {
		return err
	}
	time.Sleep(500 * time.Millisecond)
	d.customer.Answer()
	if d.offered, err = d.rider.Await("200"); err != nil {
		return err
	}
	if shown := d.invited.Get("From"); !strings.Contains(shown, string(d.interaction.Parties.B.Dial)) {
		return fmt.Errorf("the customer was shown something else than her DID")
	}
	return nil
}

// talk has both play a tone at once, and asks what the other heard.
func (d *demo) talk() error {
	d.title("Audio, both ways at once")
	if err := d.exchange(); err != nil {
		return err
	}
	n, tone := d.customerSound.heard(riderTone, customerTone)
	d.say("The rider plays %d Hz; the customer hears %.0f Hz, %d of %d packets.", riderTone, tone, n, burst)
	m, other := d.riderSound.heard(riderTone, customerTone)
	d.say("The customer plays %d Hz; the rider hears %.0f Hz, %d of %d packets.", customerTone, other, m, burst)
	if n < burst*9/10 || m < burst*9/10 || tone != riderTone || other != customerTone {
		return fmt.Errorf("the two did not hear each other")
	}
	return nil
}

// exchange plays a burst on both sides, to where each was told to send.
func (d *demo) exchange() error {
	toRider, err := audioOf(d.offered)
	if err != nil {
		return err
	}
	toCustomer, err := audioOf(d.invited)
	if err != nil {
		return err
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		d.customerSound.play(toCustomer, burst)
	}()
	d.riderSound.play(toRider, burst)
	<-done
	time.Sleep(50 * time.Millisecond) // what is under way arrives
	return nil
}

// complete ends the interaction while the two talk.
func (d *demo) complete() error {
	d.title("The interaction is completed during the call")
	began := time.Now()
	done, err := d.client.Complete(d.ctx, d.interaction.ID, admin.Completion{Calls: "hangup", Reason: "delivered"})
	if err != nil {
		return fmt.Errorf("complete the interaction: %w", err)
	}
	d.say("Acknowledged after %s: state %s, calls ended %d.", time.Since(began).Round(100*time.Microsecond), done.State, done.CallsEnded)
	for _, phone := range []*siptest.Phone{d.rider, d.customer} {
		if _, err := phone.Await("BYE"); err != nil {
			return err
		}
	}
	d.say("Both phones got a BYE.")
	if err := d.exchange(); err != nil {
		return err
	}
	n, _ := d.customerSound.heard()
	m, _ := d.riderSound.heard()
	d.say("Both go on playing: the customer gets %d of %d packets, the rider %d of %d.", n, burst, m, burst)
	if n+m > 0 {
		return fmt.Errorf("audio passed after the completion")
	}
	return nil
}

// callAgain has the rider try once more.
func (d *demo) callAgain() error {
	d.title("The rider calls again")
	d.rider.Invite(string(d.interaction.Parties.A.Dial))
	refusal, err := d.rider.Await("404")
	if err != nil {
		return err
	}
	d.say("%s, as for a number that was never in use.", strings.TrimPrefix(refusal.Start, "SIP/2.0 "))
	time.Sleep(20 * time.Millisecond) // the ACK
	d.title("What crossed the wire")
	d.print(d.ladder())
	return nil
}

// search looks for each side on the other side's wire.
func (d *demo) search() error {
	d.title("What each side saw")
	packets := d.tap.Packets()
	found := 0
	proxy := netip.MustParseAddr(maskdHost)
	for _, side := range []struct {
		name, other string
		host, from  netip.Addr
		secret      siptest.Identity
		saw         siptest.Message
	}{
		{"customer", "rider", netip.MustParseAddr(customerHost), netip.MustParseAddr(riderHost), d.rider.Identity, d.invited},
		{"rider", "customer", netip.MustParseAddr(riderHost), netip.MustParseAddr(customerHost), d.customer.Identity, d.offered},
	} {
		d.say("The %s's phone got %q, with", side.name, side.saw.Start)
		for _, name := range []string{"From", "To", "Contact", "Call-ID"} {
			d.say("    %s: %s", name, side.saw.Get(name))
		}
		canary := new(siptest.Canary).Identity(side.secret, side.from).Exchange(packets, side.from, proxy)
		leaks := canary.Leaks(packets, proxy, side.host)
		found += len(leaks)
		d.say("  All that was sent to it, searched for the %s's number, name, address, phone, session and dialog: %d found.",
			side.other, len(leaks))
	}
	if found > 0 {
		return fmt.Errorf("a number or an address leaked")
	}
	return nil
}

func (d *demo) ladder() string {
	return siptest.Ladder(d.tap.Packets(),
		siptest.Column{Name: "rider", Host: netip.MustParseAddr(riderHost)},
		siptest.Column{Name: "maskd", Host: netip.MustParseAddr(maskdHost)},
		siptest.Column{Name: "customer", Host: netip.MustParseAddr(customerHost)})
}

func (d *demo) say(format string, args ...any) { fmt.Fprintf(d.out, format+"\n", args...) }
func (d *demo) title(text string)              { fmt.Fprintf(d.out, "\n%s\n", text) }
func (d *demo) print(text string)              { fmt.Fprint(d.out, text) }

var mediaLines = regexp.MustCompile(`(?s)c=IN IP4 (\S+).*m=audio (\d+) `)

// audioOf returns where a message asks for audio.
func audioOf(m siptest.Message) (netip.AddrPort, error) {
	found := mediaLines.FindStringSubmatch(m.Body)
	if found == nil {
		return netip.AddrPort{}, fmt.Errorf("%s has no audio in its SDP", m.Name())
	}
	addr, err := netip.ParseAddr(found[1])
	if err != nil {
		return netip.AddrPort{}, fmt.Errorf("read SDP: %w", err)
	}
	port, err := strconv.ParseUint(found[2], 10, 16)
	if err != nil {
		return netip.AddrPort{}, fmt.Errorf("read SDP: %w", err)
	}
	return netip.AddrPortFrom(addr, uint16(port)), nil
}
