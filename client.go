package storeorders

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

// DefaultSalesiveURL is the base URL of the hosted Salesive store API: that of
// a [SalesiveConfig] without one.
const DefaultSalesiveURL = "https://store.salesive.com/api/v1"

const (
	version                 = "0.1.0" // for the User-Agent
	defaultAttemptTimeout   = 30 * time.Second
	defaultMaxResponseBytes = 32 << 20
)

// Client reads orders from the APIs that it was configured for. It is safe for
// concurrent use: make one and share it, also between shoppers, whose tokens
// belong to the calls ([WithToken]). It keeps nothing that depends on a
// credential: no cookies, no memory of what one shopper was told. [NewClient]
// makes it; the zero Client has no services. All four services are there
// whatever the client was configured for; those of an API that it was not
// configured for return [ErrNotConfigured].
type Client struct {
	// OrderGroups are the order groups of a shopper on Mercur.
	OrderGroups *OrderGroupsService
	// Orders are the orders of a shopper on Salesive.
	Orders *OrdersService
	// MercurAuth logs customers in to Mercur.
	MercurAuth *MercurAuthService
	// SalesiveAuth logs shoppers in to Salesive.
	SalesiveAuth *SalesiveAuthService

	config *config
}

// config is what the options set. It does not change once NewClient returned.
type config struct {
	mercur, salesive *api
	httpClient       *http.Client
	middleware       []func(http.RoundTripper) http.RoundTripper
	retry            RetryPolicy
	attemptTimeout   time.Duration
	maxResponseBytes int64
	limiter          interface{ Wait(context.Context) error }
	userAgent        string
	logger           *slog.Logger
	mercurLogin      func() (email, password string) // nil: none

	// transport is httpClient's, inside of the middleware.
	transport http.RoundTripper
	buffers   sync.Pool // of bodies
}

// api is one of the two servers: where it is, and the credentials that go
// there and nowhere else.
type api struct {
	name        string
	baseURL     *url.URL
	base        string // the same
	keyHeader   string // of the publishable key or the shop id
	keyOption   string // that sets it for a call
	key         func() string
	keyRequired bool
	token       TokenSource
	retryBudget *retryBudget
}

// NewClient makes a client. Give it [WithMercur], [WithSalesive] or both; the
// services of an API that was not given return [ErrNotConfigured]. An option
// that cannot work is an [OptionError], the only error there is. Nothing is
// sent, and the environment is not read.
func NewClient(opts ...Option) (*Client, error) {
	c := &config{
		httpClient:       &http.Client{Transport: defaultTransport()},
		retry:            DefaultRetryPolicy(),
		attemptTimeout:   defaultAttemptTimeout,
		maxResponseBytes: defaultMaxResponseBytes,
		userAgent:        "storeorders-go/" + version,
	}
	for _, opt := range opts {
		if opt == nil {
			return nil, &OptionError{"Option", "is nil; leave it out"}
		}
		if err := opt(c); err != nil {
			return nil, err
		}
	}
	if c.mercur == nil && c.salesive == nil {
		return nil, &OptionError{"NewClient", "has no API to talk to; give WithMercur, WithSalesive or both"}
	}
	if err := c.setMercurLogin(); err != nil {
		return nil, err
	}
	c.transport = c.httpClient.Transport
	if c.transport == nil {
		c.transport = http.DefaultTransport
	}
	if timeout := c.httpClient.Timeout; timeout > 0 {
		c.attemptTimeout = min(c.attemptTimeout, timeout)
	}
	for _, wrap := range slices.Backward(c.middleware) {
		if c.transport = wrap(c.transport); c.transport == nil {
			return nil, &OptionError{"WithMiddleware", "returned nil; return the round tripper that was given"}
		}
	}
	return &Client{
		OrderGroups:  &OrderGroupsService{c},
		Orders:       &OrdersService{c},
		MercurAuth:   &MercurAuthService{c},
		SalesiveAuth: &SalesiveAuthService{c},
		config:       c,
	}, nil
}

// CloseIdleConnections closes the connections that no request is using, also
// those of a client given by [WithHTTPClient]. The client goes on working: it
// opens new ones.
func (c *Client) CloseIdleConnections() { c.config.httpClient.CloseIdleConnections() }

// String tells which servers the client talks to, and no credentials.
func (c *Client) String() string {
	var servers []string
	if c != nil && c.config != nil {
		for _, api := range []*api{c.config.mercur, c.config.salesive} {
			if api != nil {
				servers = append(servers, api.name+": "+api.baseURL.String())
			}
		}
	}
	return "storeorders.Client{" + strings.Join(servers, ", ") + "}"
}

