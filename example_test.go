package storeorders_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed-2861b391/storeorders"
	"github.com/seed-2861b391/storeorders/storeorderstest"
)

// handler is the README's backend.
func handler(client *storeorders.Client) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		if !strings.EqualFold(scheme, "Bearer") {
			token = "" // no other credential is the shop's business
		}
		page, err := client.OrderGroups.List(r.Context(),
			&storeorders.OrderGroupListOptions{Limit: 20}, storeorders.WithToken(token))
		switch {
		case token == "", errors.Is(err, storeorders.ErrUnauthorized):
			http.Error(w, "please log in", http.StatusUnauthorized)
		case err != nil:
			slog.ErrorContext(r.Context(), "list order groups", "err", err)
			http.Error(w, "the shop does not answer", http.StatusBadGateway)
		default:
			w.Header().Set("Content-Type", "application/json")
			_ = json.NewEncoder(w).Encode(page.Items)
		}
	}
}

// One client serves all shoppers: each request brings its own token.
func Example_backend() {
	shop := storeorderstest.NewServer()
	defer shop.Close()
	alice := shop.AddCustomer("alice")
	shop.AddOrderGroup(alice, storeorders.OrderGroup{ID: "og_1"})

	client, err := storeorders.NewClient(storeorders.WithMercur(shop.MercurConfig()))
	if err != nil {
		log.Fatal(err)
	}
	for _, authorization := range []string{"Bearer " + alice.Token, "bearer " + alice.Token, "Bearer of-bad-news", "Basic YWxpY2U6cGFzc3dvcmQ=", ""} {
		r := httptest.NewRequestWithContext(context.Background(), http.MethodGet, "/history", http.NoBody)
		r.Header.Set("Authorization", authorization)
		w := httptest.NewRecorder()
		handler(client)(w, r)
		fmt.Println(w.Code)
	}
	// Output:
	// 200
	// 200
	// 401
	// 401
	// 401
}

// script is the README's script.
func script(ctx context.Context) {
	client, err := storeorders.NewClient(storeorders.WithSalesive(storeorders.SalesiveConfig{
		ShopID: os.Getenv("SALESIVE_SHOP_ID"),
		Token:  storeorders.StaticToken(os.Getenv("SALESIVE_TOKEN")),
	}))
	if err != nil {
		log.Fatal(err)
	}
	paid := &storeorders.OrderListOptions{
		Status: []storeorders.OrderStatus{storeorders.OrderStatusPaid, storeorders.OrderStatusCompleted},
		From:   time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC),
	}
	for order, err := range client.Orders.All(ctx, paid) {
		if err != nil {
			log.Fatal(err) // a *PageError has the Page to go on from
		}
		fmt.Println(order.Number, order.Status, order.Total)
	}
}

var _ = script // talks to the hosted Salesive, so that it is compiled only

// TestHistory is the README's test of one's own code.
func TestHistory(t *testing.T) {
	t.Parallel()
	server := storeorderstest.NewServer()
	defer server.Close()
	alice := server.AddCustomer("alice")
	server.AddOrderGroups(alice, 3, 1)

	client, err := storeorders.NewClient(storeorders.WithMercur(server.MercurConfig()))
	if err != nil {
		t.Fatal(err)
	}
	groups, err := storeorders.Collect(client.OrderGroups.All(t.Context(), nil, storeorders.WithToken(alice.Token)), 0)
	if err != nil || len(groups) != 3 {
		t.Fatalf("got %d order groups, %v", len(groups), err)
	}
}

// The programs that the README shows are the ones above.
func TestReadmeShowsProgramsThatCompile(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile("example_test.go")
	if err != nil {
		t.Fatal(err)
	}
	// Without the indentation, which depends on where a program stands.
	unindented := func(text string) string {
		lines := strings.Split(text, "\n")
		for i := range lines {
			lines[i] = strings.TrimLeft(lines[i], "\t")
		}
		return strings.Join(lines, "\n")
	}
	programs := strings.Split(string(readme), "```go\n")[1:]
	if len(programs) != 3 {
		t.Errorf("the README has %d Go programs, want one for each of 3 users", len(programs))
	}
	for _, program := range programs {
		program, _, _ = strings.Cut(program, "```")
		if !strings.Contains(unindented(string(source)), unindented(program)) {
			t.Errorf("not in example_test.go:\n%s", program)
		}
	}
}

