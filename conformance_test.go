package storeorders_test

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-querystring/query"
	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-2861b391/storeorders"
	"github.com/seed-2861b391/storeorders/storeorderstest"
)

// These tests hold this package to what SDKs often get wrong, and to what its dependencies would make it get wrong.
// They go through real sockets: much of it shows only there. The line above each says what goes wrong elsewhere.

// Part 1: what other SDKs get wrong.

// Other SDKs follow a redirect to another host, port or scheme with the credentials in its headers.
func TestConformanceRedirectToAnotherOriginCarriesNoCredential(t *testing.T) {
	t.Parallel()
	for _, c := range crossings() {
		for _, status := range []int{301, 302, 303, 307, 308} {
			t.Run(fmt.Sprintf("%s/%d", c.name, status), func(t *testing.T) {
				t.Parallel()
				_, to, transport := c.open(t, func(req *http.Request) (*http.Response, error) {
					return reply(status, `{}`, "Location", c.to+req.URL.RequestURI())(req)
				})
				client := clientAt(t, c.base, c.base, storeorders.WithHTTPClient(&http.Client{Transport: transport}))
				for op, err := range secretCalls(t.Context(), client) {
					assert.ErrorIs(t, err, storeorders.ErrRedirect, op)
					assert.Equal(t, status, requireAPIError(t, err).StatusCode, op)
				}
				to.assertLeftAlone(t)
			})
		}
	}
}

// Other SDKs put a call's options behind the client's own in one shared slice, and send another caller's token.
func TestConformanceConcurrentCallsKeepTheirOwnTokens(t *testing.T) {
	t.Parallel()
	few := fewOf(t)
	const callers, calls = 16, 240 // Each fourth call is made twice: 4,800 requests.
	var wrong atomic.Int64
	var retried sync.Map
	server := newHost(t, func(w http.ResponseWriter, req *http.Request) {
		id := req.Header.Get("X-Request-Id")
		caller, call, _ := strings.Cut(id, "-")
		if credentials := credentialsOf(req); !slices.Equal(credentials, []string{"Bearer token-of-" + caller, "key-of-" + caller}) {
			wrong.Add(1)
		}
		if n, _ := strconv.Atoi(call); n%4 == 0 {
			if _, again := retried.LoadOrStore(id, true); !again {
				writeJSON(w, http.StatusServiceUnavailable, serverFell)
				return
			}
		}
		writeJSON(w, http.StatusOK, goodBody(req.URL.Path))
	})
	client := clientTo(t, server, retries(1))
	shared := make([]storeorders.RequestOption, 0, 8) // with room, into which a careless append would write
	shared = append(shared, storeorders.WithHeader("X-Common", "1"))
	var group sync.WaitGroup
	for caller := range callers {
		group.Go(func() {
			own := slices.Concat(shared, []storeorders.RequestOption{storeorders.WithToken(fmt.Sprintf("token-of-%d", caller))})
			for call := range calls {
				e := endpoints()[(caller+call)%len(endpoints())]
				key := storeorders.WithShopID
				if e.mercur {
					key = storeorders.WithPublishableKey
				}
				id := storeorders.WithHeader("X-Request-Id", fmt.Sprintf("%d-%d", caller, call))
				options := slices.Concat(own, []storeorders.RequestOption{key(fmt.Sprintf("key-of-%d", caller)), id})
				assert.NoError(few, e.call(t.Context(), client, options...))
			}
		})
	}
	group.Wait()
	assert.Zero(t, wrong.Load(), "requests with another caller's credentials")
	assert.EqualValues(t, 4800, server.requests.Load(), "requests that the server got")
}

// Other SDKs keep the position in the iterator, so that a second range goes on where the first one stopped.
func TestConformanceRangingTwiceGivesTheSameItems(t *testing.T) {
	t.Parallel()
	client := clientTo(t, onSocket(t, &shelf{ids: numbered(6)}), retries(0))
	for name, walk := range walksOf(t.Context(), client, 2) {
		part, err := storeorders.Collect(walk, 3)
		require.NoError(t, err, name)
		assert.Equal(t, numbered(6)[:3], part, name)
		for range 2 {
			all, err := storeorders.Collect(walk, 0)
			require.NoError(t, err, name)
			assert.Equal(t, numbered(6), all, name)
		}
		var under []string // One range is under way while others run.
		for id, err := range walk {
			require.NoError(t, err, name)
			under = append(under, id)
			_, err = storeorders.Collect(walk, 0)
			require.NoError(t, err, name)
		}
		assert.Equal(t, numbered(6), under, name)
	}
}

// Other SDKs ask for page 2 with a context of their own, and end a canceled walk without an error.
func TestConformanceCancelingDuringPage1StopsPage2(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"Mercur All", "Mercur Pages", "Salesive All", "Salesive Pages"} {
		for _, answered := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, page 1 answered: %t", name, answered), func(t *testing.T) {
				t.Parallel()
				ctx, cancel := context.WithCancel(t.Context())
				s := &shelf{ids: numbered(6)}
				server := newHost(t, func(w http.ResponseWriter, req *http.Request) {
					if !answered {
						cancel()
						<-req.Context().Done() // The client has hung up.
						return
					}
					serve(w, req, s)
				})
				var errs []error
				for _, err := range walksOf(ctx, clientTo(t, server), 2)[name] {
					cancel()
					if err != nil {
						errs = append(errs, err)
					}
				}
				require.Len(t, errs, 1)
				assert.ErrorIs(t, errs[0], context.Canceled)
				assert.EqualValues(t, 1, server.requests.Load(), "requests that the server got")
			})
		}
	}
}

