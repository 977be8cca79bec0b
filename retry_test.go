package storeorders_test

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-2861b391/storeorders"
)

// assertSent claims how many requests the server got. What they were helps
// nobody who reads that they were too many, and assert.Len would print it.
func assertSent(t *testing.T, server *stub, want int, of ...string) {
	t.Helper()
	got := len(server.sent())
	assert.Equalf(t, want, got, "%s", strings.Join(append(of, "requests that the server got"), ": "))
}

func TestWhichStatusesAreRetried(t *testing.T) {
	t.Parallel()
	retried := map[int]bool{408: true, 429: true, 500: true, 502: true, 503: true, 504: true}
	for status := 300; status < 600; status++ {
		if http.StatusText(status) == "" {
			continue
		}
		t.Run(strconv.Itoa(status), func(t *testing.T) {
			t.Parallel()
			for _, e := range endpoints() {
				server := always(reply(status, serverFell))
				err := e.call(t.Context(), clientOf(t, server, retries(2)))
				want := 1
				if retried[status] {
					want = 3
				}
				assertSent(t, server, want, e.name)
				apiError := requireAPIError(t, err)
				assert.Equal(t, status, apiError.StatusCode)
				assert.Equal(t, want, apiError.Attempts)
			}
		})
	}
}

func TestWhichErrorsAreRetried(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		answer step
		tries  int
	}{
		"no connection":          {broken(&net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")}), 3},
		"no such host":           {broken(&net.DNSError{Err: "no such host", Name: "mercur.test", IsNotFound: true}), 3},
		"the connection is lost": {broken(io.ErrUnexpectedEOF), 3},
		"the body breaks off":    {breakingOff(http.StatusOK, `{"order_groups":[{"id"`), 3},
		"the body never begins":  {breakingOff(http.StatusOK, ""), 3},
		"no answer in time":      {silent, 3},
		"no whole body in time":  {dripping(http.StatusOK, oneGroupPage), 3},
		"the body is too large":  {reply(http.StatusOK, strings.Repeat(" ", 100<<10)+"{}"), 1},
		"the body is not JSON":   {reply(http.StatusOK, "<html>"), 1},
		"the body is empty":      {reply(http.StatusOK, ""), 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := always(test.answer)
				client := clientOf(t, server, retries(2), storeorders.WithMaxResponseBytes(64<<10), storeorders.WithAttemptTimeout(10*time.Second))
				require.Error(t, listGroups(t.Context(), client))
				assertSent(t, server, test.tries)
			})
		})
	}
}

func TestSuccessFalseIsNotRetried(t *testing.T) {
	t.Parallel()
	for _, status := range []int{200, 201} {
		server := always(reply(status, `{"status":503,"success":false,"message":"try later","data":{}}`))
		err := listOrders(t.Context(), clientOf(t, server, retries(3)))
		assert.ErrorIs(t, err, storeorders.ErrServer)
		assert.Equal(t, http.StatusServiceUnavailable, requireAPIError(t, err).StatusCode)
		assertSent(t, server, 1)
	}
}

func TestACertificateThatIsNotTrustedIsNotRetried(t *testing.T) {
	t.Parallel()
	server := newTLSHost(t, func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, http.StatusOK, oneGroupPage) })
	wrongName := strings.Replace(server.URL, "127.0.0.1", "localhost", 1)
	trusting := server.Client().Transport
	for name, test := range map[string]struct {
		url       string
		transport http.RoundTripper
	}{
		"an unknown authority": {server.URL, &http.Transport{}},
		"another host's name":  {wrongName, trusting},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			attempts := 0
			client := clientAt(t, test.url, test.url, retries(3), storeorders.WithHTTPClient(&http.Client{
				Transport: transportFunc(func(req *http.Request) (*http.Response, error) {
					attempts++
					return test.transport.RoundTrip(req)
				}),
			}))
			err := listGroups(t.Context(), client)
			require.Error(t, err)
			assert.ErrorContains(t, err, "certificate")
			assert.Equal(t, 1, attempts)
			assert.Zero(t, server.requests.Load())
		})
	}
}

