//go:build integration

// Package integration_test runs the SDK against a Mercur server on loopback,
// which mercur/up.sh starts and fills: see run.sh.
package integration_test

import (
	"bytes"
	"cmp"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"net/http"
	"os"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed-2861b391/storeorders"
)

// live is the server that all tests share; the testing package gives TestMain
// no other way to hand it to them.
var live *server //nolint:gochecknoglobals // see above

type server struct {
	url, publishableKey, log string
	tokens                   map[string]string // by "A", "B", "C", "EXPIRED", "FORGED", "SELLER"
	seed                     seed

	requests, groups atomic.Int64
}

// seed is what seed.mjs wrote: all that the store has to know.
type seed struct {
	Customers   map[string]customer `json:"customers"`
	OrderGroups []orderGroup        `json:"order_groups"`
	Canceled    struct {
		OrderGroupID string `json:"order_group_id"`
		OrderID      string `json:"order_id"`
	} `json:"canceled"`
	DeletedVariantID string `json:"deleted_variant_id"`
}

type customer struct {
	ID     string   `json:"id"`
	Groups []string `json:"groups"`
}

type orderGroup struct {
	ID         string    `json:"id"`
	CustomerID string    `json:"customer_id"`
	CreatedAt  time.Time `json:"created_at"`
	UpdatedAt  time.Time `json:"updated_at"`
	Cart       cart      `json:"cart"`
}

type cart struct {
	CurrencyCode     string                         `json:"currency_code"`
	TaxRate          storeorders.Decimal            `json:"tax_rate"`
	SellerCount      storeorders.Decimal            `json:"seller_count"`
	ShippingBySeller map[string]storeorders.Decimal `json:"shipping_by_seller"`
	Lines            []cartLine                     `json:"lines"`
}

type cartLine struct {
	SellerID     string              `json:"seller_id"`
	SellerHandle string              `json:"seller_handle"`
	SellerName   string              `json:"seller_name"`
	VariantID    string              `json:"variant_id"`
	Title        string              `json:"title"`
	UnitPrice    storeorders.Decimal `json:"unit_price"`
	Quantity     storeorders.Decimal `json:"quantity"`
}

