//go:build !race

package storeorders

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// groupOfTest has what DefaultOrderGroupFields asks for: two orders, of one
// and of two items.
func groupOfTest(n int) OrderGroup {
	at := time.Date(2026, 3, 14, 9, 26, 53, 589e6, time.UTC).Add(-time.Duration(n) * time.Minute)
	item := func(i int) LineItem {
		return LineItem{
			ID: fmt.Sprintf("ordli_01KAZ0000000000%07d%d", n, i), Title: "Linen shirt", Subtitle: "Natural / M",
			Thumbnail:    "https://cdn.example.com/products/linen-shirt.jpg",
			ProductTitle: "Linen shirt", VariantTitle: "Natural / M", Quantity: "2", UnitPrice: "49.9", Total: "99.8",
			VariantID: "variant_01KAZ00000000000000000001",
			Detail:    &LineItemDetail{ID: fmt.Sprintf("orditem_01KAZ000000000%07d%d", n, i), Quantity: "2"},
		}
	}
	order := func(i int, items ...LineItem) SellerOrder {
		return SellerOrder{
			ID: fmt.Sprintf("order_01KAZ0000000000%07d%d", n, i), DisplayID: int64(2*n + i + 1), Status: "pending", CurrencyCode: "eur",
			Total: "104.8", Subtotal: "104.8", ItemTotal: "99.8", ShippingTotal: "5", TaxTotal: "0", Items: items,
			Seller: &Seller{ID: fmt.Sprintf("sel_01KAZ%d", i), Name: "Seller", Handle: "seller", Logo: "https://cdn.example.com/seller.png"},
		}
	}
	return OrderGroup{
		ID: fmt.Sprintf("og_01KAZ00000000000%010d", n), DisplayID: int64(n + 1), CustomerID: "cus_01KAZ0000000000000000000001", SellerCount: "2", Total: "209.6",
		CreatedAt: at, UpdatedAt: at, Orders: []SellerOrder{order(0, item(0)), order(1, item(1), item(2))},
	}
}

// orderOfTest has what Salesive documents for its list, and two items.
func orderOfTest(n int) Order {
	at := time.Date(2026, 3, 14, 9, 26, 53, 589e6, time.UTC).Add(-time.Duration(n) * time.Minute)
	item := OrderItem{
		ItemType: "product", Product: Ref{ID: "64a7f000000000000000a001"}, Variant: Ref{ID: "64a7f000000000000000b001"},
		Name: "Linen shirt", Price: "49.9", Quantity: "2", ImageURL: "https://cdn.example.com/linen-shirt.jpg",
	}
	return Order{
		ID: fmt.Sprintf("64a7f00000000000%08d", n), Number: int64(100000 + n), User: Ref{ID: "64a7f000000000000000c001"}, Shop: Ref{ID: "64a7f000000000000000d001"},
		Items: []OrderItem{item, item}, Status: OrderStatusPaid, Subtotal: "199.6", ShippingCost: "5", Discount: "0", Tax: "0", Total: "204.6",
		ShippingAddress: &ShippingAddress{ID: "64a7f000000000000000e001"}, PaymentMethod: "card", CreatedAt: at, UpdatedAt: at,
	}
}

// bodyOfTest is a page of so many records, the first of twice as many.
func bodyOfTest(tb testing.TB, api string, records int) []byte {
	tb.Helper()
	var body any
	if api == "mercur" {
		groups := make([]OrderGroup, records)
		for i := range groups {
			groups[i] = groupOfTest(i)
		}
		body = map[string]any{"order_groups": groups, "count": 2 * records, "offset": 0, "limit": records}
	} else {
		orders := make([]Order, records)
		for i := range orders {
			orders[i] = orderOfTest(i)
		}
		body = map[string]any{"status": 200, "success": true, "message": "ok", "data": map[string]any{
			"orders": orders, "pagination": map[string]any{"page": 1, "limit": records, "total": 2 * records, "pages": 2},
		}}
	}
	data, err := json.Marshal(body)
	require.NoError(tb, err)
	return data
}

// decode is what the SDK does with the body of a page.
func decode(api string, body []byte, alone bool) error {
	if api == "mercur" {
		return (&OrderGroupPage{alone: alone}).decode(body)
	}
	return (&answer{body: body}).readEnvelope((&OrderPage{alone: alone}).decode)
}

// pageGetters get a page: by the SDK, and by what is left of it when nothing
// but its decoder is used.
func pageGetters(tb testing.TB, api, baseURL string, transport http.RoundTripper) (sdk, plain func() error) {
	tb.Helper()
	const key, token = "pk_of_a_test_of_costs", "token-of-a-test-of-costs"
	client, err := NewClient(
		WithMercur(MercurConfig{BaseURL: baseURL, PublishableKey: key, Token: StaticToken(token)}),
		WithSalesive(SalesiveConfig{BaseURL: baseURL, ShopID: key, Token: StaticToken(token)}),
		WithHTTPClient(&http.Client{Transport: transport}))
	require.NoError(tb, err)
	url, keyHeader := baseURL+"/orders", "X-Shop-Id"
	sdk = func() error {
		_, err := client.Orders.List(tb.Context(), nil)
		return err
	}
	if api == "mercur" {
		url, keyHeader = baseURL+"/store/order-groups?fields="+strings.Join(DefaultOrderGroupFields(), "%2C"), "X-Publishable-Api-Key"
		sdk = func() error {
			_, err := client.OrderGroups.List(tb.Context(), nil)
			return err
		}
	}
	httpClient := &http.Client{Transport: transport}
	var buffer bytes.Buffer
	plain = func() error {
		req, err := http.NewRequestWithContext(tb.Context(), http.MethodGet, url, http.NoBody)
		if err != nil {
			return err
		}
		req.Header.Set("Accept", "application/json")
		req.Header.Set("Authorization", "Bearer "+token)
		req.Header.Set("User-Agent", "test")
		req.Header.Set(keyHeader, key)
		resp, err := httpClient.Do(req)
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		buffer.Reset()
		if _, err := buffer.ReadFrom(resp.Body); err != nil {
			return err
		}
		return decode(api, buffer.Bytes(), false)
	}
	require.NoError(tb, sdk())
	require.NoError(tb, plain())
	return sdk, plain
}

