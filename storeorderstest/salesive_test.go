package storeorderstest_test

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-2861b391/storeorders"
	"github.com/seed-2861b391/storeorders/storeorderstest"
)

func salesiveHeaders(srv *storeorderstest.Server, s *storeorderstest.Shopper) map[string]string {
	return map[string]string{"x-shop-id": srv.ShopID, "Authorization": "Bearer " + s.Token}
}

func failure(status int, message string) string {
	text, err := json.Marshal(message)
	if err != nil {
		panic(err)
	}
	return `{"status":` + strconv.Itoa(status) + `,"success":false,"message":` + string(text) + `,"data":{}}`
}

// documentedOrder is the sample of the documentation.
func documentedOrder() storeorders.Order {
	return storeorders.Order{
		ID: "690ff00acf4de460fd1f6114", User: storeorders.Ref{ID: "68f976e92bb0b821425fdda6"},
		Items: []storeorders.OrderItem{{
			Product: storeorders.Ref{ID: "68e5bb463a1fc56a8ac150bf"}, Name: "Head phone", Price: "10000", Quantity: "2",
		}},
		CreatedAt: time.Date(2025, time.November, 14, 15, 30, 0, 0, time.UTC),
	}
}

func TestSalesiveAnswersAsDocumented(t *testing.T) {
	t.Parallel()
	srv := newServer(t)
	ada := srv.AddShopper("Ada")
	srv.AddOrder(ada, documentedOrder())
	const order = `{"_id":"690ff00acf4de460fd1f6114","orderId":1001,"user":"68f976e92bb0b821425fdda6","shop":"68b8f52575da81b332af29f1",
		"items":[{"product":"68e5bb463a1fc56a8ac150bf","name":"Head phone","price":10000,"quantity":2}],
		"status":"pending","subtotal":20000,"shippingCost":0,"total":20000,
		"createdAt":"2025-11-14T15:30:00.000Z","updatedAt":"2025-11-14T15:30:00.000Z"}`

	for _, prefix := range []string{"/api/v1", ""} {
		list := request(t, srv, http.MethodGet, prefix+"/orders", salesiveHeaders(srv, ada))
		assert.Equal(t, 200, list.status)
		assert.Equal(t, "application/json; charset=utf-8", list.contentType)
		assert.JSONEq(t, `{"status":200,"success":true,"message":"Orders retrieved successfully",
			"data":{"orders":[`+order+`],"pagination":{"page":1,"limit":10,"total":1,"pages":1}}}`, list.body)

		one := request(t, srv, http.MethodGet, prefix+"/orders/690ff00acf4de460fd1f6114", salesiveHeaders(srv, ada))
		assert.Equal(t, 200, one.status)
		assert.JSONEq(t, `{"status":200,"success":true,"message":"Order retrieved","data":`+order+`}`, one.body)
	}
}

func TestSalesiveAnswersAnEmptyList(t *testing.T) {
	t.Parallel()
	srv := newServer(t)
	got := request(t, srv, http.MethodGet, "/api/v1/orders", salesiveHeaders(srv, srv.AddShopper("Ada")))
	assert.Equal(t, `{"status":200,"success":true,"message":"Orders retrieved successfully",`+
		`"data":{"orders":[],"pagination":{"page":1,"limit":10,"total":0,"pages":0}}}`, got.body)
}

