package storeorderstest_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-2861b391/storeorders/storeorderstest"
)

// recordingTB is a test that keeps what it fails with.
type recordingTB struct {
	testing.TB
	failures []string
}

func (r *recordingTB) Helper() {}

func (r *recordingTB) Errorf(format string, args ...any) {
	r.failures = append(r.failures, fmt.Sprintf(format, args...))
}

func TestRequestsHaveTheirRouteAndCredentials(t *testing.T) {
	t.Parallel()
	s := newShop(storeorderstest.Transport())
	s.read(t, groupsTarget)
	s.read(t, "/none")
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+"/orders", http.NoBody)
	require.NoError(t, err)
	req.Header.Set("X-Shop-Id", "shop-1")
	req.Header.Set("Authorization", "Basic x")
	resp, err := s.RoundTrip(req)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())

	requests := s.Requests()
	assert.Equal(t, storeorderstest.MercurList, requests[0].Route)
	assert.Equal(t, s.alice.Token, requests[0].Token)
	assert.Equal(t, s.PublishableKey, requests[0].PublishableKey)
	assert.Empty(t, requests[0].ShopID)
	assert.Empty(t, requests[1].Route)
	assert.Empty(t, requests[2].Token)
	assert.Equal(t, "shop-1", requests[2].ShopID)

	s.ForgetRequests()
	assert.Empty(t, s.Requests())
	assert.Len(t, requests, 3)
}

func TestAssertRequestsPassesWhatIsExpected(t *testing.T) {
	t.Parallel()
	s := newShop(storeorderstest.Transport())
	assert.True(t, s.AssertRequests(t))

	s.read(t, "/store/order-groups?offset=2&limit=2&created_at%5B%24gte%5D=2026-01-01")
	s.read(t, "/api/v1/orders")
	want := []storeorderstest.Request{
		storeorderstest.GET("/store/order-groups", "limit=2&offset=2&created_at[$gte]=2026-01-01").
			WithToken(s.alice.Token).
			WithHeader("x-publishable-api-key", s.PublishableKey).
			WithHeader("X-Shop-Id", ""),
		{Method: "GET", Path: "/api/v1/orders", Route: storeorderstest.SalesiveList},
	}
	assert.True(t, s.AssertRequests(t, want...))
	assert.True(t, s.AssertRequestsInAnyOrder(t, want...))
	assert.True(t, s.AssertRequestsInAnyOrder(t, want[1], want[0]))
}

func TestAssertRequestsFailsWithADiff(t *testing.T) {
	t.Parallel()
	list := func(query string) storeorderstest.Request { return storeorderstest.GET("/store/order-groups", query) }
	for name, tt := range map[string]struct {
		got  []string // queries of /store/order-groups
		want []storeorderstest.Request
		diff []string
	}{
		"another value": {
			[]string{"limit=2", "limit=2&offset=4"},
			[]storeorderstest.Request{list("limit=2"), list("limit=2&offset=2")},
			[]string{
				"  1. GET /store/order-groups  limit=2",
				"  2.",
				"      GET /store/order-groups",
				"      limit=2",
				"-     offset=2",
				"+     offset=4",
			},
		},
		"one too many": {
			[]string{"a=1", "a=2"},
			[]storeorderstest.Request{list("a=1")},
			[]string{"  1. GET /store/order-groups  a=1", "  2.", "+     GET /store/order-groups", "+     a=2"},
		},
		"one missing": {
			nil,
			[]storeorderstest.Request{list("a=1")},
			[]string{"  1.", "-     GET /store/order-groups", "-     a=1"},
		},
		"an unexpected parameter": {
			[]string{"a=1&b=2"},
			[]storeorderstest.Request{list("a=1")},
			[]string{"  1.", "      GET /store/order-groups", "      a=1", "+     b=2"},
		},
		"a value twice": {
			[]string{"a=1&a=1"},
			[]storeorderstest.Request{list("a=1")},
			[]string{"  1.", "      GET /store/order-groups", "      a=1", "+     a=1"},
		},
		"values in another order": {
			[]string{"a=1&a=2"},
			[]storeorderstest.Request{list("a=2&a=1")},
			[]string{
				"  1.",
				"-     GET /store/order-groups", "-     a=2", "-     a=1",
				"+     GET /store/order-groups", "+     a=1", "+     a=2",
			},
		},
		"method and path": {
			[]string{""},
			[]storeorderstest.Request{{Method: "POST", Path: "/store/order-groups"}},
			[]string{"  1.", "-     POST /store/order-groups", "+     GET /store/order-groups"},
		},
		"headers and credentials": {
			[]string{""},
			[]storeorderstest.Request{{
				Method: "GET", Path: "/store/order-groups",
				Header: http.Header{"Accept": {"text/html"}, "X-None": {"x"}},
				Host:   "h", Route: storeorderstest.MercurGet, Token: "t", PublishableKey: "k", ShopID: "s",
			}},
			[]string{
				"  1.",
				"      GET /store/order-groups",
				`-     Accept: "text/html"`, `-     X-None: "x"`, `-     Host: "h"`, `-     Route: "Mercur get"`,
				`-     Token: "t"`, `-     PublishableKey: "k"`, `-     ShopID: "s"`,
				`+     Accept: ""`, `+     X-None: ""`, `+     Host: "storeorders.test"`, `+     Route: "Mercur list"`,
				`+     Token: "tok"`, `+     PublishableKey: "pk"`, `+     ShopID: ""`,
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := storeorderstest.Transport()
			for _, query := range tt.got {
				req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, srv.URL+"/store/order-groups?"+query, http.NoBody)
				require.NoError(t, err)
				req.Header.Set("Authorization", "Bearer tok")
				req.Header.Set("X-Publishable-Api-Key", "pk")
				resp, err := srv.RoundTrip(req)
				require.NoError(t, err)
				require.NoError(t, resp.Body.Close())
			}
			recorder := &recordingTB{TB: t}
			assert.False(t, srv.AssertRequests(recorder, tt.want...))
			require.Len(t, recorder.failures, 1)
			_, diff, _ := strings.Cut(recorder.failures[0], "\n")
			assert.Equal(t, strings.Join(tt.diff, "\n")+"\n", diff)

			recorder = &recordingTB{TB: t}
			assert.False(t, srv.AssertRequestsInAnyOrder(recorder, tt.want...))
			assert.Len(t, recorder.failures, 1)
		})
	}
}

