package storeorderstest_test

import (
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
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

// shop is a server with a customer who has five order groups of the same time, and a shopper who has five orders of the same time.
type shop struct {
	*storeorderstest.Server
	alice *storeorderstest.Customer
	ada   *storeorderstest.Shopper
	http  http.RoundTripper
}

func newShop(srv *storeorderstest.Server) shop {
	s := shop{Server: srv, alice: srv.AddCustomer("Alice"), ada: srv.AddShopper("Ada"), http: srv}
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for i := range 5 {
		srv.AddOrderGroup(s.alice, storeorders.OrderGroup{ID: "og_" + strconv.Itoa(i), CreatedAt: at})
		srv.AddOrder(s.ada, storeorders.Order{ID: "69000000000000000000000" + strconv.Itoa(i), CreatedAt: at})
	}
	return s
}

// onBoth runs the test against a server on a socket, and against one without.
func onBoth(t *testing.T, test func(t *testing.T, s shop)) {
	t.Helper()
	t.Run("socket", func(t *testing.T) {
		t.Parallel()
		s := newShop(newServer(t))
		transport := &http.Transport{}
		t.Cleanup(transport.CloseIdleConnections)
		s.http = transport
		test(t, s)
	})
	t.Run("no socket", func(t *testing.T) {
		t.Parallel()
		test(t, newShop(storeorderstest.Transport()))
	})
}

// get sends what s' shoppers would. The target is everything behind the origin.
func (s shop) get(ctx context.Context, target string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+target, http.NoBody)
	if err != nil {
		return nil, err
	}
	req.Header.Set("X-Publishable-Api-Key", s.PublishableKey)
	req.Header.Set("Authorization", "Bearer "+s.alice.Token)
	if strings.Contains(target, "/orders") {
		req.Header.Set("Authorization", "Bearer "+s.ada.Token)
	}
	return s.http.RoundTrip(req)
}

// sendOnly sends a request whose answer does not matter.
func sendOnly(transport http.RoundTripper, req *http.Request) error {
	resp, err := transport.RoundTrip(req)
	if err == nil {
		err = resp.Body.Close()
	}
	return err
}

// got is what came of a request.
type got struct {
	*http.Response
	body string
	err  error // of the request, else of the body
}

