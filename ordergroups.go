package storeorders

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net/url"
	"slices"
	"strings"
	"time"
)

// maxIDs is how many ids fit into one request: with Express 4.22.1 and qs
// 6.14.3, which Medusa allows, a server answers 400 from the 21st on.
const maxIDs = 20

// defaultWalkLimit is the page size of All where the caller gives none.
const defaultWalkLimit = 100

// OrderGroupsService reads a shopper's order groups on Mercur: what the bearer
// token's customer bought, and nothing else. It is safe for concurrent use.
//
// From https://docs.mercurjs.com, store API, order groups.
type OrderGroupsService struct{ config *config }

// List reads one page. nil options ask for the server's first page.
//
// Errors: [OptionError], [ErrNotConfigured] and [ErrNoCredentials] before
// anything is sent; [APIError]; [DecodeError]; those of the context, the
// connection and the token source, wrapped.
func (s *OrderGroupsService) List(ctx context.Context, opts *OrderGroupListOptions, options ...RequestOption) (*OrderGroupPage, error) {
	return s.list(ctx, valueOf(opts), request{op: "OrderGroups.List", options: options})
}

// Pages walks page by page, as the server gives them: a server that sorts
// equal timestamps anew for every page may repeat an order and leave out
// another. [OrderGroupsService.All] sees to that.
//
// Nothing is sent until the result is ranged over; each range starts afresh.
// The first error ends the walk, in a [PageError] that says where to go on.
func (s *OrderGroupsService) Pages(ctx context.Context, opts *OrderGroupListOptions, options ...RequestOption) iter.Seq2[*OrderGroupPage, error] {
	return s.walk(request{op: "OrderGroups.Pages", options: options}).pages(ctx, valueOf(opts))
}

// All walks all order groups that match and yields each of them once. It
// drops what an earlier page had, and checks at the end that it saw as many
// as the server counts. If not, or if the count changed on the way, it finds
// what it missed and yields that last: it asks for all ids at once, and then
// for the groups that are missing. What that does not settle ends the walk
// with an [IncompleteError]. A walk from an Offset checks what lies behind it,
// but does not search.
//
// Every group that matched for the whole of the walk is yielded; one that
// appears or vanishes during it may or may not be. What no client can see: a
// server that counts too few, and a group that was yielded and leaves while
// another joins, between the same two answers.
//
// More than 20 ids are asked for in batches of 20, in the order of the list;
// the groups are sorted within each batch.
//
// Nothing is sent until the result is ranged over; each range starts afresh.
// The first error ends the walk, in a [PageError] that says where to go on,
// but for the IncompleteError, which comes as it is. The walk takes at
// most 24 bytes an order to know it again, and some 300 more while the answer
// to a search is read. A group that it yielded does not keep its page in
// memory.
func (s *OrderGroupsService) All(ctx context.Context, opts *OrderGroupListOptions, options ...RequestOption) iter.Seq2[*OrderGroup, error] {
	start := valueOf(opts)
	if start.Limit == 0 {
		start.Limit = defaultWalkLimit
	}
	walk := s.walk(request{op: "OrderGroups.All", options: options, alone: true})
	if len(start.ID) > maxIDs {
		if err := start.check(); err != nil {
			return failed[*OrderGroup](&PageError{-1, -1, err})
		}
		start.ID = unique(start.ID)
	}
	if len(start.ID) <= maxIDs {
		return walk.all(ctx, start)
	}
	if start.Offset != 0 {
		return failed[*OrderGroup](&PageError{-1, -1, &OptionError{"Offset", "cannot be used with more than 20 IDs, which are asked for in batches; leave it 0"}})
	}
	var batches []OrderGroupListOptions
	for ids := range slices.Chunk(start.ID, maxIDs) {
		batch := start
		batch.ID = ids
		batches = append(batches, batch)
	}
	return walk.all(ctx, batches...)
}

// Get reads one order group by its ID, which begins with "og_". Another
// shopper's group is [ErrNotFound], as is one that does not exist. An empty id
// is an [OptionError]. nil options ask for [DefaultOrderGroupFields].
//
// The other errors are those of [OrderGroupsService.List].
func (s *OrderGroupsService) Get(ctx context.Context, id string, opts *OrderGroupGetOptions, options ...RequestOption) (*OrderGroup, error) {
	o := valueOf(opts)
	if err := firstError(checkID("id", id), checkFields(o.Fields)); err != nil {
		return nil, err
	}
	o.Fields = sentFields(o.Fields)
	query, err := encodeQuery(o)
	if err != nil {
		return nil, err
	}
	group := new(OrderGroup)
	_, err = s.config.do(ctx, request{
		api: s.config.mercur, op: "OrderGroups.Get", path: "/store/order-groups/" + url.PathEscape(id), query: query, options: options,
	}, func(a *answer) error { return a.readError(decodeOrderGroup(a.body, group)) })
	if err != nil {
		return nil, err
	}
	return group, nil
}

