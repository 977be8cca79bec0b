package storeorders

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// call is one request on its way: what its attempts share.
type call struct {
	*config
	request

	header      http.Header // the caller's own
	key         string      // publishable key or shop id
	tokenSource TokenSource
	secrets     secrets

	started        time.Time
	attempts       int
	attemptStarted time.Time
	token          string // of the latest attempt
	buffer         *bytes.Buffer
	body           []byte // of the latest answer, in the buffer
	retries        int
	paidRetries    int  // of the API's budget
	retryIsDue     bool // it is paid, and not yet made
	nextWait       time.Duration
	noRetry        string    // why there is no other attempt where the policy has one
	last           *APIError // the latest answer that was retried
}

func (c *call) url() string {
	text := c.api.base + c.path
	if c.query != "" {
		text += "?" + c.query
	}
	return text
}

// RoundTrip is one attempt. It reads the body, so that an answer that breaks
// off is an attempt that failed, within the attempt's timeout, and so that
// nothing is left to drain.
func (c *call) RoundTrip(req *http.Request) (*http.Response, error) {
	// A redirect that is followed belongs to the attempt that it came from.
	if req.Response == nil {
		if err := c.begin(req.Context()); err != nil {
			return nil, err
		}
	}
	ctx, cancel := context.WithDeadline(req.Context(), c.attemptStarted.Add(c.attemptTimeout))
	defer cancel()
	out := req.Clone(ctx)
	out.Header = c.headers()

	resp, err := c.transport.RoundTrip(out)
	switch {
	case err != nil:
	case resp == nil:
		err = permanentError{errors.New("a round tripper returned neither a response nor an error")}
	default:
		err = c.readBody(req.Context(), resp)
	}
	if err != nil && ctx.Err() != nil && req.Context().Err() == nil {
		err = &attemptTimeoutError{c.attemptTimeout}
	}
	c.logAttempt(req.Context(), resp, err)
	if err != nil {
		return nil, err
	}
	return resp, nil
}

// scheme is what a bearer token is sent behind.
const scheme = "Bearer "

