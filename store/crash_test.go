package store

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"maskd/mapping"
)

// The crash test runs its own binary as the process that is killed. These
// variables tell that process so, and how many rounds a soak wants.
const (
	victimDir   = "MASKD_STORE_VICTIM_DIR"
	victimRound = "MASKD_STORE_VICTIM_ROUND"
	crashRounds = "MASKD_STORE_CRASH_ROUNDS"

	defaultCrashRounds = 12
	crashPool          = 500
)

// TestCrashVictim is the process that is killed: it creates and completes
// until then, and says on standard output what was acknowledged. In an
// ordinary run it does nothing.
func TestCrashVictim(t *testing.T) {
	dir := os.Getenv(victimDir)
	if dir == "" {
		return
	}
	db, err := Open(optionsIn(t, dir, crashPool), noon)
	if err != nil {
		t.Fatal(err)
	}
	round, _ := strconv.Atoi(os.Getenv(victimRound))
	var wait sync.WaitGroup
	for client := range 4 {
		wait.Go(func() { stream(t, db, round*4+client) })
	}
	wait.Wait()
}

// stream creates interactions for ever, completes every second one, and has a
// call in each. Every line goes out in one write.
func stream(t *testing.T, db *DB, client int) {
	for n := 0; ; n++ {
		d := ride(t, client*100+n%90, client*100+(n/90)%90)
		switch n % 8 {
		case 3:
			d.Mode, d.B = mapping.ModeOpen, nil
		case 5:
			d.Mode, d.B = mapping.ModeExtension, nil
		}
		i, _, err := db.Create(context.Background(), d, noon)
		if err != nil {
			t.Errorf("create: %v", err)
			return
		}
		_, _ = os.Stdout.WriteString("created " + i.ID.Text(mapping.KindInteraction) + "\n")
		c := callOf(byte(n), &i)
		c.Call = mapping.NewID(noon, [10]byte{byte(client), byte(n), byte(n >> 8)})
		db.Record(c)
		if n%2 == 0 {
			continue
		}
		if _, err := db.Complete(context.Background(), i.ID, "", noon); err != nil {
			t.Errorf("complete: %v", err)
			return
		}
		_, _ = os.Stdout.WriteString("completed " + i.ID.Text(mapping.KindInteraction) + "\n")
	}
}

// acknowledged is what a victim said before it was killed.
type acknowledged struct{ created, completed []mapping.ID }

func TestKilledStoreKeepsWhatItAcknowledged(t *testing.T) {
	rounds, err := strconv.Atoi(os.Getenv(crashRounds))
	if err != nil {
		rounds = defaultCrashRounds
	}
	dir := t.TempDir()
	var all acknowledged
	for round := range rounds {
		said := kill(t, dir, round)
		all.created = append(all.created, said.created...)
		all.completed = append(all.completed, said.completed...)
		verify(t, dir, &all)
	}
	if len(all.created) == 0 || len(all.completed) == 0 {
		t.Error("no victim lived long enough to say anything")
	}
	t.Logf("%d rounds: %d creates and %d completes acknowledged", rounds, len(all.created), len(all.completed))
}

// kill runs a victim and kills it a random number of acknowledgements and
// microseconds later.
func kill(t *testing.T, dir string, round int) acknowledged {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestCrashVictim$")
	cmd.Env = append(os.Environ(), victimDir+"="+dir, victimRound+"="+strconv.Itoa(round))
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var said acknowledged
	lines := bufio.NewScanner(out)
	for left := 1 + rand.IntN(200); lines.Scan(); left-- {
		said.note(t, lines.Text())
		if left == 0 {
			time.Sleep(time.Duration(rand.IntN(3000)) * time.Microsecond)
			_ = cmd.Process.Kill()
		}
	}
	_ = cmd.Wait() // it was killed: that is its error
	return said
}

// note keeps one line; one that the kill cut short was not acknowledged.
func (a *acknowledged) note(t *testing.T, line string) {
	what, text, _ := strings.Cut(line, " ")
	id, err := mapping.ParseID(mapping.KindInteraction, text)
	switch {
	case err != nil && what != "created" && what != "completed":
		t.Log(line)
	case err != nil:
	case what == "created":
		a.created = append(a.created, id)
	case what == "completed":
		a.completed = append(a.completed, id)
	}
}

