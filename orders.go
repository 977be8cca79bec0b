package storeorders

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"iter"
	"net/url"
	"slices"
	"time"
)

// OrdersService reads a shopper's orders in a Salesive shop: those of the
// bearer token's user, and nobody else's. It is safe for concurrent use.
//
// From https://docs.salesive.com, API reference, orders.
type OrdersService struct{ config *config }

// List reads one page. nil options ask for the server's first page.
//
// Errors: [OptionError], [ErrNotConfigured] and [ErrNoCredentials] before
// anything is sent; [APIError]; [DecodeError]; those of the context, the
// connection and the token source, wrapped.
func (s *OrdersService) List(ctx context.Context, opts *OrderListOptions, options ...RequestOption) (*OrderPage, error) {
	return s.list(ctx, valueOf(opts), request{op: "Orders.List", options: options})
}

// Pages walks page by page, as the server gives them: an order that is made
// meanwhile shifts the pages, so that one may come twice.
// [OrdersService.All] sees to that.
//
// Nothing is sent until the result is ranged over; each range starts afresh.
// The first error ends the walk, in a [PageError] that says where to go on
// with the same method and Limit.
func (s *OrdersService) Pages(ctx context.Context, opts *OrderListOptions, options ...RequestOption) iter.Seq2[*OrderPage, error] {
	return s.walk(request{op: "Orders.Pages", options: options}).pages(ctx, valueOf(opts))
}

// All walks all orders that match and yields each of them once. It drops what
// an earlier page had, and checks at the end that it saw as many as the server
// counts. If not, or if the count changed on the way, it walks the pages again,
// at most three times, and yields what it missed last. What that does not
// settle ends the walk with an [IncompleteError]. A walk from a Page checks
// what lies behind it, but does not search.
//
// Every order that matched for the whole of the walk is yielded; one that
// appears or vanishes during it may or may not be. What no client can see: a
// server that counts too few, and an order that was yielded and leaves while
// another joins, between the same two answers.
//
// Nothing is sent until the result is ranged over; each range starts afresh.
// The first error ends the walk, in a [PageError] that says where to go on
// with the same method and Limit, but for the IncompleteError, which comes as
// it is. The walk takes at most 24 bytes an order to know it again, and an
// order that it yielded does not keep its page in memory.
func (s *OrdersService) All(ctx context.Context, opts *OrderListOptions, options ...RequestOption) iter.Seq2[*Order, error] {
	start := valueOf(opts)
	if start.Limit == 0 {
		start.Limit = defaultWalkLimit
	}
	return s.walk(request{op: "Orders.All", options: options, alone: true}).all(ctx, start)
}

// Get reads one order by its ID, which is the "_id" and not the Number.
// Another shopper's order is documented as [ErrForbidden], one that does not
// exist as [ErrNotFound]. An empty id is an [OptionError].
//
// The other errors are those of [OrdersService.List].
func (s *OrdersService) Get(ctx context.Context, id string, options ...RequestOption) (*Order, error) {
	if err := checkID("id", id); err != nil {
		return nil, err
	}
	order := new(Order)
	_, err := s.config.doEnvelope(ctx, request{
		api: s.config.salesive, op: "Orders.Get", path: "/orders/" + url.PathEscape(id), options: options,
	}, func(d *decoder) error {
		*order = Order{}
		return decodeResource(d, order)
	})
	if err != nil {
		return nil, err
	}
	return order, nil
}

func (s *OrdersService) list(ctx context.Context, o OrderListOptions, r request) (*OrderPage, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	query, err := encodeQuery(o.rounded())
	if err != nil {
		return nil, err
	}
	page := &OrderPage{options: o.clone(), alone: r.alone}
	r.api, r.path, r.query = s.config.salesive, "/orders", query
	page.Response, err = s.config.doEnvelope(ctx, r, page.decode)
	if err != nil {
		return nil, err
	}
	return page, nil
}

func (s *OrdersService) walk(r request) *walker[OrderListOptions, *OrderPage, Order, *Order] {
	r.walk, r.options = true, slices.Clone(r.options)
	return &walker[OrderListOptions, *OrderPage, Order, *Order]{
		list: func(ctx context.Context, o OrderListOptions, turn func() error) (*OrderPage, error) {
			r := r
			r.turn = turn
			return s.list(ctx, o, r)
		},
		prefetch: newRequestOptions(r.options).prefetch,
	}
}

