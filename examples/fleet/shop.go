package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"iter"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/seed-2861b391/storeorders"
)

// The APIs, as messages and subjects name them.
const (
	mercurAPI   = "mercur"
	salesiveAPI = "salesive"
)

// apis are the names in the order in which they are told.
func apis() []string { return []string{mercurAPI, salesiveAPI} }

// shop reads the orders of one API.
type shop interface {
	// pages walks page by page, from the place that an earlier page gave; nil
	// is the beginning.
	pages(ctx context.Context, from json.RawMessage, token string) iter.Seq2[page, error]
	// all gives each order once, or ends in an error.
	all(ctx context.Context, token string) iter.Seq2[order, error]
	// parse reads an order's line again.
	parse(line []byte) (order, error)
}

// page is one page of a list.
type page struct {
	orders []order
	count  int             // of all orders, by the server's word
	next   json.RawMessage // the place of the page after this one; nil: there is none
}

// order is an order of either API, as it is written.
type order struct {
	id      string
	created time.Time
	line    []byte // the object as it came, without white space, and a line end
}

// shopFlags say where the APIs are. Who has no URL of an API, or no shop id,
// does not speak to it.
type shopFlags struct {
	MercurURL            string        `group:"Shops:" env:"MERCUR_URL" placeholder:"URL" help:"Mercur's base URL."`
	MercurPublishableKey string        `group:"Shops:" env:"MERCUR_PUBLISHABLE_KEY" placeholder:"KEY" help:"Mercur's publishable key."`
	SalesiveURL          string        `group:"Shops:" env:"SALESIVE_URL" placeholder:"URL" help:"Salesive's base URL; the default is the hosted one."`
	SalesiveShopID       string        `group:"Shops:" env:"SALESIVE_SHOP_ID" placeholder:"ID" help:"Salesive's shop id."`
	Page                 int           `group:"Shops:" default:"100" placeholder:"N" help:"Orders a page; the default is ${default}."`
	AttemptTimeout       time.Duration `group:"Shops:" default:"30s" help:"How long a request may take; the default is ${default}."`
}

// open makes a client for each API, because each has a limiter of its own.
func (f *shopFlags) open(limiters map[string]limiter) (map[string]shop, error) {
	shops := make(map[string]shop)
	client := func(api string, option storeorders.Option) (*storeorders.Client, error) {
		return storeorders.NewClient(
			option,
			storeorders.WithRateLimiter(limiters[api]),
			storeorders.WithUserAgent("fleet"),
			storeorders.WithAttemptTimeout(f.AttemptTimeout),
			storeorders.WithHTTPClient(&http.Client{Transport: &http.Transport{
				Proxy:               http.ProxyFromEnvironment,
				MaxIdleConnsPerHost: 256, // one for each shopper in work
				IdleConnTimeout:     90 * time.Second,
			}}),
		)
	}
	if f.MercurURL != "" {
		c, err := client(mercurAPI, storeorders.WithMercur(storeorders.MercurConfig{BaseURL: f.MercurURL, PublishableKey: f.MercurPublishableKey}))
		if err != nil {
			return nil, err
		}
		shops[mercurAPI] = &listing[storeorders.OrderGroupListOptions, storeorders.OrderGroup, *storeorders.OrderGroupPage]{
			// The oldest first: an order that is made while a shopper waits to be
			// gone on with joins behind the place.
			start:     storeorders.OrderGroupListOptions{Limit: f.Page, Order: storeorders.OldestFirst},
			walk:      c.OrderGroups.Pages,
			everyOne:  c.OrderGroups.All,
			contents:  func(p *storeorders.OrderGroupPage) ([]storeorders.OrderGroup, int) { return p.Items, p.Count },
			id:        func(g *storeorders.OrderGroup) (string, time.Time) { return g.ID, g.CreatedAt },
			unchanged: (*storeorders.OrderGroup).RawJSON,
		}
	}
	if f.SalesiveShopID != "" {
		c, err := client(salesiveAPI, storeorders.WithSalesive(storeorders.SalesiveConfig{BaseURL: f.SalesiveURL, ShopID: f.SalesiveShopID}))
		if err != nil {
			return nil, err
		}
		shops[salesiveAPI] = &listing[storeorders.OrderListOptions, storeorders.Order, *storeorders.OrderPage]{
			start:     storeorders.OrderListOptions{Limit: f.Page},
			walk:      c.Orders.Pages,
			everyOne:  c.Orders.All,
			contents:  func(p *storeorders.OrderPage) ([]storeorders.Order, int) { return p.Items, p.Total },
			id:        func(o *storeorders.Order) (string, time.Time) { return o.ID, o.CreatedAt },
			unchanged: (*storeorders.Order).RawJSON,
		}
	}
	if len(shops) == 0 {
		return nil, errors.New("no shop to read from: set MERCUR_URL and MERCUR_PUBLISHABLE_KEY, or SALESIVE_SHOP_ID")
	}
	return shops, nil
}

