package storeorders_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-2861b391/storeorders"
)

func TestAClientNeedsAnAPI(t *testing.T) {
	t.Parallel()
	client, err := storeorders.NewClient(storeorders.WithUserAgent("shop-export/2.1"))
	assertRefused(t, "NewClient", err)
	assert.Nil(t, client)
}

func TestMakingAClientSendsNothing(t *testing.T) {
	t.Parallel()
	server := always(well)
	clientOf(t, server)
	assert.Empty(t, server.sent())
}

func TestAServiceThatWasNotConfiguredSendsNothing(t *testing.T) {
	t.Parallel()
	for _, e := range endpoints() {
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			server := always(well)
			other := storeorders.WithMercur(storeorders.MercurConfig{BaseURL: mercurURL, PublishableKey: defaultKey})
			if e.mercur {
				other = storeorders.WithSalesive(storeorders.SalesiveConfig{})
			}
			client, err := storeorders.NewClient(other, storeorders.WithHTTPClient(&http.Client{Transport: server}))
			require.NoError(t, err)
			assert.ErrorIs(t, e.call(t.Context(), client, storeorders.WithToken("token")), storeorders.ErrNotConfigured)
			assert.Empty(t, server.sent())
		})
	}
}

func TestRequestsGoBelowTheBaseURL(t *testing.T) {
	t.Parallel()
	for base, want := range map[string]string{
		"https://market.example.com":            "https://market.example.com",
		"https://market.example.com/":           "https://market.example.com",
		"https://market.example.com///":         "https://market.example.com",
		"https://market.example.com/backend":    "https://market.example.com/backend",
		"https://market.example.com/backend/v2": "https://market.example.com/backend/v2",
		"https://market.example.com/backend/":   "https://market.example.com/backend",
		"https://market.example.com/a%2Fb/":     "https://market.example.com/a%2Fb",
		"http://127.0.0.1:9000":                 "http://127.0.0.1:9000",
		"http://[::1]:9000/x":                   "http://[::1]:9000/x",
		"HTTPS://market.example.com":            "https://market.example.com",
	} {
		t.Run(base, func(t *testing.T) {
			t.Parallel()
			for _, e := range endpoints() {
				server := always(well)
				client := clientAt(t, base, base, storeorders.WithHTTPClient(&http.Client{Transport: server}))
				require.NoError(t, e.call(t.Context(), client))
				require.Len(t, server.sent(), 1)
				u := *server.sent()[0].URL
				u.RawQuery = ""
				assert.Equal(t, want+e.path, u.String())
			}
		})
	}
}

func TestSalesiveIsTheHostedOneUnlessToldOtherwise(t *testing.T) {
	t.Parallel()
	server := always(well)
	client, err := storeorders.NewClient(
		storeorders.WithSalesive(storeorders.SalesiveConfig{Token: storeorders.StaticToken("token")}),
		storeorders.WithHTTPClient(&http.Client{Transport: server}),
	)
	require.NoError(t, err)
	require.NoError(t, listOrders(t.Context(), client))
	require.Len(t, server.sent(), 1)
	assert.Equal(t, storeorders.DefaultSalesiveURL+"/orders", server.sent()[0].URL.String())
}

func TestEveryRequestIsAGETForJSON(t *testing.T) {
	t.Parallel()
	for _, e := range endpoints() {
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			server := always(well)
			require.NoError(t, e.call(t.Context(), clientOf(t, server)))
			require.Len(t, server.sent(), 1)
			req := server.sent()[0]
			assert.Equal(t, http.MethodGet, req.Method)
			assert.Equal(t, jsonContentType, req.Header.Get("Accept"))
			assert.Zero(t, req.ContentLength)
		})
	}
}

func TestTheCallersHTTPClientIsNotChanged(t *testing.T) {
	t.Parallel()
	server := inTurn(
		reply(http.StatusServiceUnavailable, serverFell),
		reply(http.StatusFound, "", "Location", mercurURL+"/elsewhere"),
		well,
	)
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	policy := func(*http.Request, []*http.Request) error { return nil }
	caller := &http.Client{Transport: server, Jar: jar, CheckRedirect: policy, Timeout: time.Minute}
	client := clientAt(t, mercurURL, salesiveURL,
		storeorders.WithHTTPClient(caller), retries(1),
		storeorders.WithMiddleware(func(next http.RoundTripper) http.RoundTripper { return next }),
	)
	_ = listGroups(t.Context(), client)
	client.CloseIdleConnections()
	require.Len(t, server.sent(), 3)
	assert.Same(t, server, caller.Transport)
	assert.Same(t, jar, caller.Jar)
	assert.NotNil(t, caller.CheckRedirect)
	assert.Equal(t, time.Minute, caller.Timeout)
}

