package main

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/seed-2861b391/storeorders"
	"github.com/seed-2861b391/storeorders/storeorderstest"
)

// shop is a server with a shopper on each API, and a client of it whose calls
// are recorded.
type shop struct {
	*storeorderstest.Server

	alice     *storeorderstest.Customer
	ada       *storeorderstest.Shopper
	client    *storeorders.Client
	telemetry *telemetry
	recorded  *tracetest.InMemoryExporter
	reader    *sdkmetric.ManualReader
}

func newShop(t *testing.T, options ...storeorders.Option) *shop {
	t.Helper()
	s := &shop{Server: storeorderstest.Transport(), recorded: tracetest.NewInMemoryExporter(), reader: sdkmetric.NewManualReader()}
	s.alice, s.ada = s.AddCustomer("Alice"), s.AddShopper("Ada")
	var err error
	s.telemetry, err = newTelemetry(
		sdktrace.NewTracerProvider(sdktrace.WithSyncer(s.recorded)),
		sdkmetric.NewMeterProvider(sdkmetric.WithReader(s.reader)),
	)
	require.NoError(t, err)
	s.client, err = storeorders.NewClient(append([]storeorders.Option{
		storeorders.WithHTTPClient(&http.Client{Transport: s.Server}),
		storeorders.WithMercur(s.MercurConfig()),
		storeorders.WithSalesive(s.SalesiveConfig()),
		storeorders.WithMiddleware(s.telemetry.middleware),
	}, options...)...)
	require.NoError(t, err)
	return s
}

// makeCalls makes those of the program, which must succeed.
func (s *shop) makeCalls(t *testing.T) {
	t.Helper()
	require.NoError(t, makeCalls(t.Context(), s.client, s.telemetry, s.alice.Token, s.ada.Token))
}

// spans are those of calls and those of attempts, in the order of their ends.
func (s *shop) spans() (calls, attempts tracetest.SpanStubs) {
	for _, span := range s.recorded.GetSpans() {
		if span.SpanKind == trace.SpanKindClient {
			attempts = append(attempts, span)
		} else {
			calls = append(calls, span)
		}
	}
	return calls, attempts
}

// attributesOf is what there is to an attempt or a call, by name.
func attributesOf(attributes []attribute.KeyValue) map[string]any {
	values := map[string]any{}
	for _, a := range attributes {
		values[string(a.Key)] = a.Value.AsInterface()
	}
	return values
}

// series is one of a metric's: its attributes, how many values there are, and
// what they add up to.
type series struct {
	attributes attribute.Set
	exemplars  []attribute.KeyValue
	count      uint64
	sum        float64
}

// metrics are all series by the name of the metric.
func (s *shop) metrics(t *testing.T) map[string][]series {
	t.Helper()
	var collected metricdata.ResourceMetrics
	require.NoError(t, s.reader.Collect(t.Context(), &collected))
	all := map[string][]series{}
	for _, scope := range collected.ScopeMetrics {
		for _, m := range scope.Metrics {
			switch data := m.Data.(type) {
			case metricdata.Histogram[float64]:
				all[m.Name] = histogram(data)
			case metricdata.Histogram[int64]:
				all[m.Name] = histogram(data)
			case metricdata.Sum[int64]:
				for _, p := range data.DataPoints {
					all[m.Name] = append(all[m.Name], series{p.Attributes, filtered(p.Exemplars), 1, float64(p.Value)})
				}
			default:
				require.Failf(t, "an unexpected kind of metric", "%s: %T", m.Name, data)
			}
		}
	}
	return all
}

func histogram[N int64 | float64](data metricdata.Histogram[N]) []series {
	var list []series
	for _, p := range data.DataPoints {
		list = append(list, series{p.Attributes, filtered(p.Exemplars), p.Count, float64(p.Sum)})
	}
	return list
}

func filtered[N int64 | float64](exemplars []metricdata.Exemplar[N]) []attribute.KeyValue {
	var list []attribute.KeyValue
	for _, e := range exemplars {
		list = append(list, e.FilteredAttributes...)
	}
	return list
}

// find returns the one series of the metric that has the attributes.
func find(t *testing.T, all []series, attributes ...attribute.KeyValue) series {
	t.Helper()
	want := attribute.NewSet(attributes...)
	for _, s := range all {
		if s.attributes.Equals(&want) {
			return s
		}
	}
	require.Failf(t, "no such series", "%v in %v", attributes, all)
	return series{}
}

// assertTellsNothing fails where a text of a span or a metric has one of the
// secrets in it, or looks like a query.
func (s *shop) assertTellsNothing(t *testing.T, secrets ...string) {
	t.Helper()
	var texts []string
	add := func(attributes []attribute.KeyValue) {
		for _, a := range attributes {
			texts = append(texts, string(a.Key), a.Value.String())
		}
	}
	spans := s.recorded.GetSpans()
	require.NotEmpty(t, spans)
	for _, span := range spans {
		texts = append(texts, span.Name, span.Status.Description, span.SpanContext.TraceState().String())
		add(span.Attributes)
		for _, event := range span.Events {
			texts = append(texts, event.Name)
			add(event.Attributes)
		}
		for _, link := range span.Links {
			add(link.Attributes)
		}
	}
	metrics := s.metrics(t)
	require.NotEmpty(t, metrics)
	for name, all := range metrics {
		texts = append(texts, name)
		for _, one := range all {
			add(one.attributes.ToSlice())
			add(one.exemplars)
		}
	}

	requests := s.Requests()
	require.NotEmpty(t, requests)
	secrets = append(secrets, "?", "=", "&", "%", s.alice.Token, s.ada.Token, s.alice.Password, s.PublishableKey, s.ShopID)
	for _, request := range requests {
		secrets = append(secrets, request.RawQuery, request.Header.Get("Authorization"))
	}
	for _, secret := range secrets {
		if secret == "" { // of a request that has none
			continue
		}
		for _, text := range texts {
			assert.NotContains(t, text, secret)
		}
	}
}
