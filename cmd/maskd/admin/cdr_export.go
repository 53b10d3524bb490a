package admin

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"go.uber.org/zap"

	"maskd/mapping"
)

// CDRExport is the body of a request for all call detail records of a time, to be kept
// elsewhere.
type CDRExport struct {
	Since Time `json:"since,omitzero"` // calls that were admitted from then on; left out: from the oldest
	Until Time `json:"until,omitzero"` // and before that; left out: to the latest
	Why
}

// exportCDRs sends the records as lines, each as the list has it, to whom the audit log was
// told of before.
func (s *Server) exportCDRs(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	asked, err := readCDRExport(r)
	if err = s.tell(r, err); err != nil {
		s.refuse(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/x-ndjson")
	out := &unhurried{to: w, control: http.NewResponseController(w)}
	records, err := s.writeCDRs(r, asked, out)
	if err == nil {
		s.log.Info("call detail records exported", zap.Int("records", records), by(r))
		return
	}
	s.log.Error("export of call detail records broke off", zap.Error(err), by(r))
	if out.begun {
		out.breakOff()
		return
	}
	s.refuse(w, r, err)
}

func readCDRExport(r *http.Request) (asked CDRExport, err error) {
	if err := Decode(r.Body, &asked); err != nil {
		return asked, err
	}
	if !asked.Until.IsZero() && !asked.Until.After(asked.Since.Time) {
		return asked, invalidField("until", "out_of_range", "expected a time after since")
	}
	return asked, reasoned(r, asked.Reason)
}

// writeCDRs writes a page after the other: who makes lists is held up for that long only, and
// no read transaction waits for a client.
func (s *Server) writeCDRs(r *http.Request, asked CDRExport, to io.Writer) (records int, err error) {
	for after, more := mapping.FirstID(asked.Since.Time), true; more; {
		var text bytes.Buffer
		var page []mapping.CDR
		if page, more, err = s.cdrsAfter(r, after, asked.Until); err != nil {
			return records, err
		}
		encoder := json.NewEncoder(&text)
		for _, c := range page {
			if err := encoder.Encode(s.viewCDR(c)); err != nil {
				return records, fmt.Errorf("write call detail record: %w", err)
			}
			after = c.Call
		}
		if _, err := to.Write(text.Bytes()); err != nil {
			return records, fmt.Errorf("send call detail records: %w", err)
		}
		records += len(page)
	}
	return records, nil
}

// cdrsAfter returns a page of records, and whether there may be more.
func (s *Server) cdrsAfter(r *http.Request, after mapping.ID, until Time) (page []mapping.CDR, more bool, err error) {
	if err := s.takePlace(r); err != nil {
		return nil, false, err
	}
	defer s.leavePlace()
	if page, err = s.store.CDRsOf(askerOf(r).scope, after, maxLimit); err != nil {
		return nil, false, err
	}
	more = len(page) == maxLimit
	end := mapping.FirstID(until.Time)
	for n, c := range page {
		if !until.IsZero() && bytes.Compare(c.Call[:], end[:]) > 0 {
			return page[:n], false, nil
		}
	}
	return page, more, nil
}

// breakOff leaves the answer without an end, so that what was sent is not taken for all.
func (u *unhurried) breakOff() { _ = u.control.SetWriteDeadline(time.Unix(0, 1)) }

// ExportCDRs writes the call detail records of a time, one a line.
func (c *Client) ExportCDRs(ctx context.Context, asked CDRExport, to io.Writer) error {
	response, err := c.open(ctx, http.MethodPost, "/v1/cdrs/export", asked)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if _, err := io.Copy(to, sealedPart{response.Body, c.socket}); err != nil {
		return fmt.Errorf("export call detail records: %w", err)
	}
	return nil
}
