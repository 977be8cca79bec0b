package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-2861b391/storeorders"
	"github.com/seed-2861b391/storeorders/storeorderstest"
)

// shop is a fake of both shops, with the backend in front of it. Neither has a
// socket, so that it works in a bubble of synctest.
type shop struct {
	*storeorderstest.Server

	alice, bruno *storeorderstest.Customer
	chidi        *storeorderstest.Shopper
	backend      http.Handler
	log          *bytes.Buffer
}

// newShop is one of the APIs that are given, or of both.
func newShop(t *testing.T, apis ...storeorders.Option) *shop {
	t.Helper()
	s := &shop{Server: storeorderstest.Transport(), log: new(bytes.Buffer)}
	s.alice, s.bruno, s.chidi = s.AddCustomer("Alice"), s.AddCustomer("Bruno"), s.AddShopper("Chidi")
	for i, total := range []storeorders.Decimal{"31.00", "0", "1234567890123456.780"} {
		s.AddOrderGroup(s.alice, storeorders.OrderGroup{ID: fmt.Sprintf("og_alice_%d", i+1), Total: total, Orders: []storeorders.SellerOrder{{
			ID: "order_to_be_kept", CurrencyCode: "eur", Total: total,
			Seller: &storeorders.Seller{Name: "Cedar Books"},
			Items:  []storeorders.LineItem{{Title: "Atlas", Quantity: "2", UnitPrice: "15.50"}},
		}}})
		s.AddOrderGroup(s.bruno, storeorders.OrderGroup{ID: fmt.Sprintf("og_bruno_%d", i+1)})
		s.AddOrder(s.chidi, storeorders.Order{ID: fmt.Sprintf("690ff00acf4de460fd1f611%d", i+1), Status: storeorders.OrderStatusPaid, Total: total})
	}
	if len(apis) == 0 {
		apis = []storeorders.Option{storeorders.WithMercur(s.MercurConfig()), storeorders.WithSalesive(s.SalesiveConfig())}
	}
	client, err := newClient(append([]storeorders.Option{storeorders.WithHTTPClient(&http.Client{Transport: s.Server})}, apis...)...)
	require.NoError(t, err)
	s.backend = newBackend(client, slog.New(slog.NewJSONHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug})))
	return s
}

// ask sends the backend a request with the headers, which are names and values
// in turn.
func (s *shop) ask(ctx context.Context, method, target string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(ctx, method, target, http.NoBody)
	for header := range slices.Chunk(headers, 2) {
		r.Header.Add(header[0], header[1])
	}
	w := httptest.NewRecorder()
	s.backend.ServeHTTP(w, r)
	return w
}

// get asks for what belongs to the shopper with the token.
func (s *shop) get(t *testing.T, target, token string) *httptest.ResponseRecorder {
	t.Helper()
	return s.ask(t.Context(), http.MethodGet, target, "Authorization", "Bearer "+token)
}

// records are what the log has, without the times.
func (s *shop) records(t *testing.T) (records []map[string]any) {
	t.Helper()
	for line := range strings.Lines(s.log.String()) {
		var record map[string]any
		require.NoError(t, json.Unmarshal([]byte(line), &record))
		delete(record, "time")
		records = append(records, record)
	}
	return records
}

func TestOrderGroupsComePageByPage(t *testing.T) {
	t.Parallel()
	shop := newShop(t)

	w := shop.get(t, "/order-groups?limit=2", shop.alice.Token)
	assert.Equal(t, http.StatusOK, w.Code)
	assert.Equal(t, "application/json", w.Header().Get("Content-Type"))
	assert.Equal(t, "no-store", w.Header().Get("Cache-Control"))
	assert.JSONEq(t, `{"items": [
		{"id": "og_alice_3", "number": 5, "created": "2026-01-01T14:00:00Z", "total": "1234567890123456.780", "orders": [
			{"seller": "Cedar Books", "status": "pending", "total": "1234567890123456.780", "currency": "eur",
				"items": [{"title": "Atlas", "quantity": "2", "price": "15.50"}]}]},
		{"id": "og_alice_2", "number": 3, "created": "2026-01-01T12:00:00Z", "total": "0", "orders": [
			{"seller": "Cedar Books", "status": "pending", "total": "0", "currency": "eur",
				"items": [{"title": "Atlas", "quantity": "2", "price": "15.50"}]}]}
	], "count": 3, "next_offset": 2}`, w.Body.String())

	w = shop.get(t, "/order-groups?limit=2&offset=2", shop.alice.Token)
	assert.Equal(t, http.StatusOK, w.Code)
	assert.Contains(t, w.Body.String(), `"og_alice_1"`)
	assert.NotContains(t, w.Body.String(), `"next_offset"`)

	w = shop.get(t, "/order-groups?offset=3", shop.alice.Token)
	assert.JSONEq(t, `{"items": [], "count": 3}`, w.Body.String())
}

