package storeorders_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"runtime/pprof"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-2861b391/storeorders"
)

// atOnce is how many goroutines share a client.
const atOnce = 32

// A shopper of a mall has rowsOfShopper orders, which come in pages of
// limitOfMall.
const (
	rowsOfShopper = 7
	limitOfMall   = 3
)

// shopper is who makes one call. All that is the shopper's has its number.
type shopper struct {
	n int

	mu         sync.Mutex
	generation int // of the token
}

func (s *shopper) name() string { return fmt.Sprintf("shopper-%05d", s.n) }

func (s *shopper) key() string { return fmt.Sprintf("pk_of_shopper_%05d", s.n) }

func (s *shopper) shop() string { return fmt.Sprintf("shop-of-shopper-%05d", s.n) }

// request is the X-Request-Id of the shopper's call.
func (s *shopper) request() string { return fmt.Sprintf("request-of-shopper-%05d", s.n) }

func (s *shopper) session() string { return fmt.Sprintf("session-of-shopper-%05d", s.n) }

func (s *shopper) token(generation int) string {
	return fmt.Sprintf("token-%d-of-shopper-%05d", generation, s.n)
}

func (s *shopper) group(row int) string { return fmt.Sprintf("og_%05d_%d", s.n, row) }

func (s *shopper) order(row int) string { return fmt.Sprintf("o%05d_%d", s.n, row) }

// rows are the ids of the shopper's first orders.
func (s *shopper) rows(mercur bool, rows int) (ids []string) {
	for row := range rows {
		if mercur {
			ids = append(ids, s.group(row))
		} else {
			ids = append(ids, s.order(row))
		}
	}
	return ids
}

// since is a bound of the walks on Mercur that no other shopper has.
func (s *shopper) since() time.Time {
	return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(s.n) * time.Millisecond)
}

type shopperKey struct{}

// in is the context of the shopper's call.
func (s *shopper) in(ctx context.Context) context.Context {
	return context.WithValue(ctx, shopperKey{}, s)
}

func shopperOf(ctx context.Context) *shopper {
	s, _ := ctx.Value(shopperKey{}).(*shopper)
	return s
}

