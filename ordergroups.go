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
		start.ID = unique(start.ID)
	}
	if len(start.ID) <= maxIDs {
		return walk.all(ctx, start)
	}
	err := start.check()
	if err == nil && start.Offset != 0 {
		err = &OptionError{"Offset", "cannot be used with more than 20 IDs, which are asked for in batches; leave it 0"}
	}
	if err != nil {
		return failed[*OrderGroup](&PageError{-1, -1, err})
	}
	var batches []OrderGroupListOptions
	for ids := range slices.Chunk(start.ID, maxIDs) {
		batch := start
		batch.ID = ids
		batches = append(batches, batch)
	}
	return walk.all(ctx, batches...)
}

// Get reads one order group. Another shopper's group is [ErrNotFound], as is
// one that does not exist. nil options ask for [DefaultOrderGroupFields].
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
// value asks for the server's first page of all of them, newest first.
type OrderGroupListOptions struct {
	// Limit is the page size. 0: the server's default (50) for List and
	// Pages, 100 for All.
	Limit int `url:"limit,omitempty"`
	// Offset is how many to pass over; also where to resume.
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
	// Mercur 2.1.5 and 2.3.1 leave out quantities and send wrong totals.
	Fields []string `url:"fields,comma,omitempty"`
	// ID asks for these groups only. nil: all; an empty list is refused. Ids
	// that are not the shopper's are left out by the server. Up to 20 for
	// List and Pages; All takes any number.
	ID []string `url:"id,omitempty"`
	// CreatedAt and UpdatedAt bound when a group was made and last changed.
	// Bounds that exclude each other match nothing.
	CreatedAt TimeFilter `url:"created_at"`
	UpdatedAt TimeFilter `url:"updated_at"`
}

// OrderGroupGetOptions say what to send of an order group.
type OrderGroupGetOptions struct {
	// Fields are as in [OrderGroupListOptions].
	Fields []string `url:"fields,comma,omitempty"`
}

// SortOrder is the order of a list of order groups. Mercur sorts by these two
// timestamps only, and breaks no ties.
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
// right on all of them.
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
		return &OptionError{"Order", "is none of the four constants; the server would accept other names and ignore them"}
	}
	for _, id := range o.ID {
		if err := checkID("ID", id); err != nil {
			return err
		}
	}
	return firstError(
		checkNumber("Limit", o.Limit),
		checkNumber("Offset", o.Offset),
		checkFields(o.Fields),
		checkList("ID", o.ID),
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
	// server read them.
	Count, Offset, Limit int
	Response             *Response

	options OrderGroupListOptions // that it was asked for with
	alone   bool                  // All's: it has its groups in apart, not in Items
	apart   []*OrderGroup
}

