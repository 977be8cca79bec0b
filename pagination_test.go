package storeorders_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-2861b391/storeorders"
)

// shelf is a server of both APIs that lists the same ids on each, and can be
// made to misbehave.
type shelf struct {
	mu  sync.Mutex
	ids []string
	// onRequest runs before the n-th request (from 1) is answered. A status
	// other than 0 is answered instead of the page.
	onRequest func(s *shelf, n int) (status int)
	// pageOf gives the ids of a page in place of the true ones.
	pageOf func(s *shelf, offset, limit int) []string
	// clamp is the largest limit that is honoured, 0 for any.
	clamp int
	// countOf is the count in place of the true one.
	countOf func(s *shelf) int

	requests int
}

func (s *shelf) RoundTrip(req *http.Request) (*http.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := req.Context().Err(); err != nil {
		return nil, err
	}
	s.requests++
	answer := func(status int, body string) (*http.Response, error) {
		return &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(body)), Request: req}, nil
	}
	if s.onRequest != nil {
		if status := s.onRequest(s, s.requests); status != 0 {
			return answer(status, `{"message":"as told"}`)
		}
	}
	number := func(name string, otherwise int) int {
		if n, err := strconv.Atoi(req.URL.Query().Get(name)); err == nil {
			return n
		}
		return otherwise
	}
	salesive := strings.HasSuffix(req.URL.Path, "/orders")
	limit := number("limit", map[bool]int{false: 50, true: 10}[salesive])
	if s.clamp > 0 {
		limit = min(limit, s.clamp)
	}
	offset := number("offset", (number("page", 1)-1)*limit)
	ids := s.ids[min(offset, len(s.ids)):min(offset+limit, len(s.ids))]
	if s.pageOf != nil {
		ids = s.pageOf(s, offset, limit)
	}
	count := len(s.ids)
	if s.countOf != nil {
		count = s.countOf(s)
	}
	type object map[string]any
	items := []object{}
	for _, id := range ids {
		items = append(items, object{"id": id, "_id": id})
	}
	body := object{"order_groups": items, "count": count, "offset": offset, "limit": limit}
	if salesive {
		body = object{"status": 200, "success": true, "message": "", "data": object{
			"orders":     items,
			"pagination": object{"page": offset/limit + 1, "limit": limit, "total": count, "pages": (count + limit - 1) / limit},
		}}
	}
	text, _ := json.Marshal(body)
	return answer(http.StatusOK, string(text))
}

func numbered(n int) []string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = fmt.Sprintf("%04d", i)
	}
	return ids
}

// api is what the two services have in common, so that a behaviour of the walk
// is tested on both.
type api struct {
	name string
	// all and pages walk from a number of rows, in pages of limit; pages gives
	// the ids of each page.
	all   func(ctx context.Context, from, limit int) iter.Seq2[string, error]
	pages func(ctx context.Context, from, limit int) iter.Seq2[[]string, error]
	// place is the number of rows at which a PageError says to go on.
	place func(e *storeorders.PageError, limit int) int
}

// onBoth runs a test for each API against a shelf of its own.
func onBoth(t *testing.T, newShelf func() *shelf, test func(t *testing.T, s *shelf, a api)) {
	t.Helper()
	for _, name := range []string{"Mercur", "Salesive"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShelf()
			client := clientOf(t, s, retries(0))
			mercur := api{
				name: name,
				all: func(ctx context.Context, from, limit int) iter.Seq2[string, error] {
					return mapped(client.OrderGroups.All(ctx, &storeorders.OrderGroupListOptions{Offset: from, Limit: limit}), func(g *storeorders.OrderGroup) string { return g.ID })
				},
				pages: func(ctx context.Context, from, limit int) iter.Seq2[[]string, error] {
					return mapped(client.OrderGroups.Pages(ctx, &storeorders.OrderGroupListOptions{Offset: from, Limit: limit}), func(p *storeorders.OrderGroupPage) (ids []string) {
						for _, g := range p.Items {
							ids = append(ids, g.ID)
						}
						return ids
					})
				},
				place: func(e *storeorders.PageError, _ int) int {
					assert.Equal(t, -1, e.Page)
					return e.Offset
				},
			}
			salesive := api{
				name: name,
				all: func(ctx context.Context, from, limit int) iter.Seq2[string, error] {
					return mapped(client.Orders.All(ctx, &storeorders.OrderListOptions{Page: pageOf(from, limit), Limit: limit}), func(o *storeorders.Order) string { return o.ID })
				},
				pages: func(ctx context.Context, from, limit int) iter.Seq2[[]string, error] {
					return mapped(client.Orders.Pages(ctx, &storeorders.OrderListOptions{Page: pageOf(from, limit), Limit: limit}), func(p *storeorders.OrderPage) (ids []string) {
						for _, o := range p.Items {
							ids = append(ids, o.ID)
						}
						return ids
					})
				},
				place: func(e *storeorders.PageError, limit int) int {
					assert.Equal(t, -1, e.Offset)
					return (e.Page - 1) * limit
				},
			}
			test(t, s, map[string]api{"Mercur": mercur, "Salesive": salesive}[name])
		})
	}
}

