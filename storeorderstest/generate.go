package storeorderstest

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/seed-2861b391/storeorders"
)

// AddOrderGroups adds n plausible order groups of the customer, the oldest
// first, and returns what is stored: one to three sellers, several items,
// quantities, prices, statuses and currencies. No two have the same time; they
// are a few hours to two days apart, from 2026-01-02 on.
//
// The same seed gives the same groups, but for ids and display ids, which are
// new. It panics if n is negative.
func (s *Server) AddOrderGroups(c *Customer, n int, seed uint64) []storeorders.OrderGroup {
	generate := newGenerator(seed)
	groups := make([]storeorders.OrderGroup, n)
	for i := range groups {
		groups[i] = s.addOrderGroup(c, generate.orderGroup())
	}
	return groups
}

// AddOrders adds n plausible orders of the shopper, the oldest first, and
// returns what is stored: several items, quantities, prices, statuses, shipping
// costs and discounts. No two have the same time; they are a few hours to two
// days apart, from 2026-01-02 on.
//
// The same seed gives the same orders, but for ids and numbers, which are new.
// It panics if n is negative.
func (s *Server) AddOrders(shopper *Shopper, n int, seed uint64) []storeorders.Order {
	generate := newGenerator(seed)
	orders := make([]storeorders.Order, n)
	for i := range orders {
		orders[i] = s.addOrder(shopper, generate.order(shopper.Name))
	}
	return orders
}

type generator struct {
	random *rand.Rand
	now    time.Time
	shops  []shop
}

// shop is a seller with what is on offer there.
type shop struct {
	name  string
	goods []good
}

type good struct {
	title, variant string
	price          storeorders.Decimal
}

func newGenerator(seed uint64) *generator {
	return &generator{
		random: rand.New(rand.NewPCG(seed, seed)), //nolint:gosec // a seed is the point, and nothing here is a secret
		now:    time.Date(2026, time.January, 2, 0, 0, 0, 0, time.UTC),
		shops: []shop{
			{"Cedar Books", []good{{"The Night Ferry", "Paperback", "14.50"}, {"A Field Guide to Mosses", "Hardcover", "32"}}},
			{"Birch Outfitters", []good{{"Rain Jacket", "M", "129.90"}, {"Wool Cap", "Grey", "24"}, {"Trail Socks", "L", "9.95"}}},
			{"Mori Ceramics", []good{{"Tea Bowl", "Celadon", "45.25"}, {"Vase", "Tall", "78"}}},
			{"Harbor Coffee", []good{{"Espresso Beans", "1 kg", "27.80"}, {"Pour-Over Kettle", "Steel", "64.40"}}},
			{"Lumen & Co", []good{{"Desk Lamp", "Brass", "89"}, {"Light Bulb", "E27", "3.75"}}},
			{"Atelier Brandão", []good{{"Cork Wallet", "Natural", "38.60"}, {"Tote Bag", "Indigo", "52"}}},
		},
	}
}

func (g *generator) orderGroup() storeorders.OrderGroup {
	created := g.nextTime()
	currency := pick(g.random, "usd", "usd", "usd", "eur")
	sellers := g.random.Perm(len(g.shops))[:1+g.random.IntN(3)]
	group := storeorders.OrderGroup{CreatedAt: created}
	for _, i := range sellers {
		order := g.sellerOrder(g.shops[i])
		order.CurrencyCode = currency
		group.Orders = append(group.Orders, order)
	}
	return group
}

func (g *generator) sellerOrder(from shop) storeorders.SellerOrder {
	order := storeorders.SellerOrder{
		Seller: &storeorders.Seller{Name: from.name},
		Status: pick(
			g.random,
			storeorders.SellerOrderStatusPending, storeorders.SellerOrderStatusPending,
			storeorders.SellerOrderStatusCompleted, storeorders.SellerOrderStatusCompleted,
			storeorders.SellerOrderStatusCanceled,
		),
		ShippingTotal: pick[storeorders.Decimal](g.random, "0", "4.90", "7.50"),
	}
	for _, good := range g.someOf(from.goods) {
		id := handle(good.title)
		order.Items = append(order.Items, storeorders.LineItem{
			Title: good.title, Subtitle: good.variant, ProductTitle: good.title, VariantTitle: good.variant,
			Quantity: g.quantity(), UnitPrice: good.price, VariantID: "variant_" + id,
			Variant: &storeorders.ProductVariant{
				ID: "variant_" + id, ProductID: "prod_" + id,
				Product: &storeorders.Product{ID: "prod_" + id, Handle: id, Title: good.title},
			},
		})
	}
	return order
}

func (g *generator) order(shopper string) storeorders.Order {
	order := storeorders.Order{
		CreatedAt: g.nextTime(),
		Status: pick(
			g.random,
			storeorders.OrderStatusPending, storeorders.OrderStatusProcessing, storeorders.OrderStatusPaid,
			storeorders.OrderStatusCompleted, storeorders.OrderStatusCancelled, storeorders.OrderStatusRefunded,
		),
		ShippingCost: pick[storeorders.Decimal](g.random, "0", "5", "12.50"),
		Discount:     pick[storeorders.Decimal](g.random, "", "", "2.50"),
		ShippingAddress: &storeorders.ShippingAddress{
			FullName: shopper, AddressLine1: strconv.Itoa(1+g.random.IntN(200)) + " Marina Road",
			City: "Lagos", State: "Lagos", ZipCode: "101001", Country: "NG", PhoneNumber: "+2348000000000",
		},
	}
	from := g.shops[g.random.IntN(len(g.shops))]
	for _, good := range g.someOf(from.goods) {
		order.Items = append(order.Items, storeorders.OrderItem{
			Product: storeorders.Ref{ID: productID(good.title)},
			Name:    good.title, SKU: handle(good.title), Price: good.price, Quantity: g.quantity(),
			VariantAttributes: storeorders.VariantAttributes{"variant": good.variant},
		})
	}
	return order
}

// nextTime is 5 to 48 hours after the one before.
func (g *generator) nextTime() time.Time {
	wait := 5*time.Hour + time.Duration(g.random.Int64N(int64(43*time.Hour)))
	g.now = g.now.Add(wait.Truncate(time.Millisecond))
	return g.now
}

func (g *generator) quantity() storeorders.Decimal {
	return storeorders.Decimal(strconv.Itoa(1 + g.random.IntN(4)))
}

// someOf returns one or more of the goods.
func (g *generator) someOf(goods []good) []good {
	var some []good
	for _, i := range g.random.Perm(len(goods))[:1+g.random.IntN(len(goods))] {
		some = append(some, goods[i])
	}
	return some
}

// productID returns the same id whenever a product is ordered.
func productID(title string) string {
	hash := fnv.New64a()
	_, _ = hash.Write([]byte(title))
	return fmt.Sprintf("68e5bb46%016x", hash.Sum64())
}

func pick[T any](random *rand.Rand, from ...T) T { return from[random.IntN(len(from))] }
