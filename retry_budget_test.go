package storeorders_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-2861b391/storeorders"
)

// after is an answer that takes its time.
func after(d time.Duration, s step) step {
	return func(req *http.Request) (*http.Response, error) {
		if err := sleep(req.Context(), d); err != nil {
			return nil, err
		}
		return s(req)
	}
}

// load are goroutines that call again and again until the time is over, and what came of it after the first second.
type load struct {
	calls, requests atomic.Int64
}

func underLoad(t *testing.T, goroutines int, d time.Duration, answer step) *load {
	t.Helper()
	l := new(load)
	start := time.Now()
	warm := func() bool { return time.Since(start) >= time.Second }
	client := clientOf(t, transportFunc(func(req *http.Request) (*http.Response, error) {
		if warm() {
			l.requests.Add(1)
		}
		return answer(req)
	}))
	var wg sync.WaitGroup
	for range goroutines {
		wg.Go(func() {
			for time.Since(start) < d {
				if warm() {
					l.calls.Add(1)
				}
				assert.Error(t, listGroups(t.Context(), client))
			}
		})
	}
	wg.Wait()
	t.Logf("%d calls, %d requests after the first second", l.calls.Load(), l.requests.Load())
	return l
}

func TestAServerThatIsDownGetsHardlyMoreRequestsThanCalls(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]step{
		"unavailable":   reply(http.StatusServiceUnavailable, serverFell),
		"told to come":  reply(http.StatusServiceUnavailable, serverFell, "Retry-After", "1"),
		"no connection": broken(errors.New("connection refused")),
		"broken off":    breakingOff(http.StatusOK, oneGroupPage),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				l := underLoad(t, 100, 4*time.Second, after(50*time.Millisecond, answer))
				require.NotZero(t, l.calls.Load())
				assert.LessOrEqual(t, float64(l.requests.Load()), 1.1*float64(l.calls.Load()))
			})
		})
	}
}

// exhaust calls a server that is down until no retry is left.
func exhaust(t *testing.T, client *storeorders.Client) {
	t.Helper()
	for range 100 {
		if requireAPIError(t, listGroups(t.Context(), client)).Attempts == 1 {
			return
		}
	}
	require.Fail(t, "there is always a retry left")
}

// What fails now and then is retried however long it goes on.
func TestAServerThatFailsNowAndThenIsAlwaysRetried(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // the same in every run
		var mu sync.Mutex
		server := &stub{answer: func(_ int, req *http.Request) (*http.Response, error) {
			mu.Lock()
			defer mu.Unlock()
			if random.Float64() < 0.3 {
				return reply(http.StatusBadGateway, serverFell)(req)
			}
			return well(req)
		}}
		client := clientOf(t, server)
		lost := 0
		for range 2000 {
			if err := listGroups(t.Context(), client); err != nil {
				lost++
				assert.Equal(t, 4, requireAPIError(t, err).Attempts)
			}
		}
		assert.NotZero(t, lost)
		assert.Greater(t, len(server.sent()), 2600)
	})
}

func TestAServerThatIsBackIsRetriedAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		answer := reply(http.StatusServiceUnavailable, serverFell)
		client := clientOf(t, transportFunc(func(req *http.Request) (*http.Response, error) { return answer(req) }))
		attempts := func() int { return requireAPIError(t, listGroups(t.Context(), client)).Attempts }
		exhaust(t, client)
		answer = well
		for range 3 { // one for a retry
			require.NoError(t, listGroups(t.Context(), client))
		}
		answer = reply(http.StatusServiceUnavailable, serverFell)
		assert.Equal(t, 4, attempts())
		assert.Equal(t, 1, attempts())

		// An answer that is no success is one, too.
		answer = reply(http.StatusNotFound, groupNotFound)
		for range 3 {
			require.ErrorIs(t, listGroups(t.Context(), client), storeorders.ErrNotFound)
		}
		answer = reply(http.StatusServiceUnavailable, serverFell)
		assert.Equal(t, 4, attempts())
	})
}

func TestAnAPIThatIsDownTakesNoRetriesFromTheOther(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client := clientOf(t, always(reply(http.StatusServiceUnavailable, serverFell)))
		exhaust(t, client)
		assert.Equal(t, 4, requireAPIError(t, listOrders(t.Context(), client)).Attempts)
	})
}

// A 429 is about one shopper.
func TestARateLimitedShopperTakesNothingFromTheOthers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var others atomic.Int64
		client := clientOf(t, transportFunc(func(req *http.Request) (*http.Response, error) {
			switch {
			case req.Header.Get("Authorization") == "Bearer greedy":
				return reply(http.StatusTooManyRequests, `{"message":"slow down"}`, "Retry-After", "7")(req)
			case others.Add(1)%2 == 1:
				return reply(http.StatusServiceUnavailable, serverFell)(req)
			default:
				return well(req)
			}
		}), storeorders.WithRetry(storeorders.RetryPolicy{MaxRetries: 3, MaxRetryAfter: 30 * time.Second}))

		var wg sync.WaitGroup
		defer wg.Wait() // they would outlive a test that fails below
		for range 200 { // six hundred retries
			wg.Go(func() {
				start := time.Now()
				err := listGroups(t.Context(), client, storeorders.WithToken("greedy"))
				assert.ErrorIs(t, err, storeorders.ErrRateLimited)
				assert.Equal(t, 21*time.Second, time.Since(start))
			})
		}
		require.NoError(t, sleep(t.Context(), time.Second))
		for i := range 50 {
			start := time.Now()
			require.NoError(t, listGroups(t.Context(), client, storeorders.WithToken("modest-"+strconv.Itoa(i))))
			assert.Zero(t, time.Since(start), "it waits for nobody else")
		}
		wg.Wait()
		require.NoError(t, listGroups(t.Context(), client, storeorders.WithToken("modest")))
	})
}

