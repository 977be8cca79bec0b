// Otel traces and measures the calls of the SDK with OpenTelemetry.
//
//	go run .
//
// needs nothing: it makes some calls to a fake server, one of which is refused
// with a 503 first, and prints the spans and the metrics as JSON. README.md
// says what is in them. What to take along is in the other files: telemetry.go
// has the spans and metrics of a call, attempt.go those of each of its attempts
// and what must not get into them, category.go and route.go the few words that
// errors and paths are told in.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"os"
	"os/signal"

	"go.opentelemetry.io/otel/exporters/stdout/stdoutmetric"
	"go.opentelemetry.io/otel/exporters/stdout/stdouttrace"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"

	"github.com/seed-2861b391/storeorders"
	"github.com/seed-2861b391/storeorders/storeorderstest"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "otel:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, stdout io.Writer) (err error) {
	spans, err := stdouttrace.New(stdouttrace.WithWriter(stdout))
	if err != nil {
		return err
	}
	values, err := stdoutmetric.New(stdoutmetric.WithWriter(stdout))
	if err != nil {
		return err
	}
	program := resource.NewSchemaless(semconv.ServiceName("storeorders-otel"))
	traces := sdktrace.NewTracerProvider(sdktrace.WithBatcher(spans), sdktrace.WithResource(program))
	metrics := sdkmetric.NewMeterProvider(sdkmetric.WithReader(sdkmetric.NewPeriodicReader(values)), sdkmetric.WithResource(program))
	defer func() {
		ctx := context.WithoutCancel(ctx) // after Ctrl-C, too, the rest is written
		err = errors.Join(err, traces.Shutdown(ctx), metrics.Shutdown(ctx))
	}()
	telemetry, err := newTelemetry(traces, metrics)
	if err != nil {
		return err
	}

	server := storeorderstest.Transport()
	alice, ada := server.AddCustomer("Alice"), server.AddShopper("Ada")
	server.AddOrderGroups(alice, 3, 1)
	server.AddOrders(ada, 3, 1)
	server.Inject(storeorderstest.Status(http.StatusServiceUnavailable), storeorderstest.MercurList, storeorderstest.First(1))

	client, err := storeorders.NewClient(
		storeorders.WithHTTPClient(&http.Client{Transport: server}), // without this line it is a real server
		storeorders.WithMercur(server.MercurConfig()),
		storeorders.WithSalesive(server.SalesiveConfig()),
		storeorders.WithMiddleware(telemetry.middleware),
	)
	if err != nil {
		return err
	}
	return makeCalls(ctx, client, telemetry, alice.Token, ada.Token)
}

// makeCalls has one of each kind: of a page, of one order, of one that is not
// there, and a walk.
func makeCalls(ctx context.Context, client *storeorders.Client, telemetry *telemetry, alice, ada string) error {
	page, err := observe(ctx, telemetry, "OrderGroups.List", func(ctx context.Context) (*storeorders.OrderGroupPage, error) {
		return client.OrderGroups.List(ctx, &storeorders.OrderGroupListOptions{Limit: 2}, storeorders.WithToken(alice))
	})
	if err != nil {
		return err
	}
	get := func(id string) error {
		_, err := observe(ctx, telemetry, "OrderGroups.Get", func(ctx context.Context) (*storeorders.OrderGroup, error) {
			return client.OrderGroups.Get(ctx, id, nil, storeorders.WithToken(alice))
		})
		return err
	}
	for _, group := range page.Items {
		if err := get(group.ID); err != nil {
			return err
		}
	}
	if err := get("og_nobodys"); !errors.Is(err, storeorders.ErrNotFound) {
		return fmt.Errorf("a group that is not there: %w", err)
	}
	all := observeAll(ctx, telemetry, "Orders.All", func(ctx context.Context) iter.Seq2[*storeorders.Order, error] {
		return client.Orders.All(ctx, &storeorders.OrderListOptions{Limit: 2}, storeorders.WithToken(ada))
	})
	for _, err := range all {
		if err != nil {
			return err
		}
	}
	return nil
}