// listing is a shop made of the service of one API: O are its options, T its
// orders, P its pages.
type listing[O, T any, P interface{ Next() (O, bool) }] struct {
	start     O
	walk      func(context.Context, *O, ...storeorders.RequestOption) iter.Seq2[P, error]
	everyOne  func(context.Context, *O, ...storeorders.RequestOption) iter.Seq2[*T, error]
	contents  func(P) (items []T, count int)
	id        func(*T) (string, time.Time)
	unchanged func(*T) json.RawMessage
}

func (l *listing[O, T, P]) pages(ctx context.Context, from json.RawMessage, token string) iter.Seq2[page, error] {
	return func(yield func(page, error) bool) {
		options := l.start
		if from != nil {
			if err := json.Unmarshal(from, &options); err != nil {
				yield(page{}, err)
				return
			}
		}
		for p, err := range l.walk(ctx, &options, storeorders.WithToken(token)) {
			var read page
			if err == nil {
				read, err = l.read(p)
			}
			if !yield(read, err) || err != nil {
				return
			}
		}
	}
}

func (l *listing[O, T, P]) read(p P) (page, error) {
	items, count := l.contents(p)
	read := page{orders: make([]order, len(items)), count: count}
	for i := range items {
		o, err := l.order(&items[i])
		if err != nil {
			return page{}, err
		}
		read.orders[i] = o
	}
	if next, more := p.Next(); more {
		place, err := json.Marshal(next)
		if err != nil {
			return page{}, err
		}
		read.next = place
	}
	return read, nil
}

func (l *listing[O, T, P]) all(ctx context.Context, token string) iter.Seq2[order, error] {
	return func(yield func(order, error) bool) {
		for item, err := range l.everyOne(ctx, &l.start, storeorders.WithToken(token)) {
			var o order
			if err == nil {
				o, err = l.order(item)
			}
			if !yield(o, err) || err != nil {
				return
			}
		}
	}
}

func (l *listing[O, T, P]) order(item *T) (order, error) {
	var line bytes.Buffer
	err := json.Compact(&line, l.unchanged(item))
	line.WriteByte('\n')
	id, created := l.id(item)
	return order{id, created, line.Bytes()}, err
}

func (l *listing[O, T, P]) parse(line []byte) (order, error) {
	item := new(T)
	err := json.Unmarshal(line, item)
	id, created := l.id(item)
	return order{id, created, line}, err
}

// document is what is written of a shopper: a line for each order, the newest
// first, and those of one instant by their ids. It depends on nothing but the
// orders: not on the order in which they came, nor on who read them.
func document(orders []order) []byte {
	slices.SortFunc(orders, func(a, b order) int {
		return cmp.Or(b.created.Compare(a.created), strings.Compare(a.id, b.id))
	})
	return lines(orders)
}

func lines(orders []order) []byte {
	var text bytes.Buffer
	for _, o := range orders {
		text.Write(o.line)
	}
	return text.Bytes()
}