func (s *OrderGroupsService) list(ctx context.Context, o OrderGroupListOptions, r request) (*OrderGroupPage, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	if len(o.ID) > maxIDs {
		return nil, &OptionError{"ID", fmt.Sprintf("has %d ids; a request takes up to %d, All any number", len(o.ID), maxIDs)}
	}
	sent := o
	sent.Fields = sentFields(o.Fields)
	query, err := encodeQuery(sent)
	if err != nil {
		return nil, err
	}
	page := &OrderGroupPage{options: o.clone(), alone: r.alone}
	r.api, r.path, r.query = s.config.mercur, "/store/order-groups", query
	page.Response, err = s.config.do(ctx, r, func(a *answer) error { return a.readError(page.decode(a.body)) })
	if err != nil {
		return nil, err
	}
	return page, nil
}

func (s *OrderGroupsService) walk(r request) *walker[OrderGroupListOptions, *OrderGroupPage, OrderGroup, *OrderGroup] {
	r.walk, r.options = true, slices.Clone(r.options)
	return &walker[OrderGroupListOptions, *OrderGroupPage, OrderGroup, *OrderGroup]{
		list: func(ctx context.Context, o OrderGroupListOptions, turn func() error) (*OrderGroupPage, error) {
			r := r
			r.turn = turn
			return s.list(ctx, o, r)
		},
		prefetch: newRequestOptions(r.options).prefetch,
		byIDs: func(start OrderGroupListOptions, ids []string) OrderGroupListOptions {
			start.ID, start.Limit = ids, maxIDs
			return start
		},
	}
}

// unique drops what is there before, and keeps the order.
func unique(ids []string) []string {
	var list []string
	known := make(map[string]bool, len(ids))
	for _, id := range ids {
		if !known[id] {
			known[id] = true
			list = append(list, id)
		}
	}
	return list
}

// OrderGroupListOptions say which order groups to list, and how. The zero
// value asks for the server's first page of all of them, newest first. A value
// that cannot work, such as a negative Limit, is an [OptionError].
type OrderGroupListOptions struct {
	// Limit is the page size. 0: the server's default (50) for List and
	// Pages, 100 for All.
	Limit int `url:"limit,omitempty"`
	// Offset is how many to pass over; also where to resume. 0: none.
	Offset int `url:"offset,omitempty"`
	// Order is the sort order. "": the server's, which is NewestFirst.
	Order SortOrder `url:"order,omitempty"`
	// Fields are the names of the fields to send, such as "id" and
	// "orders.items.title"; "+name" and "-name" change the server's own list,
	// "*orders.items" asks for all of a relation. nil:
	// [DefaultOrderGroupFields]; empty, but not nil: none are sent, and the
	// server sends its own default, which differs from version to version and
	// on some has wrong totals or is refused. A list of your own that has
	// fields of "orders.items" needs "orders.items.detail.quantity" too, or
	// Mercur 2.1.5 and 2.3.1 leave out quantities and send wrong totals. A name
	// that is misspelt is left out by the server, without an error.
	Fields []string `url:"fields,comma,omitempty"`
	// ID asks for these groups only. nil: all; an empty list is refused. Ids
	// that are not the shopper's are left out by the server. Up to 20 for
	// List and Pages; All takes any number.
	ID []string `url:"id,omitempty"`
	// CreatedAt and UpdatedAt bound when a group was made and last changed.
	// Zero: no bounds. Bounds that exclude each other match nothing.
	CreatedAt TimeFilter `url:"created_at"`
	UpdatedAt TimeFilter `url:"updated_at"`
}

// OrderGroupGetOptions say what to send of an order group. The zero value asks
// for [DefaultOrderGroupFields].
type OrderGroupGetOptions struct {
	// Fields are as in [OrderGroupListOptions].
	Fields []string `url:"fields,comma,omitempty"`
}

// SortOrder is the order of a list of order groups: by when they were made, or
// last changed. Mercur sorts by these two timestamps only, and breaks no ties.
// "" is the server's order, which is [NewestFirst]; what is none of the
// constants is an [OptionError].
type SortOrder string

// The sort orders.
const (
	NewestFirst               SortOrder = "-created_at"
	OldestFirst               SortOrder = "created_at"
	RecentlyUpdatedFirst      SortOrder = "-updated_at"
	LeastRecentlyUpdatedFirst SortOrder = "updated_at"
)

