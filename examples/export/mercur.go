package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/seed-2861b391/storeorders"
	"github.com/seed-2861b391/storeorders/storeorderstest"
)

type mercurCmd struct {
	URL            string `group:"Server and login:" env:"MERCUR_URL" placeholder:"URL" help:"The backend, such as https://market.example.com."`
	PublishableKey string `group:"Server and login:" env:"MERCUR_PUBLISHABLE_KEY" placeholder:"PK" help:"The publishable key of the shop."`
	Token          string `group:"Server and login:" env:"MERCUR_TOKEN" placeholder:"JWT" help:"The customer's bearer token."`
	Email          string `group:"Server and login:" env:"MERCUR_EMAIL" placeholder:"ADDRESS" help:"Log in with a password instead."`
	Password       string `group:"Server and login:" env:"MERCUR_PASSWORD" placeholder:"TEXT" help:"The password; asked for if it is not given."`

	IDs     []string  `group:"Which orders:" name:"id" placeholder:"OG" help:"Only these order groups."`
	Created timeFlags `embed:"" prefix:"created-" group:"Which orders:"`
	Updated timeFlags `embed:"" prefix:"updated-" group:"Which orders:"`
	Order   string    `group:"Which orders:" enum:"newest,oldest,recently-updated,least-recently-updated" default:"newest" help:"Which come first: ${enum}."`
	Fields  []string  `group:"Which orders:" placeholder:"NAME" help:"The fields to ask for; the default is what this program needs."`
	Offset  int       `group:"Which orders:" placeholder:"N" help:"Pass over the first N."`

	By string `group:"Output:" enum:"seller,status" default:"seller" help:"What --summary has the sums by: ${enum}."`

	sharedFlags `embed:""`
}

// timeFlags are a storeorders.TimeFilter.
type timeFlags struct {
	After  moment `placeholder:"TIME" help:"Later than this: 2026-01-31 (its first instant, UTC) or 2026-01-31T15:04:05Z."`
	Since  moment `placeholder:"TIME" help:"At this time or later."`
	Before moment `placeholder:"TIME" help:"Earlier than this."`
	Until  moment `placeholder:"TIME" help:"At this time or earlier."`
}

func (f timeFlags) filter() storeorders.TimeFilter {
	return storeorders.TimeFilter{GT: f.After.Time, GTE: f.Since.Time, LT: f.Before.Time, LTE: f.Until.Time}
}

// Validate is called by kong.
func (c *mercurCmd) Validate() error {
	if c.Token != "" && c.Email != "" && !c.Demo {
		return errors.New("a token and an e-mail address: give one of the two")
	}
	return cmp.Or(checkFilter("--id", c.IDs), checkList("--fields", c.Fields), c.validate())
}

// Run is called by kong.
func (c *mercurCmd) Run(ctx context.Context, std streams) error {
	if c.Demo {
		std.tell(demoNotice)
		server := storeorderstest.NewServer()
		defer server.Close()
		c.demo(server)
	}
	e, err := openExport(c.sharedFlags, std, kind[storeorders.OrderGroup]{"order groups", "group_id", groupRecord, c.By})
	if err != nil {
		return err
	}
	defer e.close()
	client, err := c.client(ctx, std)
	if err != nil {
		return err
	}
	defer client.CloseIdleConnections()
	options := c.options()
	return e.run(ctx, client.OrderGroups.All(ctx, &options, storeorders.WithPrefetch(c.Prefetch)), func() (int, error) {
		if len(c.IDs) > 0 {
			return len(c.IDs), nil // a List does not take any number of them
		}
		first := options
		first.Limit, first.Offset, first.Fields = 1, 0, []string{"id"}
		page, err := client.OrderGroups.List(ctx, &first)
		if err != nil {
			return 0, err
		}
		return page.Count - options.Offset, nil
	})
}

// client is one that has its credentials as the default of all calls: it
// belongs to one shopper.
func (c *mercurCmd) client(ctx context.Context, std streams) (*storeorders.Client, error) {
	switch {
	case c.PublishableKey == "":
		return nil, usageError("no publishable key: give --publishable-key or MERCUR_PUBLISHABLE_KEY")
	case c.Token == "" && c.Email == "":
		return nil, usageError("no token: give --token or MERCUR_TOKEN, or log in with --email or MERCUR_EMAIL")
	}
	config := storeorders.MercurConfig{BaseURL: c.URL, PublishableKey: c.PublishableKey}
	options := []storeorders.Option{storeorders.WithUserAgent(name)}
	if c.Email != "" {
		password := c.Password
		if password == "" {
			var err error
			if password, err = std.ask(ctx, "Password of "+c.Email, true); err != nil {
				if errors.Is(err, errNothingTyped) {
					err = fmt.Errorf("%w; type it, or give MERCUR_PASSWORD", err)
				}
				return nil, err
			}
		}
		options = append(options, storeorders.WithMercurLogin(c.Email, password))
	} else if c.Token != "" {
		config.Token = storeorders.StaticToken(c.Token)
	}
	return storeorders.NewClient(append(options, storeorders.WithMercur(config))...)
}

func (c *mercurCmd) options() storeorders.OrderGroupListOptions {
	return storeorders.OrderGroupListOptions{
		Limit:  c.Limit,
		Offset: c.Offset,
		Order: map[string]storeorders.SortOrder{
			"newest":                 storeorders.NewestFirst,
			"oldest":                 storeorders.OldestFirst,
			"recently-updated":       storeorders.RecentlyUpdatedFirst,
			"least-recently-updated": storeorders.LeastRecentlyUpdatedFirst,
		}[c.Order],
		Fields:    c.Fields,
		ID:        c.IDs,
		CreatedAt: c.Created.filter(),
		UpdatedAt: c.Updated.filter(),
	}
}

// demo lets the command export what it made up.
func (c *mercurCmd) demo(server *storeorderstest.Server) {
	alice := server.AddCustomer("Alice")
	server.AddOrderGroups(alice, demoOrders, 1)
	server.Inject(storeorderstest.Delay(demoDelay), storeorderstest.MercurList)
	config := server.MercurConfig()
	c.URL, c.PublishableKey, c.Token, c.Email = config.BaseURL, config.PublishableKey, alice.Token, ""
}

// groupRecord has a row for each seller's order, and one for a group without.
func groupRecord(group *storeorders.OrderGroup) record {
	orders := group.Orders
	if len(orders) == 0 {
		orders = []storeorders.SellerOrder{{}}
	}
	rec := record{id: group.ID, raw: group.RawJSON(), created: group.CreatedAt}
	for i, order := range orders {
		r := row{
			id: group.ID, number: group.DisplayID, created: group.CreatedAt, part: i + 1, parts: len(orders),
			seller: cmp.Or(order.Seller, &storeorders.Seller{}).Name, status: string(order.Status), currency: order.CurrencyCode,
			shipping: order.ShippingTotal, tax: order.TaxTotal, total: order.Total,
		}
		for _, item := range order.Items {
			r.items = append(r.items, fmt.Sprintf("%s × %s", item.Quantity, item.Title))
		}
		rec.rows = append(rec.rows, r)
	}
	return rec
}
