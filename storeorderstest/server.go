// Package storeorderstest is a server of both store APIs, Mercur and Salesive,
// for the tests of programs that use package storeorders. It runs on loopback,
// as the servers of net/http/httptest do.
//
// # Data
//
// [Server.AddOrderGroup] and [Server.AddOrder] take the SDK's own types and
// fill in what a real server always has: ids, numbers, times and totals.
// [Server.AddOrderGroups] and [Server.AddOrders] make any number of them. All
// that is filled in is the same in every run. Data may be added and removed
// while requests run.
//
// # Mercur
//
// Under URL: GET /store/order-groups and /store/order-groups/{id}, as Mercur
// 2.3.1 on Medusa 2.18 was seen to answer: the order of its checks, its
// parameters and their error texts, the filters that it ignores, its 500 for a
// date that is none, its language for fields, and 404 for other customers'
// groups. It differs in this: totals and quantities are right whatever fields
// are asked for; groups of the same time keep one order, that in which they
// were added; a field with a star brings what was given and filled in, not all
// that Medusa has; and there is no session and no ETag.
//
// # Salesive
//
// Under URL/api/v1, and under URL for those who give that as the base: GET
// /orders and /orders/{_id}. Salesive's documentation leaves much open. Where
// it does, this server
//
//   - wants a known shopper's bearer before it looks at anything else, and
//     answers 404 "Shop not found" to an x-shop-id that is not its own; without
//     that header it serves its one shop;
//   - answers 403 "Access denied" to the id of another shopper's or another
//     shop's order, and 404 "Order not found" to an id that is not there;
//   - answers 400 to a parameter that it does not know, is empty, has a value
//     of the wrong form, or is given twice (only status may be), with a message
//     in the words of Joi;
//   - takes "completed" for a status, and status[] for status;
//   - compares minTotal and maxTotal with the total, not the subtotal, and
//     from and to with createdAt; all four bounds are inclusive;
//   - answers bounds that exclude each other with an empty list;
//   - sorts by createdAt, newest first, then by _id, highest first;
//   - has no maximum for limit;
//   - answers a page past the end with an empty list and that page's number,
//     and counts 0 pages where there is no order.
package storeorderstest

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/seed-2861b391/storeorders"
)

// Server is a server of both APIs on a loopback port. Its methods may be
// called from several goroutines, and while it serves.
type Server struct {
	// URL is the origin of the server, such as "http://127.0.0.1:41234": the
	// base URL of Mercur, and with "/api/v1" that of Salesive.
	URL string
	// PublishableKey is the one publishable key that Mercur accepts. It is
	// set by [NewServer]; see [WithPublishableKey].
	PublishableKey string
	// ShopID is the id of the one Salesive shop. It is set by [NewServer];
	// see [WithShopID].
	ShopID string

	http *httptest.Server

	mu       sync.Mutex
	data     data
	requests []Request
}

// Option changes what [NewServer] makes.
type Option func(*Server)

// WithPublishableKey sets the publishable key that Mercur accepts. The default
// is "pk_" and 64 hexadecimal digits, the same for every server.
func WithPublishableKey(key string) Option {
	return func(s *Server) { s.PublishableKey = key }
}

// WithShopID sets the id of the Salesive shop. The default is
// "68b8f52575da81b332af29f1".
func WithShopID(id string) Option {
	return func(s *Server) { s.ShopID = id }
}

// NewServer starts a server without data on a free loopback port. The caller
// must close it. Like [httptest.NewServer] it panics if there is no such port.
func NewServer(opts ...Option) *Server {
	s := &Server{
		PublishableKey: "pk_" + strings.Repeat("0123456789abcdef", 4),
		ShopID:         "68b8f52575da81b332af29f1",
		data:           newData(),
	}
	for _, opt := range opts {
		opt(s)
	}
	s.http = httptest.NewServer(http.HandlerFunc(s.serve))
	s.URL = s.http.URL
	return s
}

// Close stops the server. It waits until the requests under way are answered.
func (s *Server) Close() { s.http.Close() }

// MercurConfig returns what [storeorders.WithMercur] needs to reach s: the
// base URL and the publishable key. It has no token: give each call that of a
// [Customer], or set it.
func (s *Server) MercurConfig() storeorders.MercurConfig {
	return storeorders.MercurConfig{BaseURL: s.URL, PublishableKey: s.PublishableKey}
}

// SalesiveConfig returns what [storeorders.WithSalesive] needs to reach s: the
// base URL and the shop. It has no token: give each call that of a [Shopper],
// or set it.
func (s *Server) SalesiveConfig() storeorders.SalesiveConfig {
	return storeorders.SalesiveConfig{BaseURL: s.URL + salesivePrefix, ShopID: s.ShopID}
}

// Request is a request that a [Server] got.
type Request struct {
	Method string
	// Path is the path as it was sent, with its percent escapes.
	Path string
	// Query holds the parameters, decoded; RawQuery is what was sent.
	Query    url.Values
	RawQuery string
	Header   http.Header
}

// Requests returns all requests that s got so far, the first one first, those
// that it refused among them.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

func (s *Server) logRequest(r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = append(s.requests, Request{
		Method:   r.Method,
		Path:     r.URL.EscapedPath(),
		Query:    r.URL.Query(),
		RawQuery: r.URL.RawQuery,
		Header:   r.Header.Clone(),
	})
}

// serve routes by the path as it was sent: an id may hold an escaped slash,
// and neither server redirects a path that is not clean.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	s.logRequest(r)
	path := r.URL.EscapedPath()
	if rest, ok := cutSegments(path, salesivePrefix); ok {
		s.serveSalesive(w, r, rest)
		return
	}
	if _, ok := cutSegments(path, ordersPath); ok {
		s.serveSalesive(w, r, path)
		return
	}
	s.serveMercur(w, r, path)
}

// cutSegments cuts whole path segments off the beginning of path, in any case,
// as Express does: "/store" is a beginning of "/Store/x", not of "/stores".
func cutSegments(path, segments string) (rest string, ok bool) {
	if len(path) < len(segments) || !strings.EqualFold(path[:len(segments)], segments) {
		return "", false
	}
	rest = path[len(segments):]
	return rest, rest == "" || rest[0] == '/'
}

// bearer returns the token of the request, "" if it has none.
func bearer(r *http.Request) string {
	words := strings.Fields(r.Header.Get("Authorization"))
	if len(words) != 2 || !strings.EqualFold(words[0], "Bearer") {
		return ""
	}
	return words[1]
}

func reads(r *http.Request) bool {
	return r.Method == http.MethodGet || r.Method == http.MethodHead
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(encode(v)) // a client that is gone needs no answer
}

// encode writes v as JavaScript would: no escapes for HTML, no line break.
// All that is encoded was made from JSON, so that it cannot fail.
func encode(v any) []byte {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		panic("storeorderstest: " + err.Error())
	}
	return bytes.TrimSuffix(text.Bytes(), []byte("\n"))
}

// decodeObject reads an object of the server's own making, with the numbers
// digit for digit.
func decodeObject(text []byte) map[string]any {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var object map[string]any
	if err := decoder.Decode(&object); err != nil {
		panic("storeorderstest: " + err.Error())
	}
	return object
}