func TestWhatTheCallerDoesToItsHTTPClientLaterIsNotNoticed(t *testing.T) {
	t.Parallel()
	transport := &idleCounter{stub: always(well)}
	caller := &http.Client{Transport: transport}
	client := clientAt(t, mercurURL, salesiveURL, storeorders.WithHTTPClient(caller))
	caller.Transport = always(broken(errors.New("this is another transport")))
	assert.NoError(t, listGroups(t.Context(), client))
	assert.Len(t, transport.sent(), 1)
	client.CloseIdleConnections()
	assert.Equal(t, 1, transport.closed)
}

func TestTheCallersCookieJarIsNotUsed(t *testing.T) {
	t.Parallel()
	server := always(reply(http.StatusOK, oneGroupPage, "Set-Cookie", "connect.sid=from-server; Path=/"))
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	u, err := url.Parse(mercurURL)
	require.NoError(t, err)
	cookie, err := http.ParseSetCookie("connect.sid=of-the-caller; Path=/")
	require.NoError(t, err)
	jar.SetCookies(u, []*http.Cookie{cookie})
	client := clientAt(t, mercurURL, salesiveURL, storeorders.WithHTTPClient(&http.Client{Transport: server, Jar: jar}))
	require.NoError(t, listGroups(t.Context(), client))
	require.NoError(t, listGroups(t.Context(), client))
	assert.Equal(t, []string{"", ""}, server.headers("Cookie"))
	require.Len(t, jar.Cookies(u), 1)
	assert.Equal(t, "of-the-caller", jar.Cookies(u)[0].Value)
}

func TestTheCallersRedirectPolicyIsNotUsed(t *testing.T) {
	t.Parallel()
	server := inTurn(reply(http.StatusFound, "", "Location", "/moved"), reply(http.StatusOK, oneGroupPage))
	client := clientAt(t, mercurURL, salesiveURL, storeorders.WithHTTPClient(&http.Client{
		Transport:     server,
		CheckRedirect: func(*http.Request, []*http.Request) error { return errors.New("the caller's policy was asked") },
	}))
	assert.NoError(t, listGroups(t.Context(), client))
}

func TestTheCallersTimeoutHoldsPerAttempt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := always(silent)
		client := clientAt(t, mercurURL, salesiveURL, retries(2),
			storeorders.WithHTTPClient(&http.Client{Transport: server, Timeout: 7 * time.Second}))
		err := listGroups(t.Context(), client)
		assert.Len(t, server.sent(), 3)
		assert.Equal(t, []time.Duration{7 * time.Second, 7 * time.Second}, server.waits())
		assert.ErrorIs(t, err, context.DeadlineExceeded)
		var timeout interface{ Timeout() bool }
		if assert.ErrorAs(t, err, &timeout) {
			assert.True(t, timeout.Timeout())
		}
	})
}

// An attempt begins when its request is sent. A limiter of one request a minute is no reason to time out.
func TestTheCallersTimeoutDoesNotCountWhatComesBeforeTheRequest(t *testing.T) {
	t.Parallel()
	const long = time.Minute
	for name, test := range map[string]struct {
		client storeorders.Option
		call   storeorders.RequestOption
	}{
		"the rate limiter": {
			storeorders.WithRateLimiter(limiterFunc(func(ctx context.Context) error { return sleep(ctx, long) })),
			storeorders.WithToken("token"),
		},
		"the token source": {
			retries(0),
			storeorders.WithTokenSource(storeorders.TokenSourceFunc(func(ctx context.Context) (string, error) {
				return "token", sleep(ctx, long)
			})),
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := always(well)
				client := clientAt(t, mercurURL, salesiveURL, test.client,
					storeorders.WithHTTPClient(&http.Client{Transport: server, Timeout: 7 * time.Second}))
				assert.NoError(t, listGroups(t.Context(), client, test.call))
				assert.Len(t, server.sent(), 1)
			})
		})
	}
}

func TestAnHTTPClientWithoutATransportUsesTheDefaultOne(t *testing.T) {
	t.Parallel()
	server := newHost(t, func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, http.StatusOK, oneGroupPage) })
	client := clientAt(t, server.URL, server.URL, storeorders.WithHTTPClient(&http.Client{}))
	defer client.CloseIdleConnections()
	assert.NoError(t, listGroups(t.Context(), client))
}

