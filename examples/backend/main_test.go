package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-2861b391/storeorders"
	"github.com/seed-2861b391/storeorders/storeorderstest"
)

// asProgram makes the test binary be the program.
const asProgram = "STOREORDERS_BACKEND_TEST_IS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// environment stands for os.Getenv.
func environment(variables map[string]string) func(string) string {
	return func(name string) string { return variables[name] }
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	var config net.ListenConfig
	listener, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	return listener
}

// getBy sends a request by the transport, and returns the answer.
func getBy(ctx context.Context, transport http.RoundTripper, url, authorization string) (status int, body string, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return 0, "", err
	}
	r.Header.Set("Authorization", authorization)
	resp, err := transport.RoundTrip(r)
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(text), err
}

func get(ctx context.Context, url, authorization string) (status int, body string, err error) {
	return getBy(ctx, http.DefaultTransport, url, authorization)
}

func TestShutdownLetsARequestFinish(t *testing.T) {
	t.Parallel()
	shop := storeorderstest.NewServer()
	t.Cleanup(shop.Close)
	alice := shop.AddCustomer("Alice")
	shop.AddOrderGroups(alice, 1, 1)
	arrived, answering := make(chan struct{}), make(chan struct{})
	answer := sync.OnceFunc(func() { close(answering) })
	t.Cleanup(answer)
	shop.Inject(storeorderstest.Before(func() { close(arrived); <-answering }), storeorderstest.First(1))
	client, err := newClient(storeorders.WithMercur(shop.MercurConfig()))
	require.NoError(t, err)
	t.Cleanup(client.CloseIdleConnections)

	logger := slog.New(slog.DiscardHandler)
	server := newServer(newBackend(client, logger), logger)
	ending := make(chan struct{})
	server.RegisterOnShutdown(func() { close(ending) })
	listener := listen(t)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- serve(ctx, server, listener, requestTimeout) }()

	type answered struct {
		status int
		body   string
		err    error
	}
	got := make(chan answered, 1)
	go func() {
		var a answered
		a.status, a.body, a.err = get(t.Context(), "http://"+listener.Addr().String()+"/order-groups", "Bearer "+alice.Token)
		got <- a
	}()
	<-arrived
	stop()
	select {
	case <-ending:
	case err := <-ended:
		t.Fatalf("it did not wait for the request: %v", err)
	}
	_, _, err = get(t.Context(), "http://"+listener.Addr().String()+"/healthz", "")
	require.ErrorIs(t, err, syscall.ECONNREFUSED, "it takes no more requests")

	answer()
	a := <-got
	require.NoError(t, a.err)
	assert.Equal(t, http.StatusOK, a.status)
	assert.Contains(t, a.body, `"count":1`)
	require.NoError(t, <-ended)
}

// pipes is a listener whose connections need no socket, so that time is virtual
// in a bubble of synctest.
type pipes chan net.Conn

func (p pipes) Accept() (net.Conn, error) {
	conn, open := <-p
	if !open {
		return nil, net.ErrClosed
	}
	return conn, nil
}

func (p pipes) Close() error {
	close(p)
	return nil
}

func (pipes) Addr() net.Addr { return &net.TCPAddr{} }

// get sends a request to the server, and returns the answer.
func (p pipes) get(ctx context.Context, target, authorization string) (status int, body string, err error) {
	return getBy(ctx, &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(context.Context, string, string) (net.Conn, error) {
			near, far := net.Pipe()
			p <- far
			return near, nil
		},
	}, "http://backend.test"+target, authorization)
}

