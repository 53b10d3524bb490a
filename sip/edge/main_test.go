package edge

import (
	"testing"

	"go.uber.org/goleak"
	"go.uber.org/zap"
)

func TestMain(m *testing.M) {
	Prepare(zap.NewNop())
	goleak.VerifyTestMain(m)
}
