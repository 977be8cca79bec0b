package storeorders

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// RetryPolicy says how often and after which waits a call is tried again.
// Only GETs are: after connection errors, answers that broke off, attempts
// that timed out, and the statuses 408, 429, 500, 502, 503 and 504. A server
// whose certificate is refused is not tried again.
//
// The wait before a retry is random between 0 and a bound that begins at
// MinWait and doubles up to MaxWait, unless the server sends a Retry-After,
// which is then slept. A wait that would outlast the context's deadline is
// not begun: the error comes at once.
//
// When a server is down, retries would only add to its load: a client that has
// lost a hundred retries to one server makes no more, and each call that the
// server answers makes room for one. (Where it hangs, those hundred come once
// the first attempts have timed out.) A 429 with a Retry-After is about one
// shopper: it costs nothing, and delays that call only.
//
// The zero RetryPolicy never retries.
type RetryPolicy struct {
	// MaxRetries is how many attempts may follow the first one. 0: none.
	MaxRetries int
	// MinWait bounds the first wait. 0: retries follow at once.
	MinWait time.Duration
	// MaxWait bounds every wait but those that the server asks for. It must not
	// be less than MinWait.
	MaxWait time.Duration
	// MaxRetryAfter is the longest Retry-After that is slept. A longer one
	// ends the call with an [APIError] that has RetryAfter set. 0: none is
	// slept.
	MaxRetryAfter time.Duration
}

// DefaultRetryPolicy is the policy of a client that was given none: 3
// retries, waits bounded by 200 ms and doubling up to 5 s, a Retry-After of up
// to 30 s.
func DefaultRetryPolicy() RetryPolicy {
	return RetryPolicy{
		MaxRetries:    3,
		MinWait:       200 * time.Millisecond,
		MaxWait:       5 * time.Second,
		MaxRetryAfter: 30 * time.Second,
	}
}

func (p RetryPolicy) check() error {
	switch {
	case p.MaxRetries < 0:
		return &OptionError{"RetryPolicy.MaxRetries", "is negative; use 0 for no retries"}
	case p.MinWait < 0:
		return &OptionError{"RetryPolicy.MinWait", "is negative"}
	case p.MaxWait < p.MinWait:
		return &OptionError{"RetryPolicy.MaxWait", fmt.Sprintf("is %v, less than MinWait (%v); set both, or begin with DefaultRetryPolicy()", p.MaxWait, p.MinWait)}
	case p.MaxRetryAfter < 0:
		return &OptionError{"RetryPolicy.MaxRetryAfter", "is negative; use 0 to return every Retry-After in the error"}
	default:
		return nil
	}
}

// wait is how long to wait before the given retry, counted from 0. It is
// false if the server asked for more than the policy sleeps.
func (p RetryPolicy) wait(retry int, retryAfter time.Duration) (time.Duration, bool) {
	if retryAfter > 0 {
		return retryAfter, retryAfter <= p.MaxRetryAfter
	}
	bound := p.MinWait
	for range retry {
		if bound >= p.MaxWait/2 {
			bound = p.MaxWait
			break
		}
		bound *= 2
	}
	bound = min(bound, math.MaxInt64-1)
	return rand.N(bound + 1), true
}

// checkRetry decides after each attempt, and sets the wait before the next. An
// answer that needs no other attempt counts, even if the context ended as it
// came.
func (c *call) checkRetry(ctx context.Context, resp *http.Response, err error) (bool, error) {
	again := retryable(resp, err)
	if err == nil && !again {
		c.api.retryBudget.giveBack(max(1, c.paidRetries))
		return false, nil
	}
	var asked time.Duration
	if resp != nil {
		c.last = c.answer(resp).apiError(resp.StatusCode)
		asked = c.last.RetryAfter
	}
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	wait, sleeps := c.retry.wait(c.retries, asked)
	if !again || !sleeps || c.retries == c.retry.MaxRetries || c.login != nil {
		return false, nil
	}
	if deadline, has := ctx.Deadline(); has && time.Until(deadline) < wait {
		c.noRetry = "no time for another before the deadline"
		return false, nil
	}
	// A 429 that says when to come again is about one shopper, whose retries are
	// not taken from the others.
	if resp == nil || resp.StatusCode != http.StatusTooManyRequests || asked == 0 {
		if !c.api.retryBudget.take() {
			c.noRetry = "not retried: too many retries were lost"
			c.logNoRetry(ctx, resp, err)
			return false, nil
		}
		c.paidRetries++
		c.retryIsDue = true
	}
	c.logRetry(ctx, wait, resp, err)
	c.retries++
	c.nextWait = wait
	return true, nil
}

// permanentError is what another attempt would not mend, such as a token
// source that failed.
type permanentError struct{ error }

func (e permanentError) Unwrap() error { return e.error }

// retryable reports whether the same request may do better. A 500 may: a
// Mercur under load answers it, though it does so to some bad input too, which
// is why bad input is refused before it is sent.
func retryable(resp *http.Response, err error) bool {
	if err != nil {
		_, permanent := errors.AsType[permanentError](err)
		return !permanent && !isVerification(err)
	}
	switch resp.StatusCode {
	case http.StatusRequestTimeout, http.StatusTooManyRequests, http.StatusInternalServerError,
		http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	default:
		return false
	}
}

// isVerification reports whether the server could not be trusted, by crypto/tls
// or by a verification of the caller's that says so with an error of
// crypto/x509, or does not speak TLS at all.
func isVerification(err error) bool {
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return true
	}
	if _, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		return true
	}
	if _, ok := errors.AsType[x509.HostnameError](err); ok {
		return true
	}
	_, ok := errors.AsType[x509.CertificateInvalidError](err)
	return ok || errors.Is(err, http.ErrSchemeMismatch)
}

// retryAfter is how long the answer asks to wait, 0 if it does not. It reads
// whole and fractional seconds, saturating, and the dates of HTTP, which it
// measures against the answer's own Date: the two clocks need not agree.
func retryAfter(header http.Header) time.Duration {
	value := strings.TrimSpace(header.Get("Retry-After"))
	if value == "" {
		return 0
	}
	if strings.Trim(value, "0123456789.") == "" {
		seconds, err := strconv.ParseFloat(value, 64)
		switch {
		case err != nil && !errors.Is(err, strconv.ErrRange):
			return 0
		case seconds >= float64(math.MaxInt64)/float64(time.Second):
			return math.MaxInt64
		default:
			return time.Duration(seconds * float64(time.Second))
		}
	}
	date, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	now, err := http.ParseTime(header.Get("Date"))
	if err != nil {
		now = time.Now()
	}
	return max(0, date.Sub(now)) // Sub saturates
}