// DefaultOrderGroupFields returns the fields that are asked for where the
// options name none. The servers' own defaults are not to be trusted: Mercur
// 2.1.5 sends hardly anything, 2.3.1 sends child orders with wrong totals and
// no quantities, and on Medusa 2.20 and later the call is a 400. This list was
// right on all of them. Each call returns a new slice, to which fields may be
// appended.
func DefaultOrderGroupFields() []string { return strings.Split(defaultFields, ",") }

const defaultFields = "id,display_id,customer_id,seller_count,total,created_at,updated_at," +
	"orders.id,orders.display_id,orders.status,orders.currency_code," +
	"orders.total,orders.subtotal,orders.item_total,orders.shipping_total,orders.tax_total," +
	"orders.seller.id,orders.seller.name,orders.seller.handle,orders.seller.logo," +
	"orders.items.id,orders.items.title,orders.items.subtitle,orders.items.thumbnail," +
	"orders.items.product_title,orders.items.variant_title," +
	"orders.items.quantity,orders.items.unit_price,orders.items.total,orders.items.variant_id," +
	"orders.items.detail.quantity" // without it the totals and quantities are wrong on some servers

// sentFields are the fields as one element: go-querystring would join them to
// the same, by reflection on each.
func sentFields(fields []string) []string {
	switch {
	case fields == nil:
		return []string{defaultFields}
	case len(fields) == 0:
		return nil
	default:
		return []string{strings.Join(fields, ",")}
	}
}

func (o OrderGroupListOptions) check() error {
	switch o.Order {
	case "", NewestFirst, OldestFirst, RecentlyUpdatedFirst, LeastRecentlyUpdatedFirst:
	default:
		return &OptionError{"Order", fmt.Sprintf("is %.40q; use NewestFirst, OldestFirst, RecentlyUpdatedFirst or LeastRecentlyUpdatedFirst", o.Order)}
	}
	return firstError(
		checkIDs("ID", o.ID),
		checkNumber("Limit", o.Limit),
		checkNumber("Offset", o.Offset),
		checkFields(o.Fields),
		o.CreatedAt.check("CreatedAt"),
		o.UpdatedAt.check("UpdatedAt"),
	)
}

func (o OrderGroupListOptions) clone() OrderGroupListOptions {
	o.Fields = slices.Clone(o.Fields)
	o.ID = slices.Clone(o.ID)
	return o
}

func (o OrderGroupListOptions) place() (offset, page int) { return o.Offset, -1 }

func (o OrderGroupListOptions) fromStart() bool { return o.Offset == 0 }

// search asks for all ids at once, and for those of groups that were made since
// they were counted: what comes in one answer is of one moment.
func (o OrderGroupListOptions) search(count int) OrderGroupListOptions {
	const since = 100
	o.Fields, o.Limit = []string{"id"}, min(count, maxNumber-since)+since
	return o
}

// OrderGroupPage is one page of a list.
type OrderGroupPage struct {
	// Items are the groups of the page; empty, not nil, if there are none.
	Items []OrderGroup
	// Count is how many match in all. Offset and Limit are the page's, as the
	// server read them: how many groups lie before it, and how many it could
	// hold.
	Count, Offset, Limit int
	// Response is what else is known of the answer that the page came in.
	Response *Response

	options OrderGroupListOptions // that it was asked for with
	alone   bool                  // All's: it has its groups in apart, not in Items
	apart   []*OrderGroup
}

// Next returns the options of the page after this one, and whether there is
// one. It sends nothing. They are plain values: stored as JSON, they go on in
// another process.
// The next offset is this one's plus the items that came, whatever the limit
// was, because a server may clamp it.
func (p *OrderGroupPage) Next() (OrderGroupListOptions, bool) { return p.after(1) }

func (p *OrderGroupPage) after(n int) (OrderGroupListOptions, bool) {
	next := p.options.clone()
	next.CreatedAt, next.UpdatedAt = next.CreatedAt.utc(), next.UpdatedAt.utc()
	next.Offset += n * p.length()
	return next, p.length() > 0 && next.Offset < p.Count
}

func (p *OrderGroupPage) items() []*OrderGroup { return p.apart }

func (p *OrderGroupPage) length() int { return max(len(p.Items), len(p.apart)) }

func (p *OrderGroupPage) count() int { return p.Count }

func (p *OrderGroupPage) before() int { return p.options.Offset }