func TestOrdersComeByStatusAndPageByPage(t *testing.T) {
	t.Parallel()
	shop := newShop(t)

	w := shop.get(t, "/orders?status=paid&status=completed&limit=2&page=1", shop.chidi.Token)
	assert.Equal(t, http.StatusOK, w.Code)
	assert.JSONEq(t, `{"items": [
		{"id": "690ff00acf4de460fd1f6113", "number": 1003, "created": "2026-01-01T12:00:00Z", "status": "paid", "total": "1234567890123456.780"},
		{"id": "690ff00acf4de460fd1f6112", "number": 1002, "created": "2026-01-01T11:00:00Z", "status": "paid", "total": "0"}
	], "count": 3, "next_page": 2}`, w.Body.String())

	w = shop.get(t, "/orders?status=refunded", shop.chidi.Token)
	assert.JSONEq(t, `{"items": [], "count": 0}`, w.Body.String())

	shop.AssertRequests(t,
		storeorderstest.GET("/api/v1/orders", "status=paid&status=completed&limit=2&page=1").WithToken(shop.chidi.Token),
		storeorderstest.GET("/api/v1/orders", "status=refunded&limit=20").WithToken(shop.chidi.Token),
	)
}

func TestOneOrderComesByItsID(t *testing.T) {
	t.Parallel()
	shop := newShop(t)
	order := shop.AddOrder(shop.chidi, storeorders.Order{Items: []storeorders.OrderItem{{Name: "Tea Bowl", Price: "45.250", Quantity: "1.5"}}})

	w := shop.get(t, "/order-groups/og_alice_1", shop.alice.Token)
	assert.Equal(t, http.StatusOK, w.Code)
	assert.Contains(t, w.Body.String(), `"total":"31.00"`)
	assert.NotContains(t, w.Body.String(), "order_to_be_kept", "it opens the order")

	w = shop.get(t, "/orders/"+order.ID, shop.chidi.Token)
	assert.Equal(t, http.StatusOK, w.Code)
	assert.Contains(t, w.Body.String(), `{"title":"Tea Bowl","quantity":"1.5","price":"45.250"}`)
}

func TestNobodyGetsAllAtOnce(t *testing.T) {
	t.Parallel()
	shop := newShop(t)
	for _, target := range []string{"/orders", "/orders?limit=0", "/orders?limit=100000"} {
		assert.Equal(t, http.StatusOK, shop.get(t, target, shop.chidi.Token).Code, target)
	}
	shop.AssertRequests(t,
		storeorderstest.GET("/api/v1/orders", "limit=20"),
		storeorderstest.GET("/api/v1/orders", ""), // which leaves it to the shop
		storeorderstest.GET("/api/v1/orders", "limit=100"),
	)
}

// The shop answers nobody before both have asked, so that the two are under way
// in the backend at the same time.
func TestShoppersAtOnceSeeOnlyTheirOwn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const rounds = 20
		shop := newShop(t)
		var both, shoppers sync.WaitGroup
		both.Add(2)
		shop.Inject(storeorderstest.Before(func() { both.Done(); both.Wait() }), storeorderstest.First(2))
		tokens := map[string]string{"alice": shop.alice.Token, "bruno": shop.bruno.Token}
		for name, other := range map[string]string{"alice": "bruno", "bruno": "alice"} {
			shoppers.Go(func() {
				for range rounds {
					headers := []string{"Authorization", "Bearer " + tokens[name], requestIDHeader, name}
					w := shop.ask(t.Context(), http.MethodGet, "/order-groups", headers...)
					assert.Equal(t, http.StatusOK, w.Code)
					assert.Equal(t, 3, strings.Count(w.Body.String(), `"id":"og_`+name), w.Body)
					assert.NotContains(t, w.Body.String(), other)
					assert.Equal(t, name, w.Header().Get(requestIDHeader))

					assert.Equal(t, http.StatusOK, shop.ask(t.Context(), http.MethodGet, "/order-groups/og_"+name+"_1", headers...).Code)
					assert.Equal(t, http.StatusNotFound, shop.ask(t.Context(), http.MethodGet, "/order-groups/og_"+other+"_1", headers...).Code)
				}
			})
		}
		shoppers.Wait()

		requests := shop.Requests()
		assert.Len(t, requests, 2*3*rounds)
		for _, request := range requests {
			assert.Equal(t, tokens[request.Header.Get(requestIDHeader)], request.Token)
		}
	})
}

