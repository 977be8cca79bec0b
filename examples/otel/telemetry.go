package main

import (
	"context"
	"errors"
	"iter"
	"sync"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/metric"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"
)

// scope is who makes the spans and metrics of calls: the package that they are
// in. Those of attempts are otelhttp's.
const scope = "github.com/seed-2861b391/storeorders/examples/otel"

// operationKey is the attribute that has the method of the SDK that was called.
const operationKey = attribute.Key("storeorders.operation")

// telemetry traces and measures calls (observe, observeAll) and their attempts
// (middleware). One is enough for any number of clients and goroutines.
type telemetry struct {
	traces   trace.TracerProvider
	metrics  metric.MeterProvider
	tracer   trace.Tracer
	duration metric.Float64Histogram
	retries  metric.Int64Counter
}

func newTelemetry(traces trace.TracerProvider, metrics metric.MeterProvider) (*telemetry, error) {
	meter := metrics.Meter(scope)
	duration, durationErr := meter.Float64Histogram("storeorders.call.duration",
		metric.WithUnit("s"),
		metric.WithDescription("How long calls took, with their retries and waits."),
		metric.WithExplicitBucketBoundaries(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60))
	retries, retriesErr := meter.Int64Counter("storeorders.call.retries",
		metric.WithUnit("{retry}"),
		metric.WithDescription("How many requests were sent again because they had failed."))
	return &telemetry{traces, metrics, traces.Tracer(scope), duration, retries}, errors.Join(durationErr, retriesErr)
}

// observe makes the call within a span that is named for the operation, such as
// "OrderGroups.List". The name must be one of a few: it is an attribute of
// the metrics.
func observe[T any](ctx context.Context, t *telemetry, operation string, do func(context.Context) (T, error)) (result T, err error) {
	ctx, c := t.begin(ctx, operation)
	defer func() { c.end(ctx, err) }()
	return do(ctx)
}

// observeAll does so for Pages and All. The span is as long as the loop; the
// duration that is measured is without the time that the body of the loop takes.
func observeAll[T any](ctx context.Context, t *telemetry, operation string, walk func(context.Context) iter.Seq2[T, error]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		ctx, c := t.begin(ctx, operation)
		var failure error
		defer func() { c.end(ctx, failure) }()
		for item, err := range walk(ctx) {
			failure = err
			left := time.Now()
			more := yield(item, err)
			c.away += time.Since(left)
			if !more {
				return
			}
		}
	}
}

// call is one that is under way. The middleware finds it in the context.
type call struct {
	telemetry *telemetry
	operation attribute.KeyValue
	span      trace.Span
	started   time.Time
	away      time.Duration // in the body of the caller's loop

	mu      sync.Mutex
	failed  map[string]int // by URL: how often it failed, since it last did not
	retries int64
}

type callKey struct{}

func (t *telemetry) begin(ctx context.Context, operation string) (context.Context, *call) {
	c := &call{telemetry: t, operation: operationKey.String(operation), started: time.Now(), failed: map[string]int{}}
	ctx, c.span = t.tracer.Start(ctx, operation, trace.WithAttributes(c.operation))
	return context.WithValue(ctx, callKey{}, c), c
}

// callFrom returns the call that the context belongs to. One that nobody
// observes has attempts, too.
func callFrom(ctx context.Context) *call {
	if c, ok := ctx.Value(callKey{}).(*call); ok {
		return c
	}
	return &call{failed: map[string]int{}}
}

// end tells the category of the error, and neither its text nor the error
// itself (span.RecordError): the text has the path, with the id of the order,
// and what the server said. It belongs into a log.
func (c *call) end(ctx context.Context, err error) {
	took := time.Since(c.started) - c.away
	attributes := []attribute.KeyValue{c.operation}
	if err != nil {
		errorType := semconv.ErrorTypeKey.String(category(err))
		attributes = append(attributes, errorType)
		c.span.SetAttributes(errorType)
		c.span.SetStatus(codes.Error, errorType.Value.AsString())
	}
	c.telemetry.duration.Record(ctx, took.Seconds(), metric.WithAttributes(attributes...))
	c.mu.Lock()
	defer c.mu.Unlock()
	c.telemetry.retries.Add(ctx, c.retries, metric.WithAttributes(c.operation)) // 0 as well, or a rate could not see the first one
	c.span.End()
}

// send returns how many attempts at the URL failed before this one. A walk sends
// requests to many URLs, so that it is not enough to count.
func (c *call) send(url string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	failed := c.failed[url]
	delete(c.failed, url) // unless it fails again
	if failed > 0 {
		c.retries++
	}
	return failed
}

// fail says that the URL has failed so often by now.
func (c *call) fail(url string, times int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.failed[url] = times
}