// newShop is a server with data, and a client for one of its customers and one
// of its shoppers.
func newShop() (shop *storeorderstest.Server, client *storeorders.Client) {
	shop = storeorderstest.NewServer()
	alice := shop.AddCustomer("alice")
	for _, id := range []string{"og_1", "og_2", "og_3"} {
		shop.AddOrderGroup(alice, storeorders.OrderGroup{ID: id, Orders: []storeorders.SellerOrder{{
			CurrencyCode: "usd",
			Seller:       &storeorders.Seller{Name: "Cedar Books"},
			Items:        []storeorders.LineItem{{Title: "Atlas", Quantity: "2", UnitPrice: "15.50"}},
		}}})
	}
	bob := shop.AddShopper("bob")
	for i, total := range []storeorders.Decimal{"100", "250.50", "1234567890123456.78"} {
		shop.AddOrder(bob, storeorders.Order{ID: fmt.Sprintf("690ff00acf4de460fd1f611%d", i), Status: storeorders.OrderStatusPaid, Total: total})
	}
	mercur, salesive := shop.MercurConfig(), shop.SalesiveConfig()
	mercur.Token, salesive.Token = storeorders.StaticToken(alice.Token), storeorders.StaticToken(bob.Token)
	client, err := storeorders.NewClient(storeorders.WithMercur(mercur), storeorders.WithSalesive(salesive))
	if err != nil {
		log.Fatal(err)
	}
	return shop, client
}

func ExampleNewClient() {
	client, err := storeorders.NewClient(
		storeorders.WithMercur(storeorders.MercurConfig{
			BaseURL:        "https://market.example.com",
			PublishableKey: "pk_0123456789abcdef",
		}),
		storeorders.WithRetry(storeorders.RetryPolicy{MaxRetries: 1, MinWait: time.Second, MaxWait: time.Second}),
		storeorders.WithUserAgent("shop-export/2.1"),
	)
	fmt.Println(client, err)
	_, err = client.OrderGroups.List(context.Background(), nil)
	fmt.Println(err)
	// Output:
	// storeorders.Client{Mercur: https://market.example.com} <nil>
	// storeorders: no credentials: OrderGroups.List: give a token, in MercurConfig or with WithToken
}

func ExampleOrderGroupsService_List() {
	shop, client := newShop()
	defer shop.Close()

	page, err := client.OrderGroups.List(context.Background(), &storeorders.OrderGroupListOptions{
		Limit: 2,
		Order: storeorders.OldestFirst,
		CreatedAt: storeorders.TimeFilter{
			GTE: time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC),
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	for _, group := range page.Items {
		for _, order := range group.Orders {
			fmt.Println(group.ID, order.Seller.Name, order.Total, order.CurrencyCode)
		}
	}
	next, more := page.Next()
	fmt.Println(page.Count, next.Offset, more)
	// Output:
	// og_1 Cedar Books 31 usd
	// og_2 Cedar Books 31 usd
	// 3 2 true
}

func ExampleOrderGroupsService_Pages() {
	shop, client := newShop()
	defer shop.Close()

	for page, err := range client.OrderGroups.Pages(context.Background(), &storeorders.OrderGroupListOptions{Limit: 2}) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(page.Offset, len(page.Items), page.Count)
	}
	// Output:
	// 0 2 3
	// 2 1 3
}

func ExampleOrderGroupsService_All() {
	shop, client := newShop()
	defer shop.Close()

	for group, err := range client.OrderGroups.All(context.Background(), nil) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(group.ID, group.Total)
	}
	// Output:
	// og_3 31
	// og_2 31
	// og_1 31
}