func (p *OrderGroupPage) decode(body []byte) error {
	p.Count = -1
	d := newDecoder(body)
	err := d.document(func(name string) (err error) {
		switch name {
		case "order_groups":
			p.Items, p.apart, err = decodeList[OrderGroup](d, p.alone)
		case "count":
			err = d.number(&p.Count)
		case "offset":
			err = d.number(&p.Offset)
		case "limit":
			err = d.number(&p.Limit)
		default:
			err = d.SkipValue()
		}
		return err
	})
	switch {
	case err != nil:
		return err
	case p.Items == nil && p.apart == nil:
		return errors.New(`no "order_groups" in it`)
	case p.Count < 0:
		return errors.New(`no "count" in it`)
	default:
		return nil
	}
}

func decodeOrderGroup(body []byte, group *OrderGroup) error {
	d := newDecoder(body)
	err := d.document(func(name string) error {
		if name != "order_group" {
			return d.SkipValue()
		}
		*group = OrderGroup{}
		return decodeResource(d, group)
	})
	if err == nil && group.ID == "" {
		err = errors.New(`no "order_group" in it`)
	}
	return err
}

// OrderGroup is what a shopper bought in one checkout: the orders of one or
// several sellers. Which fields are there depends on the Fields asked for and
// on the server's version; all but the ID may be absent.
//
// Numbers that can be zero are [Decimal], so that "0" and absent differ.
// encoding/json writes and reads the struct under the server's names; an
// empty string is written as absent, as null is, except in a json.RawMessage.
//
// From https://docs.mercurjs.com, store API, order groups.
type OrderGroup struct {
	// ID begins with "og_".
	ID string `json:"id"`
	// DisplayID is the number that people see; 0 if it is absent.
	DisplayID int64 `json:"display_id,omitzero"`
	// CustomerID is the id of the token's customer; it begins with "cus_".
	CustomerID string `json:"customer_id,omitzero"`
	// CartID is the id of the cart that became the group. It is not among the
	// default fields.
	CartID string `json:"cart_id,omitzero"`
	// SellerCount is how many sellers have an order in the group.
	SellerCount Decimal `json:"seller_count,omitempty"`
	// Total is the sum of the orders in major units of their currency, which
	// is on the orders. Canceled orders still count.
	Total Decimal `json:"total,omitempty"`
	// The times are in UTC, with milliseconds. DeletedAt is for completeness:
	// no server lists a group that was deleted.
	CreatedAt time.Time `json:"created_at,omitzero"`
	UpdatedAt time.Time `json:"updated_at,omitzero"`
	DeletedAt time.Time `json:"deleted_at,omitzero"`
	// Orders are the orders of the group, one a seller, in no promised order.
	// It is nil where no field of them was asked for.
	Orders []SellerOrder `json:"orders,omitzero"`
	// Cart comes with Fields such as "*cart".
	Cart *Cart `json:"cart,omitzero"`

	raw string // the texts and numbers above are parts of it
}

// RawJSON returns the object exactly as it came from the server, with the
// members that this version of the package does not know. It is nil for an
// OrderGroup that did not come from a [Client]. The bytes are the caller's own.
func (g *OrderGroup) RawJSON() json.RawMessage {
	if g.raw == "" {
		return nil
	}
	return json.RawMessage(g.raw)
}

func (g *OrderGroup) id() string { return g.ID }

func (g *OrderGroup) setRaw(text string) { g.raw = text }

