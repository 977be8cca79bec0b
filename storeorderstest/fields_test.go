package storeorderstest_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-2861b391/storeorders"
	"github.com/seed-2861b391/storeorders/storeorderstest"
)

// addKnownGroup adds the group that the expected answers show.
func addKnownGroup(srv *storeorderstest.Server, c *storeorderstest.Customer) {
	srv.AddOrderGroup(c, storeorders.OrderGroup{
		ID: "og_1", DisplayID: 1, CartID: "cart_1", Cart: &storeorders.Cart{ID: "cart_1"},
		CreatedAt: time.Date(2026, time.November, 22, 7, 58, 29, 439_999_000, time.UTC),
		Orders: []storeorders.SellerOrder{{
			ID: "order_1", DisplayID: 2, Email: "x@test.com", ShippingTotal: "600.00", PaymentStatus: "captured", SellerID: "sel_1",
			Metadata: []byte(`{"seen_at":"2026-01-01T00:00:00Z"}`),
			Seller:   &storeorders.Seller{ID: "sel_1", Name: "Test <Seller> & Söhne", Email: "seller@test.com"},
			Items: []storeorders.LineItem{{
				ID: "ordli_1", Title: "Product", Subtitle: "Red", ProductTitle: "Product", VariantTitle: "Red",
				Quantity: "3", UnitPrice: "15.50", VariantID: "variant_1",
				Variant: &storeorders.ProductVariant{
					ID: "variant_1", ProductID: "prod_1",
					Product: &storeorders.Product{ID: "prod_1", Handle: "product", Title: "Product"},
				},
			}},
		}},
	})
}

// The quantity is lost, and the amounts of the order with it: so it is on a
// real server.
func TestMercurSendsItsDefaultFields(t *testing.T) {
	t.Parallel()
	srv := newServer(t)
	alice := srv.AddCustomer("Alice")
	addKnownGroup(srv, alice)
	const group = `{"id":"og_1","display_id":1,"customer_id":"cus_01000000000000000000000001","seller_count":1,"total":646.5,
		"created_at":"2026-11-22T07:58:29.439Z","updated_at":"2026-11-22T07:58:29.439Z",
		"orders":[{"id":"order_1","display_id":2,"status":"pending","currency_code":"usd",
			"total":600,"subtotal":600,"item_total":0,"shipping_total":600.00,"tax_total":0,
			"items":[{"id":"ordli_1","title":"Product","subtitle":"Red","thumbnail":null,"product_title":"Product","variant_title":"Red",
				"unit_price":15.50,"total":0,"variant_id":"variant_1",
				"variant":{"id":"variant_1","product_id":"prod_1","product":{"handle":"product","title":"Product","id":"prod_1"}}}],
			"seller":{"id":"sel_1","name":"Test <Seller> & Söhne","handle":"test-seller-söhne","logo":null}}]}`

	list := request(t, srv, http.MethodGet, "/store/order-groups", mercurHeaders(srv, alice))
	assert.JSONEq(t, `{"order_groups":[`+group+`],"count":1,"offset":0,"limit":50}`, list.body)
	one := request(t, srv, http.MethodGet, "/store/order-groups/og_1", mercurHeaders(srv, alice))
	assert.JSONEq(t, `{"order_group":`+group+`}`, one.body)

	// What JSONEq does not see: digits are kept, and HTML is not escaped.
	assert.Contains(t, one.body, `"shipping_total":600.00,`)
	assert.Contains(t, one.body, `"unit_price":15.50,`)
	assert.Contains(t, one.body, `"Test <Seller> & Söhne"`)
}

