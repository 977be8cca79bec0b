package storeorderstest_test

import (
	"net/http"
	"testing"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-2861b391/storeorders"
	"github.com/seed-2861b391/storeorders/storeorderstest"
)

// mock returns the shop behind a MockTransport.
func mock(opts ...storeorderstest.Option) (shop, *httpmock.MockTransport) {
	s := newShop(storeorderstest.Transport(opts...))
	transport := httpmock.NewMockTransport()
	storeorderstest.RegisterResponders(transport, s.Server)
	s.http = transport
	return s, transport
}

func TestRespondersServeTheSDK(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string][]storeorderstest.Option{
		"one origin":  nil,
		"two origins": {storeorderstest.WithTwoOrigins()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, transport := mock(opts...)
			client := s.client(t)

			assert.Len(t, groups(t.Context(), client, 2, 4).ids, 1)
			assert.Len(t, orders(t.Context(), client, 2, 4).ids, 1)
			group, err := client.OrderGroups.Get(t.Context(), "og_1", nil)
			require.NoError(t, err)
			assert.Equal(t, "og_1", group.ID)
			order, err := client.Orders.Get(t.Context(), "690000000000000000000001")
			require.NoError(t, err)
			assert.Equal(t, "690000000000000000000001", order.ID)

			assert.Len(t, s.Requests(), 4)
			assert.Equal(t, 4, transport.GetTotalCallCount())
		})
	}
}

func TestRespondersTakeTheQueryForWhatItIs(t *testing.T) {
	t.Parallel()
	s, _ := mock()
	assert.Contains(t, s.read(t, "/store/order-groups?fields=id&limit=1&offset=3").body, `"count":5,"offset":3,"limit":1`)
	assert.Equal(t, http.StatusBadRequest, s.read(t, "/store/order-groups?page=2").StatusCode, "no such parameter")
	assert.Equal(t, http.StatusBadRequest, s.read(t, "/api/v1/orders?offset=2").StatusCode, "no such parameter")
	s.AssertRequests(
		t,
		storeorderstest.GET("/store/order-groups", "fields=id&limit=1&offset=3"),
		storeorderstest.GET("/store/order-groups", "page=2"),
		storeorderstest.GET("/api/v1/orders", "offset=2"),
	)
}

func TestRespondersHaveTheFaultsOfTheServer(t *testing.T) {
	t.Parallel()
	s, _ := mock()
	s.Inject(storeorderstest.Status(403), storeorderstest.SalesiveList)
	assert.ErrorIs(t, orders(t.Context(), s.client(t), 2, 0).err, storeorders.ErrForbidden)
	assert.NoError(t, groups(t.Context(), s.client(t), 2, 0).err)
}

func TestWhatHasNoResponderFails(t *testing.T) {
	t.Parallel()
	s, transport := mock()
	for _, tt := range []struct{ method, url string }{
		{http.MethodGet, s.URL + "/store/products"},
		{http.MethodGet, s.URL + "/store/order-groups/og_1/orders"},
		{http.MethodPost, s.URL + "/store/order-groups"},
		{http.MethodDelete, s.URL + "/orders/1"},
		{http.MethodGet, s.URL + ".example/orders"},
		{http.MethodGet, "http://elsewhere.test/store/order-groups"},
		{http.MethodGet, "http://elsewhere.test/?" + s.URL + "/store/order-groups"},
	} {
		req, err := http.NewRequestWithContext(t.Context(), tt.method, tt.url, http.NoBody)
		require.NoError(t, err)
		_, err = transport.RoundTrip(req) //nolint:bodyclose // there is no response
		assert.ErrorIs(t, err, httpmock.NoResponderFound, "%s %s", tt.method, tt.url)
	}
	assert.Empty(t, s.Requests())
}

func TestAResponderOfOnesOwnGoesFirst(t *testing.T) {
	t.Parallel()
	s, transport := mock()
	transport.RegisterResponder(http.MethodGet, s.URL+"/store/order-groups?fields=id&limit=2&offset=2", httpmock.NewStringResponder(418, "mine"))
	assert.Equal(t, 418, s.read(t, "/store/order-groups?offset=2&limit=2&fields=id").StatusCode)
	assert.Equal(t, 200, s.read(t, "/store/order-groups?offset=3&limit=2&fields=id").StatusCode)
}

func TestRespondersServeTheLogins(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string][]storeorderstest.Option{
		"one origin":  nil,
		"two origins": {storeorderstest.WithTwoOrigins()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, transport := mock(opts...)
			s.Inject(storeorderstest.Status(http.StatusTooManyRequests), storeorderstest.Auth)
			for _, url := range []string{s.URL + "/auth/customer/emailpass", s.SalesiveURL + "/auth/ghost"} {
				req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, http.NoBody)
				require.NoError(t, err)
				resp, err := transport.RoundTrip(req)
				require.NoError(t, err)
				require.NoError(t, resp.Body.Close())
				assert.Equal(t, http.StatusTooManyRequests, resp.StatusCode)
			}
			assert.Len(t, s.Requests(), 2)
		})
	}
}
