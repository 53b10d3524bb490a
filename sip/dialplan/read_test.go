package dialplan

import "testing"

// spellings is the table of what a carrier may write, and which number that is
// on which trunk. Empty is refused.
var spellings = []struct {
	plan     *Plan
	written  string
	want     string
	whatItIs string
}{
	{&plus, "+447700900123", "+447700900123", "E.164"},
	{&plus, "447700900123", "+447700900123", "a carrier's own omission"},
	{&plus, "%2B447700900123", "+447700900123", "escaped plus"},
	{&plus, "%2b447700900123", "+447700900123", "in lower case"},
	{&plus, "%2B44770%3090012%33", "+447700900123", "escaped digits"},
	{&plus, "+44-7700-900123", "+447700900123", "separators (RFC 3966 section 5.1.1)"},
	{&plus, "+44(7700)900.123", "+447700900123", "all of them"},
	{&plus, "(+44)7700900123", "+447700900123", "before the plus too"},
	{&plus, "+44%2D7700900123", "+447700900123", "an escaped one"},
	{&plus, "-+447700900123.", "+447700900123", "at both ends"},
	{&plus, "+447700900123;user=phone", "+447700900123", "user=phone within the user"},
	{&plus, "+447700900123;npdi;rn=+441632960000;cic=+44-100", "+447700900123", "ported (RFC 4694)"},
	{&plus, "+447700900123;npdi=yes", "+447700900123", "an older spelling of it"},
	{&plus, "+447700900123;isub=12;ext=9", "+447700900123", "an extension is behind the number"},
	{&plus, "+447700900123;phone-context=example.invalid", "+447700900123", "a global number needs no context"},
	{&plus, "+447700900123;phone-context=+1", "+447700900123", "nor does another country's change it"},
	{&plus, "+447700900123;verstat=TN-Validation-Passed", "+447700900123", "with a verdict"},
	{&plus, "+1234567", "+1234567", "the shortest"},
	{&plus, "+123456789012345", "+123456789012345", "the longest"},

	{&plus, "7700900123;phone-context=+44", "+447700900123", "completed by its context (RFC 3966 section 5.1.5)"},
	{&plus, "7700900123;PHONE-Context=+44", "+447700900123", "in any case"},
	{&plus, "7700900123;npdi;phone-context=%2B44;rn=1", "+447700900123", "among others, escaped"},
	{&plus, "900123;phone-context=+44-7700", "+447700900123", "by an area code"},
	{&plus, "07700900123;phone-context=+44", "", "a zero that nobody explained"},
	{&plus, "00447700900123;phone-context=+44", "", "two of them"},
	{&plus, "7700900123;phone-context=example.invalid", "", "a domain's own number"},
	{&plus, "7700900123;phone-context=44", "", "no global context"},
	{&plus, "7700900123;phone-context=", "", "an empty one"},
	{&plus, "7700900123;phone-context", "", "none at all"},
	{&plus, "7700900123;phone-context=+44;phone-context=+1", "", "two contexts"},
	{&plus, "7700900123;phone-context=+", "", "a plus alone"},

	{&plus, "00447700900123", "", "an international prefix that was not agreed"},
	{&plus, "07700900123", "", "a national number without a country"},
	{&plus, "", "", "nothing"},
	{&plus, "+", "", "a plus"},
	{&plus, "--", "", "separators"},
	{&plus, ";phone-context=+447700900123", "", "a context alone"},
	{&plus, "++447700900123", "", "two pluses"},
	{&plus, "+%2B447700900123", "", "one of them escaped"},
	{&plus, "44+7700900123", "", "a plus within"},
	{&plus, "447700900123+", "", "a plus at the end"},
	{&plus, "+0447700900123", "", "no country begins with 0"},
	{&plus, "+123456", "", "too short"},
	{&plus, "+1234567890123456", "", "too long"},
	{&plus, "+1234567890123456789012345678901234567890", "", "much too long"},
	{&plus, "+4477009001x3", "", "a letter"},
	{&plus, "+44770090012a", "", "a hexadecimal digit"},
	{&plus, "+44 7700 900123", "", "spaces"},
	{&plus, "+44%207700%20900123", "", "escaped spaces"},
	{&plus, " +447700900123", "", "a space before"},
	{&plus, "+447700900123%20", "", "a space behind"},
	{&plus, "+447700900123#", "", "an end-of-dialling digit"},
	{&plus, "+447700900123%23", "", "escaped"},
	{&plus, "*67447700900123", "", "a service prefix"},
	{&plus, "+44770090012%", "", "half an escape"},
	{&plus, "+44770090012%3", "", "most of one"},
	{&plus, "+44770090012%zz", "", "no hexadecimal one"},
	{&plus, "+44770090012%00", "", "a zero byte"},
	{&plus, "+44770090012\x00", "", "in the raw"},
	{&plus, "+44770090012%0d%0a", "", "a line end"},
	{&plus, "+44770090012\u0663", "", "an Arabic digit"},
	{&plus, "+44770090012%D9%A3", "", "escaped"},
	{&plus, "anonymous", "", "a name"},
	{&plus, "0000000000", "", "a withheld caller"},
	{&plus, "112", "", "an emergency"},
	{&plus, "112;phone-context=+44", "", "wherever"},

	{&strict, "+447700900123", "+447700900123", "E.164"},
	{&strict, "447700900123", "", "without its plus"},
	{&strict, "7700900123;phone-context=+44", "+447700900123", "with a context"},

	{&digits, "447700900123", "+447700900123", "E.164 without plus"},
	{&digits, "+447700900123", "+447700900123", "and with"},

	{&international, "00447700900123", "+447700900123", "international"},
	{&international, "00-44-7700.900123", "+447700900123", "with separators"},
	{&international, "0%3044770%30900123", "+447700900123", "escaped"},
	{&international, "447700900123", "+447700900123", "without the prefix"},
	{&international, "+447700900123", "+447700900123", "with a plus"},
	{&international, "+00447700900123", "", "with both"},
	{&international, "0000447700900123", "", "twice"},
	{&international, "000000000000", "", "withheld"},
	{&international, "07700900123", "", "national"},
	{&international, "00", "", "the prefix alone"},
	{&international, "00447700900123;phone-context=+44", "", "no local number"},

	{&britain, "07700900123", "+447700900123", "0NSN"},
	{&britain, "(0)7700-900123", "+447700900123", "with separators"},
	{&britain, "00447700900123", "+447700900123", "international"},
	{&britain, "0015550100001", "+15550100001", "abroad"},
	{&britain, "447700900123", "+447700900123", "E.164 without plus"},
	{&britain, "+447700900123", "+447700900123", "and with"},
	{&britain, "7700900123;phone-context=+44", "+447700900123", "by context"},
	{&britain, "07700900123;phone-context=+44", "+447700900123", "by context, with the trunk prefix"},
	{&britain, "07700900123;phone-context=+39", "", "of another country"},
	{&britain, "007700900123;phone-context=+44", "", "international by prefix, local by context"},
	{&britain, "7700900123", "+7700900123", "NSN is not agreed: this is Russia"},
	{&britain, "00000000000", "", "withheld"},
	{&britain, "0", "", "the trunk prefix alone"},

	{&italy, "0669812345", "+390669812345", "the zero stays"},
	{&italy, "3331234567", "+393331234567", "NSN"},
	{&italy, "0669812345;phone-context=+39", "+390669812345", "by context"},
	{&italy, "00390669812345", "+390669812345", "international"},
	{&italy, "00390669812345;phone-context=+39", "", "both"},

	{&america, "5550100001", "+15550100001", "NSN"},
	{&america, "15550100001", "+15550100001", "1NSN"},
	{&america, "+15550100001", "+15550100001", "E.164"},
	{&america, "011447700900123", "+447700900123", "abroad"},
	{&america, "5550100001;phone-context=+1", "+15550100001", "by context"},
	{&america, "15550100001;phone-context=+1", "+15550100001", "by context, with the trunk prefix"},
	{&america, "911", "", "an emergency"},

	{&wholesale, "447700900123", "+447700900123", "the tech prefix is dialled, not read"},
	{&wholesale, "7788*447700900123", "", "with it"},

	{&Plan{}, "+447700900123", "", "a trunk that nobody configured"},
}

