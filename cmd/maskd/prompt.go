package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"maskd/cmd/maskd/config"
	"maskd/mapping"
	"maskd/media/sound"
	"maskd/sip"
)

// prompt reads a prompt that a key of the configuration names, and that may take
// so long; nil for none.
func prompt(key, file string, most time.Duration) (*sound.Prompt, error) {
	if file == "" {
		return nil, nil
	}
	p, err := sound.Load(os.DirFS(filepath.Dir(file)), filepath.Base(file))
	if err == nil && p.Duration() > most {
		err = fmt.Errorf("read prompt %s: it takes %s, expected at most %s", filepath.Base(file), p.Duration(), most)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", key, err)
	}
	return p, nil
}

// prompts reads all that callers hear of us.
func prompts(cfg config.Config, c *sip.Config) (err error) {
	c.Speech = make(sip.Speech)
	if c.Speech[""], err = phrases("prompts.", cfg.Prompts.Phrases); err != nil {
		return err
	}
	for locale, said := range cfg.Prompts.Locales {
		if c.Speech[mapping.Locale(locale)], err = phrases("prompts.locales."+locale+".", said); err != nil {
			return err
		}
	}
	c.Locales = make(map[string]mapping.Locale)
	c.Announce = make(map[string]sip.Announcements)
	for i, pool := range cfg.Pools {
		heard, err := announcements(i, pool)
		if err != nil {
			return err
		}
		c.Announce[pool.Name], c.Locales[pool.Name] = heard, mapping.Locale(pool.Locale)
		if i == 0 { // of a DID that is in none, so that nobody learns that
			c.Announce[""], c.Locales[""] = heard, mapping.Locale(pool.Locale)
		}
	}
	return nil
}

// phrases reads what is said in one locale.
func phrases(key string, said config.Phrases) (map[sip.Saying]*sound.Prompt, error) {
	prompts, named := make(map[sip.Saying]*sound.Prompt), files(said)
	for _, s := range sip.Sayings() {
		most := time.Minute
		if s == sip.SayGoodbye {
			most = sip.MaxGoodbye
		}
		p, err := prompt(key+s.String(), named[s], most)
		if err != nil {
			return nil, err
		}
		prompts[s] = p
	}
	return prompts, nil
}

// files are those of the configuration, by what they say.
func files(p config.Phrases) map[sip.Saying]string {
	return map[sip.Saying]string{
		sip.SayPIN: p.PIN, sip.SayExtension: p.Extension, sip.SayConfirm: p.Confirm, sip.SayGoodbye: p.Goodbye,
		sip.SayRecorded: p.Recording.Announce, sip.SayOptIn: p.Recording.OptIn, sip.SayOptOut: p.Recording.OptOut,
	}
}

// announcements reads what is heard in place of a refusal. A pool that announces
// and names no file has the tone that says so anywhere.
func announcements(i int, pool config.Pool) (a sip.Announcements, err error) {
	key := fmt.Sprintf("pools[%d].announce", i)
	var refused, busy error
	a.Refused, refused = prompt(key+".refused", pool.Announce.Refused, sip.MaxAnnouncement)
	a.Busy, busy = prompt(key+".busy", pool.Announce.Busy, sip.MaxAnnouncement)
	if pool.UnknownCaller.Announces() {
		a.Refused = cmp.Or(a.Refused, sound.Unobtainable())
	}
	return a, errors.Join(refused, busy)
}