func TestTheClientOfItsOwnKeepsMoreThanTwoIdleConnections(t *testing.T) {
	t.Parallel()
	const shoppers = 8
	var together sync.WaitGroup
	server := newHost(t, func(w http.ResponseWriter, r *http.Request) {
		// Wait for the others, so that each needs a connection.
		together.Done()
		all := make(chan struct{})
		go func() { together.Wait(); close(all) }()
		select {
		case <-all:
			writeJSON(w, http.StatusOK, oneGroupPage)
		case <-r.Context().Done():
		}
	})
	client := clientAt(t, server.URL, server.URL)
	defer client.CloseIdleConnections()
	for range 2 {
		together.Add(shoppers)
		errs := make(chan error, shoppers)
		for range shoppers {
			go func() { errs <- listGroups(t.Context(), client) }()
		}
		for range shoppers {
			require.NoError(t, <-errs)
		}
	}
	assert.EqualValues(t, 2*shoppers, server.requests.Load())
	// The first round opens one for each; of those of the second at most half may be lost.
	assertReused(t, server, 3*shoppers)
}

// It is not parallel: net/http reads these variables once in a process, and the parallel tests come after it.
func TestTheEnvironmentIsNotRead(t *testing.T) {
	server := newHost(t, func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, http.StatusOK, oneGroupPage) })
	proxy := newHost(t, func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, http.StatusBadGateway, serverFell) })
	for _, name := range []string{"HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY"} {
		t.Setenv(name, proxy.URL)
	}
	t.Setenv("NO_PROXY", "")
	t.Setenv("no_proxy", "")
	// No proxy is ever used for the loopback address, but for this one that leads there too.
	url := strings.Replace(server.URL, "127.0.0.1", "0.0.0.0", 1)
	client := clientAt(t, url, url, retries(0))
	defer client.CloseIdleConnections()
	_ = listGroups(t.Context(), client)
	assert.Zero(t, proxy.requests.Load())
}

func TestCloseIdleConnections(t *testing.T) {
	t.Parallel()
	server := newHost(t, func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, http.StatusOK, oneGroupPage) })
	client := clientAt(t, server.URL, server.URL)
	require.NoError(t, listGroups(t.Context(), client))
	client.CloseIdleConnections()
	require.NoError(t, listGroups(t.Context(), client))
	client.CloseIdleConnections()
	assert.EqualValues(t, 2, server.connections.Load())
}

func TestMiddlewareRunsOncePerAttemptTheFirstOutermost(t *testing.T) {
	t.Parallel()
	var order []string
	named := func(name string) func(http.RoundTripper) http.RoundTripper {
		return func(next http.RoundTripper) http.RoundTripper {
			return transportFunc(func(req *http.Request) (*http.Response, error) {
				order = append(order, name)
				return next.RoundTrip(req)
			})
		}
	}
	server := inTurn(reply(http.StatusServiceUnavailable, serverFell), well)
	client := clientOf(t, server, retries(1),
		storeorders.WithMiddleware(named("1"), named("2")), storeorders.WithMiddleware(named("3")))
	require.NoError(t, listGroups(t.Context(), client))
	assert.Equal(t, []string{"1", "2", "3", "1", "2", "3"}, order)
}

func TestMiddlewareSeesTheRequestAsItIsSent(t *testing.T) {
	t.Parallel()
	var seen http.Header
	client := clientOf(t, always(well), storeorders.WithMiddleware(func(next http.RoundTripper) http.RoundTripper {
		return transportFunc(func(req *http.Request) (*http.Response, error) {
			seen = req.Header.Clone()
			return next.RoundTrip(req)
		})
	}))
	require.NoError(t, listGroups(t.Context(), client, storeorders.WithHeader("X-Request-Id", "req-7")))
	assert.Equal(t, "Bearer "+defaultToken, seen.Get("Authorization"))
	assert.Equal(t, defaultKey, seen.Get("X-Publishable-Api-Key"))
	assert.Equal(t, "req-7", seen.Get("X-Request-Id"))
}