func TestANumberIsReadAsTheTrunkWritesIt(t *testing.T) {
	for _, row := range spellings {
		if got := row.plan.Read(row.written); got != row.want {
			t.Errorf("%s: %q is read as %q, want %q", row.whatItIs, row.written, got, row.want)
		}
	}
}

func TestANumberIsWrittenAsTheTrunkReadsIt(t *testing.T) {
	for _, row := range []struct {
		plan           *Plan
		number         string
		written, dials string
	}{
		{&plus, "+447700900123", "+447700900123", ""},
		{&strict, "+447700900123", "+447700900123", ""},
		{&digits, "+447700900123", "447700900123", ""},
		{&international, "+447700900123", "00447700900123", ""},
		{&britain, "+447700900123", "07700900123", ""},
		{&britain, "+15550100001", "0015550100001", ""},
		{&britain, "+440770090012", "00440770090012", ""}, // 00770... would be Kazakhstan
		{&Plan{Form: National, Bare: BareRefused, Country: "44", TrunkPrefix: "0"}, "+15550100001", "+15550100001", ""},
		{&italy, "+390669812345", "0669812345", ""},
		{&italy, "+390069812345", "00390069812345", ""},
		{&italy, "+447700900123", "00447700900123", ""},
		{&america, "+15550100001", "15550100001", ""},
		{&america, "+447700900123", "011447700900123", ""},
		{&wholesale, "+447700900123", "447700900123", "7788*447700900123"},
	} {
		if row.dials == "" {
			row.dials = row.written
		}
		if got := row.plan.Write(row.number); got != row.written {
			t.Errorf("%s is written %q, want %q", row.number, got, row.written)
		}
		if got := row.plan.Dial(row.number); got != row.dials {
			t.Errorf("%s is dialled %q, want %q", row.number, got, row.dials)
		}
	}
}