// Other SDKs sleep through the caller's deadline when a server asks for an hour, and then say only that it passed.
func TestConformanceALongRetryAfterReturnsAtOnce(t *testing.T) {
	t.Parallel()
	patient := storeorders.DefaultRetryPolicy()
	patient.MaxRetryAfter = 2 * time.Hour // The deadline alone is in the way.
	for asks, status := range map[string]int{"3600": http.StatusTooManyRequests, "Mon, 02 Mar 2026 11:00:00 GMT": http.StatusServiceUnavailable} {
		server := onSocket(t, always(reply(status, serverFell, "Retry-After", asks, "Date", "Mon, 02 Mar 2026 10:00:00 GMT")))
		for _, policy := range []storeorders.RetryPolicy{patient, storeorders.DefaultRetryPolicy()} {
			client := clientTo(t, server, storeorders.WithRetry(policy))
			for _, e := range endpoints() {
				ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
				apiError := requireAPIError(t, e.call(ctx, client))
				require.NoError(t, ctx.Err(), "the deadline passed")
				assert.Equal(t, time.Hour, apiError.RetryAfter, e.name)
				assert.Equal(t, status, apiError.StatusCode, e.name)
				cancel()
			}
		}
		assert.EqualValues(t, 2*len(endpoints()), server.requests.Load(), "requests that the server got")
	}
}

// Other SDKs' iterators ask a server that always sends page 1 for ever.
func TestConformanceAServerThatRepeatsPage1ForEverEndsTheWalk(t *testing.T) {
	t.Parallel()
	const endless = 1 << 60
	for _, count := range []int{30, endless} {
		var server *host
		server = newHost(t, func(w http.ResponseWriter, req *http.Request) {
			if server.requests.Load() > 5000 {
				hangUpAfter(w, "") // For ever is long.
				return
			}
			if strings.HasSuffix(req.URL.Path, "/orders") {
				writeJSON(w, http.StatusOK, fmt.Sprintf(`{"success":true,"data":{"orders":[{"_id":"a"},{"_id":"b"},{"_id":"c"}],
					"pagination":{"page":1,"limit":3,"total":%d,"pages":%d}}}`, count, count/3))
				return
			}
			writeJSON(w, http.StatusOK, fmt.Sprintf(`{"order_groups":[{"id":"a"},{"id":"b"},{"id":"c"}],"count":%d,"offset":0,"limit":3}`, count))
		})
		for name, walk := range walksOf(t.Context(), clientTo(t, server, retries(0)), 3) {
			all, before := strings.HasSuffix(name, "All"), server.requests.Load()
			if !all && count == endless {
				continue // Pages gives what the server says, and it says that there is more.
			}
			ids, err := storeorders.Collect(walk, 10_000)
			requests := server.requests.Load() - before
			if !all {
				assert.NoError(t, err, name)
				assert.Len(t, ids, count, name)
				assert.EqualValues(t, 10, requests, name)
				continue
			}
			assert.ErrorIs(t, err, storeorders.ErrIncomplete, name)
			assert.Equal(t, []string{"a", "b", "c"}, ids, name)
			assert.LessOrEqual(t, requests, int64(4*101), name) // A walk and three searches, each given up after 100 pages without anything new.
		}
	}
}

// Other SDKs report an HTML error page as bad JSON, and lose its status or its request id.
func TestConformanceAnHTMLErrorPageKeepsItsStatus(t *testing.T) {
	t.Parallel()
	html := "<html><title>403 Forbidden</title>" + strings.Repeat("<p>A proxy says no.</p>", 1000)
	server := onSocket(t, always(reply(http.StatusForbidden, html, "Content-Type", "text/html; charset=utf-8", "X-Request-Id", "req-of-the-proxy")))
	client := clientTo(t, server)
	for _, e := range endpoints() {
		err := e.call(t.Context(), client)
		assert.ErrorIs(t, err, storeorders.ErrForbidden, e.name)
		apiError := requireAPIError(t, err)
		assert.Equal(t, http.StatusForbidden, apiError.StatusCode, e.name)
		assert.Equal(t, "text/html; charset=utf-8", apiError.ContentType, e.name)
		assert.Equal(t, "req-of-the-proxy", apiError.RequestID, e.name)
		assert.Equal(t, html[:8<<10], string(apiError.Body), e.name)
		assert.Regexp(t, "403 .*req-of-the-proxy", err.Error(), e.name)
	}
}

// Other SDKs wrap or change the http.Client that they are given, or drop it from page 2 on.
func TestConformanceTheCallersHTTPClientIsUsedAndLeftAlone(t *testing.T) {
	t.Parallel()
	s := &shelf{ids: numbered(6)}
	server := newHost(t, func(w http.ResponseWriter, req *http.Request) {
		w.Header().Set("Set-Cookie", "connect.sid=of-the-server; Path=/")
		switch req.Header.Get("X-Own") {
		case "fail":
			writeJSON(w, http.StatusServiceUnavailable, serverFell)
		case "redirect":
			http.Redirect(w, req, "http://elsewhere.test/", http.StatusFound)
		default:
			serve(w, req, s)
		}
	})
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	transport := &countingTransport{Transport: &http.Transport{}}
	defer transport.Transport.CloseIdleConnections()
	caller := &http.Client{
		Transport: transport, Jar: jar, Timeout: time.Minute,
		CheckRedirect: func(*http.Request, []*http.Request) error { return errors.New("the caller's policy was asked") },
	}
	before := fmt.Sprintf("%#v", *caller) // of functions and of what is pointed to, the address
	client := clientAt(t, server.URL, server.URL, retries(2), storeorders.WithHTTPClient(caller))
	for name, walk := range walksOf(t.Context(), client, 2) {
		ids, err := storeorders.Collect(walk, 0)
		require.NoError(t, err, name)
		assert.Equal(t, s.ids, ids, name)
	}
	assert.EqualValues(t, 4*3, transport.requests.Load(), "three pages of four walks")
	for _, e := range endpoints() {
		assert.ErrorIs(t, e.call(t.Context(), client, storeorders.WithHeader("X-Own", "fail")), storeorders.ErrServer, e.name)
		assert.ErrorIs(t, e.call(t.Context(), client, storeorders.WithHeader("X-Own", "redirect")), storeorders.ErrRedirect, e.name)
	}
	assert.Equal(t, server.requests.Load(), transport.requests.Load())
	assert.Equal(t, before, fmt.Sprintf("%#v", *caller))
	assert.Zero(t, transport.closed.Load(), "idle connections were closed")
	assertReused(t, server, len(endpoints()))
	u, err := url.Parse(server.URL)
	require.NoError(t, err)
	assert.Empty(t, jar.Cookies(u))
}