func TestMaxRetries(t *testing.T) {
	t.Parallel()
	for n := range 5 {
		server := always(reply(http.StatusServiceUnavailable, serverFell))
		err := listGroups(t.Context(), clientOf(t, server, retries(n)))
		assertSent(t, server, n+1)
		assert.Equal(t, n+1, requireAPIError(t, err).Attempts)
		assert.ErrorIs(t, err, storeorders.ErrServer)
	}
}

func TestAClientRetriesThreeTimesUnlessToldOtherwise(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := always(reply(http.StatusServiceUnavailable, serverFell))
		require.Error(t, listGroups(t.Context(), clientOf(t, server)))
		assertSent(t, server, 4)
	})
}

func TestARetryThatDoesWellIsASuccess(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := inTurn(
			reply(http.StatusServiceUnavailable, serverFell, "Retry-After", "2", "X-Request-Id", "req-1"),
			reply(http.StatusTooManyRequests, serverFell, "Retry-After", "3"),
			func(req *http.Request) (*http.Response, error) {
				time.Sleep(time.Second) //nolint:forbidigo // of virtual time
				return reply(http.StatusOK, oneGroupPage, "X-Request-Id", "req-3")(req)
			},
		)
		page, err := clientOf(t, server).OrderGroups.List(t.Context(), nil)
		require.NoError(t, err)
		require.NotNil(t, page.Response)
		assert.Equal(t, 3, page.Response.Attempts)
		assert.Equal(t, 6*time.Second, page.Response.Duration)
		assert.Equal(t, http.StatusOK, page.Response.StatusCode)
		assert.Equal(t, "req-3", page.Response.RequestID)
		assert.Equal(t, "req-3", page.Response.Header.Get("X-Request-Id"))
	})
}

func TestTheResponseIsThatOfItsOwnCall(t *testing.T) {
	t.Parallel()
	client := clientOf(t, always(well))
	for range 2 {
		page, err := client.Orders.List(t.Context(), nil, storeorders.WithHeader("X-Request-Id", "mine"))
		require.NoError(t, err)
		assert.Equal(t, 1, page.Response.Attempts)
		assert.Equal(t, "mine", page.Response.RequestID) // the server gave none
	}
}

// Full jitter: anything from 0 to a bound that doubles.
func TestWaitsAreRandomBelowABoundThatDoubles(t *testing.T) {
	t.Parallel()
	for name, policy := range map[string]storeorders.RetryPolicy{
		"the default":     {MaxRetries: 7, MinWait: 200 * time.Millisecond, MaxWait: 5 * time.Second},
		"a constant":      {MaxRetries: 3, MinWait: time.Second, MaxWait: time.Second},
		"no whole double": {MaxRetries: 4, MinWait: 3 * time.Second, MaxWait: 10 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				const runs = 100
				low, high := make([]int, policy.MaxRetries), make([]int, policy.MaxRetries)
				for range runs {
					server := always(reply(http.StatusServiceUnavailable, serverFell))
					require.Error(t, listGroups(t.Context(), clientOf(t, server, storeorders.WithRetry(policy))))
					waits := server.waits()
					require.Len(t, waits, policy.MaxRetries)
					for n, wait := range waits {
						bound := min(policy.MaxWait, policy.MinWait<<n)
						assert.LessOrEqual(t, wait, bound, n)
						assert.GreaterOrEqual(t, wait, time.Duration(0), n)
						if wait < bound/2 {
							low[n]++
						} else {
							high[n]++
						}
					}
				}
				// Half of them on either side of the middle; all on one is less likely than 1 in 10^30.
				for n := range policy.MaxRetries {
					assert.NotZero(t, low[n], n)
					assert.NotZero(t, high[n], n)
				}
			})
		})
	}
}

func TestWithoutAMinWaitThereIsNone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := always(reply(http.StatusServiceUnavailable, serverFell))
		client := clientOf(t, server, storeorders.WithRetry(storeorders.RetryPolicy{MaxRetries: 2, MaxWait: time.Minute}))
		require.Error(t, listGroups(t.Context(), client))
		assert.Equal(t, []time.Duration{0, 0}, server.waits())
	})
}

