package storeorderstest_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-2861b391/storeorders"
	"github.com/seed-2861b391/storeorders/storeorderstest"
)

const jsonType = "application/json; charset=utf-8"

func roundTrip(t *testing.T, srv *storeorderstest.Server, req *http.Request) answer {
	t.Helper()
	resp, err := srv.RoundTrip(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return answer{resp.StatusCode, resp.Header.Get("Content-Type"), string(body)}
}

func TestSalesiveStatusOfUndocumentedCases(t *testing.T) {
	t.Parallel()
	const (
		statuses         = `"status" must be one of [pending, processing, paid, completed, cancelled, refunded]`
		withoutCompleted = `"status" must be one of [pending, processing, paid, cancelled, refunded]`
		ownOrder         = "/orders/690ff00acf4de460fd1f6114"
		foreignOrder     = "/orders/690ff00acf4de460fd1f6115"
	)
	type of = storeorderstest.SalesiveCase
	for _, tt := range []struct {
		name         string
		of           of
		status       int // 0: the default
		target, shop string
		want         int
		message      string // "": the body is want's
		body         string // part of it
	}{
		{"no shop", storeorderstest.MissingShop, 0, "/orders", "", 200, "", `"total":2,`},
		{"no shop", storeorderstest.MissingShop, 400, "/orders", "", 400, "Shop not found", ""},
		{"no shop", storeorderstest.MissingShop, 404, ownOrder, "", 404, "Shop not found", ""},
		{"a shop", storeorderstest.MissingShop, 404, ownOrder, "own", 200, "", ""},
		{"wrong shop", storeorderstest.WrongShop, 0, "/orders", "x", 404, "Shop not found", ""},
		{"wrong shop", storeorderstest.WrongShop, 500, "/orders", "x", 500, "Shop not found", ""},
		{"foreign", storeorderstest.ForeignOrder, 0, foreignOrder, "own", 403, "Access denied", ""},
		{"foreign", storeorderstest.ForeignOrder, 404, foreignOrder, "own", 404, "Order not found", ""},
		{"own", storeorderstest.ForeignOrder, 404, ownOrder, "own", 200, "", ""},
		{"malformed", storeorderstest.MalformedID, 0, "/orders/1001", "own", 404, "Order not found", ""},
		{"malformed", storeorderstest.MalformedID, 400, "/orders/1001", "own", 400, `"id" must be a valid ObjectId`, ""},
		{"malformed", storeorderstest.MalformedID, 400, "/orders/690ff00acf4de460fd1f611g", "own", 400, `"id" must be a valid ObjectId`, ""},
		{"absent", storeorderstest.MalformedID, 400, "/orders/690ff00acf4de460fd1f6199", "own", 404, `Order not found`, ""},
		{"unknown parameter", storeorderstest.UnknownParameter, 200, "/orders?offset=1", "own", 200, "", `"total":2,`},
		{"invalid value", storeorderstest.InvalidValue, 422, "/orders?page=0", "own", 422, `"page" must be greater than or equal to 1`, ""},
		{"invalid values", storeorderstest.InvalidValue, 200, "/orders?page=0&limit=abc&from=x&to=&minTotal=x&orderId=1.5", "own", 200, "", `"pagination":{"page":1,"limit":10,"total":2,"pages":1}`},
		{"lost", storeorderstest.UnknownStatus, 0, "/orders?status=lost", "own", 400, statuses, ""},
		{"lost", storeorderstest.UnknownStatus, 200, "/orders?status=lost", "own", 200, "", `"total":2,`},
		{"lost and paid", storeorderstest.UnknownStatus, 200, "/orders?status=lost&status=paid", "own", 200, "", `"total":0,`},
		{"completed", storeorderstest.CompletedStatus, 0, "/orders?status=completed", "own", 200, "", `"total":0,`},
		{"completed", storeorderstest.CompletedStatus, 400, "/orders?status=completed", "own", 400, withoutCompleted, ""},
		{"crossed", storeorderstest.CrossedBounds, 0, "/orders?minTotal=2&maxTotal=1", "own", 200, "", `"orders":[]`},
		{"crossed", storeorderstest.CrossedBounds, 400, "/orders?minTotal=2&maxTotal=1", "own", 400, `"maxTotal" must be greater than or equal to ref:minTotal`, ""},
		{"crossed", storeorderstest.CrossedBounds, 400, "/orders?from=2026-02-01&to=2026-01-01", "own", 400, `"to" must be greater than or equal to "ref:from"`, ""},
		{"not crossed", storeorderstest.CrossedBounds, 400, "/orders?minTotal=0&maxTotal=0", "own", 200, "", `"total":2,`},
		{"past the end", storeorderstest.PagePastEnd, 0, "/orders?page=2", "own", 200, "", `"orders":[],"pagination":{"page":2,"limit":10,"total":2,"pages":1}`},
		{"past the end", storeorderstest.PagePastEnd, 404, "/orders?page=2", "own", 404, "Page not found", ""},
		{"first of none", storeorderstest.PagePastEnd, 404, "/orders?orderId=1", "own", 200, "", `"orders":[]`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var opts []storeorderstest.Option
			if tt.status != 0 {
				opts = append(opts, storeorderstest.WithSalesiveStatus(tt.of, tt.status))
			}
			srv := storeorderstest.Transport(opts...)
			ada, ben := srv.AddShopper("Ada"), srv.AddShopper("Ben")
			srv.AddOrder(ada, storeorders.Order{ID: "690ff00acf4de460fd1f6114"})
			srv.AddOrder(ada, storeorders.Order{})
			srv.AddOrder(ben, storeorders.Order{ID: "690ff00acf4de460fd1f6115"})

			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, srv.SalesiveURL+tt.target, http.NoBody)
			require.NoError(t, err)
			req.Header.Set("Authorization", "Bearer "+ada.Token)
			if tt.shop != "" {
				req.Header.Set("X-Shop-Id", strings.Replace(tt.shop, "own", srv.ShopID, 1))
			}
			got := roundTrip(t, srv, req)
			assert.Equal(t, tt.want, got.status, got.body)
			if tt.message != "" {
				assert.Equal(t, failure(tt.want, tt.message), got.body)
			}
			assert.Contains(t, got.body, tt.body)
		})
	}
}

