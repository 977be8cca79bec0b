// Quickstart lists the orders of some shoppers on Mercur and on Salesive.
//
//	go run ./examples/quickstart
//
// starts a server of both APIs on loopback and lists what it made up. Set
// MERCUR_URL, MERCUR_PUBLISHABLE_KEY and MERCUR_TOKEN, or SALESIVE_TOKEN and
// SALESIVE_SHOP_ID, or all of them, to list your own orders instead.
// SALESIVE_URL is for a Salesive that is not the hosted one.
//
// The exit status is 1 after an error, and 130 after Ctrl-C.
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/seed-2861b391/storeorders"
	"github.com/seed-2861b391/storeorders/storeorderstest"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Getenv, os.Stdout)
	stop()
	switch {
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(os.Stderr, "quickstart: interrupted")
		os.Exit(130)
	case err != nil:
		fmt.Fprintln(os.Stderr, "quickstart:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, getenv func(string) string, stdout io.Writer) error {
	options, shoppers, err := fromEnvironment(getenv)
	if err != nil {
		return err
	}
	if len(shoppers) == 0 {
		server := storeorderstest.NewServer()
		defer server.Close()
		options, shoppers = madeUp(server)
	}

	// One client serves all shoppers: each call brings the token of its own.
	client, err := storeorders.NewClient(options...)
	if err != nil {
		return err
	}
	defer client.CloseIdleConnections()
	for _, s := range shoppers {
		if err := s.print(ctx, stdout, client, s); err != nil {
			return err
		}
	}
	return nil
}

type shopper struct {
	whose, token string
	print        func(context.Context, io.Writer, *storeorders.Client, shopper) error
}

// fromEnvironment returns no shopper where nothing is set.
func fromEnvironment(getenv func(string) string) (options []storeorders.Option, shoppers []shopper, err error) {
	mercur, err := configured(getenv, "", "MERCUR_URL", "MERCUR_PUBLISHABLE_KEY", "MERCUR_TOKEN")
	if err != nil {
		return nil, nil, err
	}
	if mercur {
		options = append(options, storeorders.WithMercur(storeorders.MercurConfig{
			BaseURL:        getenv("MERCUR_URL"),
			PublishableKey: getenv("MERCUR_PUBLISHABLE_KEY"),
		}))
		shoppers = append(shoppers, shopper{"your", getenv("MERCUR_TOKEN"), printOrderGroups})
	}
	salesive, err := configured(getenv, "SALESIVE_URL", "SALESIVE_TOKEN", "SALESIVE_SHOP_ID")
	if err != nil {
		return nil, nil, err
	}
	if salesive {
		options = append(options, storeorders.WithSalesive(storeorders.SalesiveConfig{
			BaseURL: getenv("SALESIVE_URL"), // empty: the hosted one
			ShopID:  getenv("SALESIVE_SHOP_ID"),
		}))
		shoppers = append(shoppers, shopper{"your", getenv("SALESIVE_TOKEN"), printOrders})
	}
	return options, shoppers, nil
}

// configured reports whether any of the variables is set. Then all that are
// needed must be.
func configured(getenv func(string) string, optional string, needed ...string) (bool, error) {
	isSet := func(name string) bool { return getenv(name) != "" }
	missing := slices.DeleteFunc(slices.Clone(needed), isSet)
	if len(missing) == 0 || len(missing) == len(needed) && !isSet(optional) {
		return len(missing) == 0, nil
	}
	return false, fmt.Errorf("not set: %s (needed: %s)", strings.Join(missing, ", "), strings.Join(needed, ", "))
}

// madeUp fills the server with the orders of four shoppers.
func madeUp(server *storeorderstest.Server) ([]storeorders.Option, []shopper) {
	alice, bruno := server.AddCustomer("Alice"), server.AddCustomer("Bruno")
	server.AddOrderGroups(alice, 3, 1)
	server.AddOrderGroups(bruno, 2, 2)
	chidi, dana := server.AddShopper("Chidi"), server.AddShopper("Dana")
	server.AddOrders(chidi, 4, 3)
	server.AddOrders(dana, 2, 4)
	options := []storeorders.Option{
		storeorders.WithMercur(server.MercurConfig()),
		storeorders.WithSalesive(server.SalesiveConfig()),
	}
	return options, []shopper{
		{"Alice's", alice.Token, printOrderGroups},
		{"Bruno's", bruno.Token, printOrderGroups},
		{"Chidi's", chidi.Token, printOrders},
		{"Dana's", dana.Token, printOrders},
	}
}

func printOrderGroups(ctx context.Context, stdout io.Writer, client *storeorders.Client, s shopper) error {
	groups, err := storeorders.Collect(client.OrderGroups.All(ctx, nil, storeorders.WithToken(s.token)), 0)
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintf(table, "Mercur: %s order groups\n\n", s.whose)
	fmt.Fprintln(table, "GROUP\tDATE\tIN ALL\tSELLER\tTOTAL\tITEMS")
	for _, group := range groups {
		orders := group.Orders
		if len(orders) == 0 {
			orders = []storeorders.SellerOrder{{}} // the group has its row all the same
		}
		// The group does not say its currency; its orders do.
		fmt.Fprintf(table, "%d\t%s\t%s", group.DisplayID, group.CreatedAt.Format(time.DateOnly), money(group.Total, orders[0].CurrencyCode))
		for i, order := range orders {
			if i > 0 {
				fmt.Fprint(table, "\n\t\t") // under the group's first order
			}
			var items []string
			for _, item := range order.Items {
				items = append(items, fmt.Sprintf("%s × %s", item.Quantity, item.Title))
			}
			seller := cmp.Or(order.Seller, &storeorders.Seller{Name: "-"})
			fmt.Fprintf(table, "\t%s\t%s\t%s", seller.Name, money(order.Total, order.CurrencyCode), strings.Join(items, ", "))
		}
		fmt.Fprintln(table)
	}
	fmt.Fprintln(table)
	return table.Flush()
}

func printOrders(ctx context.Context, stdout io.Writer, client *storeorders.Client, s shopper) error {
	orders, err := storeorders.Collect(client.Orders.All(ctx, nil, storeorders.WithToken(s.token)), 0)
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintf(table, "Salesive: %s orders, in the currency of the shop\n\n", s.whose)
	fmt.Fprintln(table, "NUMBER\tDATE\tSTATUS\tTOTAL\tITEMS")
	for _, order := range orders {
		var items []string
		for _, item := range order.Items {
			items = append(items, fmt.Sprintf("%s × %s", item.Quantity, item.Name))
		}
		fmt.Fprintf(table, "%d\t%s\t%s\t%s\t%s\n",
			order.Number, order.CreatedAt.Format(time.DateOnly), order.Status, money(order.Total, ""), strings.Join(items, ", "))
	}
	fmt.Fprintln(table)
	return table.Flush()
}

// money rounds to two decimals. The SDK keeps an amount digit for digit, and a
// server may send more of them.
func money(amount storeorders.Decimal, currency string) string {
	value, err := amount.Rat()
	if err != nil {
		return "-" // such as an amount that the server left out
	}
	return strings.TrimSpace(value.FloatString(2) + " " + strings.ToUpper(currency))
}
