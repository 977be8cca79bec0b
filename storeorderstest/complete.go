package storeorderstest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/seed-2861b391/storeorders"
)

// milliseconds is how both servers write a time that is in UTC.
const milliseconds = "2006-01-02T15:04:05.000Z07:00"

// completeGroup fills in what is empty, as [Server.AddOrderGroup] says.
func (d *data) completeGroup(c *Customer, g *storeorders.OrderGroup) {
	d.groupCount++
	g.ID = d.newID("og", g.ID)
	g.DisplayID = cmp.Or(g.DisplayID, d.groupCount)
	g.CustomerID = c.ID
	g.CreatedAt = cmp.Or(g.CreatedAt, hour(d.groupCount)).UTC().Round(time.Microsecond)
	g.UpdatedAt = cmp.Or(g.UpdatedAt, g.CreatedAt).UTC().Round(time.Microsecond)
	if g.Orders == nil {
		g.Orders = []storeorders.SellerOrder{}
	}

	total := new(big.Rat)
	sellers := map[string]bool{}
	for i := range g.Orders {
		order := &g.Orders[i]
		order.CustomerID = cmp.Or(order.CustomerID, c.ID)
		order.CreatedAt = cmp.Or(order.CreatedAt, g.CreatedAt)
		order.UpdatedAt = cmp.Or(order.UpdatedAt, g.UpdatedAt)
		d.completeSellerOrder(order)
		total.Add(total, rat(order.Total))
		if order.Seller != nil {
			sellers[order.Seller.ID] = true
		}
	}
	g.SellerCount = cmp.Or(g.SellerCount, storeorders.Decimal(strconv.Itoa(len(sellers))))
	g.Total = cmp.Or(g.Total, decimal(total))
}

func (d *data) completeSellerOrder(order *storeorders.SellerOrder) {
	d.suborderCount++
	order.ID = d.newID("order", order.ID)
	order.DisplayID = cmp.Or(order.DisplayID, d.suborderCount)
	order.Status = cmp.Or(order.Status, storeorders.SellerOrderStatusPending)
	order.CurrencyCode = cmp.Or(order.CurrencyCode, "usd")
	if order.Items == nil {
		order.Items = []storeorders.LineItem{}
	}
	if order.Seller != nil {
		d.completeSeller(order.Seller)
	}

	items := new(big.Rat)
	for i := range order.Items {
		item := &order.Items[i]
		item.CreatedAt = cmp.Or(item.CreatedAt, order.CreatedAt)
		item.UpdatedAt = cmp.Or(item.UpdatedAt, order.UpdatedAt)
		d.completeLineItem(item)
		items.Add(items, rat(item.Total))
	}
	order.ItemTotal = cmp.Or(order.ItemTotal, decimal(items))
	order.ShippingTotal = cmp.Or(order.ShippingTotal, "0")
	order.TaxTotal = cmp.Or(order.TaxTotal, "0")
	order.Total = cmp.Or(order.Total, sum(order.ItemTotal, order.ShippingTotal))
	order.Subtotal = cmp.Or(order.Subtotal, sum(order.Total, order.DiscountTotal, negative(order.TaxTotal)))
}

func (d *data) completeLineItem(item *storeorders.LineItem) {
	item.ID = d.newID("ordli", item.ID)
	if item.Detail == nil {
		item.Detail = &storeorders.LineItemDetail{}
	}
	item.Quantity = cmp.Or(item.Quantity, item.Detail.Quantity, "1")
	item.Detail.Quantity = cmp.Or(item.Detail.Quantity, item.Quantity)
	item.Total = cmp.Or(item.Total, product(item.Quantity, item.UnitPrice))
}

func (d *data) completeSeller(seller *storeorders.Seller) {
	if seller.ID == "" && seller.Name != "" {
		seller.ID = d.sellers[seller.Name]
	}
	seller.ID = d.newID("sel", seller.ID)
	if seller.Name != "" {
		d.sellers[seller.Name] = seller.ID
	}
	seller.Handle = cmp.Or(seller.Handle, handle(seller.Name))
}

// completeOrder fills in what is empty, as [Server.AddOrder] says.
func (d *data) completeOrder(shopper *Shopper, shopID string, o *storeorders.Order) {
	d.orderCount++
	o.ID = d.newObjectID(o.ID)
	o.Number = cmp.Or(o.Number, 1000+d.orderCount)
	if o.User.IsZero() {
		o.User = storeorders.Ref{ID: shopper.ID}
	}
	if o.Shop.IsZero() {
		o.Shop = storeorders.Ref{ID: shopID}
	}
	o.Status = cmp.Or(o.Status, storeorders.OrderStatusPending)
	o.CreatedAt = cmp.Or(o.CreatedAt, hour(d.orderCount)).UTC().Truncate(time.Millisecond)
	o.UpdatedAt = cmp.Or(o.UpdatedAt, o.CreatedAt).UTC().Truncate(time.Millisecond)
	if o.Items == nil {
		o.Items = []storeorders.OrderItem{}
	}

	subtotal := new(big.Rat)
	for i := range o.Items {
		item := &o.Items[i]
		item.Quantity = cmp.Or(item.Quantity, "1")
		subtotal.Add(subtotal, rat(product(item.Price, item.Quantity)))
	}
	o.Subtotal = cmp.Or(o.Subtotal, decimal(subtotal))
	o.ShippingCost = cmp.Or(o.ShippingCost, "0")
	total := sum(o.Subtotal, o.ShippingCost, o.Tax, negative(o.Discount))
	if total.Cmp("0") < 0 {
		total = "0"
	}
	o.Total = cmp.Or(o.Total, total)
}

