package storeorderstest

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/seed-2861b391/storeorders"
)

const (
	salesivePrefix = "/api/v1"
	ordersPath     = "/orders"

	shopHeader = "X-Shop-Id"
)

// envelope is what every answer of Salesive is in.
type envelope struct {
	Status  int    `json:"status"`
	Success bool   `json:"success"`
	Message string `json:"message"`
	Data    any    `json:"data"`
}

func succeeded(message string, data any) envelope {
	return envelope{Status: http.StatusOK, Success: true, Message: message, Data: data}
}

func failed(status int, message string) envelope {
	return envelope{Status: status, Message: message, Data: struct{}{}}
}

func (s *Server) serveSalesive(w http.ResponseWriter, r *http.Request, path string) {
	answer := s.salesive(r, path)
	writeJSON(w, answer.Status, answer)
}

func (s *Server) salesive(r *http.Request, path string) envelope {
	rest, ok := cutSegments(path, ordersPath)
	id := strings.Trim(rest, "/")
	if !ok || !reads(r) || strings.Contains(id, "/") {
		return failed(http.StatusNotFound, "Route not found")
	}
	shopper, ok := s.shopperOf(bearer(r))
	if !ok {
		return failed(http.StatusUnauthorized, "Unauthorized")
	}
	if shop := r.Header.Get(shopHeader); shop != "" && shop != s.ShopID {
		return failed(http.StatusNotFound, "Shop not found")
	}
	if id == "" {
		return s.listOrders(shopper, r.URL.Query())
	}
	return s.getOrder(shopper, id)
}

func (s *Server) getOrder(shopper, escapedID string) envelope {
	id, err := url.PathUnescape(escapedID)
	if err != nil {
		id = escapedID
	}
	order, found := s.order(id)
	switch {
	case !found:
		return failed(http.StatusNotFound, "Order not found")
	case order.shopper != shopper || order.shop != s.ShopID:
		return failed(http.StatusForbidden, "Access denied")
	default:
		return succeeded("Order retrieved", order.json)
	}
}

func (s *Server) listOrders(shopper string, query url.Values) envelope {
	filter, err := parseOrderFilter(query)
	if err != nil {
		return failed(http.StatusBadRequest, err.Error())
	}

	orders := slices.DeleteFunc(s.ordersOf(shopper), func(o *order) bool {
		return o.shop != s.ShopID || !filter.match(o)
	})
	slices.SortFunc(orders, func(a, b *order) int {
		return cmp.Or(b.created.Compare(a.created), strings.Compare(b.id, a.id))
	})
	total := int64(len(orders))
	pages := (total + filter.limit - 1) / filter.limit
	page := []json.RawMessage{}
	if filter.page <= pages {
		start := (filter.page - 1) * filter.limit
		for _, order := range orders[start:min(start+filter.limit, total)] {
			page = append(page, order.json)
		}
	}

	type pagination struct {
		Page  int64 `json:"page"`
		Limit int64 `json:"limit"`
		Total int64 `json:"total"`
		Pages int64 `json:"pages"`
	}
	return succeeded("Orders retrieved successfully", struct {
		Orders     []json.RawMessage `json:"orders"`
		Pagination pagination        `json:"pagination"`
	}{page, pagination{filter.page, filter.limit, total, pages}})
}

// orderFilter is what the parameters of a list ask for. A list, a number or a
// total that is empty was not asked for.
type orderFilter struct {
	statuses           []string
	number             *int64
	minTotal, maxTotal storeorders.Decimal
	from, to           time.Time
	page, limit        int64
}

func parseOrderFilter(query url.Values) (orderFilter, error) {
	q := orderQuery{values: query}
	filter := orderFilter{
		statuses: q.statuses(),
		number:   q.integer("orderId"),
		minTotal: q.number("minTotal"),
		maxTotal: q.number("maxTotal"),
		from:     q.time("from", time.Time{}),
		to:       q.time("to", time.Date(10000, time.January, 1, 0, 0, 0, 0, time.UTC)),
		page:     q.count("page", 1),
		limit:    q.count("limit", 10),
	}
	q.refuseUnknown()
	return filter, q.err
}

func (f orderFilter) match(o *order) bool {
	return (len(f.statuses) == 0 || slices.Contains(f.statuses, string(o.status))) &&
		(f.number == nil || *f.number == o.number) &&
		(f.minTotal == "" || f.minTotal.Cmp(o.total) <= 0) &&
		(f.maxTotal == "" || f.maxTotal.Cmp(o.total) >= 0) &&
		!o.created.Before(f.from) && !o.created.After(f.to)
}

// orderQuery reads the parameters of a list as a Joi schema does. It keeps the
// first error.
type orderQuery struct {
	values url.Values
	err    error
}

func (q *orderQuery) fail(name, problem string) {
	if q.err == nil {
		q.err = fmt.Errorf("%q %s", name, problem)
	}
}

// take returns the one value of the parameter, "" and false if there is none.
func (q *orderQuery) take(name, wanted string) (string, bool) {
	values, given := q.values[name]
	delete(q.values, name)
	if len(values) > 1 {
		q.fail(name, wanted)
		return "", false
	}
	if !given {
		return "", false
	}
	return values[0], true
}

func (q *orderQuery) statuses() []string {
	statuses := slices.Concat(q.values["status"], q.values["status[]"])
	delete(q.values, "status")
	delete(q.values, "status[]")
	for _, status := range statuses {
		if !storeorders.OrderStatus(status).Known() {
			q.fail("status", "must be one of [pending, processing, paid, completed, cancelled, refunded]")
		}
	}
	return statuses
}

func (q *orderQuery) number(name string) storeorders.Decimal {
	text, given := q.take(name, "must be a number")
	number := storeorders.Decimal(text)
	if given && !number.Valid() {
		q.fail(name, "must be a number")
	}
	return number
}

// maxSafeInteger is the greatest integer up to which JavaScript has them all.
const maxSafeInteger = 1<<53 - 1

func (q *orderQuery) integer(name string) *int64 {
	number := q.number(name)
	if number == "" {
		return nil
	}
	n, err := strconv.ParseInt(number.String(), 10, 64)
	switch {
	case errors.Is(err, strconv.ErrRange), n > maxSafeInteger, n < -maxSafeInteger:
		q.fail(name, "must be a safe number")
	case err != nil:
		q.fail(name, "must be an integer")
	}
	return &n
}

// count reads an integer of 1 or more.
func (q *orderQuery) count(name string, absent int64) int64 {
	n := q.integer(name)
	if n == nil {
		return absent
	}
	if *n < 1 {
		q.fail(name, "must be greater than or equal to 1")
	}
	return *n
}

func (q *orderQuery) time(name string, absent time.Time) time.Time {
	const wanted = "must be in ISO 8601 date format"
	text, given := q.take(name, wanted)
	if !given {
		return absent
	}
	t, ok := parseTime(text)
	if !ok {
		q.fail(name, wanted)
	}
	// A JavaScript date has milliseconds.
	return t.Truncate(time.Millisecond)
}

// refuseUnknown refuses what nobody took.
func (q *orderQuery) refuseUnknown() {
	for _, name := range slices.Sorted(maps.Keys(q.values)) {
		q.fail(name, "is not allowed")
	}
}