// SellerOrder is one seller's order in an [OrderGroup]. Amounts are in major
// units of CurrencyCode. All fields may be absent.
type SellerOrder struct {
	// ID begins with "order_". It opens the order to whoever has it and the
	// publishable key: treat it as a secret.
	ID string `json:"id,omitzero"`
	// DisplayID is the number that people see; 0 if it is absent.
	DisplayID int64 `json:"display_id,omitzero"`
	// CustomDisplayID is what a shop shows in its place, if it does.
	CustomDisplayID string `json:"custom_display_id,omitzero"`
	// Version counts the changes of the order, such as edits and returns, from
	// 1 on.
	Version int64             `json:"version,omitzero"`
	Status  SellerOrderStatus `json:"status,omitzero"`
	// PaymentStatus and FulfillmentStatus are documented, but no server was
	// seen to send them on this route.
	PaymentStatus     string `json:"payment_status,omitzero"`
	FulfillmentStatus string `json:"fulfillment_status,omitzero"`
	// CurrencyCode is ISO 4217 in lower case: "usd".
	CurrencyCode string `json:"currency_code,omitzero"`
	// Total is what the order costs: items and shipping, with taxes, after
	// discounts. Subtotal is the same without taxes and before discounts.
	Total    Decimal `json:"total,omitempty"`
	Subtotal Decimal `json:"subtotal,omitempty"`
	// ItemTotal and ShippingTotal are the two parts of Total.
	ItemTotal     Decimal `json:"item_total,omitempty"`
	ShippingTotal Decimal `json:"shipping_total,omitempty"`
	// TaxTotal and DiscountTotal are of items and shipping. OriginalTotal is
	// with taxes and before discounts.
	TaxTotal      Decimal `json:"tax_total,omitempty"`
	DiscountTotal Decimal `json:"discount_total,omitempty"`
	OriginalTotal Decimal `json:"original_total,omitempty"`
	// Summary comes with Fields such as "orders.summary".
	Summary *OrderSummary `json:"summary,omitzero"`
	// Items is nil where no field of them was asked for.
	Items []LineItem `json:"items,omitzero"`
	// Seller is whose order it is. A server leaves it out where the link to
	// the seller is missing.
	Seller     *Seller `json:"seller,omitzero"`
	CustomerID string  `json:"customer_id,omitzero"`
	// Email is the customer's.
	Email          string `json:"email,omitzero"`
	RegionID       string `json:"region_id,omitzero"`
	SalesChannelID string `json:"sales_channel_id,omitzero"`
	// Locale is the language of the order, as in "en-US", if it has one.
	Locale string `json:"locale,omitzero"`
	// SellerID is documented, but no server was seen to send it: see Seller.
	SellerID string `json:"seller_id,omitzero"`
	// The addresses have an ID alone, unless more is asked for, as with
	// "*orders.shipping_address".
	ShippingAddressID string         `json:"shipping_address_id,omitzero"`
	ShippingAddress   *PostalAddress `json:"shipping_address,omitzero"`
	BillingAddressID  string         `json:"billing_address_id,omitzero"`
	BillingAddress    *PostalAddress `json:"billing_address,omitzero"`
	// IsDraftOrder and NoNotification (the customer gets no messages about the
	// order) are nil if absent.
	IsDraftOrder   *bool `json:"is_draft_order,omitzero"`
	NoNotification *bool `json:"no_notification,omitzero"`
	// Metadata is an object of the shop's own, or null.
	Metadata json.RawMessage `json:"metadata,omitzero"`
	// The times are in UTC, with milliseconds. CanceledAt and DeletedAt are
	// zero for an order that was neither.
	CreatedAt  time.Time `json:"created_at,omitzero"`
	UpdatedAt  time.Time `json:"updated_at,omitzero"`
	CanceledAt time.Time `json:"canceled_at,omitzero"`
	DeletedAt  time.Time `json:"deleted_at,omitzero"`
}

// SellerOrderStatus is where a [SellerOrder] stands. It is open: a server may
// send a status that this version does not know.
type SellerOrderStatus string

// The statuses that Medusa documents. A new order is pending.
const (
	SellerOrderStatusPending        SellerOrderStatus = "pending"
	SellerOrderStatusCompleted      SellerOrderStatus = "completed"
	SellerOrderStatusDraft          SellerOrderStatus = "draft"
	SellerOrderStatusArchived       SellerOrderStatus = "archived"
	SellerOrderStatusCanceled       SellerOrderStatus = "canceled"
	SellerOrderStatusRequiresAction SellerOrderStatus = "requires_action"
)

// Known reports whether s is one of the constants of this package.
func (s SellerOrderStatus) Known() bool {
	switch s {
	case SellerOrderStatusPending, SellerOrderStatusCompleted, SellerOrderStatusDraft,
		SellerOrderStatusArchived, SellerOrderStatusCanceled, SellerOrderStatusRequiresAction:
		return true
	default:
		return false
	}
}