// Other SDKs keep the request, or the client, in the error: whoever prints that deeply enough logs the token.
func TestConformanceTheTokenCannotBeReachedFromAnError(t *testing.T) {
	t.Parallel()
	answers := failures()
	for _, status := range []int{http.StatusOK, http.StatusForbidden, http.StatusServiceUnavailable} {
		answers[fmt.Sprintf("an echo under a %d", status)] = func(req *http.Request) (*http.Response, error) {
			text := strings.Join(credentialsOf(req), " ")
			message, _ := json.Marshal("You sent " + text)
			return reply(status, `{"success":false,"message":`+string(message)+`}`, "Content-Type", "text/"+text, "X-Request-Id", text)(req)
		}
	}
	for name, answer := range answers {
		if strings.HasPrefix(name, "a transport that quotes") || name == "no answer" {
			continue // No server can make that happen; TestConformanceConnectionErrorsDoNotHoldTheQuery has it.
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := clientTo(t, onSocket(t, always(answer)), retries(1), storeorders.WithMaxResponseBytes(64<<10))
			for op, err := range secretCalls(t.Context(), client) {
				if failed(t, op, err) {
					assertReachesNone(t, err, sentSecrets()...)
				}
			}
		})
	}
}

// Other SDKs sleep the wait before a retry to its end, or return the server's error without the context's.
func TestConformanceCancelingTheWaitForARetryReturnsAtOnce(t *testing.T) {
	t.Parallel()
	for _, e := range endpoints() {
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			server := onSocket(t, always(reply(http.StatusServiceUnavailable, serverFell, "Retry-After", "30")))
			ctx, cancel := context.WithCancel(t.Context())
			client := clientTo(t, server, storeorders.WithLogger(onRecord(func(message string) {
				if strings.HasSuffix(message, "retry") { // The wait begins.
					time.AfterFunc(10*time.Millisecond, cancel)
				}
			})))
			started := time.Now()
			err := e.call(ctx, client)
			assert.Less(t, time.Since(started), 20*time.Second, "the wait was slept")
			assert.ErrorIs(t, err, context.Canceled)
			assert.ErrorIs(t, err, storeorders.ErrServer, "the last answer is there too")
			assert.EqualValues(t, 1, server.requests.Load(), "requests that the server got")
		})
	}
}

// Other SDKs walk pages that repeat and lose rows, as those of a list without a tie-break do, and notice nothing.
func TestConformanceRowsLostBetweenPagesAreNoticed(t *testing.T) {
	t.Parallel()
	const rows = 30
	lost := map[string]int{}
	for seed := range uint64(4) {
		server := newFake(t, rows, noon)
		server.Inject(storeorderstest.ShuffleTies(seed))
		for _, a := range apisOf(fakeClient(t, server)) {
			raw, err := storeorders.Collect(flat(a.pages(t.Context(), 0, 10)), 0)
			require.NoError(t, err)
			require.Len(t, raw, rows)
			lost[a.name] += rows - len(distinct(raw))

			ids, err := storeorders.Collect(a.all(t.Context(), 0, 10), 0)
			assert.Len(t, distinct(ids), len(ids), "each comes once")
			if a.name == "Salesive" && err != nil { // It cannot be asked by id.
				assert.ErrorIs(t, err, storeorders.ErrIncomplete)
				continue
			}
			assert.NoError(t, err, a.name)
			assert.Len(t, ids, rows, a.name)
		}
	}
	assert.Positive(t, lost["Mercur"], "the pages of these servers lose rows")
	assert.Positive(t, lost["Salesive"], "the pages of these servers lose rows")

	// A server that never shows 2 of the 30 rows that it counts.
	for _, a := range apisOf(clientTo(t, onSocket(t, &shelf{ids: append(numbered(rows-2), "0000", "0001")}))) {
		var incomplete *storeorders.IncompleteError
		ids, err := storeorders.Collect(a.all(t.Context(), 0, 10), 0)
		require.ErrorAs(t, err, &incomplete, a.name)
		assert.Equal(t, storeorders.IncompleteError{Seen: rows - 2, Count: rows}, *incomplete, a.name)
		assert.Equal(t, numbered(rows-2), ids, a.name)
	}
}

// Part 2: what the dependencies would make of it.

// go-retryablehttp closes all idle connections of the caller's transport whenever it gives up on a call.
func TestConformanceGivingUpLeavesTheIdleConnections(t *testing.T) {
	t.Parallel()
	server := onSocket(t, always(func(req *http.Request) (*http.Response, error) {
		if req.Header.Get("X-Own") == "fail" {
			return reply(http.StatusServiceUnavailable, serverFell)(req)
		}
		return well(req)
	}))
	client := clientTo(t, server, retries(2))
	for _, e := range endpoints() {
		require.NoError(t, e.call(t.Context(), client))
		require.Error(t, e.call(t.Context(), client, storeorders.WithHeader("X-Own", "fail")))
	}
	assert.EqualValues(t, len(endpoints())*(1+3), server.requests.Load(), "requests that the server got")
	assertReused(t, server, len(endpoints()))
}