// Token is the shopper's of today. It is for calls of this shopper's.
func (s *shopper) Token(ctx context.Context) (string, error) {
	if of := shopperOf(ctx); of != s {
		return "", fmt.Errorf("the token of %s was asked for in the context of %v", s.name(), of)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.token(s.generation), nil
}

// renewing is the shopper as a token source that can get another token.
type renewing struct{ *shopper }

func (r renewing) Invalidate(token string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if token == r.token(r.generation) {
		r.generation++
	}
}

// ofContext is the token source of a client that serves whoever the context
// names.
type ofContext struct{ shoppers *sync.Map }

func (o ofContext) Token(ctx context.Context) (string, error) {
	s := shopperOf(ctx)
	if s == nil {
		return "", errors.New("a context of nobody's")
	}
	o.shoppers.Store(s.n, s)
	return s.Token(ctx)
}

func (o ofContext) Invalidate(token string) {
	if s, known := o.shoppers.Load(numberAfter(token, "of-shopper-")); known {
		renewing{s.(*shopper)}.Invalidate(token) //nolint:errcheck // Token stores nothing else
	}
}

// numberAfter reads the number of a shopper, -1 if there is none.
func numberAfter(text, word string) int {
	_, digits, found := strings.Cut(text, word)
	n, err := strconv.Atoi(digits[:min(len(digits), 5)])
	if !found || err != nil || len(digits) < 5 {
		return -1
	}
	return n
}

// mallFault is what happens to the first request for a page.
type mallFault int

const (
	fails      mallFault = iota // 500
	isBusy                      // 503, and then an answer that breaks off
	refuses                     // 401, also to what comes later with the same token
	breaksOff                   // in the body
	hangsUp                     // without an answer
	isGone                      // 404, to a Get
	faultCount                  // how many there are
	noFault
)

// few reports the first few failures, and at the end of the test how many more
// there were: what is wrong with one of ten thousand calls is wrong with all.
type few struct {
	*testing.T

	failures atomic.Int64
}

func fewOf(t *testing.T) *few {
	t.Helper()
	f := &few{T: t}
	t.Cleanup(func() {
		if more := f.failures.Load() - reported; more > 0 {
			t.Errorf("and %d failures more", more)
		}
	})
	return f
}

const reported = 5

// Errorf takes the place of that of testing.T, also for package assert.
func (f *few) Errorf(format string, args ...any) {
	f.Helper()
	if f.failures.Add(1) <= reported {
		f.T.Errorf(format, args...)
	}
}

// mall is a server of both APIs. Every request that it gets is of one shopper's
// call, and says so in all that it carries: the mall compares them, and answers
// with that shopper's orders, session cookie and request id.
type mall struct {
	t *few
	*host

	// unhurt is a mall without faults.
	unhurt bool

	mu      sync.Mutex
	tries   map[string]int // by shopper and page
	revoked map[int]bool   // the first token of a shopper

	again, failed, refused, broken, searched atomic.Int64
}

func newMall(t *testing.T, start func(*httptest.Server)) *mall {
	t.Helper()
	m := &mall{t: fewOf(t), tries: map[string]int{}, revoked: map[int]bool{}}
	m.host = newHostAs(t, m.serve, start)
	return m
}

// mallRequest is what one request wants, as it says itself.
type mallRequest struct {
	*shopper

	mercur        bool
	one           string // the id of a Get
	offset, limit int
	ids           []string
	idsOnly       bool
	generation    int
}

func (m *mall) serve(w http.ResponseWriter, req *http.Request) {
	a, wrong := m.read(req)
	if wrong != "" {
		m.t.Errorf("%s %s: %s", req.Method, req.URL, wrong)
		writeJSON(w, http.StatusBadRequest, `{"message":"a mixture"}`)
		return
	}
	w.Header().Set("Set-Cookie", "connect.sid="+a.session()+"; Path=/; HttpOnly")
	w.Header().Set("X-Request-Id", a.request())
	tries, isRevoked := m.count(a)
	happens := m.faultOf(a, tries)
	switch {
	case a.generation == 1 && (isRevoked || happens == refuses):
		m.revoke(a)
		m.refused.Add(1)
		writeJSON(w, http.StatusUnauthorized, `{"message":"`+a.name()+` has to log in"}`)
		return
	case a.generation > 1 && !isRevoked:
		m.t.Errorf("%s has a new token, and nobody refused the old one", a.name())
	}
	body := m.body(a, tries == 1 && happens == noFault && !m.unhurt)
	switch {
	case happens == isGone && a.one != "":
		writeJSON(w, http.StatusNotFound, `{"type":"not_found","message":"`+a.name()+` has none, says `+a.token(a.generation)+`"}`)
	case happens == fails:
		m.failed.Add(1)
		writeJSON(w, http.StatusInternalServerError, `{"message":"`+a.name()+` fell"}`)
	case happens == isBusy:
		m.failed.Add(1)
		writeJSON(w, http.StatusServiceUnavailable, `{"message":"`+a.name()+` waits"}`)
	case happens == breaksOff:
		m.broken.Add(1)
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		writeJSON(w, http.StatusOK, body[:len(body)/2])
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	case happens == hangsUp:
		m.broken.Add(1)
		panic(http.ErrAbortHandler)
	default:
		writeJSON(w, http.StatusOK, body)
	}
}

// read says what is asked for, and what in the request is not the same
// shopper's.
func (m *mall) read(req *http.Request) (a mallRequest, wrong string) {
	query := req.URL.Query()
	a = mallRequest{
		shopper:    &shopper{n: numberAfter(req.Header.Get("X-Request-Id"), "request-of-shopper-")},
		generation: 1,
		mercur:     strings.HasPrefix(req.URL.Path, "/store/"),
		limit:      number(query, "limit", limitOfMall),
		ids:        query["id"],
		idsOnly:    query.Get("fields") == "id",
	}
	a.offset = number(query, "offset", (number(query, "page", 1)-1)*a.limit)
	if req.Header.Get("Authorization") == "Bearer "+a.token(2) {
		a.generation = 2
	}
	headers := map[string]string{
		"Authorization": "Bearer " + a.token(a.generation), "X-Publishable-Api-Key": "", "X-Shop-Id": a.shop(), "Cookie": "",
		"X-Request-Id": a.request(), "X-Of-Context": a.name(), "X-Common": "1",
	}
	list, one, filter, ofList := "/orders", a.order(0), "orderId", strconv.Itoa(a.n)
	if a.mercur {
		headers["X-Publishable-Api-Key"], headers["X-Shop-Id"] = a.key(), ""
		list, one, filter, ofList = "/store/order-groups", a.group(0), "created_at[$gte]", a.since().Format("2006-01-02T15:04:05.000Z")
	}
	switch req.URL.Path {
	case list:
	case list + "/" + one:
		a.one, ofList = one, ""
	default:
		return a, "is of another shopper, or no path of the API's"
	}
	if got := query.Get(filter); got != ofList {
		return a, fmt.Sprintf("has %s=%q, not %q", filter, got, ofList)
	}
	for name, want := range headers {
		if got := req.Header.Values(name); strings.Join(got, "|") != want || len(got) > 1 {
			return a, fmt.Sprintf("has %s %q, not %q", name, got, want)
		}
	}
	for _, id := range a.ids {
		if !slices.Contains(a.rows(true, rowsOfShopper), id) {
			return a, "asks for " + id
		}
	}
	return a, ""
}

// count says how often the page was asked for, this time among them, and
// whether the shopper's first token is refused.
func (m *mall) count(a mallRequest) (tries int, isRevoked bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	page := fmt.Sprint(a.n, a.mercur, a.one, a.offset, a.limit, a.ids)
	m.tries[page]++
	if m.tries[page] > 1 {
		m.again.Add(1)
	}
	if a.idsOnly || len(a.ids) > 0 {
		m.searched.Add(1)
	}
	return m.tries[page], m.revoked[a.n]
}

func (m *mall) revoke(a mallRequest) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.revoked[a.n] = true
}