// LineItem is one line of a [SellerOrder]. Amounts are in major units of the
// order's currency. All fields may be absent.
type LineItem struct {
	// ID begins with "ordli_".
	ID string `json:"id,omitzero"`
	// Title and Subtitle are what to show; as a rule they are ProductTitle and
	// VariantTitle. All that is said of product and variant in this struct is
	// as it was when the order was placed.
	Title    string `json:"title,omitzero"`
	Subtitle string `json:"subtitle,omitzero"`
	// Thumbnail is the URL of a picture.
	Thumbnail    string `json:"thumbnail,omitzero"`
	ProductTitle string `json:"product_title,omitzero"`
	VariantTitle string `json:"variant_title,omitzero"`
	// Quantity may be a fraction. Mercur 2.1.5 and 2.3.1 leave it out unless
	// Detail's is asked for too, as [DefaultOrderGroupFields] does.
	Quantity Decimal         `json:"quantity,omitempty"`
	Detail   *LineItemDetail `json:"detail,omitzero"`
	// UnitPrice is that of one; whether it includes taxes is IsTaxInclusive.
	UnitPrice Decimal `json:"unit_price,omitempty"`
	// Total is what the line costs, with taxes, after discounts, and without
	// what has been returned.
	Total     Decimal `json:"total,omitempty"`
	VariantID string  `json:"variant_id,omitzero"`
	// Variant is absent once the seller has deleted the product.
	Variant *ProductVariant `json:"variant,omitzero"`

	// Subtotal is without taxes and before discounts. It and all fields below
	// come with Fields such as "*orders.items" only, and of these the amounts
	// where one of the order is asked for too, such as "orders.total".
	Subtotal Decimal `json:"subtotal,omitempty"`
	TaxTotal Decimal `json:"tax_total,omitempty"`
	// DiscountTotal is what discounts take off Total: DiscountSubtotal of the
	// price, and DiscountTaxTotal of the taxes.
	DiscountTotal    Decimal `json:"discount_total,omitempty"`
	DiscountSubtotal Decimal `json:"discount_subtotal,omitempty"`
	DiscountTaxTotal Decimal `json:"discount_tax_total,omitempty"`
	// The original amounts are before discounts: with taxes, without, and the
	// taxes.
	OriginalTotal    Decimal `json:"original_total,omitempty"`
	OriginalSubtotal Decimal `json:"original_subtotal,omitempty"`
	OriginalTaxTotal Decimal `json:"original_tax_total,omitempty"`
	// RefundableTotal is what could be paid back for all that is not being
	// returned, with taxes, after discounts.
	RefundableTotal        Decimal `json:"refundable_total,omitempty"`
	RefundableTotalPerUnit Decimal `json:"refundable_total_per_unit,omitempty"`
	// The next six are what the quantities of the same name in Detail cost,
	// with taxes, after discounts.
	FulfilledTotal       Decimal `json:"fulfilled_total,omitempty"`
	ShippedTotal         Decimal `json:"shipped_total,omitempty"`
	ReturnRequestedTotal Decimal `json:"return_requested_total,omitempty"`
	ReturnReceivedTotal  Decimal `json:"return_received_total,omitempty"`
	ReturnDismissedTotal Decimal `json:"return_dismissed_total,omitempty"`
	WriteOffTotal        Decimal `json:"write_off_total,omitempty"`
	// CompareAtUnitPrice is a price to show crossed out beside UnitPrice.
	CompareAtUnitPrice Decimal   `json:"compare_at_unit_price,omitempty"`
	TaxLines           []TaxLine `json:"tax_lines,omitzero"`
	// Adjustments is an array of discounts, in the server's form.
	Adjustments json.RawMessage `json:"adjustments,omitzero"`
	ProductID   string          `json:"product_id,omitzero"`
	// ProductHandle is the product's name in URLs.
	ProductHandle      string `json:"product_handle,omitzero"`
	ProductSubtitle    string `json:"product_subtitle,omitzero"`
	ProductDescription string `json:"product_description,omitzero"`
	ProductCollection  string `json:"product_collection,omitzero"`
	ProductType        string `json:"product_type,omitzero"`
	ProductTypeID      string `json:"product_type_id,omitzero"`
	VariantSKU         string `json:"variant_sku,omitzero"`
	VariantBarcode     string `json:"variant_barcode,omitzero"`
	// VariantOptionValues is an object such as {"Size": "S"}, or null.
	VariantOptionValues json.RawMessage `json:"variant_option_values,omitzero"`
	// IsCustomPrice says that UnitPrice is not from a price list. The answers
	// to yes-or-no questions are nil if absent.
	IsCustomPrice  *bool `json:"is_custom_price,omitzero"`
	IsDiscountable *bool `json:"is_discountable,omitzero"`
	IsGiftcard     *bool `json:"is_giftcard,omitzero"`
	// IsTaxInclusive says whether UnitPrice includes taxes.
	IsTaxInclusive   *bool `json:"is_tax_inclusive,omitzero"`
	RequiresShipping *bool `json:"requires_shipping,omitzero"`
	// Metadata and LineItemMetadata are objects of the shop's own, or null.
	Metadata         json.RawMessage `json:"metadata,omitzero"`
	LineItemMetadata json.RawMessage `json:"line_item_metadata,omitzero"`
	CreatedAt        time.Time       `json:"created_at,omitzero"`
	UpdatedAt        time.Time       `json:"updated_at,omitzero"`
	DeletedAt        time.Time       `json:"deleted_at,omitzero"`
}

