package storeorderstest_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-2861b391/storeorders"
	"github.com/seed-2861b391/storeorders/storeorderstest"
)

// handWritten has as little as a fixture may have, and members that package
// storeorders does not know.
const handWritten = `{
	"customers": [{
		"id": "cus_1", "first_name": "Alice", "token": "token-of-alice",
		"order_groups": [
			{"id": "og_1"},
			{"id": "og_2", "created_at": "2026-03-01T10:00:00.123456+01:00", "loyalty": {"points": 12.50, "tier": null}, "orders": [
				{"id": "order_1", "payment_status": "captured", "seller": {"name": "Cedar Books", "rating": 4.0},
				 "items": [{"id": "ordli_1", "unit_price": 19.90, "quantity": 2, "gift": true}, {"id": "ordli_2"}]}
			]},
			{}
		]
	}, {}],
	"shoppers": [{
		"_id": "68f976e92bb0b821425fdda6", "name": "Ada", "token": "token-of-ada",
		"orders": [
			{"_id": "690ff00acf4de460fd1f6114"},
			{"_id": "690ff00acf4de460fd1f6115", "__v": 3, "coupon": null, "user": {"_id": "68f976e92bb0b821425fdda6", "email": "a@b.c"},
			 "items": [{"price": 10.00, "product": null, "warranty": {"months": 1e1}}]}
		]
	}, {}]
}`

// answers returns the answers to all that can be read of the server's data.
func answers(t *testing.T, srv *storeorderstest.Server, customers, shoppers []string) []answer {
	t.Helper()
	var got []answer
	for _, token := range customers {
		for _, target := range []string{
			"/store/order-groups?limit=0", "/store/customers/me",
			"/store/order-groups?limit=0&order=updated_at&fields=" + strings.Join(append(storeorders.DefaultOrderGroupFields(),
				"*", "loyalty", "*orders", "*orders.seller", "*orders.items", "orders.items.gift", "orders.seller.rating"), ","),
		} {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, srv.URL+target, http.NoBody)
			require.NoError(t, err)
			req.Header.Set("X-Publishable-Api-Key", srv.PublishableKey)
			req.Header.Set("Authorization", "Bearer "+token)
			got = append(got, roundTrip(t, srv, req))
			require.Equal(t, 200, got[len(got)-1].status, got[len(got)-1].body)
		}
	}
	for _, token := range shoppers {
		for _, path := range []string{"/orders?limit=1000", "/auth/me"} {
			got = append(got, send(t, srv, http.MethodGet, path, token, ""))
			require.Equal(t, 200, got[len(got)-1].status, got[len(got)-1].body)
		}
	}
	return got
}

func write(t *testing.T, srv *storeorderstest.Server) string {
	t.Helper()
	var text strings.Builder
	require.NoError(t, srv.WriteFixture(&text))
	return text.String()
}

func TestFixtureGivesTheSameAnswers(t *testing.T) {
	t.Parallel()
	// A guest's token is not written, but made anew: with the same times in it
	// where the clock stands still.
	synctest.Test(t, testFixtureGivesTheSameAnswers)
}

func testFixtureGivesTheSameAnswers(t *testing.T) {
	srv := storeorderstest.Transport()
	require.NoError(t, srv.LoadFixture(strings.NewReader(handWritten)))
	alice, ada := srv.AddCustomer("Alice"), srv.AddShopper("Ada")
	groups := srv.AddOrderGroups(alice, 20, 1)
	srv.AddOrders(ada, 20, 1)
	// Ties, times finer than what is sent, and what is out of order.
	for range 3 {
		srv.AddOrderGroup(alice, storeorders.OrderGroup{CreatedAt: groups[3].CreatedAt.Add(456 * time.Microsecond)})
	}
	srv.RemoveOrderGroup(groups[0].ID)
	send(t, srv, http.MethodPost, "/auth/ghost", "", "")

	var customers, shoppers []string
	for _, customer := range srv.Customers() {
		customers = append(customers, customer.Token)
	}
	for _, shopper := range srv.Shoppers() {
		shoppers = append(shoppers, shopper.Token)
	}
	assert.Len(t, customers, 3)
	assert.Len(t, shoppers, 4)
	written := write(t, srv)

	again := storeorderstest.Transport()
	require.NoError(t, again.LoadFixture(strings.NewReader(written)))
	got := answers(t, again, customers, shoppers)
	for i, want := range answers(t, srv, customers, shoppers) {
		assert.Equal(t, want.body, got[i].body)
	}
	assert.Equal(t, srv.Customers(), again.Customers())
	assert.Equal(t, srv.Shoppers(), again.Shoppers())
	assert.Equal(t, strings.Split(written, "\n"), strings.Split(write(t, again), "\n"))

	count := len(answersTo(t, again, alice))
	again.AddOrderGroups(alice, 100, 2)
	again.AddOrders(ada, 100, 2)
	assert.Len(t, answersTo(t, again, alice), count+100, "a new id is none that was loaded")
	assert.Contains(t, send(t, again, http.MethodGet, "/orders", ada.Token, "").body, `"total":120,`)
}

