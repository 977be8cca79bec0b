package storeorders_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/seed-2861b391/storeorders"
	"github.com/seed-2861b391/storeorders/storeorderstest"
)

// newMarket is a server with 3 order groups, and what a client needs that acts
// for the customer who has them.
func newMarket() (shop *storeorderstest.Server, mercur storeorders.MercurConfig) {
	shop = storeorderstest.NewServer()
	alice := shop.AddCustomer("alice")
	shop.AddOrderGroups(alice, 3, 1)
	mercur = shop.MercurConfig()
	mercur.Token = storeorders.StaticToken(alice.Token)
	return shop, mercur
}

func ExampleWithMercur() {
	client, err := storeorders.NewClient(storeorders.WithMercur(storeorders.MercurConfig{
		BaseURL:        "https://market.example.com/backend",
		PublishableKey: os.Getenv("MERCUR_PUBLISHABLE_KEY"),
	}))
	fmt.Println(client, err)

	_, err = storeorders.NewClient(storeorders.WithMercur(storeorders.MercurConfig{BaseURL: "market.example.com"}))
	fmt.Println(err)
	// Output:
	// storeorders.Client{Mercur: https://market.example.com/backend} <nil>
	// storeorders: MercurConfig.BaseURL: needs http or https and a host; write it as in "https://market.example.com"
}

func ExampleWithSalesive() {
	client, err := storeorders.NewClient(storeorders.WithSalesive(storeorders.SalesiveConfig{
		ShopID: os.Getenv("SALESIVE_SHOP_ID"),
	}))
	fmt.Println(client, err)

	_, err = client.OrderGroups.List(context.Background(), nil)
	fmt.Println(errors.Is(err, storeorders.ErrNotConfigured)) // there is no Mercur
	// Output:
	// storeorders.Client{Salesive: https://store.salesive.com/api/v1} <nil>
	// true
}

// All requests go through a proxy.
func ExampleWithHTTPClient() {
	shop, mercur := newMarket() // the fake answers for every host, as a proxy does
	defer shop.Close()
	mercur.BaseURL = "http://market.example.com"

	proxy, err := url.Parse(shop.URL)
	if err != nil {
		panic(err)
	}
	client, err := storeorders.NewClient(
		storeorders.WithMercur(mercur),
		storeorders.WithHTTPClient(&http.Client{Transport: &http.Transport{
			Proxy:               http.ProxyURL(proxy),
			MaxIdleConnsPerHost: 64,
		}}),
	)
	if err != nil {
		panic(err)
	}
	defer client.CloseIdleConnections()
	page, err := client.OrderGroups.List(context.Background(), nil)
	if err != nil {
		panic(err)
	}
	fmt.Println(page.Count, shop.Requests()[0].Host)
	// Output:
	// 3 market.example.com
}

// A middleware counts the answers by status, retries included.
func ExampleWithMiddleware() {
	shop, mercur := newMarket()
	defer shop.Close()
	shop.Inject(storeorderstest.BadGateway(), storeorderstest.First(1))

	answers := map[int]int{} // where calls run at the same time, it takes a mutex
	count := func(next http.RoundTripper) http.RoundTripper {
		return transportFunc(func(r *http.Request) (*http.Response, error) { // a function as an http.RoundTripper
			resp, err := next.RoundTrip(r)
			if err == nil {
				answers[resp.StatusCode]++
			}
			return resp, err
		})
	}
	client, err := storeorders.NewClient(
		storeorders.WithMercur(mercur),
		storeorders.WithMiddleware(count),
		storeorders.WithRetry(storeorders.RetryPolicy{MaxRetries: 1}),
	)
	if err != nil {
		panic(err)
	}
	if _, err := client.OrderGroups.List(context.Background(), nil); err != nil {
		panic(err)
	}
	fmt.Println(answers)
	// Output:
	// map[200:1 502:1]
}