func TestWhatAMiddlewareDoesToARequestEndsWithTheAttempt(t *testing.T) {
	t.Parallel()
	server := inTurn(reply(http.StatusServiceUnavailable, serverFell), well)
	client := clientOf(t, server, retries(1), storeorders.WithMiddleware(func(next http.RoundTripper) http.RoundTripper {
		return transportFunc(func(req *http.Request) (*http.Response, error) {
			req.Header.Add("X-Trace", "a")
			req.Header["X-Own"][0] += "+"
			return next.RoundTrip(req)
		})
	}))
	require.NoError(t, listGroups(t.Context(), client, storeorders.WithHeader("X-Own", "b")))
	var traces []int
	for _, req := range server.sent() {
		traces = append(traces, len(req.Header.Values("X-Trace")))
	}
	assert.Equal(t, []int{1, 1}, traces)
	assert.Equal(t, []string{"b+", "b+"}, server.headers("X-Own"))
}

func TestUserAgent(t *testing.T) {
	t.Parallel()
	server := always(well)
	require.NoError(t, listGroups(t.Context(), clientOf(t, server)))
	require.NoError(t, listGroups(t.Context(), clientOf(t, server, storeorders.WithUserAgent("shop-export/2.1"))))
	agents := server.headers("User-Agent")
	require.Len(t, agents, 2)
	assert.Regexp(t, `^storeorders-go/\d+\.\d+\.\d+$`, agents[0])
	assert.Equal(t, "shop-export/2.1 "+agents[0], agents[1])
}

// A round tripper of the caller's, such as a mock, may leave out what net/http's own transport never does.
func TestSloppyRoundTrippersDoNotPanic(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		answer step
		status int
	}{
		"no body and no header": {
			func(*http.Request) (*http.Response, error) {
				return &http.Response{StatusCode: http.StatusNotFound}, nil
			},
			http.StatusNotFound,
		},
		"no answer and no error": {
			func(*http.Request) (*http.Response, error) { return nil, nil }, //nolint:nilnil // this is the point
			0,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := clientOf(t, always(test.answer), retries(0))
			var err error
			require.NotPanics(t, func() { err = listGroups(t.Context(), client) })
			require.Error(t, err)
			if test.status != 0 {
				assert.Equal(t, test.status, requireAPIError(t, err).StatusCode)
			}
		})
	}
}

func TestEveryBodyIsClosed(t *testing.T) {
	t.Parallel()
	for name, steps := range map[string][]step{
		"success":        {well},
		"error":          {reply(http.StatusNotFound, groupNotFound)},
		"retried":        {reply(http.StatusServiceUnavailable, serverFell), well},
		"broken off":     {breakingOff(http.StatusOK, `{"order_`), well},
		"redirected":     {reply(http.StatusFound, "see there", "Location", "/moved"), reply(http.StatusOK, oneGroupPage)},
		"redirected off": {reply(http.StatusFound, "see there", "Location", "http://elsewhere.test/")},
		"too large":      {reply(http.StatusOK, strings.Repeat(" ", 1<<20))},
		"no JSON":        {reply(http.StatusOK, "<html>")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			opened, closed := 0, 0
			server := inTurn(steps...)
			client := clientOf(t, transportFunc(func(req *http.Request) (*http.Response, error) {
				resp, err := server.RoundTrip(req)
				if err == nil {
					opened++
					resp.Body = &closeCounter{resp.Body, &closed}
				}
				return resp, err
			}), retries(1), storeorders.WithMaxResponseBytes(64<<10))
			_ = listGroups(t.Context(), client)
			assert.Equal(t, len(steps), opened)
			assert.GreaterOrEqual(t, closed, opened)
		})
	}
}

func TestRedirectsWithinTheOriginAreFollowedWithTheCredentials(t *testing.T) {
	t.Parallel()
	var server *host
	server = newHost(t, func(w http.ResponseWriter, req *http.Request) {
		switch req.URL.Path {
		case "/store/order-groups":
			http.Redirect(w, req, "/relative?hop=1", http.StatusMovedPermanently)
		case "/relative":
			http.Redirect(w, req, server.URL+"/absolute", http.StatusTemporaryRedirect)
		case "/absolute":
			http.Redirect(w, req, strings.TrimPrefix(server.URL, "http:")+"/last", http.StatusFound) // protocol-relative
		default:
			if req.Header.Get("Authorization") != "Bearer "+defaultToken || req.Header.Get("X-Publishable-Api-Key") != defaultKey ||
				req.Header.Get("X-Own") != "1" || req.Method != http.MethodGet {
				writeJSON(w, http.StatusUnauthorized, notAuthorized)
				return
			}
			writeJSON(w, http.StatusOK, oneGroupPage)
		}
	})
	client := clientAt(t, server.URL, server.URL)
	defer client.CloseIdleConnections()
	page, err := client.OrderGroups.List(t.Context(), nil, storeorders.WithHeader("X-Own", "1"))
	require.NoError(t, err)
	assert.Len(t, page.Items, 1)
	assert.Equal(t, 1, page.Response.Attempts)
	assert.EqualValues(t, 4, server.requests.Load())
}