// Next returns the options of the page after this one, and whether there is
// one. They are plain values: stored as JSON, they go on in another process.
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
	// DisplayID is the number that people see.
	DisplayID  int64  `json:"display_id,omitzero"`
	CustomerID string `json:"customer_id,omitzero"`
	CartID     string `json:"cart_id,omitzero"`
	// SellerCount is how many sellers have an order in the group.
	SellerCount Decimal `json:"seller_count,omitempty"`
	// Total is the sum of the orders in major units of their currency, which
	// is on the orders. Canceled orders still count.
	Total     Decimal   `json:"total,omitempty"`
	CreatedAt time.Time `json:"created_at,omitzero"`
	UpdatedAt time.Time `json:"updated_at,omitzero"`
	DeletedAt time.Time `json:"deleted_at,omitzero"`
	// Orders are the orders of the group, one a seller, in no promised order.
	Orders []SellerOrder `json:"orders,omitzero"`
	Cart   *Cart         `json:"cart,omitzero"`

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
	ID              string            `json:"id,omitzero"`
	DisplayID       int64             `json:"display_id,omitzero"`
	CustomDisplayID string            `json:"custom_display_id,omitzero"`
	Version         int64             `json:"version,omitzero"`
	Status          SellerOrderStatus `json:"status,omitzero"`
	// PaymentStatus and FulfillmentStatus are documented, but no server was
	// seen to send them on this route.
	PaymentStatus     string `json:"payment_status,omitzero"`
	FulfillmentStatus string `json:"fulfillment_status,omitzero"`
	// CurrencyCode is ISO 4217 in lower case: "usd".
	CurrencyCode   string        `json:"currency_code,omitzero"`
	Total          Decimal       `json:"total,omitempty"`
	Subtotal       Decimal       `json:"subtotal,omitempty"`
	ItemTotal      Decimal       `json:"item_total,omitempty"`
	ShippingTotal  Decimal       `json:"shipping_total,omitempty"`
	TaxTotal       Decimal       `json:"tax_total,omitempty"`
	DiscountTotal  Decimal       `json:"discount_total,omitempty"`
	OriginalTotal  Decimal       `json:"original_total,omitempty"`
	Summary        *OrderSummary `json:"summary,omitzero"`
	Items          []LineItem    `json:"items,omitzero"`
	Seller         *Seller       `json:"seller,omitzero"`
	CustomerID     string        `json:"customer_id,omitzero"`
	Email          string        `json:"email,omitzero"`
	RegionID       string        `json:"region_id,omitzero"`
	SalesChannelID string        `json:"sales_channel_id,omitzero"`
	Locale         string        `json:"locale,omitzero"`
	// SellerID is documented, but no server was seen to send it: see Seller.
	SellerID          string          `json:"seller_id,omitzero"`
	ShippingAddressID string          `json:"shipping_address_id,omitzero"`
	ShippingAddress   *PostalAddress  `json:"shipping_address,omitzero"`
	BillingAddressID  string          `json:"billing_address_id,omitzero"`
	BillingAddress    *PostalAddress  `json:"billing_address,omitzero"`
	IsDraftOrder      *bool           `json:"is_draft_order,omitzero"`
	NoNotification    *bool           `json:"no_notification,omitzero"`
	Metadata          json.RawMessage `json:"metadata,omitzero"`
	CreatedAt         time.Time       `json:"created_at,omitzero"`
	UpdatedAt         time.Time       `json:"updated_at,omitzero"`
	CanceledAt        time.Time       `json:"canceled_at,omitzero"`
	DeletedAt         time.Time       `json:"deleted_at,omitzero"`
}

// SellerOrderStatus is where a [SellerOrder] stands. It is open: a server may
// send a status that this version does not know.
type SellerOrderStatus string

// The statuses that Medusa documents.
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
	ID           string `json:"id,omitzero"`
	Title        string `json:"title,omitzero"`
	Subtitle     string `json:"subtitle,omitzero"`
	Thumbnail    string `json:"thumbnail,omitzero"`
	ProductTitle string `json:"product_title,omitzero"`
	VariantTitle string `json:"variant_title,omitzero"`
	// Quantity may be a fraction. Mercur 2.1.5 and 2.3.1 leave it out unless
	// Detail's is asked for too, as [DefaultOrderGroupFields] does.
	Quantity  Decimal         `json:"quantity,omitempty"`
	Detail    *LineItemDetail `json:"detail,omitzero"`
	UnitPrice Decimal         `json:"unit_price,omitempty"`
	Total     Decimal         `json:"total,omitempty"`
	VariantID string          `json:"variant_id,omitzero"`
	// Variant is absent once the seller has deleted the product.
	Variant *ProductVariant `json:"variant,omitzero"`

	// The rest comes with Fields such as "*orders.items".

	Subtotal               Decimal         `json:"subtotal,omitempty"`
	TaxTotal               Decimal         `json:"tax_total,omitempty"`
	DiscountTotal          Decimal         `json:"discount_total,omitempty"`
	DiscountSubtotal       Decimal         `json:"discount_subtotal,omitempty"`
	DiscountTaxTotal       Decimal         `json:"discount_tax_total,omitempty"`
	OriginalTotal          Decimal         `json:"original_total,omitempty"`
	OriginalSubtotal       Decimal         `json:"original_subtotal,omitempty"`
	OriginalTaxTotal       Decimal         `json:"original_tax_total,omitempty"`
	RefundableTotal        Decimal         `json:"refundable_total,omitempty"`
	RefundableTotalPerUnit Decimal         `json:"refundable_total_per_unit,omitempty"`
	FulfilledTotal         Decimal         `json:"fulfilled_total,omitempty"`
	ShippedTotal           Decimal         `json:"shipped_total,omitempty"`
	ReturnRequestedTotal   Decimal         `json:"return_requested_total,omitempty"`
	ReturnReceivedTotal    Decimal         `json:"return_received_total,omitempty"`
	ReturnDismissedTotal   Decimal         `json:"return_dismissed_total,omitempty"`
	WriteOffTotal          Decimal         `json:"write_off_total,omitempty"`
	CompareAtUnitPrice     Decimal         `json:"compare_at_unit_price,omitempty"`
	TaxLines               []TaxLine       `json:"tax_lines,omitzero"`
	Adjustments            json.RawMessage `json:"adjustments,omitzero"`
	ProductID              string          `json:"product_id,omitzero"`
	ProductHandle          string          `json:"product_handle,omitzero"`
	ProductSubtitle        string          `json:"product_subtitle,omitzero"`
	ProductDescription     string          `json:"product_description,omitzero"`
	ProductCollection      string          `json:"product_collection,omitzero"`
	ProductType            string          `json:"product_type,omitzero"`
	ProductTypeID          string          `json:"product_type_id,omitzero"`
	VariantSKU             string          `json:"variant_sku,omitzero"`
	VariantBarcode         string          `json:"variant_barcode,omitzero"`
	VariantOptionValues    json.RawMessage `json:"variant_option_values,omitzero"`
	IsCustomPrice          *bool           `json:"is_custom_price,omitzero"`
	IsDiscountable         *bool           `json:"is_discountable,omitzero"`
	IsGiftcard             *bool           `json:"is_giftcard,omitzero"`
	IsTaxInclusive         *bool           `json:"is_tax_inclusive,omitzero"`
	RequiresShipping       *bool           `json:"requires_shipping,omitzero"`
	Metadata               json.RawMessage `json:"metadata,omitzero"`
	LineItemMetadata       json.RawMessage `json:"line_item_metadata,omitzero"`
	CreatedAt              time.Time       `json:"created_at,omitzero"`
	UpdatedAt              time.Time       `json:"updated_at,omitzero"`
	DeletedAt              time.Time       `json:"deleted_at,omitzero"`
}

