package storeorderstest_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-2861b391/storeorders"
	"github.com/seed-2861b391/storeorders/storeorderstest"
)

const tooDeep = `{"type":"invalid_data","message":"The following fields expand more than the maximum of 3 allowed relations: ` +
	`orders.items.variant.product.handle, orders.items.variant.product.title"}`

func TestMercur215SendsHardlyAnything(t *testing.T) {
	t.Parallel()
	srv := newServer(t, storeorderstest.Mercur215)
	alice := srv.AddCustomer("Alice")
	addKnownGroup(srv, alice)

	got := request(t, srv, http.MethodGet, "/store/order-groups/og_1", mercurHeaders(srv, alice))
	assert.JSONEq(t, `{"order_group":{"id":"og_1","customer_id":"cus_01000000000000000000000001","seller_count":1,"total":646.5,
		"created_at":"2026-11-22T07:58:29.439Z","updated_at":"2026-11-22T07:58:29.439Z",
		"orders":[{"id":"order_1","items":[{"variant_id":"variant_1","variant":{"id":"variant_1","product_id":"prod_1",
			"product":{"id":"prod_1","seller":{"id":"sel_1","name":"Test <Seller> & Söhne"}}}}]}]}}`, got.body)
}

func TestMercur231OnMedusa220RefusesItsDefaultFields(t *testing.T) {
	t.Parallel()
	srv := newServer(t, storeorderstest.Mercur231Medusa220)
	alice := srv.AddCustomer("Alice")
	addKnownGroup(srv, alice)

	for _, tt := range []struct {
		target string
		status int
		body   string
	}{
		{"", 400, tooDeep},
		{"/og_1", 400, tooDeep},
		{"/og_nope", 400, tooDeep}, // the group is looked for later
		{"/og_nope?fields=id", 404, `{"type":"not_found","message":"Order group with id og_nope was not found"}`},
		{"?fields=*orders.items", 400, tooDeep},
		{"?fields=%2Bcart_id", 400, tooDeep},
		{"?fields=*a.b.c.d", 400, strings.Replace(tooDeep, "title", "title, a.b.c.d.*", 1)},
		{"?fields=orders.items.variant.product.handle", 400, invalid("The following fields expand more than the maximum of 3 allowed relations: orders.items.variant.product.handle")},
		{"?order=nope", 400, invalid("Order field nope is not valid")},
		{"/og_1?fields=-orders.items,-orders.seller", 200, `{"order_group":{"id":"og_1","display_id":1,"customer_id":"cus_01000000000000000000000001","seller_count":1,"total":646.5,
			"created_at":"2026-11-22T07:58:29.439Z","updated_at":"2026-11-22T07:58:29.439Z",
			"orders":[{"id":"order_1","display_id":2,"status":"pending","currency_code":"usd","total":646.5,"subtotal":646.5,"item_total":46.5,"shipping_total":600,"tax_total":0}]}}`},
		// What is not among the defaults is stripped.
		{"/og_1?fields=cart_id,deleted_at,orders,orders.email,*orders.items,orders.items.detail.quantity", 200, `{"order_group":{"id":"og_1"}}`},
		{
			"/og_1?fields=orders.total,orders.items.quantity,orders.items.total", 200,
			`{"order_group":{"id":"og_1","orders":[{"id":"order_1","total":646.5,"items":[{"quantity":3,"total":46.5}]}]}}`,
		},
	} {
		t.Run(tt.target, func(t *testing.T) {
			t.Parallel()
			got := request(t, srv, http.MethodGet, "/store/order-groups"+tt.target, mercurHeaders(srv, alice))
			assert.Equal(t, tt.status, got.status, got.body)
			assert.JSONEq(t, tt.body, got.body)
		})
	}
}

func TestMercurLosesQuantitiesBeforeMedusa220(t *testing.T) {
	t.Parallel()
	const (
		right = `"total":77,"subtotal":70,"item_total":55,"tax_total":7`
		wrong = `"total":22,"subtotal":20,"item_total":0,"tax_total":2`
	)
	for _, tt := range []struct{ fields, amounts, items string }{
		{"", right, ``},
		{"orders.items.unit_price,orders.items.detail.quantity", right, `,"items":[{"unit_price":25,"detail":{"quantity":2}}]`},
		{
			"orders.items.total,orders.items.quantity,orders.items.unit_price,orders.items.detail.quantity", right,
			`,"items":[{"total":55,"quantity":2,"unit_price":25,"detail":{"quantity":2}}]`,
		},
		{"orders.items.total,orders.items.quantity,orders.items.detail.quantity", wrong, `,"items":[{"total":0,"quantity":2,"detail":{"quantity":2}}]`},
		{"orders.items.id,orders.items.total,orders.items.quantity", wrong, `,"items":[{"id":"ordli_1","total":0}]`},
		{"orders.items.id,orders.items.detail.id", wrong, `,"items":[{"id":"ordli_1","detail":{"id":"orditem_1"}}]`},
		{"orders.items.variant_id", wrong, `,"items":[{"variant_id":null}]`},
		{"orders.items.quantity", wrong, `,"items":[null]`},
		{"orders.items.bogus", wrong, `,"items":[null]`},
		{"orders.items.variant", wrong, `,"items":[null]`},
	} {
		for _, stack := range []storeorderstest.Stack{storeorderstest.Mercur215, storeorderstest.Mercur231} {
			t.Run(fmt.Sprint(tt.fields, stack), func(t *testing.T) {
				t.Parallel()
				srv := newServer(t, stack)
				alice := srv.AddCustomer("Alice")
				srv.AddOrderGroup(alice, storeorders.OrderGroup{ID: "og_1", Orders: []storeorders.SellerOrder{{
					ID: "order_1", ShippingTotal: "22", TaxTotal: "7",
					Items: []storeorders.LineItem{{ID: "ordli_1", UnitPrice: "25", Quantity: "2", Total: "55"}},
				}}})
				got := request(t, srv, http.MethodGet,
					"/store/order-groups/og_1?fields=total,orders.total,orders.subtotal,orders.item_total,orders.tax_total,"+tt.fields, mercurHeaders(srv, alice))
				require.Equal(t, 200, got.status, got.body)
				assert.JSONEq(t, `{"order_group":{"id":"og_1","total":77,"orders":[{"id":"order_1",`+tt.amounts+tt.items+`}]}}`, got.body)
			})
		}
	}
}