// pageOf is 0, the first page by default, for a walk from the beginning.
func pageOf(from, limit int) int {
	if from == 0 {
		return 0
	}
	return from/limit + 1
}

// mapped passes on the zero value that comes with an error, so that a test
// sees a walk that yields something else.
func mapped[T any, P *T, U any](seq iter.Seq2[P, error], f func(P) U) iter.Seq2[U, error] {
	return func(yield func(U, error) bool) {
		for item, err := range seq {
			var u U
			if item != nil {
				u = f(item)
			}
			if !yield(u, err) {
				return
			}
		}
	}
}

func TestWalkMakesNoRequestMoreThanItNeeds(t *testing.T) {
	t.Parallel()
	const limit = 5
	for rows, requests := range map[int]int{0: 1, 1: 1, limit - 1: 1, limit: 1, limit + 1: 2, 3 * limit: 3, 3*limit + 1: 4} {
		t.Run(strconv.Itoa(rows), func(t *testing.T) {
			t.Parallel()
			newShelf := func() *shelf { return &shelf{ids: numbered(rows)} }
			onBoth(t, newShelf, func(t *testing.T, s *shelf, a api) {
				got, err := storeorders.Collect(a.all(t.Context(), 0, limit), 0)
				require.NoError(t, err)
				assert.ElementsMatch(t, s.ids, got)
				assert.Equal(t, requests, s.requests)

				s.requests = 0
				pages, err := storeorders.Collect(a.pages(t.Context(), 0, limit), 0)
				require.NoError(t, err)
				assert.Len(t, pages, requests)
				assert.Equal(t, requests, s.requests)
			})
		})
	}
}

func TestNothingIsSentBeforeTheWalkIsRanged(t *testing.T) {
	t.Parallel()
	onBoth(t, func() *shelf { return &shelf{ids: numbered(3)} }, func(t *testing.T, s *shelf, a api) {
		a.all(t.Context(), 0, 1)
		a.pages(t.Context(), 0, 1)
		assert.Zero(t, s.requests)
	})
}

func TestEachRangeStartsAfresh(t *testing.T) {
	t.Parallel()
	onBoth(t, func() *shelf { return &shelf{ids: numbered(6)} }, func(t *testing.T, _ *shelf, a api) {
		walk := a.all(t.Context(), 0, 2)
		var group sync.WaitGroup
		for range 4 {
			group.Go(func() {
				got, err := storeorders.Collect(walk, 0)
				assert.NoError(t, err)
				assert.Equal(t, numbered(6), got)
			})
		}
		group.Wait()
		for range 2 {
			got, err := storeorders.Collect(walk, 4)
			require.NoError(t, err)
			assert.Equal(t, numbered(6)[:4], got)
		}
	})
}

func TestBreakSendsNothingMore(t *testing.T) {
	t.Parallel()
	const limit = 5
	for taken, requests := range map[int]int{1: 1, limit - 1: 1, limit: 1, limit + 1: 2} {
		t.Run(strconv.Itoa(taken), func(t *testing.T) {
			t.Parallel()
			onBoth(t, func() *shelf { return &shelf{ids: numbered(30)} }, func(t *testing.T, s *shelf, a api) {
				got, err := storeorders.Collect(a.all(t.Context(), 0, limit), taken)
				require.NoError(t, err)
				assert.Equal(t, numbered(taken), got)
				assert.Equal(t, requests, s.requests)
			})
		})
	}
}