// OrderListOptions say which orders to list, and how. The zero value asks for
// the server's first page of all of them. A value that cannot work, such as a
// negative Limit, is an [OptionError]. There is no sort order to choose: that of
// this API is not documented, and another one of Salesive has the newest first.
type OrderListOptions struct {
	// Status asks for orders in any of these. nil: all; an empty list is
	// refused.
	Status []OrderStatus `url:"status,omitempty"`
	// Number asks for the order with this number, its "orderId". 0: not sent.
	Number int64 `url:"orderId,omitempty"`
	// MinTotal and MaxTotal bound the total, both inclusive. "": not sent.
	// Bounds that exclude each other match nothing, as From and To do.
	MinTotal Decimal `url:"minTotal,omitempty"`
	MaxTotal Decimal `url:"maxTotal,omitempty"`
	// From and To bound when the order was made; whether orders of the very
	// instant are among them is not documented. They are sent in milliseconds,
	// From rounded down and To up. Zero: not sent.
	From time.Time `url:"from,omitempty" layout:"2006-01-02T15:04:05.000Z"`
	To   time.Time `url:"to,omitempty" layout:"2006-01-02T15:04:05.000Z"`
	// Page is the number of the page, from 1 on; also where to resume. It
	// counts pages of the Limit, whose default All has of its own: to resume
	// with another method, set Limit too. 0: the first.
	Page int `url:"page,omitempty"`
	// Limit is the page size. 0: the server's default (10) for List and
	// Pages, 100 for All.
	Limit int `url:"limit,omitempty"`
}

func (o OrderListOptions) check() error {
	sent := o.rounded()
	return firstError(
		checkList("Status", o.Status),
		checkNumber("Number", o.Number),
		checkDecimal("MinTotal", o.MinTotal),
		checkDecimal("MaxTotal", o.MaxTotal),
		checkTime("From", o.From, sent.From),
		checkTime("To", o.To, sent.To),
		checkNumber("Page", o.Page),
		checkNumber("Limit", o.Limit),
	)
}

// rounded has the times in the unit that the server reads.
func (o OrderListOptions) rounded() OrderListOptions {
	o.From = floorTime(o.From, time.Millisecond)
	o.To = ceilTime(o.To, time.Millisecond)
	return o
}

func (o OrderListOptions) clone() OrderListOptions {
	o.Status = slices.Clone(o.Status)
	return o
}

func (o OrderListOptions) place() (offset, page int) { return -1, max(o.Page, 1) } //nolint:unparam // the walker uses both

func (o OrderListOptions) fromStart() bool { return o.Page <= 1 }

// search asks for the same again: there is no way to ask for less.
func (o OrderListOptions) search(int) OrderListOptions { return o }

// OrderPage is one page of a list.
type OrderPage struct {
	// Items are the orders of the page; empty, not nil, if there are none.
	Items []Order
	// Page and Limit are the page's, as the server read them; Page counts from
	// 1 on. Total is how many orders match in all, Pages how many pages they
	// make.
	Page, Limit, Total, Pages int
	// Response is what else is known of the answer that the page came in.
	Response *Response

	options OrderListOptions // that it was asked for with
	alone   bool             // All's: it has its orders in apart, not in Items
	apart   []*Order
}

// Next returns the options of the page after this one, and whether there is
// one. It sends nothing. They are plain values: stored as JSON, they go on in
// another process, and with another method too, because Limit is set to this
// page's.
func (p *OrderPage) Next() (OrderListOptions, bool) { return p.after(1) }

func (p *OrderPage) after(n int) (OrderListOptions, bool) {
	next := p.options.clone()
	next.Limit = cmp.Or(next.Limit, p.Limit)
	next.From, next.To = next.From.UTC(), next.To.UTC() // JSON cannot hold every zone
	_, page := p.options.place()
	next.Page = page + n
	return next, p.length() > 0 && next.Page <= p.Pages
}

func (p *OrderPage) items() []*Order { return p.apart }

func (p *OrderPage) length() int { return max(len(p.Items), len(p.apart)) }

func (p *OrderPage) count() int { return p.Total }

func (p *OrderPage) before() int {
	_, page := p.options.place()
	return (page - 1) * cmp.Or(p.Limit, p.options.Limit)
}

