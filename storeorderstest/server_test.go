package storeorderstest_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-2861b391/storeorders"
	"github.com/seed-2861b391/storeorders/storeorderstest"
)

func newServer(t *testing.T, opts ...storeorderstest.Option) *storeorderstest.Server {
	t.Helper()
	srv := storeorderstest.NewServer(opts...)
	t.Cleanup(srv.Close)
	return srv
}

type answer struct {
	status      int
	contentType string
	body        string
}

// request sends the target, which is everything behind the origin, as it is.
func request(t *testing.T, srv *storeorderstest.Server, method, target string, headers map[string]string) answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, srv.URL+target, http.NoBody)
	require.NoError(t, err)
	for name, value := range headers {
		req.Header.Set(name, value)
	}
	transport := &http.Transport{DisableKeepAlives: true}
	resp, err := transport.RoundTrip(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return answer{resp.StatusCode, resp.Header.Get("Content-Type"), string(body)}
}

func TestServerHandsBackTheRequestsItGot(t *testing.T) {
	t.Parallel()
	srv := newServer(t)

	request(t, srv, http.MethodGet, "/store/order-groups/og_a%2Fb?fields=id&id=1&id=2", map[string]string{"Authorization": "Bearer x"})
	request(t, srv, http.MethodPost, "/api/v1/orders", nil)

	requests := srv.Requests()
	require.Len(t, requests, 2)
	assert.Equal(t, http.MethodGet, requests[0].Method)
	assert.Equal(t, "/store/order-groups/og_a%2Fb", requests[0].Path)
	assert.Equal(t, "fields=id&id=1&id=2", requests[0].RawQuery)
	assert.Equal(t, url.Values{"fields": {"id"}, "id": {"1", "2"}}, requests[0].Query)
	assert.Equal(t, "Bearer x", requests[0].Header.Get("Authorization"))
	assert.Equal(t, http.MethodPost, requests[1].Method)
	assert.Equal(t, "/api/v1/orders", requests[1].Path)
}

func TestServerTakesCredentialsOfTheCallersChoice(t *testing.T) {
	t.Parallel()
	srv := newServer(t, storeorderstest.WithPublishableKey("pk_mine"), storeorderstest.WithShopID("shop-1"))
	alice, ada := srv.AddCustomer("Alice"), srv.AddShopper("Ada")

	groups := request(t, srv, http.MethodGet, "/store/order-groups",
		map[string]string{"Authorization": "Bearer " + alice.Token, "x-publishable-api-key": "pk_mine"})
	assert.Equal(t, http.StatusOK, groups.status, groups.body)

	orders := request(t, srv, http.MethodGet, "/orders", map[string]string{"Authorization": "Bearer " + ada.Token, "x-shop-id": "shop-1"})
	assert.Equal(t, http.StatusOK, orders.status, orders.body)
}