// go-retryablehttp sleeps a Retry-After of any length, and multiplies a long one into a negative wait, which is none.
func TestConformanceARetryAfterHasABoundAndCannotOverflow(t *testing.T) {
	t.Parallel()
	for _, asks := range []string{"31", "3600", "9223372037", "18446744073709551617", "99999999999999999999999", "Fri, 31 Dec 9999 23:59:59 GMT"} {
		for _, status := range []int{http.StatusTooManyRequests, http.StatusServiceUnavailable} {
			t.Run(fmt.Sprintf("%d for %s", status, asks), func(t *testing.T) {
				t.Parallel()
				server := onSocket(t, always(reply(status, serverFell, "Retry-After", asks)))
				client := clientTo(t, server)
				ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
				defer cancel()
				for _, e := range endpoints() {
					apiError := requireAPIError(t, e.call(unannounced{ctx}, client))
					assert.Greater(t, apiError.RetryAfter, 30*time.Second, e.name)
				}
				assert.EqualValues(t, len(endpoints()), server.requests.Load(), "requests that the server got")
			})
		}
	}
}

// go-retryablehttp waits exactly as long in each client that failed at the same time, so that all come back at once.
func TestConformanceWaitsAreJittered(t *testing.T) {
	t.Parallel()
	const bound, waitsPerCall = time.Millisecond, 40
	var log lockedBuffer
	client := clientTo(t, onSocket(t, always(reply(http.StatusServiceUnavailable, serverFell))),
		storeorders.WithRetry(storeorders.RetryPolicy{MaxRetries: waitsPerCall, MinWait: bound, MaxWait: bound}),
		storeorders.WithLogger(slog.New(slog.NewJSONHandler(&log, nil))))
	require.Error(t, listGroups(t.Context(), client))
	require.Error(t, listOrders(t.Context(), client))
	var waits []time.Duration
	for records := json.NewDecoder(strings.NewReader(log.String())); records.More(); {
		var record struct{ Wait time.Duration }
		require.NoError(t, records.Decode(&record))
		waits = append(waits, record.Wait)
	}
	require.Len(t, waits, 2*waitsPerCall, "waits that were logged")
	slices.Sort(waits)
	assert.Less(t, waits[0], bound/2)
	assert.Greater(t, waits[len(waits)-1], bound/2)
	assert.LessOrEqual(t, waits[len(waits)-1], bound)
	assert.Greater(t, len(slices.Compact(waits)), waitsPerCall, "different waits")
}

// go-retryablehttp's own logger writes each URL, with its query, to standard error.
func TestConformanceNothingIsLoggedUnlessAskedFor(t *testing.T) {
	t.Parallel()
	// That logger has standard error from the start of the process, which all tests share: the calls need a process of their own.
	const variable = "STOREORDERS_TEST_SERVER"
	if server := os.Getenv(variable); server != "" {
		for op, err := range secretCalls(t.Context(), clientAt(t, server, server, retries(1))) {
			require.ErrorIs(t, err, storeorders.ErrServer, op)
		}
		return
	}
	server := onSocket(t, always(reply(http.StatusServiceUnavailable, serverFell)))
	program, err := os.Executable()
	require.NoError(t, err)
	process := exec.CommandContext(t.Context(), program, "-test.run=^"+t.Name()+"$") //nolint:gosec // this very test
	process.Env = append(os.Environ(), variable+"="+server.URL)
	output, err := process.CombinedOutput()
	require.NoError(t, err, string(output))
	assert.EqualValues(t, 8*2+6, server.requests.Load(), "requests that the server got: the logins once")
	assert.Empty(t, secretsIn(string(output), allSecrets()...))
	assert.NotContains(t, string(output), "/order", "a path")
	assert.NotContains(t, string(output), server.URL)
}

// go-retryablehttp takes an answer for good once its headers are there, and the caller finds half a body.
func TestConformanceATruncatedBodyIsRetried(t *testing.T) {
	t.Parallel()
	for _, e := range endpoints() {
		body := goodBody(e.path)
		for _, length := range []string{"", strconv.Itoa(len(body))} { // in chunks, and announced
			half := replyFrom(http.StatusOK, func(*http.Request) io.Reader {
				return io.MultiReader(strings.NewReader(body[:len(body)/2]), failingReader{io.ErrUnexpectedEOF})
			}, "Content-Length", length)
			server := onSocket(t, inTurn(half, well))
			assert.NoError(t, e.call(t.Context(), clientTo(t, server, retries(1))), e.name)
			assert.EqualValues(t, 2, server.requests.Load(), "requests that the server got: "+e.name)

			err := e.call(t.Context(), clientTo(t, onSocket(t, always(half)), retries(2)))
			assert.ErrorIs(t, err, io.ErrUnexpectedEOF, e.name)
			assert.ErrorContains(t, err, "3 attempts", e.name)
		}
	}
}

// go-retryablehttp's error after the last attempt counts the attempts, but does not say what the server answered.
func TestConformanceGivingUpKeepsTheStatus(t *testing.T) {
	t.Parallel()
	bad := reply(http.StatusBadGateway, serverFell, "X-Request-Id", "req-7")
	half := breakingOff(http.StatusOK, `{"order_`)
	for _, answers := range [][]step{{bad, bad, bad}, {bad, half, half}} {
		for _, e := range endpoints() {
			server := onSocket(t, inTurn(answers...))
			err := e.call(t.Context(), clientTo(t, server, retries(2)))
			assert.ErrorIs(t, err, storeorders.ErrServer, e.name)
			apiError := requireAPIError(t, err)
			assert.Equal(t, http.StatusBadGateway, apiError.StatusCode, e.name)
			assert.Equal(t, "req-7", apiError.RequestID, e.name)
			assert.Equal(t, "An unknown error occurred.", apiError.Message, e.name)
			assert.ErrorContains(t, err, "502", e.name)
			assert.ErrorContains(t, err, "3 attempts", e.name)
			assert.EqualValues(t, 3, server.requests.Load(), "requests that the server got: "+e.name)
		}
	}
}