func TestErrorEndsTheWalkOnceAndSaysWhereToGoOn(t *testing.T) {
	t.Parallel()
	const limit = 2
	failing := func() *shelf {
		return &shelf{ids: numbered(7), onRequest: func(_ *shelf, n int) int { return map[int]int{3: 503}[n] }}
	}
	onBoth(t, failing, func(t *testing.T, s *shelf, a api) {
		var got []string
		var errs []error
		for id, err := range a.all(t.Context(), 0, limit) {
			if err != nil {
				assert.Empty(t, id)
				errs = append(errs, err)
				continue
			}
			got = append(got, id)
		}
		assert.Equal(t, numbered(4), got)
		require.Len(t, errs, 1)
		assert.ErrorIs(t, errs[0], storeorders.ErrServer)
		var pageError *storeorders.PageError
		require.ErrorAs(t, errs[0], &pageError)

		rest, err := storeorders.Collect(a.all(t.Context(), a.place(pageError, limit), limit), 0)
		require.NoError(t, err)
		assert.Equal(t, s.ids, append(got, rest...))
	})
}

func TestPagesStopAtTheError(t *testing.T) {
	t.Parallel()
	failing := func() *shelf {
		return &shelf{ids: numbered(7), onRequest: func(_ *shelf, n int) int { return map[int]int{2: 403}[n] }}
	}
	onBoth(t, failing, func(t *testing.T, s *shelf, a api) {
		pages, err := storeorders.Collect(a.pages(t.Context(), 0, 2), 0)
		assert.Equal(t, [][]string{{"0000", "0001"}}, pages)
		assert.ErrorIs(t, err, storeorders.ErrForbidden)
		var pageError *storeorders.PageError
		require.ErrorAs(t, err, &pageError)
		assert.Equal(t, 2, a.place(pageError, 2))
		assert.Equal(t, 2, s.requests)
	})
}

func TestCancellationOnPage1StopsPage2(t *testing.T) {
	t.Parallel()
	onBoth(t, func() *shelf { return &shelf{ids: numbered(9)} }, func(t *testing.T, s *shelf, a api) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		var got []string
		var last error
		for id, err := range a.all(ctx, 0, 3) {
			if last = err; err == nil {
				got = append(got, id)
			}
			cancel()
		}
		assert.Equal(t, numbered(3), got)
		assert.ErrorIs(t, last, context.Canceled)
		assert.Equal(t, 1, s.requests)
	})
}

func TestAllYieldsRepeatedRowsOnce(t *testing.T) {
	t.Parallel()
	// A new order in front shifts the pages: the last row of a page comes
	// again on the next one.
	shifting := func() *shelf {
		return &shelf{ids: numbered(6), onRequest: func(s *shelf, n int) int {
			if n == 2 {
				s.ids = append([]string{"new"}, s.ids...)
			}
			return 0
		}}
	}
	onBoth(t, shifting, func(t *testing.T, _ *shelf, a api) {
		got, err := storeorders.Collect(a.all(t.Context(), 0, 3), 0)
		assert.Equal(t, numbered(6), got)
		var incomplete *storeorders.IncompleteError
		require.ErrorAs(t, err, &incomplete, "the count moved")
		assert.Equal(t, storeorders.IncompleteError{Seen: 6, Count: 7}, *incomplete)

		pages, err := storeorders.Collect(a.pages(t.Context(), 0, 3), 0)
		require.NoError(t, err)
		assert.Equal(t, [][]string{{"new", "0000", "0001"}, {"0002", "0003", "0004"}, {"0005"}}, pages, "Pages gives what the server gives")
	})
}

func TestAllNoticesRowsThatTiesLost(t *testing.T) {
	t.Parallel()
	// Rows 2, 3 and 4 share an instant, and the server sorts them anew for
	// each page, as a real one was seen to do.
	tied := func() *shelf {
		return &shelf{ids: numbered(6), pageOf: func(s *shelf, offset, limit int) []string {
			if offset >= 2 && offset <= 4 && limit == 1 {
				offset = 3
			}
			return s.ids[min(offset, len(s.ids)):min(offset+limit, len(s.ids))]
		}}
	}
	onBoth(t, tied, func(t *testing.T, s *shelf, a api) {
		got, err := storeorders.Collect(a.all(t.Context(), 0, 1), 0)
		assert.Equal(t, []string{"0000", "0001", "0003", "0005"}, got)
		assert.ErrorIs(t, err, storeorders.ErrIncomplete)
		var incomplete *storeorders.IncompleteError
		require.ErrorAs(t, err, &incomplete)
		assert.Equal(t, storeorders.IncompleteError{Seen: 4, Count: 6}, *incomplete)
		var pageError *storeorders.PageError
		assert.NotErrorAs(t, err, &pageError, "it is no error of a page")

		got, err = storeorders.Collect(a.all(t.Context(), 0, 6), 0)
		require.NoError(t, err)
		assert.Equal(t, s.ids, got)
	})
}