func TestWithoutATokenNothingIsSent(t *testing.T) {
	t.Parallel()
	shop := newShop(t)
	for _, headers := range [][]string{
		nil,
		{"Authorization", ""},
		{"Authorization", "Bearer"},
		{"Authorization", "Bearer "},
		{"Authorization", "Basic YWxpY2U6cGFzc3dvcmQ="},
		{"Authorization", "Bearer" + shop.alice.Token},
		{"Authorization", shop.alice.Token},
		{"Authorization", "Bearer " + shop.alice.Token + " " + shop.bruno.Token},
		{"Authorization", "Bearer " + shop.alice.Token + "\u00e9"},
		{"Authorization", "Bearer " + shop.alice.Token, "Authorization", "Bearer " + shop.bruno.Token},
		{"Cookie", "connect.sid=" + shop.alice.Token},
	} {
		for _, target := range []string{"/order-groups", "/order-groups/og_alice_1", "/orders", "/orders?page=-1", "/orders/1"} {
			w := shop.ask(t.Context(), http.MethodGet, target, headers...)
			assert.Equal(t, http.StatusUnauthorized, w.Code, "%s %q", target, headers)
			assert.Equal(t, "Bearer", w.Header().Get("WWW-Authenticate"))
			assert.JSONEq(t, `{"error": "no_credentials"}`, w.Body.String())
		}
	}
	shop.AssertRequests(t) // none
}

func TestTheSchemeMayBeInAnyCase(t *testing.T) {
	t.Parallel()
	shop := newShop(t)
	for _, scheme := range []string{"Bearer ", "bearer ", "BEARER ", "Bearer   "} {
		w := shop.ask(t.Context(), http.MethodGet, "/order-groups", "Authorization", scheme+shop.alice.Token)
		assert.Equal(t, http.StatusOK, w.Code, scheme)
	}
}

func TestHealthDoesNotAskTheShop(t *testing.T) {
	t.Parallel()
	shop := newShop(t)
	w := shop.ask(t.Context(), http.MethodGet, "/healthz")
	assert.Equal(t, http.StatusOK, w.Code)
	assert.JSONEq(t, `{"status": "ok"}`, w.Body.String())
	shop.AssertRequests(t)
}

func TestTheRequestIDIsPassedOn(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		id   string
		kept bool
	}{
		"one that is sane": {"Web-1.2_3", true},
		"one of 64":        {strings.Repeat("x", 64), true},
		"one that is long": {strings.Repeat("x", 65), false},
		"one of two words": {"req 7", false},
		"one that forges":  {"req\x1b[2J", false},
		"none":             {"", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			shop := newShop(t)
			w := shop.ask(t.Context(), http.MethodGet, "/orders", "Authorization", "Bearer "+shop.chidi.Token, requestIDHeader, tt.id)
			require.Equal(t, http.StatusOK, w.Code)
			id := w.Header().Get(requestIDHeader)
			if tt.kept {
				assert.Equal(t, tt.id, id)
			} else {
				assert.Regexp(t, "^[A-Z2-7]{26,}$", id)
			}
			shop.AssertRequests(t, storeorderstest.GET("/api/v1/orders", "limit=20").WithHeader(requestIDHeader, id))
			assert.Equal(t, id, shop.records(t)[0]["request_id"])
		})
	}
}