func (s shop) read(t *testing.T, target string) got {
	t.Helper()
	resp, err := s.get(t.Context(), target)
	if err != nil {
		return got{err: err}
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return got{resp, string(body), err}
}

const (
	groupsTarget = "/store/order-groups?fields=id&limit=2"
	ordersTarget = "/api/v1/orders?limit=2"
)

func TestFaultsOnTheWayOfAnAnswer(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		fault storeorderstest.Fault
		check func(t *testing.T, want, got got)
	}{
		"nothing": {storeorderstest.Fault{}, func(t *testing.T, want, got got) {
			assert.NoError(t, got.err)
			assert.Equal(t, want.body, got.body)
		}},
		"status": {storeorderstest.Status(503, "Retry-After", "1.5", "X-Request-Id", "r1"), func(t *testing.T, _, got got) {
			assert.NoError(t, got.err)
			assert.Equal(t, 503, got.StatusCode)
			assert.Equal(t, "1.5", got.Header.Get("Retry-After"))
			assert.Equal(t, "r1", got.Header.Get("X-Request-Id"))
			assert.Equal(t, "application/json; charset=utf-8", got.Header.Get("Content-Type"))
			assert.Contains(t, got.body, `"message":"Service Unavailable"`)
		}},
		"a status that has no body": {storeorderstest.Status(204, "Content-Type", ""), func(t *testing.T, _, got got) {
			assert.NoError(t, got.err)
			assert.Equal(t, 204, got.StatusCode)
			assert.Empty(t, got.body)
			assert.NotContains(t, got.Header, "Content-Type")
		}},
		"an answer": {storeorderstest.Answer(418, "I am a teapot"), func(t *testing.T, _, got got) {
			assert.NoError(t, got.err)
			assert.Equal(t, 418, got.StatusCode)
			assert.Equal(t, "text/plain; charset=utf-8", got.Header.Get("Content-Type"))
			assert.Equal(t, "I am a teapot", got.body)
		}},
		"an answer of JSON": {storeorderstest.Answer(200, `{"order_groups":null}`), func(t *testing.T, _, got got) {
			assert.Equal(t, "application/json; charset=utf-8", got.Header.Get("Content-Type"))
			assert.Equal(t, `{"order_groups":null}`, got.body)
		}},
		"reset": {storeorderstest.Reset(), func(t *testing.T, _, got got) {
			assert.ErrorIs(t, got.err, syscall.ECONNRESET)
			assert.Nil(t, got.Response)
		}},
		"truncated": {storeorderstest.Truncate(7), func(t *testing.T, want, got got) {
			assert.ErrorIs(t, got.err, io.ErrUnexpectedEOF)
			assert.Equal(t, int64(len(want.body)), got.ContentLength)
			assert.Equal(t, want.body[:7], got.body)
		}},
		"truncated behind the end": {storeorderstest.Truncate(1 << 20), func(t *testing.T, want, got got) {
			assert.ErrorIs(t, got.err, io.ErrUnexpectedEOF)
			assert.Equal(t, want.body[:len(want.body)-1], got.body)
		}},
		"Content-Length too large": {storeorderstest.WrongContentLength(3), func(t *testing.T, want, got got) {
			assert.ErrorIs(t, got.err, io.ErrUnexpectedEOF)
			assert.Equal(t, int64(len(want.body)+3), got.ContentLength)
			assert.Equal(t, want.body, got.body)
		}},
		"Content-Length too small": {storeorderstest.WrongContentLength(-3), func(t *testing.T, want, got got) {
			assert.NoError(t, got.err)
			assert.Equal(t, want.body[:len(want.body)-3], got.body)
		}},
		"delay": {storeorderstest.Delay(time.Microsecond), func(t *testing.T, want, got got) {
			assert.NoError(t, got.err)
			assert.Equal(t, want.body, got.body)
		}},
		"drip": {storeorderstest.Drip(4, time.Microsecond), func(t *testing.T, want, got got) {
			assert.NoError(t, got.err)
			assert.Equal(t, want.body, got.body)
		}},
		"gzip": {storeorderstest.Gzip(), func(t *testing.T, want, got got) {
			assert.NoError(t, got.err)
			assert.True(t, got.Uncompressed)
			assert.NotContains(t, got.Header, "Content-Encoding")
			assert.Equal(t, int64(-1), got.ContentLength)
			assert.Equal(t, want.body, got.body)
		}},
		"gzip bomb": {storeorderstest.GzipBomb(3<<20 + 5), func(t *testing.T, want, got got) {
			assert.NoError(t, got.err)
			assert.Len(t, got.body, 3<<20+5)
			assert.Equal(t, want.body, strings.TrimLeft(got.body, " "))
		}},
		"bad gateway": {storeorderstest.BadGateway(), func(t *testing.T, _, got got) {
			assert.Equal(t, http.StatusBadGateway, got.StatusCode)
			assert.Equal(t, "text/html", got.Header.Get("Content-Type"))
			assert.True(t, strings.HasPrefix(got.body, "<html>"), got.body)
		}},
		"empty": {storeorderstest.Empty(), func(t *testing.T, _, got got) {
			assert.NoError(t, got.err)
			assert.Equal(t, http.StatusOK, got.StatusCode)
			assert.Empty(t, got.body)
		}},
		"invalid JSON": {storeorderstest.InvalidJSON(), func(t *testing.T, want, got got) {
			assert.NoError(t, got.err)
			assert.Equal(t, want.body[:len(want.body)/2], got.body)
		}},
		"success:false": {storeorderstest.SuccessFalse(429, "Slow down"), func(t *testing.T, _, got got) {
			assert.Equal(t, http.StatusOK, got.StatusCode)
			assert.JSONEq(t, `{"status":429,"success":false,"message":"Slow down","data":{}}`, got.body)
		}},
		"redirect to itself": {storeorderstest.Redirect(""), func(t *testing.T, want, got got) {
			assert.Equal(t, http.StatusTemporaryRedirect, got.StatusCode)
			location, err := got.Location()
			require.NoError(t, err)
			assert.Equal(t, want.Request.URL.String(), location.String())
		}},
		"redirect to another host": {storeorderstest.Redirect("https://elsewhere.test"), func(t *testing.T, want, got got) {
			assert.Equal(t, "https://elsewhere.test"+want.Request.URL.RequestURI(), got.Header.Get("Location"))
		}},
		"redirect to another path": {storeorderstest.Redirect("/other?x=1"), func(t *testing.T, _, got got) {
			assert.Equal(t, "/other?x=1", got.Header.Get("Location"))
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			onBoth(t, func(t *testing.T, s shop) {
				for _, target := range []string{groupsTarget, ordersTarget, "/store/order-groups/og_1", "/api/v1/orders/690000000000000000000001", "/none"} {
					want := s.read(t, target)
					require.NoError(t, want.err)
					injection := s.Inject(tt.fault, storeorderstest.First(1))
					tt.check(t, want, s.read(t, target))
					assert.Equal(t, 1, injection.Hits())

					after := s.read(t, target)
					assert.NoError(t, after.err)
					assert.Equal(t, want.body, after.body)
				}
			})
		})
	}
}