func TestAllNoticesACountThatMovedThoughItSawThatMany(t *testing.T) {
	t.Parallel()
	// One order goes, so that one is passed over, and one joins at the end.
	moving := func() *shelf {
		return &shelf{ids: numbered(6), onRequest: func(s *shelf, n int) int {
			switch n {
			case 2:
				s.ids = s.ids[1:]
			case 3:
				s.ids = append(s.ids, "late")
			}
			return 0
		}}
	}
	onBoth(t, moving, func(t *testing.T, _ *shelf, a api) {
		got, err := storeorders.Collect(a.all(t.Context(), 0, 2), 0)
		assert.NotContains(t, got, "0002")
		assert.ErrorIs(t, err, storeorders.ErrIncomplete)
	})
}

func TestWalkFromAPlaceChecksWhatLiesBehindIt(t *testing.T) {
	t.Parallel()
	onBoth(t, func() *shelf { return &shelf{ids: numbered(7)} }, func(t *testing.T, s *shelf, a api) {
		got, err := storeorders.Collect(a.all(t.Context(), 4, 2), 0)
		require.NoError(t, err)
		assert.Equal(t, s.ids[4:], got)

		got, err = storeorders.Collect(a.all(t.Context(), 8, 2), 0)
		require.NoError(t, err, "behind the end there is nothing to miss")
		assert.Empty(t, got)

		s.countOf = func(s *shelf) int { return len(s.ids) + 1 }
		_, err = storeorders.Collect(a.all(t.Context(), 4, 2), 0)
		var incomplete *storeorders.IncompleteError
		require.ErrorAs(t, err, &incomplete)
		assert.Equal(t, storeorders.IncompleteError{Seen: 3, Count: 4}, *incomplete)
	})
}

func TestWalkAgainstAServerThatClampsTheLimit(t *testing.T) {
	t.Parallel()
	onBoth(t, func() *shelf { return &shelf{ids: numbered(9), clamp: 2} }, func(t *testing.T, s *shelf, a api) {
		got, err := storeorders.Collect(a.all(t.Context(), 0, 100), 0)
		require.NoError(t, err)
		assert.Equal(t, s.ids, got)
		assert.Equal(t, 5, s.requests)
	})
}

func TestAllEndsAgainstAServerThatNeverDoes(t *testing.T) {
	t.Parallel()
	first := func(s *shelf, _, limit int) []string { return s.ids[:min(limit, len(s.ids))] }
	servers := map[string]func() *shelf{
		"repeats a page and counts without end": func() *shelf {
			return &shelf{ids: numbered(5), pageOf: first, countOf: func(*shelf) int { return 1 << 60 }}
		},
		"repeats a page": func() *shelf {
			return &shelf{ids: numbered(30), pageOf: first}
		},
		"sends empty pages": func() *shelf {
			return &shelf{ids: numbered(30), pageOf: func(*shelf, int, int) []string { return nil }}
		},
	}
	for name, newShelf := range servers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			onBoth(t, newShelf, func(t *testing.T, s *shelf, a api) {
				got, err := storeorders.Collect(a.all(t.Context(), 0, 3), 0)
				assert.ErrorIs(t, err, storeorders.ErrIncomplete)
				assert.LessOrEqual(t, len(got), 3)
				assert.LessOrEqual(t, s.requests, 101)
			})
		})
	}
	t.Run("ignores the offset and sends all there is", func(t *testing.T) {
		t.Parallel()
		newShelf := func() *shelf {
			return &shelf{ids: numbered(30), pageOf: func(s *shelf, _, _ int) []string { return s.ids }}
		}
		onBoth(t, newShelf, func(t *testing.T, s *shelf, a api) {
			got, err := storeorders.Collect(a.all(t.Context(), 0, 10), 0)
			require.NoError(t, err)
			assert.Equal(t, s.ids, got)
		})
	})
}

