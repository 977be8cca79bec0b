package main

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"time"

	"github.com/seed-2861b391/storeorders/storeorderstest"
)

// fakeFlags are those of a made-up shop.
type fakeFlags struct {
	Shoppers int           `group:"Fake:" default:"3000" placeholder:"N" help:"Shoppers of the fake shop; the default is ${default}."`
	Took     time.Duration `name:"page-time" group:"Fake:" default:"20ms" help:"How long the fake shop takes for a page; the default is ${default}."`
	Trouble  bool          `group:"Fake:" default:"true" negatable:"" help:"Let a few requests fail, refuse a few shoppers, and fail on two each time."`
}

// fakeShop is a shop on loopback, with the list of its shoppers.
type fakeShop struct {
	*storeorderstest.Server

	list []listed
}

// start makes shoppers with 0 to 9 orders, and one in a hundred with 250. Of
// ten shoppers, seven are Mercur's and three Salesive's.
func (f *fakeFlags) start() *fakeShop {
	shop := &fakeShop{Server: storeorderstest.NewServer()}
	for i := range f.Shoppers {
		orders := i * 7 % 10
		if i%100 == 50 {
			orders = 250
		}
		if i%10 < 7 {
			customer := shop.AddCustomer("shopper")
			shop.AddOrderGroups(customer, orders, uint64(i))
			shop.list = append(shop.list, listed{API: mercurAPI, Shopper: customer.ID, Token: customer.Token})
		} else {
			shopper := shop.AddShopper("shopper")
			shop.AddOrders(shopper, orders, uint64(i))
			shop.list = append(shop.list, listed{API: salesiveAPI, Shopper: shopper.ID, Token: shopper.Token})
		}
	}
	shop.Inject(storeorderstest.Delay(f.Took))
	if f.Trouble {
		shop.trouble()
	}
	return shop
}

// trouble lets go wrong what goes wrong.
func (s *fakeShop) trouble() {
	s.Inject(storeorderstest.Status(http.StatusServiceUnavailable), storeorderstest.Probability(0.01, 1))
	s.Inject(storeorderstest.Reset(), storeorderstest.Probability(0.005, 2))
	of := func(first int) storeorderstest.Condition { // every thousandth shopper
		tokens := make(map[string]bool)
		for i := first; i < len(s.list); i += 1000 {
			tokens[s.list[i].Token] = true
		}
		return storeorderstest.Matching(func(r storeorderstest.Request) bool { return tokens[r.Token] })
	}
	s.Inject(storeorderstest.Status(http.StatusUnauthorized), of(11))
	s.Inject(storeorderstest.Status(http.StatusNotFound), of(12))
	s.Inject(storeorderstest.InvalidJSON(), of(13))
}

// flags are what a worker needs to reach the shop.
func (s *fakeShop) flags() shopFlags {
	return shopFlags{
		MercurURL: s.URL, MercurPublishableKey: s.PublishableKey,
		SalesiveURL: s.SalesiveURL, SalesiveShopID: s.ShopID,
		Page: 100, AttemptTimeout: 30 * time.Second,
	}
}

// write writes the list as fleet publish reads it.
func (s *fakeShop) write(w io.Writer) error {
	encoder := json.NewEncoder(w)
	for _, l := range s.list {
		if err := encoder.Encode(l); err != nil {
			return err
		}
	}
	return nil
}

type fakeCmd struct {
	fakeFlags

	List string `arg:"" help:"File to write the list of shoppers to, tokens and all."`
}

// Run serves until it is interrupted.
func (c *fakeCmd) Run(ctx context.Context, std streams) error {
	shop := c.start()
	defer shop.Close()
	file, err := os.OpenFile(c.List, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	if err := shop.write(file); err != nil {
		return err
	}
	if err := file.Close(); err != nil {
		return err
	}
	std.say("export MERCUR_URL=%s MERCUR_PUBLISHABLE_KEY=%s SALESIVE_URL=%s SALESIVE_SHOP_ID=%s\n", shop.URL, shop.PublishableKey, shop.SalesiveURL, shop.ShopID)
	<-ctx.Done()
	return nil
}