func ExampleWithRetry() {
	shop, mercur := newMarket()
	defer shop.Close()
	shop.Inject(storeorderstest.Status(http.StatusServiceUnavailable), storeorderstest.First(4))

	client, err := storeorders.NewClient(
		storeorders.WithMercur(mercur),
		storeorders.WithRetry(storeorders.RetryPolicy{MaxRetries: 4}), // without waits, for a test
	)
	if err != nil {
		panic(err)
	}
	page, err := client.OrderGroups.List(context.Background(), nil)
	if err != nil {
		panic(err)
	}
	fmt.Println(page.Count, page.Response.Attempts)
	// Output:
	// 3 5
}

// A server that asks for more patience than the policy has gets no retry.
func ExampleRetryPolicy() {
	shop, mercur := newMarket()
	defer shop.Close()
	shop.Inject(storeorderstest.Status(http.StatusTooManyRequests, "Retry-After", "10"))

	policy := storeorders.DefaultRetryPolicy()
	policy.MaxRetryAfter = 5 * time.Second
	client, err := storeorders.NewClient(storeorders.WithMercur(mercur), storeorders.WithRetry(policy))
	if err != nil {
		panic(err)
	}
	_, err = client.OrderGroups.List(context.Background(), nil)
	if apiError, ok := errors.AsType[*storeorders.APIError](err); ok {
		fmt.Println("come again in", apiError.RetryAfter, "after attempts:", apiError.Attempts)
	}
	// Output:
	// come again in 10s after attempts: 1
}

func ExampleDefaultRetryPolicy() {
	policy := storeorders.DefaultRetryPolicy()
	policy.MaxRetries = 1 // somebody waits for the page
	fmt.Printf("%+v\n", policy)
	// Output:
	// {MaxRetries:1 MinWait:200ms MaxWait:5s MaxRetryAfter:30s}
}

func ExampleWithAttemptTimeout() {
	shop, mercur := newMarket()
	defer shop.Close()
	shop.Inject(storeorderstest.Delay(time.Hour)) // it hangs

	client, err := storeorders.NewClient(
		storeorders.WithMercur(mercur),
		storeorders.WithAttemptTimeout(10*time.Millisecond),
		storeorders.WithRetry(storeorders.RetryPolicy{MaxRetries: 1}),
	)
	if err != nil {
		panic(err)
	}
	_, err = client.OrderGroups.List(context.Background(), nil)
	fmt.Println(err)
	fmt.Println(errors.Is(err, context.DeadlineExceeded))
	// Output:
	// storeorders: OrderGroups.List: GET /store/order-groups: no complete answer within the attempt timeout of 10ms (2 attempts)
	// true
}

func ExampleWithMaxResponseBytes() {
	shop, mercur := newMarket()
	defer shop.Close()

	client, err := storeorders.NewClient(storeorders.WithMercur(mercur), storeorders.WithMaxResponseBytes(1<<10))
	if err != nil {
		panic(err)
	}
	_, err = client.OrderGroups.List(context.Background(), nil)
	fmt.Println(err)
	fmt.Println(errors.Is(err, storeorders.ErrResponseTooLarge))
	// Output:
	// storeorders: OrderGroups.List: cannot read the 200 answer (application/json; charset=utf-8): response too large: more than 1024 bytes; ask for a smaller Limit, or raise WithMaxResponseBytes
	// true
}