// LineItemDetail is how many of a [LineItem] were ordered, sent and returned.
type LineItemDetail struct {
	ID                      string          `json:"id,omitzero"`
	ItemID                  string          `json:"item_id,omitzero"`
	OrderID                 string          `json:"order_id,omitzero"`
	Version                 int64           `json:"version,omitzero"`
	Quantity                Decimal         `json:"quantity,omitempty"`
	FulfilledQuantity       Decimal         `json:"fulfilled_quantity,omitempty"`
	ShippedQuantity         Decimal         `json:"shipped_quantity,omitempty"`
	DeliveredQuantity       Decimal         `json:"delivered_quantity,omitempty"`
	ReturnRequestedQuantity Decimal         `json:"return_requested_quantity,omitempty"`
	ReturnReceivedQuantity  Decimal         `json:"return_received_quantity,omitempty"`
	ReturnDismissedQuantity Decimal         `json:"return_dismissed_quantity,omitempty"`
	WrittenOffQuantity      Decimal         `json:"written_off_quantity,omitempty"`
	UnitPrice               Decimal         `json:"unit_price,omitempty"`
	CompareAtUnitPrice      Decimal         `json:"compare_at_unit_price,omitempty"`
	Metadata                json.RawMessage `json:"metadata,omitzero"`
	CreatedAt               time.Time       `json:"created_at,omitzero"`
	UpdatedAt               time.Time       `json:"updated_at,omitzero"`
	DeletedAt               time.Time       `json:"deleted_at,omitzero"`
}

// TaxLine is one tax on a [LineItem]. Rate is in percent: "8.25".
type TaxLine struct {
	ID          string    `json:"id,omitzero"`
	ItemID      string    `json:"item_id,omitzero"`
	Code        string    `json:"code,omitzero"`
	Description string    `json:"description,omitzero"`
	ProviderID  string    `json:"provider_id,omitzero"`
	TaxRateID   string    `json:"tax_rate_id,omitzero"`
	Rate        Decimal   `json:"rate,omitempty"`
	Subtotal    Decimal   `json:"subtotal,omitempty"`
	Total       Decimal   `json:"total,omitempty"`
	CreatedAt   time.Time `json:"created_at,omitzero"`
	UpdatedAt   time.Time `json:"updated_at,omitzero"`
	DeletedAt   time.Time `json:"deleted_at,omitzero"`
}

