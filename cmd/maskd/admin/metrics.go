package admin

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"maskd/cmd/maskd/hook"
	"maskd/cmd/maskd/webhook"
	"maskd/media"
	"maskd/sip"
	"maskd/sip/edge"
	"maskd/store"
)

// Metrics counts what the daemon does, for Prometheus. Labels are names of the
// configuration, outcomes and statuses: never a number, a DID or a call.
type Metrics struct {
	registry   *prometheus.Registry
	calls      *prometheus.CounterVec
	request    *prometheus.HistogramVec
	disconnect *prometheus.HistogramVec
	talked     *prometheus.HistogramVec
	asked      *prometheus.HistogramVec
}

// Gauges are where the metrics read what there is at the moment of asking.
type Gauges struct {
	Live       func() int // calls
	Unanswered func() edge.Counts
	Ports      func() media.Usage
	Store      func() store.Counts
	Webhooks   func() []webhook.Standing
}

// bucketFactor makes native histograms exact to about 5 %.
const bucketFactor = 1.1

// NewMetrics makes the metrics of calls; Watch adds those that are read.
func NewMetrics() *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		calls: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "maskd_calls_total",
			Help: "Calls that have ended, by how they went and the final response to the caller."},
			[]string{"trunk_in", "trunk_out", "outcome", "status"}),
		request: histogram("maskd_session_request_delay_seconds",
			"From our INVITE until the callee's side rang, answered or failed (RFC 6076 section 4.3).",
			[]float64{0.05, 0.1, 0.2, 0.5, 1, 2, 4, 8, 16, 32}),
		disconnect: histogram("maskd_session_disconnect_delay_seconds",
			"From our BYE to its answer (RFC 6076 section 4.4).",
			[]float64{0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 4, 32}),
		talked: histogram("maskd_session_duration_seconds",
			"How long the two were connected (RFC 6076 section 4.5).",
			[]float64{10, 30, 60, 120, 300, 600, 1800, 3600}),
	}
	m.asked = prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "maskd_hook_seconds",
		Help: "How long the decision hook took, by what came of it.", NativeHistogramBucketFactor: bucketFactor,
		Buckets: []float64{0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6}}, []string{"outcome"})
	m.registry.MustRegister(m.calls, m.request, m.disconnect, m.talked, m.asked,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

func histogram(name, help string, buckets []float64) *prometheus.HistogramVec {
	return prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: name, Help: help,
		Buckets: buckets, NativeHistogramBucketFactor: bucketFactor}, []string{"trunk_out"})
}

// Ended counts a call (sip.Meter).
func (m *Metrics) Ended(f sip.Figures) {
	m.calls.WithLabelValues(f.TrunkIn, f.TrunkOut, f.Outcome.String(), statusLabel(f.Status)).Inc()
	for _, delay := range []struct {
		in    *prometheus.HistogramVec
		value float64
	}{
		{m.request, f.RequestDelay.Seconds()}, {m.disconnect, f.DisconnectDelay.Seconds()}, {m.talked, f.Talked.Seconds()},
	} {
		if delay.value > 0 {
			delay.in.WithLabelValues(f.TrunkOut).Observe(delay.value)
		}
	}
}

// Asked measures a question to the decision hook (hook.Meter).
func (m *Metrics) Asked(o hook.Outcome, took time.Duration) {
	m.asked.WithLabelValues(o.String()).Observe(took.Seconds())
}

// Watch adds what is read when somebody asks.
func (m *Metrics) Watch(g Gauges) {
	gauge := func(name, help string, read func() float64) {
		m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, read))
	}
	counter := func(name, help string, read func() uint64) {
		m.registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: name, Help: help},
			func() float64 { return float64(read()) }))
	}
	gauge("maskd_calls_live", "Calls that are not over.", func() float64 { return float64(g.Live()) })
	gauge("maskd_media_port_pairs_free", "Port pairs that a call may take.", func() float64 { return float64(g.Ports().Free) })
	gauge("maskd_media_port_pairs_resting", "Port pairs that rest after a call.", func() float64 { return float64(g.Ports().Resting) })
	gauge("maskd_media_port_pairs_used", "Port pairs of live calls.", func() float64 { return float64(g.Ports().Used) })
	gauge("maskd_interactions_live", "Interactions that connect.", func() float64 { return float64(g.Store().Live) })
	gauge("maskd_store_queued", "Changes and call records that wait for the disk.", func() float64 { return float64(g.Store().Queued) })
	counter("maskd_store_faults_total", "Writes of call records that failed.", func() uint64 { return g.Store().Faults })
	if g.Webhooks != nil {
		m.registry.MustRegister(newDeliveries(g.Webhooks))
	}
	counter("maskd_sip_shed_total", "INVITEs refused unread in an overload, and the ACKs for that.", func() uint64 { return g.Unanswered().Shed })
	counter("maskd_sip_strangers_total", "Datagrams and connections from outside every trunk.", func() uint64 { return g.Unanswered().Strangers })
	counter("maskd_sip_oversize_total", "Datagrams longer than any that a carrier sends.", func() uint64 { return g.Unanswered().Oversize })
	counter("maskd_sip_malformed_total", "Malformed requests.", func() uint64 { return g.Unanswered().Malformed })
	counter("maskd_sip_strays_total", "2xx that no call waited for.", func() uint64 { return g.Unanswered().Strays })
	counter("maskd_sip_panics_total", "Messages dropped because they caused a panic.", func() uint64 { return g.Unanswered().Panics })
}

func (m *Metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

// statusLabel is the status of a call that got one.
func statusLabel(status int) string {
	if status == 0 {
		return ""
	}
	return strconv.Itoa(status)
}
