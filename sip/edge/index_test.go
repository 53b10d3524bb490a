package edge

import "testing"

func TestALegIsFoundByItsKeyAndCallID(t *testing.T) {
	x, trunk := newIndex(), carrier()
	x.put("tag", entry{callID: "call", trunk: &trunk})
	if found, ok := x.find("tag", "call"); !ok || found.trunk != &trunk {
		t.Error("the leg is not found")
	}
	for _, wrong := range [][2]string{{"tag", "other"}, {"tag", ""}, {"other", "call"}, {"", "call"}, {"", ""}} {
		if _, ok := x.find(wrong[0], wrong[1]); ok {
			t.Errorf("a leg is found by %q", wrong)
		}
	}
	x.drop("other")
	if x.size() != 1 {
		t.Error("the wrong leg was dropped")
	}
	x.drop("tag")
	if _, ok := x.find("tag", "call"); ok || x.size() != 0 {
		t.Error("the leg is still there")
	}
}