func TestServerServesTheSDK(t *testing.T) {
	t.Parallel()
	srv := newServer(t)
	alice, ada := srv.AddCustomer("Alice"), srv.AddShopper("Ada")
	groups, orders := srv.AddOrderGroups(alice, 7, 1), srv.AddOrders(ada, 7, 1)
	bare := srv.SalesiveConfig()
	bare.BaseURL = srv.URL

	for name, salesive := range map[string]storeorders.SalesiveConfig{"prefixed": srv.SalesiveConfig(), "bare": bare} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, err := storeorders.NewClient(storeorders.WithMercur(srv.MercurConfig()), storeorders.WithSalesive(salesive))
			require.NoError(t, err)
			defer client.CloseIdleConnections()

			gotGroups, err := storeorders.Collect(client.OrderGroups.All(
				t.Context(), &storeorders.OrderGroupListOptions{Limit: 3, Order: storeorders.OldestFirst}, storeorders.WithToken(alice.Token),
			), 0)
			require.NoError(t, err)
			require.Len(t, gotGroups, len(groups))
			for i, group := range gotGroups {
				assert.Equal(t, groups[i].ID, group.ID)
				assert.Equal(t, groups[i].Total, group.Total)
				assert.Equal(t, groups[i].CreatedAt, group.CreatedAt)
				require.Len(t, group.Orders, len(groups[i].Orders))
				assert.Equal(t, groups[i].Orders[0].Total, group.Orders[0].Total)
				assert.Equal(t, groups[i].Orders[0].Seller, group.Orders[0].Seller)
				assert.Equal(t, groups[i].Orders[0].Items[0].Quantity, group.Orders[0].Items[0].Quantity)
			}

			gotOrders, err := storeorders.Collect(client.Orders.All(
				t.Context(), &storeorders.OrderListOptions{Limit: 3}, storeorders.WithToken(ada.Token),
			), 0)
			require.NoError(t, err)
			require.Len(t, gotOrders, len(orders))
			for i, order := range gotOrders {
				want, err := client.Orders.Get(t.Context(), orders[len(orders)-1-i].ID, storeorders.WithToken(ada.Token))
				require.NoError(t, err)
				assert.JSONEq(t, string(want.RawJSON()), string(order.RawJSON()))
			}
		})
	}
}

func TestDataMayChangeWhileRequestsRun(t *testing.T) {
	t.Parallel()
	srv := newServer(t)
	alice, ada := srv.AddCustomer("Alice"), srv.AddShopper("Ada")

	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 10 {
				group := srv.AddOrderGroup(alice, storeorders.OrderGroup{})
				order := srv.AddOrder(ada, storeorders.Order{})
				assert.Equal(t, http.StatusOK, request(t, srv, http.MethodGet, "/store/order-groups", mercurHeaders(srv, alice)).status)
				assert.Equal(t, http.StatusOK, request(t, srv, http.MethodGet, "/orders", salesiveHeaders(srv, ada)).status)
				assert.True(t, srv.RemoveOrderGroup(group.ID))
				assert.True(t, srv.RemoveOrder(order.ID))
			}
		})
	}
	wg.Wait()
	assert.Len(t, srv.Requests(), 80)
}

func TestServerAnswersUnknownRoutesAsExpressDoes(t *testing.T) {
	t.Parallel()
	srv := newServer(t)
	alice := srv.AddCustomer("Alice")
	group := srv.AddOrderGroup(alice, storeorders.OrderGroup{})

	for _, tt := range []struct{ method, target, cannot string }{
		{http.MethodPost, "/store/order-groups?limit=1", "Cannot POST /store/order-groups"},
		{http.MethodDelete, "/store/order-groups/" + group.ID, "Cannot DELETE /store/order-groups/" + group.ID},
		{http.MethodGet, "/store/order-groups/" + group.ID + "/orders", "Cannot GET /store/order-groups/" + group.ID + "/orders"},
		{http.MethodGet, "/store/no-such", "Cannot GET /store/no-such"},
		{http.MethodGet, "//store/order-groups", "Cannot GET //store/order-groups"},
		{http.MethodGet, "/stores/order-groups", "Cannot GET /stores/order-groups"},
		{http.MethodGet, "/", "Cannot GET /"},
	} {
		t.Run(tt.method+" "+tt.target, func(t *testing.T) {
			t.Parallel()
			got := request(t, srv, tt.method, tt.target, mercurHeaders(srv, alice))
			assert.Equal(t, http.StatusNotFound, got.status)
			assert.Equal(t, "text/html; charset=utf-8", got.contentType)
			assert.Equal(t, strings.Join([]string{
				"<!DOCTYPE html>", `<html lang="en">`, "<head>", `<meta charset="utf-8">`, "<title>Error</title>", "</head>",
				"<body>", "<pre>" + tt.cannot + "</pre>", "</body>", "</html>", "",
			}, "\n"), got.body)
		})
	}
}