// LineItemDetail is how many of a [LineItem] were ordered, sent and returned.
// With [DefaultOrderGroupFields] it has a Quantity at most; the rest comes with
// Fields such as "*orders.items". All fields may be absent.
type LineItemDetail struct {
	// ID begins with "orditem_".
	ID string `json:"id,omitzero"`
	// ItemID and OrderID are the ids of the line and of its order.
	ItemID  string `json:"item_id,omitzero"`
	OrderID string `json:"order_id,omitzero"`
	// Version is that of the order that these numbers are of.
	Version int64 `json:"version,omitzero"`
	// Quantity is how many were ordered.
	Quantity Decimal `json:"quantity,omitempty"`
	// Fulfilled are those that were packed, and of these some were shipped and
	// delivered.
	FulfilledQuantity Decimal `json:"fulfilled_quantity,omitempty"`
	ShippedQuantity   Decimal `json:"shipped_quantity,omitempty"`
	DeliveredQuantity Decimal `json:"delivered_quantity,omitempty"`
	// Of what is returned, requested are those to come, received those that came
	// back into the stock, and dismissed those that came and did not.
	ReturnRequestedQuantity Decimal `json:"return_requested_quantity,omitempty"`
	ReturnReceivedQuantity  Decimal `json:"return_received_quantity,omitempty"`
	ReturnDismissedQuantity Decimal `json:"return_dismissed_quantity,omitempty"`
	WrittenOffQuantity      Decimal `json:"written_off_quantity,omitempty"`
	// UnitPrice and CompareAtUnitPrice are absent unless an edit of the order
	// changed those of the line.
	UnitPrice          Decimal `json:"unit_price,omitempty"`
	CompareAtUnitPrice Decimal `json:"compare_at_unit_price,omitempty"`
	// Metadata is an object of the shop's own, or null.
	Metadata  json.RawMessage `json:"metadata,omitzero"`
	CreatedAt time.Time       `json:"created_at,omitzero"`
	UpdatedAt time.Time       `json:"updated_at,omitzero"`
	DeletedAt time.Time       `json:"deleted_at,omitzero"`
}

// TaxLine is one tax on a [LineItem]. All fields may be absent.
type TaxLine struct {
	// ID begins with "ordlitxl_".
	ID     string `json:"id,omitzero"`
	ItemID string `json:"item_id,omitzero"`
	// Code and Description name the tax.
	Code        string `json:"code,omitzero"`
	Description string `json:"description,omitzero"`
	// ProviderID is who computed it: "system" is the server itself.
	ProviderID string `json:"provider_id,omitzero"`
	TaxRateID  string `json:"tax_rate_id,omitzero"`
	// Rate is in percent: "8.25".
	Rate Decimal `json:"rate,omitempty"`
	// Total is the amount of the tax, in major units of the order's currency;
	// Subtotal is what it would be before discounts.
	Subtotal  Decimal   `json:"subtotal,omitempty"`
	Total     Decimal   `json:"total,omitempty"`
	CreatedAt time.Time `json:"created_at,omitzero"`
	UpdatedAt time.Time `json:"updated_at,omitzero"`
	DeletedAt time.Time `json:"deleted_at,omitzero"`
}

// OrderSummary is what is to pay, paid and paid back on a [SellerOrder], in
// major units of the order's currency. All fields may be absent.
type OrderSummary struct {
	// OriginalOrderTotal is the total of the order as it was placed, and
	// CurrentOrderTotal the one after edits, returns and credits.
	OriginalOrderTotal Decimal `json:"original_order_total,omitempty"`
	CurrentOrderTotal  Decimal `json:"current_order_total,omitempty"`
	// AccountingTotal is for bookkeeping; servers were seen to send
	// CurrentOrderTotal under this name too.
	AccountingTotal Decimal `json:"accounting_total,omitempty"`
	// PaidTotal and RefundedTotal are both positive; TransactionTotal is the
	// one less the other.
	PaidTotal        Decimal `json:"paid_total,omitempty"`
	RefundedTotal    Decimal `json:"refunded_total,omitempty"`
	TransactionTotal Decimal `json:"transaction_total,omitempty"`
	// CreditLineTotal is what the customer was credited without a payment.
	CreditLineTotal Decimal `json:"credit_line_total,omitempty"`
	// PendingDifference is what is still to pay or, if negative, to pay back.
	PendingDifference Decimal `json:"pending_difference,omitempty"`
}

