package storeorders

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

// DefaultSalesiveURL is the hosted Salesive store API.
const DefaultSalesiveURL = "https://store.salesive.com/api/v1"

const (
	version                 = "0.1.0" // for the User-Agent
	defaultAttemptTimeout   = 30 * time.Second
	defaultMaxResponseBytes = 32 << 20
)

// Client reads orders from the APIs that it was configured for. It is safe for
// concurrent use: make one and share it, also between shoppers, whose tokens
// belong to the calls ([WithToken]). It keeps nothing that depends on a
// credential: no cookies, no memory of what one shopper was told.
type Client struct {
	// OrderGroups are the order groups of a shopper on Mercur.
	OrderGroups *OrderGroupsService
	// Orders are the orders of a shopper on Salesive.
	Orders *OrdersService

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

	// transport is httpClient's, inside of the middleware.
	transport http.RoundTripper
}

// api is one of the two servers: where it is, and the credentials that go
// there and nowhere else.
type api struct {
	name        string
	baseURL     *url.URL
	keyHeader   string // of the publishable key or the shop id
	key         func() string
	keyRequired bool
	token       TokenSource
}

// NewClient makes a client. Give it [WithMercur], [WithSalesive] or both; the
// service of an API that was not given returns [ErrNotConfigured]. An option
// that cannot work is an [OptionError]. Nothing is sent, and the environment
// is not read.
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
		OrderGroups: &OrderGroupsService{c},
		Orders:      &OrdersService{c},
		config:      c,
	}, nil
}

// CloseIdleConnections closes the connections that no request is using, also
// those of a client given by [WithHTTPClient].
func (c *Client) CloseIdleConnections() { c.config.httpClient.CloseIdleConnections() }

// String tells which servers the client talks to.
func (c *Client) String() string {
	var servers []string
	for _, api := range []*api{c.config.mercur, c.config.salesive} {
		if api != nil {
			servers = append(servers, api.name+": "+api.baseURL.String())
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
//  2. The retry loop (go-retryablehttp) runs attempts and waits between them.
//  3. An attempt waits for the rate limiter, asks for the token, sets the
//     headers, starts its timeout, goes through the middleware and the
//     transport, and reads the whole body: see [call.RoundTrip].
//  4. A 401 is told to a token source that wants to know, and 2 and 3 run
//     once more.
//  5. What is not a 2xx becomes an error.
//
// Decoding is the service's.
func (c *config) do(ctx context.Context, r request) (*answer, error) {
	if ctx == nil {
		return nil, &OptionError{"ctx", "is nil; use context.Background()"}
	}
	call, err := c.newCall(r)
	if err != nil {
		return nil, err
	}
	resp, err := call.run(ctx)
	if err == nil && resp.StatusCode == http.StatusUnauthorized {
		if source, ok := call.token.(invalidator); ok {
			source.Invalidate(call.sentToken)
			call.last = call.answer(resp).apiError(resp.StatusCode)
			resp, err = call.run(ctx)
		}
	}
	if err != nil {
		return nil, call.failure(err)
	}
	a := call.answer(resp)
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return nil, a.apiError(resp.StatusCode)
	}
	return a, nil
}

// run sends the call's request through the retry loop once.
func (c *call) run(ctx context.Context) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.url(), http.NoBody)
	if err != nil {
		return nil, permanentError{err}
	}
	retryable, err := retryablehttp.FromRequest(req)
	if err != nil {
		return nil, permanentError{err}
	}
	// The caller's client, but for what would break a promise: its cookie jar
	// (a session cookie beats the bearer token on Mercur), its way with
	// redirects, and its timeout, which is the attempt's and must not run while
	// the limiter or the token source waits. The call is the transport: it has no CloseIdleConnections,
	// which go-retryablehttp would call on the caller's connections whenever
	// it gives up.
	client := *c.httpClient
	client.Jar = nil
	client.Timeout = 0
	client.CheckRedirect = c.checkRedirect
	client.Transport = c
	c.retries = 0
	loop := retryablehttp.Client{
		HTTPClient:   &client,
		RetryMax:     c.retry.MaxRetries,
		CheckRetry:   c.checkRetry,
		Backoff:      func(_, _ time.Duration, _ int, _ *http.Response) time.Duration { return c.nextWait },
		ErrorHandler: retryablehttp.PassthroughErrorHandler,
	}
	return loop.Do(retryable)
}

// checkRetry decides after each attempt, and sets the wait before the next.
func (c *call) checkRetry(ctx context.Context, resp *http.Response, err error) (bool, error) {
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	if !retryable(resp, err) {
		return false, nil
	}
	var asked time.Duration
	if resp != nil {
		asked = retryAfter(resp.Header)
	}
	wait, ok := c.retry.wait(c.retries, asked)
	if !ok {
		return false, nil
	}
	if deadline, has := ctx.Deadline(); has && time.Until(deadline) < wait {
		return false, nil
	}
	if c.retries < c.retry.MaxRetries {
		c.logRetry(ctx, wait, resp, err)
		if resp != nil {
			c.last = c.answer(resp).apiError(resp.StatusCode)
		}
	}
	c.retries++
	c.nextWait = wait
	return true, nil
}

// checkRedirect follows redirects within the API's origin only.
func (c *call) checkRedirect(req *http.Request, via []*http.Request) error {
	if len(via) >= 10 || req.URL.User != nil || !sameOrigin(req.URL, c.api.baseURL) {
		return http.ErrUseLastResponse
	}
	return nil
}

func isRedirect(status int) bool {
	switch status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther,
		http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return true
	default:
		return false
	}
}

func sameOrigin(a, b *url.URL) bool {
	return strings.EqualFold(a.Scheme, b.Scheme) && strings.EqualFold(a.Hostname(), b.Hostname()) && port(a) == port(b)
}

func port(u *url.URL) string {
	switch {
	case u.Port() != "":
		return u.Port()
	case strings.EqualFold(u.Scheme, "https"):
		return "443"
	default:
		return "80"
	}
}

// failure is the error of a call that has no answer to return.
func (c *call) failure(err error) error {
	err = withoutURL(err)
	if permanent, ok := errors.AsType[permanentError](err); ok {
		err = permanent.error
	}
	// Errors of this package say all there is to say.
	switch err.(type) { //nolint:errorlint // a cause further down is not the whole story
	case *DecodeError, *OptionError:
		return err
	case *callError:
		if c.attempts == 0 {
			return err
		}
	}
	text := fmt.Sprintf("storeorders: %s: %s %s: %s (%s", c.op, http.MethodGet, c.mask(c.path), oneLine(c.mask(err.Error())), attemptsText(c.attempts))
	if c.last != nil {
		text += "; last answer: " + c.last.summary()
	}
	return &callError{text: text + ")", err: err, last: c.last}
}