// go-retryablehttp sends a POST again: a password twice, and a second code to the shopper.
func TestConformanceALoginIsSentOnce(t *testing.T) {
	t.Parallel()
	for _, answer := range []step{
		reply(http.StatusServiceUnavailable, serverFell),
		reply(http.StatusTooManyRequests, serverFell, "Retry-After", "0"),
		breakingOff(http.StatusOK, granted),
	} {
		for _, login := range logins(loginSecret) {
			server := onSocket(t, always(answer))
			require.Error(t, login.call(t.Context(), clientTo(t, server, retries(2))), login.name)
			assert.EqualValues(t, 1, server.requests.Load(), "requests that the server got: "+login.name)
		}
	}
}

// go-retryablehttp reads 4 kB of an error's body before it retries, and so throws the connection of a longer one away.
func TestConformanceLongErrorBodiesCostNoConnection(t *testing.T) {
	t.Parallel()
	for _, size := range []int{4<<10 + 1, 20 << 10, 200 << 10} {
		for _, status := range []int{http.StatusServiceUnavailable, http.StatusNotFound} {
			server := onSocket(t, always(reply(status, strings.Repeat("x", size))))
			client := clientTo(t, server, retries(2))
			for _, e := range endpoints() {
				assert.Equal(t, status, requireAPIError(t, e.call(t.Context(), client)).StatusCode)
			}
			assertReused(t, server, len(endpoints()), "%d of %d bytes", status, size)
		}
	}
}

// go-querystring writes a time in whole seconds, which moves each bound.
func TestConformanceTimesKeepTheirFractions(t *testing.T) {
	t.Parallel()
	assert.Equal(t, url.Values{
		"created_at[$gte]": {"2026-01-03T12:30:15.123456Z"}, "created_at[$lt]": {"2026-01-03T12:30:15.123457Z"},
		"updated_at[$gt]": {"2026-01-03T12:30:15.123Z"}, "updated_at[$lte]": {"2026-01-03T00:00:00.000Z"},
	}, groupQuery(t, storeorders.OrderGroupListOptions{
		Fields:    []string{},
		CreatedAt: storeorders.TimeFilter{GTE: micro, LT: nano}, UpdatedAt: storeorders.TimeFilter{GT: milli, LTE: kathmandu},
	}))
	assert.Equal(t, url.Values{"from": {"2026-01-03T12:30:15.123Z"}, "to": {"2026-01-03T12:30:15.124Z"}},
		orderQuery(t, storeorders.OrderListOptions{From: micro, To: nano}))
}

// go-querystring does not ask the elements of a slice how they are written, even if they say so.
func TestConformanceEveryElementOfAListIsSentAsItIs(t *testing.T) {
	t.Parallel()
	odd := []string{"og_1", "a,b", "c&d=e", "f g+h%20", "ü[]"}
	assert.Equal(t, url.Values{"id": odd, "fields": {"id,+metadata,*orders.items"}},
		groupQuery(t, storeorders.OrderGroupListOptions{ID: odd, Fields: []string{"id", "+metadata", "*orders.items"}}))
	assert.Equal(t, url.Values{"status": {odd[2], "paid"}},
		orderQuery(t, storeorders.OrderListOptions{Status: []storeorders.OrderStatus{storeorders.OrderStatus(odd[2]), "paid"}}))
	for _, options := range []any{storeorders.OrderGroupListOptions{}, storeorders.OrderGroupGetOptions{}, storeorders.OrderListOptions{}} {
		for field := range reflect.TypeOf(options).Fields() {
			asked := field.Type.Kind() != reflect.Slice || !reflect.PointerTo(field.Type.Elem()).Implements(reflect.TypeFor[query.Encoder]())
			assert.True(t, asked, "the elements of %T.%s would not be asked", options, field.Name)
		}
	}
}

// go-querystring writes what is nil or empty as "p=", which a server may take for a filter.
func TestConformanceWhatIsNotSetIsNotSent(t *testing.T) {
	t.Parallel()
	assert.Empty(t, orderQuery(t, storeorders.OrderListOptions{}))
	assert.Empty(t, groupQuery(t, storeorders.OrderGroupListOptions{Fields: []string{}}))
	server := always(well)
	client := clientTo(t, onSocket(t, server))
	for _, e := range endpoints() { // with nil for options
		require.NoError(t, e.call(t.Context(), client), e.name)
	}
	_, err := client.OrderGroups.Get(t.Context(), "og_1", &storeorders.OrderGroupGetOptions{Fields: []string{}})
	require.NoError(t, err)
	for _, req := range server.sent() {
		values := req.URL.Query()
		assert.NotEqual(t, []string{""}, values["fields"], req.URL.Path)
		values.Del("fields")
		values.Del("limit") // All sends one of its own.
		assert.Empty(t, values, req.URL.Path)
	}
}

// httpmock gives a responder that was registered without a query any query: each page is page 1.
func TestConformanceHTTPMockRespondersHeedTheQuery(t *testing.T) {
	t.Parallel()
	const rows = 25
	server := newFake(t, rows, time.Time{})
	transport := httpmock.NewMockTransport()
	storeorderstest.RegisterResponders(transport, server)
	overSockets := walksOf(t.Context(), fakeClient(t, server), 10)
	for name, walk := range walksOf(t.Context(), fakeClient(t, server, storeorders.WithHTTPClient(&http.Client{Transport: transport})), 10) {
		want, err := storeorders.Collect(overSockets[name], 0)
		require.NoError(t, err, name)
		require.Len(t, distinct(want), rows)
		got, err := storeorders.Collect(walk, 0)
		require.NoError(t, err, name)
		assert.Equal(t, want, got, name)
	}
	assert.Equal(t, 4*3, transport.GetTotalCallCount())
}

