package storeorders

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

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

// decodePage is what the SDK does with the body of a page.
func decodePage(api string, body []byte) error {
	if api == "mercur" {
		return new(OrderGroupPage).decode(body)
	}
	return (&answer{body: body}).readEnvelope(new(OrderPage).decode)
}

// pageGetters get one page of a server on loopback: by the SDK, and by what is
// left when nothing of the SDK is used but how it decodes.
func pageGetters(tb testing.TB, api string, body []byte) (sdk, plain func() error) {
	tb.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		_, _ = w.Write(body)
	}))
	tb.Cleanup(server.Close)
	transport := defaultTransport()
	tb.Cleanup(transport.CloseIdleConnections)
	client, err := NewClient(
		WithMercur(MercurConfig{BaseURL: server.URL, PublishableKey: "pk_of_a_test_of_costs", Token: StaticToken("token-of-a-test-of-costs")}),
		WithSalesive(SalesiveConfig{BaseURL: server.URL, ShopID: "shop-of-a-test-of-costs", Token: StaticToken("token-of-a-test-of-costs")}),
		WithHTTPClient(&http.Client{Transport: transport}))
	require.NoError(tb, err)
	sdk = func() error {
		_, err := client.OrderGroups.List(tb.Context(), nil)
		return err
	}
	if api == "salesive" {
		sdk = func() error {
			_, err := client.Orders.List(tb.Context(), nil)
			return err
		}
	}
	url := server.URL + "/store/order-groups?fields=" + strings.Join(DefaultOrderGroupFields(), "%2C")
	if api == "salesive" {
		url = server.URL + "/orders"
	}
	plain = func() error {
		req, err := http.NewRequestWithContext(tb.Context(), http.MethodGet, url, http.NoBody)
		if err != nil {
			return err
		}
		req.Header.Set("Authorization", "Bearer token-of-a-test-of-costs")
		req.Header.Set("X-Publishable-Api-Key", "pk_of_a_test_of_costs")
		req.Header.Set("Accept", "application/json")
		resp, err := (&http.Client{Transport: transport}).Do(req)
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			return err
		}
		return decodePage(api, body)
	}
	return sdk, plain
}

func BenchmarkDecode(b *testing.B) {
	for _, api := range []string{"mercur", "salesive"} {
		b.Run(api, func(b *testing.B) {
			body := bodyOfTest(b, api, 100)
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				if err := decodePage(api, body); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkPage(b *testing.B) {
	for _, api := range []string{"mercur", "salesive"} {
		for _, records := range []int{1, 100} {
			sdk, plain := pageGetters(b, api, bodyOfTest(b, api, records))
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