func ExampleOrderGroupsService_Get() {
	shop, client := newShop()
	defer shop.Close()

	group, err := client.OrderGroups.Get(context.Background(), "og_2", &storeorders.OrderGroupGetOptions{Fields: []string{"id", "total"}})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s\n", group.RawJSON())

	_, err = client.OrderGroups.Get(context.Background(), "og_of_somebody_else", nil)
	fmt.Println(errors.Is(err, storeorders.ErrNotFound))
	// Output:
	// {"id":"og_2","total":31}
	// true
}

func ExampleOrdersService_List() {
	shop, client := newShop()
	defer shop.Close()

	page, err := client.Orders.List(context.Background(), &storeorders.OrderListOptions{
		Status:   []storeorders.OrderStatus{storeorders.OrderStatusPaid, storeorders.OrderStatusCompleted},
		MinTotal: "200.00",
	})
	if err != nil {
		log.Fatal(err)
	}
	for _, order := range page.Items {
		fmt.Println(order.Number, order.Status, order.Total)
	}
	// Output:
	// 1003 paid 1234567890123456.78
	// 1002 paid 250.50
}

func ExampleOrdersService_All() {
	shop, client := newShop()
	defer shop.Close()

	sum := new(big.Rat)
	for order, err := range client.Orders.All(context.Background(), nil) {
		if err != nil {
			log.Fatal(err)
		}
		total, err := order.Total.Rat()
		if err != nil {
			log.Fatal(err)
		}
		sum.Add(sum, total)
	}
	fmt.Println(sum.FloatString(2))
	// Output:
	// 1234567890123807.28
}

func ExampleOrdersService_Pages() {
	shop, client := newShop()
	defer shop.Close()

	for page, err := range client.Orders.Pages(context.Background(), &storeorders.OrderListOptions{Limit: 2}) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(page.Page, len(page.Items), page.Total)
	}
	// Output:
	// 1 2 3
	// 2 1 3
}

func ExampleOrdersService_Get() {
	shop, client := newShop()
	defer shop.Close()

	order, err := client.Orders.Get(context.Background(), "690ff00acf4de460fd1f6111")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(order.Number, order.Total)
	// Output:
	// 1002 250.50
}

func ExampleCollect() {
	shop, client := newShop()
	defer shop.Close()

	newest, err := storeorders.Collect(client.Orders.All(context.Background(), nil), 2)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(newest), newest[0].Number)
	// Output:
	// 2 1003
}

func ExampleDecimal() {
	for _, d := range []storeorders.Decimal{"15.50", "0.00", ""} {
		fmt.Printf("%q valid=%t zero=%t equals 15.5: %t\n", d, d.Valid(), d.IsZero(), d.Cmp("15.5") == 0)
	}
	// Output:
	// "15.50" valid=true zero=false equals 15.5: true
	// "0.00" valid=true zero=true equals 15.5: false
	// "" valid=false zero=true equals 15.5: false
}

func ExampleDecimal_Valid() {
	for _, input := range []storeorders.Decimal{"99.90", "99,90", "1e3", ""} { // what people type into a filter
		fmt.Printf("%q %t\n", input, input.Valid())
	}
	// Output:
	// "99.90" true
	// "99,90" false
	// "1e3" true
	// "" false
}

func ExampleDecimal_IsZero() {
	for _, shipping := range []storeorders.Decimal{"4.90", "0.00", ""} {
		switch {
		case shipping == "":
			fmt.Println("shipping: not known")
		case shipping.IsZero():
			fmt.Println("shipping: free")
		default:
			fmt.Println("shipping:", shipping)
		}
	}
	// Output:
	// shipping: 4.90
	// shipping: free
	// shipping: not known
}

// For a chart a float64 is near enough; for a bill it is not.
func ExampleDecimal_Float64() {
	total := storeorders.Decimal("1234567890123456.78")
	f, err := total.Float64()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s is drawn as %.2f\n", total, f)
	// Output:
	// 1234567890123456.78 is drawn as 1234567890123456.75
}