// answersTo returns the customer's groups through the SDK.
func answersTo(t *testing.T, srv *storeorderstest.Server, customer *storeorderstest.Customer) []*storeorders.OrderGroup {
	t.Helper()
	client, err := storeorders.NewClient(storeorders.WithHTTPClient(&http.Client{Transport: srv}), storeorders.WithMercur(srv.MercurConfig()))
	require.NoError(t, err)
	groups, err := storeorders.Collect(client.OrderGroups.All(t.Context(), nil, storeorders.WithToken(customer.Token)), 0)
	require.NoError(t, err)
	return groups
}

func TestFixtureWrittenByHandIsFilledIn(t *testing.T) {
	t.Parallel()
	srv := storeorderstest.Transport()
	require.NoError(t, srv.LoadFixture(strings.NewReader(handWritten)))

	customers, shoppers := srv.Customers(), srv.Shoppers()
	require.Len(t, customers, 2)
	require.Len(t, shoppers, 2)
	assert.Equal(t, "cus_1", customers[0].ID)
	assert.Equal(t, "Alice", customers[0].Name)
	assert.Equal(t, "token-of-alice", customers[0].Token)
	assert.NotEmpty(t, customers[1].Token)
	assert.Equal(t, "token-of-ada", shoppers[0].Token)
	assert.Equal(t, "ada@example.com", shoppers[0].Email)
	assert.NotEmpty(t, shoppers[1].Token)

	groups := answersTo(t, srv, customers[0])
	require.Len(t, groups, 3)
	assert.Equal(t, "og_2", groups[0].ID)
	assert.Equal(t, storeorders.Decimal("39.8"), groups[0].Total)
	assert.Equal(t, time.Date(2026, time.March, 1, 9, 0, 0, 123_000_000, time.UTC), groups[0].CreatedAt)
	assert.Equal(t, "cedar-books", groups[0].Orders[0].Seller.Handle)
	assert.Equal(t, storeorders.Decimal("1"), groups[0].Orders[0].Items[1].Quantity)
	assert.Equal(t, int64(3), groups[1].DisplayID)
	assert.Equal(t, time.Date(2026, time.January, 1, 10, 0, 0, 0, time.UTC), groups[2].CreatedAt)
	assert.Equal(t, []storeorders.SellerOrder{}, groups[2].Orders)

	got := send(t, srv, http.MethodGet, "/orders", "token-of-ada", "")
	assert.Equal(t, `{"status":200,"success":true,"message":"Orders retrieved successfully","data":{"orders":[`+
		`{"__v":3,"_id":"690ff00acf4de460fd1f6115","coupon":null,"createdAt":"2026-01-01T11:00:00.000Z",`+
		`"items":[{"price":10.00,"product":null,"quantity":1,"warranty":{"months":1e1}}],"orderId":1002,`+
		`"shippingCost":0,"shop":"68b8f52575da81b332af29f1","status":"pending","subtotal":10,"total":10,"updatedAt":"2026-01-01T11:00:00.000Z",`+
		`"user":{"_id":"68f976e92bb0b821425fdda6","email":"a@b.c"}},`+
		`{"_id":"690ff00acf4de460fd1f6114","createdAt":"2026-01-01T10:00:00.000Z","items":[],"orderId":1001,`+
		`"shippingCost":0,"shop":"68b8f52575da81b332af29f1","status":"pending","subtotal":0,"total":0,"updatedAt":"2026-01-01T10:00:00.000Z",`+
		`"user":"68f976e92bb0b821425fdda6"}],"pagination":{"page":1,"limit":10,"total":2,"pages":1}}}`, got.body)
	assert.Contains(t, write(t, srv), `"points": 12.50`)
}