func (m *mall) isRevoked(s *shopper) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.revoked[s.n]
}

// faultOf spreads the faults over the calls of each kind, and over the pages
// of a walk. A busy mall's second answer breaks off.
func (m *mall) faultOf(a mallRequest, tries int) mallFault {
	f := mallFault(a.n/(ways*kinds)+a.offset/limitOfMall) % (2 * faultCount)
	switch {
	case m.unhurt || f >= faultCount:
		return noFault
	case tries == 1:
		return f
	case tries == 2 && f == isBusy:
		return breaksOff
	default:
		return noFault
	}
}

// body is a page of the shopper's orders, or one of them. One that loses has
// the last row of the page before in the place of its first row: All has to
// look for that.
func (m *mall) body(a mallRequest, loses bool) string {
	var rows []string
	row := func(i int) string {
		if a.mercur {
			return fmt.Sprintf(`{"id":%q,"customer_id":%q}`, a.group(i), a.name())
		}
		return fmt.Sprintf(`{"_id":%q,"user":%q}`, a.order(i), a.name())
	}
	for i := range rowsOfShopper {
		if a.ids == nil || slices.Contains(a.ids, a.group(i)) {
			rows = append(rows, row(i))
		}
	}
	count := len(rows)
	rows = rows[min(a.offset, count):min(a.offset+a.limit, count)]
	if loses && a.offset == limitOfMall && callOf(a.n).isAll {
		rows[0] = row(limitOfMall - 1)
	}
	items := "[" + strings.Join(rows, ",") + "]"
	switch {
	case a.mercur && a.one != "":
		return `{"order_group":` + row(0) + `}`
	case a.mercur:
		return fmt.Sprintf(`{"order_groups":%s,"count":%d,"offset":%d,"limit":%d}`, items, count, a.offset, a.limit)
	case a.one != "":
		return `{"status":200,"success":true,"data":` + row(0) + `}`
	default:
		return fmt.Sprintf(`{"status":200,"success":true,"data":{"orders":%s,"pagination":{"page":%d,"limit":%d,"total":%d,"pages":%d}}}`,
			items, a.offset/a.limit+1, a.limit, count, (count+a.limit-1)/a.limit)
	}
}