func ExampleDecimal_Rat() {
	price, err := storeorders.Decimal("0.10").Rat()
	if err != nil {
		log.Fatal(err)
	}
	sum := new(big.Rat)
	for range 3 {
		sum.Add(sum, price)
	}
	fmt.Println(sum.FloatString(2))

	_, err = storeorders.Decimal("").Rat() // absent is not zero
	fmt.Println(err)
	// Output:
	// 0.30
	// storeorders: the Decimal is absent: the server sent no value
}

func ExampleDecimal_Cmp() {
	totals := []storeorders.Decimal{"99.90", "1234567890123456.78", "", "100", "1e2"}
	slices.SortStableFunc(totals, storeorders.Decimal.Cmp)
	fmt.Printf("%q\n", totals)
	// Output:
	// ["" "99.90" "100" "1e2" "1234567890123456.78"]
}

func ExampleDecimal_UnmarshalJSON() {
	var invoice struct {
		Total    storeorders.Decimal `json:"total"`
		Shipping storeorders.Decimal `json:"shipping"`
		Tax      storeorders.Decimal `json:"tax"`
	}
	if err := json.Unmarshal([]byte(`{"total": 1234567890123456.780, "shipping": 0, "tax": null}`), &invoice); err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%q %q %q\n", invoice.Total, invoice.Shipping, invoice.Tax)
	// Output:
	// "1234567890123456.780" "0" ""
}

// A "more" button: what Next gives travels as JSON, and goes on elsewhere.
func ExampleOrderGroupPage_Next() {
	shop, client := newShop()
	defer shop.Close()

	page, err := client.OrderGroups.List(context.Background(), &storeorders.OrderGroupListOptions{Limit: 2})
	if err != nil {
		log.Fatal(err)
	}
	next, more := page.Next()
	cursor, err := json.Marshal(next)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(page.Items), more)

	var options storeorders.OrderGroupListOptions
	if err := json.Unmarshal(cursor, &options); err != nil {
		log.Fatal(err)
	}
	page, err = client.OrderGroups.List(context.Background(), &options)
	if err != nil {
		log.Fatal(err)
	}
	_, more = page.Next()
	fmt.Println(len(page.Items), more)
	// Output:
	// 2 true
	// 1 false
}

func ExampleOrderPage_Next() {
	shop, client := newShop()
	defer shop.Close()

	options, more := storeorders.OrderListOptions{Limit: 2}, true
	for more {
		page, err := client.Orders.List(context.Background(), &options)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("page %d of %d has %d orders\n", page.Page, page.Pages, len(page.Items))
		options, more = page.Next()
	}
	// Output:
	// page 1 of 2 has 2 orders
	// page 2 of 2 has 1 orders
}

func ExampleResponse() {
	shop, client := newShop()
	defer shop.Close()

	page, err := client.Orders.List(context.Background(), nil, storeorders.WithHeader("X-Request-Id", "req-7"))
	if err != nil {
		log.Fatal(err)
	}
	answer := page.Response
	fmt.Println(answer.StatusCode, answer.Header.Get("Content-Type"), answer.RequestID, answer.Attempts)
	// Output:
	// 200 application/json; charset=utf-8 req-7 1
}

// A plugin of the marketplace has given the groups a field of its own.
func ExampleOrderGroup_RawJSON() {
	shop := storeorderstest.Transport()
	err := shop.LoadFixture(strings.NewReader(
		`{"customers": [{"token": "token-of-alice", "order_groups": [{"id": "og_1", "loyalty_points": 40}]}]}`))
	if err != nil {
		log.Fatal(err)
	}
	client, err := storeorders.NewClient(
		storeorders.WithHTTPClient(&http.Client{Transport: shop}),
		storeorders.WithMercur(shop.MercurConfig()),
	)
	if err != nil {
		log.Fatal(err)
	}

	fields := &storeorders.OrderGroupGetOptions{Fields: []string{"id", "loyalty_points"}}
	group, err := client.OrderGroups.Get(context.Background(), "og_1", fields, storeorders.WithToken("token-of-alice"))
	if err != nil {
		log.Fatal(err)
	}
	var plugin struct {
		LoyaltyPoints int `json:"loyalty_points"`
	}
	if err := json.Unmarshal(group.RawJSON(), &plugin); err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s %d\n", group.RawJSON(), plugin.LoyaltyPoints)
	// Output:
	// {"id":"og_1","loyalty_points":40} 40
}

