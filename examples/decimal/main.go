// Decimal adds up orders exactly, with github.com/shopspring/decimal: those of
// Mercur by currency, those of Salesive by status.
//
//	go run .
//
// needs no server: it runs against a fake one with made-up orders. What to take
// along is in sums.go:
//
//   - From the SDK's type to the library's it is one call,
//     decimal.NewFromString(amount.String()). Not by Float64: a float64 has no
//     0.1, and about 16 digits; TestASumIsExactWhereAFloat64IsNot has cases.
//   - An amount that the server left out is "", and that is not 0. Such orders
//     are counted, and the sum says that it is without them.
//   - Orders that were canceled are not in the sums of Mercur. A group's own
//     Total has them in it, and is not used. By status, they have a line of
//     their own.
//   - Each currency has a sum of its own. Salesive's orders have no currency:
//     it is the shop's.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"

	"github.com/seed-2861b391/storeorders"
	"github.com/seed-2861b391/storeorders/storeorderstest"
)

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "decimal:", err)
		os.Exit(1)
	}
}

// made up, but for their form: amounts are JSON numbers, and may be null.
const (
	customers = `{"customers": [{"token": "token-of-alice", "order_groups": [
		{"orders": [{"currency_code": "usd", "total": 0.1}, {"currency_code": "eur", "total": 49.90}]},
		{"orders": [{"currency_code": "usd", "total": 0.2}, {"currency_code": "usd", "total": 500, "status": "canceled"}]},
		{"orders": [{"currency_code": "usd", "total": 1234567890123456.78}, {"currency_code": "eur", "total": null}]}
	]}]}`
	shoppers = `{"shoppers": [{"token": "token-of-ada", "orders": [
		{"status": "paid", "total": 1.1},
		{"status": "paid", "total": 2.2},
		{"status": "pending", "total": null},
		{"status": "refunded", "total": 0},
		{"status": "cancelled", "total": 12.505},
		{"status": null, "total": 7}
	]}]}`
)

func run(ctx context.Context, stdout io.Writer) error {
	server := storeorderstest.Transport()
	for _, fixture := range []string{customers, shoppers} {
		if err := server.LoadFixture(strings.NewReader(fixture)); err != nil {
			return err
		}
	}
	client, err := storeorders.NewClient(
		storeorders.WithHTTPClient(&http.Client{Transport: server}), // without this line it is a real server
		storeorders.WithMercur(server.MercurConfig()),
		storeorders.WithSalesive(server.SalesiveConfig()),
	)
	if err != nil {
		return err
	}

	currencies, err := byCurrency(client.OrderGroups.All(ctx, nil, storeorders.WithToken("token-of-alice")))
	if err != nil {
		return err
	}
	statuses, err := byStatus(client.Orders.All(ctx, nil, storeorders.WithToken("token-of-ada")))
	if err != nil {
		return err
	}
	return errors.Join(
		currencies.print(stdout, "Mercur, without canceled orders", "CURRENCY"),
		statuses.print(stdout, "Salesive, in the currency of the shop", "STATUS"))
}