func TestStatusHasTheErrorBodyOfTheAPI(t *testing.T) {
	t.Parallel()
	s := newShop(storeorderstest.Transport())
	s.Inject(storeorderstest.Status(500))
	assert.JSONEq(t, `{"type":"unknown_error","message":"Internal Server Error"}`, s.read(t, groupsTarget).body)
	assert.JSONEq(t, `{"status":500,"success":false,"message":"Internal Server Error","data":{}}`, s.read(t, ordersTarget).body)
}

func TestGzipComesToAClientThatDecompressesItself(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s shop) {
		want := s.read(t, "/none")
		s.Inject(storeorderstest.GzipBomb(16 << 20))
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+"/none", http.NoBody)
		require.NoError(t, err)
		req.Header.Set("Accept-Encoding", "gzip")
		resp, err := s.http.RoundTrip(req)
		require.NoError(t, err)
		defer resp.Body.Close()

		assert.Equal(t, "gzip", resp.Header.Get("Content-Encoding"))
		assert.Less(t, resp.ContentLength, int64(64<<10))
		body, err := gzip.NewReader(resp.Body)
		require.NoError(t, err)
		n, err := io.Copy(io.Discard, body) //nolint:gosec // this bomb is known
		require.NoError(t, err)
		assert.Equal(t, int64(16<<20), n)
		assert.NotEmpty(t, want.body)
	})
}

func TestFaultsAreForTheRequestsThatMeetTheConditions(t *testing.T) {
	t.Parallel()
	fault := storeorderstest.Status(503)
	for name, tt := range map[string]struct {
		when []storeorderstest.Condition
		want string // of ten requests, by their last digit: those that met the fault
	}{
		"none":              {nil, "0123456789"},
		"nth":               {[]storeorderstest.Condition{storeorderstest.Nth(3)}, "2"},
		"no nth":            {[]storeorderstest.Condition{storeorderstest.Nth(0)}, ""},
		"first":             {[]storeorderstest.Condition{storeorderstest.First(3)}, "012"},
		"from":              {[]storeorderstest.Condition{storeorderstest.From(8)}, "789"},
		"every":             {[]storeorderstest.Condition{storeorderstest.Every(4)}, "37"},
		"from and first":    {[]storeorderstest.Condition{storeorderstest.From(3), storeorderstest.First(5)}, "234"},
		"route":             {[]storeorderstest.Condition{storeorderstest.MercurList}, "0123456789"},
		"one of two routes": {[]storeorderstest.Condition{storeorderstest.Auth, storeorderstest.MercurList, storeorderstest.Nth(2)}, "1"},
		"another route":     {[]storeorderstest.Condition{storeorderstest.SalesiveList}, ""},
		"never":             {[]storeorderstest.Condition{storeorderstest.Probability(0, 1)}, ""},
		"always":            {[]storeorderstest.Condition{storeorderstest.Probability(1, 1)}, "0123456789"},
		"matching, counted": {
			[]storeorderstest.Condition{storeorderstest.Nth(2), storeorderstest.Matching(func(r storeorderstest.Request) bool {
				return r.Query.Get("offset") > "4"
			})}, "6",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShop(storeorderstest.Transport())
			injection := s.Inject(fault, tt.when...)
			var met strings.Builder
			for offset := range 10 {
				if s.read(t, "/store/order-groups?offset="+strconv.Itoa(offset)).StatusCode == http.StatusServiceUnavailable {
					met.WriteString(strconv.Itoa(offset))
				}
			}
			assert.Equal(t, tt.want, met.String())
			assert.Equal(t, len(tt.want), injection.Hits())
		})
	}
}

func TestRoutes(t *testing.T) {
	t.Parallel()
	for target, want := range map[string]storeorderstest.Route{
		"/store/order-groups":          storeorderstest.MercurList,
		"/store/order-groups/?limit=1": storeorderstest.MercurList,
		"/store/order-groups/og_1":     storeorderstest.MercurGet,
		"/store/order-groups/og%2F1":   storeorderstest.MercurGet,
		"/store/order-groups/og_1/x":   "",
		"/api/v1/orders?limit=1":       storeorderstest.SalesiveList,
		"/orders":                      storeorderstest.SalesiveList,
		"/api/v1/orders/69":            storeorderstest.SalesiveGet,
		"/orders/69":                   storeorderstest.SalesiveGet,
		"/auth/customer/emailpass":     storeorderstest.Auth,
		"/api/v1/auth/verify":          storeorderstest.Auth,
		"/api/v1/store/order-groups":   "",
		"/store/products":              "",
		"/":                            "",
	} {
		t.Run(target, func(t *testing.T) {
			t.Parallel()
			s := newShop(storeorderstest.Transport())
			s.read(t, target)
			assert.Equal(t, want, s.Requests()[0].Route)
		})
	}
}