// An order that always fails is asked for again and again by somebody, beside calls that do well.
func TestABrokenOrderDoesNotTakeTheRetriesOfOthers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hiccup := false
		client := clientOf(t, transportFunc(func(req *http.Request) (*http.Response, error) {
			switch {
			case strings.HasSuffix(req.URL.Path, "/og_bad"):
				return reply(http.StatusInternalServerError, serverFell)(req)
			case hiccup:
				hiccup = false
				return reply(http.StatusServiceUnavailable, serverFell)(req)
			default:
				return well(req)
			}
		}))
		for i := range 2000 {
			if i%10 == 0 {
				_, err := client.OrderGroups.Get(t.Context(), "og_bad", nil)
				require.Error(t, err)
			}
			hiccup = i%100 == 99
			require.NoError(t, listGroups(t.Context(), client))
		}
	})
}

// Who leaves while a retry waits has not made it.
func TestARetryThatIsNotMadeCostsNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := always(reply(http.StatusServiceUnavailable, serverFell, "Retry-After", "5"))
		client := clientOf(t, server)
		for range 200 {
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(time.Second, cancel)
			require.ErrorIs(t, listGroups(ctx, client), context.Canceled)
		}
		assertSent(t, server, 200)
		assert.Equal(t, 4, requireAPIError(t, listGroups(t.Context(), client)).Attempts)
	})
}

// A hundred retries are what a server that is down costs, and no more, a 401 before it or not.
func TestThereAreAHundredRetries(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		refused := 0
		server := &stub{answer: func(_ int, req *http.Request) (*http.Response, error) {
			if req.Header.Get("Authorization") == "Bearer token-0" {
				refused++
				if refused == 2 { // the first attempt of that call was retried
					return reply(http.StatusUnauthorized, notAuthorized)(req)
				}
			}
			return reply(http.StatusServiceUnavailable, serverFell)(req)
		}}
		client := clientOf(t, server, storeorders.WithRetry(storeorders.RetryPolicy{MaxRetries: 3}))
		source := &onceRefused{}
		require.Error(t, listGroups(t.Context(), client, storeorders.WithTokenSource(source)))
		calls := 1
		for range 200 {
			require.Error(t, listGroups(t.Context(), client))
			calls++
		}
		// One more is the retry that the 401 answered, and one the call's second round.
		assertSent(t, server, calls+100+2)
	})
}

// What a call that was answered gives back: its retries, or room for one if it needed none.
func TestAnAnswerGivesBackWhatItTook(t *testing.T) {
	t.Parallel()
	bad, refused := reply(http.StatusServiceUnavailable, serverFell), reply(http.StatusUnauthorized, notAuthorized)
	for name, test := range map[string]struct {
		lost    int // by threes
		answers []step
		left    int
	}{
		"no retry":                      {99, []step{well}, 2},
		"a retry that helped":           {99, []step{bad, well}, 1},
		"retries before and after 401s": {96, []step{bad, bad, refused, bad, well}, 4},
		"none after a 401":              {96, []step{bad, bad, refused, well}, 5},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				answers := slices.Concat(slices.Repeat([]step{bad}, test.lost/3*4), test.answers)
				server := &stub{answer: func(n int, req *http.Request) (*http.Response, error) {
					if n < len(answers) {
						return answers[n](req)
					}
					return bad(req)
				}}
				client := clientOf(t, server)
				for range test.lost / 3 {
					require.Error(t, listGroups(t.Context(), client))
				}
				require.NoError(t, listGroups(t.Context(), client, storeorders.WithTokenSource(&onceRefused{})))
				before := len(server.sent())
				for range 3 {
					require.Error(t, listGroups(t.Context(), client))
				}
				assert.Equal(t, 3+test.left, len(server.sent())-before)
			})
		})
	}
}

// onceRefused has token-0 until it is refused.
type onceRefused struct{ refused bool }

func (s *onceRefused) Token(context.Context) (string, error) {
	if s.refused {
		return "token-1", nil
	}
	return "token-0", nil
}

func (s *onceRefused) Invalidate(string) { s.refused = true }

func TestTheLogTellsWhyThereIsNoRetry(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var last string
		client := clientOf(t, always(reply(http.StatusServiceUnavailable, serverFell)), storeorders.WithLogger(onRecord(func(message string) {
			last = message
		})))
		exhaust(t, client)
		assert.True(t, strings.HasPrefix(last, "storeorders: no retry"), last)
	})
}

func TestTheErrorTellsWhyThereIsNoRetry(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		answer := reply(http.StatusServiceUnavailable, serverFell)
		client := clientOf(t, transportFunc(func(req *http.Request) (*http.Response, error) { return answer(req) }))
		exhaust(t, client)
		const why = "(1 attempt; not retried: too many retries were lost)"
		assert.ErrorContains(t, listGroups(t.Context(), client), why)
		answer = broken(errors.New("connection refused"))
		assert.EqualError(t, listGroups(t.Context(), client), "storeorders: OrderGroups.List: GET /store/order-groups: connection refused "+why)

		answer = well // a call that is answered makes room for one
		require.NoError(t, listGroups(t.Context(), client))
		answer = broken(errors.New("connection refused"))
		assert.ErrorContains(t, listGroups(t.Context(), client), "(2 attempts; not retried: too many retries were lost)")
	})
}