// Seller is a seller of the marketplace. All fields may be absent.
type Seller struct {
	// ID begins with "sel_".
	ID   string `json:"id,omitzero"`
	Name string `json:"name,omitzero"`
	// Handle is the seller's name in URLs: "cedar-books".
	Handle string `json:"handle,omitzero"`
	// Logo is a URL.
	Logo string `json:"logo,omitzero"`

	// Banner is a URL. It and all fields below come with Fields such as
	// "*orders.seller" only.
	Banner      string `json:"banner,omitzero"`
	Description string `json:"description,omitzero"`
	Email       string `json:"email,omitzero"`
	Phone       string `json:"phone,omitzero"`
	WebsiteURL  string `json:"website_url,omitzero"`
	// CurrencyCode is ISO 4217 in lower case: "usd".
	CurrencyCode string `json:"currency_code,omitzero"`
	// ExternalID is the seller's id in another system.
	ExternalID string `json:"external_id,omitzero"`
	// Status is "open" for a seller who sells; StatusReason says why one does
	// not.
	Status       string `json:"status,omitzero"`
	StatusReason string `json:"status_reason,omitzero"`
	// IsPremium is nil if absent.
	IsPremium *bool `json:"is_premium,omitzero"`
	// ClosedFrom and ClosedTo bound a time in which the seller is closed, as
	// the server writes it; ClosureNote says why.
	ClosedFrom  string `json:"closed_from,omitzero"`
	ClosedTo    string `json:"closed_to,omitzero"`
	ClosureNote string `json:"closure_note,omitzero"`
	// The next four are objects in the server's form, or null.
	Address             json.RawMessage `json:"address,omitzero"`
	PaymentDetails      json.RawMessage `json:"payment_details,omitzero"`
	ProfessionalDetails json.RawMessage `json:"professional_details,omitzero"`
	Metadata            json.RawMessage `json:"metadata,omitzero"`
	// ApprovedAt and RejectedAt are when the marketplace let the seller in, or
	// did not; zero for what has not happened.
	ApprovedAt time.Time `json:"approved_at,omitzero"`
	RejectedAt time.Time `json:"rejected_at,omitzero"`
	CreatedAt  time.Time `json:"created_at,omitzero"`
	UpdatedAt  time.Time `json:"updated_at,omitzero"`
	DeletedAt  time.Time `json:"deleted_at,omitzero"`
}

// ProductVariant is the variant that a [LineItem] was made from, as it is now.
// It comes with Fields such as "orders.items.variant.product.title".
type ProductVariant struct {
	// ID begins with "variant_", and ProductID with "prod_".
	ID        string   `json:"id,omitzero"`
	ProductID string   `json:"product_id,omitzero"`
	Product   *Product `json:"product,omitzero"`
}

// Product is the product of a [ProductVariant], as it is now.
type Product struct {
	// ID begins with "prod_".
	ID string `json:"id,omitzero"`
	// Handle is the product's name in URLs.
	Handle string `json:"handle,omitzero"`
	Title  string `json:"title,omitzero"`
	// Seller comes with Mercur 2.1.5's own default fields.
	Seller *Seller `json:"seller,omitzero"`
}

// PostalAddress is where a [SellerOrder] goes, or who pays for it. It comes
// with Fields such as "*orders.shipping_address". All fields may be absent.
type PostalAddress struct {
	// ID begins with "ordaddr_".
	ID         string `json:"id,omitzero"`
	CustomerID string `json:"customer_id,omitzero"`
	FirstName  string `json:"first_name,omitzero"`
	LastName   string `json:"last_name,omitzero"`
	Company    string `json:"company,omitzero"`
	// Address1 and Address2 are the lines with the street.
	Address1 string `json:"address_1,omitzero"`
	Address2 string `json:"address_2,omitzero"`
	City     string `json:"city,omitzero"`
	// Province is the state or region.
	Province   string `json:"province,omitzero"`
	PostalCode string `json:"postal_code,omitzero"`
	// CountryCode is ISO 3166 alpha-2 in lower case: "us".
	CountryCode string `json:"country_code,omitzero"`
	Phone       string `json:"phone,omitzero"`
	// Metadata is an object of the shop's own, or null.
	Metadata  json.RawMessage `json:"metadata,omitzero"`
	CreatedAt time.Time       `json:"created_at,omitzero"`
	UpdatedAt time.Time       `json:"updated_at,omitzero"`
	DeletedAt time.Time       `json:"deleted_at,omitzero"`
}

// Cart is the cart that an [OrderGroup] was made from.
type Cart struct {
	// ID begins with "cart_".
	ID string `json:"id,omitzero"`
	// CompletedAt is when it became an order group.
	CompletedAt time.Time `json:"completed_at,omitzero"`
}