// The timeout of the answer must not come before the shop's.
func TestAShopThatHangsIs504(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		shop := newShop(t)
		shop.Inject(storeorderstest.Delay(time.Hour))
		server := newServer(shop.backend, slog.New(slog.DiscardHandler))
		ctx, stop := context.WithCancel(t.Context())
		listener, ended := make(pipes), make(chan error, 1)
		go func() { ended <- serve(ctx, server, listener, requestTimeout) }()

		start := time.Now()
		status, body, err := listener.get(t.Context(), "/order-groups", "Bearer "+shop.alice.Token)
		require.NoError(t, err)
		assert.Equal(t, http.StatusGatewayTimeout, status)
		assert.JSONEq(t, `{"error": "timeout"}`, body)
		assert.Equal(t, shopTimeout, time.Since(start))
		// At the same time would be a race where time is not virtual.
		assert.Greater(t, server.WriteTimeout, shopTimeout)
		stop()
		require.NoError(t, <-ended)
	})
}

func TestShutdownDoesNotWaitForEver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const bound = time.Second
		server := newServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			<-r.Context().Done()
		}), slog.New(slog.DiscardHandler))
		ctx, stop := context.WithCancel(t.Context())
		listener, ended, got := make(pipes), make(chan error, 1), make(chan error, 1)
		go func() { ended <- serve(ctx, server, listener, bound) }()
		go func() {
			_, _, err := listener.get(t.Context(), "/", "")
			got <- err
		}()
		synctest.Wait()
		start := time.Now()
		stop()
		require.ErrorIs(t, <-ended, context.DeadlineExceeded)
		require.Error(t, <-got)
		assert.Equal(t, bound, time.Since(start))
	})
}

func TestServeTellsWhyItCannot(t *testing.T) {
	t.Parallel()
	listener := listen(t)
	require.NoError(t, listener.Close())
	server := newServer(http.NotFoundHandler(), slog.New(slog.DiscardHandler))
	require.ErrorIs(t, serve(t.Context(), server, listener, 0), net.ErrClosed)
}

// commands reads what the demo prints, up to the last line.
func commands(stdout io.Reader) (lines []string) {
	for scanner := bufio.NewScanner(stdout); scanner.Scan(); {
		lines = append(lines, scanner.Text())
		if strings.Contains(scanner.Text(), "Ctrl-C") {
			break
		}
	}
	return lines
}

func TestTheCommandsOfTheDemoWork(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	stdout, printed := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		err := run(ctx, environment(map[string]string{"ADDR": "127.0.0.1:0", "MERCUR_URL": "http://127.0.0.1:1"}), true, printed, io.Discard)
		_ = printed.Close()
		ended <- err
	}()
	tried := 0
	for _, line := range commands(stdout) {
		command, isCommand := strings.CutPrefix(line, "curl -H 'Authorization: ")
		if !isCommand {
			assert.Regexp(t, "^# ", line)
			continue
		}
		tried++
		authorization, url, _ := strings.Cut(strings.TrimSuffix(command, "'"), "' '")
		status, body, err := get(t.Context(), url, authorization)
		require.NoError(t, err)
		assert.Equal(t, http.StatusOK, status, line)
		assert.Contains(t, body, `"title":`, "an order: %s", line)
	}
	assert.Equal(t, 5, tried)
	stop()
	require.NoError(t, <-ended)
}

func TestASignalEndsIt(t *testing.T) {
	t.Parallel()
	for _, signal := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		t.Run(signal.String(), func(t *testing.T) {
			t.Parallel()
			cmd := exec.CommandContext(t.Context(), os.Args[0], "-demo") //nolint:gosec // the test itself
			cmd.Env = []string{asProgram + "=1", "ADDR=127.0.0.1:0"}
			stdout, err := cmd.StdoutPipe()
			require.NoError(t, err)
			require.NoError(t, cmd.Start())
			require.NotEmpty(t, commands(stdout))
			require.NoError(t, cmd.Process.Signal(signal))
			assert.NoError(t, cmd.Wait(), "the exit status is 0")
		})
	}
}

