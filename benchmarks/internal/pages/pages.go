// Package pages makes and serves the orders that the clients walk.
package pages

import (
	"fmt"
	"strconv"
)

// The two APIs.
const (
	Mercur   = "mercur"
	Salesive = "salesive"
)

// Tally is what a walk has to find.
type Tally struct {
	Records int   `json:"records"`
	Items   int   `json:"items"`
	Cents   int64 `json:"cents"` // of all totals
}

// list holds records as they go over the wire, with a comma between them: any
// page of any size is a part of it.
type list struct {
	data  []byte
	ends  []int   // of each record
	sums  []Tally // of the records up to and with each
	count int
}

func newList(count int, appendRecord func(data []byte, n int) ([]byte, Tally)) *list {
	l := &list{count: count}
	var sum Tally
	for n := range count {
		if n > 0 {
			l.data = append(l.data, ',')
		}
		var one Tally
		l.data, one = appendRecord(l.data, n)
		sum = Tally{sum.Records + 1, sum.Items + one.Items, sum.Cents + one.Cents}
		l.ends, l.sums = append(l.ends, len(l.data)), append(l.sums, sum)
	}
	return l
}

// part holds the records from one to before the other.
func (l *list) part(from, to int) []byte {
	if from >= to {
		return nil
	}
	start := 0
	if from > 0 {
		start = l.ends[from-1] + 1
	}
	return l.data[start:l.ends[to-1]]
}

// id ends in the record's number, in ten digits, by which a walk knows the
// record again at no cost to speak of.
func id(prefix string, n int) string { return fmt.Sprintf("%s%010d", prefix, n) }

// amount writes cents as JavaScript writes a number: 1550 as 15.5.
func amount(cents int64) string { return strconv.FormatFloat(float64(cents)/100, 'f', -1, 64) }

// product is one of what the stores sell.
type product struct {
	title, variant, sku string // as in JSON
	cents               int64
}

func products() []product {
	return []product{
		{"Linen shirt", "Natural / M", "LIN-NAT-M", 4990},
		{"Head phone", "Black", "HP-BLK", 1000000},
		{"Crème brûlée torch", "Standard", "TORCH-1", 2450},
		{"Laptop sleeve 15\\\"", "Grey", "SLV-15-GRY", 1995},
		{"Bag", "Green", "BAG-GRN", 5450},
		{"Seller 2 Product", "Red", "S2P-RED", 1550},
		{"Walking boots with removable insoles", "Brown / 42", "BOOT-BRN-42", 12900},
		{"Coffee, whole bean", "1 kg", "COF-1000", 1825},
		{"Tea", "250 g", "TEA-250", 799},
		{"Garden chair", "White", "CHR-WHT", 3500},
	}
}

