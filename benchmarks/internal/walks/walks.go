// Package walks has the clients that are compared. Each of them walks all
// records of an API, page by page, into its structs.
package walks

import (
	"context"
	"fmt"
	"maps"
	"math"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/seed-2861b391/storeorders"
	"github.com/seed-2861b391/storeorders/benchmarks/internal/pages"
)

// Baseline is the client that the others are measured against.
const Baseline = "nethttp-json"

// Result is what one walk of one client in a process of its own was and cost.
// The JavaScript clients print the same.
type Result struct {
	Client  string `json:"client"`
	API     string `json:"api"`
	Size    int    `json:"size"`
	Records int    `json:"records"`
	Rounds  int    `json:"rounds"` // how many walks; all below but Peak is for one

	Found pages.Tally `json:"found"`

	CPU     float64 `json:"cpu_ms"` // of the whole process, in user and system mode
	Wall    float64 `json:"wall_ms"`
	Mallocs float64 `json:"mallocs,omitempty"` // not with JavaScript
	Bytes   float64 `json:"bytes,omitempty"`
	Peak    float64 `json:"peak_mib"` // of the resident memory, since the warm-up

	Connections float64 `json:"connections"`
	Requests    float64 `json:"requests"`
	BodyBytes   float64 `json:"body_bytes"`
}

// Task is what to walk.
type Task struct {
	API     string
	BaseURL string // with the settings
	Size    int    // records a page
	Records int    // only for the client that does not look into the pages
}

// Walk walks all records.
type Walk func(context.Context) (pages.Tally, error)

// Names are the clients' names, in the order of the tables.
func Names() []string {
	names := []string{"raw", Baseline, "nethttp-json-lean", "resty", "oapi-codegen", "nethttp-json-sdk-types", "sdk", "sdk-pages"}
	return append(names, PrefetchNames()...)
}

// PrefetchNames are those of the clients that ask for pages ahead.
func PrefetchNames() []string {
	var names []string
	for _, n := range []int{1, 2, 4, 8, 16} {
		names = append(names, "sdk-prefetch-"+strconv.Itoa(n))
	}
	return names
}

// New prepares a client for a task.
func New(client string, task Task) (Walk, error) {
	makers := map[string]func(Task) (Walk, error){
		"raw":                    raw,
		Baseline:                 netHTTP(visitPlainGroups, visitPlainOrders),
		"nethttp-json-lean":      netHTTP(visitLeanGroups, visitLeanOrders),
		"nethttp-json-sdk-types": netHTTP(visitSDKGroups, visitSDKOrders),
		"resty":                  restyClient,
		"oapi-codegen":           oapiClient,
		"sdk":                    func(task Task) (Walk, error) { return sdkAll(task) },
		"sdk-pages":              sdkPages,
	}
	for i, name := range PrefetchNames() {
		makers[name] = func(task Task) (Walk, error) { return sdkAll(task, storeorders.WithPrefetch(1<<i)) }
	}
	if task.API != pages.Mercur && task.API != pages.Salesive {
		return nil, fmt.Errorf("no such API: %q", task.API)
	}
	maker, ok := makers[client]
	if !ok {
		return nil, fmt.Errorf("no such client: %q; there are %s", client, strings.Join(slices.Sorted(maps.Keys(makers)), ", "))
	}
	return maker(task)
}

// The credentials that every client sends.
const (
	token          = "eyJhbGciOiJIUzI1NiJ9.e30.c2lnbmF0dXJl" //nolint:gosec // made up
	publishableKey = "pk_0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	shopID         = "68b8f52575da81b332af29f1"
)

func setHeaders(header http.Header) {
	header.Set("Authorization", "Bearer "+token)
	header.Set("Accept", "application/json")
	header.Set("X-Publishable-Api-Key", publishableKey)
	header.Set("X-Shop-Id", shopID)
}

// transport has the settings of the SDK's own: every client has such a one.
func transport() *http.Transport {
	dialer := &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}
	return &http.Transport{
		DialContext:         dialer.DialContext,
		ForceAttemptHTTP2:   true,
		MaxIdleConns:        256,
		MaxIdleConnsPerHost: 128,
		IdleConnTimeout:     90 * time.Second,
		TLSHandshakeTimeout: 10 * time.Second,
	}
}

func fields() string { return strings.Join(storeorders.DefaultOrderGroupFields(), ",") }

// query is the query string of the page that begins at offset.
func (t Task) query(offset int) url.Values {
	query := url.Values{"limit": {strconv.Itoa(t.Size)}}
	if t.API == pages.Mercur {
		query.Set("offset", strconv.Itoa(offset))
		query.Set("fields", fields())
	} else {
		query.Set("page", strconv.Itoa(offset/t.Size+1))
	}
	return query
}

func (t Task) path() string {
	if t.API == pages.Mercur {
		return "/store/order-groups"
	}
	return "/orders"
}

// inPages walks by a function that reads the page at an offset and says how
// many records it had, and how many there are in all.
func inPages(page func(ctx context.Context, offset int, check *checker) (n, total int, err error)) Walk {
	return func(ctx context.Context) (pages.Tally, error) {
		check := &checker{}
		for offset := 0; ; {
			n, total, err := page(ctx, offset, check)
			if err != nil {
				return check.Tally, err
			}
			offset += n
			if n == 0 || offset >= total {
				return check.Tally, check.err
			}
		}
	}
}

// checker counts what a walk finds. It costs each client the same, and next
// to nothing: that each record was there once it knows by a bit a record.
type checker struct {
	pages.Tally

	seen []uint64
	err  error
}

// add counts a record. Its number is the last ten digits of its id.
func (c *checker) add(id string, items int, cents int64) {
	number, err := strconv.Atoi(id[max(0, len(id)-10):])
	if err != nil || number < 0 {
		c.err = fmt.Errorf("an id that is none of the server's: %q", id)
		return
	}
	word, bit := number/64, uint64(1)<<(number%64)
	for word >= len(c.seen) {
		c.seen = append(c.seen, 0)
	}
	if c.seen[word]&bit != 0 {
		c.err = fmt.Errorf("twice the same id: %q", id)
	}
	c.seen[word] |= bit
	c.Records++
	c.Items += items
	c.Cents += cents
}

// floatCents are the cents of an amount of a client that decodes to float64.
func floatCents(amount float64) int64 { return int64(math.Round(amount * 100)) }

// decimalCents are those of one that keeps the digits: without a second
// parsing, which the other clients do not have either.
func decimalCents(amount storeorders.Decimal) int64 {
	var cents, places int64 = 0, -1
	for _, digit := range []byte(amount) {
		if digit == '.' {
			places = 0
			continue
		}
		cents = cents*10 + int64(digit-'0')
		if places >= 0 {
			places++
		}
	}
	for places = max(places, 0); places < 2; places++ {
		cents *= 10
	}
	return cents
}
