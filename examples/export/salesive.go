package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/seed-2861b391/storeorders"
	"github.com/seed-2861b391/storeorders/storeorderstest"
)

type salesiveCmd struct {
	URL    string `group:"Server and login:" env:"SALESIVE_URL" placeholder:"URL" help:"The API; the default is the hosted one."`
	ShopID string `group:"Server and login:" env:"SALESIVE_SHOP_ID" placeholder:"ID" help:"The shop."`
	Token  string `group:"Server and login:" env:"SALESIVE_TOKEN" placeholder:"JWT" help:"The shopper's bearer token."`
	Email  string `group:"Server and login:" placeholder:"ADDRESS" help:"Log in with a code that is sent to the address instead, and asked for."`
	Guest  bool   `group:"Server and login:" help:"Log in as a new guest instead."`

	Status   []storeorders.OrderStatus `group:"Which orders:" placeholder:"STATUS" help:"In one of these: pending, processing, paid, completed, cancelled, refunded."`
	Number   int64                     `group:"Which orders:" placeholder:"N" help:"With this number."`
	MinTotal amount                    `group:"Which orders:" placeholder:"AMOUNT" help:"With at least this total."`
	MaxTotal amount                    `group:"Which orders:" placeholder:"AMOUNT" help:"With at most this total."`
	From     moment                    `group:"Which orders:" placeholder:"TIME" help:"Made at this time or later: 2026-01-31 (its first instant, UTC) or 2026-01-31T15:04:05Z."`
	To       moment                    `group:"Which orders:" placeholder:"TIME" help:"Made at this time or earlier."`
	Page     int                       `group:"Which orders:" placeholder:"N" help:"Begin at this page."`

	sharedFlags `embed:""`
}

// Validate is called by kong.
func (c *salesiveCmd) Validate() error {
	login := []bool{c.Token != "", c.Email != "", c.Guest}
	if i := slices.Index(login, true); i >= 0 && slices.Contains(login[i+1:], true) && !c.Demo {
		return errors.New("more than one of a token, an e-mail address and --guest: give one of them")
	}
	return cmp.Or(checkFilter("--status", c.Status), c.validate())
}

// Run is called by kong.
func (c *salesiveCmd) Run(ctx context.Context, std streams) error {
	if c.Demo {
		std.tell(demoNotice)
		server := storeorderstest.NewServer()
		defer server.Close()
		c.demo(server)
	}
	e, err := openExport(c.sharedFlags, std, kind[storeorders.Order]{"orders", "order_id", orderRecord, "status"})
	if err != nil {
		return err
	}
	defer e.close()
	client, err := storeorders.NewClient(
		storeorders.WithUserAgent(name),
		storeorders.WithSalesive(storeorders.SalesiveConfig{BaseURL: c.URL, ShopID: c.ShopID}))
	if err != nil {
		return err
	}
	defer client.CloseIdleConnections()
	token, err := c.login(ctx, client, std)
	if err != nil {
		return err
	}
	options := c.options()
	shopper := storeorders.WithToken(token) // each call says whose it is
	return e.run(ctx, client.Orders.All(ctx, &options, shopper, storeorders.WithPrefetch(c.Prefetch)), func() (int, error) {
		first := options
		first.Page, first.Limit = 0, 1
		page, err := client.Orders.List(ctx, &first, shopper)
		if err != nil {
			return 0, err
		}
		return page.Total - max(0, options.Page-1)*cmp.Or(options.Limit, 100), nil
	})
}

// login returns a bearer token.
func (c *salesiveCmd) login(ctx context.Context, client *storeorders.Client, std streams) (string, error) {
	switch {
	case c.Guest:
		token, err := client.SalesiveAuth.Guest(ctx)
		return token.Value(), err
	case c.Email != "":
		if err := client.SalesiveAuth.SendCode(ctx, c.Email); err != nil {
			return "", err
		}
		code, err := std.ask(ctx, "Code that was sent to "+c.Email, false)
		if err != nil {
			return "", err
		}
		token, err := client.SalesiveAuth.VerifyCode(ctx, c.Email, code)
		return token.Value(), err
	case c.Token == "":
		return "", usageError("no token: give --token or SALESIVE_TOKEN, or log in with --email or --guest")
	default:
		return c.Token, nil
	}
}

func (c *salesiveCmd) options() storeorders.OrderListOptions {
	return storeorders.OrderListOptions{
		Status: c.Status, Number: c.Number, MinTotal: storeorders.Decimal(c.MinTotal), MaxTotal: storeorders.Decimal(c.MaxTotal),
		From: c.From.Time, To: c.To.Time, Page: c.Page, Limit: c.Limit,
	}
}

// demo lets the command export what it made up.
func (c *salesiveCmd) demo(server *storeorderstest.Server) {
	ada := server.AddShopper("Ada")
	server.AddOrders(ada, demoOrders, 1)
	server.Inject(storeorderstest.Delay(demoDelay), storeorderstest.SalesiveList)
	config := server.SalesiveConfig()
	c.URL, c.ShopID, c.Token, c.Email, c.Guest = config.BaseURL, config.ShopID, ada.Token, "", false
}

// orderRecord has one row. It has no currency, and its seller is the shop.
func orderRecord(order *storeorders.Order) record {
	r := row{
		id: order.ID, number: order.Number, created: order.CreatedAt, part: 1, parts: 1, status: string(order.Status),
		shipping: order.ShippingCost, tax: order.Tax, total: order.Total,
	}
	for _, item := range order.Items {
		r.items = append(r.items, fmt.Sprintf("%s × %s", item.Quantity, item.Name))
	}
	return record{id: order.ID, raw: order.RawJSON(), created: order.CreatedAt, rows: []row{r}}
}
