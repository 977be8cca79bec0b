package storeorderstest

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Fault is something that goes wrong with a request; see [Server.Inject]. The
// zero Fault does nothing. One Fault may be injected more than once.
type Fault struct {
	before func()          // runs before the request is answered
	asked  func(*exchange) // changes what was asked
	answer func(*exchange) // changes the answer
	lists  bool            // is for lists only
}

// exchange is a request on its way through the faults.
type exchange struct {
	Request
	salesive bool    // whose API it is
	query    string  // the raw query that is answered
	previous *string // that of the page before, of the same route and credential; nil if there was none
	quirks   quirks
	answer   *answer
}

func (x *exchange) isList() bool { return x.Route == MercurList || x.Route == SalesiveList }

// quirks are the faults that only the handler of a list can make.
type quirks struct {
	shuffle *rand.Rand // for records of the same time
	lie     int        // added to the count
}

type quirksKey struct{}

func quirksOf(ctx context.Context) quirks {
	q, _ := ctx.Value(quirksKey{}).(quirks)
	return q
}

// shuffleTies does so to records that are sorted, where the fault [ShuffleTies]
// asks for it: those that compare equal are brought into another order.
func shuffleTies[R any](ctx context.Context, records []R, compare func(a, b R) int) {
	shuffle := quirksOf(ctx).shuffle
	if shuffle == nil {
		return
	}
	for len(records) > 0 {
		end := slices.IndexFunc(records, func(r R) bool { return compare(records[0], r) != 0 })
		if end < 0 {
			end = len(records)
		}
		shuffle.Shuffle(end, func(i, j int) { records[i], records[j] = records[j], records[i] })
		records = records[end:]
	}
}

// toldCount is the count that is sent for n records, see [LieAboutCount].
func toldCount(ctx context.Context, n int) int { return max(0, n+quirksOf(ctx).lie) }

// Before calls f before the request is answered. f may change the data of the
// server, as between two pages of a walk:
//
//	server.Inject(storeorderstest.Before(func() { server.RemoveOrderGroup(id) }),
//		storeorderstest.MercurList, storeorderstest.Nth(2))
//
// Requests that are answered at the same time call f at the same time.
func Before(f func()) Fault { return Fault{before: f} }

// Delay waits before the headers are sent; the answer is made before. A client
// that gives up ends the wait, so that a long Delay is a server that hangs.
// Delays add up.
func Delay(d time.Duration) Fault {
	return Fault{answer: func(x *exchange) { x.answer.delay += d }}
}

// Drip sends the headers at once, and then the body in that many pieces of
// about the same length, with the pause before each. Fewer pieces than 1 are 1.
func Drip(pieces int, pause time.Duration) Fault {
	return Fault{answer: func(x *exchange) { x.answer.pieces, x.answer.pause = max(1, pieces), pause }}
}

// Reset breaks the connection off instead of answering: the client gets
// "connection reset by peer" (syscall.ECONNRESET).
func Reset() Fault {
	return Fault{answer: func(x *exchange) { x.answer.reset = true }}
}

// Truncate sends no more than the first n bytes of the body, and one byte less
// than all in any case, and closes the connection: the client gets
// [io.ErrUnexpectedEOF].
func Truncate(n int) Fault {
	return Fault{answer: func(x *exchange) {
		body := x.answer.body
		x.answer.body = body[:max(0, min(n, len(body)-1))]
	}}
}

// WrongContentLength announces a body that is longer than it is by that many
// bytes: the client gets [io.ErrUnexpectedEOF]. Where by is negative it
// announces a shorter one: the client gets the beginning, and no error.
func WrongContentLength(by int) Fault {
	return Fault{answer: func(x *exchange) { x.answer.length = max(0, x.answer.length+by) }}
}

// Status answers with the status, with an error body as that API writes them,
// and with the headers, which are names and values in turn:
//
//	server.Inject(storeorderstest.Status(429, "Retry-After", "2"), storeorderstest.First(1))
//
// The value of a header is sent as it is, and an empty one takes the header
// away. It panics if a value is missing or the status is less than 200.
func Status(status int, headers ...string) Fault {
	set := setHeaders(headers)
	checkStatus(status)
	return Fault{answer: func(x *exchange) {
		message := cmp.Or(http.StatusText(status), "Status "+strconv.Itoa(status))
		var body any = &mercurError{Type: errorType(status), Message: message}
		if x.salesive {
			body = failed(status, message)
		}
		x.answer.replace(status, "application/json; charset=utf-8", encode(body))
		set(x.answer.header)
	}}
}

