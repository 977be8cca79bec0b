// Backend is a server between a shop's front end and the shop: it answers many
// shoppers at once, each with their own orders, as JSON of its own.
//
//	go run ./examples/backend -demo
//
// starts it on a made-up shop and prints commands to try; README.md has the
// rest. It shows how one storeorders.Client serves all shoppers, each call with
// the token of the request that it is for; how the SDK's errors become statuses
// of the backend's own, in one table; what bounds a request, how amounts keep
// their digits, and what a log may hold.
//
// Where to find what: backend.go is the way of a request, orders.go what the
// routes answer, errors.go what becomes of an error, and this file the process
// around them.
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/seed-2861b391/storeorders"
	"github.com/seed-2861b391/storeorders/storeorderstest"
)

// defaultAddr is loopback: who wants to be seen from outside says so in ADDR.
const defaultAddr = "127.0.0.1:8080"

const (
	// shopTimeout bounds all that one request asks of the shop, retries included.
	shopTimeout = 10 * time.Second
	// attemptTimeout leaves time for another attempt.
	attemptTimeout = 4 * time.Second
	// requestTimeout bounds the whole request: it leaves time to answer after that.
	requestTimeout = shopTimeout + 5*time.Second
)

func main() {
	demo := flag.Bool("demo", false, "run against a made-up shop, in place of that of the environment")
	flag.Parse()
	if flag.NArg() > 0 {
		fmt.Fprintf(os.Stderr, "backend: %q is no flag; the only one is -demo\n", flag.Arg(0))
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C does not wait for anything
	err := run(ctx, os.Getenv, *demo, os.Stdout, os.Stderr)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "backend:", err)
		os.Exit(1)
	}
}

// run serves until ctx ends.
func run(ctx context.Context, getenv func(string) string, demo bool, stdout, stderr io.Writer) error {
	options, err := fromEnvironment(getenv)
	var shop *storeorderstest.Server
	if demo {
		shop = storeorderstest.NewServer()
		defer shop.Close()
		options, err = []storeorders.Option{storeorders.WithMercur(shop.MercurConfig()), storeorders.WithSalesive(shop.SalesiveConfig())}, nil
	}
	if err != nil {
		return err
	}
	client, err := newClient(options...)
	if err != nil {
		return err
	}
	defer client.CloseIdleConnections()

	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", cmp.Or(getenv("ADDR"), defaultAddr))
	if err != nil {
		return addrError(err)
	}
	if demo {
		printCommands(stdout, "http://"+listener.Addr().String(), shop)
	}
	logger := slog.New(slog.NewJSONHandler(stderr, nil))
	logger.LogAttrs(ctx, slog.LevelInfo, "listening", slog.String("addr", listener.Addr().String()))
	return serve(ctx, newServer(newBackend(client, logger), logger), listener, requestTimeout)
}

// addrError says which variable the address is of.
func addrError(err error) error {
	if _, isMalformed := errors.AsType[*net.AddrError](err); isMalformed {
		return fmt.Errorf(`ADDR: %w; write it as in ":8080"`, err)
	}
	return fmt.Errorf("ADDR: %w", err)
}

// fromEnvironment returns the shops that the environment names, one or both.
func fromEnvironment(getenv func(string) string) (options []storeorders.Option, err error) {
	mercur := storeorders.MercurConfig{BaseURL: getenv("MERCUR_URL"), PublishableKey: getenv("MERCUR_PUBLISHABLE_KEY")}
	salesive := storeorders.SalesiveConfig{BaseURL: getenv("SALESIVE_URL"), ShopID: getenv("SALESIVE_SHOP_ID")} // no URL: the hosted one
	for _, of := range []struct{ set, needed string }{
		{"MERCUR_URL", "MERCUR_PUBLISHABLE_KEY"}, {"MERCUR_PUBLISHABLE_KEY", "MERCUR_URL"}, {"SALESIVE_URL", "SALESIVE_SHOP_ID"},
	} {
		if getenv(of.set) != "" && getenv(of.needed) == "" {
			return nil, fmt.Errorf("not set: %s (needed with %s)", of.needed, of.set)
		}
	}
	if mercur.BaseURL != "" {
		options = append(options, storeorders.WithMercur(mercur))
	}
	if salesive.ShopID != "" {
		options = append(options, storeorders.WithSalesive(salesive))
	}
	if len(options) == 0 {
		return nil, errors.New("no shop: set MERCUR_URL and MERCUR_PUBLISHABLE_KEY, or SALESIVE_SHOP_ID, or try -demo")
	}
	return options, nil
}

// newClient makes the one client of all shoppers. It has no token: a call that
// forgets to bring its shopper's is refused, not sent as somebody else's.
func newClient(options ...storeorders.Option) (*storeorders.Client, error) {
	// Somebody waits: there are few retries, and who is to come again later is told so at once.
	retry := storeorders.DefaultRetryPolicy()
	retry.MaxRetries, retry.MaxRetryAfter = 2, time.Second
	return storeorders.NewClient(append([]storeorders.Option{
		storeorders.WithRetry(retry), storeorders.WithAttemptTimeout(attemptTimeout),
	}, options...)...)
}

func newServer(handler http.Handler, logger *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      requestTimeout,
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    32 << 10, // a token takes one or two
		ErrorLog:          slog.NewLogLogger(logger.Handler(), slog.LevelWarn),
	}
}

// serve serves until ctx ends. Then it takes no more requests, and waits until
// those under way are answered, but no longer than the bound. Their contexts are
// not made from ctx: what stops the server does not stop them.
func serve(ctx context.Context, server *http.Server, listener net.Listener, bound time.Duration) error {
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), bound)
	defer cancel()
	if err := server.Shutdown(ending); err != nil {
		_ = server.Close() // which ends the contexts of the requests
		return fmt.Errorf("requests were cut off after %v: %w", bound, err)
	}
	return nil
}

// printCommands fills the shop, and prints what its shoppers may ask for.
func printCommands(stdout io.Writer, url string, shop *storeorderstest.Server) {
	alice, bruno, chidi := shop.AddCustomer("Alice"), shop.AddCustomer("Bruno"), shop.AddShopper("Chidi")
	group := shop.AddOrderGroups(alice, 5, 1)[0]
	shop.AddOrderGroups(bruno, 2, 2)
	order := shop.AddOrders(chidi, 6, 3)[0]
	for _, command := range []struct{ what, token, path string }{
		{"Alice's order groups on Mercur", alice.Token, "/order-groups?limit=2"},
		{"one of them", alice.Token, "/order-groups/" + group.ID},
		{"Bruno's order groups", bruno.Token, "/order-groups"},
		{"Chidi's orders on Salesive", chidi.Token, "/orders?status=paid&status=completed"},
		{"one of them", chidi.Token, "/orders/" + order.ID},
	} {
		_, _ = fmt.Fprintf(stdout, "# %s\ncurl -H 'Authorization: Bearer %s' '%s%s'\n", command.what, command.token, url, command.path)
	}
	_, _ = fmt.Fprintln(stdout, "# Ctrl-C ends it")
}