func TestARetryAfterIsSlept(t *testing.T) {
	t.Parallel()
	// In a bubble it is the first second of 2000.
	for _, test := range []struct {
		retryAfter, date string
		wait             time.Duration
	}{
		{"2", "", 2 * time.Second},
		{" 2 ", "", 2 * time.Second},
		{"1.5", "", 1500 * time.Millisecond},
		{"0.25", "", 250 * time.Millisecond},
		{"007", "", 7 * time.Second},
		{"30", "", 30 * time.Second},
		{"Sat, 01 Jan 2000 00:00:03 GMT", "", 3 * time.Second},
		{"Saturday, 01-Jan-00 00:00:04 GMT", "", 4 * time.Second},
		{"Sat Jan  1 00:00:05 2000", "", 5 * time.Second},
		// A server whose clock is ahead, or behind, means its own.
		{"Sun, 22 Nov 2026 10:00:05 GMT", "Sun, 22 Nov 2026 10:00:02 GMT", 3 * time.Second},
		{"Fri, 01 Jan 1999 00:00:09 GMT", "Fri, 01 Jan 1999 00:00:02 GMT", 7 * time.Second},
		{"Sat, 01 Jan 2000 00:00:03 GMT", "yesterday", 3 * time.Second},
	} {
		for _, status := range []int{429, 503} {
			t.Run(fmt.Sprintf("%d/%s", status, test.retryAfter), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					server := inTurn(reply(status, serverFell, "Retry-After", test.retryAfter, "Date", test.date), well)
					require.NoError(t, listGroups(t.Context(), clientOf(t, server)))
					assert.Equal(t, []time.Duration{test.wait}, server.waits())
				})
			})
		}
	}
}

func TestARetryAfterThatAsksForNothingIsJittered(t *testing.T) {
	t.Parallel()
	for _, test := range [][2]string{
		{"0", ""},
		{"0.0", ""},
		{"-5", ""},
		{"-99999999999999999999", ""},
		{"soon", ""},
		{".", ""},
		{"1.2.3", ""},
		{"1e3", ""},
		{"0x10", ""},
		{"NaN", ""},
		{"Inf", ""},
		{"5, 10", ""},
		{"Fri, 31 Dec 1999 23:59:59 GMT", ""},
		{"Sat, 01 Jan 2000 00:00:00 GMT", ""},
		{"Sat, 32 Jan 2000 00:00:00 GMT", ""},
		{"Sun, 22 Nov 2026 10:00:02 GMT", "Sun, 22 Nov 2026 10:00:05 GMT"},
	} {
		t.Run(test[0], func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := inTurn(reply(http.StatusTooManyRequests, serverFell, "Retry-After", test[0], "Date", test[1]), well)
				require.NoError(t, listGroups(t.Context(), clientOf(t, server)))
				require.Len(t, server.waits(), 1)
				assert.LessOrEqual(t, server.waits()[0], storeorders.DefaultRetryPolicy().MinWait)
				assert.GreaterOrEqual(t, server.waits()[0], time.Duration(0))

				server = always(reply(http.StatusTooManyRequests, serverFell, "Retry-After", test[0], "Date", test[1]))
				assert.Zero(t, requireAPIError(t, listGroups(t.Context(), clientOf(t, server, retries(0)))).RetryAfter)
			})
		})
	}
}

func TestARetryAfterThatIsTooLongIsReturnedAtOnce(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		retryAfter, date string
		want             time.Duration
	}{
		"31 seconds":            {"31", "", 31 * time.Second},
		"an hour":               {"3600", "", time.Hour},
		"a little too long":     {"30.001", "", 30*time.Second + time.Millisecond},
		"a number of 400 nines": {strings.Repeat("9", 400), "", math.MaxInt64},
		"more than an int64":    {"9223372036854775808", "", math.MaxInt64},
		"300 years":             {"9467280000", "", math.MaxInt64},
		"a date of a year on":   {"Mon, 01 Jan 2001 00:00:00 GMT", "", 366 * 24 * time.Hour},
		"the last date":         {"Fri, 31 Dec 9999 23:59:59 GMT", "", math.MaxInt64},
		"by the server's clock": {"Sun, 22 Nov 2026 11:00:00 GMT", "Sun, 22 Nov 2026 10:00:00 GMT", time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				server := always(reply(http.StatusTooManyRequests, serverFell, "Retry-After", test.retryAfter, "Date", test.date))
				err := listGroups(t.Context(), clientOf(t, server))
				assert.Zero(t, time.Since(start))
				assertSent(t, server, 1)
				assert.ErrorIs(t, err, storeorders.ErrRateLimited)
				apiError := requireAPIError(t, err)
				assert.InEpsilon(t, float64(test.want), float64(apiError.RetryAfter), 1e-9)
				assert.Equal(t, 1, apiError.Attempts)
				assert.Contains(t, err.Error(), "retry after")
			})
		})
	}
}