// groupMaker makes order groups of Mercur with the fields of
// storeorders.DefaultOrderGroupFields, in the order and the forms in which the
// servers of testdata/mercur send them.
func groupMaker() func([]byte, int) ([]byte, Tally) {
	sold := products()
	const shipping = 500
	return func(data []byte, n int) ([]byte, Tally) {
		sellers := []int{1, 2, 1, 3, 2, 1, 2, 4}[n%8]
		tally := Tally{Records: 1}
		var orders []byte
		for s := range sellers {
			order := 4*n + s
			var items []byte
			var itemTotal int64
			for i := range 1 + (n+s)%3/2 {
				p := sold[(n+3*s+i)%len(sold)]
				quantity := int64(1 + (order+i)%3)
				thumbnail := "null"
				if (n+s)%4 > 0 {
					thumbnail = `"https://cdn.market.example/static/` + p.sku + `.webp"`
				}
				if i > 0 {
					items = append(items, ',')
				}
				items = fmt.Appendf(items, `{"id":%q,"title":"%s","subtitle":%q,"thumbnail":%s,"product_title":"%[2]s","variant_title":%[3]q,`+
					`"quantity":%[5]d,"unit_price":%[6]s,"total":%[7]s,"variant_id":%[8]q,"detail":{"quantity":%[5]d}}`,
					id("ordli_01M81471HH0H4Y8N", 2*order+i), p.title, p.variant, thumbnail,
					quantity, amount(p.cents), amount(quantity*p.cents), id("variant_01M8144QZP0DEF6J", (n+3*s+i)%len(sold)))
				itemTotal += quantity * p.cents
				tally.Items++
			}
			if s > 0 {
				orders = append(orders, ',')
			}
			seller := (n + s) % 20
			orders = fmt.Appendf(orders, `{"id":%q,"display_id":%d,"status":%q,"currency_code":"usd","total":%s,"subtotal":%[4]s,"item_total":%[5]s,"shipping_total":%[6]s,"tax_total":0,`+
				`"items":[%[7]s],"seller":{"id":%[8]q,"name":"Test Seller %[9]d","handle":"test-seller-%[9]d","logo":null}}`,
				id("order_01M81471HHK18TV4", order), order+1, []string{"pending", "completed", "canceled"}[n%3],
				amount(itemTotal+shipping), amount(itemTotal), amount(shipping), items, id("sel_01M8144PJXWPC0DW", seller), seller)
			tally.Cents += itemTotal + shipping
		}
		at := fmt.Sprintf("2026-11-%02dT%02d:%02d:%02d.%03dZ", 1+n/86400%28, n/3600%24, n/60%60, n%60, n%1000)
		return fmt.Appendf(data, `{"id":%q,"display_id":%d,"customer_id":"cus_01M814623H1R1JFV0YQNKM8BT9","seller_count":%d,"total":%s,"created_at":%q,"updated_at":%[5]q,"orders":[%[6]s]}`,
			id("og_01M81471HYQXWBG8", n), n+1, sellers, amount(tally.Cents), at, orders), tally
	}
}

// orderMaker makes orders of Salesive in the documented shape of the Store
// API's list: with all members that it documents, and references as ids.
func orderMaker() func([]byte, int) ([]byte, Tally) {
	sold := products()
	return func(data []byte, n int) ([]byte, Tally) {
		tally := Tally{Records: 1}
		var items []byte
		var subtotal int64
		for i := range []int{1, 2, 1, 3}[n%4] {
			number := (n + 3*i) % len(sold)
			p := sold[number]
			quantity := int64(1 + (n+i)%3)
			if i > 0 {
				items = append(items, ',')
			}
			items = fmt.Appendf(items, `{"product":%q,"name":"%s","price":%s,"quantity":%d`, id("68e5bb463a1fc5", number), p.title, amount(p.cents), quantity)
			if (n+i)%2 == 0 { // has a variant
				items = fmt.Appendf(items, `,"variant":%q,"sku":%q,"variantAttributes":{"option":%q}`, id("692caacbb07303", number), p.sku, p.variant)
			}
			items = fmt.Appendf(items, `,"imageUrl":"https://cdn.shop.example/products/%s.png"}`, p.sku)
			subtotal += quantity * p.cents
			tally.Items++
		}
		shipping := int64(n%3) * 75000
		tally.Cents = subtotal + shipping
		at := fmt.Sprintf("2025-11-%02dT%02d:%02d:%02d.%03dZ", 1+n/86400%28, n/3600%24, n/60%60, n%60, n%1000)
		data = fmt.Appendf(data, `{"_id":%q,"orderId":%d,"user":"68f976e92bb0b821425fdda6","shop":"68b8f52575da81b332af29f1","items":[%s],"status":%q,"subtotal":%s,"shippingCost":%s,"total":%s,`+
			`"shippingAddress":{"fullName":"Ada Obi","addressLine1":"%d Marina","addressLine2":"Flat 2","city":"Lagos","state":"Lagos","zipCode":"100001","country":"NG","phoneNumber":"+2348000000000"}`,
			id("690ff00acf4de4", n), 1001+n, items, []string{"pending", "processing", "paid", "cancelled"}[n%4],
			amount(subtotal), amount(shipping), amount(tally.Cents), 1+n%200)
		if n%4 == 2 { // is paid
			data = fmt.Appendf(data, `,"payment":%q,"shipment":%q,"notes":"Ring twice"`, id("69120000cf4db1", n), id("69120000cf4dd1", n))
		}
		return fmt.Appendf(data, `,"createdAt":%q,"updatedAt":%[1]q}`, at), tally
	}
}
