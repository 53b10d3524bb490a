package mapping

// Route is the answer to "who is (DID, caller) for?" when there is one: whom
// to ring, and what to show.
type Route struct {
	Interaction ID
	Tenant      Tenant    // whose interaction it is
	Caller      Side      // the side that is calling
	From        Number    // of the caller; zero if he has proved only which party he is, or hides it
	Phone       Number    // that he calls by, whoever he is; zero if he hides it
	Target      Number    // whom to ring, on the outbound trunk: the first of Targets
	Targets     []Number  // all the numbers of the party, in the order in which they are rung
	Hunt        Hunt      // how they are rung
	Diverted    Diversion // why the fallback is rung in place of the party; zero: it is not
	Announced   bool      // of a refusal: the caller hears an announcement
	Show        DID       // what the target sees: its own DID, the one it would dial
	Trunk       string    // the trunk that the call leaves by
	Record      Recording // whether the call is recorded
	Locales     Locales   // in which the parties are spoken to
	PIN         PIN       // what the caller proves itself by when its number does not; zero: nothing can
	Limits      Limits    // of the call
	Quotas      []Quota   // what it counts to
	Counted     uint64    // when these were made: it is another as soon as a call is counted in between
	Case        *Case     // what the decision hook is asked first; nil: it is not asked
}