func TestMercurSendsTheFieldsAskedFor(t *testing.T) {
	t.Parallel()
	srv := newServer(t)
	alice := srv.AddCustomer("Alice")
	addKnownGroup(srv, alice)
	const plain = `"id":"og_1","display_id":1,"customer_id":"cus_01000000000000000000000001","seller_count":1,"total":646.5,
		"created_at":"2026-11-22T07:58:29.439Z","updated_at":"2026-11-22T07:58:29.439Z"`

	for _, tt := range []struct{ fields, group string }{
		// Lists that replace the defaults.
		{"", `{"id":"og_1"}`},
		{",", `{"id":"og_1"}`},
		{"id", `{"id":"og_1"}`},
		{"nope", `{"id":"og_1"}`},
		{"nope.nope.nope,customer.email", `{"id":"og_1"}`},
		{"total", `{"id":"og_1","total":646.5}`},
		{"id,%20total", `{"id":"og_1","total":646.5}`},
		{"id,%2Btotal", `{"id":"og_1","total":646.5}`},
		{"id,total,-total", `{"id":"og_1"}`},
		{"cart_id", `{"id":"og_1","cart_id":"cart_1"}`},
		{"cart.id", `{"id":"og_1","cart_id":"cart_1","cart":{"id":"cart_1"}}`},
		{"deleted_at", `{"id":"og_1","deleted_at":null}`},
		{"orders", `{"id":"og_1","orders":[{"id":"order_1"}]}`},
		{"orders.email", `{"id":"og_1","orders":[{"id":"order_1","email":"x@test.com"}]}`},
		{"orders.metadata", `{"id":"og_1","orders":[{"id":"order_1","metadata":{"seen_at":"2026-01-01T00:00:00Z"}}]}`},
		{"orders.payment_status,orders.fulfillment_status,orders.seller_id", `{"id":"og_1","orders":[{"id":"order_1"}]}`},
		{"orders.seller.email", `{"id":"og_1","orders":[{"id":"order_1","seller":{"id":"sel_1","email":"seller@test.com"}}]}`},
		{"orders.total,*orders.seller", `{"id":"og_1","orders":[{"id":"order_1","total":646.5,
			"seller":{"id":"sel_1","name":"Test <Seller> & Söhne","handle":"test-seller-söhne","email":"seller@test.com","logo":null,
				"phone":null,"description":null,"banner":null,"website_url":null,"external_id":null,"currency_code":"usd","status":"open","status_reason":null,
				"approved_at":"2026-01-01T09:00:00.000Z","rejected_at":null,"is_premium":false,"closed_from":null,"closed_to":null,"closure_note":null,
				"professional_details":null,"address":null,"payment_details":null,"metadata":null,
				"created_at":"2026-01-01T09:00:00.000Z","updated_at":"2026-01-01T09:00:00.000Z","deleted_at":null}}]}`},
		{"orders.items.unit_price,orders.items.detail.quantity", `{"id":"og_1","orders":[{"id":"order_1","items":[{"unit_price":15.50,"detail":{"quantity":3}}]}]}`},
		{"orders.items.variant.product.handle", `{"id":"og_1","orders":[{"id":"order_1","items":[{"variant_id":"variant_1",
			"variant":{"id":"variant_1","product_id":"prod_1","product":{"id":"prod_1","handle":"product"}}}]}]}`},
		{"id,orders.*", `{"id":"og_1","orders":[{"id":"order_1","display_id":2,"status":"pending","currency_code":"usd","email":"x@test.com",
			"customer_id":"cus_01000000000000000000000001","custom_display_id":null,"locale":null,"canceled_at":null,"deleted_at":null,
			"region_id":null,"sales_channel_id":null,"version":1,"is_draft_order":false,"no_notification":false,
			"shipping_address":null,"shipping_address_id":null,"billing_address":null,"billing_address_id":null,
			"metadata":{"seen_at":"2026-01-01T00:00:00Z"},"created_at":"2026-11-22T07:58:29.439Z","updated_at":"2026-11-22T07:58:29.439Z"}]}`},

		// Lists that change them.
		{"-orders", `{` + plain + `}`},
		{"%2Bcart_id,-orders", `{` + plain + `,"cart_id":"cart_1"}`},
		{"+cart_id,-orders", `{` + plain + `,"cart_id":"cart_1"}`},
		{"-orders,%2Bnope", `{` + plain + `}`},
		{"-orders,*cart", `{` + plain + `,"cart_id":"cart_1","cart":{"id":"cart_1"}}`},
		{"-orders.items,-orders.seller", `{` + plain + `,"orders":[{"id":"order_1","display_id":2,"status":"pending","currency_code":"usd",
			"total":646.5,"subtotal":646.5,"item_total":46.5,"shipping_total":600.00,"tax_total":0}]}`},
	} {
		t.Run(tt.fields, func(t *testing.T) {
			t.Parallel()
			got := request(t, srv, http.MethodGet, "/store/order-groups/og_1?fields="+tt.fields, mercurHeaders(srv, alice))
			require.Equal(t, 200, got.status, got.body)
			assert.JSONEq(t, `{"order_group":`+tt.group+`}`, got.body)
		})
	}
}

func TestMercurTakesAStarAloneForTheDefaults(t *testing.T) {
	t.Parallel()
	srv := newServer(t)
	alice := srv.AddCustomer("Alice")
	addKnownGroup(srv, alice)

	star := request(t, srv, http.MethodGet, "/store/order-groups?fields=*", mercurHeaders(srv, alice))
	assert.Equal(t, request(t, srv, http.MethodGet, "/store/order-groups", mercurHeaders(srv, alice)), star)
}

func TestMercurSendsAnEmptyGroup(t *testing.T) {
	t.Parallel()
	srv := newServer(t)
	alice := srv.AddCustomer("Alice")
	srv.AddOrderGroup(alice, storeorders.OrderGroup{ID: "og_bulk0001", DisplayID: 101})

	got := request(t, srv, http.MethodGet, "/store/order-groups/og_bulk0001", mercurHeaders(srv, alice))
	assert.JSONEq(t, `{"order_group":{"id":"og_bulk0001","display_id":101,"customer_id":"cus_01000000000000000000000001","seller_count":0,"total":0,
		"created_at":"2026-01-01T10:00:00.000Z","updated_at":"2026-01-01T10:00:00.000Z","orders":[]}}`, got.body)
}