func TestProbabilityIsThatOfTheSeed(t *testing.T) {
	t.Parallel()
	draws := func(seed uint64) []bool {
		s := newShop(storeorderstest.Transport())
		s.Inject(storeorderstest.Empty(), storeorderstest.Probability(0.3, seed))
		met := make([]bool, 400)
		for i := range met {
			met[i] = s.read(t, "/none").body == ""
		}
		return met
	}
	first := draws(1)
	hits := 0
	for _, hit := range first {
		if hit {
			hits++
		}
	}
	assert.InDelta(t, 120, hits, 40)
	assert.Equal(t, first, draws(1))
	assert.NotEqual(t, first, draws(2))
}

func TestFaultsComposeInTheOrderOfTheirInjection(t *testing.T) {
	t.Parallel()
	s := newShop(storeorderstest.Transport())
	s.Inject(storeorderstest.Status(500))
	s.Inject(storeorderstest.Answer(502, "later"))
	s.Inject(storeorderstest.Gzip())
	answer := s.read(t, groupsTarget)
	assert.Equal(t, 502, answer.StatusCode)
	assert.Equal(t, "later", answer.body)
	assert.True(t, answer.Uncompressed)

	s.ClearFaults()
	s.Inject(storeorderstest.Answer(200, "12345678"))
	s.Inject(storeorderstest.InvalidJSON())
	s.Inject(storeorderstest.Truncate(2))
	answer = s.read(t, groupsTarget)
	assert.ErrorIs(t, answer.err, io.ErrUnexpectedEOF)
	assert.Equal(t, int64(4), answer.ContentLength)
	assert.Equal(t, "12", answer.body)
}

func TestFaultsCanBeRemoved(t *testing.T) {
	t.Parallel()
	s := newShop(storeorderstest.Transport())
	one, two := s.Inject(storeorderstest.Status(500)), s.Inject(storeorderstest.Status(501))
	assert.Equal(t, 501, s.read(t, groupsTarget).StatusCode)
	two.Remove()
	two.Remove()
	assert.Equal(t, 500, s.read(t, groupsTarget).StatusCode)
	s.ClearFaults()
	assert.Equal(t, 200, s.read(t, groupsTarget).StatusCode)
	assert.Equal(t, 2, one.Hits())
	assert.Equal(t, 1, two.Hits())
}

func TestFaultsOfAProgrammersMistakePanic(t *testing.T) {
	t.Parallel()
	headers := strings.Fields("Retry-After")
	assert.Panics(t, func() { storeorderstest.Status(503, headers...) })
	assert.Panics(t, func() { storeorderstest.Status(99) })
	assert.Panics(t, func() { storeorderstest.Answer(0, "") })
	assert.Panics(t, func() { storeorderstest.Redirect("http://%zz") })
	assert.Panics(t, func() { storeorderstest.Every(0) })
}

// client returns a client of both APIs over s.
func (s shop) client(t *testing.T, opts ...storeorders.Option) *storeorders.Client {
	t.Helper()
	mercur, salesive := s.MercurConfig(), s.SalesiveConfig()
	mercur.Token, salesive.Token = storeorders.StaticToken(s.alice.Token), storeorders.StaticToken(s.ada.Token)
	client, err := storeorders.NewClient(append([]storeorders.Option{
		storeorders.WithHTTPClient(&http.Client{Transport: s.http}),
		storeorders.WithMercur(mercur), storeorders.WithSalesive(salesive),
	}, opts...)...)
	require.NoError(t, err)
	return client
}

// outcome is what the SDK made of one call.
type outcome struct {
	resp  *storeorders.Response
	ids   []string
	count int
	limit int
	err   error
}

func groups(ctx context.Context, client *storeorders.Client, limit, offset int) outcome {
	page, err := client.OrderGroups.List(ctx, &storeorders.OrderGroupListOptions{Limit: limit, Offset: offset})
	if err != nil {
		return outcome{err: err}
	}
	ids := []string{}
	for _, group := range page.Items {
		ids = append(ids, group.ID)
	}
	return outcome{page.Response, ids, page.Count, page.Limit, nil}
}