// A limiter may wait, as a *rate.Limiter does, or refuse, as this one does
// once its quota is used up. Retries count, too.
func ExampleWithRateLimiter() {
	shop, mercur := newMarket()
	defer shop.Close()
	shop.Inject(storeorderstest.Status(http.StatusServiceUnavailable), storeorderstest.First(1))

	var used atomic.Int64
	quota := limiterFunc(func(ctx context.Context) error { // a function as a limiter
		if used.Add(1) > 2 {
			return errors.New("the quota of the day is used up")
		}
		return ctx.Err()
	})
	client, err := storeorders.NewClient(
		storeorders.WithMercur(mercur),
		storeorders.WithRateLimiter(quota),
		storeorders.WithRetry(storeorders.RetryPolicy{MaxRetries: 1}),
	)
	if err != nil {
		panic(err)
	}
	page, err := client.OrderGroups.List(context.Background(), nil)
	if err != nil {
		panic(err)
	}
	fmt.Println(page.Count, page.Response.Attempts)

	_, err = client.OrderGroups.List(context.Background(), nil)
	fmt.Println(err)
	// Output:
	// 3 2
	// storeorders: OrderGroups.List: GET /store/order-groups: rate limiter: the quota of the day is used up (nothing was sent)
}

func ExampleWithUserAgent() {
	shop, mercur := newMarket()
	defer shop.Close()

	client, err := storeorders.NewClient(storeorders.WithMercur(mercur), storeorders.WithUserAgent("shop-export/2.1"))
	if err != nil {
		panic(err)
	}
	if _, err := client.OrderGroups.List(context.Background(), nil); err != nil {
		panic(err)
	}
	sent := shop.Requests()[0].Header.Get("User-Agent")
	fmt.Println(strings.TrimRight(sent, "0123456789.")) // without the version of this package
	// Output:
	// shop-export/2.1 storeorders-go/
}

func ExampleWithLogger() {
	shop, mercur := newMarket()
	defer shop.Close()
	shop.Inject(storeorderstest.Status(http.StatusServiceUnavailable), storeorderstest.First(1))

	logger := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{
		Level: slog.LevelDebug,
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey || a.Key == "duration" { // they differ from run to run
				return slog.Attr{}
			}
			return a
		},
	}))
	client, err := storeorders.NewClient(
		storeorders.WithMercur(mercur),
		storeorders.WithLogger(logger),
		storeorders.WithRetry(storeorders.RetryPolicy{MaxRetries: 1}),
	)
	if err != nil {
		panic(err)
	}
	if _, err := client.OrderGroups.List(context.Background(), nil, storeorders.WithHeader("X-Request-Id", "req-7")); err != nil {
		panic(err)
	}
	// Output:
	// level=DEBUG msg="storeorders: attempt" op=OrderGroups.List path=/store/order-groups attempt=1 status=503 request_id=req-7 method=GET
	// level=WARN msg="storeorders: retry" op=OrderGroups.List path=/store/order-groups attempt=1 status=503 request_id=req-7 wait=0s
	// level=DEBUG msg="storeorders: attempt" op=OrderGroups.List path=/store/order-groups attempt=2 status=200 request_id=req-7 method=GET
}

// One client, and a token with each call.
func ExampleWithToken() {
	shop, mercur := newMarket()
	defer shop.Close()
	shop.AddCustomer("bob")

	mercur.Token = nil
	client, err := storeorders.NewClient(storeorders.WithMercur(mercur))
	if err != nil {
		panic(err)
	}
	for _, customer := range shop.Customers() {
		page, err := client.OrderGroups.List(context.Background(), nil, storeorders.WithToken(customer.Token))
		if err != nil {
			panic(err)
		}
		fmt.Println(customer.Name, page.Count)
	}
	_, err = client.OrderGroups.List(context.Background(), nil, storeorders.WithToken(""))
	fmt.Println(err)
	// Output:
	// alice 3
	// bob 0
	// storeorders: no credentials: OrderGroups.List: the token is empty
}

