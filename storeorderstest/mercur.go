package storeorderstest

import (
	"context"
	"errors"
	"fmt"
	"html"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// WithMercurIDLimit makes Mercur read a query in which an array has more than n
// elements as an older Express does (4.22.1, with package qs 6.14.3, where n is
// 20): the array becomes an object, and a list of 21 ids is answered 400. The
// default, 0, is no limit.
func WithMercurIDLimit(n int) Option {
	return optionFunc(func(s *Server) { s.idLimit = n })
}

const (
	storePath       = "/store"
	orderGroupsPath = "/order-groups"

	keyHeader = "X-Publishable-Api-Key"
)

// mercurError is an error answer of Medusa.
type mercurError struct {
	status  int
	Code    string `json:"code,omitempty"`
	Type    string `json:"type,omitempty"`
	Message string `json:"message"`
}

func (e *mercurError) Error() string { return e.Message }

// errUnknown is the answer to what only the database refuses.
func errUnknown() error {
	return &mercurError{
		status: http.StatusInternalServerError,
		Code:   "unknown_error", Type: "unknown_error", Message: "An unknown error occurred.",
	}
}

func errInvalidData(message string) error {
	return &mercurError{status: http.StatusBadRequest, Type: "invalid_data", Message: message}
}

// errNoRoute stands for Express' page for a path or method that leads nowhere.
var errNoRoute = errors.New("no route")

func (s *Server) serveMercur(w http.ResponseWriter, r *http.Request, path string) {
	w.Header().Set("X-Powered-By", "Express")
	switch {
	case headerSize(r) > maxHeaderSize: // Node's own answer
		w.Header().Set("Connection", "close")
		w.WriteHeader(http.StatusRequestHeaderFieldsTooLarge)
		return
	case r.Method == http.MethodOptions && r.Header.Get("Access-Control-Request-Method") != "":
		w.Header().Set("Vary", "Origin, Access-Control-Request-Headers")
		w.Header().Set("Access-Control-Allow-Methods", "GET,HEAD,PUT,PATCH,POST,DELETE")
		w.WriteHeader(http.StatusNoContent)
		return
	}
	var failure *mercurError
	switch err := s.mercur(w, r, path); {
	case err == nil: // answered
	case errors.As(err, &failure):
		writeMercur(w, r, failure.status, failure)
	default:
		writeNoRoute(w, r, path)
	}
}

// maxHeaderSize is what Node reads of a request line and headers.
const maxHeaderSize = 16 << 10

func headerSize(r *http.Request) int {
	size := len(r.Method) + len(r.URL.RequestURI()) + len("  HTTP/1.1\r\nHost: \r\n") + len(r.Host)
	for name, values := range r.Header {
		for _, value := range values {
			size += len(name) + len(value) + len(": \r\n")
		}
	}
	return size
}

// mercur answers, or returns the error to answer with.
func (s *Server) mercur(w http.ResponseWriter, r *http.Request, path string) error {
	if rest, ok := cutSegments(path, authPath); ok {
		return s.serveAuth(w, r, rest)
	}
	rest, ok := cutSegments(path, storePath)
	if !ok {
		return errNoRoute
	}
	if err := s.checkPublishableKey(r.Header.Get(keyHeader)); err != nil {
		return err
	}
	w.Header().Set("Vary", "Origin")
	w.Header().Set("Access-Control-Allow-Credentials", "true")
	body, err := s.readBody(r)
	if err != nil {
		return err
	}
	if rest, ok := cutSegments(rest, customersPath); ok {
		return s.serveCustomers(w, r, rest, body)
	}
	if _, ok := cutSegments(rest, orderGroupsPath); ok && r.Method == http.MethodOptions {
		w.Header().Set("Allow", "GET,HEAD")
		writeExpress(w, r, http.StatusOK, "text/html; charset=utf-8", []byte("GET,HEAD"))
		return nil
	}
	answer, err := s.orderGroups(r, rest)
	if err != nil {
		return err
	}
	writeMercur(w, r, http.StatusOK, answer)
	return nil
}

// orderGroups makes the checks in the order in which Medusa makes them.
func (s *Server) orderGroups(r *http.Request, path string) (any, error) {
	rest, ok := cutSegments(path, orderGroupsPath)
	id := strings.TrimSuffix(strings.TrimPrefix(rest, "/"), "/")
	if !ok || !reads(r) || strings.Contains(id, "/") || strings.HasPrefix(rest, "//") {
		return nil, errNoRoute
	}
	customer, ok := s.customerOf(r)
	if !ok {
		return nil, errUnauthorized()
	}
	query, err := parseQuery(r.URL.RawQuery, s.idLimit)
	if err != nil {
		return nil, err
	}
	if id == "" {
		return s.listOrderGroups(r.Context(), customer, query)
	}
	return s.getOrderGroup(customer, id, query)
}

func (s *Server) checkPublishableKey(key string) error {
	message := "A valid publishable key is required to proceed with the request"
	switch key {
	case s.PublishableKey:
		return nil
	case "":
		message = "Publishable API key required in the request header: x-publishable-api-key. " +
			"You can manage your keys in settings in the dashboard."
	}
	return &mercurError{status: http.StatusBadRequest, Type: "not_allowed", Message: message}
}

func writeNoRoute(w http.ResponseWriter, r *http.Request, path string) {
	w.Header().Set("Content-Security-Policy", "default-src 'none'")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(http.StatusNotFound)
	_, _ = fmt.Fprintf(w, `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Error</title>
</head>
<body>
<pre>Cannot %s</pre>
</body>
</html>
`, html.EscapeString(r.Method+" "+path))
}

func (s *Server) getOrderGroup(customer, escapedID string, query params) (any, error) {
	id, err := url.PathUnescape(escapedID)
	if err != nil || strings.Contains(id, "\x00") {
		return nil, errUnknown()
	}
	if err := s.stack.check(query, "fields"); err != nil {
		return nil, err
	}
	fields, err := s.stack.selection(query)
	if err != nil { // before it looks for the group
		return nil, err
	}
	group, found := s.orderGroup(customer, id)
	if !found {
		return nil, &mercurError{
			status: http.StatusNotFound, Type: "not_found",
			Message: fmt.Sprintf("Order group with id %s was not found", id),
		}
	}
	return struct {
		OrderGroup any `json:"order_group"`
	}{fields.of(group.object())}, nil
}

func (s *Server) listOrderGroups(ctx context.Context, customer string, query params) (any, error) {
	if err := s.stack.check(query, "fields", "offset", "limit", "order", "with_deleted", "id", "created_at", "updated_at"); err != nil {
		return nil, err
	}
	newer, err := s.stack.order(query)
	if err != nil {
		return nil, err
	}
	fields, err := s.stack.selection(query)
	if err != nil {
		return nil, err
	}
	match, err := query.filter()
	if err != nil {
		return nil, err
	}
	offset, limit := query.number("offset", 0), query.number("limit", 50)
	if !isCount(offset) || !isCount(limit) {
		return nil, errUnknown()
	}

	groups := slices.DeleteFunc(s.orderGroupsOf(customer), func(g *orderGroup) bool { return !match(g) })
	slices.SortStableFunc(groups, newer)
	shuffleTies(ctx, groups, newer)
	page := groups[min(int(offset), len(groups)):]
	if limit > 0 { // 0 is no limit
		page = page[:min(int(limit), len(page))]
	}

	selected := make([]any, len(page))
	for i, group := range page {
		selected[i] = fields.of(group.object())
	}
	return struct {
		OrderGroups []any `json:"order_groups"`
		Count       int   `json:"count"`
		Offset      int64 `json:"offset"`
		Limit       int64 `json:"limit"`
	}{selected, toldCount(ctx, len(groups)), offset, limit}, nil
}

// number returns a numeric parameter that check has passed.
func (ps params) number(name string, absent int64) int64 {
	p := ps.get(name)
	if p == nil {
		return absent
	}
	n, _ := parseInt(p.text())
	if float64(n) >= math.MaxInt64 {
		return math.MaxInt64
	}
	return int64(float64(n)) // as JavaScript keeps it
}

// parseInt is JavaScript's: it takes the number at the beginning and leaves
// the rest. Numbers that do not fit are the nearest that does.
func parseInt(s string) (n int64, ok bool) {
	s = strings.TrimSpace(s)
	sign := ""
	if s != "" && (s[0] == '-' || s[0] == '+') {
		sign, s = s[:1], s[1:]
	}
	base, digits := 10, "0123456789"
	if len(s) > 1 && s[0] == '0' && (s[1] == 'x' || s[1] == 'X') {
		base, digits, s = 16, "0123456789abcdefABCDEF", s[2:]
	}
	end := 0
	for end < len(s) && strings.IndexByte(digits, s[end]) >= 0 {
		end++
	}
	n, err := strconv.ParseInt(sign+s[:end], base, 64)
	return n, err == nil || errors.Is(err, strconv.ErrRange)
}

// isCount reports whether PostgreSQL takes n for a limit or an offset.
func isCount(n int64) bool { return n >= 0 && n < math.MaxInt64 }

// order returns the order that was asked for, the newest first by default.
func (stack Stack) order(ps params) (func(a, b *orderGroup) int, error) {
	field, descending := "created_at", true
	if p := ps.get("order"); p != nil {
		field, descending = strings.CutPrefix(p.text(), "-")
		if !slices.Contains(stack.defaultFields(), field) {
			return nil, errInvalidData(fmt.Sprintf("Order field %s is not valid", field))
		}
		// The other fields are allowed, and then ignored.
		if field != "created_at" && field != "updated_at" {
			field, descending = "created_at", true
		}
	}
	return func(a, b *orderGroup) int {
		byTime := a.time(field).Compare(b.time(field))
		if descending {
			byTime = -byTime
		}
		return byTime // those of the same time stay as they were added
	}, nil
}

// filter returns what the parameters id, created_at and updated_at ask for.
func (ps params) filter() (func(*orderGroup) bool, error) {
	created, err := parseTimeFilter(ps.get("created_at"))
	if err != nil {
		return nil, err
	}
	updated, err := parseTimeFilter(ps.get("updated_at"))
	if err != nil {
		return nil, err
	}
	id := ps.get("id")
	if id != nil && slices.ContainsFunc(id.elements(), func(id string) bool { return strings.Contains(id, "\x00") }) {
		return nil, errUnknown()
	}
	return func(g *orderGroup) bool {
		return (id == nil || slices.Contains(id.elements(), g.id)) && created.match(g.created) && updated.match(g.updated)
	}, nil
}

// timeFilter is a list of conditions that must all hold.
type timeFilter []condition

type condition struct {
	operator string
	operands []time.Time
}

func parseTimeFilter(p *param) (timeFilter, error) {
	switch {
	case p == nil, p.isText() && (p.text() == "" || p.text() == "null"):
		return nil, nil
	case p.isObject():
		var filter timeFilter
		for _, operator := range p.members {
			switch operator.name {
			case "$eq":
				if operator.text() == "null" { // no group is without a time
					filter = append(filter, condition{"$in", nil})
					continue
				}
				operands, err := parseTimes(operator.values)
				if err != nil {
					return nil, err
				}
				filter = append(filter, condition{"$in", operands})
			case "$like", "$ilike": // known, but not for a time
				return nil, errUnknown()
			case "$ne", "$gt", "$gte", "$lt", "$lte", "$in", "$nin":
				operands, err := parseTimes(operator.values)
				if err != nil {
					return nil, err
				}
				filter = append(filter, condition{operator.name, operands})
			default: // ignored: $re, $contains, and all that is no operator, as gte without $
			}
		}
		return filter, nil
	default:
		operands, err := parseTimes(p.elements())
		return timeFilter{{"$in", operands}}, err
	}
}

func parseTimes(texts []string) ([]time.Time, error) {
	times := make([]time.Time, len(texts))
	for i, text := range texts {
		t, ok := parsePostgresTime(text, time.Now())
		if !ok {
			return nil, errUnknown()
		}
		// PostgreSQL keeps microseconds.
		times[i] = t.Round(time.Microsecond)
	}
	return times, nil
}

// parseTime reads a time in the ISO 8601 forms that both servers read. What
// has no zone is in UTC.
func parseTime(text string) (time.Time, bool) {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

func (f timeFilter) match(t time.Time) bool {
	for _, c := range f {
		if !c.match(t) {
			return false
		}
	}
	return true
}

func (c condition) match(t time.Time) bool {
	in := slices.ContainsFunc(c.operands, t.Equal)
	switch c.operator {
	case "$ne", "$nin":
		return !in
	case "$gt":
		return t.After(c.operands[0])
	case "$gte":
		return !t.Before(c.operands[0])
	case "$lt":
		return t.Before(c.operands[0])
	case "$lte":
		return !t.After(c.operands[0])
	default:
		return in
	}
}