// Format prints String, whatever the verb.
func (c *Client) Format(state fmt.State, verb rune) { formatText(state, verb, c.String()) }

// LogValue gives String.
func (c *Client) LogValue() slog.Value { return slog.StringValue(c.String()) }

// defaultTransport is the standard library's, except that it reads no
// environment (a proxy is set by WithHTTPClient) and keeps more than 2 idle
// connections to a host: one client talks to one or two hosts.
func defaultTransport() *http.Transport {
	dialer := &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}
	return &http.Transport{
		DialContext:         dialer.DialContext,
		ForceAttemptHTTP2:   true,
		MaxIdleConns:        256,
		MaxIdleConnsPerHost: 128,
		IdleConnTimeout:     90 * time.Second,
		TLSHandshakeTimeout: 10 * time.Second,
	}
}

// do is the way of every request:
//
//  1. The call's credentials are put together; without them nothing is sent.
//  2. The retry loop (go-retryablehttp) runs attempts and waits between them,
//     within the budget of retries that all calls to the API share. A login has
//     one attempt.
//  3. An attempt waits for the rate limiter, asks for the token, sets the
//     headers, starts its timeout, goes through the middleware and the
//     transport, and reads the whole body: see [call.RoundTrip].
//  4. A 401 is told to a token source that wants to know, and 2 and 3 run
//     once more.
//  5. What is not a 2xx becomes an error.
//  6. The service reads the answer, in its turn if the page was requested ahead.
//     The body is gone afterwards.
func (c *config) do(ctx context.Context, r request, read func(*answer) error) (*Response, error) {
	if ctx == nil {
		return nil, &OptionError{"ctx", "is nil; use context.Background()"}
	}
	if r.api == nil {
		option := "WithMercur"
		if strings.HasPrefix(r.op, "Orders.") || strings.HasPrefix(r.op, "SalesiveAuth.") {
			option = "WithSalesive"
		}
		return nil, fmt.Errorf("%w: %s: give NewClient %s", ErrNotConfigured, r.op, option)
	}
	call, err := c.newCall(r)
	if err != nil {
		return nil, err
	}
	resp, err := call.run(ctx)
	if err == nil && resp.StatusCode == http.StatusUnauthorized {
		if source, ok := call.tokenSource.(invalidator); ok {
			source.Invalidate(call.token)
			call.last = call.answer(resp).apiError(resp.StatusCode)
			resp, err = call.run(ctx)
		}
	}
	if err != nil {
		return nil, call.failure(err)
	}
	a := call.answer(resp)
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		err := a.apiError(resp.StatusCode)
		call.releaseBody()
		return nil, err
	}
	response := a.response()
	if r.turn != nil {
		if err := r.turn(); err != nil {
			return nil, call.failure(err)
		}
	}
	err = read(a)
	call.releaseBody()
	if err != nil {
		return nil, err
	}
	return response, nil
}

// run sends the call's request through the retry loop once.
func (c *call) run(ctx context.Context) (*http.Response, error) {
	var body any
	if c.login != nil && c.login.body != nil { // an empty one would be sent in chunks
		body = c.login.body
	}
	req, err := retryablehttp.NewRequestWithContext(ctx, c.method(), c.url(), body)
	if err != nil {
		return nil, permanentError{err}
	}
	// The caller's client, but for what would break a promise: its cookie jar
	// (a session cookie beats the bearer token on Mercur), its way with
	// redirects, and its timeout, which is the attempt's and must not run while
	// the limiter or the token source waits. The call is the transport: it has
	// no CloseIdleConnections, which go-retryablehttp would call on the
	// caller's connections whenever it gives up.
	client := *c.httpClient
	client.Jar = nil
	client.Timeout = 0
	client.CheckRedirect = c.checkRedirect
	client.Transport = c
	c.retries, c.paidRetries = 0, 0
	loop := retryablehttp.Client{
		HTTPClient:   &client,
		RetryMax:     c.retry.MaxRetries,
		CheckRetry:   c.checkRetry,
		Backoff:      func(_, _ time.Duration, _ int, _ *http.Response) time.Duration { return c.nextWait },
		ErrorHandler: retryablehttp.PassthroughErrorHandler,
	}
	resp, err := loop.Do(req)
	if c.retryIsDue { // somebody left while it waited
		c.api.retryBudget.giveBack(1)
		c.retryIsDue = false
	}
	return resp, err
}