func TestWithoutAMaxRetryAfterNoneIsSlept(t *testing.T) {
	t.Parallel()
	server := always(reply(http.StatusTooManyRequests, serverFell, "Retry-After", "1"))
	apiError := requireAPIError(t, listGroups(t.Context(), clientOf(t, server, retries(3))))
	assert.Equal(t, time.Second, apiError.RetryAfter)
	assertSent(t, server, 1)
}

func TestARetryAfterIsKeptWhereTheStatusIsNotRetried(t *testing.T) {
	t.Parallel()
	server := always(reply(http.StatusForbidden, serverFell, "Retry-After", "7"))
	apiError := requireAPIError(t, listGroups(t.Context(), clientOf(t, server)))
	assert.Equal(t, 7*time.Second, apiError.RetryAfter)
	assertSent(t, server, 1)
}

func TestAWaitThatWouldOutlastTheDeadlineIsNotBegun(t *testing.T) {
	t.Parallel()
	lost := errors.New("connection reset")
	for name, test := range map[string]struct {
		answer step
		check  func(*testing.T, error)
	}{
		"a Retry-After": {
			reply(http.StatusTooManyRequests, serverFell, "Retry-After", "20"),
			func(t *testing.T, err error) {
				t.Helper()
				assert.Equal(t, 20*time.Second, requireAPIError(t, err).RetryAfter)
				assert.ErrorIs(t, err, storeorders.ErrRateLimited)
				assert.ErrorContains(t, err, "(1 attempt, retry after 20s; no time for another before the deadline)")
			},
		},
		"a backoff": {
			broken(lost),
			func(t *testing.T, err error) {
				t.Helper()
				assert.ErrorIs(t, err, lost)
				assert.ErrorContains(t, err, "(1 attempt; no time for another before the deadline)")
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
				defer cancel()
				start := time.Now()
				server := always(test.answer)
				// All but a few of a thousand million such waits are longer than the deadline.
				err := listGroups(ctx, clientOf(t, server, storeorders.WithRetry(storeorders.RetryPolicy{
					MaxRetries: 3, MinWait: 200 * 365 * 24 * time.Hour, MaxWait: 200 * 365 * 24 * time.Hour, MaxRetryAfter: time.Hour,
				})))
				assert.Zero(t, time.Since(start))
				assertSent(t, server, 1)
				require.NoError(t, ctx.Err())
				test.check(t, err)
			})
		})
	}
}

// An error that no other attempt would follow in any case says nothing of the deadline.
func TestTheDeadlineIsNotBlamedForWhatThePolicyEnds(t *testing.T) {
	t.Parallel()
	const long = 200 * 365 * 24 * time.Hour
	for name, test := range map[string]struct {
		answer step
		policy storeorders.RetryPolicy
		want   string
	}{
		"no retries left":      {reply(http.StatusServiceUnavailable, ""), storeorders.RetryPolicy{MinWait: long, MaxWait: long}, "503 Service Unavailable (1 attempt)"},
		"no status to retry":   {reply(http.StatusConflict, ""), storeorders.RetryPolicy{MaxRetries: 3, MinWait: long, MaxWait: long}, "409 Conflict (1 attempt)"},
		"a long Retry-After":   {reply(http.StatusServiceUnavailable, "", "Retry-After", "20"), storeorders.RetryPolicy{MaxRetries: 3}, "503 Service Unavailable (1 attempt, retry after 20s)"},
		"a wait that it bears": {reply(http.StatusServiceUnavailable, ""), storeorders.RetryPolicy{MaxRetries: 1}, "503 Service Unavailable (2 attempts)"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
				defer cancel()
				err := listGroups(ctx, clientOf(t, always(test.answer), storeorders.WithRetry(test.policy)))
				assert.EqualError(t, err, "storeorders: OrderGroups.List: GET /store/order-groups: "+test.want)
			})
		})
	}
}

