package admin

import (
	"slices"

	"maskd/mapping"
)

// right is who may do what a route does.
type right struct {
	roles   []mapping.Role // besides admins, who may do all
	about   subject        // what the path names, which must be in the asker's sight
	house   bool           // it concerns all tenants: who is one's may not
	anybody bool           // also who has no role
	action  mapping.Action // what the audit log calls it; zero: not worth an entry
}

// subject is what a path names.
type subject uint8

// The subjects. Zero is nothing.
const (
	aboutInteraction subject = iota + 1 // {id}
	aboutCall                           // {id}
	aboutRecording                      // {id}
	aboutDID                            // {did}
)

// rights is the table of who may do what, by the patterns of the routes. A route
// that is not here is nobody's.
func rights() map[string]right {
	const (
		integrator = mapping.RoleIntegrator
		operator   = mapping.RoleOperator
		auditor    = mapping.RoleAuditor
	)
	roles := func(r ...mapping.Role) []mapping.Role { return r }
	table := map[string]right{
		"POST /v1/interactions":               {roles: roles(integrator), action: mapping.ActionInteractionCreate},
		"POST /v1/interactions:batch":         {roles: roles(integrator), action: mapping.ActionInteractionCreate}, // of which each line is one, or a complete
		"GET /v1/interactions":                {roles: roles(integrator, operator, auditor), action: mapping.ActionInteractionList},
		"GET /v1/interactions/{id}":           {roles: roles(integrator, operator, auditor), about: aboutInteraction, action: mapping.ActionInteractionRead},
		"POST /v1/interactions/{id}/complete": {roles: roles(integrator, operator), about: aboutInteraction, action: mapping.ActionInteractionComplete},
		"POST /v1/interactions/{id}/extend":   {roles: roles(integrator), about: aboutInteraction, action: mapping.ActionInteractionExtend},
		"POST /v1/interactions/{id}/reopen":   {roles: roles(integrator), about: aboutInteraction, action: mapping.ActionInteractionReopen},
		"POST /v1/interactions/{id}/call":     {roles: roles(integrator, operator), about: aboutInteraction, action: mapping.ActionInteractionCall},
		"POST /v1/interactions/{id}/reveal":   {roles: roles(auditor), about: aboutInteraction, action: mapping.ActionInteractionReveal},
		"POST /v1/interactions/{id}/hours":    {roles: roles(integrator, operator), about: aboutInteraction, action: mapping.ActionInteractionChange},
		"PATCH /v1/interactions/{id}":         {roles: roles(integrator, operator), about: aboutInteraction, action: mapping.ActionInteractionChange},
		"GET /v1/blocks":                      {roles: roles(operator), action: mapping.ActionBlock},
		"POST /v1/blocks":                     {roles: roles(operator), action: mapping.ActionBlock},
		"POST /v1/blocks:remove":              {roles: roles(operator), action: mapping.ActionBlock},
		"POST /v1/interactions/{id}/erase":    {roles: roles(integrator, auditor), about: aboutInteraction, action: mapping.ActionInteractionErase},
		"POST /v1/interactions/{id}/hold":     {roles: roles(auditor), about: aboutInteraction, action: mapping.ActionLegalHold},
		"POST /v1/interactions/{id}/release":  {roles: roles(auditor), about: aboutInteraction, action: mapping.ActionLegalHold},
		"POST /v1/subjects/find":              {roles: roles(auditor), action: mapping.ActionSubjectFind},
		"POST /v1/subjects/export":            {roles: roles(auditor), action: mapping.ActionSubjectExport},
		"POST /v1/subjects/erase":             {roles: roles(auditor), action: mapping.ActionSubjectErase},
		"GET /v1/reveals":                     {roles: roles(auditor), action: mapping.ActionRevealList},
		"POST /v1/reveals/{id}/approve":       {roles: roles(auditor), action: mapping.ActionRevealApprove},
		"POST /v1/lookup":                     {roles: roles(operator), action: mapping.ActionLookup},
		"GET /v1/calls":                       {roles: roles(operator, auditor), action: mapping.ActionCallList},
		"GET /v1/calls/{id}":                  {roles: roles(operator, auditor), about: aboutCall, action: mapping.ActionCallRead},
		"GET /v1/calls/{id}/trace":            {roles: roles(operator), about: aboutCall, action: mapping.ActionCallTrace},
		"POST /v1/calls/{id}/hangup":          {roles: roles(operator), about: aboutCall, action: mapping.ActionCallHangup},
		"GET /v1/cdrs":                        {roles: roles(auditor), action: mapping.ActionCDRList},
		"POST /v1/cdrs/export":                {roles: roles(auditor), action: mapping.ActionCDRExport},
		"GET /v1/events":                      {roles: roles(integrator, operator, auditor), action: mapping.ActionEventRead},
		"GET /v1/webhooks":                    {roles: roles(operator), action: mapping.ActionEventRead},
		"POST /v1/webhooks/{name}/resume":     {roles: roles(operator), action: mapping.ActionWebhookResume},
		"GET /v1/recordings":                  {roles: roles(auditor), action: mapping.ActionRecordingList},
		"GET /v1/recordings/{id}":             {roles: roles(auditor), about: aboutRecording, action: mapping.ActionRecordingList},
		"POST /v1/recordings/{id}/verify":     {roles: roles(auditor), about: aboutRecording, action: mapping.ActionRecordingList},
		"POST /v1/calls/{id}/recording":       {roles: roles(operator), about: aboutCall, action: mapping.ActionRecordingPause},
		"GET /v1/pools":                       {roles: roles(operator, auditor), action: mapping.ActionPoolList},
		"GET /v1/numbers":                     {roles: roles(operator, auditor), action: mapping.ActionNumberList},
		"GET /v1/trunks":                      {roles: roles(operator), house: true, action: mapping.ActionTrunkList},
		"POST /v1/reload":                     {roles: roles(operator), house: true, action: mapping.ActionReload},
		"POST /v1/drain":                      {roles: roles(operator), house: true, action: mapping.ActionDrain},
		"GET /v1/audit":                       {roles: roles(auditor), action: mapping.ActionAuditRead},
		"GET /v1/audit/export":                {roles: roles(auditor), house: true, action: mapping.ActionAuditExport},
		"GET /v1/audit/checkpoint":            {roles: roles(auditor), house: true, action: mapping.ActionAuditProve},
		"GET /v1/audit/growth":                {roles: roles(auditor), house: true, action: mapping.ActionAuditProve},
		"GET /v1/audit/{index}/proof":         {roles: roles(auditor), house: true, action: mapping.ActionAuditProve},
		"POST /v1/keys/rotate":                {house: true, action: mapping.ActionRootKeyRotate},
		"POST /v1/store/backup":               {house: true, action: mapping.ActionStoreBackup},
		"GET /livez":                          {anybody: true},
		"GET /readyz":                         {anybody: true},
		"GET /metrics":                        {roles: roles(operator), house: true},
	}
	table["POST /v1/recordings/{id}/parts/{format}"] = right{roles: roles(auditor), about: aboutRecording, action: mapping.ActionRecordingExport}
	for verb := range orders() {
		table["POST /v1/numbers/{did}/"+verb] = right{roles: roles(operator), about: aboutDID, action: mapping.ActionNumberInstruct}
	}
	return table
}

// refuses returns why the asker may not; nil if he may.
func (t right) refuses(a asker) error {
	switch {
	case a.role != mapping.RoleAdmin && !slices.Contains(t.roles, a.role):
		return errNotAllowed
	case t.house && !a.house:
		return errHouseOnly
	default:
		return nil
	}
}
