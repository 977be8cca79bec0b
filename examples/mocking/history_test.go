package mocking_test

import (
	"context"
	"errors"
	"iter"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-2861b391/storeorders"
	"github.com/seed-2861b391/storeorders/examples/mocking"
	"github.com/seed-2861b391/storeorders/storeorderstest"
)

// history returns the page whose requests to the store go through the transport.
func history(t *testing.T, server *storeorderstest.Server, transport http.RoundTripper) mocking.History {
	t.Helper()
	client, err := storeorders.NewClient(
		storeorders.WithHTTPClient(&http.Client{Transport: transport}),
		storeorders.WithMercur(server.MercurConfig()),
	)
	require.NoError(t, err)
	t.Cleanup(client.CloseIdleConnections)
	return mocking.History{Groups: client.OrderGroups}
}

// visit opens the page as the shopper with the token.
func visit(t *testing.T, page http.Handler, token string) *httptest.ResponseRecorder {
	t.Helper()
	req := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/history", http.NoBody)
	req.Header.Set("Authorization", "Bearer "+token)
	rec := httptest.NewRecorder()
	page.ServeHTTP(rec, req)
	return rec
}

// The first way: a server.

func TestHistoryAgainstAServer(t *testing.T) {
	t.Parallel()
	server := storeorderstest.NewServer()
	defer server.Close()
	alice := server.AddCustomer("Alice")
	server.AddOrderGroup(alice, storeorders.OrderGroup{
		DisplayID: 7, Total: "72.50", CreatedAt: time.Date(2026, 1, 2, 15, 4, 5, 0, time.UTC),
	})
	page := history(t, server, http.DefaultTransport)

	rec := visit(t, page, alice.Token)
	assert.Equal(t, http.StatusOK, rec.Code)
	assert.JSONEq(t, `[{"number":7,"placed":"2026-01-02T15:04:05Z","total":72.50}]`, rec.Body.String())

	assert.Equal(t, http.StatusUnauthorized, visit(t, page, "not-a-token").Code)

	// Each shopper's token went along with the shopper's own request.
	requests := server.Requests()
	require.Len(t, requests, 2)
	assert.Equal(t, alice.Token, requests[0].Token)
	assert.Equal(t, "10", requests[0].Query.Get("limit"))
	assert.Equal(t, "not-a-token", requests[1].Token)
}

// Without a socket it works inside a bubble of synctest: no test waits.
func TestHistoryOutlastsAHiccup(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := storeorderstest.Transport()
		alice := server.AddCustomer("Alice")
		page := history(t, server, server)

		server.Inject(storeorderstest.Status(http.StatusTooManyRequests, "Retry-After", "20"), storeorderstest.First(1))
		start := time.Now()
		assert.Equal(t, http.StatusOK, visit(t, page, alice.Token).Code)
		assert.Equal(t, 20*time.Second, time.Since(start))

		server.Inject(storeorderstest.BadGateway())
		assert.Equal(t, http.StatusBadGateway, visit(t, page, alice.Token).Code)
	})
}

// Who has no token is to log in; a key that the program forgot is not the
// shopper's to mend.
func TestHistoryTellsWhoHasToLogIn(t *testing.T) {
	t.Parallel()
	server := storeorderstest.Transport()
	alice := server.AddCustomer("Alice")
	assert.Equal(t, http.StatusUnauthorized, visit(t, history(t, server, server), "").Code)

	client, err := storeorders.NewClient(
		storeorders.WithHTTPClient(&http.Client{Transport: server}),
		storeorders.WithMercur(storeorders.MercurConfig{BaseURL: server.URL}), // without a publishable key
	)
	require.NoError(t, err)
	assert.Equal(t, http.StatusBadGateway, visit(t, mocking.History{Groups: client.OrderGroups}, alice.Token).Code)
	server.AssertRequests(t)
}

// The second way: httpmock.

func TestHistoryThroughHTTPMock(t *testing.T) {
	t.Parallel()
	server := storeorderstest.Transport()
	alice := server.AddCustomer("Alice")
	server.AddOrderGroups(alice, 12, 1)
	transport := httpmock.NewMockTransport() // one for each test, not httpmock.Activate
	storeorderstest.RegisterResponders(transport, server)

	rec := visit(t, history(t, server, transport), alice.Token)
	assert.Equal(t, http.StatusOK, rec.Code)
	assert.Equal(t, 1, transport.GetTotalCallCount(), "ten orders are one page")
}

// The third way: an interface.

type fakeGroups struct {
	groups []*storeorders.OrderGroup
	err    error
}

func (f fakeGroups) All(
	context.Context, *storeorders.OrderGroupListOptions, ...storeorders.RequestOption,
) iter.Seq2[*storeorders.OrderGroup, error] {
	return storeorderstest.Seq(f.groups, f.err)
}

func TestHistoryAtAnInterface(t *testing.T) {
	t.Parallel()
	groups := []*storeorders.OrderGroup{{DisplayID: 7, Total: "72.50"}}
	for name, tt := range map[string]struct {
		fake   fakeGroups
		status int
	}{
		"no orders":        {fakeGroups{}, http.StatusOK},
		"an order":         {fakeGroups{groups, nil}, http.StatusOK},
		"an error midway":  {fakeGroups{groups, errors.New("broken")}, http.StatusBadGateway},
		"no longer in":     {fakeGroups{nil, storeorders.ErrUnauthorized}, http.StatusUnauthorized},
		"too many at once": {fakeGroups{nil, storeorders.ErrRateLimited}, http.StatusServiceUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, tt.status, visit(t, mocking.History{Groups: tt.fake}, "token").Code)
		})
	}
}
