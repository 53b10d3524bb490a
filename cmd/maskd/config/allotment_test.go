package config_test

import (
	"testing"
	"time"

	"maskd/cmd/maskd/config"
	"maskd/mapping"
)

// What the file says of calls in all, as the domain has it.
func TestCallsInAllAreAllotments(t *testing.T) {
	c, err := config.Parse("f", []byte(`pools:
  - {name: default, trunk: carrier, dids: [+15550100000], calls_in_all: {per_number: 20, hours: 48}}
  - {name: acme, trunk: carrier, dids: [+15550100001], calls_in_all: {per_did: 500}}
tenants: [{name: acme, pools: [acme], max_call_seconds: 60, calls_in_all: {calls: 10000}}]
`))
	if err != nil {
		t.Fatal(err)
	}
	pools, err := c.DomainPools()
	if err != nil {
		t.Fatal(err)
	}
	house, _ := pools.Named("default")
	acme, _ := pools.Named("acme")
	for name, row := range map[string][2]mapping.Allotment{
		"of a number":         {house.InAllNumber, {Calls: 20, Hours: 48}},
		"none to a DID":       {house.InAllDID, {}},
		"to a DID, for a day": {acme.InAllDID, {Calls: 500, Hours: 24}},
		"of a tenant":         {pools.AllowanceOf("acme").InAll, {Calls: 10000, Hours: 24}},
	} {
		if row[0] != row[1] {
			t.Errorf("%s: %+v, want %+v", name, row[0], row[1])
		}
	}
	if most := pools.AllotmentHours(); most != 48 || pools.AllowanceOf("acme").CallTime != time.Minute {
		t.Errorf("the longest has %d hours, calls last %s", most, pools.AllowanceOf("acme").CallTime)
	}
}