func TestARetryAfterWithinTheDeadlineIsSlept(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 21*time.Second)
		defer cancel()
		server := inTurn(reply(http.StatusTooManyRequests, serverFell, "Retry-After", "20"), well)
		assert.NoError(t, listGroups(ctx, clientOf(t, server)))
	})
}

func TestCancelingEndsTheWaitAtOnce(t *testing.T) {
	t.Parallel()
	for _, e := range endpoints() {
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				time.AfterFunc(5*time.Second, cancel)
				start := time.Now()
				server := always(reply(http.StatusServiceUnavailable, serverFell, "Retry-After", "20", "X-Request-Id", "req-7"))
				err := e.call(ctx, clientOf(t, server))
				assert.Equal(t, 5*time.Second, time.Since(start))
				assertSent(t, server, 1)
				assert.ErrorIs(t, err, context.Canceled)
				assert.ErrorIs(t, err, storeorders.ErrServer)
				apiError := requireAPIError(t, err)
				assert.Equal(t, http.StatusServiceUnavailable, apiError.StatusCode)
				assert.Equal(t, 20*time.Second, apiError.RetryAfter)
				assert.Equal(t, "req-7", apiError.RequestID)
				assert.ErrorContains(t, err, "context canceled")
				assert.ErrorContains(t, err, "503")
			})
		})
	}
}

// unannounced is a context that does not tell when it ends.
type unannounced struct {
	context.Context //nolint:containedctx // it is one
}

func (unannounced) Deadline() (time.Time, bool) { return time.Time{}, false }

func TestTheDeadlineEndsTheWaitAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		start := time.Now()
		server := always(reply(http.StatusServiceUnavailable, serverFell, "Retry-After", "20"))
		err := listGroups(unannounced{ctx}, clientOf(t, server))
		assert.Equal(t, 5*time.Second, time.Since(start))
		assert.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, http.StatusServiceUnavailable, requireAPIError(t, err).StatusCode)
	})
}

// The error has both: why the call ended, and the last that the server said to the end.
func TestCancelingEndsAnAttemptAtOnce(t *testing.T) {
	t.Parallel()
	for name, hanging := range map[string]step{
		"before the headers":   silent,
		"in the body":          dripping(http.StatusOK, oneGroupPage),
		"in the body of a 404": dripping(http.StatusNotFound, groupNotFound),
		"in the body of a 503": dripping(http.StatusServiceUnavailable, serverFell),
	} {
		for cause, ended := range map[string]struct {
			ctx  func(context.Context) (context.Context, context.CancelFunc)
			want error
		}{
			"canceled": {func(ctx context.Context) (context.Context, context.CancelFunc) {
				ctx, cancel := context.WithCancel(ctx)
				time.AfterFunc(5500*time.Millisecond, cancel)
				return ctx, cancel
			}, context.Canceled},
			"deadline": {func(ctx context.Context) (context.Context, context.CancelFunc) {
				return context.WithTimeout(ctx, 5500*time.Millisecond)
			}, context.DeadlineExceeded},
		} {
			t.Run(name+"/"+cause, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					ctx, cancel := ended.ctx(t.Context())
					defer cancel()
					start := time.Now()
					server := inTurn(reply(http.StatusBadGateway, serverFell, "Retry-After", "1"), hanging)
					err := listGroups(ctx, clientOf(t, server))
					assert.Equal(t, 5500*time.Millisecond, time.Since(start))
					assertSent(t, server, 2)
					assert.ErrorIs(t, err, ended.want)
					assert.Equal(t, http.StatusBadGateway, requireAPIError(t, err).StatusCode)
				})
			})
		}
	}
}

func TestAnAttemptThatTimesOutIsRetried(t *testing.T) {
	t.Parallel()
	for name, hanging := range map[string]step{
		"before the headers": silent,
		"in the body":        dripping(http.StatusOK, oneGroupPage),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := inTurn(hanging, well)
				client := clientOf(t, server, retries(1), storeorders.WithAttemptTimeout(10*time.Second))
				require.NoError(t, listGroups(t.Context(), client))
				assert.Equal(t, []time.Duration{10 * time.Second}, server.waits())
			})
		})
	}
}