// client makes a client for all shoppers, with a middleware that says whose
// context a request came with.
func (m *mall) client(opts ...storeorders.Option) *storeorders.Client {
	source := ofContext{new(sync.Map)}
	return clientAt(m.t.T, m.URL, m.URL, append([]storeorders.Option{
		storeorders.WithMercur(storeorders.MercurConfig{BaseURL: m.URL, Token: source}),
		storeorders.WithSalesive(storeorders.SalesiveConfig{BaseURL: m.URL, Token: source}),
		retries(4),
		storeorders.WithLogger(onRecord(func(string) {})),
		storeorders.WithRateLimiter(limiterFunc(func(context.Context) error { return nil })),
		storeorders.WithMiddleware(func(next http.RoundTripper) http.RoundTripper {
			return transportFunc(func(req *http.Request) (*http.Response, error) {
				if s := shopperOf(req.Context()); s != nil {
					req.Header.Set("X-Of-Context", s.name())
				}
				return next.RoundTrip(req)
			})
		}),
	}, opts...)...)
}

// purchases are what a call brought back.
type purchases struct {
	ids, owners, raws []string
	responses         []*storeorders.Response
}

func (g *purchases) group(o *storeorders.OrderGroup) {
	g.ids, g.owners, g.raws = append(g.ids, o.ID), append(g.owners, o.CustomerID), append(g.raws, string(o.RawJSON()))
}

func (g *purchases) order(o *storeorders.Order) {
	g.ids, g.owners, g.raws = append(g.ids, o.ID), append(g.owners, o.User.ID), append(g.raws, string(o.RawJSON()))
}

func (g *purchases) groups(page *storeorders.OrderGroupPage) {
	for i := range page.Items {
		g.group(&page.Items[i])
	}
	g.responses = append(g.responses, page.Response)
}

func (g *purchases) orders(page *storeorders.OrderPage) {
	for i := range page.Items {
		g.order(&page.Items[i])
	}
	g.responses = append(g.responses, page.Response)
}

// eachOf hands over what a walk yields, and returns its error.
func eachOf[T any](seq iter.Seq2[T, error], yield func(T)) error {
	for v, err := range seq {
		if err != nil {
			return err
		}
		yield(v)
	}
	return nil
}

// mallCall is a method to call.
type mallCall struct {
	mercur bool
	isAll  bool
	rows   int // that a call without an error brings
	call   func(ctx context.Context, c *storeorders.Client, s *shopper, g *purchases, options []storeorders.RequestOption) error
}

const kinds = 16