// newID returns the id that is given, or one that looks like Medusa's: a
// prefix and 26 characters.
func (d *data) newID(prefix, given string) string {
	if given == "" {
		d.ids++
		return fmt.Sprintf("%s_01%024d", prefix, d.ids)
	}
	if digits, ok := strings.CutPrefix(given, prefix+"_01"); ok && len(digits) == 24 {
		d.skipID(digits, 10)
	}
	return given
}

// newObjectID returns the id that is given, or one that looks like MongoDB's.
func (d *data) newObjectID(given string) string {
	const prefix = "690ff00a"
	if given == "" {
		d.ids++
		return fmt.Sprintf("%s%016x", prefix, d.ids)
	}
	if digits, ok := strings.CutPrefix(given, prefix); ok && len(digits) == 16 {
		d.skipID(digits, 16)
	}
	return given
}

// skipID keeps the ids to come apart from those that were made by another
// server and come in a fixture.
func (d *data) skipID(digits string, base int) {
	if n, err := strconv.ParseInt(digits, base, 64); err == nil && n < 1<<40 {
		d.ids = max(d.ids, n)
	}
}

// hour returns the time of the n-th record that came without one.
func hour(n int64) time.Time {
	return time.Date(2026, time.January, 1, 9, 0, 0, 0, time.UTC).Add(time.Duration(n) * time.Hour)
}

// handle makes "cedar-books" of "Cedar Books".
func handle(name string) string {
	words := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
	return strings.Join(words, "-")
}

func product(a, b storeorders.Decimal) storeorders.Decimal {
	return decimal(new(big.Rat).Mul(rat(a), rat(b)))
}

func sum(terms ...storeorders.Decimal) storeorders.Decimal {
	total := new(big.Rat)
	for _, term := range terms {
		total.Add(total, rat(term))
	}
	return decimal(total)
}

func negative(d storeorders.Decimal) storeorders.Decimal {
	return decimal(new(big.Rat).Neg(rat(d)))
}

// rat returns the exact value; what is absent counts as zero.
func rat(d storeorders.Decimal) *big.Rat {
	if d == "" {
		return new(big.Rat)
	}
	r, err := d.Rat()
	if err != nil {
		panic("storeorderstest: " + err.Error())
	}
	return r
}

// decimal writes r in full: sums and products of decimals always end.
func decimal(r *big.Rat) storeorders.Decimal {
	digits, _ := r.FloatPrec()
	return storeorders.Decimal(r.FloatString(digits))
}

// clone returns a copy that shares nothing with v.
func clone[T any](v T) T {
	var copied T
	text, err := json.Marshal(v)
	if err == nil {
		err = json.Unmarshal(text, &copied)
	}
	if err != nil {
		panic("storeorderstest: " + err.Error())
	}
	return copied
}

// encodeOrder returns the object that Salesive sends.
func encodeOrder(o storeorders.Order) json.RawMessage {
	object := decodeObject(encode(o))
	object["createdAt"] = o.CreatedAt.Format(milliseconds)
	object["updatedAt"] = o.UpdatedAt.Format(milliseconds)
	return encode(object)
}

// asMedusa gives the value under the name Medusa's form: times with three
// decimals, null for what is known to be empty, and nothing under the names
// that are documented and never sent.
func asMedusa(name string, value any) any {
	switch value := value.(type) {
	case []any:
		for i, element := range value {
			value[i] = asMedusa(name, element)
		}
		return value
	case map[string]any:
		if name == "metadata" { // the seller's own
			return value
		}
		for field, member := range value {
			value[field] = asMedusa(field, member)
		}
		for _, field := range nullable(name) {
			if _, set := value[field]; !set {
				value[field] = nil
			}
		}
		if name == "orders" {
			delete(value, "payment_status")
			delete(value, "fulfillment_status")
			delete(value, "seller_id")
			addProductSellers(value)
		}
		return value
	case string:
		if !strings.HasSuffix(name, "_at") {
			return value
		}
		t, err := time.Parse(time.RFC3339, value)
		if err != nil {
			return value
		}
		return t.UTC().Format(milliseconds)
	default:
		return value
	}
}

// addProductSellers gives the products of an order's items the order's seller,
// if they have none of their own.
func addProductSellers(order map[string]any) {
	items, _ := order["items"].([]any)
	for _, item := range items {
		item, _ := item.(map[string]any)
		variant, _ := item["variant"].(map[string]any)
		product, _ := variant["product"].(map[string]any)
		if product != nil && product["seller"] == nil && order["seller"] != nil {
			product["seller"] = order["seller"]
		}
	}
}

// nullable lists the fields that Medusa sends as null when they are empty, of
// the group ("") and of its relations.
func nullable(relation string) []string {
	switch relation {
	case "":
		return []string{"deleted_at"}
	case "orders":
		return []string{"custom_display_id", "locale", "metadata", "canceled_at", "deleted_at"}
	case "items":
		return []string{"subtitle", "thumbnail", "product_title", "variant_title", "variant_id", "metadata", "deleted_at"}
	case "seller":
		return []string{"logo", "metadata", "deleted_at"}
	default:
		return nil
	}
}