func TestMercurComputesTheAmountsOfItemsWithThoseOfTheOrder(t *testing.T) {
	t.Parallel()
	srv := newServer(t)
	alice := srv.AddCustomer("Alice")
	addKnownGroup(srv, alice)
	body := func(fields string) string {
		return request(t, srv, http.MethodGet, "/store/order-groups/og_1?fields="+fields, mercurHeaders(srv, alice)).body
	}

	assert.JSONEq(t, `{"order_group":{"id":"og_1","orders":[{"id":"order_1","items":[{"detail":{"quantity":3}}]}]}}`,
		body("orders.items.total,orders.items.detail.quantity"))
	plain := body("*orders.items")
	assert.Contains(t, plain, `"raw_unit_price":{"precision":20,"value":"15.50"}`)
	assert.Contains(t, plain, `"raw_compare_at_unit_price":null`)
	assert.Contains(t, plain, `"written_off_quantity":0`)
	assert.NotContains(t, body("id,*orders.items"), `"tax_lines"`)
	full := body("orders.total,*orders.items")
	assert.Contains(t, full, `"tax_lines":[]`)
	assert.Contains(t, full, `"raw_refundable_total_per_unit":{"precision":20,"value":"15.5"}`)
	assert.Contains(t, full, `"total":646.5`)
	assert.Contains(t, body("orders.summary.*"), `"pending_difference":646.5`)
	assert.Contains(t, body("orders.original_total,orders.discount_total"), `"discount_total":0,"id":"order_1","original_total":646.5`)
}

func TestMercurTellsWhatIsWrongInTheWordsOfTheStack(t *testing.T) {
	t.Parallel()
	const stringOrArray = "Expected type: 'string, array' for field 'id', got: "
	for _, tt := range []struct{ query, in215, in231, in220 string }{
		{"limit=abc", "Expected type: 'number' for field 'limit', got: 'nan'", "Expected type: 'number' for field 'limit', got: 'abc'", ""},
		{"limit=", "Expected type: 'number' for field 'limit', got: 'string'", "Expected type: 'number' for field 'limit', got: ''", ""},
		{"offset=1&offset=2", "Expected type: 'number' for field 'offset', got: 'array'", "Expected type: 'number' for field 'offset', got: '1,2'", ""},
		{"limit[a]=5", "Expected type: 'number' for field 'limit', got: 'object'", "Expected type: 'number' for field 'limit', got: '[object Object]'", ""},
		{"with_deleted=1", "Expected type: 'boolean' for field 'with_deleted', got: 'string'", "Expected type: 'boolean' for field 'with_deleted', got: '1'", ""},
		{"fields[]=id", "Expected type: 'string' for field 'fields', got: 'array'", "Expected type: 'string' for field 'fields', got: 'id'", ""},
		{"id[$in][]=x", stringOrArray + "'object'", "Invalid input", stringOrArray + "'[object Object]'"},
		{"created_at[$in]=2026", "Expected type: 'array' for field 'created_at', got: 'undefined'", "Invalid input", "Expected type: 'array' for field 'created_at, $in', got: '2026'"},
		{"updated_at[$lt][]=2026", "Expected type: 'string' for field 'updated_at', got: 'undefined'", "Invalid input", "Expected type: 'string' for field 'updated_at, $lt', got: '2026'"},
		{"foo=1&bar=2", "Unrecognized fields: 'foo, bar'", "Unrecognized fields: 'foo, bar'", ""},
		{
			"foo=1&order[]=x&limit=abc",
			"Expected type: 'string' for field 'order', got: 'array'; Unrecognized fields: 'foo'; Expected type: 'number' for field 'limit', got: 'nan'",
			"Expected type: 'string' for field 'order', got: 'x'; Unrecognized fields: 'foo'; Expected type: 'number' for field 'limit', got: 'abc'",
			"Expected type: 'number' for field 'limit', got: 'abc'; Expected type: 'string' for field 'order', got: 'x'; Unrecognized fields: 'foo'",
		},
	} {
		if tt.in220 == "" {
			tt.in220 = tt.in231
		}
		for stack, want := range map[storeorderstest.Stack]string{
			storeorderstest.Mercur215: tt.in215, storeorderstest.Mercur231: tt.in231, storeorderstest.Mercur231Medusa220: tt.in220,
		} {
			t.Run(fmt.Sprint(tt.query, stack), func(t *testing.T) {
				t.Parallel()
				srv := newServer(t, stack)
				got := request(t, srv, http.MethodGet, "/store/order-groups?"+tt.query, mercurHeaders(srv, srv.AddCustomer("Alice")))
				assert.Equal(t, answer{400, "application/json; charset=utf-8", invalid("Invalid request: " + want)}, got)
			})
		}
	}
}

