package storeorders_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-2861b391/storeorders"
)

// The credentials of the clients of clientOf. Nothing else looks like them, so that a search of what was printed finds them.
const (
	defaultToken = "tok-default-Zq7Wm4Lk2TvXc9"
	defaultKey   = "pk_default_1f3c8a60b7e2"
	defaultShop  = "shop-default-64b1f00c9e"

	mercurURL   = "http://mercur.test"
	salesiveURL = "http://salesive.test/api/v1"
)

// What both servers answer when all is well.
const (
	oneGroup     = `{"order_group":{"id":"og_1","total":10.50,"orders":[]}}`
	oneGroupPage = `{"order_groups":[{"id":"og_1","total":10.50,"orders":[]}],"count":1,"offset":0,"limit":50}`
	oneOrder     = `{"status":200,"success":true,"message":"Order retrieved successfully","data":{"_id":"665f1c2ab3d4e5f607182930","orderId":1001}}`
	oneOrderPage = `{"status":200,"success":true,"message":"Orders retrieved successfully","data":{"orders":[{"_id":"665f1c2ab3d4e5f607182930","orderId":1001}],"pagination":{"page":1,"limit":10,"total":1,"pages":1}}}`

	// What either API answers to any login.
	granted      = `{"token":"` + grantedToken + `","status":200,"success":true,"message":"Well","data":{"token":"` + grantedToken + `"}}`
	grantedToken = "tok-granted-Hs6Jd2Vb8Kx1"

	groupNotFound   = `{"type":"not_found","message":"Order group with id og_9 was not found"}`
	orderNotFound   = `{"status":404,"success":false,"message":"Order not found","data":{}}`
	serverFell      = `{"code":"unknown_error","type":"unknown_error","message":"An unknown error occurred."}`
	notAuthorized   = `{"message":"Unauthorized"}`
	jsonContentType = "application/json"
)

// stub is a server without a socket. It hands the n-th request, counted from 0, to answer, and keeps what it was sent.
type stub struct {
	answer func(n int, req *http.Request) (*http.Response, error)

	mu       sync.Mutex
	requests []*http.Request
	times    []time.Time
}

func (s *stub) RoundTrip(req *http.Request) (*http.Response, error) {
	s.mu.Lock()
	n := len(s.requests)
	s.requests = append(s.requests, req.Clone(context.WithoutCancel(req.Context())))
	s.times = append(s.times, time.Now())
	s.mu.Unlock()
	return s.answer(n, req)
}

func (s *stub) sent() []*http.Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]*http.Request(nil), s.requests...)
}

// waits are the times between the requests.
func (s *stub) waits() []time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	var waits []time.Duration
	for i := 1; i < len(s.times); i++ {
		waits = append(waits, s.times[i].Sub(s.times[i-1]))
	}
	return waits
}

// headers are the values of one header, a request each; "" where it was not sent.
func (s *stub) headers(name string) []string {
	var values []string
	for _, req := range s.sent() {
		values = append(values, req.Header.Get(name))
	}
	return values
}

// step is the answer to one request.
type step func(*http.Request) (*http.Response, error)

// inTurn gives each request its own answer, and fails what comes after the last one.
func inTurn(steps ...step) *stub {
	return &stub{answer: func(n int, req *http.Request) (*http.Response, error) {
		if n >= len(steps) {
			return nil, errors.New("a request too many")
		}
		return steps[n](req)
	}}
}

// always gives every request the same answer.
func always(s step) *stub {
	return &stub{answer: func(_ int, req *http.Request) (*http.Response, error) { return s(req) }}
}

// reply answers with JSON. The headers come in pairs; an empty value takes the header away.
func reply(status int, body string, headers ...string) step {
	return replyFrom(status, func(*http.Request) io.Reader { return strings.NewReader(body) }, headers...)
}

// replyFrom answers with a body that is made for the request, of a length that is not announced.
func replyFrom(status int, body func(*http.Request) io.Reader, headers ...string) step {
	return func(req *http.Request) (*http.Response, error) {
		header := http.Header{"Content-Type": {jsonContentType}}
		for i := 0; i < len(headers); i += 2 {
			header.Set(headers[i], headers[i+1])
			if headers[i+1] == "" {
				header.Del(headers[i])
			}
		}
		return &http.Response{
			StatusCode:    status,
			Header:        header,
			Body:          io.NopCloser(body(req)),
			ContentLength: -1,
			Request:       req,
		}, nil
	}
}

// well answers as the server does that the request is for.
func well(req *http.Request) (*http.Response, error) {
	return reply(http.StatusOK, goodBody(req.URL.Path))(req)
}