func TestAttemptsThatAllTimeOutEndInATimeout(t *testing.T) {
	t.Parallel()
	for name, hanging := range map[string]step{
		"before the headers": silent,
		"in the body":        dripping(http.StatusOK, oneGroupPage),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
				defer cancel()
				start := time.Now()
				server := always(hanging)
				err := listGroups(ctx, clientOf(t, server, retries(2), storeorders.WithAttemptTimeout(10*time.Second)))
				assert.Equal(t, 30*time.Second, time.Since(start))
				assertSent(t, server, 3)
				require.NoError(t, ctx.Err())
				assert.ErrorIs(t, err, context.DeadlineExceeded)
				var timeout interface{ Timeout() bool }
				if assert.ErrorAs(t, err, &timeout) {
					assert.True(t, timeout.Timeout())
				}
				assert.ErrorContains(t, err, "10s")
				assert.ErrorContains(t, err, "3 attempts")
			})
		})
	}
}

func TestAnAttemptHas30SecondsUnlessToldOtherwise(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := always(silent)
		require.Error(t, listGroups(t.Context(), clientOf(t, server, retries(1))))
		assert.Equal(t, []time.Duration{30 * time.Second}, server.waits())
	})
}

func TestTheShorterOfTheTwoTimeoutsHolds(t *testing.T) {
	t.Parallel()
	for name, timeouts := range map[string][2]time.Duration{
		"the client's":  {7 * time.Second, time.Minute},
		"the attempt's": {time.Minute, 7 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				client := clientAt(t, mercurURL, salesiveURL, retries(0),
					storeorders.WithHTTPClient(&http.Client{Transport: always(silent), Timeout: timeouts[0]}),
					storeorders.WithAttemptTimeout(timeouts[1]))
				require.Error(t, listGroups(t.Context(), client))
				assert.Equal(t, 7*time.Second, time.Since(start))
			})
		})
	}
}

func TestRedirectsShareTheTimeOfTheirAttempt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		server := always(func(req *http.Request) (*http.Response, error) {
			if err := sleep(req.Context(), 4*time.Second); err != nil {
				return nil, err
			}
			return reply(http.StatusFound, "", "Location", "/again")(req)
		})
		require.Error(t, listGroups(t.Context(), clientOf(t, server, retries(0), storeorders.WithAttemptTimeout(10*time.Second))))
		assert.Equal(t, 10*time.Second, time.Since(start))
	})
}

func TestABodyThatBreaksOffOnTheWireIsRetried(t *testing.T) {
	t.Parallel()
	half := oneGroupPage[:len(oneGroupPage)/2]
	for name, head := range map[string]string{
		"before its Content-Length": fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(oneGroupPage), half),
		"between two chunks":        fmt.Sprintf("Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n", len(half), half),
		"within a chunk":            fmt.Sprintf("Transfer-Encoding: chunked\r\n\r\n%x\r\n%s", len(oneGroupPage), half),
		"before the last chunk":     fmt.Sprintf("Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n", len(oneGroupPage), oneGroupPage),
		"after the headers":         fmt.Sprintf("Content-Length: %d\r\n\r\n", len(oneGroupPage)),
		"in its gzip":               "Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n\x1f\x8b\x08\x00\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var server *host
			server = newHost(t, func(w http.ResponseWriter, _ *http.Request) {
				if server.requests.Load() > 1 {
					writeJSON(w, http.StatusOK, oneGroupPage)
					return
				}
				hangUpAfter(w, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"+head)
			})
			client := clientAt(t, server.URL, server.URL, retries(1))
			defer client.CloseIdleConnections()
			page, err := client.OrderGroups.List(t.Context(), nil)
			require.NoError(t, err)
			assert.Equal(t, 2, page.Response.Attempts)
		})
	}
}

// hangUpAfter writes to the connection itself, and closes it.
func hangUpAfter(w http.ResponseWriter, text string) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(err)
	}
	_, _ = io.WriteString(conn, text)
	_ = conn.Close()
}

