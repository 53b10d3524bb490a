package admin

import (
	"errors"
	"io"
	"io/fs"
	"net/http"
	"slices"

	"go.uber.org/zap"

	"maskd/mapping"
	"maskd/media/recording"
	"maskd/sip"
)

// Recordings is what the API needs of the place where recordings are kept.
type Recordings interface {
	List() ([]string, error)
	Manifest(id string) (recording.Manifest, error)
	// Of returns those of an interaction.
	Of(interaction string) ([]recording.Manifest, error)
	// Open opens a part of a recording, as it is encrypted to its auditors.
	Open(m recording.Manifest, name string) (io.ReadCloser, error)
	// Remove removes the files of a recording.
	Remove(recording.Manifest) error
	// Verify compares the files of a recording with its manifest.
	Verify(recording.Manifest) error
}

// Dictation is what somebody says of the recording of a live call.
type Dictation struct {
	Do    string `json:"do"`              // pause, resume or withdraw
	Party string `json:"party,omitempty"` // with withdraw: a or b, who does not agree any more
}

// Recording is a recording as a list has it.
type Recording struct {
	recording.Manifest
	// Bad is what is wrong with its manifest, of which nothing but the id is known then:
	// altered, if it is not the one that was signed, or unreadable.
	Bad string `json:"bad,omitempty"`
}

// Verified is the answer to a verification that found nothing.
type Verified struct {
	Recording string `json:"recording"`
	Parts     int    `json:"parts"`
}

func (s *Server) routeRecordings(mux *gate) {
	mux.Handle("GET /v1/recordings", s.list(s.listRecordings))
	mux.Handle("GET /v1/recordings/{id}", s.answer(s.showRecording))
	mux.Handle("POST /v1/recordings/{id}/verify", s.answer(s.verifyRecording))
	mux.HandleFunc("POST /v1/recordings/{id}/parts/{format}", s.exportRecording)
	mux.Handle("POST /v1/calls/{id}/recording", s.answer(s.dictate))
}

func (s *Server) listRecordings(r *http.Request) (int, any, error) {
	w, _, err := readWindow(r, mapping.KindRecording)
	if err != nil {
		return 0, nil, err
	}
	var ids []string
	if s.recordings != nil {
		if ids, err = s.recordings.List(); err != nil {
			return 0, nil, err
		}
	}
	if !w.after.IsZero() { // ids are in the order of time
		after := w.after.Text(mapping.KindRecording)
		ids = slices.DeleteFunc(ids, func(id string) bool { return id <= after })
	}
	found := make([]Recording, 0, min(len(ids), w.limit+1))
	for _, id := range ids {
		one, visible := s.listed(askerOf(r), id)
		if !visible {
			continue
		}
		if found = append(found, one); len(found) > w.limit {
			break
		}
	}
	id := func(m Recording) string { return m.ID }
	return http.StatusOK, page(found, w.limit, id, func(m Recording) Recording { return m }), nil
}

// listed is a recording as who asks may see it, if it is still there. Whose one is that
// can't be read nobody knows: it is the house's.
func (s *Server) listed(a asker, id string) (one Recording, visible bool) {
	m, err := s.recordings.Manifest(id)
	switch {
	case errors.Is(err, fs.ErrNotExist), err != nil && a.scope != "":
		return Recording{}, false
	case err != nil:
		bad := "unreadable"
		if errors.Is(err, recording.ErrAltered) {
			bad = "altered"
		}
		s.log.Warn("manifest of recording can't be read", zap.String("recording", id), zap.Error(err))
		return Recording{Manifest: recording.Manifest{ID: id, Parts: []recording.Part{}, Spans: []recording.Span{}}, Bad: bad}, true
	case s.seesManifest(a, &m) != nil:
		return Recording{}, false
	default:
		return Recording{Manifest: m}, true
	}
}

func (s *Server) showRecording(r *http.Request) (int, any, error) {
	m, err := s.manifest(r)
	return http.StatusOK, m, err
}

func (s *Server) verifyRecording(r *http.Request) (int, any, error) {
	m, err := s.manifest(r)
	if err != nil {
		return 0, nil, err
	}
	if err := s.recordings.Verify(m); err != nil {
		if errors.Is(err, recording.ErrAltered) {
			return 0, nil, newProblem(http.StatusConflict, "recording_altered", "", err.Error())
		}
		return 0, nil, err
	}
	return http.StatusOK, Verified{m.ID, len(m.Parts)}, nil
}