func orders(ctx context.Context, client *storeorders.Client, limit, offset int) outcome {
	page, err := client.Orders.List(ctx, &storeorders.OrderListOptions{Limit: limit, Page: 1 + offset/max(1, limit)})
	if err != nil {
		return outcome{err: err}
	}
	ids := []string{}
	for _, order := range page.Items {
		ids = append(ids, order.ID)
	}
	return outcome{page.Response, ids, page.Total, page.Limit, nil}
}

func TestTheSDKRecoversFromPassingFaults(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		fault    storeorderstest.Fault
		attempts int
		takes    time.Duration // at least
	}{
		"503":                      {storeorderstest.Status(503), 2, 0},
		"429 with Retry-After":     {storeorderstest.Status(429, "Retry-After", "2"), 2, 2 * time.Second},
		"a fraction":               {storeorderstest.Status(429, "Retry-After", "0.5"), 2, time.Second / 2},
		"a date":                   {storeorderstest.Status(503, "Date", "Sat, 01 Jan 2000 00:00:00 GMT", "Retry-After", "Sat, 01 Jan 2000 00:00:03 GMT"), 2, 3 * time.Second},
		"502 of HTML":              {storeorderstest.BadGateway(), 2, 0},
		"reset":                    {storeorderstest.Reset(), 2, 0},
		"truncated":                {storeorderstest.Truncate(20), 2, 0},
		"Content-Length too large": {storeorderstest.WrongContentLength(1), 2, 0},
		"hangs":                    {storeorderstest.Delay(time.Hour), 2, 30 * time.Second},
		"hangs in the body":        {storeorderstest.Drip(100, time.Second), 2, 30 * time.Second},
		"slow":                     {storeorderstest.Delay(20 * time.Second), 1, 20 * time.Second},
		"drips":                    {storeorderstest.Drip(10, 2*time.Second), 1, 20 * time.Second},
		"gzip":                     {storeorderstest.Gzip(), 1, 0},
		"same-origin redirect":     {storeorderstest.Redirect(""), 1, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newShop(storeorderstest.Transport())
				client := s.client(t)
				for _, list := range []func(context.Context, *storeorders.Client, int, int) outcome{groups, orders} {
					injection := s.Inject(tt.fault, storeorderstest.First(1))
					start := time.Now()
					out := list(t.Context(), client, 2, 0)
					require.NoError(t, out.err)
					assert.Len(t, out.ids, 2)
					assert.Equal(t, 5, out.count)
					assert.Equal(t, tt.attempts, out.resp.Attempts)
					took := time.Since(start)
					assert.GreaterOrEqual(t, took, tt.takes)
					assert.Less(t, took, tt.takes+time.Second)
					assert.Equal(t, 1, injection.Hits())
				}
			})
		})
	}
}

func TestTheSDKReportsLastingFaults(t *testing.T) {
	t.Parallel()
	decodes := func(t *testing.T, err error) {
		_, ok := errors.AsType[*storeorders.DecodeError](err)
		assert.True(t, ok, "%v", err)
	}
	api := func(target error, check func(*storeorders.APIError) bool) func(*testing.T, error) {
		return func(t *testing.T, err error) {
			assert.ErrorIs(t, err, target)
			apiErr, ok := errors.AsType[*storeorders.APIError](err)
			require.True(t, ok, "%v", err)
			assert.True(t, check(apiErr), "%v", err)
		}
	}
	for name, tt := range map[string]struct {
		fault    storeorderstest.Fault
		attempts int
		check    func(t *testing.T, err error)
	}{
		"500": {storeorderstest.Status(500), 4, api(storeorders.ErrServer, func(e *storeorders.APIError) bool {
			return e.Message == "Internal Server Error" && e.Attempts == 4
		})},
		"429 for an hour": {storeorderstest.Status(429, "Retry-After", "3600"), 1, api(storeorders.ErrRateLimited, func(e *storeorders.APIError) bool {
			return e.RetryAfter == time.Hour
		})},
		"501":         {storeorderstest.Status(501), 1, api(storeorders.ErrServer, func(e *storeorders.APIError) bool { return e.Attempts == 1 })},
		"502 of HTML": {storeorderstest.BadGateway(), 4, api(storeorders.ErrServer, func(e *storeorders.APIError) bool { return e.ContentType == "text/html" })},
		"reset":       {storeorderstest.Reset(), 4, func(t *testing.T, err error) { assert.ErrorIs(t, err, syscall.ECONNRESET) }},
		"truncated":   {storeorderstest.Truncate(20), 4, func(t *testing.T, err error) { assert.ErrorIs(t, err, io.ErrUnexpectedEOF) }},
		"hangs":       {storeorderstest.Delay(time.Hour), 4, func(t *testing.T, err error) { assert.ErrorIs(t, err, context.DeadlineExceeded) }},
		"Content-Length too small": {
			storeorderstest.WrongContentLength(-1), 1, decodes,
		},
		"empty":        {storeorderstest.Empty(), 1, decodes},
		"invalid JSON": {storeorderstest.InvalidJSON(), 1, decodes},
		"gzip bomb": {storeorderstest.GzipBomb(2 << 20), 1, func(t *testing.T, err error) {
			assert.ErrorIs(t, err, storeorders.ErrResponseTooLarge)
		}},
		"redirect to another host": {storeorderstest.Redirect("https://elsewhere.test"), 1, api(storeorders.ErrRedirect, func(e *storeorders.APIError) bool {
			return e.Message == "to https://elsewhere.test"
		})},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newShop(storeorderstest.Transport())
				client := s.client(t, storeorders.WithMaxResponseBytes(1<<20))
				injection := s.Inject(tt.fault)
				tt.check(t, groups(t.Context(), client, 2, 0).err)
				assert.Equal(t, tt.attempts, injection.Hits())
				tt.check(t, orders(t.Context(), client, 2, 0).err)
				assert.Equal(t, 2*tt.attempts, injection.Hits())
			})
		})
	}
}