func TestFixtureDoesNotKeepWhatTheServerSets(t *testing.T) {
	t.Parallel()
	srv := storeorderstest.Transport()
	require.NoError(t, srv.LoadFixture(strings.NewReader(`{
		"customers": [{"id": "cus_1", "token": "a", "order_groups": [{"id": null, "customer_id": "cus_2", "created_at": null, "updated_at": "2026-01-02T00:00:00.9999999Z"}]}],
		"shoppers": [{"token": "b", "orders": [{"_id": null, "createdAt": "2026-01-01T10:00:00+01:00", "updatedAt": null}]}]
	}`)))
	groups := answersTo(t, srv, srv.Customers()[0])
	require.Len(t, groups, 1)
	assert.JSONEq(t, `{"id":"og_01000000000000000000000001","customer_id":"cus_1","display_id":1,"seller_count":0,"total":0,"orders":[],
		"created_at":"2026-01-01T10:00:00.000Z","updated_at":"2026-01-02T00:00:01.000Z"}`, string(groups[0].RawJSON()))
	got := send(t, srv, http.MethodGet, "/orders", "b", "")
	assert.Contains(t, got.body, `"updatedAt":"2026-01-01T09:00:00.000Z"`)
	assert.Contains(t, got.body, `"_id":"690ff00a0000000000000003","createdAt":"2026-01-01T09:00:00.000Z","items":[],"orderId":1001,`)
}

func TestFixtureThatIsWrongSaysWhere(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, text, want string }{
		{"empty", ``, `line 1: unexpected end of JSON input`},
		{"no JSON", "{\n\"customers\": [\n{]}", `line 3: invalid character ']'`},
		{"more than one value", "{}\n{}", `line 2: invalid character '{' after top-level value`},
		{"no object", `[]`, `the whole: `},
		{"unknown list", `{"orders": []}`, `orders: json: unknown field "orders"`},
		{"no list", `{"customers": {}}`, `customers: json: cannot unmarshal object`},
		{"no customer", `{"customers": [{}, 7]}`, `customers[1]: json: cannot unmarshal number`},
		{"unknown member", `{"customers": [{"name": "Alice"}]}`, `customers[0].name: json: unknown field "name"`},
		{"wrong type", `{"shoppers": [{}, {"email": 7}]}`, `shoppers[1].email: json: cannot unmarshal number`},
		{"no time", `{"shoppers": [{"createdAt": "yesterday"}]}`, `shoppers[0].createdAt: `},
		{"no group", `{"customers": [{"order_groups": [{}, null]}]}`, `customers[0].order_groups[1]: not an object`},
		{"no order", `{"shoppers": [{"orders": ["690ff00acf4de460fd1f6114"]}]}`, `shoppers[0].orders[0]: json: cannot unmarshal string`},
		{
			"no number", `{"customers": [{"order_groups": [{}, {"id": "og_1", "orders": [{}, {"items": [{"unit_price": "cheap"}]}]}]}]}`,
			`customers[0].order_groups[1].orders[1].items[0].unit_price: storeorders: Decimal: not a JSON number`,
		},
		{"number for a text", `{"shoppers": [{"orders": [{"_id": 1001}]}]}`, `shoppers[0].orders[0]._id: json: cannot unmarshal number`},
		{"number of no end", `{"shoppers": [{"orders": [{"total": 1e99999}]}]}`, `shoppers[0].orders[0].total: a number of too many digits`},
		{"customer twice", `{"customers": [{"id": "cus_1"}, {"id": "cus_1"}]}`, `customers[1].id: "cus_1" is there twice`},
		{"email twice", `{"shoppers": [{"email": "a@b.c"}, {"email": "A@b.c"}]}`, `shoppers[1].email: "a@b.c" is there twice`},
		{"token twice", `{"customers": [{"token": "t"}, {"token": "t"}]}`, `customers[1].token: "t" is there twice`},
		{"group twice", `{"customers": [{"order_groups": [{"id": "og_1"}]}, {"order_groups": [{"id": "og_1"}]}]}`, `customers[1].order_groups[0].id: "og_1" is there twice`},
		{"one wrong of two", `{"shoppers": [{"orders": [{"total": 1e99999, "orderId": "x"}]}]}`, `shoppers[0].orders[0].orderId: json: cannot unmarshal string`},
		{"order twice", `{"shoppers": [{"orders": [{"_id": "1"}, {"_id": "1"}]}]}`, `shoppers[0].orders[1]._id: "1" is there twice`},
		{"shopper of the server", `{"customers": [{}], "shoppers": [{"_id": "690ff00a0000000000000001"}]}`, `shoppers[0]._id: "690ff00a0000000000000001" is there twice`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			srv := storeorderstest.Transport()
			srv.AddShopper("Ada")
			before := write(t, srv)
			err := srv.LoadFixture(strings.NewReader(tt.text))
			require.Error(t, err)
			assert.True(t, strings.HasPrefix(err.Error(), "storeorderstest: fixture: "+tt.want), err.Error())
			assert.Equal(t, before, write(t, srv), "nothing was added")
		})
	}
}

