package admin

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"

	"maskd/audit"
)

// Audit returns a part of the audit log, oldest entries first.
func (c *Client) Audit(ctx context.Context, at Cursor) (Page[audit.Entry], error) {
	return do[Page[audit.Entry]](ctx, c, http.MethodGet, "/v1/audit?"+at.query().Encode(), nil)
}

// AuditCheckpoint returns the last checkpoint of the audit log, and its key.
func (c *Client) AuditCheckpoint(ctx context.Context) (AuditCheckpoint, error) {
	return do[AuditCheckpoint](ctx, c, http.MethodGet, "/v1/audit/checkpoint", nil)
}

// AuditProof returns the proof that an entry is in the audit log.
func (c *Client) AuditProof(ctx context.Context, index int64) (AuditProof, error) {
	return do[AuditProof](ctx, c, http.MethodGet, "/v1/audit/"+strconv.FormatInt(index, 10)+"/proof", nil)
}

// AuditGrowth returns the proof that the audit log has grown out of an older one.
func (c *Client) AuditGrowth(ctx context.Context, from int64) (AuditProof, error) {
	return do[AuditProof](ctx, c, http.MethodGet, "/v1/audit/growth?from="+strconv.FormatInt(from, 10), nil)
}

// ExportAudit writes an export of the audit log, from an entry on.
func (c *Client) ExportAudit(ctx context.Context, from int64, to io.Writer) error {
	query := url.Values{"from": {strconv.FormatInt(from, 10)}}
	response, err := c.open(ctx, http.MethodGet, "/v1/audit/export?"+query.Encode(), nil)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if _, err := io.Copy(to, response.Body); err != nil {
		return fmt.Errorf("read audit log: %w", err)
	}
	return nil
}

// RotateRootKey has a new root key put in place of the one that there is.
func (c *Client) RotateRootKey(ctx context.Context, reason string) (Rotated, error) {
	return do[Rotated](ctx, c, http.MethodPost, "/v1/keys/rotate", map[string]string{"reason": reason})
}
