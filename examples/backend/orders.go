package main

import (
	"cmp"
	"net/http"
	"strconv"
	"time"

	"github.com/seed-2861b391/storeorders"
)

// list is a page of a list. NextOffset or NextPage asks for the one after it; the
// last page has neither.
type list struct {
	Items      []order `json:"items"`
	Count      int     `json:"count"` // on all pages
	NextOffset int     `json:"next_offset,omitempty"`
	NextPage   int     `json:"next_page,omitempty"`
}

// order is an order as this backend shows it, whichever shop it is from: a shape
// of its own, so that a shop's may change without it. Amounts are strings with
// the digits of the shop, because a browser would read numbers as floats. What
// the shop did not send is left out.
type order struct {
	ID       string    `json:"id,omitempty"`
	Number   int64     `json:"number,omitempty"`
	Created  time.Time `json:"created,omitzero"`
	Seller   string    `json:"seller,omitempty"`
	Status   string    `json:"status,omitempty"`
	Total    string    `json:"total,omitempty"`
	Currency string    `json:"currency,omitempty"`
	Items    []item    `json:"items,omitempty"`
	Orders   []order   `json:"orders,omitempty"` // of an order group, one a seller
}

type item struct {
	Title    string `json:"title"`
	Quantity string `json:"quantity,omitempty"`
	Price    string `json:"price,omitempty"` // of one
}

func viewOfGroup(group *storeorders.OrderGroup) order {
	view := order{ID: group.ID, Number: group.DisplayID, Created: group.CreatedAt, Total: group.Total.String()}
	for _, o := range group.Orders {
		// Without its ID, which opens the order to whoever has the publishable key.
		part := order{Status: string(o.Status), Total: o.Total.String(), Currency: o.CurrencyCode}
		if o.Seller != nil {
			part.Seller = o.Seller.Name
		}
		for _, i := range o.Items {
			part.Items = append(part.Items, item{i.Title, i.Quantity.String(), i.UnitPrice.String()})
		}
		view.Orders = append(view.Orders, part)
	}
	return view
}

func viewOfOrder(o *storeorders.Order) order {
	view := order{ID: o.ID, Number: o.Number, Created: o.CreatedAt, Status: string(o.Status), Total: o.Total.String()}
	for _, i := range o.Items {
		view.Items = append(view.Items, item{i.Name, i.Quantity.String(), i.Price.String()})
	}
	return view
}

func (b *backend) listOrderGroups(r *http.Request, as ...storeorders.RequestOption) (any, error) {
	limit, offset, err := pageOf(r, "offset")
	if err != nil {
		return nil, err
	}
	page, err := b.client.OrderGroups.List(r.Context(), &storeorders.OrderGroupListOptions{Limit: limit, Offset: offset}, as...)
	if err != nil {
		return nil, err
	}
	answer := list{Items: make([]order, len(page.Items)), Count: page.Count}
	for i := range page.Items {
		answer.Items[i] = viewOfGroup(&page.Items[i])
	}
	if next, more := page.Next(); more {
		answer.NextOffset = next.Offset
	}
	return answer, nil
}

func (b *backend) getOrderGroup(r *http.Request, as ...storeorders.RequestOption) (any, error) {
	group, err := b.client.OrderGroups.Get(r.Context(), r.PathValue("id"), nil, as...)
	if err != nil {
		return nil, err
	}
	return viewOfGroup(group), nil
}

func (b *backend) listOrders(r *http.Request, as ...storeorders.RequestOption) (any, error) {
	limit, number, err := pageOf(r, "page")
	if err != nil {
		return nil, err
	}
	options := &storeorders.OrderListOptions{Limit: limit, Page: number}
	for _, status := range r.URL.Query()["status"] {
		options.Status = append(options.Status, storeorders.OrderStatus(status))
	}
	page, err := b.client.Orders.List(r.Context(), options, as...)
	if err != nil {
		return nil, err
	}
	answer := list{Items: make([]order, len(page.Items)), Count: page.Total}
	for i := range page.Items {
		answer.Items[i] = viewOfOrder(&page.Items[i])
	}
	if next, more := page.Next(); more {
		answer.NextPage = next.Page
	}
	return answer, nil
}

func (b *backend) getOrder(r *http.Request, as ...storeorders.RequestOption) (any, error) {
	o, err := b.client.Orders.Get(r.Context(), r.PathValue("id"), as...)
	if err != nil {
		return nil, err
	}
	return viewOfOrder(o), nil
}

// pageOf is which page of a list is asked for, by its limit and its place.
// Nobody gets all at once; a negative number is the SDK's to refuse.
func pageOf(r *http.Request, place string) (limit, at int, err error) {
	const standard, most = 20, 100
	limit, badLimit := number(r, "limit", standard)
	at, badPlace := number(r, place, 0)
	return min(limit, most), at, cmp.Or(badLimit, badPlace)
}

func number(r *http.Request, name string, absent int) (int, error) {
	text := r.URL.Query().Get(name)
	if text == "" {
		return absent, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0, &storeorders.OptionError{Field: name, Reason: "is not a whole number"}
	}
	return n, nil
}