func TestFixtureHandsBackTheErrorsOfItsReaderAndWriter(t *testing.T) {
	t.Parallel()
	srv, broken := storeorderstest.Transport(), errors.New("broken")
	require.ErrorIs(t, srv.LoadFixture(iotest.ErrReader(broken)), broken)
	require.ErrorIs(t, srv.WriteFixture(&brokenWriter{broken}), broken)
}

type brokenWriter struct{ err error }

func (w *brokenWriter) Write([]byte) (int, error) { return 0, w.err }

func TestFixtureOfAnEmptyServer(t *testing.T) {
	t.Parallel()
	srv := storeorderstest.Transport()
	assert.Equal(t, "{\n  \"customers\": [],\n  \"shoppers\": []\n}\n", write(t, srv))
	require.NoError(t, srv.LoadFixture(bytes.NewReader([]byte(`{}`))))
}

func TestFixtureHasTheDataOfThoseWhomNobodyAdded(t *testing.T) {
	t.Parallel()
	srv, again := storeorderstest.Transport(), storeorderstest.Transport()
	srv.AddOrderGroup(&storeorderstest.Customer{ID: "cus_x"}, storeorders.OrderGroup{ID: "og_x"})
	srv.AddOrder(&storeorderstest.Shopper{ID: "x"}, storeorders.Order{ID: "1"})
	require.NoError(t, again.LoadFixture(strings.NewReader(write(t, srv))))
	assert.Equal(t, "og_x", answersTo(t, again, again.Customers()[0])[0].ID)
	assert.Equal(t, 403, send(t, again, http.MethodGet, "/orders/1", again.AddShopper("Ada").Token, "").status)
}

func TestTokensThatAFixtureGivesDoNotExpire(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := storeorderstest.Transport()
		require.NoError(t, srv.LoadFixture(strings.NewReader(`{"customers": [], "shoppers": [{"name": "Ada", "token": "a-word"}]}`)))
		time.Sleep(365 * 24 * time.Hour) //nolint:forbidigo // of virtual time
		assert.Equal(t, 200, send(t, srv, http.MethodGet, "/orders", "a-word", "").status)
		assert.Contains(t, send(t, srv, http.MethodGet, "/auth/me", "a-word", "").body, `"tokenExpiresAt":null`)
	})
}

func TestTokensThatAServerMadeExpireInItsFixtureToo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv, again := storeorderstest.Transport(), storeorderstest.Transport()
		alice, ada := srv.AddCustomer("Alice"), srv.AddShopper("Ada")
		require.NoError(t, again.LoadFixture(strings.NewReader(write(t, srv))))
		for _, server := range []*storeorderstest.Server{srv, again} {
			assert.Equal(t, 200, send(t, server, http.MethodGet, "/orders", ada.Token, "").status)
			assert.Empty(t, answersTo(t, server, alice))
		}
		time.Sleep(365 * 24 * time.Hour) //nolint:forbidigo // of virtual time
		for _, server := range []*storeorderstest.Server{srv, again} {
			assert.Equal(t, 401, send(t, server, http.MethodGet, "/orders", ada.Token, "").status)
		}
	})
}

func TestFixtureCustomersLogIn(t *testing.T) {
	t.Parallel()
	srv := storeorderstest.Transport()
	require.NoError(t, srv.LoadFixture(strings.NewReader(
		`{"customers": [{"id": "cus_1", "email": "alice@example.com", "password": "secret", "order_groups": [{}]}], "shoppers": [{"email": "Ada@Example.com", "orders": [{}]}]}`,
	)))
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, srv.URL+"/auth/customer/emailpass",
		strings.NewReader(`{"email":"alice@example.com","password":"secret"}`))
	require.NoError(t, err)
	req.Header.Set("Content-Type", "application/json")
	var login struct{ Token string }
	require.NoError(t, json.Unmarshal([]byte(roundTrip(t, srv, req).body), &login))
	assert.Len(t, answersTo(t, srv, &storeorderstest.Customer{Token: login.Token}), 1)

	assert.Equal(t, 200, send(t, srv, http.MethodPost, "/auth/authenticate", "", `{"email":"ada@example.com"}`).status)
	token, _ := tokenIn(t, send(t, srv, http.MethodPost, "/auth/verify", "", `{"email":"ada@example.com","otp":"`+srv.CodeFor("ada@example.com")+`"}`))
	assert.Contains(t, send(t, srv, http.MethodGet, "/orders", token, "").body, `"total":1,`)
}
