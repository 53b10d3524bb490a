package admin

import (
	"testing"

	"github.com/nyaruka/phonenumbers"
)

// Numbers longer than longestEmergency are not looked up among emergency
// numbers: none of the tables may have a longer one.
func TestNoEmergencyNumberIsLonger(t *testing.T) {
	tables, err := phonenumbers.ShortNumberMetadataCollection()
	if err != nil {
		t.Fatal(err)
	}
	longest := int32(0)
	for _, region := range tables.GetMetadata() {
		for _, length := range region.GetEmergency().GetPossibleLength() {
			longest = max(longest, length)
		}
	}
	if longest != longestEmergency {
		t.Errorf("the longest emergency number has %d digits, want %d", longest, longestEmergency)
	}
}

func BenchmarkNormalise(b *testing.B) {
	for name, number := range map[string]PlainNumber{"us": "+15552000001", "in": "+919876543210"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, no := normalise(number); no != nil {
					b.Fatal(no.code)
				}
			}
		})
	}
}