func TestRedirectsOutOfTheOriginSendNothingThere(t *testing.T) {
	t.Parallel()
	elsewhere := newHost(t, func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, http.StatusOK, oneGroupPage) })
	elsewhereTLS := newTLSHost(t, func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, http.StatusOK, oneGroupPage) })
	otherPort := elsewhere.Listener.Addr().String()

	for name, location := range map[string]func(base *url.URL) string{
		"another port":                          func(*url.URL) string { return elsewhere.URL + "/store/order-groups" },
		"another port, protocol-relative":       func(*url.URL) string { return "//" + otherPort + "/store/order-groups" },
		"another port, in a host with capitals": func(*url.URL) string { return "HTTP://" + otherPort + "/store/order-groups" },
		"another host name":                     func(base *url.URL) string { return base.Scheme + "://localhost:" + base.Port() + "/moved" },
		"a user and password":                   func(base *url.URL) string { return base.Scheme + "://user:word@" + base.Host + "/moved" },
		"a user that looks like the host":       func(base *url.URL) string { return base.Scheme + "://" + base.Host + "@" + otherPort + "/moved" },
		"a backslash before the other host":     func(base *url.URL) string { return base.Scheme + "://" + otherPort + `\@` + base.Host + "/moved" },
		"https":                                 func(*url.URL) string { return elsewhereTLS.URL + "/moved" },
		"the other scheme, the same host": func(base *url.URL) string {
			return map[string]string{"http": "https", "https": "http"}[base.Scheme] + "://" + base.Host + "/moved"
		},
		"the port of the scheme":              func(base *url.URL) string { return base.Scheme + "://" + base.Hostname() + "/moved" },
		"a scheme that is none":               func(*url.URL) string { return "gopher://" + otherPort + "/" },
		"no host":                             func(base *url.URL) string { return base.Scheme + ":///moved" },
		"an opaque URL":                       func(base *url.URL) string { return base.Scheme + ":" + otherPort + "/moved" },
		"no URL at all":                       func(*url.URL) string { return "http://[::1" },
		"a percent sign that escapes nothing": func(*url.URL) string { return "%zz" },
		"nothing":                             func(*url.URL) string { return "" },
	} {
		for _, status := range []int{301, 302, 303, 307, 308} {
			for _, scheme := range []string{"http", "https"} {
				t.Run(fmt.Sprintf("%s/%d/%s", name, status, scheme), func(t *testing.T) {
					t.Parallel()
					var base *url.URL
					handler := func(w http.ResponseWriter, req *http.Request) {
						if to := location(base); to != "" {
							w.Header().Set("Location", to)
						}
						writeJSON(w, status, `{"path":"`+req.URL.Path+`"}`)
					}
					start := newHost
					if scheme == "https" {
						start = newTLSHost
					}
					server := start(t, handler)
					var err error
					base, err = url.Parse(server.URL)
					require.NoError(t, err)
					client := clientAt(t, server.URL, server.URL, storeorders.WithHTTPClient(server.Client()))
					defer client.CloseIdleConnections()

					apiError := requireAPIError(t, listGroups(t.Context(), client))
					assert.ErrorIs(t, apiError, storeorders.ErrRedirect)
					assert.Equal(t, status, apiError.StatusCode)
					assert.JSONEq(t, `{"path":"/store/order-groups"}`, string(apiError.Body))
					assert.Equal(t, 1, apiError.Attempts)
					assert.EqualValues(t, 1, server.requests.Load())
					assert.Zero(t, elsewhere.connections.Load())
					assert.Zero(t, elsewhereTLS.connections.Load())
					assert.NotContains(t, apiError.Error(), "word")
				})
			}
		}
	}
}