// OrderSummary is what is to pay, paid and paid back on a [SellerOrder].
type OrderSummary struct {
	OriginalOrderTotal Decimal `json:"original_order_total,omitempty"`
	CurrentOrderTotal  Decimal `json:"current_order_total,omitempty"`
	AccountingTotal    Decimal `json:"accounting_total,omitempty"`
	PaidTotal          Decimal `json:"paid_total,omitempty"`
	RefundedTotal      Decimal `json:"refunded_total,omitempty"`
	TransactionTotal   Decimal `json:"transaction_total,omitempty"`
	CreditLineTotal    Decimal `json:"credit_line_total,omitempty"`
	PendingDifference  Decimal `json:"pending_difference,omitempty"`
}

// Seller is a seller of the marketplace.
type Seller struct {
	// ID begins with "sel_".
	ID     string `json:"id,omitzero"`
	Name   string `json:"name,omitzero"`
	Handle string `json:"handle,omitzero"`
	// Logo is a URL.
	Logo string `json:"logo,omitzero"`

	// The rest comes with Fields such as "*orders.seller".

	Banner              string          `json:"banner,omitzero"`
	Description         string          `json:"description,omitzero"`
	Email               string          `json:"email,omitzero"`
	Phone               string          `json:"phone,omitzero"`
	WebsiteURL          string          `json:"website_url,omitzero"`
	CurrencyCode        string          `json:"currency_code,omitzero"`
	ExternalID          string          `json:"external_id,omitzero"`
	Status              string          `json:"status,omitzero"`
	StatusReason        string          `json:"status_reason,omitzero"`
	IsPremium           *bool           `json:"is_premium,omitzero"`
	ClosedFrom          string          `json:"closed_from,omitzero"`
	ClosedTo            string          `json:"closed_to,omitzero"`
	ClosureNote         string          `json:"closure_note,omitzero"`
	Address             json.RawMessage `json:"address,omitzero"`
	PaymentDetails      json.RawMessage `json:"payment_details,omitzero"`
	ProfessionalDetails json.RawMessage `json:"professional_details,omitzero"`
	Metadata            json.RawMessage `json:"metadata,omitzero"`
	ApprovedAt          time.Time       `json:"approved_at,omitzero"`
	RejectedAt          time.Time       `json:"rejected_at,omitzero"`
	CreatedAt           time.Time       `json:"created_at,omitzero"`
	UpdatedAt           time.Time       `json:"updated_at,omitzero"`
	DeletedAt           time.Time       `json:"deleted_at,omitzero"`
}

// ProductVariant is the variant that a [LineItem] was made from, as it is now.
type ProductVariant struct {
	ID        string   `json:"id,omitzero"`
	ProductID string   `json:"product_id,omitzero"`
	Product   *Product `json:"product,omitzero"`
}

// Product is the product of a [ProductVariant], as it is now.
type Product struct {
	ID     string `json:"id,omitzero"`
	Handle string `json:"handle,omitzero"`
	Title  string `json:"title,omitzero"`
	// Seller comes with Mercur 2.1.5's own default fields.
	Seller *Seller `json:"seller,omitzero"`
}

// PostalAddress is where a [SellerOrder] goes, or who pays for it. It comes
// with Fields such as "*orders.shipping_address".
type PostalAddress struct {
	ID         string `json:"id,omitzero"`
	CustomerID string `json:"customer_id,omitzero"`
	FirstName  string `json:"first_name,omitzero"`
	LastName   string `json:"last_name,omitzero"`
	Company    string `json:"company,omitzero"`
	Address1   string `json:"address_1,omitzero"`
	Address2   string `json:"address_2,omitzero"`
	City       string `json:"city,omitzero"`
	Province   string `json:"province,omitzero"`
	PostalCode string `json:"postal_code,omitzero"`
	// CountryCode is ISO 3166 alpha-2 in lower case: "us".
	CountryCode string          `json:"country_code,omitzero"`
	Phone       string          `json:"phone,omitzero"`
	Metadata    json.RawMessage `json:"metadata,omitzero"`
	CreatedAt   time.Time       `json:"created_at,omitzero"`
	UpdatedAt   time.Time       `json:"updated_at,omitzero"`
	DeletedAt   time.Time       `json:"deleted_at,omitzero"`
}

// Cart is the cart that an [OrderGroup] was made from.
type Cart struct {
	ID          string    `json:"id,omitzero"`
	CompletedAt time.Time `json:"completed_at,omitzero"`
}