// callOf is the method that the shopper with this number calls.
func callOf(n int) mallCall {
	groups := func(s *shopper) *storeorders.OrderGroupListOptions {
		return &storeorders.OrderGroupListOptions{Limit: limitOfMall, CreatedAt: storeorders.TimeFilter{GTE: s.since()}}
	}
	orders := func(s *shopper) *storeorders.OrderListOptions {
		return &storeorders.OrderListOptions{Limit: limitOfMall, Number: int64(s.n)}
	}
	ahead := max(0, n%kinds/4-2) * 3 // of the walks; prefetch is for nothing else
	walked := func(options []storeorders.RequestOption) []storeorders.RequestOption {
		if ahead == 0 {
			return options // the caller's slice itself
		}
		return slices.Concat(options, []storeorders.RequestOption{storeorders.WithPrefetch(ahead)})
	}
	switch n % kinds {
	case 0, 4:
		return mallCall{true, false, limitOfMall, func(ctx context.Context, c *storeorders.Client, s *shopper, g *purchases, options []storeorders.RequestOption) error {
			page, err := c.OrderGroups.List(ctx, groups(s), options...)
			if err == nil {
				g.groups(page)
			}
			return err
		}}
	case 1, 5:
		return mallCall{false, false, limitOfMall, func(ctx context.Context, c *storeorders.Client, s *shopper, g *purchases, options []storeorders.RequestOption) error {
			page, err := c.Orders.List(ctx, orders(s), options...)
			if err == nil {
				g.orders(page)
			}
			return err
		}}
	case 2, 6:
		return mallCall{true, false, 1, func(ctx context.Context, c *storeorders.Client, s *shopper, g *purchases, options []storeorders.RequestOption) error {
			group, err := c.OrderGroups.Get(ctx, s.group(0), nil, options...)
			if err == nil {
				g.group(group)
			}
			return err
		}}
	case 3, 7:
		return mallCall{false, false, 1, func(ctx context.Context, c *storeorders.Client, s *shopper, g *purchases, options []storeorders.RequestOption) error {
			order, err := c.Orders.Get(ctx, s.order(0), options...)
			if err == nil {
				g.order(order)
			}
			return err
		}}
	case 8, 12:
		return mallCall{true, false, rowsOfShopper, func(ctx context.Context, c *storeorders.Client, s *shopper, g *purchases, options []storeorders.RequestOption) error {
			return eachOf(c.OrderGroups.Pages(ctx, groups(s), walked(options)...), g.groups)
		}}
	case 9, 13:
		return mallCall{false, false, rowsOfShopper, func(ctx context.Context, c *storeorders.Client, s *shopper, g *purchases, options []storeorders.RequestOption) error {
			return eachOf(c.Orders.Pages(ctx, orders(s), walked(options)...), g.orders)
		}}
	case 10, 14:
		return mallCall{true, true, rowsOfShopper, func(ctx context.Context, c *storeorders.Client, s *shopper, g *purchases, options []storeorders.RequestOption) error {
			return eachOf(c.OrderGroups.All(ctx, groups(s), walked(options)...), g.group)
		}}
	default:
		return mallCall{false, true, rowsOfShopper, func(ctx context.Context, c *storeorders.Client, s *shopper, g *purchases, options []storeorders.RequestOption) error {
			return eachOf(c.Orders.All(ctx, orders(s), walked(options)...), g.order)
		}}
	}
}

const ways = 4

// credentials are the shopper's, in one of the ways to give them. The token
// can be renewed in the ways of an even number.
func (s *shopper) credentials(mercur bool) (options []storeorders.RequestOption, renews bool) {
	way := s.n / kinds % ways
	switch way {
	case 0:
		options = append(options, storeorders.WithTokenSource(renewing{s}))
	case 1:
		options = append(options, storeorders.WithToken(s.token(1)))
	case 2: // the client asks the context
	case 3:
		options = append(options, storeorders.WithTokenSource(s))
	}
	if mercur {
		options = append(options, storeorders.WithPublishableKey(s.key()))
	} else {
		options = append(options, storeorders.WithShopID(s.shop()))
	}
	return append(options, storeorders.WithHeader("X-Request-Id", s.request())), way%2 == 0
}

// buy makes the call of one shopper, and checks that what it brings is that
// shopper's.
func (m *mall) buy(ctx context.Context, client *storeorders.Client, n int) (ended error) {
	s := &shopper{n: n, generation: 1}
	k := callOf(n)
	own, renews := s.credentials(k.mercur)
	var g purchases
	err := k.call(s.in(ctx), client, s, &g, append(own, storeorders.WithHeader("X-Common", "1")))
	var apiError *storeorders.APIError
	switch {
	case errors.As(err, &apiError):
		assert.Truef(m.t, strings.HasPrefix(apiError.Message, s.name()), "%s is told: %s", s.name(), apiError.Message)
		assert.Equal(m.t, s.request(), apiError.RequestID)
		assert.NotContains(m.t, err.Error(), s.token(1))
		isGone := k.rows == 1 && errors.Is(err, storeorders.ErrNotFound)
		isOut := errors.Is(err, storeorders.ErrUnauthorized) && !renews && m.isRevoked(s)
		assert.Truef(m.t, isGone || isOut, "%s: %v", s.name(), err)
	case err != nil:
		assert.NoError(m.t, err, s.name())
	default:
		assert.Falsef(m.t, m.isRevoked(s) && !renews, "%s needed a new token", s.name())
	}
	want := s.rows(k.mercur, k.rows)
	switch {
	case err != nil:
		assert.Subset(m.t, want, g.ids)
		assert.Len(m.t, distinct(g.ids), len(g.ids))
	case k.isAll: // what had to be looked for comes last
		assert.ElementsMatch(m.t, want, g.ids)
	default:
		assert.Equal(m.t, want, g.ids)
	}
	for i, raw := range g.raws {
		assert.Equal(m.t, s.name(), g.owners[i])
		assert.Containsf(m.t, raw, g.ids[i], "of %s", s.name())
	}
	for _, r := range g.responses {
		assert.Equal(m.t, s.request(), r.RequestID)
		assert.Contains(m.t, r.Header.Get("Set-Cookie"), s.session())
	}
	return err
}

