package storeorderstest

import (
	"net/http"
	"time"
)

// SalesiveCase is a request for which Salesive documents no status: see
// [WithSalesiveStatus].
type SalesiveCase int

// The cases, with their default status and others that a server may have.
const (
	MissingShop      SalesiveCase = iota // default 200: there is one shop, and that is served; or 400, 404: no x-shop-id
	WrongShop                            // default 404: an x-shop-id that is not the server's; or 500
	GuestShopper                         // default 200: a guest's orders are listed, none as a rule; or 401, 403
	ForeignOrder                         // default 403: the id of another shopper's or another shop's order; or 404
	MalformedID                          // default 404: an id that no order has, and not 24 hexadecimal digits; or 400
	UnknownParameter                     // default 400: a parameter or a member of a body that is not documented; or 200: ignored
	InvalidValue                         // default 400: a parameter's value of the wrong form, or a second one; or 200: ignored; or 422
	UnknownStatus                        // default 400: status=lost; or 200: ignored
	CompletedStatus                      // default 200: status=completed, which not all pages document; or 400
	CrossedBounds                        // default 200: an empty list where minTotal > maxTotal or from > to; or 400
	LimitAboveMax                        // default 200: the limit is lowered to that of WithSalesiveMaxLimit; or 400
	PagePastEnd                          // default 200: an empty list with that page's number; or 404
)

// WithSalesiveStatus sets what Salesive answers in the case: an error status
// refuses the request, one below 400 lets it go on. Each [SalesiveCase] names
// its default.
func WithSalesiveStatus(c SalesiveCase, status int) Option {
	return optionFunc(func(s *Server) { s.salesive.statuses[c] = status })
}

// WithSalesiveExclusiveTimes makes from and to, by default inclusive, exclusive:
// an order of that very instant is left out. minTotal and maxTotal are inclusive
// in any case.
func WithSalesiveExclusiveTimes() Option {
	return optionFunc(func(s *Server) { s.salesive.exclusiveTimes = true })
}

// WithSalesiveSubtotalFilter compares minTotal and maxTotal, by default with the
// total, with the subtotal. There are pages that document the one and pages that
// document the other.
func WithSalesiveSubtotalFilter() Option {
	return optionFunc(func(s *Server) { s.salesive.subtotalFilter = true })
}

// WithSalesiveOldestFirst turns the sort around: it is by createdAt, then by
// _id, by default both descending, and now both ascending.
func WithSalesiveOldestFirst() Option {
	return optionFunc(func(s *Server) { s.salesive.oldestFirst = true })
}

// WithSalesiveMaxLimit sets the greatest limit, by default none, which is 0.
// For coupons, Salesive documents one of 100. See [LimitAboveMax].
func WithSalesiveMaxLimit(n int64) Option {
	return optionFunc(func(s *Server) { s.salesive.maxLimit = n })
}

// WithSalesivePagesOfNone sets how many pages an empty list counts, by default
// 0. A server may say 1.
func WithSalesivePagesOfNone(n int64) Option {
	return optionFunc(func(s *Server) { s.salesive.pagesOfNone = n })
}

// WithSalesiveReferences sets how user, shop, payment, shipment and coupon of
// an order, and product, variant and service of its items, are sent, by default
// [ReferencesAsAdded].
func WithSalesiveReferences(form References) Option {
	return optionFunc(func(s *Server) { s.salesive.references = form })
}

// References is a form in which references are sent.
type References int

// The forms of references.
const (
	ReferencesAsAdded   References = iota // as the data has them, each in its own form
	ReferencesAsIDs                       // "68e5…": the id of an object, too
	ReferencesAsObjects                   // {"_id": "68e5…"}, with the name of a product and of the shopper
	ReferencesAsNull                      // null, also those that the data does not have
)

// WithSalesiveNoStatus leaves status, which is sent by default, out of the
// orders, as a newer page of the documentation does. The filter still works.
func WithSalesiveNoStatus() Option {
	return optionFunc(func(s *Server) { s.salesive.noStatus = true })
}

// WithSalesiveTokenLifetime sets how long a token of Salesive is good, by
// default 30 days. A lifetime of zero or less makes tokens that have expired
// when they come. The tokens of a fixture do not expire.
func WithSalesiveTokenLifetime(lifetime time.Duration) Option {
	return optionFunc(func(s *Server) { s.salesive.tokenLifetime = lifetime })
}

// WithTwoOrigins gives Salesive, by default on the origin of Mercur, one of its
// own: another port, or the host "salesive.storeorders.test" where there is no
// socket; see [Server.SalesiveURL]. Each origin answers its own API only.
func WithTwoOrigins() Option {
	return optionFunc(func(s *Server) { s.salesive.ownOrigin = true })
}

// salesiveChoices are the options of Salesive.
type salesiveChoices struct {
	ownOrigin      bool
	statuses       map[SalesiveCase]int
	exclusiveTimes bool
	subtotalFilter bool
	oldestFirst    bool
	maxLimit       int64
	pagesOfNone    int64
	references     References
	noStatus       bool
	tokenLifetime  time.Duration
}

func defaultSalesiveChoices() salesiveChoices {
	return salesiveChoices{
		statuses: map[SalesiveCase]int{
			MissingShop:      http.StatusOK,
			WrongShop:        http.StatusNotFound,
			GuestShopper:     http.StatusOK,
			ForeignOrder:     http.StatusForbidden,
			MalformedID:      http.StatusNotFound,
			UnknownParameter: http.StatusBadRequest,
			InvalidValue:     http.StatusBadRequest,
			UnknownStatus:    http.StatusBadRequest,
			CompletedStatus:  http.StatusOK,
			CrossedBounds:    http.StatusOK,
			LimitAboveMax:    http.StatusOK,
			PagePastEnd:      http.StatusOK,
		},
		tokenLifetime: 30 * 24 * time.Hour,
	}
}

// refusal is the answer in the case, and whether it is one that refuses.
func (c *salesiveChoices) refusal(of SalesiveCase, message string) (envelope, bool) {
	status := c.statuses[of]
	if status == http.StatusUnauthorized {
		message = "Unauthorized"
	}
	return failed(status, message), status >= http.StatusBadRequest
}