func verify(t *testing.T, dir string, all *acknowledged) {
	t.Helper()
	db, err := Open(optionsIn(t, dir, crashPool), noon)
	if err != nil {
		t.Fatalf("open after the kill: %v", err)
	}
	defer checkAndClose(t, db)
	for _, id := range all.created {
		if _, err := db.Interaction(id); err != nil {
			t.Errorf("an acknowledged create is lost: %v", err)
		}
	}
	for _, id := range all.completed {
		if err := connects(db, id); err != nil {
			t.Error(err)
		}
	}
	verifyCalls(t, db)
	verifyLog(t, db, all)
	verifyEvents(t, db, all)
}

// verifyLog sees that the audit log tells of all that was acknowledged, and that
// its last checkpoint is of what it has.
func verifyLog(t *testing.T, db *DB, all *acknowledged) {
	t.Helper()
	told := make(map[mapping.Object]map[mapping.Action]bool)
	log := db.AuditLog()
	for from := int64(0); ; {
		rows, err := log.Rows(from, maxPage)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rows {
			if told[r.Entry.Object] == nil {
				told[r.Entry.Object] = make(map[mapping.Action]bool)
			}
			told[r.Entry.Object][r.Entry.Action] = true
		}
		if len(rows) == 0 {
			break
		}
		from += int64(len(rows))
	}
	for action, ids := range map[mapping.Action][]mapping.ID{
		mapping.ActionInteractionCreate: all.created, mapping.ActionInteractionComplete: all.completed,
	} {
		for _, id := range ids {
			if !told[mapping.ObjectID(mapping.KindInteraction, id)][action] {
				t.Errorf("the audit log does not tell of an acknowledged %s", action)
			}
		}
	}
	verified(t, db)
}

// verifyEvents sees that the outbox tells of all that was acknowledged, of nothing
// that is not there, and of each once: the sequence has no gap ([eventsOf]).
func verifyEvents(t *testing.T, db *DB, all *acknowledged) {
	t.Helper()
	type fact struct {
		of   mapping.ID
		what mapping.EventType
	}
	told := make(map[fact]int)
	for _, e := range eventsOf(t, db) {
		told[fact{e.Interaction, e.Type}]++
	}
	for what, ids := range map[mapping.EventType][]mapping.ID{
		mapping.EventInteractionCreated: all.created, mapping.EventInteractionCompleted: all.completed,
	} {
		for _, id := range ids {
			if told[fact{id, what}] != 1 {
				t.Errorf("an acknowledged %s is told %d times", what, told[fact{id, what}])
			}
		}
	}
	for f, n := range told {
		i, err := db.Interaction(f.of)
		if err != nil || f.what == mapping.EventInteractionCompleted && i.CompletedAt.IsZero() {
			t.Errorf("told %d times of %s: %v", n, f.what, err)
		}
	}
}

// connects reports how a completed interaction still connects.
func connects(db *DB, id mapping.ID) error {
	i, err := db.Interaction(id)
	if err != nil || i.State(noon) != mapping.StateCompleted || db.Live(id, noon) {
		return fmt.Errorf("a completed interaction is %s: %v", i.State(noon), err)
	}
	for _, side := range []mapping.Side{mapping.SideA, mapping.SideB} {
		party, caller := i.Party(side), mapping.Number{} // a stranger, where there is no party B
		if len(party.Numbers) > 0 {
			caller = party.Numbers[0]
		}
		if route, refusal := db.Resolve(party.DID, caller, noon); refusal == 0 && route.Interaction == id {
			return fmt.Errorf("a completed interaction connects side %s", side)
		}
	}
	route, refusal := db.Through(i.A.DID, mapping.Number{}, []byte(i.Strangers.Extension.Digits()), noon)
	if refusal == 0 && route.Interaction == id {
		return errors.New("a completed interaction connects by its extension")
	}
	return nil
}

// verifyCalls sees that no call is live in a store that was just opened.
func verifyCalls(t *testing.T, db *DB) {
	t.Helper()
	page, err := db.CDRs(mapping.ID{}, maxPage)
	if err != nil {
		t.Errorf("read CDRs: %v", err)
	}
	for _, c := range page {
		if c.Outcome != mapping.OutcomeInterrupted || c.EndedBy != mapping.EndedByCrash || !c.EndedAt.IsZero() {
			t.Errorf("call left %s by %s", c.Outcome, c.EndedBy)
		}
	}
}