func goodBody(path string) string {
	switch {
	case strings.HasSuffix(path, "/order-groups"):
		return oneGroupPage
	case strings.HasSuffix(path, "/orders"):
		return oneOrderPage
	case strings.Contains(path, "/order-groups/"):
		return oneGroup
	case strings.Contains(path, "/auth/"):
		return granted
	default:
		return oneOrder
	}
}

// broken is a request that gets no answer.
func broken(err error) step {
	return func(*http.Request) (*http.Response, error) { return nil, err }
}

// silent never answers; as a transport does, it gives up with the request's context.
func silent(req *http.Request) (*http.Response, error) {
	<-req.Context().Done()
	return nil, req.Context().Err()
}

// drip is a body that comes byte by byte, one each second, for as long as the request's context lives.
type drip struct {
	ctx  context.Context //nolint:containedctx // the reader is the body of one answer
	rest []byte
}

func (d *drip) Read(p []byte) (int, error) {
	select {
	case <-d.ctx.Done():
		return 0, d.ctx.Err()
	case <-time.After(time.Second):
	}
	if len(d.rest) == 0 {
		return 0, io.EOF
	}
	n := copy(p[:1], d.rest)
	d.rest = d.rest[n:]
	return n, nil
}

func dripping(status int, body string) step {
	return replyFrom(status, func(req *http.Request) io.Reader {
		return &drip{req.Context(), []byte(body)}
	})
}

// breakingOff answers, and loses the connection in the middle of the body.
func breakingOff(status int, body string) step {
	return replyFrom(status, func(*http.Request) io.Reader {
		return io.MultiReader(strings.NewReader(body), failingReader{io.ErrUnexpectedEOF})
	})
}

type failingReader struct{ err error }

func (r failingReader) Read([]byte) (int, error) { return 0, r.err }

// clientOf makes a client of both APIs with credentials for both. What the options set wins.
func clientOf(t *testing.T, transport http.RoundTripper, opts ...storeorders.Option) *storeorders.Client {
	t.Helper()
	return clientAt(t, mercurURL, salesiveURL, append([]storeorders.Option{
		storeorders.WithHTTPClient(&http.Client{Transport: transport}),
	}, opts...)...)
}

func clientAt(t *testing.T, mercur, salesive string, opts ...storeorders.Option) *storeorders.Client {
	t.Helper()
	client, err := storeorders.NewClient(append([]storeorders.Option{
		storeorders.WithMercur(storeorders.MercurConfig{
			BaseURL: mercur, PublishableKey: defaultKey, Token: storeorders.StaticToken(defaultToken),
		}),
		storeorders.WithSalesive(storeorders.SalesiveConfig{
			BaseURL: salesive, ShopID: defaultShop, Token: storeorders.StaticToken(defaultToken),
		}),
	}, opts...)...)
	require.NoError(t, err)
	return client
}

// retries is a policy without waits, for tests that count attempts.
func retries(n int) storeorders.Option {
	return storeorders.WithRetry(storeorders.RetryPolicy{MaxRetries: n})
}

// endpoint is one of the ways to ask one of the APIs.
type endpoint struct {
	name, path string
	mercur     bool
	call       func(context.Context, *storeorders.Client, ...storeorders.RequestOption) error
}

// endpoints are all of them. What holds for one request holds for each of them.
func endpoints() []endpoint {
	return []endpoint{
		{
			"OrderGroups.List", "/store/order-groups", true,
			func(ctx context.Context, c *storeorders.Client, options ...storeorders.RequestOption) error {
				_, err := c.OrderGroups.List(ctx, nil, options...)
				return err
			},
		},
		{
			"OrderGroups.Pages", "/store/order-groups", true,
			func(ctx context.Context, c *storeorders.Client, options ...storeorders.RequestOption) error {
				_, err := storeorders.Collect(c.OrderGroups.Pages(ctx, nil, options...), 0)
				return err
			},
		},
		{
			"OrderGroups.All", "/store/order-groups", true,
			func(ctx context.Context, c *storeorders.Client, options ...storeorders.RequestOption) error {
				_, err := storeorders.Collect(c.OrderGroups.All(ctx, nil, options...), 0)
				return err
			},
		},
		{
			"OrderGroups.Get", "/store/order-groups/og_1", true,
			func(ctx context.Context, c *storeorders.Client, options ...storeorders.RequestOption) error {
				_, err := c.OrderGroups.Get(ctx, "og_1", nil, options...)
				return err
			},
		},
		{
			"Orders.List", "/orders", false,
			func(ctx context.Context, c *storeorders.Client, options ...storeorders.RequestOption) error {
				_, err := c.Orders.List(ctx, nil, options...)
				return err
			},
		},
		{
			"Orders.Pages", "/orders", false,
			func(ctx context.Context, c *storeorders.Client, options ...storeorders.RequestOption) error {
				_, err := storeorders.Collect(c.Orders.Pages(ctx, nil, options...), 0)
				return err
			},
		},
		{
			"Orders.All", "/orders", false,
			func(ctx context.Context, c *storeorders.Client, options ...storeorders.RequestOption) error {
				_, err := storeorders.Collect(c.Orders.All(ctx, nil, options...), 0)
				return err
			},
		},
		{
			"Orders.Get", "/orders/o1", false,
			func(ctx context.Context, c *storeorders.Client, options ...storeorders.RequestOption) error {
				_, err := c.Orders.Get(ctx, "o1", options...)
				return err
			},
		},
	}
}

