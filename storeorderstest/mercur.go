package storeorderstest

import (
	"cmp"
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
	answer, err := s.mercur(r, path)
	var failure *mercurError
	switch {
	case err == nil:
		writeJSON(w, http.StatusOK, answer)
	case errors.As(err, &failure):
		writeJSON(w, failure.status, failure)
	default:
		writeNoRoute(w, r, path)
	}
}

// mercur makes the checks in the order in which Medusa makes them.
func (s *Server) mercur(r *http.Request, path string) (any, error) {
	rest, ok := cutSegments(path, storePath)
	if !ok {
		return nil, errNoRoute
	}
	if err := s.checkPublishableKey(r.Header.Get(keyHeader)); err != nil {
		return nil, err
	}
	rest, ok = cutSegments(rest, orderGroupsPath)
	id := strings.Trim(rest, "/")
	if !ok || !reads(r) || strings.Contains(id, "/") {
		return nil, errNoRoute
	}
	customer, ok := s.customerOf(bearer(r))
	if !ok {
		return nil, &mercurError{status: http.StatusUnauthorized, Message: "Unauthorized"}
	}
	query, err := parseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, err
	}
	if id == "" {
		return s.listOrderGroups(customer, query)
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
	if err := query.check("fields"); err != nil {
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
	}{query.selection().of(decodeObject(group.json))}, nil
}

func (s *Server) listOrderGroups(customer string, query params) (any, error) {
	if err := query.check("fields", "order", "offset", "limit", "with_deleted", "id", "created_at", "updated_at"); err != nil {
		return nil, err
	}
	newer, err := query.order()
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
	slices.SortFunc(groups, newer)
	page := groups[min(int(offset), len(groups)):]
	if limit > 0 { // 0 is no limit
		page = page[:min(int(limit), len(page))]
	}

	fields := query.selection()
	selected := make([]any, len(page))
	for i, group := range page {
		selected[i] = fields.of(decodeObject(group.json))
	}
	return struct {
		OrderGroups []any `json:"order_groups"`
		Count       int   `json:"count"`
		Offset      int64 `json:"offset"`
		Limit       int64 `json:"limit"`
	}{selected, len(groups), offset, limit}, nil
}

// check refuses what Medusa's validation does: parameters that the route does
// not have, and values of the wrong type. Medusa names three issues at most,
// in this order.
func (ps params) check(known ...string) error {
	var issues, unknown []string
	for _, name := range []string{"fields", "order"} {
		if p := ps.get(name); p != nil && slices.Contains(known, name) && !p.isText() {
			issues = append(issues, wrongType("string", p))
		}
	}
	for _, p := range ps {
		// Medusa takes the locale away before it validates.
		if p.name != "locale" && !slices.Contains(known, p.name) {
			unknown = append(unknown, p.name)
		}
	}
	if len(unknown) > 0 {
		issues = append(issues, fmt.Sprintf("Unrecognized fields: '%s'", strings.Join(unknown, ", ")))
	}
	for _, name := range known {
		p := ps.get(name)
		if p == nil {
			continue
		}
		switch name {
		case "offset", "limit":
			if _, ok := parseInt(p.String()); !p.isText() || !ok {
				issues = append(issues, wrongType("number", p))
			}
		case "with_deleted":
			if text := p.String(); !p.isText() || text != "true" && text != "false" {
				issues = append(issues, wrongType("boolean", p))
			}
		case "id":
			if p.isObject() {
				issues = append(issues, "Invalid input")
			}
		case "created_at", "updated_at":
			if slices.ContainsFunc(p.members, wrongOperand) {
				issues = append(issues, "Invalid input")
			}
		}
	}
	if len(issues) == 0 {
		return nil
	}
	return errInvalidData("Invalid request: " + strings.Join(issues[:min(len(issues), 3)], "; "))
}

func wrongType(want string, p *param) string {
	return fmt.Sprintf("Expected type: '%s' for field '%s', got: '%s'", want, p.name, p)
}

// wrongOperand reports whether the operator is one that Medusa knows, with a
// value that is not of its type. What it does not know it does not look at.
func wrongOperand(operator *param) bool {
	switch operator.name {
	case "$in", "$nin":
		return !operator.isArray()
	case "$eq", "$ne", "$gt", "$gte", "$lt", "$lte", "$like", "$ilike", "$re", "$contains":
		return !operator.isText()
	default:
		return false
	}
}

// number returns a numeric parameter that check has passed.
func (ps params) number(name string, absent int64) int64 {
	p := ps.get(name)
	if p == nil {
		return absent
	}
	n, _ := parseInt(p.text())
	return n
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
func (ps params) order() (func(a, b *orderGroup) int, error) {
	field, descending := "created_at", true
	if p := ps.get("order"); p != nil {
		field, descending = strings.CutPrefix(p.text(), "-")
		if !slices.Contains(defaultFields(), field) {
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
		return cmp.Or(byTime, cmp.Compare(a.position, b.position))
	}, nil
}

func (ps params) selection() *selection {
	p := ps.get("fields")
	if p == nil {
		return newSelection(defaultFields())
	}
	return newSelection(parseFields(p.text()))
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
	case p == nil, p.isText() && p.text() == "":
		return nil, nil
	case p.isObject():
		var filter timeFilter
		for _, operator := range p.members {
			switch operator.name {
			case "$like", "$ilike": // known, but not for a time
				return nil, errUnknown()
			case "$eq", "$ne", "$gt", "$gte", "$lt", "$lte", "$in", "$nin":
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
		t, ok := parseTime(text)
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