// inParallel makes calls, numbered from 1 on, from goroutines that take the next one
// as soon as they can.
func inParallel(calls int, call func(n int)) (made int64) {
	var next, done atomic.Int64
	var group sync.WaitGroup
	for range atOnce {
		group.Go(func() {
			for n := int(next.Add(1)); n <= calls; n = int(next.Add(1)) {
				call(n)
				done.Add(1)
			}
		})
	}
	group.Wait()
	return done.Load()
}

func TestManyShoppersShareAClient(t *testing.T) {
	t.Parallel()
	plain := (*httptest.Server).Start
	calls := 10_000
	if testing.Short() {
		calls = 2000
	}
	for name, test := range map[string]struct {
		calls  int
		start  func(*httptest.Server)
		client func(t *testing.T, m *mall) (client *storeorders.Client, check func())
	}{
		"with a transport of its own": {calls, plain, func(_ *testing.T, m *mall) (*storeorders.Client, func()) {
			return m.client(), func() {}
		}},
		// On Mercur a session cookie beats the bearer token.
		"with a caller's cookie jar": {1_000, plain, func(t *testing.T, m *mall) (*storeorders.Client, func()) {
			t.Helper()
			jar, err := cookiejar.New(nil)
			require.NoError(t, err)
			base, err := url.Parse(m.URL)
			require.NoError(t, err)
			jar.SetCookies(base, []*http.Cookie{{Name: "connect.sid", Value: "of-the-program", Path: "/"}}) //nolint:gosec // it is not to be sent anyway
			client := m.client(storeorders.WithHTTPClient(&http.Client{Jar: jar, Transport: &http.Transport{MaxIdleConnsPerHost: atOnce}}))
			return client, func() {
				if cookies := jar.Cookies(base); assert.Len(t, cookies, 1) {
					assert.Equal(t, "of-the-program", cookies[0].Value)
				}
			}
		}},
		// All of them share a connection.
		"over HTTP/2": {
			1_000, func(s *httptest.Server) {
				s.EnableHTTP2 = true
				s.StartTLS()
			},
			func(t *testing.T, m *mall) (*storeorders.Client, func()) {
				t.Helper()
				return m.client(storeorders.WithHTTPClient(m.Client())), func() {
					assert.Less(t, m.connections.Load(), int64(atOnce)*2)
				}
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMall(t, test.start)
			client, check := test.client(t, m)
			start := time.Now()
			var made int64
			var well, unauthorized, missing atomic.Int64
			leavingNoGoroutine(t, func(ctx context.Context) {
				made = inParallel(test.calls, func(n int) {
					switch err := m.buy(ctx, client, n); {
					case err == nil:
						well.Add(1)
					case errors.Is(err, storeorders.ErrUnauthorized):
						unauthorized.Add(1)
					case errors.Is(err, storeorders.ErrNotFound):
						missing.Add(1)
					}
				})
				client.CloseIdleConnections()
			})
			check()
			assert.EqualValues(t, test.calls, made)
			assert.EqualValues(t, test.calls, well.Load()+unauthorized.Load()+missing.Load())
			var text strings.Builder
			for _, count := range []struct {
				what string
				n    int64
			}{
				{"requests", m.requests.Load()},
				{"requests for what was asked for before", m.again.Load()},
				{"answers of 500 and 503", m.failed.Load()},
				{"answers of 401", m.refused.Load()},
				{"answers that broke off", m.broken.Load()},
				{"requests of a search", m.searched.Load()},
				{"calls that did well", well.Load()},
				{"calls that ended in a 401", unauthorized.Load()},
				{"calls that ended in a 404", missing.Load()},
				{"connections", m.connections.Load()},
			} {
				assert.Positive(t, count.n, count.what)
				fmt.Fprintf(&text, ", %d %s", count.n, count.what)
			}
			t.Logf("%d calls in %v%s", made, time.Since(start).Round(time.Millisecond), text.String())
		})
	}
}