func TestMain(m *testing.M) {
	var err error
	if live, err = fromEnvironment(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	started := time.Now()
	m.Run()
	fmt.Printf("figures: %d order groups read in %d requests and %.1f s\n",
		live.groups.Load(), live.requests.Load(), time.Since(started).Seconds())
}

func fromEnvironment() (*server, error) {
	s := &server{
		url:            os.Getenv("MERCUR_URL"),
		publishableKey: os.Getenv("MERCUR_PUBLISHABLE_KEY"),
		log:            os.Getenv("MERCUR_SERVER_LOG"),
		tokens:         map[string]string{},
	}
	if s.url == "" {
		return nil, errors.New("MERCUR_URL is not set: run `make integration`, which starts the server")
	}
	for _, name := range []string{"A", "B", "C", "EXPIRED", "FORGED", "SELLER"} {
		s.tokens[name] = os.Getenv("MERCUR_TOKEN_" + name)
		if s.tokens[name] == "" {
			return nil, fmt.Errorf("MERCUR_TOKEN_%s is not set: run `make integration`", name)
		}
	}
	data, err := os.ReadFile(os.Getenv("MERCUR_SEED_JSON")) //nolint:gosec // the environment of a test may name its files
	if err != nil {
		return nil, fmt.Errorf("MERCUR_SEED_JSON: %w: run `make integration`", err)
	}
	if err := json.Unmarshal(data, &s.seed); err != nil {
		return nil, fmt.Errorf("MERCUR_SEED_JSON: %w", err)
	}
	return s, nil
}

// groupsOf gives A's, B's or C's order groups as seeded, in the order of
// customers.X.groups.
func (s *seed) groupsOf(name string) []orderGroup {
	byID := map[string]orderGroup{}
	for _, g := range s.OrderGroups {
		byID[g.ID] = g
	}
	groups := []orderGroup{}
	for _, id := range s.Customers[name].Groups {
		groups = append(groups, byID[id])
	}
	return groups
}

// client is a client of the live server that counts what it sends.
type client struct {
	*storeorders.Client
	requests atomic.Int64
}

// newClient makes a client with shopper A's token as its default. Options of
// a test come after the client's own, so that they win.
func newClient(t *testing.T, opts ...storeorders.Option) *client {
	t.Helper()
	c := &client{}
	count := func(next http.RoundTripper) http.RoundTripper {
		return roundTripper(func(req *http.Request) (*http.Response, error) {
			c.requests.Add(1)
			live.requests.Add(1)
			resp, err := next.RoundTrip(req)
			if err != nil {
				return nil, err
			}
			live.groups.Add(countGroups(resp))
			return resp, nil
		})
	}
	sdk, err := storeorders.NewClient(append([]storeorders.Option{
		storeorders.WithMercur(storeorders.MercurConfig{
			BaseURL:        live.url,
			PublishableKey: live.publishableKey,
			Token:          storeorders.StaticToken(live.tokens["A"]),
		}),
		storeorders.WithMiddleware(count),
	}, opts...)...)
	require.NoError(t, err)
	c.Client = sdk
	t.Cleanup(sdk.CloseIdleConnections)
	return c
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// countGroups counts the order groups in an answer, and leaves it to be read.
func countGroups(resp *http.Response) int64 {
	body, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	rest := io.Reader(bytes.NewReader(body))
	if err != nil { // for the SDK to meet as well
		rest = io.MultiReader(rest, failingReader{err})
	}
	resp.Body = io.NopCloser(rest)
	var answer struct {
		OrderGroups []json.RawMessage `json:"order_groups"`
		OrderGroup  json.RawMessage   `json:"order_group"`
	}
	_ = json.Unmarshal(body, &answer) // an answer that is no JSON has no groups
	if answer.OrderGroup != nil {
		return 1
	}
	return int64(len(answer.OrderGroups))
}

type failingReader struct{ err error }

func (r failingReader) Read([]byte) (int, error) { return 0, r.err }

// as sends the token of "A", "B", "C", "EXPIRED", "FORGED" or "SELLER".
func as(name string) storeorders.RequestOption { return storeorders.WithToken(live.tokens[name]) }

// logged makes a request id, and a function that waits for the n requests that
// the server logged under it: it writes the line after the answer.
func logged(t *testing.T) (withID storeorders.RequestOption, wait func(n int) []loggedRequest) {
	t.Helper()
	id := rand.Text()
	return storeorders.WithHeader("X-Request-Id", id), func(n int) []loggedRequest {
		t.Helper()
		found := readLog(t, id)
		for deadline := time.Now().Add(10 * time.Second); len(found) < n && time.Now().Before(deadline); found = readLog(t, id) {
			time.Sleep(20 * time.Millisecond) //nolint:forbidigo // a log file does not say when it grows
		}
		require.Len(t, found, n, "requests in the server's log")
		return found
	}
}

type loggedRequest struct {
	Method string `json:"method"`
	Path   string `json:"path"` // with the query, as it came
	Status int    `json:"status"`
}

func readLog(t *testing.T, id string) []loggedRequest {
	t.Helper()
	log, err := os.ReadFile(live.log)
	require.NoError(t, err, "MERCUR_SERVER_LOG")
	var found []loggedRequest
	for line := range bytes.Lines(log) {
		var r loggedRequest
		// Not every line is a request, and the last one may be half written.
		if bytes.Contains(line, []byte(id)) && json.Unmarshal(line, &r) == nil {
			found = append(found, r)
		}
	}
	return found
}

// collectPages walks all pages to the end.
func collectPages(t *testing.T, pages iter.Seq2[*storeorders.OrderGroupPage, error]) []*storeorders.OrderGroupPage {
	t.Helper()
	all, err := storeorders.Collect(pages, 0)
	require.NoError(t, err)
	return all
}

func idsOf(groups []orderGroup) []string {
	ids := []string{}
	for _, g := range groups {
		ids = append(ids, g.ID)
	}
	return ids
}

func idsOfItems(items []storeorders.OrderGroup) []string {
	ids := []string{}
	for i := range items {
		ids = append(ids, items[i].ID)
	}
	return ids
}

func idsOfPointers(items []*storeorders.OrderGroup) []string {
	ids := []string{}
	for _, g := range items {
		ids = append(ids, g.ID)
	}
	return ids
}

func idsOfPages(pages []*storeorders.OrderGroupPage) []string {
	ids := []string{}
	for _, p := range pages {
		ids = append(ids, idsOfItems(p.Items)...)
	}
	return ids
}

func distinct(ids []string) int {
	set := map[string]bool{}
	for _, id := range ids {
		set[id] = true
	}
	return len(set)
}

// createdAt and updatedAt are the two instants to sort and filter by.
func createdAt(g orderGroup) time.Time { return g.CreatedAt }
func updatedAt(g orderGroup) time.Time { return g.UpdatedAt }

// sortedInstants are the groups' instants, latest first or last.
func sortedInstants(groups []orderGroup, instant func(orderGroup) time.Time, latestFirst bool) []time.Time {
	instants := []time.Time{}
	for _, g := range groups {
		instants = append(instants, instant(g))
	}
	slices.SortFunc(instants, func(a, b time.Time) int {
		if latestFirst {
			return b.Compare(a)
		}
		return a.Compare(b)
	})
	return instants
}

// instantsOf are the seeded instants of the ids, in the order of the ids.
// Compared with sortedInstants they tell whether a list is in order without
// saying which of two groups of one instant comes first.
func instantsOf(t *testing.T, ids []string, instant func(orderGroup) time.Time) []time.Time {
	t.Helper()
	byID := map[string]time.Time{}
	for _, g := range live.seed.OrderGroups {
		byID[g.ID] = instant(g)
	}
	instants := []time.Time{}
	for _, id := range ids {
		require.Contains(t, byID, id)
		instants = append(instants, byID[id])
	}
	return instants
}

// members are the names of the members of a JSON object, sorted.
func members(t *testing.T, object json.RawMessage) []string {
	t.Helper()
	var m map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(object, &m))
	return slices.Sorted(maps.Keys(m))
}

// sorted gives the group with its orders and items sorted by id: the server
// promises no order of them.
func sorted(g storeorders.OrderGroup) storeorders.OrderGroup {
	g.Orders = slices.SortedFunc(slices.Values(g.Orders), func(a, b storeorders.SellerOrder) int { return cmp.Compare(a.ID, b.ID) })
	for i := range g.Orders {
		g.Orders[i].Items = slices.SortedFunc(slices.Values(g.Orders[i].Items), func(a, b storeorders.LineItem) int { return cmp.Compare(a.ID, b.ID) })
	}
	return g
}
