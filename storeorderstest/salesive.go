package storeorderstest

import (
	"cmp"
	"context"
	"encoding/hex"
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
	answer := s.answerSalesive(r, path)
	writeJSON(w, answer.Status, answer)
}

func noSalesiveRoute() envelope { return failed(http.StatusNotFound, "Route not found") }

func (s *Server) answerSalesive(r *http.Request, path string) envelope {
	if route, ok := salesiveAuthRoute(path); ok {
		return s.salesiveAuth(r, route)
	}
	rest, ok := cutSegments(path, ordersPath)
	id := strings.Trim(rest, "/")
	if !ok || !reads(r) || strings.Contains(id, "/") {
		return noSalesiveRoute()
	}
	shopper, _, ok := s.shopperOf(bearer(r))
	if !ok {
		return failed(http.StatusUnauthorized, "Unauthorized")
	}
	if refusal, refused := s.checkShop(r); refused {
		return refusal
	}
	if shopper.Guest {
		if refusal, refused := s.salesive.refusal(GuestShopper, "Access denied"); refused {
			return refusal
		}
	}
	if id == "" {
		return s.listOrders(r.Context(), shopper, r.URL.Query())
	}
	return s.getOrder(shopper, id)
}

func (s *Server) checkShop(r *http.Request) (refusal envelope, refused bool) {
	switch r.Header.Get(shopHeader) {
	case s.ShopID:
		return envelope{}, false
	case "":
		return s.salesive.refusal(MissingShop, "Shop not found")
	default:
		return s.salesive.refusal(WrongShop, "Shop not found")
	}
}

func (s *Server) getOrder(shopper *Shopper, escapedID string) envelope {
	id, err := url.PathUnescape(escapedID)
	if err != nil {
		id = escapedID
	}
	order, found := s.order(id)
	if !found && !isObjectID(id) {
		if refusal, refused := s.orderRefusal(MalformedID, `"id" must be a valid ObjectId`); refused {
			return refusal
		}
	}
	if !found {
		return failed(http.StatusNotFound, orderNotFound)
	}
	if order.shopper != shopper.ID || order.shop != s.ShopID {
		if refusal, refused := s.orderRefusal(ForeignOrder, "Access denied"); refused {
			return refusal
		}
	}
	return succeeded("Order retrieved", s.sentOrder(order, shopper))
}

const orderNotFound = "Order not found"

// orderRefusal has the message, but does not tell that there is such an order
// where the status is that of one that is not there.
func (s *Server) orderRefusal(of SalesiveCase, message string) (refusal envelope, refused bool) {
	if s.salesive.statuses[of] == http.StatusNotFound {
		message = orderNotFound
	}
	return s.salesive.refusal(of, message)
}

// isObjectID reports whether the id is one of MongoDB's.
func isObjectID(id string) bool {
	_, err := hex.DecodeString(id)
	return err == nil && len(id) == 24
}

func (s *Server) listOrders(ctx context.Context, shopper *Shopper, query url.Values) envelope {
	filter, refusal := s.parseOrderFilter(query)
	if refusal != nil {
		return *refusal
	}

	orders := slices.DeleteFunc(s.ordersOf(shopper.ID), func(o *order) bool {
		return o.shop != s.ShopID || !filter.match(o)
	})
	byTime := func(a, b *order) int { return b.created.Compare(a.created) }
	slices.SortFunc(orders, func(a, b *order) int {
		if s.salesive.oldestFirst {
			a, b = b, a
		}
		return cmp.Or(byTime(a, b), strings.Compare(b.id, a.id))
	})
	shuffleTies(ctx, orders, byTime)
	count := int64(len(orders))
	sent := []json.RawMessage{}
	if start := (filter.page - 1) * filter.limit; filter.page <= (count+filter.limit-1)/filter.limit {
		for _, order := range orders[start:min(start+filter.limit, count)] {
			sent = append(sent, s.sentOrder(order, shopper))
		}
	}
	total := int64(toldCount(ctx, len(orders)))
	pages := (total + filter.limit - 1) / filter.limit
	if total == 0 {
		pages = s.salesive.pagesOfNone
	}
	if filter.page > max(pages, 1) {
		if refusal, refused := s.salesive.refusal(PagePastEnd, "Page not found"); refused {
			return refusal
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
	}{sent, pagination{filter.page, filter.limit, total, pages}})
}

// sentOrder returns the order as the options have it sent.
func (s *Server) sentOrder(o *order, shopper *Shopper) json.RawMessage {
	if s.salesive.references == ReferencesAsAdded && !s.salesive.noStatus {
		return o.json
	}
	object := decodeObject(o.json)
	if s.salesive.noStatus {
		delete(object, "status")
	}
	refer(object, s.salesive.references, shopper.Name, "user")
	refer(object, s.salesive.references, "", "shop", "payment", "shipment", "coupon")
	items, _ := object["items"].([]any)
	for _, item := range items {
		if item, ok := item.(map[string]any); ok {
			name, _ := item["name"].(string)
			refer(item, s.salesive.references, name, "product", "variant", "service")
		}
	}
	return encode(object)
}