// Answer answers with the status, the body and the headers, which are names
// and values in turn, as those of [Status]. Unless they have a Content-Type
// it is what [http.DetectContentType] says, or JSON where the body begins with
// a brace or a bracket.
func Answer(status int, body string, headers ...string) Fault {
	set := setHeaders(headers)
	checkStatus(status)
	contentType := http.DetectContentType([]byte(body))
	if strings.HasPrefix(body, "{") || strings.HasPrefix(body, "[") {
		contentType = "application/json; charset=utf-8"
	}
	return Fault{answer: func(x *exchange) {
		x.answer.replace(status, contentType, []byte(body))
		set(x.answer.header)
	}}
}

// BadGateway answers with the 502 of a proxy, which is a page of HTML.
func BadGateway() Fault {
	return Answer(http.StatusBadGateway, "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n"+
		"<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n",
		"Content-Type", "text/html")
}

// Empty answers with the status 200 and no body.
func Empty() Fault {
	return Answer(http.StatusOK, "", "Content-Type", "application/json; charset=utf-8")
}

// InvalidJSON answers with the status 200 and only the first half of the body,
// as if that were all: the connection is in order.
func InvalidJSON() Fault {
	return Fault{answer: func(x *exchange) {
		half := x.answer.body[:len(x.answer.body)/2]
		if len(half) == 0 {
			half = []byte("{")
		}
		x.answer.replace(http.StatusOK, "application/json; charset=utf-8", half)
	}}
}

// SuccessFalse answers with HTTP status 200, and with Salesive's body of an
// error: success is false, and the status inside the body is the one given.
func SuccessFalse(status int, message string) Fault {
	return Answer(http.StatusOK, string(encode(failed(status, message))))
}

// Redirect answers 307 with the location. If that has no path, it is given the
// path and, unless it has one, the query of the request:
//
//	storeorderstest.Redirect("")                             // the same URL again; best with First(1)
//	storeorderstest.Redirect("/store/order-groups?limit=1")  // the same origin
//	storeorderstest.Redirect("https://elsewhere.test")       // another host
//	storeorderstest.Redirect("http://storeorders.test")      // no TLS any more, for a client of https
//
// It panics if the location is no URL with an authority or a path.
func Redirect(location string) Fault {
	to, err := url.Parse(location)
	if err != nil || to.Opaque != "" {
		panic("storeorderstest: Redirect: " + location + " is no URL")
	}
	return Fault{answer: func(x *exchange) {
		target := to.String()
		if to.Path == "" {
			origin := *to
			origin.RawQuery, origin.ForceQuery, origin.Fragment, origin.RawFragment = "", false, "", ""
			target = origin.String() + x.Path
			if query := cmp.Or(to.RawQuery, x.RawQuery); query != "" {
				target += "?" + query
			}
		}
		x.answer.replace(http.StatusTemporaryRedirect, "text/plain; charset=utf-8",
			[]byte("Temporary Redirect. Redirecting to "+target))
		x.answer.header.Set("Location", target)
	}}
}

// Gzip compresses the body, whether or not the client asked for that.
func Gzip() Fault { return GzipBomb(0) }

// GzipBomb compresses the body with white space before it, so that it has at
// least size bytes when it is decompressed, and about a thousandth of that on
// its way. It is still valid: a client that reads all of it finds the answer.
func GzipBomb(size int) Fault {
	return Fault{answer: func(x *exchange) {
		const blank = 1 << 20
		padding := max(0, size-len(x.answer.body))
		var body []byte
		if n := padding / blank; n > 0 {
			// A file of gzip may have several members. The same one again and
			// again costs no time.
			body = bytes.Repeat(compress(bytes.Repeat([]byte(" "), blank)), n)
		}
		body = append(body, compress(append(bytes.Repeat([]byte(" "), padding%blank), x.answer.body...))...)
		x.answer.setBody(body)
		x.answer.header.Set("Content-Encoding", "gzip")
	}}
}

func compress(text []byte) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write(text) // a buffer does not fail
	_ = w.Close()
	return b.Bytes()
}

// IgnoreLimit answers a list as if the request had no limit: with pages of the
// server's default length.
func IgnoreLimit() Fault {
	return listFault(func(x *exchange) { x.query = withoutParameters(x.query, "limit") })
}

// ClampLimit answers a list as if the request asked for max records, where it
// asks for more, for all (limit=0, on Mercur) or, by saying nothing, for the
// server's default which is more. It panics if max is less than 1.
func ClampLimit(max int) Fault {
	if max < 1 {
		panic("storeorderstest: ClampLimit: " + strconv.Itoa(max) + " is less than 1")
	}
	return listFault(func(x *exchange) {
		n, isNumber := int64(50), true
		if x.salesive {
			n = 10
		}
		if asked, _ := url.ParseQuery(x.query); asked.Has("limit") {
			n, isNumber = parseInt(asked.Get("limit"))
		}
		all := n == 0 && !x.salesive
		if isNumber && (n > int64(max) || all) {
			x.query = withParameter(x.query, "limit", strconv.Itoa(max))
		}
	})
}