// Salesive sends what it likes; what the types do not know is still there.
func ExampleOrder_RawJSON() {
	shop := storeorderstest.Transport()
	err := shop.LoadFixture(strings.NewReader(
		`{"shoppers": [{"token": "token-of-bob", "orders": [{"_id": "690ff00acf4de460fd1f6114", "giftWrap": true}]}]}`))
	if err != nil {
		log.Fatal(err)
	}
	client, err := storeorders.NewClient(
		storeorders.WithHTTPClient(&http.Client{Transport: shop}),
		storeorders.WithSalesive(shop.SalesiveConfig()),
	)
	if err != nil {
		log.Fatal(err)
	}

	order, err := client.Orders.Get(context.Background(), "690ff00acf4de460fd1f6114", storeorders.WithToken("token-of-bob"))
	if err != nil {
		log.Fatal(err)
	}
	var more struct {
		GiftWrap bool `json:"giftWrap"`
	}
	if err := json.Unmarshal(order.RawJSON(), &more); err != nil {
		log.Fatal(err)
	}
	fmt.Println(more.GiftWrap, new(storeorders.Order).RawJSON() == nil)
	// Output:
	// true true
}

// The default fields, and one more.
func ExampleDefaultOrderGroupFields() {
	shop, client := newShop()
	defer shop.Close()
	shop.AddOrderGroup(shop.Customers()[0], storeorders.OrderGroup{ID: "og_4", CartID: "cart_1"})

	fields := append(storeorders.DefaultOrderGroupFields(), "cart_id")
	group, err := client.OrderGroups.Get(context.Background(), "og_4", &storeorders.OrderGroupGetOptions{Fields: fields})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(group.DisplayID, group.CartID)
	// Output:
	// 4 cart_1
}

// The groups of one hour: from its beginning, and up to but not at its end.
func ExampleTimeFilter() {
	shop, client := newShop()
	defer shop.Close()

	eleven := time.Date(2026, time.January, 1, 11, 0, 0, 0, time.UTC)
	options := &storeorders.OrderGroupListOptions{
		CreatedAt: storeorders.TimeFilter{GTE: eleven, LT: eleven.Add(time.Hour)},
	}
	for group, err := range client.OrderGroups.All(context.Background(), options) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(group.ID, group.CreatedAt.Format(time.TimeOnly))
	}
	// Output:
	// og_2 11:00:00
}

// A struct of your own that go-querystring encodes may have a TimeFilter, too.
func ExampleTimeFilter_EncodeValues() {
	filter := storeorders.TimeFilter{
		GTE: time.Date(2026, time.January, 1, 1, 0, 0, 0, time.FixedZone("CET", 3600)),
		LT:  time.Date(2026, time.February, 1, 0, 0, 0, 0, time.UTC),
	}
	query := url.Values{}
	if err := filter.EncodeValues("created_at", &query); err != nil {
		log.Fatal(err)
	}
	fmt.Println(query.Get("created_at[$gte]"), query.Get("created_at[$lt]"))
	// Output:
	// 2026-01-01T00:00:00.000Z 2026-02-01T00:00:00.000Z
}

func ExampleOrderStatus_Known() {
	for _, status := range []storeorders.OrderStatus{storeorders.OrderStatusPaid, "on_hold"} {
		fmt.Println(status, status.Known())
	}
	// Output:
	// paid true
	// on_hold false
}

func ExampleSellerOrderStatus_Known() {
	for _, status := range []storeorders.SellerOrderStatus{storeorders.SellerOrderStatusCanceled, "in_transit"} {
		fmt.Println(status, status.Known())
	}
	// Output:
	// canceled true
	// in_transit false
}