// inMemory answers every request with this body, at next to no cost.
type inMemory struct {
	header http.Header
	body   []byte
}

func (m inMemory) RoundTrip(req *http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: http.StatusOK, Header: m.header, Request: req,
		Body: io.NopCloser(bytes.NewReader(m.body)), ContentLength: int64(len(m.body)),
	}, nil
}

// The bounds are one more than what was measured; a figure above one is a change
// that somebody should know of. An order of either kind has 3 and 2 items.
func TestAllocations(t *testing.T) { //nolint:paralleltest // AllocsPerRun counts what other tests allocate, too
	for api, most := range map[string]struct{ record, recordOfAll, page float64 }{ //nolint:paralleltest // see above
		"mercur":   {9, 10, 46},
		"salesive": {3, 4, 35},
	} {
		t.Run(api, func(t *testing.T) {
			defer debug.SetGCPercent(debug.SetGCPercent(-1)) // it would take the buffer that is used again
			counting := func(run func() error) float64 {
				return testing.AllocsPerRun(20, func() {
					if err := run(); err != nil {
						t.Error(err)
					}
				})
			}
			few, many := bodyOfTest(t, api, 50), bodyOfTest(t, api, 100)
			for alone, most := range map[bool]float64{false: most.record, true: most.recordOfAll} {
				decoding := func(body []byte) float64 {
					return counting(func() error { return decode(api, body, alone) })
				}
				perRecord := (decoding(many) - decoding(few)) / 50
				assert.Positive(t, perRecord)
				assert.LessOrEqualf(t, perRecord, most+0.5, "allocations a record; for All: %t", alone)
				t.Logf("%.2f a record; for All: %t", perRecord, alone)
			}
			for _, body := range [][]byte{few, many} {
				shop := inMemory{http.Header{"Content-Type": {"application/json"}}, body}
				sdk, plain := pageGetters(t, api, "https://shop.example.com", shop)
				perPage := counting(sdk) - counting(plain)
				assert.LessOrEqual(t, perPage, most.page, "allocations a page, besides those of net/http and the decoder")
				t.Logf("%.0f a page", perPage)
			}
		})
	}
}

// What a walk has asked for ahead and does not need is not decoded.
func TestLeavingAPrefetchDecodesNothing(t *testing.T) { //nolint:paralleltest // it counts what other tests allocate, too
	synctest.Test(t, func(t *testing.T) {
		body := bytes.Replace(bodyOfTest(t, "mercur", 500), []byte(`"count":1000`), []byte(`"count":10000`), 1)
		ctx, cancel := context.WithCancel(t.Context())
		client, err := NewClient(
			WithMercur(MercurConfig{BaseURL: "https://shop.example.com", PublishableKey: "pk_of_a_test_of_costs", Token: StaticToken("token-of-a-test-of-costs")}),
			WithHTTPClient(&http.Client{Transport: roundTripperFunc(func(req *http.Request) (*http.Response, error) {
				if req.URL.Query().Get("offset") == "500" { // all others wait for this one
					<-req.Context().Done()
					return nil, req.Context().Err()
				}
				return inMemory{http.Header{}, body}.RoundTrip(req)
			})}))
		require.NoError(t, err)
		var before, after runtime.MemStats
		go func() {
			synctest.Wait()
			runtime.ReadMemStats(&before)
			cancel()
		}()
		for _, err := range client.OrderGroups.All(ctx, nil, WithPrefetch(16)) {
			if err != nil {
				require.ErrorIs(t, err, context.Canceled)
			}
		}
		runtime.ReadMemStats(&after)
		require.NotZero(t, before.Mallocs)
		assert.Less(t, after.Mallocs-before.Mallocs, uint64(16*500), "fewer than one a group of those that nobody reads")
	})
}

type roundTripperFunc func(*http.Request) (*http.Response, error)

func (f roundTripperFunc) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

func BenchmarkDecode(b *testing.B) {
	for _, api := range []string{"mercur", "salesive"} {
		b.Run(api, func(b *testing.B) {
			body := bodyOfTest(b, api, 100)
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				if err := decode(api, body, false); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkPage(b *testing.B) {
	for _, api := range []string{"mercur", "salesive"} {
		for _, records := range []int{1, 100} {
			body := bodyOfTest(b, api, records)
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/json; charset=utf-8")
				w.Header().Set("Content-Length", strconv.Itoa(len(body)))
				_, _ = w.Write(body)
			}))
			b.Cleanup(server.Close)
			transport := defaultTransport()
			b.Cleanup(transport.CloseIdleConnections)
			sdk, plain := pageGetters(b, api, server.URL, transport)
			for name, get := range map[string]func() error{"sdk": sdk, "plain": plain} {
				b.Run(fmt.Sprintf("%s/%d/%s", api, records, name), func(b *testing.B) {
					b.ReportAllocs()
					for b.Loop() {
						if err := get(); err != nil {
							b.Fatal(err)
						}
					}
				})
			}
		}
	}
}