// httpmock.Activate puts its mock in the place of http.DefaultTransport, for all tests that run at the time.
func TestConformanceHTTPMockOfOneTestIsNoneOfAnothers(t *testing.T) {
	t.Parallel()
	before := http.DefaultTransport
	for rows := range 8 {
		t.Run(strconv.Itoa(rows), func(t *testing.T) {
			t.Parallel()
			mocked, unmocked := newFake(t, rows, time.Time{}), newFake(t, rows+10, time.Time{})
			transport := httpmock.NewMockTransport()
			storeorderstest.RegisterResponders(transport, mocked)
			for range 5 {
				for client, want := range map[*storeorders.Client]int{
					fakeClient(t, mocked, storeorders.WithHTTPClient(&http.Client{Transport: transport})): rows,
					fakeClient(t, unmocked, storeorders.WithHTTPClient(&http.Client{})):                   rows + 10, // by the default transport
				} {
					groups, err := storeorders.Collect(client.OrderGroups.All(t.Context(), nil), 0)
					require.NoError(t, err)
					assert.Len(t, groups, want)
				}
			}
			assert.Same(t, before, http.DefaultTransport)
		})
	}
}

// net/http drops only Authorization on a redirect to another host, and nothing on one to another port or from https to http.
func TestConformanceRedirectOutOfTheOriginCarriesNoHeaderAtAll(t *testing.T) {
	t.Parallel()
	for _, c := range crossings() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			from, to, transport := c.open(t, func(req *http.Request) (*http.Response, error) {
				next := "/moved" + req.URL.RequestURI()
				if strings.HasPrefix(req.URL.Path, "/moved") { // The second redirect is the one out.
					next = c.to + req.URL.RequestURI()
				}
				return reply(http.StatusTemporaryRedirect, `{}`, "Location", next)(req)
			})
			client := clientAt(t, c.base, c.base, storeorders.WithHTTPClient(&http.Client{
				Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return nil }, // anywhere
			}))
			for op, err := range secretCalls(t.Context(), client) {
				assert.ErrorIs(t, err, storeorders.ErrRedirect, op)
			}
			assert.EqualValues(t, 8*2+6, from.requests.Load(), "requests that the server got")
			to.assertLeftAlone(t)
		})
	}
}

// net/http's *url.Error prints the whole URL, and the query with it.
func TestConformanceConnectionErrorsDoNotHoldTheQuery(t *testing.T) {
	t.Parallel()
	closed := newHost(t, nil)
	closed.Close()
	for name, server := range map[string]*host{
		"closed":      closed,
		"hangs up":    onSocket(t, always(broken(io.EOF))),
		"garbage":     newHost(t, func(w http.ResponseWriter, req *http.Request) { hangUpAfter(w, req.URL.String()+" is no HTTP") }),
		"no answer":   onSocket(t, always(silent)),
		"not trusted": newTLSHost(t, nil),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			timeout := time.Minute
			if name == "no answer" {
				timeout = 20 * time.Millisecond
			}
			for op, err := range secretCalls(t.Context(), clientTo(t, server, retries(1), storeorders.WithAttemptTimeout(timeout))) {
				require.Error(t, err, op)
				var urlError *url.Error
				assert.NotErrorAs(t, err, &urlError, op)
				assert.NotContains(t, err.Error(), "?", op)
				assertReachesNone(t, err, sentSecrets()...)
			}
		})
	}
}

// net/http's default transport keeps 2 idle connections to a host: 16 calls at a time open 14 anew each time.
func TestConformanceParallelCallsKeepTheirConnections(t *testing.T) {
	t.Parallel()
	const shoppers = 16
	for _, call := range []func(context.Context, *storeorders.Client, ...storeorders.RequestOption) error{listGroups, listOrders} {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute) // for calls that wait for each other in vain
		arrived, answer := make(chan struct{}, shoppers), make(chan struct{}, shoppers)
		server := newHost(t, func(w http.ResponseWriter, req *http.Request) {
			arrived <- struct{}{}
			select {
			case <-answer:
				writeJSON(w, http.StatusOK, goodBody(req.URL.Path))
			case <-req.Context().Done():
			}
		})
		client := clientTo(t, server, retries(0))
		for range 2 {
			var group sync.WaitGroup
			for range shoppers {
				group.Go(func() { assert.NoError(t, call(ctx, client)) })
			}
			for range shoppers {
				select {
				case <-arrived:
				case <-ctx.Done():
				}
			}
			for range shoppers {
				answer <- struct{}{}
			}
			group.Wait()
		}
		cancel()
		assert.EqualValues(t, 2*shoppers, server.requests.Load(), "requests that the server got")
		assert.Less(t, server.connections.Load(), int64(shoppers+(shoppers-2)/2)) // see assertReused
	}
}

// net/http gives up the connection of an answer whose body is not read to its end, be it white space after the JSON.
func TestConformanceBodiesAreReadToTheEnd(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("\n", 100<<10)
	for name, answer := range map[string]step{
		"white space after the JSON": func(req *http.Request) (*http.Response, error) {
			return reply(http.StatusOK, goodBody(req.URL.Path)+long)(req)
		},
		"something after the JSON": func(req *http.Request) (*http.Response, error) {
			return reply(http.StatusOK, goodBody(req.URL.Path)+"!"+long)(req)
		},
		"no JSON":              reply(http.StatusOK, "<html>"+long),
		"success:false":        reply(http.StatusOK, `{"success":false}`+long),
		"a redirect elsewhere": reply(http.StatusFound, long, "Location", "http://elsewhere.test/"),
		"a redirect": func(req *http.Request) (*http.Response, error) {
			if strings.HasPrefix(req.URL.Path, "/moved") {
				return well(req)
			}
			return reply(http.StatusFound, long, "Location", "/moved"+req.URL.Path)(req)
		},
	} {
		server := onSocket(t, always(answer))
		client := clientTo(t, server)
		for _, e := range endpoints() {
			_ = e.call(t.Context(), client)
		}
		assert.GreaterOrEqual(t, server.requests.Load(), int64(len(endpoints())), name)
		assertReused(t, server, len(endpoints()), name)
	}
}