func TestAConnectionThatIsHungUpIsRetried(t *testing.T) {
	t.Parallel()
	var server *host
	server = newHost(t, func(w http.ResponseWriter, _ *http.Request) {
		if server.requests.Load() > 1 {
			writeJSON(w, http.StatusOK, oneGroupPage)
			return
		}
		hangUpAfter(w, "")
	})
	client := clientAt(t, server.URL, server.URL, retries(1))
	defer client.CloseIdleConnections()
	assert.NoError(t, listGroups(t.Context(), client))
	assert.EqualValues(t, 2, server.requests.Load())
}

func TestABrokenErrorBodyKeepsItsStatus(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ status, tries int }{{404, 1}, {403, 1}, {503, 3}} {
		for name, answer := range map[string]step{
			"broken off":     breakingOff(test.status, `{"message":"The server was saying`),
			"never complete": dripping(test.status, `{"message":"The server was saying something, slowly, and longer than anybody waits`),
		} {
			t.Run(fmt.Sprintf("%d/%s", test.status, name), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					server := always(answer)
					err := listGroups(t.Context(), clientOf(t, server, retries(2)))
					apiError := requireAPIError(t, err)
					assert.Equal(t, test.status, apiError.StatusCode)
					assert.Contains(t, string(apiError.Body), `{"message":"The server`)
					assertSent(t, server, test.tries)
				})
			})
		}
	}
}

func TestTheRateLimiterIsAskedOncePerAttempt(t *testing.T) {
	t.Parallel()
	asked := 0
	server := inTurn(reply(http.StatusServiceUnavailable, serverFell), broken(errors.New("connection reset")), well)
	client := clientOf(t, server, retries(2), storeorders.WithRateLimiter(limiterFunc(func(context.Context) error {
		asked++
		assertSent(t, server, asked-1) // before it, not after it
		return nil
	})))
	require.NoError(t, listGroups(t.Context(), client))
	assert.Equal(t, 3, asked)
}

func TestAnErrorOfTheRateLimiterEndsTheCall(t *testing.T) {
	t.Parallel()
	cause := errors.New("burst exceeded")
	asked := 0
	server := always(well)
	client := clientOf(t, server, retries(3), storeorders.WithRateLimiter(limiterFunc(func(context.Context) error {
		asked++
		return cause
	})))
	err := listGroups(t.Context(), client)
	assert.ErrorIs(t, err, cause)
	assert.ErrorContains(t, err, "rate limiter")
	assert.Equal(t, 1, asked)
	assert.Empty(t, server.sent())
}

func TestCancelingEndsTheWaitForTheRateLimiter(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(3*time.Second, cancel)
		start := time.Now()
		server := always(well)
		client := clientOf(t, server, storeorders.WithRateLimiter(limiterFunc(func(ctx context.Context) error { return sleep(ctx, time.Hour) })))
		assert.ErrorIs(t, listGroups(ctx, client), context.Canceled)
		assert.Equal(t, 3*time.Second, time.Since(start))
		assert.Empty(t, server.sent())
	})
}

func TestTheWaitForTheRateLimiterIsNoPartOfTheAttempt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := always(well)
		client := clientOf(t, server, storeorders.WithAttemptTimeout(time.Second),
			storeorders.WithRateLimiter(limiterFunc(func(ctx context.Context) error { return sleep(ctx, time.Minute) })))
		page, err := client.OrderGroups.List(t.Context(), nil)
		require.NoError(t, err)
		assert.Equal(t, 1, page.Response.Attempts)
		assert.Equal(t, time.Minute, page.Response.Duration)
	})
}

func TestARetryIsMadeAfterTheAnswerBeforeWasAbandoned(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var contexts []context.Context
		server := inTurn(reply(http.StatusServiceUnavailable, serverFell), silent, well)
		client := clientOf(t, transportFunc(func(req *http.Request) (*http.Response, error) {
			for _, earlier := range contexts {
				assert.Error(t, earlier.Err(), "an attempt is still open")
			}
			contexts = append(contexts, req.Context())
			return server.RoundTrip(req)
		}), retries(2))
		require.NoError(t, listGroups(t.Context(), client))
		require.Len(t, contexts, 3)
	})
}