func TestTheSDKTakesSuccessFalseForAnError(t *testing.T) {
	t.Parallel()
	s := newShop(storeorderstest.Transport())
	s.Inject(storeorderstest.SuccessFalse(403, "Access denied"))
	err := orders(t.Context(), s.client(t), 2, 0).err
	assert.ErrorIs(t, err, storeorders.ErrForbidden)
	assert.ErrorContains(t, err, "Access denied")
}

func TestTheSDKDoesNotGoBackFromHTTPS(t *testing.T) {
	t.Parallel()
	s := newShop(storeorderstest.Transport())
	mercur := s.MercurConfig()
	mercur.BaseURL, mercur.Token = "https://storeorders.test", storeorders.StaticToken(s.alice.Token)
	client := s.client(t, storeorders.WithMercur(mercur))
	require.NoError(t, groups(t.Context(), client, 2, 0).err)

	s.Inject(storeorderstest.Redirect("http://storeorders.test"))
	assert.ErrorIs(t, groups(t.Context(), client, 2, 0).err, storeorders.ErrRedirect)
	assert.Len(t, s.Requests(), 2, "the redirect was followed")
}

func TestFaultsOfLists(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		fault  storeorderstest.Fault
		when   []storeorderstest.Condition
		pages  [][2]int // limit and offset of each request
		lens   []int
		counts []int
		limits []int
		first  []int // where the page really begins
	}{
		"ignores limit": {
			fault: storeorderstest.IgnoreLimit(),
			pages: [][2]int{{2, 0}, {2, 2}}, lens: []int{5, 3}, counts: []int{5, 5}, limits: []int{0, 0}, first: []int{0, 2},
		},
		"clamps limit": {
			fault: storeorderstest.ClampLimit(2),
			pages: [][2]int{{4, 0}, {1, 2}, {0, 0}}, lens: []int{2, 1, 2}, counts: []int{5, 5, 5}, limits: []int{2, 1, 2}, first: []int{0, 2, 0},
		},
		"ignores offset": {
			fault: storeorderstest.IgnoreOffset(),
			pages: [][2]int{{2, 0}, {2, 2}, {2, 4}}, lens: []int{2, 2, 2}, counts: []int{5, 5, 5}, limits: []int{2, 2, 2}, first: []int{0, 0, 0},
		},
		"repeats a page once": {
			fault: storeorderstest.RepeatPage(), when: []storeorderstest.Condition{storeorderstest.Nth(2)},
			pages: [][2]int{{2, 0}, {2, 2}, {2, 4}}, lens: []int{2, 2, 1}, counts: []int{5, 5, 5}, limits: []int{2, 2, 2}, first: []int{0, 0, 4},
		},
		"repeats a page for ever": {
			fault: storeorderstest.RepeatPage(), when: []storeorderstest.Condition{storeorderstest.From(3)},
			pages: [][2]int{{2, 0}, {2, 2}, {2, 4}, {1, 0}}, lens: []int{2, 2, 2, 2}, counts: []int{5, 5, 5, 5}, limits: []int{2, 2, 2, 2}, first: []int{0, 2, 2, 2},
		},
		"counts too many": {
			fault: storeorderstest.LieAboutCount(2),
			pages: [][2]int{{2, 0}, {2, 4}}, lens: []int{2, 1}, counts: []int{7, 7}, limits: []int{2, 2}, first: []int{0, 4},
		},
		"counts too few": {
			fault: storeorderstest.LieAboutCount(-9),
			pages: [][2]int{{2, 0}, {2, 2}}, lens: []int{2, 2}, counts: []int{0, 0}, limits: []int{2, 2}, first: []int{0, 2},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShop(storeorderstest.Transport())
			client := s.client(t)
			for api, list := range map[string]func(context.Context, *storeorders.Client, int, int) outcome{"Mercur": groups, "Salesive": orders} {
				all := list(t.Context(), client, 5, 0).ids
				require.Len(t, all, 5)
				s.Inject(tt.fault, tt.when...)
				for i, page := range tt.pages {
					if api == "Salesive" && name == "ignores limit" && i > 0 {
						continue // page 2 of pages of ten
					}
					out := list(t.Context(), client, page[0], page[1])
					require.NoError(t, out.err)
					assert.Equal(t, all[tt.first[i]:tt.first[i]+tt.lens[i]], out.ids, "%s, page %d", api, i)
					assert.Equal(t, tt.counts[i], out.count, "%s, page %d", api, i)
					if limit := tt.limits[i]; limit > 0 {
						assert.Equal(t, limit, out.limit, "%s, page %d", api, i)
					}
				}
				s.ClearFaults()
			}
		})
	}
}