// listGroups is the request of the tests for which any request does.
func listGroups(ctx context.Context, c *storeorders.Client, options ...storeorders.RequestOption) error {
	_, err := c.OrderGroups.List(ctx, nil, options...)
	return err
}

// listOrders is the same for the other API.
func listOrders(ctx context.Context, c *storeorders.Client, options ...storeorders.RequestOption) error {
	_, err := c.Orders.List(ctx, nil, options...)
	return err
}

func requireAPIError(t *testing.T, err error) *storeorders.APIError {
	t.Helper()
	var apiError *storeorders.APIError
	require.ErrorAs(t, err, &apiError)
	return apiError
}

func requireDecodeError(t *testing.T, err error) *storeorders.DecodeError {
	t.Helper()
	var decodeError *storeorders.DecodeError
	require.ErrorAs(t, err, &decodeError)
	return decodeError
}

// assertRefused claims that the error is of an option or argument, by its name.
func assertRefused(t *testing.T, field string, err error) {
	t.Helper()
	var optionError *storeorders.OptionError
	if assert.ErrorAs(t, err, &optionError) {
		assert.Equal(t, field, optionError.Field)
		assert.NotEmpty(t, optionError.Reason)
	}
}

// host is a real server on loopback that counts.
type host struct {
	*httptest.Server

	connections, requests atomic.Int64
}

func newHost(t *testing.T, handler http.HandlerFunc) *host {
	t.Helper()
	return newHostAs(t, handler, (*httptest.Server).Start)
}

func newTLSHost(t *testing.T, handler http.HandlerFunc) *host {
	t.Helper()
	return newHostAs(t, handler, (*httptest.Server).StartTLS)
}

func newHostAs(t *testing.T, handler http.HandlerFunc, start func(*httptest.Server)) *host {
	t.Helper()
	h := new(host)
	h.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		h.requests.Add(1)
		handler(w, req)
	}))
	h.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			h.connections.Add(1)
		}
	}
	// What a client does that hangs up on purpose is no news.
	h.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	start(h.Server)
	t.Cleanup(h.Close)
	return h
}

// writeJSON answers on a real server.
func writeJSON(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", jsonContentType)
	w.WriteHeader(status)
	_, _ = strings.NewReader(body).WriteTo(w)
}

// lockedBuffer is what a logger may write to from any goroutine.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// closeCounter counts how often a body was closed.
type closeCounter struct {
	io.ReadCloser

	closed *int
}

func (c *closeCounter) Close() error {
	*c.closed++
	return c.ReadCloser.Close()
}

// idleCounter counts how often its idle connections were closed.
type idleCounter struct {
	*stub

	closed int
}

func (c *idleCounter) CloseIdleConnections() { c.closed++ }

// limiterFunc is a function as a rate limiter.
type limiterFunc func(context.Context) error

func (f limiterFunc) Wait(ctx context.Context) error { return f(ctx) }

// sleep waits in the time of the test's bubble.
func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// transportFunc is a function as a transport.
type transportFunc func(*http.Request) (*http.Response, error)

func (f transportFunc) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// onRecord is a logger that calls a function with each message.
func onRecord(f func(message string)) *slog.Logger { return slog.New(recordHandler(f)) }

type recordHandler func(message string)

func (recordHandler) Enabled(context.Context, slog.Level) bool { return true }

func (h recordHandler) Handle(_ context.Context, record slog.Record) error {
	h(record.Message)
	return nil
}

func (h recordHandler) WithAttrs([]slog.Attr) slog.Handler { return h }

func (h recordHandler) WithGroup(string) slog.Handler { return h }