func TestAssertRequestsInAnyOrderStillCounts(t *testing.T) {
	t.Parallel()
	s := newShop(storeorderstest.Transport())
	s.read(t, "/none?a=1")
	s.read(t, "/none?a=2")
	recorder := &recordingTB{TB: t}
	one := storeorderstest.GET("/none", "a=1")
	assert.False(t, s.AssertRequestsInAnyOrder(recorder, one, one))
	assert.False(t, s.AssertRequestsInAnyOrder(recorder, one))
	assert.False(t, s.AssertRequestsInAnyOrder(recorder, storeorderstest.GET("/none", "a=2"), one, one))
	assert.Len(t, recorder.failures, 3)
}

func TestGETPanicsAtAQueryThatCannotBeRead(t *testing.T) {
	t.Parallel()
	assert.Panics(t, func() { storeorderstest.GET("/", "a=%zz") })
}

func TestExpectedRequestsAreNotShared(t *testing.T) {
	t.Parallel()
	one := storeorderstest.GET("/", "").WithHeader("A", "1")
	two := one.WithHeader("A", "2")
	assert.Equal(t, "1", one.Header.Get("A"))
	assert.Equal(t, "2", two.Header.Get("A"))
}

func TestAssertionsThatMustNotPass(t *testing.T) {
	t.Parallel()
	const path = "/store/order-groups"
	for name, c := range map[string]struct {
		sent string
		want storeorderstest.Request
	}{
		"a query that cannot be read": {path + "?limit=2&bad=%zz", storeorderstest.GET(path, "limit=2")},
		"an equals sign in a name":    {path + "?a%3Db=c", storeorderstest.GET(path, "a=b%3Dc")},
		"a token where none is to be": {path, storeorderstest.GET(path, "").WithToken("")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := storeorderstest.Transport()
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+c.sent, http.NoBody)
			require.NoError(t, err)
			req.Header.Set("Authorization", "Bearer token")
			resp, err := server.RoundTrip(req)
			require.NoError(t, err)
			require.NoError(t, resp.Body.Close())
			assert.False(t, server.AssertRequests(new(quietTB), c.want))
		})
	}
}

func TestAnyOrderFindsAPairForEach(t *testing.T) {
	t.Parallel()
	server := storeorderstest.Transport()
	for _, token := range []string{"alice", "bob"} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+"/store/order-groups", http.NoBody)
		require.NoError(t, err)
		req.Header.Set("Authorization", "Bearer "+token)
		resp, err := server.RoundTrip(req)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
	}
	anybody := storeorderstest.GET("/store/order-groups", "")
	server.AssertRequestsInAnyOrder(t, anybody, anybody.WithToken("alice"))
}

// quietTB is a test that may fail.
type quietTB struct{ testing.TB }

func (quietTB) Helper()               {}
func (quietTB) Errorf(string, ...any) {}