func TestRepeatPageNeedsAPageBefore(t *testing.T) {
	t.Parallel()
	s := newShop(storeorderstest.Transport())
	bob := s.AddCustomer("Bob")
	s.AddOrderGroup(bob, storeorders.OrderGroup{ID: "og_bob"})
	s.Inject(storeorderstest.RepeatPage())
	client := s.client(t)

	assert.Equal(t, []string{"og_4"}, groups(t.Context(), client, 1, 4).ids, "the first request has none")
	page, err := client.OrderGroups.List(t.Context(), &storeorders.OrderGroupListOptions{Limit: 10}, storeorders.WithToken(bob.Token))
	require.NoError(t, err)
	assert.Equal(t, 10, page.Limit, "that was another customer's")
	assert.Equal(t, []string{"og_4"}, groups(t.Context(), client, 5, 0).ids)

	s.ClearFaults()
	s.Inject(storeorderstest.Status(403), storeorderstest.Nth(2))
	s.Inject(storeorderstest.RepeatPage(), storeorderstest.Nth(3))
	assert.Equal(t, []string{"og_3"}, groups(t.Context(), client, 1, 3).ids)
	assert.Error(t, groups(t.Context(), client, 1, 2).err)
	assert.Equal(t, []string{"og_3"}, groups(t.Context(), client, 1, 2).ids, "a refusal is no page")
}

func TestFaultsOfListsCompose(t *testing.T) {
	t.Parallel()
	s := newShop(storeorderstest.Transport())
	s.Inject(storeorderstest.IgnoreLimit())
	s.Inject(storeorderstest.ClampLimit(4))
	s.Inject(storeorderstest.IgnoreOffset())
	s.Inject(storeorderstest.LieAboutCount(1))
	s.Inject(storeorderstest.LieAboutCount(2))
	assert.Contains(t, s.read(t, "/store/order-groups?fields=id&limit=1&offset=2").body, `"count":8,"offset":0,"limit":4`)
	assert.Contains(t, s.read(t, "/orders?limit=1&page=2").body, `"pagination":{"page":1,"limit":4,"total":8,"pages":2}`)
	assert.Contains(t, s.read(t, "/store/order-groups/og_1?fields=id").body, `"og_1"`, "they are faults of lists")
}

func TestClampLimitClampsAllOfMercur(t *testing.T) {
	t.Parallel()
	s := newShop(storeorderstest.Transport())
	s.Inject(storeorderstest.ClampLimit(3))
	assert.Contains(t, s.read(t, "/store/order-groups?fields=id&limit=0").body, `"limit":3`)
	assert.Contains(t, s.read(t, "/store/order-groups?fields=id&offset=1").body, `"offset":1,"limit":3`)
	assert.Equal(t, http.StatusBadRequest, s.read(t, "/store/order-groups?limit=abc").StatusCode)
	assert.Equal(t, http.StatusInternalServerError, s.read(t, "/store/order-groups?limit=-1").StatusCode)
}