// leavingNoGoroutine runs a function, and fails where a goroutine that it started is left
// at the end. Others may run beside it: goroutines inherit the labels of the
// one that started them.
func leavingNoGoroutine(t *testing.T, run func(ctx context.Context)) {
	t.Helper()
	ctx := t.Context()
	pprof.Do(ctx, pprof.Labels("test", t.Name()), run)
	left := func() int {
		var b bytes.Buffer
		if err := pprof.Lookup("goroutine").WriteTo(&b, 1); err != nil {
			return -1
		}
		return strings.Count(b.String(), strconv.Quote(t.Name()))
	}
	// What was closed a moment ago may be about to end.
	assert.Eventually(t, func() bool { return left() == 0 }, 10*time.Second, time.Millisecond, "goroutines are left")
}

// everyday is a shopper who makes many calls, in a mall without faults, on a
// client that asks the context for the token.
func everyday(t *testing.T) (*storeorders.Client, *shopper) {
	t.Helper()
	m := newMall(t, (*httptest.Server).Start)
	m.unhurt = true
	client := m.client()
	t.Cleanup(client.CloseIdleConnections)
	return client, &shopper{n: 2 * kinds, generation: 1}
}

// options are what a program may pass with every call of the shopper.
func (s *shopper) options(mercur bool) []storeorders.RequestOption {
	options, _ := s.credentials(mercur)
	return append(options, storeorders.WithHeader("X-Common", "1"))
}

// roomy is the list with room behind it, in which a careless append would
// write.
func roomy[T any](list ...T) []T { return append(make([]T, 0, len(list)+10), list...) }

// assertUntouched claims that nothing was written behind a roomy list.
func assertUntouched[T any](t *testing.T, list []T) {
	t.Helper()
	assert.Equal(t, len(list)+10, cap(list))
	for _, spare := range list[len(list):cap(list)] {
		assert.Empty(t, spare, "something was appended")
	}
}

func TestCallsShareASliceOfRequestOptions(t *testing.T) {
	t.Parallel()
	few := fewOf(t)
	client, s := everyday(t)
	groups, orders := roomy(s.options(true)...), roomy(s.options(false)...)
	inParallel(40*kinds, func(n int) {
		k, options := callOf(n), orders
		if k.mercur {
			options = groups
		}
		var g purchases
		if assert.NoError(few, k.call(s.in(t.Context()), client, s, &g, options)) {
			assert.Len(few, g.ids, k.rows)
		}
	})
	assertUntouched(t, groups)
	assertUntouched(t, orders)
}