// The payment came populated, and the shipment not at all.
func ExampleRef() {
	shop, client := newShop()
	defer shop.Close()
	added := shop.AddOrder(shop.Shoppers()[0], storeorders.Order{
		Payment: storeorders.Ref{Object: json.RawMessage(`{"_id": "6938e4f0019a97bc42775b59", "method": "card"}`)},
	})

	order, err := client.Orders.Get(context.Background(), added.ID)
	if err != nil {
		log.Fatal(err)
	}
	var payment struct {
		Method string `json:"method"`
	}
	if order.Payment.Object != nil { // it may be an id alone
		if err := json.Unmarshal(order.Payment.Object, &payment); err != nil {
			log.Fatal(err)
		}
	}
	fmt.Println(order.Payment.ID, payment.Method, order.Shipment.IsZero())
	// Output:
	// 6938e4f0019a97bc42775b59 card true
}

func ExampleRef_IsZero() {
	for _, shipment := range []storeorders.Ref{{ID: "6938e4f0019a97bc42775b59"}, {}} {
		fmt.Println(shipment.IsZero())
	}
	// Output:
	// false
	// true
}

func ExampleRef_UnmarshalJSON() {
	for _, text := range []string{`"68e5bb463a1fc56a8ac150bf"`, `{"_id":"68e5bb463a1fc56a8ac150bf","name":"Atlas"}`, `null`} {
		var product storeorders.Ref
		if err := json.Unmarshal([]byte(text), &product); err != nil {
			log.Fatal(err)
		}
		fmt.Printf("id %q, object %q\n", product.ID, string(product.Object))
	}
	// Output:
	// id "68e5bb463a1fc56a8ac150bf", object ""
	// id "68e5bb463a1fc56a8ac150bf", object "{\"_id\":\"68e5bb463a1fc56a8ac150bf\",\"name\":\"Atlas\"}"
	// id "", object ""
}

func ExampleVariantAttributes_UnmarshalJSON() {
	var attributes storeorders.VariantAttributes
	if err := json.Unmarshal([]byte(`{"color": "green", "size": 42, "engraving": null}`), &attributes); err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%q\n", attributes)
	// Output:
	// map["color":"green" "engraving":"" "size":"42"]
}

func ExampleShippingAddress_UnmarshalJSON() {
	for _, text := range []string{`{"fullName": "Ada", "city": "Lagos", "zipCode": 101001}`, `"6938e4f0019a97bc42775b59"`} {
		var address storeorders.ShippingAddress
		if err := json.Unmarshal([]byte(text), &address); err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%q %q %q\n", address.ID, address.City, address.ZipCode)
	}
	// Output:
	// "" "Lagos" "101001"
	// "6938e4f0019a97bc42775b59" "" ""
}

// A program that rests between two runs leaves the server no open connection.
func ExampleClient_CloseIdleConnections() {
	shop, client := newShop()
	defer shop.Close()

	ctx := httptrace.WithClientTrace(context.Background(), &httptrace.ClientTrace{
		GotConn: func(connection httptrace.GotConnInfo) { fmt.Println("an old connection:", connection.Reused) },
	})
	list := func() {
		if _, err := client.OrderGroups.List(ctx, nil); err != nil {
			log.Fatal(err)
		}
	}
	list()
	list()
	client.CloseIdleConnections()
	list()
	// Output:
	// an old connection: false
	// an old connection: true
	// an old connection: false
}

func ExampleTokenSourceFunc() {
	shop, client := newShop()
	defer shop.Close()

	vault := storeorders.TokenSourceFunc(func(context.Context) (string, error) {
		return "", errors.New("the vault is sealed")
	})
	_, err := client.Orders.List(context.Background(), nil, storeorders.WithTokenSource(vault))
	fmt.Println(err)
	// Output:
	// storeorders: Orders.List: GET /orders: token source: the vault is sealed (nothing was sent)
}