func TestTheLogHasOneRecordForEachRequest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		shop := newShop(t)
		shop.Inject(storeorderstest.Delay(2*time.Second), storeorderstest.MercurList)
		shop.Inject(storeorderstest.Status(http.StatusNotImplemented), storeorderstest.SalesiveGet)
		for _, request := range []struct{ method, target string }{
			{http.MethodGet, "/order-groups?limit=2"},
			{http.MethodGet, "/order-groups/og_bruno_1"},
			{http.MethodGet, "/orders/690ff00acf4de460fd1f6111"},
			{http.MethodGet, "/healthz"},
			{http.MethodGet, "/nowhere"},
			{http.MethodPost, "/orders"},
		} {
			shop.ask(t.Context(), request.method, request.target, "Authorization", "Bearer "+shop.alice.Token, requestIDHeader, "req-7")
		}
		record := func(level, method, route string, status, duration float64, err ...string) map[string]any {
			record := map[string]any{
				"level": level, "msg": "request", "method": method, "route": route,
				"status": status, "duration": duration, "request_id": "req-7",
			}
			if err != nil {
				record["error"] = strings.Join(err, "")
			}
			return record
		}
		assert.Equal(t, []map[string]any{
			record("INFO", "GET", "GET /order-groups", 200, 2e9),
			record("INFO", "GET", "GET /order-groups/{id}", 404, 0, "storeorders: OrderGroups.Get: GET /store/order-groups/og_bruno_1: "+
				"404 not_found: Order group with id og_bruno_1 was not found (request req-7, 1 attempt)"),
			record("ERROR", "GET", "GET /orders/{id}", 502, 0, "storeorders: Orders.Get: GET /orders/690ff00acf4de460fd1f6111: "+
				"501: Not Implemented (request req-7, 1 attempt)"),
			record("INFO", "GET", "GET /healthz", 200, 0),
			record("INFO", "GET", "/", 404, 0, "no such route"),
			record("INFO", "POST", "/orders", 405, 0, "the route has no such method"),
		}, shop.records(t))
	})
}

func TestWhatIsNoRouteIsJSONToo(t *testing.T) {
	t.Parallel()
	shop := newShop(t)
	for _, tt := range []struct {
		method, target string
		status         int
		body, allow    string
	}{
		{http.MethodGet, "/", http.StatusNotFound, "no_route", ""},
		{http.MethodGet, "/nowhere", http.StatusNotFound, "no_route", ""},
		{http.MethodPost, "/orders/", http.StatusNotFound, "no_route", ""},
		{http.MethodGet, "/orders/1/items", http.StatusNotFound, "no_route", ""},
		{http.MethodPost, "/order-groups", http.StatusMethodNotAllowed, "method_not_allowed", "GET, HEAD"},
		{http.MethodDelete, "/order-groups/og_alice_1", http.StatusMethodNotAllowed, "method_not_allowed", "GET, HEAD"},
		{http.MethodPost, "/orders", http.StatusMethodNotAllowed, "method_not_allowed", "GET, HEAD"},
		{http.MethodPut, "/orders/1", http.StatusMethodNotAllowed, "method_not_allowed", "GET, HEAD"},
		{http.MethodPost, "/healthz", http.StatusMethodNotAllowed, "method_not_allowed", "GET, HEAD"},
	} {
		w := shop.ask(t.Context(), tt.method, tt.target, "Authorization", "Bearer "+shop.alice.Token)
		assert.Equal(t, tt.status, w.Code, tt.target)
		assert.Equal(t, "application/json", w.Header().Get("Content-Type"), tt.target)
		assert.JSONEq(t, `{"error": "`+tt.body+`"}`, w.Body.String(), tt.target)
		assert.Equal(t, tt.allow, w.Header().Get("Allow"), tt.target)
	}
	assert.Equal(t, http.StatusOK, shop.ask(t.Context(), http.MethodHead, "/healthz").Code)
	shop.AssertRequests(t)
}

func TestAPanicIsLogged(t *testing.T) {
	t.Parallel()
	b := newBackend(nil, slog.New(slog.DiscardHandler))
	shop := newShop(t)
	b.logger = slog.New(slog.NewJSONHandler(shop.log, nil))
	b.routes.HandleFunc("GET /bug", func(http.ResponseWriter, *http.Request) { panic("a bug") })
	shop.backend = b

	assert.PanicsWithValue(t, "a bug", func() { shop.ask(t.Context(), http.MethodGet, "/bug") })
	records := shop.records(t)
	require.Len(t, records, 1)
	assert.Equal(t, "ERROR", records[0]["level"])
	assert.Equal(t, "GET /bug", records[0]["route"])
}