// Whoever keeps one order of a large page keeps its JSON, not the page.
func TestOrdersOfAllStandAlone(t *testing.T) {
	t.Parallel()
	client := clientOf(t, &shelf{ids: numbered(100)})
	groups, err := storeorders.Collect(client.OrderGroups.All(t.Context(), nil), 0)
	require.NoError(t, err)
	require.Len(t, groups, 100)
	assert.JSONEq(t, `{"id":"0001","_id":"0001"}`, string(groups[1].RawJSON()))
	assert.LessOrEqual(t, cap(groups[1].RawJSON()), 64)
	orders, err := storeorders.Collect(client.Orders.All(t.Context(), nil), 0)
	require.NoError(t, err)
	require.Len(t, orders, 100)
	assert.LessOrEqual(t, cap(orders[1].RawJSON()), 64)
}

func TestNextIsStoredAsJSON(t *testing.T) {
	t.Parallel()
	client, q := newQueriesClient(t)
	opts := storeorders.OrderGroupListOptions{
		Limit: 2, Order: storeorders.OldestFirst, Fields: []string{}, ID: []string{"og_1", "og_2"},
		CreatedAt: storeorders.TimeFilter{GTE: micro},
	}
	page, err := client.OrderGroups.List(t.Context(), &opts)
	require.NoError(t, err)
	next, more := page.Next()
	assert.False(t, more, "the list is empty")
	assert.Equal(t, opts, next)

	stored, err := json.Marshal(next)
	require.NoError(t, err)
	var read storeorders.OrderGroupListOptions
	require.NoError(t, json.Unmarshal(stored, &read))
	_, err = client.OrderGroups.List(t.Context(), &read)
	require.NoError(t, err)
	assert.Equal(t, q.got[0], q.got[1], "it asks for the same")

	next.ID[0] = "changed"
	again, _ := page.Next()
	assert.Equal(t, "og_1", again.ID[0], "the page keeps its own options")
}

// Zones of old times have seconds, which JSON has no place for.
func TestNextKeepsInstantsInJSON(t *testing.T) {
	t.Parallel()
	client, _ := newQueriesClient(t)
	amsterdam := time.Date(1930, 1, 1, 0, 0, 0, 0, time.FixedZone("AMT", 19*60+32))
	groups, err := client.OrderGroups.List(t.Context(), &storeorders.OrderGroupListOptions{UpdatedAt: storeorders.TimeFilter{LT: amsterdam}})
	require.NoError(t, err)
	orders, err := client.Orders.List(t.Context(), &storeorders.OrderListOptions{From: amsterdam, To: amsterdam})
	require.NoError(t, err)
	nextGroups, _ := groups.Next()
	nextOrders, _ := orders.Next()

	stored, err := json.Marshal([]any{nextGroups, nextOrders})
	require.NoError(t, err)
	var readGroups storeorders.OrderGroupListOptions
	var readOrders storeorders.OrderListOptions
	require.NoError(t, json.Unmarshal(stored, &[]any{&readGroups, &readOrders}))
	assert.True(t, amsterdam.Equal(readGroups.UpdatedAt.LT), readGroups.UpdatedAt.LT)
	assert.True(t, amsterdam.Equal(readOrders.From), readOrders.From)
	assert.True(t, amsterdam.Equal(readOrders.To), readOrders.To)
}

func TestPageKeepsTheOptionsItWasAskedForWith(t *testing.T) {
	t.Parallel()
	client, _ := newQueriesClient(t)
	groupOptions := storeorders.OrderGroupListOptions{Fields: []string{"id"}, ID: []string{"og_1"}}
	groups, err := client.OrderGroups.List(t.Context(), &groupOptions)
	require.NoError(t, err)
	orderOptions := storeorders.OrderListOptions{Status: []storeorders.OrderStatus{"paid"}}
	orders, err := client.Orders.List(t.Context(), &orderOptions)
	require.NoError(t, err)

	groupOptions.Fields[0], groupOptions.ID[0], orderOptions.Status[0] = "total", "og_2", "pending"
	nextGroups, _ := groups.Next()
	assert.Equal(t, storeorders.OrderGroupListOptions{Fields: []string{"id"}, ID: []string{"og_1"}}, nextGroups)
	nextOrders, _ := orders.Next()
	assert.Equal(t, []storeorders.OrderStatus{"paid"}, nextOrders.Status)
}