// decode reads the data of a list's answer.
func (p *OrderPage) decode(d *decoder) error {
	*p = OrderPage{Total: -1, Pages: -1, options: p.options, alone: p.alone} // the last data counts
	err := d.object(func(name string) (err error) {
		switch name {
		case "orders":
			p.Items, p.apart, err = decodeList[Order](d, p.alone)
		case "pagination":
			err = d.object(func(name string) error {
				switch name {
				case "page":
					return d.number(&p.Page)
				case "limit":
					return d.number(&p.Limit)
				case "total":
					return d.number(&p.Total)
				case "pages":
					return d.number(&p.Pages)
				default:
					return d.SkipValue()
				}
			})
		default:
			err = d.SkipValue()
		}
		return err
	})
	switch {
	case err != nil:
		return err
	case p.Items == nil && p.apart == nil:
		return errors.New(`no "data.orders" in it`)
	case p.Total < 0 || p.Pages < 0:
		return errors.New(`no "data.pagination" with "total" and "pages" in it`)
	}
	return nil
}

// Order is a shopper's order in one Salesive shop. All fields but the ID may
// be absent: the API is loosely typed, and what it sends depends on the
// endpoint and the version.
//
// Amounts are kept as they came. The order has no currency: it is the shop's,
// and Salesive's documentation does not agree with itself on the unit, though
// nearly all of it reads as major units.
//
// encoding/json writes and reads the struct under the server's names; an
// empty string is written as absent, as null is.
//
// From https://docs.salesive.com, API reference, orders.
type Order struct {
	// ID is the "_id": what Get takes.
	ID string `json:"_id"`
	// Number is the "orderId": the number that people see, and what the
	// Number filter of [OrderListOptions] takes. It is not the ID.
	Number int64 `json:"orderId,omitzero"`
	// User is the shopper, and Shop the shop.
	User Ref `json:"user,omitzero"`
	Shop Ref `json:"shop,omitzero"`
	// Items is nil if absent.
	Items []OrderItem `json:"items,omitzero"`
	// Status is absent in some answers.
	Status OrderStatus `json:"status,omitzero"`
	// Subtotal is what the items cost. Total is, by the documentation, that and
	// ShippingCost and Tax, less Discount.
	Subtotal     Decimal `json:"subtotal,omitempty"`
	ShippingCost Decimal `json:"shippingCost,omitempty"`
	Discount     Decimal `json:"discount,omitempty"`
	Tax          Decimal `json:"tax,omitempty"`
	Total        Decimal `json:"total,omitempty"`
	// Coupon is populated once one was applied: {_id, code, type, discount}.
	Coupon Ref `json:"coupon,omitzero"`
	// ShippingAddress is nil if absent, as for what is not shipped.
	ShippingAddress *ShippingAddress `json:"shippingAddress,omitzero"`
	// Payment is zero where there is none.
	Payment Ref `json:"payment,omitzero"`
	// PaymentMethod is "cash", "card", "transfer" or "other".
	PaymentMethod string `json:"paymentMethod,omitzero"`
	// Shipment is zero where there is none.
	Shipment Ref `json:"shipment,omitzero"`
	// Source is "online" or "pos", which is the till of a shop; such an order
	// may say who the customer was.
	Source           string `json:"source,omitzero"`
	POSCustomerName  string `json:"posCustomerName,omitzero"`
	POSCustomerEmail string `json:"posCustomerEmail,omitzero"`
	POSCustomerPhone string `json:"posCustomerPhone,omitzero"`
	// Notes are free text.
	Notes string `json:"notes,omitzero"`
	// The times are in UTC, with milliseconds.
	CreatedAt time.Time `json:"createdAt,omitzero"`
	UpdatedAt time.Time `json:"updatedAt,omitzero"`

	raw string // the texts and numbers above are parts of it
}

// RawJSON returns the object exactly as it came from the server, with the
// members that this version of the package does not know. It is nil for an
// Order that did not come from a [Client]. The bytes are the caller's own.
func (o *Order) RawJSON() json.RawMessage {
	if o.raw == "" {
		return nil
	}
	return json.RawMessage(o.raw)
}

func (o *Order) id() string { return o.ID }

func (o *Order) setRaw(text string) { o.raw = text }

// OrderStatus is where an [Order] stands. It is open: a server may send a
// status that this version does not know.
type OrderStatus string

// The statuses that Salesive documents. OrderStatusCompleted is in its newer
// pages only.
const (
	OrderStatusPending    OrderStatus = "pending"
	OrderStatusProcessing OrderStatus = "processing"
	OrderStatusPaid       OrderStatus = "paid"
	OrderStatusCompleted  OrderStatus = "completed"
	OrderStatusCancelled  OrderStatus = "cancelled"
	OrderStatusRefunded   OrderStatus = "refunded"
)

// Known reports whether s is one of the constants of this package.
func (s OrderStatus) Known() bool {
	switch s {
	case OrderStatusPending, OrderStatusProcessing, OrderStatusPaid,
		OrderStatusCompleted, OrderStatusCancelled, OrderStatusRefunded:
		return true
	default:
		return false
	}
}