func TestCallsShareTheirListOptions(t *testing.T) {
	t.Parallel()
	few := fewOf(t)
	client, s := everyday(t)
	groups := func() *storeorders.OrderGroupListOptions {
		return &storeorders.OrderGroupListOptions{
			Limit: 2, Order: storeorders.OldestFirst, CreatedAt: storeorders.TimeFilter{GTE: s.since()},
			Fields: roomy("id", "customer_id"), ID: roomy(s.group(0), s.group(2), s.group(5)),
		}
	}
	orders := func() *storeorders.OrderListOptions {
		return &storeorders.OrderListOptions{Limit: 2, Number: int64(s.n), Status: roomy(storeorders.OrderStatusPaid, storeorders.OrderStatusPending)}
	}
	one := &storeorders.OrderGroupGetOptions{Fields: roomy("id", "customer_id")}
	sharedGroups, sharedOrders := groups(), orders()
	ctx := s.in(t.Context())
	inParallel(160, func(n int) {
		ahead := storeorders.WithPrefetch(n % 3)
		mercur, salesive := s.options(true), s.options(false)
		mercurWalk, salesiveWalk := append(s.options(true), ahead), append(s.options(false), ahead)
		var list, pages, all, get purchases
		var errs [4]error
		rows := 3
		if n%2 == 0 {
			page, err := client.OrderGroups.List(ctx, sharedGroups, mercur...)
			if errs[0] = err; err == nil {
				list.groups(page)
			}
			errs[1] = eachOf(client.OrderGroups.Pages(ctx, sharedGroups, mercurWalk...), pages.groups)
			errs[2] = eachOf(client.OrderGroups.All(ctx, sharedGroups, mercurWalk...), all.group)
			group, err := client.OrderGroups.Get(ctx, s.group(0), one, mercur...)
			if errs[3] = err; err == nil {
				get.group(group)
			}
		} else {
			rows = rowsOfShopper
			page, err := client.Orders.List(ctx, sharedOrders, salesive...)
			if errs[0] = err; err == nil {
				list.orders(page)
			}
			errs[1] = eachOf(client.Orders.Pages(ctx, sharedOrders, salesiveWalk...), pages.orders)
			errs[2] = eachOf(client.Orders.All(ctx, sharedOrders, salesiveWalk...), all.order)
			order, err := client.Orders.Get(ctx, s.order(0), salesive...)
			if errs[3] = err; err == nil {
				get.order(order)
			}
		}
		for _, err := range errs {
			assert.NoError(few, err)
		}
		assert.Equal(few, [4]int{2, rows, rows, 1}, [4]int{len(list.ids), len(pages.ids), len(all.ids), len(get.ids)})
		assert.Equal(few, pages.ids, all.ids)
	})
	assert.Equal(t, groups(), sharedGroups)
	assert.Equal(t, orders(), sharedOrders)
	assertUntouched(t, sharedGroups.Fields)
	assertUntouched(t, sharedGroups.ID)
	assertUntouched(t, sharedOrders.Status)
	assertUntouched(t, one.Fields)
}

// Some of them leave the walk early.
func TestGoroutinesRangeOneIteratorAtOnce(t *testing.T) {
	t.Parallel()
	for _, mercur := range []bool{true, false} {
		for _, method := range []string{"Pages", "All"} {
			for _, ahead := range []int{0, 3} {
				t.Run(fmt.Sprintf("Mercur %v/%s/%d ahead", mercur, method, ahead), func(t *testing.T) {
					t.Parallel()
					few := fewOf(t)
					client, s := everyday(t)
					ctx, options := s.in(t.Context()), append(s.options(mercur), storeorders.WithPrefetch(ahead))
					groups := &storeorders.OrderGroupListOptions{Limit: 2, CreatedAt: storeorders.TimeFilter{GTE: s.since()}}
					orders := &storeorders.OrderListOptions{Limit: 2, Number: int64(s.n)}
					var walk iter.Seq2[[]string, error]
					switch {
					case mercur && method == "Pages":
						walk = mapped(client.OrderGroups.Pages(ctx, groups, options...), idsOfGroups)
					case mercur:
						walk = mapped(client.OrderGroups.All(ctx, groups, options...), func(g *storeorders.OrderGroup) []string { return []string{g.ID} })
					case method == "Pages":
						walk = mapped(client.Orders.Pages(ctx, orders, options...), idsOfOrders)
					default:
						walk = mapped(client.Orders.All(ctx, orders, options...), func(o *storeorders.Order) []string { return []string{o.ID} })
					}
					want := s.rows(mercur, rowsOfShopper)
					leavingNoGoroutine(t, func(context.Context) {
						inParallel(4*atOnce, func(n int) {
							most := n%(rowsOfShopper+3) + 1 // three of ten go to the end
							steps, err := storeorders.Collect(walk, most)
							assert.NoError(few, err)
							got := slices.Concat(steps...)
							assert.Equal(few, want[:min(len(got), len(want))], got)
							assert.GreaterOrEqual(few, len(got), min(most, rowsOfShopper))
						})
						client.CloseIdleConnections()
					})
				})
			}
		}
	}
}
