package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"maskd/cmd/maskd/config"
	"maskd/media"
	"maskd/sip"
)

// prompt reads a prompt that a key of the configuration names, and that may take
// so long; nil for none.
func prompt(key, file string, most time.Duration) (*media.Prompt, error) {
	if file == "" {
		return nil, nil
	}
	p, err := media.LoadPrompt(os.DirFS(filepath.Dir(file)), filepath.Base(file))
	if err == nil && p.Duration() > most {
		err = fmt.Errorf("read prompt %s: it takes %s, expected at most %s", filepath.Base(file), p.Duration(), most)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", key, err)
	}
	return p, nil
}

// prompts reads all that callers hear of us.
func prompts(cfg config.Config, c *sip.Config) error {
	var pin, extension, confirm, goodbye error
	c.Prompt, pin = prompt("prompts.pin", cfg.Prompts.PIN, time.Minute)
	c.Extension, extension = prompt("prompts.extension", cfg.Prompts.Extension, time.Minute)
	c.Goodbye, goodbye = prompt("prompts.goodbye", cfg.Prompts.Goodbye, sip.MaxGoodbye)
	c.Confirm, confirm = prompt("prompts.confirm", cfg.Prompts.Confirm, time.Minute)
	if err := errors.Join(pin, extension, confirm, goodbye); err != nil {
		return err
	}
	c.Announce = make(map[string]sip.Announcements)
	for i, pool := range cfg.Pools {
		heard, err := announcements(i, pool)
		if err != nil {
			return err
		}
		c.Announce[pool.Name] = heard
		if i == 0 { // of a DID that is in none, so that nobody learns that
			c.Announce[""] = heard
		}
	}
	return nil
}

// announcements reads what is heard in place of a refusal. A pool that announces
// and names no file has the tone that says so anywhere.
func announcements(i int, pool config.Pool) (a sip.Announcements, err error) {
	key := fmt.Sprintf("pools[%d].announce", i)
	var refused, busy error
	a.Refused, refused = prompt(key+".refused", pool.Announce.Refused, sip.MaxAnnouncement)
	a.Busy, busy = prompt(key+".busy", pool.Announce.Busy, sip.MaxAnnouncement)
	if pool.UnknownCaller.Announces() {
		a.Refused = cmp.Or(a.Refused, media.Unobtainable())
	}
	return a, errors.Join(refused, busy)
}