func TestItServesTheShopsOfTheEnvironment(t *testing.T) {
	t.Parallel()
	shop := storeorderstest.NewServer()
	t.Cleanup(shop.Close)
	alice, chidi := shop.AddCustomer("Alice"), shop.AddShopper("Chidi")
	options, err := fromEnvironment(environment(map[string]string{
		"MERCUR_URL": shop.URL, "MERCUR_PUBLISHABLE_KEY": shop.PublishableKey,
		"SALESIVE_URL": shop.SalesiveURL, "SALESIVE_SHOP_ID": shop.ShopID,
	}))
	require.NoError(t, err)
	client, err := newClient(options...)
	require.NoError(t, err)
	t.Cleanup(client.CloseIdleConnections)
	_, err = client.OrderGroups.List(t.Context(), nil, storeorders.WithToken(alice.Token))
	require.NoError(t, err)
	_, err = client.Orders.List(t.Context(), nil, storeorders.WithToken(chidi.Token))
	require.NoError(t, err)
}

// once runs the program until it listens, if it comes so far.
func once(t *testing.T, demo bool, variables map[string]string) error {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	return run(ctx, environment(variables), demo, io.Discard, stopper(stop))
}

// stopper stops at the first line of the log.
type stopper context.CancelFunc

func (s stopper) Write(line []byte) (int, error) {
	s()
	return len(line), nil
}

func TestItNamesWhatIsNotSet(t *testing.T) {
	t.Parallel()
	const none = "no shop: set MERCUR_URL and MERCUR_PUBLISHABLE_KEY, or SALESIVE_SHOP_ID, or try -demo"
	for _, tt := range []struct {
		set  map[string]string
		want string
	}{
		{map[string]string{}, none},
		{map[string]string{"SALESIVE_URL": "http://127.0.0.1:1"}, "not set: SALESIVE_SHOP_ID (needed with SALESIVE_URL)"},
		{map[string]string{"MERCUR_URL": "http://127.0.0.1:1"}, "not set: MERCUR_PUBLISHABLE_KEY (needed with MERCUR_URL)"},
		{map[string]string{"MERCUR_PUBLISHABLE_KEY": "pk_1", "SALESIVE_SHOP_ID": "1"}, "not set: MERCUR_URL (needed with MERCUR_PUBLISHABLE_KEY)"},
	} {
		tt.set["ADDR"] = "127.0.0.1:0"
		require.EqualError(t, once(t, false, tt.set), tt.want)
	}
	require.NoError(t, once(t, false, map[string]string{"ADDR": "127.0.0.1:0", "SALESIVE_SHOP_ID": "1"}))
	require.NoError(t, once(t, true, map[string]string{"ADDR": "127.0.0.1:0"}))

	_, isOption := errors.AsType[*storeorders.OptionError](once(t, false, map[string]string{
		"ADDR": "127.0.0.1:0", "MERCUR_URL": "market.example.com", "MERCUR_PUBLISHABLE_KEY": "pk_1",
	}))
	assert.True(t, isOption, "a URL that is none")
}

func TestItListensOnLoopbackUnlessToldOtherwise(t *testing.T) {
	t.Parallel()
	host, _, err := net.SplitHostPort(defaultAddr)
	require.NoError(t, err)
	assert.True(t, net.ParseIP(host).IsLoopback())

	// One that is taken, to see that ADDR counts.
	taken := listen(t)
	t.Cleanup(func() { _ = taken.Close() })
	err = once(t, true, map[string]string{"ADDR": taken.Addr().String()})
	require.ErrorIs(t, err, syscall.EADDRINUSE)
	assert.Regexp(t, "^ADDR: ", err)

	err = once(t, true, map[string]string{"ADDR": "8080"})
	assert.EqualError(t, err, `ADDR: listen tcp: address 8080: missing port in address; write it as in ":8080"`)
}

func TestAnArgumentIsRefused(t *testing.T) {
	t.Parallel()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "demo") //nolint:gosec // the test itself
	cmd.Env = []string{asProgram + "=1", "ADDR=127.0.0.1:0"}
	output, err := cmd.CombinedOutput()
	assert.Equal(t, "backend: \"demo\" is no flag; the only one is -demo\n", string(output))
	status, ok := errors.AsType[*exec.ExitError](err)
	require.True(t, ok, err)
	assert.Equal(t, 2, status.ExitCode())
}
