package storeorders_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/seed-2861b391/storeorders"
	"github.com/seed-2861b391/storeorders/storeorderstest"
)

// statusFor is what a backend answers its own clients when a call has failed.
func statusFor(err error) int {
	switch {
	case errors.Is(err, storeorders.ErrUnauthorized), errors.Is(err, storeorders.ErrNoCredentials):
		return http.StatusUnauthorized
	case errors.Is(err, storeorders.ErrForbidden), errors.Is(err, storeorders.ErrNotFound):
		return http.StatusNotFound // whose order it is, is nobody's business
	case errors.Is(err, storeorders.ErrRateLimited):
		return http.StatusServiceUnavailable
	case errors.Is(err, context.DeadlineExceeded):
		return http.StatusGatewayTimeout
	default:
		return http.StatusBadGateway
	}
}

// A backend tells errors apart by category.
func Example_errors() {
	shop, mercur := newMarket()
	defer shop.Close()
	client, err := storeorders.NewClient(storeorders.WithMercur(mercur), storeorders.WithRetry(storeorders.RetryPolicy{}))
	if err != nil {
		panic(err)
	}

	for _, status := range []int{401, 403, 404, 429, 500} {
		failure := shop.Inject(storeorderstest.Status(status))
		_, err := client.OrderGroups.List(context.Background(), nil)
		fmt.Println(status, "becomes", statusFor(err))
		failure.Remove()
	}
	// Output:
	// 401 becomes 401
	// 403 becomes 404
	// 404 becomes 404
	// 429 becomes 503
	// 500 becomes 502
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

// Something between the program and the shop answers in its place. The text of
// the error does not quote it; Snippet does.
func ExampleDecodeError() {
	shop, client := newShop()
	defer shop.Close()
	shop.Inject(storeorderstest.Answer(http.StatusOK, "<html>Accept the terms of this Wi-Fi</html>"))

	_, err := client.OrderGroups.List(context.Background(), nil)
	fmt.Println(err)
	if decodeError, ok := errors.AsType[*storeorders.DecodeError](err); ok {
		fmt.Println(decodeError.Snippet)
	}
	// Output:
	// storeorders: OrderGroups.List: cannot read the 200 answer (text/html; charset=utf-8): not JSON from byte 0 on; is the base URL right?
	// <html>Accept the terms of this Wi-Fi</html>
}

func ExampleOptionError() {
	shop, client := newShop()
	defer shop.Close()

	_, err := client.OrderGroups.List(context.Background(), &storeorders.OrderGroupListOptions{Limit: -1})
	fmt.Println(err)
	if optionError, ok := errors.AsType[*storeorders.OptionError](err); ok {
		fmt.Println(optionError.Field, len(shop.Requests()))
	}
	// Output:
	// storeorders: Limit: is -1; it must not be negative
	// Limit 0
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
			panic(err)
		}
		seen = append(seen, group.ID)
	}
	fmt.Println(seen)
	// Output:
	// [og_3 og_2] 2
	// [og_3 og_2 og_1]
}

// What came is right, but the server counts one more than it has.
func ExampleIncompleteError() {
	shop, client := newShop()
	defer shop.Close()
	shop.Inject(storeorderstest.LieAboutCount(1), storeorderstest.MercurList)

	groups, err := storeorders.Collect(client.OrderGroups.All(context.Background(), nil), 0)
	if incomplete, ok := errors.AsType[*storeorders.IncompleteError](err); ok {
		fmt.Println(len(groups), "came:", incomplete.Seen, "of", incomplete.Count)
	}
	fmt.Println(errors.Is(err, storeorders.ErrIncomplete))
	// Output:
	// 3 came: 3 of 4
	// true
}

func ExampleLoginError() {
	shop, client := newShop()
	defer shop.Close()
	shop.Inject(storeorderstest.Answer(http.StatusOK, `{"mfa_required":true}`), storeorderstest.Auth)

	source := client.MercurAuth.PasswordSource("alice@example.com", "correct horse battery staple")
	_, err := client.OrderGroups.List(context.Background(), nil, storeorders.WithTokenSource(source))
	if loginError, ok := errors.AsType[*storeorders.LoginError](err); ok {
		fmt.Println(loginError.Reason)
		fmt.Println(loginError)
	}
	// Output:
	// mfa_required
	// storeorders: login gave no usable token: mfa_required; log in where a second factor can be given, and pass the token with WithToken
}
