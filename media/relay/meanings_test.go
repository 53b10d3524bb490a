package relay

import "testing"

// Whatever a number is made to mean, it means until it is made to mean something else, and no other number does.
func TestEachPayloadTypeHasAMeaningOfItsOwn(t *testing.T) {
	var m Meanings
	var want [lastType + 1]Format
	for step := range 10 * len(want) {
		number, format := uint8(step*7%len(want)), Format(step*5%formats)
		m.Set(number, format)
		want[number] = format
		for number := range uint8(len(want)) {
			if got := m.Of(number); got != want[number] {
				t.Fatalf("step %d: %d means %s, want %s", step, number, got, want[number])
			}
		}
	}
}
