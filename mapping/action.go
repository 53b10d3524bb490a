package mapping

import "strconv"

// Action is what was done, or asked for. The audit log keeps the values: a new
// action is added at the end, and none is ever used for another.
type Action uint8

// The actions.
const (
	ActionStart Action = iota + 1
	ActionStop
	ActionReload
	ActionDrain

	ActionInteractionCreate
	ActionInteractionComplete
	ActionInteractionExtend
	ActionInteractionReopen
	ActionInteractionChange
	ActionInteractionErase
	ActionInteractionReveal
	ActionInteractionCall // click-to-call
	ActionInteractionRead
	ActionInteractionList

	ActionLookup
	ActionCallList
	ActionCallRead
	ActionCallHangup
	ActionCallTrace
	ActionCDRList
	_ // was never done
	ActionEventRead

	ActionRecordingList
	_ // was never done
	ActionRecordingExport
	ActionRecordingPause
	ActionRecordingErase
	ActionConsentChange // a party says whether it may be recorded

	ActionNumberList
	ActionNumberInstruct
	ActionPoolList
	ActionTrunkList

	ActionSubjectFind
	ActionSubjectExport
	ActionSubjectErase
	ActionRetention // what is kept too long is destroyed
	ActionLegalHold

	ActionAuditRead
	ActionAuditExport
	ActionAuditProve

	ActionRootKeyRotate
	_ // was never done
	ActionStoreCheck
	ActionStoreBackup
	ActionStoreRestore
	ActionStoreCompact

	ActionRevealApprove
	ActionBlock // a party's do-not-disturb, or its list of whom it will not hear

	ActionRevealAsk  // a number is asked for, and another person has to approve
	ActionRevealList // what is asked for so

	ActionRecordingMake // a call was recorded

	ActionWebhookResume // an endpoint is told of events again

	ActionCDRExport

	actionsEnd
)

// nature is what the log does about an action.
type nature uint8

const (
	reads   nature = iota + 1 // what it shows is masked: its entry shares a later commit
	reveals                   // what it shows is a secret
	changes
)

// about names the action, and says of what nature it is.
func (a Action) about() (name string, n nature) {
	switch a {
	case ActionStart:
		return "start", changes
	case ActionStop:
		return "stop", changes
	case ActionReload:
		return "reload", changes
	case ActionDrain:
		return "drain", changes
	case ActionInteractionCreate:
		return "interaction.create", changes
	case ActionInteractionComplete:
		return "interaction.complete", changes
	case ActionInteractionExtend:
		return "interaction.extend", changes
	case ActionInteractionReopen:
		return "interaction.reopen", changes
	case ActionInteractionChange:
		return "interaction.change", changes
	case ActionInteractionErase:
		return "interaction.erase", changes
	case ActionInteractionReveal:
		return "interaction.reveal", reveals
	case ActionInteractionCall:
		return "interaction.call", changes
	case ActionInteractionRead:
		return "interaction.read", reads
	case ActionInteractionList:
		return "interaction.list", reads
	default:
		return a.aboutCalls()
	}
}

func (a Action) aboutCalls() (name string, n nature) {
	switch a {
	case ActionLookup:
		return "lookup", reads
	case ActionCallList:
		return "call.list", reads
	case ActionCallRead:
		return "call.read", reads
	case ActionCallHangup:
		return "call.hangup", changes
	case ActionCallTrace:
		return "call.trace", reveals
	case ActionCDRList:
		return "cdr.list", reads
	case ActionCDRExport:
		return "cdr.export", reveals
	case ActionEventRead:
		return "event.read", reads
	case ActionRecordingList:
		return "recording.list", reads
	case ActionRecordingExport:
		return "recording.export", reveals
	case ActionRecordingPause:
		return "recording.pause", changes
	case ActionRecordingErase:
		return "recording.erase", changes
	case ActionConsentChange:
		return "consent.change", changes
	default:
		return a.aboutHouse()
	}
}

func (a Action) aboutHouse() (name string, n nature) {
	switch a {
	case ActionNumberList:
		return "number.list", reads
	case ActionNumberInstruct:
		return "number.instruct", changes
	case ActionPoolList:
		return "pool.list", reads
	case ActionTrunkList:
		return "trunk.list", reads
	case ActionAuditRead:
		return "audit.read", reads
	case ActionAuditExport:
		return "audit.export", reveals
	case ActionAuditProve:
		return "audit.prove", reads
	case ActionWebhookResume:
		return "webhook.resume", changes
	case ActionStoreCheck:
		return "store.check", changes
	case ActionStoreBackup:
		return "store.backup", reveals
	case ActionStoreRestore:
		return "store.restore", changes
	case ActionStoreCompact:
		return "store.compact", changes
	case ActionRevealApprove:
		return "reveal.approve", reveals
	case ActionRevealAsk:
		return "reveal.ask", changes
	case ActionRevealList:
		return "reveal.list", reads
	case ActionBlock:
		return "block", changes
	default:
		return a.aboutOblivion()
	}
}

func (a Action) aboutOblivion() (name string, n nature) {
	switch a {
	case ActionSubjectFind:
		return "subject.find", reveals
	case ActionSubjectExport:
		return "subject.export", reveals
	case ActionSubjectErase:
		return "subject.erase", changes
	case ActionRetention:
		return "retention", changes
	case ActionLegalHold:
		return "legal_hold", changes
	case ActionRootKeyRotate:
		return "root_key.rotate", changes
	case ActionRecordingMake:
		return "recording.make", changes
	default:
		return "action(" + strconv.Itoa(int(a)) + ")", reveals
	}
}

// String returns the action as the API writes it.
func (a Action) String() string {
	name, _ := a.about()
	return name
}

// Urgent reports whether nobody hears the answer before the entry is durable:
// it is so for all but a look at what is masked. An action that is not known is.
func (a Action) Urgent() bool {
	_, n := a.about()
	return n != reads
}