// refer gives the references among the members of the object the form. The
// name, if there is one, goes into the objects that are made of ids.
func refer(object map[string]any, form References, name string, members ...string) {
	for _, member := range members {
		switch value := object[member].(type) {
		case string:
			if form == ReferencesAsObjects {
				populated := map[string]any{"_id": value}
				if name != "" {
					populated["name"] = name
				}
				object[member] = populated
			}
		case map[string]any:
			if id, ok := cmp.Or(value["_id"], value["id"]).(string); ok && form == ReferencesAsIDs {
				object[member] = id
			}
		}
		if form == ReferencesAsNull {
			object[member] = nil
		}
	}
}

// orderFilter is what the parameters of a list ask for. A list, a number or a
// total that is empty was not asked for.
type orderFilter struct {
	statuses           []string
	number             *int64
	minTotal, maxTotal storeorders.Decimal
	from, to           time.Time
	page, limit        int64

	choices *salesiveChoices
}

func (s *Server) parseOrderFilter(query url.Values) (orderFilter, *envelope) {
	q := orderQuery{values: query, choices: &s.salesive}
	filter := orderFilter{
		statuses: q.statuses(),
		number:   q.integer("orderId"),
		minTotal: q.number("minTotal"),
		maxTotal: q.number("maxTotal"),
		from:     q.time("from", time.Time{}),
		to:       q.time("to", time.Date(10000, time.January, 1, 0, 0, 0, 0, time.UTC)),
		page:     q.count("page", 1),
		limit:    q.count("limit", 10),
		choices:  &s.salesive,
	}
	if filter.minTotal != "" && filter.maxTotal != "" && filter.minTotal.Cmp(filter.maxTotal) > 0 {
		q.fail(CrossedBounds, "maxTotal", "must be greater than or equal to ref:minTotal")
	}
	if filter.from.After(filter.to) {
		q.fail(CrossedBounds, "to", `must be greater than or equal to "ref:from"`)
	}
	if highest := s.salesive.maxLimit; highest > 0 && filter.limit > highest {
		q.fail(LimitAboveMax, "limit", fmt.Sprintf("must be less than or equal to %d", highest))
		filter.limit = highest
	}
	q.refuseUnknown()
	return filter, q.refusal
}

func (f orderFilter) match(o *order) bool {
	total := o.total
	if f.choices.subtotalFilter {
		total = o.subtotal
	}
	if f.choices.exclusiveTimes && (o.created.Equal(f.from) || o.created.Equal(f.to)) {
		return false
	}
	return (len(f.statuses) == 0 || slices.Contains(f.statuses, string(o.status))) &&
		(f.number == nil || *f.number == o.number) &&
		(f.minTotal == "" || f.minTotal.Cmp(total) <= 0) &&
		(f.maxTotal == "" || f.maxTotal.Cmp(total) >= 0) &&
		!o.created.Before(f.from) && !o.created.After(f.to)
}

// orderQuery reads the parameters of a list as a Joi schema does. It keeps the
// first refusal. A parameter whose problem is to be ignored is as good as not
// sent.
type orderQuery struct {
	values  url.Values
	choices *salesiveChoices
	refusal *envelope
}

func (q *orderQuery) fail(of SalesiveCase, name, problem string) {
	refusal, refused := q.choices.refusal(of, fmt.Sprintf("%q %s", name, problem))
	if refused && q.refusal == nil {
		q.refusal = &refusal
	}
}

// take returns the one value of the parameter, "" and false if there is none.
func (q *orderQuery) take(name, wanted string) (string, bool) {
	values, given := q.values[name]
	delete(q.values, name)
	if len(values) > 1 {
		q.fail(InvalidValue, name, wanted)
		return "", false
	}
	if !given {
		return "", false
	}
	return values[0], true
}

func (q *orderQuery) statuses() []string {
	known := []string{"pending", "processing", "paid", "completed", "cancelled", "refunded"}
	if _, refused := q.choices.refusal(CompletedStatus, ""); refused {
		known = slices.DeleteFunc(known, func(status string) bool { return status == "completed" })
	}
	problem := "must be one of [" + strings.Join(known, ", ") + "]"
	var statuses []string
	for _, status := range slices.Concat(q.values["status"], q.values["status[]"]) {
		switch {
		case slices.Contains(known, status):
			statuses = append(statuses, status)
		case status == "completed":
			q.fail(CompletedStatus, "status", problem)
		default:
			q.fail(UnknownStatus, "status", problem)
		}
	}
	delete(q.values, "status")
	delete(q.values, "status[]")
	return statuses
}

func (q *orderQuery) number(name string) storeorders.Decimal {
	text, given := q.take(name, "must be a number")
	number := storeorders.Decimal(text)
	if given && !number.Valid() {
		q.fail(InvalidValue, name, "must be a number")
		return ""
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
		q.fail(InvalidValue, name, "must be a safe number")
		return nil
	case err != nil:
		q.fail(InvalidValue, name, "must be an integer")
		return nil
	}
	return &n
}

// count reads an integer of 1 or more.
func (q *orderQuery) count(name string, absent int64) int64 {
	n := q.integer(name)
	switch {
	case n == nil:
		return absent
	case *n < 1:
		q.fail(InvalidValue, name, "must be greater than or equal to 1")
		return absent
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
		q.fail(InvalidValue, name, wanted)
		return absent
	}
	// A JavaScript date has milliseconds.
	return t.Truncate(time.Millisecond)
}

// refuseUnknown refuses what nobody took.
func (q *orderQuery) refuseUnknown() {
	for _, name := range slices.Sorted(maps.Keys(q.values)) {
		q.fail(UnknownParameter, name, "is not allowed")
	}
}