// begin waits until an attempt may be made, and gets its token.
func (c *call) begin(ctx context.Context) error {
	if c.limiter != nil {
		if err := c.limiter.Wait(ctx); err != nil {
			return permanentError{fmt.Errorf("rate limiter: %w", err)}
		}
	}
	if c.tokenSource != nil { // there is none where somebody logs in
		token, err := c.tokenSource.Token(ctx)
		switch {
		case err != nil:
			return permanentError{fmt.Errorf("token source: %w", err)}
		case token == "":
			return permanentError{&callError{text: fmt.Sprintf("%v: %s: the token is empty", ErrNoCredentials, c.op), err: ErrNoCredentials}}
		case hasControl(token):
			return permanentError{&OptionError{"Token", controlReason}}
		case len(token) >= len(scheme) && strings.EqualFold(token[:len(scheme)], scheme):
			return permanentError{&OptionError{"Token", `begins with "Bearer "; give the token alone`}}
		}
		c.secrets = c.secrets.with(token)
		c.token = token
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	c.attempts++
	c.retryIsDue = false
	c.attemptStarted = time.Now()
	return nil
}

// headers are all that a request is sent with, but for those of the
// connection. This is the one place where credentials are put on a request,
// and only requests to the API's own origin come here, see checkRedirect. None
// of net/http's is kept: on a redirect it sends the query in a Referer.
func (c *call) headers() http.Header {
	header := http.Header{}
	for name, values := range c.header {
		header[name] = slices.Clone(values) // a middleware may change them
	}
	if header.Get("Accept") == "" {
		header.Set("Accept", "application/json")
	}
	header.Set("User-Agent", c.userAgent)
	if c.token != "" {
		header.Set("Authorization", scheme+c.token)
	}
	if c.login != nil {
		header.Set("Content-Type", "application/json")
	}
	if c.key != "" {
		header.Set(c.api.keyHeader, c.key)
	}
	return header
}

// readBody reads the body within its bounds and closes it. Of an answer that
// is no success and breaks off it keeps what there is: the status counts, and
// says whether to try again, unless it was the caller who broke it off.
func (c *call) readBody(ctx context.Context, resp *http.Response) error {
	if resp.Body == nil { // as round trippers of tests leave it
		resp.Body = http.NoBody
	}
	defer resp.Body.Close()
	if resp.StatusCode == http.StatusSwitchingProtocols {
		// The body is the connection itself, which no context ends.
		resp.Body, c.body = http.NoBody, nil
		return nil
	}
	success := resp.StatusCode >= 200 && resp.StatusCode <= 299
	limit := c.maxResponseBytes
	if !success {
		limit = maxErrorRead
	}
	c.takeBuffer()
	body, err := readAll(c.buffer, resp.Body, resp.ContentLength, limit)
	if err != nil {
		c.buffer = nil // a reader that gave up may still be writing to it
	}
	resp.Body = http.NoBody
	c.body = body
	if c.login != nil {
		for _, token := range tokensIn(body) { // it may be in an error, too
			c.secrets = c.secrets.with(token)
		}
	}
	if _, parseErr := url.Parse(resp.Header.Get("Location")); parseErr != nil {
		resp.Header.Del("Location") // net/http would drop the answer for it
	}
	switch {
	case err == nil, !success && ctx.Err() == nil:
		return nil
	case errors.Is(err, ErrResponseTooLarge):
		return permanentError{c.answer(resp).decodeError(err)}
	default:
		return fmt.Errorf("the answer broke off after %d bytes: %w", len(body), err)
	}
}

// maxErrorRead is how much of an error's body is read: enough to find the
// message in it and, for nearly all, to the end, so that the connection is
// used again.
const maxErrorRead = 256 << 10

// maxBuffer is how large a buffer is made on the word of a server's
// Content-Length, and how large one may be that is kept for the next call.
const maxBuffer = 4 << 20

// takeBuffer empties the call's buffer, or takes one of an earlier call's.
func (c *call) takeBuffer() {
	if c.buffer == nil {
		c.buffer, _ = c.buffers.Get().(*bytes.Buffer)
	}
	if c.buffer == nil {
		c.buffer = new(bytes.Buffer)
	}
	c.buffer.Reset()
}

// releaseBody leaves the buffer to another call. Nothing that outlives the call
// may be a part of the body: errors and orders have copies. It is not deferred:
// after a panic somebody may still be writing to it.
func (c *call) releaseBody() {
	if c.buffer != nil && c.buffer.Cap() <= maxBuffer {
		c.buffers.Put(c.buffer)
	}
	c.buffer, c.body = nil, nil
}

// readAll reads at most limit bytes, and says so if there are more.
func readAll(b *bytes.Buffer, r io.Reader, contentLength, limit int64) ([]byte, error) {
	limit = min(limit, math.MaxInt64-1)
	if contentLength > 0 {
		b.Grow(int(min(contentLength, limit, maxBuffer)) + bytes.MinRead)
	}
	_, err := b.ReadFrom(io.LimitReader(r, limit+1))
	if int64(b.Len()) > limit {
		return b.Bytes()[:limit], fmt.Errorf("%w: more than %d bytes; ask for a smaller Limit, or raise WithMaxResponseBytes", ErrResponseTooLarge, limit)
	}
	return b.Bytes(), err
}

// attemptTimeoutError is an attempt that took longer than WithAttemptTimeout.
type attemptTimeoutError struct{ timeout time.Duration }

func (e *attemptTimeoutError) Error() string {
	return fmt.Sprintf("no complete answer within the attempt timeout of %v", e.timeout)
}

func (e *attemptTimeoutError) Timeout() bool { return true }

func (e *attemptTimeoutError) Unwrap() error { return context.DeadlineExceeded }

// mask hides the call's credentials.
func (c *call) mask(text string) string { return c.secrets.masker().mask(text) }

// shownPath is the path without credentials. That of a login holds none: a
// mask in it would tell a password that is a part of it.
func (c *call) shownPath() string {
	if c.login != nil {
		return c.path
	}
	return c.mask(c.path)
}

func (c *call) logAttempt(ctx context.Context, resp *http.Response, err error) {
	if c.logger == nil || !c.logger.Enabled(ctx, slog.LevelDebug) {
		return
	}
	c.logger.LogAttrs(ctx, slog.LevelDebug, "storeorders: attempt", append(c.logAttributes(resp, err),
		slog.String("method", c.method()),
		slog.Duration("duration", time.Since(c.attemptStarted)),
	)...)
}

func (c *call) logRetry(ctx context.Context, wait time.Duration, resp *http.Response, err error) {
	if c.logger == nil || !c.logger.Enabled(ctx, slog.LevelWarn) {
		return
	}
	c.logger.LogAttrs(ctx, slog.LevelWarn, "storeorders: retry", append(c.logAttributes(resp, err),
		slog.Duration("wait", wait),
	)...)
}

// logNoRetry tells why there is no retry where the policy has one.
func (c *call) logNoRetry(ctx context.Context, resp *http.Response, err error) {
	if c.logger == nil || !c.logger.Enabled(ctx, slog.LevelWarn) {
		return
	}
	c.logger.LogAttrs(ctx, slog.LevelWarn, "storeorders: no retry, too many were lost", c.logAttributes(resp, err)...)
}

// logAttributes are what a log record may hold of a call, and all of it: no
// header, no query, no body.
func (c *call) logAttributes(resp *http.Response, err error) []slog.Attr {
	attributes := []slog.Attr{
		slog.String("op", c.op),
		slog.String("path", oneLine(c.shownPath())),
		slog.Int("attempt", c.attempts),
	}
	if err != nil {
		return append(attributes, slog.String("error", c.errorText(withoutURL(err))))
	}
	return append(attributes,
		slog.Int("status", resp.StatusCode),
		slog.String("request_id", oneLine(c.mask(c.requestID(resp.Header)))),
	)
}