func TestSalesiveChecksInItsOrder(t *testing.T) {
	t.Parallel()
	srv := newServer(t)
	ada, ben := srv.AddShopper("Ada"), srv.AddShopper("Ben")
	srv.AddOrder(ada, storeorders.Order{ID: "690ff00acf4de460fd1f6114"})
	srv.AddOrder(ben, storeorders.Order{ID: "690ff00acf4de460fd1f6115"})
	srv.AddOrder(ada, storeorders.Order{ID: "690ff00acf4de460fd1f6116", Shop: storeorders.Ref{ID: "68b8f52575da81b332af0000"}})
	token := "Bearer " + ada.Token

	for _, tt := range []struct {
		name, method, target, authorization, shop string
		status                                    int
		message                                   string
	}{
		{"no token", http.MethodGet, "/orders?page=0", "", srv.ShopID, 401, "Unauthorized"},
		{"wrong token, wrong shop", http.MethodGet, "/orders", "Bearer x", "other", 401, "Unauthorized"},
		{"wrong shop", http.MethodGet, "/orders?page=0", token, "other", 404, "Shop not found"},
		{"absent", http.MethodGet, "/orders/690ff00acf4de460fd1f6199", token, srv.ShopID, 404, "Order not found"},
		{"malformed id", http.MethodGet, "/orders/x%2Fy", token, srv.ShopID, 404, "Order not found"},
		{"another shopper's", http.MethodGet, "/orders/690ff00acf4de460fd1f6115", token, srv.ShopID, 403, "Access denied"},
		{"another shop's", http.MethodGet, "/orders/690ff00acf4de460fd1f6116", token, srv.ShopID, 403, "Access denied"},
		{"another method", http.MethodPost, "/orders", token, srv.ShopID, 404, "Route not found"},
		{"another route", http.MethodGet, "/api/v1/carts", token, srv.ShopID, 404, "Route not found"},
		{"below an order", http.MethodGet, "/orders/690ff00acf4de460fd1f6114/items", token, srv.ShopID, 404, "Route not found"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := request(t, srv, tt.method, tt.target, map[string]string{"Authorization": tt.authorization, "X-Shop-Id": tt.shop})
			assert.Equal(t, answer{tt.status, "application/json; charset=utf-8", failure(tt.status, tt.message)}, got)
		})
	}

	t.Run("no shop", func(t *testing.T) {
		t.Parallel()
		got := request(t, srv, http.MethodGet, "/orders", map[string]string{"Authorization": token})
		assert.Equal(t, 200, got.status, got.body)
		assert.Contains(t, got.body, `"total":1,`, "the other shop's order is not listed")
	})
}

func TestSalesiveListsByItsParameters(t *testing.T) {
	t.Parallel()
	srv := newServer(t)
	ada, ben := srv.AddShopper("Ada"), srv.AddShopper("Ben")
	// Orders 1001 to 1006 of 1 to 6 January, of totals that their subtotals do
	// not tell. The last two have the same time.
	for i, o := range []storeorders.Order{
		{Status: storeorders.OrderStatusPending, Subtotal: "99.99"},
		{Status: storeorders.OrderStatusPaid, Subtotal: "90", ShippingCost: "10"},
		{Status: storeorders.OrderStatusProcessing, Subtotal: "200.50"},
		{Status: storeorders.OrderStatusCompleted, Subtotal: "1000", ShippingCost: "50", Discount: "200"},
		{Status: storeorders.OrderStatusCancelled, Subtotal: "100.0"},
		{Status: storeorders.OrderStatusRefunded, Subtotal: "0"},
	} {
		o.CreatedAt = time.Date(2026, time.January, min(i+1, 5), 12, 0, 0, 999_999_000, time.UTC)
		srv.AddOrder(ada, o)
	}
	srv.AddOrder(ben, storeorders.Order{})

	for _, tt := range []struct {
		query      string
		numbers    string // without the leading 100
		pagination string
	}{
		{"", "654321", `{"page":1,"limit":10,"total":6,"pages":1}`},
		{"limit=4", "6543", `{"page":1,"limit":4,"total":6,"pages":2}`},
		{"limit=4&page=2", "21", `{"page":2,"limit":4,"total":6,"pages":2}`},
		{"limit=3&page=2", "321", `{"page":2,"limit":3,"total":6,"pages":2}`},
		{"limit=3&page=3", "", `{"page":3,"limit":3,"total":6,"pages":2}`},
		{"page=9007199254740991&limit=9007199254740991", "", `{"page":9007199254740991,"limit":9007199254740991,"total":6,"pages":1}`},
		{"limit=1000", "654321", `{"page":1,"limit":1000,"total":6,"pages":1}`},

		{"status=paid", "2", `{"page":1,"limit":10,"total":1,"pages":1}`},
		{"status=paid&status=completed", "42", `{"page":1,"limit":10,"total":2,"pages":1}`},
		{"status%5B%5D=pending&status%5B%5D=refunded", "61", `{"page":1,"limit":10,"total":2,"pages":1}`},
		{"orderId=1003", "3", `{"page":1,"limit":10,"total":1,"pages":1}`},
		{"orderId=7", "", `{"page":1,"limit":10,"total":0,"pages":0}`},

		{"minTotal=100", "5432", `{"page":1,"limit":10,"total":4,"pages":1}`},
		{"maxTotal=100.00", "6521", `{"page":1,"limit":10,"total":4,"pages":1}`},
		{"minTotal=850&maxTotal=850", "4", `{"page":1,"limit":10,"total":1,"pages":1}`},
		{"minTotal=0&maxTotal=0", "6", `{"page":1,"limit":10,"total":1,"pages":1}`},
		{"minTotal=500&maxTotal=100", "", `{"page":1,"limit":10,"total":0,"pages":0}`},

		{"from=2026-01-04T12:00:00.999Z", "654", `{"page":1,"limit":10,"total":3,"pages":1}`},
		{"from=2026-01-04T12:00:01.000Z", "65", `{"page":1,"limit":10,"total":2,"pages":1}`},
		{"to=2026-01-02T12:00:00.999Z", "21", `{"page":1,"limit":10,"total":2,"pages":1}`},
		{"to=2026-01-02T12:00:00.998Z", "1", `{"page":1,"limit":10,"total":1,"pages":1}`},
		{"to=0001-01-01T00:00:00.000Z", "", `{"page":1,"limit":10,"total":0,"pages":0}`},
		{"from=2026-01-04&to=2026-01-02", "", `{"page":1,"limit":10,"total":0,"pages":0}`},
		{"from=2026-01-03T01:00:00%2B01:00", "6543", `{"page":1,"limit":10,"total":4,"pages":1}`},
		{"status=paid&status=processing&minTotal=150&from=2026-01-02T00:00:00.000Z&limit=5", "3", `{"page":1,"limit":5,"total":1,"pages":1}`},
	} {
		t.Run(tt.query, func(t *testing.T) {
			t.Parallel()
			got := request(t, srv, http.MethodGet, "/orders?"+tt.query, salesiveHeaders(srv, ada))
			require.Equal(t, 200, got.status, got.body)
			var numbers strings.Builder
			for _, number := range orderNumbers(t, got.body) {
				numbers.WriteString(strings.TrimPrefix(strconv.FormatInt(number, 10), "100"))
			}
			assert.Equal(t, tt.numbers, numbers.String())
			assert.Contains(t, got.body, `"pagination":`+tt.pagination)
		})
	}
}