func TestShuffleTiesChangesTheOrderWithEachQuery(t *testing.T) {
	t.Parallel()
	walks := func(seed uint64) [][]string {
		s := newShop(storeorderstest.Transport())
		s.AddOrderGroup(s.alice, storeorders.OrderGroup{ID: "og_newest", CreatedAt: time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)})
		s.AddOrder(s.ada, storeorders.Order{ID: "690000000000000000000009", CreatedAt: time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)})
		s.Inject(storeorderstest.ShuffleTies(seed))
		client := s.client(t)
		var all [][]string
		for range 3 {
			g, o := groups(t.Context(), client, 10, 0).ids, orders(t.Context(), client, 10, 0).ids
			assert.Equal(t, "og_newest", g[0])
			assert.ElementsMatch(t, []string{"og_0", "og_1", "og_2", "og_3", "og_4"}, g[1:])
			assert.Equal(t, "690000000000000000000009", o[0])
			assert.Len(t, o, 6)
			all = append(all, g, o)
		}
		return all
	}
	first := walks(1)
	assert.NotEqual(t, first[0], first[2])
	assert.NotEqual(t, first[1], first[3])
	assert.Equal(t, first, walks(1))
	assert.NotEqual(t, first, walks(2))
}

func TestBeforeChangesTheDataBetweenPages(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s shop) {
		client := s.client(t)
		all := groups(t.Context(), client, 5, 0).ids
		s.Inject(storeorderstest.Before(func() {
			s.RemoveOrderGroup(all[0])
			assert.NotEmpty(t, s.Requests(), "the server can be asked, too")
		}), storeorderstest.MercurList, storeorderstest.Nth(2))
		assert.Equal(t, all[0:2], groups(t.Context(), client, 2, 0).ids)
		out := groups(t.Context(), client, 2, 2)
		assert.Equal(t, all[3:5], out.ids, "all[2] has moved to the first page")
		assert.Equal(t, 4, out.count)
	})
}

func TestFaultsMayChangeWhileRequestsRun(t *testing.T) {
	t.Parallel()
	s := newShop(storeorderstest.Transport())
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 20 {
				injection := s.Inject(storeorderstest.ShuffleTies(1), storeorderstest.Every(2))
				s.read(t, groupsTarget)
				assert.LessOrEqual(t, injection.Hits(), 80)
				injection.Remove()
			}
		})
	}
	wg.Wait()
	assert.Len(t, s.Requests(), 80)
}

// The SDK's first page may have no query at all.
func TestRepeatPageAfterAPageWithoutAQuery(t *testing.T) {
	t.Parallel()
	server := storeorderstest.Transport()
	bob := server.AddShopper("bob")
	server.AddOrders(bob, 25, 1)
	client, err := storeorders.NewClient(
		storeorders.WithHTTPClient(&http.Client{Transport: server}), storeorders.WithSalesive(server.SalesiveConfig()),
	)
	require.NoError(t, err)
	repeated := server.Inject(storeorderstest.RepeatPage(), storeorderstest.SalesiveList, storeorderstest.Nth(2))
	first, err := client.Orders.List(t.Context(), nil, storeorders.WithToken(bob.Token))
	require.NoError(t, err)
	second, err := client.Orders.List(t.Context(), &storeorders.OrderListOptions{Page: 2}, storeorders.WithToken(bob.Token))
	require.NoError(t, err)
	assert.Equal(t, first.Items[0].ID, second.Items[0].ID)
	assert.Equal(t, 1, repeated.Hits())
}

func TestFaultsOfListsAreNotSpentOnOtherRequests(t *testing.T) {
	t.Parallel()
	server := storeorderstest.Transport()
	alice := server.AddCustomer("alice")
	group := server.AddOrderGroup(alice, storeorders.OrderGroup{})
	client, err := storeorders.NewClient(
		storeorders.WithHTTPClient(&http.Client{Transport: server}), storeorders.WithMercur(server.MercurConfig()),
	)
	require.NoError(t, err)
	lie := server.Inject(storeorderstest.LieAboutCount(5), storeorderstest.Nth(1))
	_, err = client.OrderGroups.Get(t.Context(), group.ID, nil, storeorders.WithToken(alice.Token))
	require.NoError(t, err)
	assert.Zero(t, lie.Hits())
	page, err := client.OrderGroups.List(t.Context(), nil, storeorders.WithToken(alice.Token))
	require.NoError(t, err)
	assert.Equal(t, 6, page.Count)
	assert.Equal(t, 1, lie.Hits())
}