// OrderItem is one line of an [Order]. All fields may be absent.
type OrderItem struct {
	// ID is the "_id" of the line.
	ID string `json:"_id,omitzero"`
	// ItemType is "product", "food" or "service" where the server tells.
	ItemType string `json:"itemType,omitzero"`
	// Product is absent for food and services, and Service for all else.
	Product Ref `json:"product,omitzero"`
	Service Ref `json:"service,omitzero"`
	// Variant is zero for a product without variants.
	Variant Ref    `json:"variant,omitzero"`
	Name    string `json:"name,omitzero"`
	SKU     string `json:"sku,omitzero"`
	// Price is that of one.
	Price             Decimal           `json:"price,omitempty"`
	Quantity          Decimal           `json:"quantity,omitempty"`
	VariantAttributes VariantAttributes `json:"variantAttributes,omitzero"`
	// SelectedAddons are for services.
	SelectedAddons []Addon `json:"selectedAddons,omitzero"`
	ImageURL       string  `json:"imageUrl,omitzero"`
}

// VariantAttributes say which variant was bought: {"color": "green"}. Where
// the server sends something else than a string, the value is its JSON text;
// for null it is "". It is nil where the server sent none.
type VariantAttributes map[string]string

// UnmarshalJSON reads an object of any values, or null.
func (a *VariantAttributes) UnmarshalJSON(data []byte) error {
	var members map[string]json.RawMessage
	if err := unmarshal(data, &members); err != nil {
		return err
	}
	*a = nil
	for name, value := range members {
		if *a == nil {
			*a = make(VariantAttributes, len(members))
		}
		var text string
		if err := unmarshalLoosely(value, &text); err != nil {
			return err
		}
		(*a)[name] = text
	}
	if *a == nil && members != nil {
		*a = VariantAttributes{}
	}
	return nil
}

// Addon is an extra that was chosen with a service. All fields may be absent.
type Addon struct {
	AddonID     string `json:"addonId,omitzero"`
	Name        string `json:"name,omitzero"`
	Description string `json:"description,omitzero"`
	// Price is in the unit of the order's amounts.
	Price    Decimal `json:"price,omitempty"`
	Quantity Decimal `json:"quantity,omitempty"`
}

// ShippingAddress is where an [Order] goes. Salesive sends it in two forms,
// the order's own and the saved address of the shopper, or as the id of a
// saved address; an id alone is the ID with all else absent. A number in place
// of a text, such as a zip code, is its digits.
type ShippingAddress struct {
	// ID is the "_id" of a saved address; the order's own form has none.
	ID      string `json:"_id,omitzero"`
	City    string `json:"city,omitzero"`
	State   string `json:"state,omitzero"`
	ZipCode string `json:"zipCode,omitzero"`
	// Country is, where it is documented, a code such as "NG".
	Country string `json:"country,omitzero"`

	// FullName to PhoneNumber are the order's own form.
	FullName     string `json:"fullName,omitzero"`
	AddressLine1 string `json:"addressLine1,omitzero"`
	AddressLine2 string `json:"addressLine2,omitzero"`
	PhoneNumber  string `json:"phoneNumber,omitzero"`

	// User to IsDefault are of a saved address, which has FullName or Name. User
	// is whose it is.
	User  Ref    `json:"user,omitzero"`
	Name  string `json:"name,omitzero"`
	Email string `json:"email,omitzero"`
	Phone string `json:"phone,omitzero"`
	// Address is the line with the street, in the newer form.
	Address string `json:"address,omitzero"`
	// Latitude and Longitude are in degrees.
	Latitude  Decimal `json:"latitude,omitempty"`
	Longitude Decimal `json:"longitude,omitempty"`
	// Validated is an object of what a check of the address found.
	Validated json.RawMessage `json:"validated,omitzero"`
	// Street and Street2 are the lines with the street, in the older form.
	Street  string `json:"street,omitzero"`
	Street2 string `json:"street2,omitzero"`
	// IsDefault is nil if absent.
	IsDefault *bool `json:"isDefault,omitzero"`
}

// UnmarshalJSON reads either form, an id, or null.
func (a *ShippingAddress) UnmarshalJSON(data []byte) error {
	*a = ShippingAddress{}
	if len(data) > 0 && data[0] == '"' {
		return unmarshal(data, &a.ID)
	}
	type object ShippingAddress // without this method
	return unmarshalLoosely(data, (*object)(a))
}
