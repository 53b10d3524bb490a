package admin

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"maskd/cmd/maskd/webhook"
)

// deliveries are the metrics of webhooks, read when somebody asks: endpoints come and
// go by a reload. Their label is the name of the configuration.
type deliveries struct {
	read                       func() []webhook.Standing
	delivered, failed, backlog *prometheus.Desc
}

func newDeliveries(read func() []webhook.Standing) *deliveries {
	describe := func(name, help string) *prometheus.Desc {
		return prometheus.NewDesc(name, help, []string{"webhook"}, nil)
	}
	return &deliveries{
		read:      read,
		delivered: describe("maskd_webhook_delivered_total", "Events that an endpoint has taken."),
		failed:    describe("maskd_webhook_failed_total", "Attempts that an endpoint has not answered with 2xx."),
		backlog:   describe("maskd_webhook_backlog_seconds", "Age of the event that an endpoint is to take next; 0: it has all."),
	}
}

// Describe names the metrics (prometheus.Collector).
func (d *deliveries) Describe(to chan<- *prometheus.Desc) {
	to <- d.delivered
	to <- d.failed
	to <- d.backlog
}

// Collect reads them (prometheus.Collector).
func (d *deliveries) Collect(to chan<- prometheus.Metric) {
	for _, w := range d.read() {
		to <- prometheus.MustNewConstMetric(d.delivered, prometheus.CounterValue, float64(w.Delivered), w.Name)
		to <- prometheus.MustNewConstMetric(d.failed, prometheus.CounterValue, float64(w.Failed), w.Name)
		to <- prometheus.MustNewConstMetric(d.backlog, prometheus.GaugeValue, w.Backlog(time.Now()).Seconds(), w.Name)
	}
}