// 21 ids of which 20 are different are no batches, so that an offset is a
// place to go on from.
func TestRepeatedIDsAreNoBatches(t *testing.T) {
	t.Parallel()
	s := &shelf{ids: numbered(20), onRequest: func(_ *shelf, n int) int { return map[int]int{2: 403}[n] }}
	client := clientOf(t, s)
	opts := storeorders.OrderGroupListOptions{ID: append(numbered(20), "0000"), Limit: 15}
	got, err := storeorders.Collect(client.OrderGroups.All(t.Context(), &opts), 0)
	assert.Len(t, got, 15)
	var pageError *storeorders.PageError
	require.ErrorAs(t, err, &pageError)
	opts.Offset = pageError.Offset
	rest, err := storeorders.Collect(client.OrderGroups.All(t.Context(), &opts), 0)
	require.NoError(t, err)
	assert.Len(t, rest, 5)
}

func TestNextOfPages(t *testing.T) {
	t.Parallel()
	client := clientOf(t, &shelf{ids: numbered(25)})

	groups, err := client.OrderGroups.List(t.Context(), &storeorders.OrderGroupListOptions{Limit: 10})
	require.NoError(t, err)
	nextGroups, more := groups.Next()
	assert.True(t, more)
	assert.Equal(t, storeorders.OrderGroupListOptions{Limit: 10, Offset: 10}, nextGroups)
	nextGroups.Offset = 20
	groups, err = client.OrderGroups.List(t.Context(), &nextGroups)
	require.NoError(t, err)
	_, more = groups.Next()
	assert.False(t, more)

	orders, err := client.Orders.List(t.Context(), nil)
	require.NoError(t, err)
	nextOrders, more := orders.Next()
	assert.True(t, more)
	assert.Equal(t, storeorders.OrderListOptions{Page: 2, Limit: 10}, nextOrders, "a page number counts pages of a limit")
	orders, err = client.Orders.List(t.Context(), &storeorders.OrderListOptions{Page: 3})
	require.NoError(t, err)
	_, more = orders.Next()
	assert.False(t, more)
}

// The caller may change its options, and reuse its slice of request options,
// once it has the walk.
func TestWalkKeepsItsOwnOptions(t *testing.T) {
	t.Parallel()
	client, q := newQueriesClient(t)
	opts := storeorders.OrderGroupListOptions{Fields: []string{"id"}, ID: []string{"og_1"}}
	options := []storeorders.RequestOption{storeorders.WithToken("mine")}
	walk := client.OrderGroups.All(t.Context(), &opts, options...)
	opts.Fields[0], opts.ID[0] = "total", "og_2"
	options[0] = storeorders.WithToken("")
	_, err := storeorders.Collect(walk, 0)
	require.NoError(t, err)
	assert.Equal(t, []string{"fields=id&id=og_1&limit=100"}, q.got)
}

// The methods have different default limits, in which pages are counted.
func TestNextGoesOnWithAnotherMethod(t *testing.T) {
	t.Parallel()
	client := clientOf(t, &shelf{ids: numbered(250)})
	groups, err := client.OrderGroups.List(t.Context(), nil)
	require.NoError(t, err)
	nextGroups, _ := groups.Next()
	restOfGroups, err := storeorders.Collect(client.OrderGroups.All(t.Context(), &nextGroups), 0)
	require.NoError(t, err)
	assert.Len(t, restOfGroups, 250-len(groups.Items))

	orders, err := client.Orders.List(t.Context(), nil)
	require.NoError(t, err)
	nextOrders, _ := orders.Next()
	restOfOrders, err := storeorders.Collect(client.Orders.All(t.Context(), &nextOrders), 0)
	require.NoError(t, err)
	assert.Len(t, restOfOrders, 250-len(orders.Items))
}

func TestCollect(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	seq := func(yield func(int, error) bool) {
		for i := range 3 {
			if !yield(i, nil) {
				return
			}
		}
		yield(0, broken)
	}
	for _, c := range []struct {
		max  int
		want []int
		err  error
	}{
		{0, []int{0, 1, 2}, broken},
		{2, []int{0, 1}, nil},
		{3, []int{0, 1, 2}, nil},
		{4, []int{0, 1, 2}, broken},
	} {
		got, err := storeorders.Collect(seq, c.max)
		assert.Equal(t, c.want, got, "max %d", c.max)
		assert.Equal(t, c.err, err, "max %d", c.max)
	}
	_, err := storeorders.Collect(seq, -1)
	var optionError *storeorders.OptionError
	require.ErrorAs(t, err, &optionError)
	assert.Equal(t, "max", optionError.Field)
}