// fmt does not call the methods of what is in an unexported field: a type that hides itself is printed raw there.
func TestConformanceAnUnexportedFieldPrintsNoCredential(t *testing.T) {
	t.Parallel()
	server := onSocket(t, always(func(req *http.Request) (*http.Response, error) {
		text, err := json.Marshal(map[string]string{"message": strings.Join(credentialsOf(req), " ")})
		assert.NoError(t, err)
		return reply(http.StatusForbidden, string(text))(req)
	}))
	client, source := clientTo(t, server), storeorders.StaticToken(defaultToken)
	values := []any{
		client, *client, client.OrderGroups, *client.OrderGroups, client.Orders, *client.Orders, source,
		struct{ source storeorders.TokenSource }{source},
		struct{ client storeorders.Client }{*client},
		struct{ options []storeorders.RequestOption }{mercurSecrets()},
		struct{ options []storeorders.RequestOption }{salesiveSecrets()},
		storeorders.WithMercur(storeorders.MercurConfig{BaseURL: server.URL, PublishableKey: defaultKey, Token: source}),
		storeorders.WithSalesive(storeorders.SalesiveConfig{BaseURL: server.URL, ShopID: defaultShop, Token: source}),
	}
	for op, err := range secretCalls(t.Context(), client) {
		require.ErrorIs(t, err, storeorders.ErrForbidden, op)
		apiError := *requireAPIError(t, err)
		require.Contains(t, apiError.Message, "[REDACTED]", op)
		values = append(values, err, apiError, struct{ err error }{err}, struct{ err storeorders.APIError }{apiError})
	}
	for _, v := range values {
		assertPrintsNone(t, v, sentSecrets()...) // It puts them into unexported fields, too.
	}
}

// encoding/json reads a number into a float64, which has no 1234567890123456.78 and no difference between 10.00 and 10.
func TestConformanceAmountsKeepTheirDigits(t *testing.T) {
	t.Parallel()
	for _, amount := range []storeorders.Decimal{"1234567890123456.78", "10.00", "0.30000000000000004", "12345678901234567890.123456789", "0", "-0.10", "1.50E+2"} {
		group := fmt.Sprintf(`{"id":"og_1","total":%s,"orders":[{"total":%[1]s,"items":[{"quantity":%[1]s,"unit_price":%[1]s}]}]}`, amount)
		order := fmt.Sprintf(`{"_id":"1","items":[{"price":%s,"quantity":%[1]s}],"subtotal":%[1]s,"total":%[1]s}`, amount)
		client := clientTo(t, onSocket(t, inTurn(
			reply(http.StatusOK, `{"order_groups":[`+group+`],"count":1,"offset":0,"limit":50}`),
			reply(http.StatusOK, `{"success":true,"data":{"orders":[`+order+`],"pagination":{"page":1,"limit":10,"total":1,"pages":1}}}`),
		)))
		groups, err := storeorders.Collect(client.OrderGroups.All(t.Context(), nil), 0)
		require.NoError(t, err)
		require.Len(t, groups, 1)
		orders, err := storeorders.Collect(client.Orders.All(t.Context(), nil), 0)
		require.NoError(t, err)
		require.Len(t, orders, 1)
		assert.Equal(t, amount, groups[0].Total)
		assert.Equal(t, amount, groups[0].Orders[0].Items[0].UnitPrice)
		assert.Equal(t, amount, orders[0].Total)
		assert.Equal(t, amount, orders[0].Items[0].Price)
		for want, v := range map[string]interface{ RawJSON() json.RawMessage }{group: groups[0], order: orders[0]} {
			assert.Equal(t, want, string(v.RawJSON()))
			written, err := json.Marshal(v)
			require.NoError(t, err)
			assert.Equal(t, want, string(written), "written again")
		}
	}
}

// Helpers.

// crossing is a redirect from one origin to another one.
type crossing struct{ name, base, to string }

func crossings() []crossing {
	return []crossing{
		{"another host", "http://shop.test", "http://elsewhere.test"},
		{"another host by https", "https://shop.test", "https://elsewhere.test"},
		{"a subdomain", "http://shop.test", "http://api.shop.test"},
		{"another port", "http://shop.test", "http://shop.test:8080"},
		{"another port by https", "https://shop.test", "https://shop.test:8443"},
		{"https to http", "https://shop.test", "http://shop.test"},
		{"https to http on its port", "https://shop.test:9000", "http://shop.test:9000"},
		{"http to https", "http://shop.test", "https://shop.test"},
	}
}

// open starts both origins, and makes a transport to which their names lead there.
func (c crossing) open(t *testing.T, answer step) (*host, *target, *http.Transport) {
	t.Helper()
	trusting := new(tls.Config)
	start := func(origin string, handler http.HandlerFunc) *host {
		if strings.HasPrefix(origin, "http:") {
			return newHost(t, handler)
		}
		server := newTLSHost(t, handler)
		transport, ok := server.Client().Transport.(*http.Transport)
		require.True(t, ok)
		trusting = transport.TLSClientConfig.Clone()
		trusting.ServerName = "example.com" // which the certificate is for
		return server
	}
	from := start(c.base, func(w http.ResponseWriter, req *http.Request) { serve(w, req, always(answer)) })
	to := new(target)
	to.host = start(c.to, func(w http.ResponseWriter, req *http.Request) {
		_, _ = fmt.Fprintln(&to.sent, req.URL, req.Header)
		writeJSON(w, http.StatusOK, goodBody(req.URL.Path))
	})
	lead := func(origin string) string {
		if origin == c.base || origin == c.base+":80" || origin == c.base+":443" {
			return from.Listener.Addr().String()
		}
		return to.Listener.Addr().String()
	}
	transport := &http.Transport{
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, lead("http://"+address))
		},
		DialTLSContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			return (&tls.Dialer{Config: trusting}).DialContext(ctx, network, lead("https://"+address))
		},
	}
	t.Cleanup(transport.CloseIdleConnections)
	// It can be reached, and would be noticed to be.
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, c.to+"/orders", http.NoBody)
	require.NoError(t, err)
	resp, err := transport.RoundTrip(req)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.EqualValues(t, 1, to.requests.Load(), "requests that the server got")
	return from, to, transport
}