func TestMercurOrdersByTheFieldsOfTheStack(t *testing.T) {
	t.Parallel()
	for stack, fields := range map[storeorderstest.Stack]struct{ allowed, refused []string }{
		storeorderstest.Mercur215: {[]string{"id", "-total", "updated_at"}, []string{"display_id", "orders.id", "orders.created_at", "cart_id"}},
		storeorderstest.Mercur231: {[]string{"-display_id", "orders.id", "total"}, []string{"orders.created_at", "cart_id"}},
	} {
		srv := newServer(t, stack)
		headers := mercurHeaders(srv, srv.AddCustomer("Alice"))
		for _, field := range fields.allowed {
			assert.Equal(t, 200, request(t, srv, http.MethodGet, "/store/order-groups?order="+field, headers).status, field)
		}
		for _, field := range fields.refused {
			assert.Equal(t, invalid("Order field "+field+" is not valid"), request(t, srv, http.MethodGet, "/store/order-groups?order="+field, headers).body)
		}
	}
}

func TestWithMercurIDLimitTakesALongListForAnObject(t *testing.T) {
	t.Parallel()
	old, today := newServer(t, storeorderstest.WithMercurIDLimit(20)), newServer(t)
	for _, form := range []string{"id=og_%d&", "id[]=og_%d&", "id%%5B%d%%5D=og&"} {
		ids := make([]string, 21)
		for i := range ids {
			ids[i] = fmt.Sprintf(form, i)
		}
		query, more := "/store/order-groups?fields=id&"+strings.Join(ids[:20], ""), "/store/order-groups?fields=id&"+strings.Join(ids, "")
		for srv, wants := range map[*storeorderstest.Server][2]int{old: {200, 400}, today: {200, 200}} {
			headers := mercurHeaders(srv, srv.AddCustomer("Alice"))
			assert.Equal(t, wants[0], request(t, srv, http.MethodGet, query, headers).status, form)
			assert.Equal(t, wants[1], request(t, srv, http.MethodGet, more, headers).status, form)
		}
	}
}

func TestEveryStackServesTheSDKRight(t *testing.T) {
	t.Parallel()
	for _, stack := range []storeorderstest.Stack{storeorderstest.Mercur215, storeorderstest.Mercur231, storeorderstest.Mercur231Medusa220} {
		srv := newServer(t, stack)
		alice := srv.AddCustomer("Alice")
		added := srv.AddOrderGroups(alice, 3, 7)
		client, err := storeorders.NewClient(storeorders.WithMercur(srv.MercurConfig()))
		require.NoError(t, err)
		page, err := client.OrderGroups.List(t.Context(), &storeorders.OrderGroupListOptions{Order: storeorders.OldestFirst}, storeorders.WithToken(alice.Token))
		require.NoError(t, err)
		require.Len(t, page.Items, len(added))
		for i, group := range page.Items {
			require.Len(t, group.Orders, len(added[i].Orders))
			for j, order := range group.Orders {
				want := added[i].Orders[j]
				assert.Equal(t, want.Total, order.Total, stack)
				assert.Equal(t, want.ItemTotal, order.ItemTotal, stack)
				require.Len(t, order.Items, len(want.Items))
				for k, item := range order.Items {
					assert.Equal(t, want.Items[k].Quantity, item.Quantity, stack)
					assert.Equal(t, want.Items[k].Total, item.Total, stack)
				}
			}
		}
	}
}

func TestMercurTakesPostgreSQLsWordsForTimes(t *testing.T) {
	t.Parallel()
	srv, headers := fiveGroups(t)
	for query, count := range map[string]int{
		"created_at[$gte]=epoch": 5, "created_at[$lt]=epoch": 0, "created_at[$lt]=Infinity": 5, "created_at[$gt]=-infinity": 5,
		"created_at[$gte]=infinity": 0, "created_at[$in][]=now": 0, "created_at[$ne]=yesterday": 5, "updated_at[$nin][]=today&updated_at[$nin][]=tomorrow": 5,
	} {
		got := request(t, srv, http.MethodGet, "/store/order-groups?fields=id&"+query, headers)
		assert.Contains(t, got.body, fmt.Sprintf(`"count":%d,`, count), query)
	}
}