// orderNumbers returns the numbers of a list's orders.
func orderNumbers(t *testing.T, body string) []int64 {
	t.Helper()
	var list struct {
		Data struct {
			Orders []struct {
				Number int64 `json:"orderId"`
			}
		}
	}
	require.NoError(t, json.Unmarshal([]byte(body), &list), body)
	numbers := []int64{}
	for _, order := range list.Data.Orders {
		numbers = append(numbers, order.Number)
	}
	return numbers
}

func TestSalesiveRefuses(t *testing.T) {
	t.Parallel()
	srv := newServer(t)
	ada := srv.AddShopper("Ada")
	for _, tt := range []struct{ query, message string }{
		{"status=foo", `"status" must be one of [pending, processing, paid, completed, cancelled, refunded]`},
		{"status=pending,paid", `"status" must be one of [pending, processing, paid, completed, cancelled, refunded]`},
		{"status=", `"status" must be one of [pending, processing, paid, completed, cancelled, refunded]`},
		{"orderId=abc", `"orderId" must be a number`},
		{"orderId=1.5", `"orderId" must be an integer`},
		{"orderId=690ff00acf4de460fd1f6114", `"orderId" must be a number`},
		{"minTotal=1,5", `"minTotal" must be a number`},
		{"minTotal=", `"minTotal" must be a number`},
		{"maxTotal=NaN", `"maxTotal" must be a number`},
		{"from=garbage", `"from" must be in ISO 8601 date format`},
		{"from=2026-01-01T00:00:00+01:00", `"from" must be in ISO 8601 date format`},
		{"to=", `"to" must be in ISO 8601 date format`},
		{"page=0", `"page" must be greater than or equal to 1`},
		{"page=-1", `"page" must be greater than or equal to 1`},
		{"page=1.5", `"page" must be an integer`},
		{"page=1&page=2", `"page" must be a number`},
		{"page=9007199254740992", `"page" must be a safe number`},
		{"page=9223372036854775808", `"page" must be a safe number`},
		{"limit=0", `"limit" must be greater than or equal to 1`},
		{"limit=abc", `"limit" must be a number`},
		{"offset=1", `"offset" is not allowed`},
		{"zoo=1&foo=1&limit=abc", `"limit" must be a number`},
		{"zoo=1&foo=1", `"foo" is not allowed`},
	} {
		t.Run(tt.query, func(t *testing.T) {
			t.Parallel()
			got := request(t, srv, http.MethodGet, "/orders?"+tt.query, salesiveHeaders(srv, ada))
			assert.Equal(t, answer{400, "application/json; charset=utf-8", failure(400, tt.message)}, got)
		})
	}
}