func TestSalesiveStatusOfGuests(t *testing.T) {
	t.Parallel()
	for status, message := range map[int]string{401: "Unauthorized", 403: "Access denied"} {
		srv := storeorderstest.Transport(storeorderstest.WithSalesiveStatus(storeorderstest.GuestShopper, status))
		token, _ := tokenIn(t, send(t, srv, http.MethodPost, "/auth/ghost", "", ""))
		assert.Equal(t, answer{status, jsonType, failure(status, message)}, send(t, srv, http.MethodGet, "/orders", token, ""))
		assert.Equal(t, 200, send(t, srv, http.MethodGet, "/orders", srv.AddShopper("Ada").Token, "").status)
	}
}

func TestSalesiveListsAsItsOptionsSay(t *testing.T) {
	t.Parallel()
	const noon = "2026-01-02T12:00:00.000Z"
	for _, tt := range []struct {
		name    string
		opts    []storeorderstest.Option
		query   string
		numbers []int64
		page    string
	}{
		{"default", nil, "", []int64{1003, 1002, 1001}, `{"page":1,"limit":10,"total":3,"pages":1}`},
		{"oldest first", []storeorderstest.Option{storeorderstest.WithSalesiveOldestFirst()}, "limit=2", []int64{1001, 1002}, `{"page":1,"limit":2,"total":3,"pages":2}`},
		{"total", nil, "minTotal=110", []int64{1003}, `{"page":1,"limit":10,"total":1,"pages":1}`},
		{"subtotal", []storeorderstest.Option{storeorderstest.WithSalesiveSubtotalFilter()}, "minTotal=100&maxTotal=100", []int64{1003, 1002, 1001}, `{"page":1,"limit":10,"total":3,"pages":1}`},
		{"inclusive", nil, "from=" + noon + "&to=" + noon, []int64{1002}, `{"page":1,"limit":10,"total":1,"pages":1}`},
		{"exclusive from", []storeorderstest.Option{storeorderstest.WithSalesiveExclusiveTimes()}, "from=" + noon, []int64{1003}, `{"page":1,"limit":10,"total":1,"pages":1}`},
		{"exclusive to", []storeorderstest.Option{storeorderstest.WithSalesiveExclusiveTimes()}, "to=" + noon, []int64{1001}, `{"page":1,"limit":10,"total":1,"pages":1}`},
		{"at the maximum", []storeorderstest.Option{storeorderstest.WithSalesiveMaxLimit(2)}, "limit=2", []int64{1003, 1002}, `{"page":1,"limit":2,"total":3,"pages":2}`},
		{"above the maximum", []storeorderstest.Option{storeorderstest.WithSalesiveMaxLimit(2)}, "limit=3&page=2", []int64{1001}, `{"page":2,"limit":2,"total":3,"pages":2}`},
		{"default above the maximum", []storeorderstest.Option{storeorderstest.WithSalesiveMaxLimit(2)}, "", []int64{1003, 1002}, `{"page":1,"limit":2,"total":3,"pages":2}`},
		{"pages of none", []storeorderstest.Option{storeorderstest.WithSalesivePagesOfNone(1)}, "orderId=1", []int64{}, `{"page":1,"limit":10,"total":0,"pages":1}`},
		{"pages of some", []storeorderstest.Option{storeorderstest.WithSalesivePagesOfNone(7)}, "orderId=1001", []int64{1001}, `{"page":1,"limit":10,"total":1,"pages":1}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			srv := storeorderstest.Transport(tt.opts...)
			ada := srv.AddShopper("Ada")
			for i := range 3 {
				srv.AddOrder(ada, storeorders.Order{
					Subtotal: "100", ShippingCost: storeorders.Decimal([]string{"0", "5", "10"}[i]),
					CreatedAt: time.Date(2026, time.January, 1+i, 12, 0, 0, 0, time.UTC),
				})
			}
			got := send(t, srv, http.MethodGet, "/orders?"+tt.query, ada.Token, "")
			assert.Contains(t, got.body, `"pagination":`+tt.page)
			assert.Equal(t, tt.numbers, orderNumbers(t, got.body))
		})
	}

	t.Run("limit above the maximum refused", func(t *testing.T) {
		t.Parallel()
		srv := storeorderstest.Transport(
			storeorderstest.WithSalesiveMaxLimit(100), storeorderstest.WithSalesiveStatus(storeorderstest.LimitAboveMax, 400),
		)
		got := send(t, srv, http.MethodGet, "/orders?limit=101", srv.AddShopper("Ada").Token, "")
		assert.Equal(t, answer{400, jsonType, failure(400, `"limit" must be less than or equal to 100`)}, got)
	})
}

func TestSalesiveSendsReferencesAsItsOptionSays(t *testing.T) {
	t.Parallel()
	given := storeorders.Order{
		ID: "1", Items: []storeorders.OrderItem{
			{Product: storeorders.Ref{ID: "p1"}, Name: "Lamp", Price: "1.50", Quantity: "1"},
			{Product: storeorders.Ref{Object: []byte(`{"_id":"p2","images":[]}`)}, Quantity: "1"},
		},
		Payment:   storeorders.Ref{Object: []byte(`{"_id":"pay1","status":"completed"}`)},
		CreatedAt: time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC),
	}
	const amounts = `"shippingCost":0,"subtotal":1.5,"total":1.5,"createdAt":"2026-01-01T00:00:00.000Z","updatedAt":"2026-01-01T00:00:00.000Z","orderId":1001,"_id":"1"`
	for _, tt := range []struct {
		name string
		opts []storeorderstest.Option
		want string
	}{
		{
			"as added", nil,
			`{` + amounts + `,"status":"pending","user":"690ff00a0000000000000001","shop":"68b8f52575da81b332af29f1","payment":{"_id":"pay1","status":"completed"},
			"items":[{"product":"p1","name":"Lamp","price":1.50,"quantity":1},{"product":{"_id":"p2","images":[]},"quantity":1}]}`,
		},
		{
			"as ids",
			[]storeorderstest.Option{storeorderstest.WithSalesiveReferences(storeorderstest.ReferencesAsIDs)},
			`{` + amounts + `,"status":"pending","user":"690ff00a0000000000000001","shop":"68b8f52575da81b332af29f1","payment":"pay1",
			"items":[{"product":"p1","name":"Lamp","price":1.50,"quantity":1},{"product":"p2","quantity":1}]}`,
		},
		{
			"as objects",
			[]storeorderstest.Option{storeorderstest.WithSalesiveReferences(storeorderstest.ReferencesAsObjects)},
			`{` + amounts + `,"status":"pending","user":{"_id":"690ff00a0000000000000001","name":"Ada"},"shop":{"_id":"68b8f52575da81b332af29f1"},
			"payment":{"_id":"pay1","status":"completed"},
			"items":[{"product":{"_id":"p1","name":"Lamp"},"name":"Lamp","price":1.50,"quantity":1},{"product":{"_id":"p2","images":[]},"quantity":1}]}`,
		},
		{
			"as null",
			[]storeorderstest.Option{storeorderstest.WithSalesiveReferences(storeorderstest.ReferencesAsNull)},
			`{` + amounts + `,"status":"pending","user":null,"shop":null,"payment":null,"shipment":null,"coupon":null,
			"items":[{"product":null,"variant":null,"service":null,"name":"Lamp","price":1.50,"quantity":1},{"product":null,"variant":null,"service":null,"quantity":1}]}`,
		},
		{
			"no status",
			[]storeorderstest.Option{storeorderstest.WithSalesiveNoStatus()},
			`{` + amounts + `,"user":"690ff00a0000000000000001","shop":"68b8f52575da81b332af29f1","payment":{"_id":"pay1","status":"completed"},
			"items":[{"product":"p1","name":"Lamp","price":1.50,"quantity":1},{"product":{"_id":"p2","images":[]},"quantity":1}]}`,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			srv := storeorderstest.Transport(tt.opts...)
			ada := srv.AddShopper("Ada")
			srv.AddOrder(ada, given)
			one := send(t, srv, http.MethodGet, "/orders/1", ada.Token, "")
			assert.JSONEq(t, `{"status":200,"success":true,"message":"Order retrieved","data":`+tt.want+`}`, one.body)
			assert.Contains(t, one.body, `"price":1.50`, "numbers keep their digits")
			list := send(t, srv, http.MethodGet, "/orders?status=pending", ada.Token, "")
			assert.JSONEq(t, `{"status":200,"success":true,"message":"Orders retrieved successfully","data":{"orders":[`+tt.want+`],
				"pagination":{"page":1,"limit":10,"total":1,"pages":1}}}`, list.body)

			client, err := storeorders.NewClient(
				storeorders.WithHTTPClient(&http.Client{Transport: srv}), storeorders.WithSalesive(srv.SalesiveConfig()),
			)
			require.NoError(t, err)
			order, err := client.Orders.Get(t.Context(), "1", storeorders.WithToken(ada.Token))
			require.NoError(t, err)
			if tt.name == "as objects" {
				assert.Equal(t, "p1", order.Items[0].Product.ID)
			}
			assert.Equal(t, tt.name == "no status", order.Status == "")
			assert.Equal(t, tt.name == "as null", order.User.IsZero())
		})
	}
}

func TestTwoOrigins(t *testing.T) {
	t.Parallel()
	for name, srv := range map[string]*storeorderstest.Server{
		"sockets":    newServer(t, storeorderstest.WithTwoOrigins()),
		"no sockets": storeorderstest.Transport(storeorderstest.WithTwoOrigins()),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.False(t, strings.HasPrefix(srv.SalesiveURL, srv.URL))
			alice, ada := srv.AddCustomer("Alice"), srv.AddShopper("Ada")
			srv.AddOrderGroups(alice, 2, 1)
			srv.AddOrders(ada, 2, 1)
			client, err := storeorders.NewClient(
				storeorders.WithHTTPClient(&http.Client{Transport: srv}),
				storeorders.WithMercur(srv.MercurConfig()), storeorders.WithSalesive(srv.SalesiveConfig()),
			)
			require.NoError(t, err)
			groups, err := client.OrderGroups.List(t.Context(), nil, storeorders.WithToken(alice.Token))
			require.NoError(t, err)
			assert.Equal(t, 2, groups.Count)
			orders, err := client.Orders.List(t.Context(), nil, storeorders.WithToken(ada.Token))
			require.NoError(t, err)
			assert.Equal(t, 2, orders.Total)

			for _, url := range []string{
				srv.URL + "/api/v1/orders", srv.URL + "/orders", srv.URL + "/auth/me",
				strings.TrimSuffix(srv.SalesiveURL, "/api/v1") + "/store/order-groups",
			} {
				req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
				require.NoError(t, err)
				assert.Equal(t, http.StatusNotFound, roundTrip(t, srv, req).status, "the other API is not there: %s", url)
			}
		})
	}
	one := storeorderstest.Transport()
	assert.Equal(t, one.URL+"/api/v1", one.SalesiveURL)
}
