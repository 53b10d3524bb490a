package edge

import "testing"

// What the carrier says of itself costs nothing to read, however much it is.
func TestHeadersAreFoundWithoutGarbage(t *testing.T) {
	req := request(t, invite().and("Supported: 100rel, timer").and("Allow: "+allowed).and("Require: timer").and("User-Agent: border").and("X-Route: a"), "")
	n := testing.AllocsPerRun(100, func() {
		if !timerOf(req).supported || !hasTag(req, "allow", "UPDATE") || count(req, "Require") != 1 || headerValue(req, "user-agent") != "border" {
			t.Fatal("a header is not found")
		}
	})
	if n != 0 {
		t.Errorf("%v allocations", n)
	}
}