// IgnoreOffset answers a list with its first page, whatever offset (Mercur) or
// page (Salesive) the request asks for.
func IgnoreOffset() Fault {
	return listFault(func(x *exchange) { x.query = withoutParameters(x.query, "offset", "page") })
}

// RepeatPage answers a list with the page that the same shopper was given
// before, as a cache that is out of date: with Nth(3) the second page comes
// twice, with From(3) again and again.
func RepeatPage() Fault {
	return listFault(func(x *exchange) {
		if x.previous != nil {
			x.query = *x.previous
		}
	})
}

// ShuffleTies answers a list with the records of the same time in another
// order for each request, which depends on the seed and on how many requests
// came before. That is what a database does that is not told how to sort them,
// as Mercur's is not: from page to page, some records are seen twice and
// others never.
func ShuffleTies(seed uint64) Fault {
	var query atomic.Uint64
	return listFault(func(x *exchange) { x.quirks.shuffle = random(seed, query.Add(1)) })
}

// LieAboutCount answers a list with a count (Mercur) or total (Salesive) that
// is wrong by that many, though never below zero.
func LieAboutCount(by int) Fault {
	return listFault(func(x *exchange) { x.quirks.lie += by })
}

func listFault(change func(*exchange)) Fault {
	return Fault{asked: change, lists: true}
}

// withoutParameters leaves the rest of the query as it was sent.
func withoutParameters(query string, names ...string) string {
	pairs := slices.DeleteFunc(strings.Split(query, "&"), func(pair string) bool {
		name, _, _ := strings.Cut(pair, "=")
		return slices.Contains(names, unescape(name))
	})
	return strings.Join(pairs, "&")
}

func withParameter(query, name, value string) string {
	return strings.TrimPrefix(withoutParameters(query, name)+"&"+name+"="+value, "&")
}

func checkStatus(status int) {
	if status < 200 || status > 999 {
		panic(fmt.Sprintf("storeorderstest: %d is no HTTP status", status))
	}
}

func setHeaders(pairs []string) func(http.Header) {
	if len(pairs)%2 != 0 {
		panic("storeorderstest: the last header has no value")
	}
	pairs = slices.Clone(pairs)
	return func(header http.Header) {
		for pair := range slices.Chunk(pairs, 2) {
			header.Set(pair[0], pair[1])
			if pair[1] == "" {
				header.Del(pair[0])
			}
		}
	}
}

// errorType is the type that Medusa gives to an error of the status.
func errorType(status int) string {
	switch {
	case status == http.StatusUnauthorized:
		return ""
	case status == http.StatusNotFound:
		return "not_found"
	case status >= 500:
		return "unknown_error"
	default:
		return "invalid_data"
	}
}

// Condition says which requests an injected fault is for: a [Route],
// [Matching], [Nth], [First], [From], [Every] or [Probability].
//
// The latter five count, from 1 on, the requests since the fault was injected
// that meet all Routes and Matchings of the same [Server.Inject]. A request
// that is tried again is another request.
type Condition interface{ restrict(*Injection) }

type conditionFunc func(*Injection)

func (f conditionFunc) restrict(in *Injection) { f(in) }

// Matching is the condition that the request is one for which f is true. f
// must not call the server.
func Matching(f func(Request) bool) Condition {
	return conditionFunc(func(in *Injection) { in.matching = append(in.matching, f) })
}

// Nth is the condition that the request is the n-th.
func Nth(n int) Condition { return counting(func(i int) bool { return i == n }) }

// First is the condition that the request is one of the first n.
func First(n int) Condition { return counting(func(i int) bool { return i <= n }) }

// From is the condition that the request is the n-th or a later one.
func From(n int) Condition { return counting(func(i int) bool { return i >= n }) }

// Every is the condition that the request is the n-th, the 2n-th and so on. It
// panics if n is less than 1.
func Every(n int) Condition {
	if n < 1 {
		panic("storeorderstest: Every: n is less than 1")
	}
	return counting(func(i int) bool { return i%n == 0 })
}

// Probability is the condition that chance says so: never for p = 0, always
// for p = 1. The draw for the n-th request is the same in every run with the
// same seed.
func Probability(p float64, seed uint64) Condition {
	return counting(func(i int) bool { return random(seed, uint64(i)).Float64() < p }) //nolint:gosec // i counts from 1
}

