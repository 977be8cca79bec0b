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
	"os"
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
		case errors.Is(err, storeorders.ErrUnauthorized), errors.Is(err, storeorders.ErrNoCredentials):
			http.Error(w, "please log in", http.StatusUnauthorized)
		case err != nil:
			slog.ErrorContext(r.Context(), "list order groups", "err", err)
			http.Error(w, "the shop does not answer", http.StatusBadGateway)
		default:
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

func ExampleAPIError() {
	shop, client := newShop()
	defer shop.Close()

	_, err := client.OrderGroups.Get(context.Background(), "og_4", nil, storeorders.WithHeader("X-Request-Id", "req-7"))
	fmt.Println(err)
	if apiError, ok := errors.AsType[*storeorders.APIError](err); ok {
		fmt.Println(apiError.StatusCode, apiError.Type)
	}
	// Output:
	// storeorders: OrderGroups.Get: GET /store/order-groups/og_4: 404 not_found: Order group with id og_4 was not found (request req-7, 1 attempt)
	// 404 not_found
}

func ExampleOptionError() {
	shop, client := newShop()
	defer shop.Close()

	_, err := client.OrderGroups.List(context.Background(), &storeorders.OrderGroupListOptions{Limit: -1})
	fmt.Println(err)
	// Output:
	// storeorders: Limit: is -1; it must not be negative
}

// A walk that broke off goes on from where it stopped, in another process if
// need be.
func ExamplePageError() {
	shop, client := newShop()
	defer shop.Close()

	options := storeorders.OrderGroupListOptions{Limit: 2}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var seen []string
	var pageError *storeorders.PageError
	for group, err := range client.OrderGroups.All(ctx, &options) {
		if errors.As(err, &pageError) {
			break
		}
		seen = append(seen, group.ID)
		cancel() // the power goes out
	}
	fmt.Println(seen, pageError.Offset)

	options.Offset = pageError.Offset
	for group, err := range client.OrderGroups.All(context.Background(), &options) {
		if err != nil {
			log.Fatal(err)
		}
		seen = append(seen, group.ID)
	}
	fmt.Println(seen)
	// Output:
	// [og_3 og_2] 2
	// [og_3 og_2 og_1]
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
	// storeorders: Orders.List: GET /orders: token source: the vault is sealed (0 attempts)
}