// manifest is that of the recording in the path.
func (s *Server) manifest(r *http.Request) (recording.Manifest, error) {
	id, err := pathID(r, mapping.KindRecording)
	if err != nil {
		return recording.Manifest{}, err
	}
	return s.recorded(id)
}

func (s *Server) recorded(id mapping.ID) (recording.Manifest, error) {
	if s.recordings == nil {
		return recording.Manifest{}, mapping.ErrNotFound
	}
	m, err := s.recordings.Manifest(id.Text(mapping.KindRecording))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return m, mapping.ErrNotFound
	case errors.Is(err, recording.ErrAltered):
		return m, newProblem(http.StatusConflict, "recording_altered", "", "its manifest is not the one that was signed")
	default:
		return m, err
	}
}

// exportRecording hands out a part as it is encrypted: the daemon can't play it.
func (s *Server) exportRecording(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	file, waiting, err := s.part(r)
	if file != nil {
		defer file.Close()
	}
	if err = s.tell(r, err); err != nil {
		s.refuse(w, r, err)
		return
	}
	if waiting != nil {
		write(w, "application/json", http.StatusAccepted, waiting)
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	out := &unhurried{to: w, control: http.NewResponseController(w)}
	if _, err := io.Copy(out, file); err != nil {
		s.log.Warn("recording not exported whole", zap.Error(err), by(r))
	}
}

// part opens a part of a recording, or has that wait for another person.
func (s *Server) part(r *http.Request) (io.ReadCloser, *Petition, error) {
	m, err := s.manifest(r)
	if err != nil {
		return nil, nil, err
	}
	var asked Asked
	if err := Decode(r.Body, &asked); err != nil {
		return nil, nil, err
	}
	format := r.PathValue("format")
	n := slices.IndexFunc(m.Parts, func(p recording.Part) bool { return string(p.Format) == format })
	if n < 0 {
		return nil, nil, mapping.ErrNotFound
	}
	of, err := parseID(m.Interaction, mapping.KindInteraction)
	if err != nil {
		return nil, nil, err
	}
	numbers, err := s.numbersOf(of)
	if err != nil {
		return nil, nil, err
	}
	deed := mapping.DeedOf(r.Context())
	waiting, err := s.heed(r, plea{Asked: asked, object: deed.Object, part: format, tenant: s.tenantOfManifest(&m), numbers: numbers})
	if err != nil || waiting != nil {
		return nil, waiting, err
	}
	file, err := s.recordings.Open(m, m.Parts[n].File)
	if errors.Is(err, recording.ErrErased) {
		err = mapping.ErrNotFound
	}
	if err == nil {
		s.log.Info("recording exported", zap.String("recording", m.ID), by(r))
	}
	return file, nil, err
}

// tenantOfManifest returns whose a recording is; zero if that is not known any more.
func (s *Server) tenantOfManifest(m *recording.Manifest) mapping.Tenant {
	id, err := parseID(m.Interaction, mapping.KindInteraction)
	if err != nil {
		return ""
	}
	i, err := s.store.Interaction(id)
	if err != nil {
		return ""
	}
	return i.Tenant
}

// dictate pauses the recording of a live call, lets it go on, or ends it for a
// party that does not agree any more.
func (s *Server) dictate(r *http.Request) (int, any, error) {
	id, err := pathID(r, mapping.KindCall)
	if err != nil {
		return 0, nil, err
	}
	var asked Dictation
	if err := Decode(r.Body, &asked); err != nil {
		return 0, nil, err
	}
	said, err := asked.domain()
	if err != nil {
		return 0, nil, err
	}
	if said == sip.WithdrawA || said == sip.WithdrawB {
		mapping.DeedOf(r.Context()).Action = mapping.ActionConsentChange
	}
	if !s.calls.Dictate(id, said) {
		return 0, nil, mapping.ErrNotFound
	}
	s.log.Info("recording dictated", zap.String("call", id.Text(mapping.KindCall)), zap.String("do", asked.Do), by(r))
	return http.StatusOK, asked, nil
}

func (d Dictation) domain() (sip.Dictation, error) {
	if (d.Do == "withdraw") != (d.Party != "") {
		return 0, invalidField("party", "unexpected", "expected a or b with withdraw, and nothing else")
	}
	switch d.Do + d.Party {
	case "pause":
		return sip.PauseRecording, nil
	case "resume":
		return sip.ResumeRecording, nil
	case "withdrawa":
		return sip.WithdrawA, nil
	case "withdrawb":
		return sip.WithdrawB, nil
	default:
		return 0, invalidField("do", "unknown", "expected pause, resume, or withdraw with party a or b")
	}
}
