// Package storeorderstest is a server of both store APIs, Mercur and Salesive,
// for the tests of programs that use package storeorders. [NewServer] runs it on
// loopback, as the servers of net/http/httptest do; [Transport] needs no socket,
// and works inside a bubble of testing/synctest. [RegisterResponders] puts it
// behind httpmock.
//
// # Data
//
// [Server.AddOrderGroup] and [Server.AddOrder] take the SDK's own types and
// fill in what a real server always has: ids, numbers, times and totals.
// [Server.AddOrderGroups] and [Server.AddOrders] make any number of them. All
// that is filled in is the same in every run, but for times of registration
// and tokens. Data may be added, removed, and replaced under the same id, while
// requests run. [Server.LoadFixture] and [Server.WriteFixture] read and write
// all of it as JSON.
//
// # Mercur
//
// Under URL: GET /store/order-groups and /store/order-groups/{id}, as three
// stacks were seen to answer. Each is an option: [Mercur231], the default,
// [Mercur215] and [Mercur231Medusa220]. What was seen, it does: the order of the
// checks and the texts of the stack; filters that are ignored, and a 500 for
// what only the database refuses; the language of fields; 404 for other
// customers' groups; ETag and 304. What a program may trip over is there too:
//
//   - Mercur215 sends hardly anything where no fields are named.
//   - Mercur215 and Mercur231 lose the quantity of an item where fields of items
//     are named, the default fields among them, and then compute totals without
//     it: unless orders.items.detail.quantity and unit_price, or *orders.items,
//     are named, too.
//   - Mercur231Medusa220 answers 400 where no fields are named, and strips all
//     fields but the default ones.
//
// The fields of [storeorders.DefaultOrderGroupFields] come right from all three.
//
// Customers log in under /auth/customer/emailpass with Email and Password, and
// register, refresh and open sessions beside it; tokens are real (HS256), and
// expire. [WithMercurTokenLifetime] and [WithMercurIDLimit] set what differs
// from one installation to the next.
//
// FIDELITY.md beside the source tells how many recorded answers of real servers
// are answered in the same way, and why the others are not. Besides, the
// members of an object come in the order of the alphabet; amounts keep the
// digits that they were given; groups of one time keep the order in which they
// were added, unless there is [ShuffleTies]; a time in a filter is one of ISO
// 8601, or one of PostgreSQL's words, such as yesterday.
//
// All servers sign their tokens alike and make the same ids, so that a token of
// one may open another: do not tell two shops apart by them.
//
// # Salesive
//
// Under [Server.SalesiveURL], which is URL/api/v1, and under URL for those who
// give that as the base: GET /orders and /orders/{_id}, and the routes of a
// login, POST /auth/ghost, /auth/authenticate, /auth/resend-otp, /auth/verify
// and /auth/check-user, and GET /auth/me, with real tokens (HS256) that expire.
// [Server.CodeFor] is the shopper's mailbox.
//
// Salesive's documentation leaves much open. Each choice of this server is an
// option that begins with WithSalesive: [WithSalesiveStatus] has the defaults
// of what is refused and what is not, case by case in [SalesiveCase]; the
// others are of bounds, sort, limit, references and the lifetime of tokens. It
// has no option for these: the bearer is looked at first, then the x-shop-id;
// an error text is in the words of Joi; status[] is taken for status.
//
// # Faults
//
// [Server.Inject] makes things go wrong: a [Fault], and the [Condition] list of
// the requests that it is for.
//
//	server.Inject(storeorderstest.Status(503), storeorderstest.MercurList, storeorderstest.First(2))
//	server.Inject(storeorderstest.Delay(time.Minute), storeorderstest.Probability(0.1, seed))
//
// A Fault is one of these:
//
//   - another answer: [Status], [Answer], [BadGateway], [Empty], [InvalidJSON],
//     [SuccessFalse], [Redirect];
//   - a bad connection: [Delay], [Drip], [Reset], [Truncate],
//     [WrongContentLength], [Gzip], [GzipBomb];
//   - a list that is not what was asked for: [IgnoreLimit], [ClampLimit],
//     [IgnoreOffset], [RepeatPage], [ShuffleTies], [LieAboutCount];
//   - [Before], which calls a function that may change the data between two pages.
//
// A Condition is a [Route], [Matching], [Nth], [First], [From], [Every] or
// [Probability]; a fault comes about where all are met. Several faults may meet
// in one request. They work in the order of their injection, each on what the
// one before has left: Status, then Gzip, is an error that is compressed.
// [Injection.Hits] tells whether a fault came about at all.
//
// # Requests
//
// [Server.Requests] returns what came in, with the credentials.
// [Server.AssertRequests] fails a test, with a diff, where that is not what was
// expected:
//
//	server.AssertRequests(t,
//		storeorderstest.GET("/store/order-groups", "limit=2&fields=id"),
//		storeorderstest.GET("/store/order-groups", "limit=2&fields=id&offset=2").WithToken(alice.Token))
//
// Programs that reach the SDK through an interface of their own can fake that
// with [Seq]. The program in examples/mocking is tested in all three ways.
package storeorderstest

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"time"

	"github.com/seed-2861b391/storeorders"
)