func TestAServiceIsNoSubscriber(t *testing.T) {
	for written, want := range map[string]Service{
		"112": Emergency, "911": Emergency, "999": Emergency, "000": Emergency, "1-1-2": Emergency, "+112": Emergency,
		"112;phone-context=+44": Emergency, "112;phone-context=example.invalid": Emergency, "%31%31%32": Emergency,
		"123": ShortCode, "1": ShortCode, "123456": ShortCode, "+44999": ShortCode,
		"1234567": 0, "+447700900123": 0, "9115550100": 0, "": 0, "anonymous": 0, "*67": 0, ";phone-context=112": 0,
	} {
		if got := ServiceOf(written); got != want {
			t.Errorf("%q is %q, want %q", written, got, want)
		}
	}
	for name, want := range map[string]Service{
		"service:sos": Emergency, "service:sos.fire": Emergency, "SERVICE:SOS": Emergency, "service:sos.ecall.manual": Emergency,
		"service:counseling": 0, "service:sosfire": 0, "service": 0, "": 0, "uuid:112": 0,
	} {
		if got := ServiceOfURN(name); got != want {
			t.Errorf("urn:%s is %q, want %q", name, got, want)
		}
	}
}

// What a carrier should write, which is most of what comes, costs nothing.
func TestReadingE164AllocatesNothing(t *testing.T) {
	if n := testing.AllocsPerRun(100, func() { plus.Read("+447700900123") }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