func TestOriginsAreComparedWithTheirPorts(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		base, location string
		followed       bool
	}{
		{"http://mercur.test", "http://mercur.test:80/moved", true},
		{"http://mercur.test:80", "http://mercur.test/moved", true},
		{"https://mercur.test", "https://mercur.test:443/moved", true},
		{"https://mercur.test", "https://MERCUR.test/moved", true},
		{"https://mercur.test/backend", "/moved", true},
		{"https://mercur.test", "http://mercur.test/moved", false},
		{"http://mercur.test", "https://mercur.test/moved", false},
		{"https://mercur.test", "http://mercur.test:443/moved", false},
		{"https://mercur.test", "https://mercur.test:80/moved", false},
		{"https://mercur.test", "https://mercur.test./moved", false},
		{"https://mercur.test", "https://www.mercur.test/moved", false},
		{"https://mercur.test", "https://mercur.test.evil.test/moved", false},
		{"https://mercur.test", "//evil.test/moved", false},
		{"https://mercur.test", `/\evil.test/moved`, true}, // a path, as net/url reads it
	} {
		t.Run(test.base+" to "+test.location, func(t *testing.T) {
			t.Parallel()
			server := inTurn(reply(http.StatusFound, "", "Location", test.location), reply(http.StatusOK, oneGroupPage))
			client := clientAt(t, test.base, test.base, storeorders.WithHTTPClient(&http.Client{Transport: server}))
			err := listGroups(t.Context(), client)
			if test.followed {
				require.NoError(t, err)
				require.Len(t, server.sent(), 2)
				assert.Equal(t, "Bearer "+defaultToken, server.headers("Authorization")[1])
				to, err := url.Parse(test.base)
				require.NoError(t, err)
				assert.Equal(t, strings.ToLower(to.Hostname()), strings.ToLower(server.sent()[1].URL.Hostname()))
				return
			}
			assert.ErrorIs(t, err, storeorders.ErrRedirect)
			assert.Len(t, server.sent(), 1)
		})
	}
}

func TestAFollowedRedirectDoesNotOpenTheWayOut(t *testing.T) {
	t.Parallel()
	server := inTurn(
		reply(http.StatusFound, "", "Location", "/step"),
		reply(http.StatusFound, "", "Location", "http://evil.test/step"),
	)
	err := listGroups(t.Context(), clientOf(t, server))
	assert.ErrorIs(t, err, storeorders.ErrRedirect)
	assert.Len(t, server.sent(), 2)
}

func TestAChainOfRedirectsEnds(t *testing.T) {
	t.Parallel()
	server := newHost(t, func(w http.ResponseWriter, req *http.Request) {
		var n int
		_, _ = fmt.Sscanf(req.URL.Path, "/hop/%d", &n)
		http.Redirect(w, req, fmt.Sprintf("/hop/%d", n+1), http.StatusFound)
	})
	client := clientAt(t, server.URL, server.URL)
	defer client.CloseIdleConnections()
	err := listGroups(t.Context(), client)
	assert.ErrorIs(t, err, storeorders.ErrRedirect)
	assert.Equal(t, http.StatusFound, requireAPIError(t, err).StatusCode)
	assert.LessOrEqual(t, server.requests.Load(), int64(12))
}

// The target of a redirect may carry a secret of its own.
func TestARedirectsErrorNamesTheOriginOnly(t *testing.T) {
	t.Parallel()
	server := always(reply(http.StatusFound, "", "Location", "https://user:word@login.test/path-of-it?ticket=s3cret#part"))
	text := listGroups(t.Context(), clientOf(t, server)).Error()
	assert.Contains(t, text, "https://login.test")
	for _, secret := range []string{"word", "path-of-it", "s3cret", "part"} {
		assert.NotContains(t, text, secret)
	}
}

func TestANilContextIsRefused(t *testing.T) {
	t.Parallel()
	for _, e := range endpoints() {
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			server := always(well)
			client := clientOf(t, server)
			var err error
			require.NotPanics(t, func() { err = e.call(nil, client) })
			assertRefused(t, "ctx", err)
			assert.Empty(t, server.sent())
		})
	}
}

// net/http sends the URL that a redirect came from, with its query, in a
// Referer; a shop may be told by it.
func TestARedirectSendsNoReferer(t *testing.T) {
	t.Parallel()
	server := inTurn(reply(http.StatusTemporaryRedirect, "", "Location", "/elsewhere"), well)
	_ = listGroups(t.Context(), clientOf(t, server))
	assert.Equal(t, []string{"", ""}, server.headers("Referer"))

	server = inTurn(reply(http.StatusTemporaryRedirect, "", "Location", "/elsewhere"), well)
	_ = listGroups(t.Context(), clientOf(t, server), storeorders.WithHeader("Referer", "https://shop.test/"))
	assert.Equal(t, []string{"https://shop.test/", "https://shop.test/"}, server.headers("Referer"))
}