// Server is a server of both APIs, on loopback or without a socket. It is an
// [http.RoundTripper], too; see [Server.RoundTrip]. Its methods may be
// called from several goroutines, and while it serves. [NewServer] and
// [Transport] make it, and set its fields, which are for reading; the zero Server
// does not work.
type Server struct {
	// URL is the origin of the server, such as "http://127.0.0.1:41234": the
	// base URL of Mercur.
	URL string
	// SalesiveURL is the base URL of Salesive: that origin and "/api/v1", or
	// another origin and "/api/v1"; see [WithTwoOrigins].
	SalesiveURL string
	// PublishableKey is the one publishable key that Mercur accepts. It is
	// set by [NewServer]; see [WithPublishableKey].
	PublishableKey string
	// ShopID is the id of the one Salesive shop. It is set by [NewServer];
	// see [WithShopID].
	ShopID string

	http      *httptest.Server // nil without a socket
	second    *httptest.Server // of Salesive; nil unless there are two origins
	closing   chan struct{}    // closed by Close; nil without a socket
	closeOnce sync.Once
	stack     Stack
	// tokenLifetime and idLimit are Mercur's; no idLimit is 0.
	tokenLifetime time.Duration
	idLimit       int
	script        script
	salesive      salesiveChoices

	mu       sync.Mutex
	data     data
	requests []Request
}

// Option changes what [NewServer] makes. The [Stack] constants are options too.
type Option interface{ apply(*Server) }

type optionFunc func(*Server)

func (f optionFunc) apply(s *Server) { f(s) }

// WithPublishableKey sets the publishable key that Mercur accepts. The default
// is "pk_" and 64 hexadecimal digits, the same for every server.
func WithPublishableKey(key string) Option {
	return optionFunc(func(s *Server) { s.PublishableKey = key })
}

// WithShopID sets the id of the Salesive shop. The default is
// "68b8f52575da81b332af29f1".
func WithShopID(id string) Option {
	return optionFunc(func(s *Server) { s.ShopID = id })
}

// Stack is a version of Mercur on a version of Medusa. It is an [Option].
type Stack int

func (stack Stack) apply(s *Server) { s.stack = stack }

// The stacks that the server can imitate.
const (
	Mercur231          Stack = iota // Mercur 2.3.1 on Medusa 2.18, the default
	Mercur215                       // Mercur 2.1.5 on Medusa 2.13
	Mercur231Medusa220              // Mercur 2.3.1 on Medusa 2.20 and later
)

// NewServer starts a server without data on a free loopback port. The caller
// must close it. Like [httptest.NewServer] it panics if there is no such port.
func NewServer(opts ...Option) *Server {
	s := newServer(opts)
	s.closing = make(chan struct{})
	s.http = httptest.NewServer(http.HandlerFunc(s.handle))
	s.URL = s.http.URL
	s.SalesiveURL = s.URL + salesivePrefix
	if s.salesive.ownOrigin {
		s.second = httptest.NewServer(http.HandlerFunc(s.handle))
		s.SalesiveURL = s.second.URL + salesivePrefix
	}
	return s
}

func newServer(opts []Option) *Server {
	s := &Server{
		PublishableKey: "pk_" + strings.Repeat("0123456789abcdef", 4),
		ShopID:         "68b8f52575da81b332af29f1",
		data:           newData(),
		tokenLifetime:  24 * time.Hour,
		salesive:       defaultSalesiveChoices(),
	}
	for _, opt := range opts {
		opt.apply(s)
	}
	return s
}

// Close stops the server. It waits until the requests under way are answered,
// but ends the waits of [Delay] and [Drip]. Closing a second time does nothing,
// nor does closing what [Transport] made.
func (s *Server) Close() {
	if s.http == nil {
		return
	}
	s.closeOnce.Do(func() { close(s.closing) })
	s.http.Close()
	if s.second != nil {
		s.second.Close()
	}
}

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
	return storeorders.SalesiveConfig{BaseURL: s.SalesiveURL, ShopID: s.ShopID}
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	if path, salesive := s.apiOf(r); salesive {
		s.serveSalesive(w, r, path)
	} else {
		s.serveMercur(w, r, path)
	}
}

// apiOf returns whose API the request is for, and the path under that. It
// routes by the path as it was sent: an id may hold an escaped slash, and
// neither server redirects a path that is not clean.
func (s *Server) apiOf(r *http.Request) (rest string, salesive bool) {
	path := r.URL.EscapedPath()
	rest, salesive = cutSegments(path, salesivePrefix)
	if !salesive {
		rest = path
		_, orders := cutSegments(path, ordersPath)
		_, auth := salesiveAuthRoute(path)
		salesive = orders || auth
	}
	if s.salesive.ownOrigin {
		salesive = strings.HasPrefix(s.SalesiveURL, "http://"+r.Host+"/")
	}
	if !salesive {
		return path, false
	}
	return rest, true
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
