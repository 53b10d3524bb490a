package admin

import (
	"net/http"

	"go.uber.org/zap"
)

// Reloaded is what came of a reload.
type Reloaded struct {
	Added         []string `json:"added"`          // trunks
	Changed       []string `json:"changed"`        // trunks
	Removed       []string `json:"removed"`        // trunks; they leave when their last call has
	RestartNeeded []string `json:"restart_needed"` // keys that the file changes, and that are as they were
}

// BadConfiguration is a configuration that can't be used. Nothing has changed.
func BadConfiguration(err error) error {
	return newProblem(http.StatusUnprocessableEntity, CodeBadConfiguration, "", err.Error())
}

// CodeBadConfiguration is the code of such a problem.
const CodeBadConfiguration = "configuration_invalid"

// reload has the daemon read its configuration again.
func (s *Server) reload(r *http.Request) (int, any, error) {
	done, err := s.reads()
	if err != nil {
		return 0, nil, err
	}
	s.log.Info("reload asked for", by(r))
	for _, names := range []*[]string{&done.Added, &done.Changed, &done.Removed, &done.RestartNeeded} {
		if *names == nil {
			*names = []string{}
		}
	}
	return http.StatusOK, done, nil
}

// Draining is the answer to a drain.
type Draining struct {
	CallsLive int `json:"calls_live"`
}

// drain takes no more calls. Asked again, it tells how many are left.
func (s *Server) drain(r *http.Request) (int, any, error) {
	if !s.calls.Draining() {
		s.log.Info("drain asked for", by(r))
	}
	live := s.calls.Drain()
	s.log.Debug("draining", zap.Int("calls_live", live))
	return http.StatusOK, Draining{CallsLive: live}, nil
}