// The token is looked up when it is needed, and its absence is an error that
// the program knows again.
func ExampleWithTokenSource() {
	shop, mercur := newMarket()
	defer shop.Close()
	client, err := storeorders.NewClient(storeorders.WithMercur(mercur))
	if err != nil {
		panic(err)
	}

	errLoggedOut := errors.New("logged out")
	sessions := map[string]string{"session of alice": shop.Customers()[0].Token}
	ofAlice := storeorders.TokenSourceFunc(func(context.Context) (string, error) {
		token, found := sessions["session of alice"]
		if !found {
			return "", errLoggedOut
		}
		return token, nil
	})
	page, err := client.OrderGroups.List(context.Background(), nil, storeorders.WithTokenSource(ofAlice))
	if err != nil {
		panic(err)
	}
	fmt.Println(page.Count)

	delete(sessions, "session of alice")
	_, err = client.OrderGroups.List(context.Background(), nil, storeorders.WithTokenSource(ofAlice))
	fmt.Println(errors.Is(err, errLoggedOut))
	// Output:
	// 3
	// true
}

// A server with several storefronts has a key for each.
func ExampleWithPublishableKey() {
	shop, mercur := newMarket()
	defer shop.Close()
	keys := map[string]string{"books": shop.PublishableKey}

	mercur.PublishableKey = ""
	client, err := storeorders.NewClient(storeorders.WithMercur(mercur))
	if err != nil {
		panic(err)
	}
	page, err := client.OrderGroups.List(context.Background(), nil, storeorders.WithPublishableKey(keys["books"]))
	if err != nil {
		panic(err)
	}
	fmt.Println(page.Count)

	_, err = client.OrderGroups.List(context.Background(), nil)
	fmt.Println(err)
	// Output:
	// 3
	// storeorders: no credentials: OrderGroups.List: give a publishable key, in MercurConfig or with WithPublishableKey
}

// One client reads the orders of several shops.
func ExampleWithShopID() {
	shop := storeorderstest.NewServer()
	defer shop.Close()
	bob := shop.AddShopper("bob")
	shop.AddOrders(bob, 2, 1)

	salesive := shop.SalesiveConfig()
	salesive.ShopID = ""
	client, err := storeorders.NewClient(storeorders.WithSalesive(salesive))
	if err != nil {
		panic(err)
	}
	token := storeorders.WithToken(bob.Token)
	page, err := client.Orders.List(context.Background(), nil, token, storeorders.WithShopID(shop.ShopID))
	if err != nil {
		panic(err)
	}
	fmt.Println(page.Total)

	_, err = client.Orders.List(context.Background(), nil, token, storeorders.WithShopID("6a0000000000000000000000"))
	fmt.Println(errors.Is(err, storeorders.ErrNotFound)) // there is no such shop
	// Output:
	// 2
	// true
}

func ExampleWithHeader() {
	shop, mercur := newMarket()
	defer shop.Close()
	client, err := storeorders.NewClient(storeorders.WithMercur(mercur))
	if err != nil {
		panic(err)
	}

	page, err := client.OrderGroups.List(context.Background(), nil, storeorders.WithHeader("X-Request-Id", "req-7"))
	if err != nil {
		panic(err)
	}
	fmt.Println(page.Response.RequestID)

	_, err = client.OrderGroups.List(context.Background(), nil, storeorders.WithHeader("Authorization", "Basic …"))
	fmt.Println(err)
	// Output:
	// req-7
	// storeorders: WithHeader: Authorization is not set this way; use WithToken
}

// Two pages are under way while one is read; they come in their order.
func ExampleWithPrefetch() {
	shop, mercur := newMarket()
	defer shop.Close()
	client, err := storeorders.NewClient(storeorders.WithMercur(mercur))
	if err != nil {
		panic(err)
	}
	all := make(chan struct{})
	shop.Inject(storeorderstest.Before(func() { close(all) }), storeorderstest.Nth(3))

	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	options := &storeorders.OrderGroupListOptions{Limit: 1}
	for page, err := range client.OrderGroups.Pages(ctx, options, storeorders.WithPrefetch(2)) {
		if err != nil {
			panic(err)
		}
		select {
		case <-all: // the third request came while the first page is read
		case <-ctx.Done():
		}
		fmt.Println(page.Offset)
	}
	// Output:
	// 0
	// 1
	// 2
}