// random returns what chance has in store for the n-th draw of the seed.
func random(seed, n uint64) *rand.Rand {
	return rand.New(rand.NewPCG(seed, n)) //nolint:gosec // it is to be repeated, and guards nothing
}

func counting(meets func(i int) bool) Condition {
	return conditionFunc(func(in *Injection) { in.when = append(in.when, meets) })
}

// Injection is a fault that was injected, with its conditions. [Server.Inject]
// makes it.
type Injection struct {
	script   *script
	fault    Fault
	routes   []Route
	matching []func(Request) bool
	when     []func(i int) bool

	seen, hits int // guarded by script.mu
}

// Inject lets the fault come about from now on with each request that meets
// all conditions; without conditions, with every request. Of several routes,
// one is enough. What is returned tells how often it came about, and removes it.
//
// A request may meet several injected faults. They work in the order of their
// injection: first all that change the data or the request, then all that
// change the answer, each on what the one before it has made of it.
func (s *Server) Inject(fault Fault, when ...Condition) *Injection {
	in := &Injection{script: &s.script, fault: fault}
	for _, condition := range when {
		condition.restrict(in)
	}
	s.script.mu.Lock()
	defer s.script.mu.Unlock()
	s.script.injections = append(s.script.injections, in)
	return in
}

// ClearFaults removes all that was injected. [Injection.Hits] keeps its count.
func (s *Server) ClearFaults() {
	s.script.mu.Lock()
	defer s.script.mu.Unlock()
	s.script.injections = nil
}

// Remove removes the fault. Doing so again does nothing.
func (in *Injection) Remove() {
	in.script.mu.Lock()
	defer in.script.mu.Unlock()
	in.script.injections = slices.DeleteFunc(in.script.injections, func(other *Injection) bool { return other == in })
}

// Hits returns how many requests the fault came about with.
func (in *Injection) Hits() int {
	in.script.mu.Lock()
	defer in.script.mu.Unlock()
	return in.hits
}

// script is what was injected into a server.
type script struct {
	mu         sync.Mutex
	injections []*Injection
	answered   map[lane]string // the query of the latest page of each
}

// lane is a list as one shopper walks it.
type lane struct {
	route Route
	token string
}

// faultsOf returns the faults that come about with the request, and counts it.
func (sc *script) faultsOf(request Request) []Fault {
	sc.mu.Lock()
	defer sc.mu.Unlock()
	var faults []Fault
	for _, in := range sc.injections {
		if in.meets(request) {
			in.hits++
			faults = append(faults, in.fault)
		}
	}
	return faults
}

func (in *Injection) meets(request Request) bool {
	if in.fault.lists && request.Route != MercurList && request.Route != SalesiveList {
		return false
	}
	if len(in.routes) > 0 && !slices.Contains(in.routes, request.Route) {
		return false
	}
	for _, match := range in.matching {
		if !match(request) {
			return false
		}
	}
	in.seen++
	for _, meets := range in.when {
		if !meets(in.seen) {
			return false
		}
	}
	return true
}

func (sc *script) previous(l lane) *string {
	sc.mu.Lock()
	defer sc.mu.Unlock()
	if query, answered := sc.answered[l]; answered {
		return &query
	}
	return nil
}

func (sc *script) remember(l lane, query string) {
	sc.mu.Lock()
	defer sc.mu.Unlock()
	if sc.answered == nil {
		sc.answered = map[lane]string{}
	}
	sc.answered[l] = query
}

// answerOf is the whole of what happens to a request: it is logged, answered
// by the handlers of the two APIs, and spoilt by the faults.
func (s *Server) answerOf(r *http.Request) *answer {
	route, salesive := s.routeOf(r)
	x := &exchange{Request: s.logRequest(r, route), salesive: salesive, query: r.URL.RawQuery}
	faults := s.script.faultsOf(x.Request)
	for _, fault := range faults {
		if fault.before != nil {
			fault.before()
		}
	}
	if x.isList() {
		x.previous = s.script.previous(lane{x.Route, x.Token})
	}
	for _, fault := range faults {
		if fault.asked != nil {
			fault.asked(x)
		}
	}
	r = r.WithContext(context.WithValue(r.Context(), quirksKey{}, x.quirks))
	asked := *r.URL
	asked.RawQuery = x.query
	r.URL = &asked
	x.answer = record(s.serve, r)
	for _, fault := range faults {
		if fault.answer != nil {
			fault.answer(x)
		}
	}
	if x.isList() && x.answer.status == http.StatusOK && !x.answer.reset {
		s.script.remember(lane{x.Route, x.Token}, x.query)
	}
	return x.answer
}