// go-retryablehttp closes all idle connections of its client whenever it gives up.
func TestTheCallersIdleConnectionsSurviveACallThatGivesUp(t *testing.T) {
	t.Parallel()
	server := newHost(t, func(w http.ResponseWriter, req *http.Request) {
		switch req.URL.Path {
		case "/store/order-groups":
			writeJSON(w, http.StatusServiceUnavailable, serverFell)
		case "/store/order-groups/missing":
			writeJSON(w, http.StatusNotFound, groupNotFound)
		default:
			writeJSON(w, http.StatusOK, goodBody(req.URL.Path))
		}
	})
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	client := clientAt(t, server.URL, server.URL, retries(2), storeorders.WithHTTPClient(&http.Client{Transport: transport}))
	ctx := t.Context()
	ended, cancel := context.WithCancel(ctx)
	cancel()

	require.NoError(t, listOrders(ctx, client))
	for _, giveUp := range []func() error{
		func() error { return listGroups(ctx, client) },
		func() error { _, err := client.OrderGroups.Get(ctx, "missing", nil); return err },
		func() error { return listGroups(ended, client) },
		func() error { return listGroups(ctx, client, storeorders.WithToken("")) },
		func() error {
			return listGroups(ctx, client, storeorders.WithTokenSource(sourceOf(func(int) (string, error) { return "", errors.New("no") })))
		},
	} {
		require.Error(t, giveUp())
		require.NoError(t, listOrders(ctx, client))
	}
	assert.EqualValues(t, 1, server.connections.Load())
}

// A call that is cancelled while it waits has its connection idle in the pool.
func TestTheCallersIdleConnectionsSurviveACanceledWait(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	server := newHost(t, func(w http.ResponseWriter, req *http.Request) {
		if strings.HasPrefix(req.URL.Path, "/store") {
			w.Header().Set("Retry-After", "20")
			writeJSON(w, http.StatusServiceUnavailable, serverFell)
			return
		}
		writeJSON(w, http.StatusOK, goodBody(req.URL.Path))
	})
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	client := clientAt(t, server.URL, server.URL, storeorders.WithHTTPClient(&http.Client{Transport: transport}),
		storeorders.WithLogger(onRecord(func(message string) {
			if strings.HasSuffix(message, "retry") {
				cancel()
			}
		})))
	require.ErrorIs(t, listGroups(ctx, client), context.Canceled)
	require.NoError(t, listOrders(t.Context(), client))
	assert.EqualValues(t, 1, server.connections.Load())
}

// A caller's own verification speaks with the errors of crypto/x509.
func TestACertificateThatTheCallerDoesNotTrustIsNotRetried(t *testing.T) {
	t.Parallel()
	for name, refusal := range map[string]error{
		"authority": x509.UnknownAuthorityError{},
		"host name": x509.HostnameError{Certificate: new(x509.Certificate), Host: "mercur.test"},
		"expired":   x509.CertificateInvalidError{Reason: x509.Expired, Cert: new(x509.Certificate)},
		"no TLS":    http.ErrSchemeMismatch,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := always(broken(fmt.Errorf("handshake: %w", refusal)))
			assert.ErrorIs(t, listGroups(t.Context(), clientOf(t, server, retries(2))), refusal)
			assertSent(t, server, 1)
		})
	}
}

// endingAt answers, and the call's context ends as it does.
func endingAt(cancel context.CancelFunc, s step) step {
	return func(req *http.Request) (*http.Response, error) {
		defer cancel()
		return s(req)
	}
}

func TestAnAnswerThatComesAsTheContextEndsIsNotLost(t *testing.T) {
	t.Parallel()
	t.Run("of success", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		assert.NoError(t, listGroups(ctx, clientOf(t, always(endingAt(cancel, well)))))
	})
	t.Run("that is not retried", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		err := listGroups(ctx, clientOf(t, always(endingAt(cancel, reply(http.StatusNotFound, groupNotFound)))))
		assert.ErrorIs(t, err, storeorders.ErrNotFound)
	})
	t.Run("that would be retried", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		err := listGroups(ctx, clientOf(t, always(endingAt(cancel, reply(http.StatusServiceUnavailable, serverFell)))))
		assert.ErrorIs(t, err, context.Canceled)
		assert.ErrorIs(t, err, storeorders.ErrServer)
	})
}