// target is where a redirect leads. It answers well, and keeps what it was sent.
type target struct {
	*host

	sent lockedBuffer
}

func (o *target) assertLeftAlone(t *testing.T) {
	t.Helper()
	assert.Empty(t, secretsIn(o.sent.String(), allSecrets()...))
	assert.EqualValues(t, 1, o.requests.Load(), "requests, with the one of open")
}

// serve answers on a real server as a round tripper does, with its errors as a connection that ends.
func serve(w http.ResponseWriter, req *http.Request, transport http.RoundTripper) {
	_, _ = io.Copy(io.Discard, req.Body) // only then net/http notices that the client has gone
	resp, err := transport.RoundTrip(req)
	if err != nil {
		hangUpAfter(w, "")
		return
	}
	defer resp.Body.Close()
	maps.Copy(w.Header(), resp.Header)
	w.WriteHeader(resp.StatusCode)
	if _, err := io.Copy(w, resp.Body); err != nil {
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
}

// clientTo is clientAt for one host, with its connections closed at the end.
func clientTo(t *testing.T, server *host, opts ...storeorders.Option) *storeorders.Client {
	t.Helper()
	client := clientAt(t, server.URL, server.URL, opts...)
	t.Cleanup(client.CloseIdleConnections)
	return client
}

// onSocket is a host that answers as the round tripper does.
func onSocket(t *testing.T, transport http.RoundTripper) *host {
	t.Helper()
	return newHost(t, func(w http.ResponseWriter, req *http.Request) { serve(w, req, transport) })
}

// assertReused claims that a host's connection was used again, where it might have been lost that many times. It leaves
// room for some: net/http gives a connection up that is 50 ms late in saying that the request is written, as on a busy machine.
func assertReused(t *testing.T, server *host, times int, message ...any) {
	t.Helper()
	assert.Less(t, server.connections.Load(), int64(times/2), message...)
}

// groupQuery and orderQuery are the queries that a server gets for the options.
func groupQuery(t *testing.T, options storeorders.OrderGroupListOptions) url.Values {
	t.Helper()
	server := always(well)
	_, err := clientTo(t, onSocket(t, server)).OrderGroups.List(t.Context(), &options)
	require.NoError(t, err)
	return server.sent()[0].URL.Query()
}

func orderQuery(t *testing.T, options storeorders.OrderListOptions) url.Values {
	t.Helper()
	server := always(well)
	_, err := clientTo(t, onSocket(t, server)).Orders.List(t.Context(), &options)
	require.NoError(t, err)
	return server.sent()[0].URL.Query()
}

// walksOf are all walks of both APIs, order by order.
func walksOf(ctx context.Context, client *storeorders.Client, limit int) map[string]iter.Seq2[string, error] {
	walks := map[string]iter.Seq2[string, error]{}
	for _, a := range apisOf(client) {
		walks[a.name+" All"] = a.all(ctx, 0, limit)
		walks[a.name+" Pages"] = flat(a.pages(ctx, 0, limit))
	}
	return walks
}

// sentSecrets are what the requests of secretCalls carry, and what their client has besides.
func sentSecrets() []string {
	return slices.DeleteFunc(allSecrets(), func(secret string) bool { return secret == bodyWord || secret == grantedToken })
}

// credentialsOf are the credentials that a request carries.
func credentialsOf(req *http.Request) (credentials []string) {
	for _, name := range []string{"Authorization", "X-Publishable-Api-Key", "X-Shop-Id"} {
		credentials = append(credentials, req.Header.Values(name)...)
	}
	return credentials
}

// countingTransport counts what goes through it, and how often its idle connections are closed.
type countingTransport struct {
	*http.Transport

	requests, closed atomic.Int64
}

func (c *countingTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	c.requests.Add(1)
	return c.Transport.RoundTrip(req)
}

func (c *countingTransport) CloseIdleConnections() {
	c.closed.Add(1)
	c.Transport.CloseIdleConnections()
}

// newFake is the fake server with a shopper on each API who has that many orders, of that time unless it is zero.
func newFake(t *testing.T, rows int, created time.Time) *storeorderstest.Server {
	t.Helper()
	server := storeorderstest.NewServer()
	t.Cleanup(server.Close)
	customer, shopper := server.AddCustomer("Alice"), server.AddShopper("Ada")
	for range rows {
		server.AddOrderGroup(customer, storeorders.OrderGroup{CreatedAt: created})
		server.AddOrder(shopper, storeorders.Order{CreatedAt: created})
	}
	return server
}

// fakeClient is a client of the fake's first customer and first shopper.
func fakeClient(t *testing.T, server *storeorderstest.Server, opts ...storeorders.Option) *storeorders.Client {
	t.Helper()
	mercur, salesive := server.MercurConfig(), server.SalesiveConfig()
	mercur.Token = storeorders.StaticToken(server.Customers()[0].Token)
	salesive.Token = storeorders.StaticToken(server.Shoppers()[0].Token)
	client, err := storeorders.NewClient(slices.Concat([]storeorders.Option{storeorders.WithMercur(mercur), storeorders.WithSalesive(salesive)}, opts)...)
	require.NoError(t, err)
	return client
}
