package config

import "reflect"

// Reload reads the file of a running daemon again, and returns the
// configuration that it goes on with: of the file the trunks, the pools, the
// prompts, tenants, webhooks, holidays, retention, sip.tls, sip.drain_seconds and of admin who
// may do what, and all else as it is. The keys that the file changes and that need a restart
// are named. Every error is an [*Error].
func (c Config) Reload(path string) (next Config, restart []string, err error) {
	file, tree, err := load(path)
	if err != nil {
		return Config{}, nil, err
	}
	next = c
	next.Trunks, next.Pools, next.SIP.TLS, next.SIP.Drain = file.Trunks, file.Pools, file.SIP.TLS, file.SIP.Drain
	next.Holidays, next.Prompts = file.Holidays, file.Prompts
	next.Tenants, next.Webhooks, next.Retention = file.Tenants, file.Webhooks, file.Retention
	next.Admin.TLS, next.Admin.Roles, next.Admin.Reveals, next.Admin.Rates = file.Admin.TLS, file.Admin.Roles, file.Admin.Reveals, file.Admin.Rates
	if err := next.Validate(); err != nil { // the file's trunks may count on what needs a restart
		return Config{}, nil, locateFinding(path, tree, err)
	}
	return next, c.differs(file), nil
}

// differs names the keys in which a file is unlike the running configuration,
// and which need a restart.
func (c Config) differs(file Config) (keys []string) {
	for _, part := range []struct {
		key          string
		running, new any
	}{
		{"sip.listen", c.SIP.Listen, file.SIP.Listen},
		{"sip.advertise", c.SIP.Advertise, file.SIP.Advertise},
		{"media", c.Media, file.Media},
		{"recording", c.Recording, file.Recording},
		{"keys", c.Keys, file.Keys},
		{"store", c.Store, file.Store},
		{"admin.socket", c.Admin.Socket, file.Admin.Socket},
		{"admin.metrics", c.Admin.Metrics, file.Admin.Metrics},
		{"admin.listen", c.Admin.Listen, file.Admin.Listen},
		{"hook", c.Hook, file.Hook},
	} {
		if !reflect.DeepEqual(part.running, part.new) {
			keys = append(keys, part.key)
		}
	}
	return keys
}
