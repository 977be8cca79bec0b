package storeorders_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"math"
	"net/http"
	"net/url"
	"slices"
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
	ids []string // newest first
	// onRequest runs before the n-th request (from 1) is answered. A status
	// other than 0 is answered instead of the page.
	onRequest func(s *shelf, n int) (status int)
	// pageOf gives the ids of a page in place of the true ones; rows are all
	// that match.
	pageOf func(s *shelf, rows []string, offset, limit int) []string
	// clamp is the largest limit that is honoured, 0 for any.
	clamp int
	// countOf is the count in place of the true one.
	countOf func(s *shelf) int
	// ignoresIDs lists all whatever ids are asked for.
	ignoresIDs bool
	// padding makes the answers that many bytes longer.
	padding int

	requests int
	// pass counts the requests for a first page of all: the walk is 1, a
	// search 2, 3 and 4.
	pass int
	// asked are how many ids each request asked for by name, if it did.
	asked []int
	// fields are how many fields each request asked for.
	fields []int
}

func (s *shelf) RoundTrip(req *http.Request) (*http.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := req.Context().Err(); err != nil {
		return nil, err
	}
	query := req.URL.Query()
	s.requests++
	if query.Get("offset") == "" && number(query, "page", 1) == 1 && !query.Has("id") {
		s.pass++
	}
	answer := func(status int, body string) (*http.Response, error) {
		return &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(body)), Request: req}, nil
	}
	if s.onRequest != nil {
		if status := s.onRequest(s, s.requests); status != 0 {
			return answer(status, `{"message":"as told"}`)
		}
	}
	salesive := strings.HasSuffix(req.URL.Path, "/orders")
	limit := number(query, "limit", map[bool]int{false: 50, true: 10}[salesive])
	if s.clamp > 0 {
		limit = min(limit, s.clamp)
	}
	offset := number(query, "offset", (number(query, "page", 1)-1)*limit)
	s.fields = append(s.fields, len(strings.Split(query.Get("fields"), ",")))
	rows := slices.Clone(s.ids)
	if asked := query["id"]; len(asked) > 0 {
		s.asked = append(s.asked, len(asked))
		if !s.ignoresIDs {
			rows = slices.DeleteFunc(rows, func(id string) bool { return !slices.Contains(asked, id) })
		}
	}
	if order := query.Get("order"); order != "" && order[0] != '-' {
		slices.Reverse(rows)
	}
	count := len(rows)
	if s.countOf != nil {
		count = s.countOf(s)
	}
	ids := pageOfRows(rows, offset, limit)
	if s.pageOf != nil {
		ids = s.pageOf(s, rows, offset, limit)
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
			"pagination": object{"page": offset/limit + 1, "limit": limit, "total": count, "pages": count/limit + min(count%limit, 1)},
		}}
	}
	text, _ := json.Marshal(body)
	return answer(http.StatusOK, string(text)+strings.Repeat(" ", s.padding))
}

func number(query url.Values, name string, otherwise int) int {
	if n, err := strconv.Atoi(query.Get(name)); err == nil {
		return n
	}
	return otherwise
}

func pageOfRows(rows []string, offset, limit int) []string {
	rows = rows[min(offset, len(rows)):]
	return rows[:min(limit, len(rows))]
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
	all   func(ctx context.Context, from, limit int, options ...storeorders.RequestOption) iter.Seq2[string, error]
	pages func(ctx context.Context, from, limit int, options ...storeorders.RequestOption) iter.Seq2[[]string, error]
	// place is the number of rows at which a PageError says to go on, by the
	// one of its two places that the API has.
	place func(e *storeorders.PageError, limit int) int
}

func apisOf(client *storeorders.Client) []api {
	groups := func(from, limit int) *storeorders.OrderGroupListOptions {
		return &storeorders.OrderGroupListOptions{Offset: from, Limit: limit}
	}
	orders := func(from, limit int) *storeorders.OrderListOptions {
		return &storeorders.OrderListOptions{Page: pageOf(from, limit), Limit: limit}
	}
	return []api{
		{
			name: "Mercur",
			all: func(ctx context.Context, from, limit int, options ...storeorders.RequestOption) iter.Seq2[string, error] {
				return mapped(client.OrderGroups.All(ctx, groups(from, limit), options...), idOfGroup)
			},
			pages: func(ctx context.Context, from, limit int, options ...storeorders.RequestOption) iter.Seq2[[]string, error] {
				return mapped(client.OrderGroups.Pages(ctx, groups(from, limit), options...), idsOfGroups)
			},
			place: func(e *storeorders.PageError, _ int) int {
				if e.Page != -1 {
					return -1
				}
				return e.Offset
			},
		},
		{
			name: "Salesive",
			all: func(ctx context.Context, from, limit int, options ...storeorders.RequestOption) iter.Seq2[string, error] {
				return mapped(client.Orders.All(ctx, orders(from, limit), options...), idOfOrder)
			},
			pages: func(ctx context.Context, from, limit int, options ...storeorders.RequestOption) iter.Seq2[[]string, error] {
				return mapped(client.Orders.Pages(ctx, orders(from, limit), options...), idsOfOrders)
			},
			place: func(e *storeorders.PageError, limit int) int {
				if e.Offset != -1 {
					return -1
				}
				return (e.Page - 1) * limit
			},
		},
	}
}

func idOfGroup(g *storeorders.OrderGroup) string { return g.ID }

func idOfOrder(o *storeorders.Order) string { return o.ID }

func idsOfGroups(p *storeorders.OrderGroupPage) (ids []string) {
	for i := range p.Items {
		ids = append(ids, p.Items[i].ID)
	}
	return ids
}

func idsOfOrders(p *storeorders.OrderPage) (ids []string) {
	for i := range p.Items {
		ids = append(ids, p.Items[i].ID)
	}
	return ids
}

// onBoth runs a test for each API against a shelf of its own.
func onBoth(t *testing.T, newShelf func() *shelf, test func(t *testing.T, s *shelf, a api)) {
	t.Helper()
	both := map[string]int{"Mercur": 1, "Salesive": 1}
	onThose(t, both, newShelf, func(t *testing.T, s *shelf, a api, _ int) {
		t.Helper()
		test(t, s, a)
	})
}

// onThose is onBoth for the APIs that there is a number for, which the test gets.
func onThose(t *testing.T, those map[string]int, newShelf func() *shelf, test func(t *testing.T, s *shelf, a api, n int)) {
	t.Helper()
	for i, name := range []string{"Mercur", "Salesive"} {
		n, tested := those[name]
		if !tested {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShelf()
			test(t, s, apisOf(clientOf(t, s, retries(0)))[i], n)
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
	for failing := 1; failing <= 4; failing++ {
		for _, ahead := range []int{0, 1, 5} {
			t.Run(fmt.Sprintf("page %d, %d ahead", failing, ahead), func(t *testing.T) {
				t.Parallel()
				// A page of orders without ids is an error, and by its place it is
				// the same page whatever is asked for ahead.
				newShelf := func() *shelf {
					return &shelf{ids: numbered(7), pageOf: func(_ *shelf, rows []string, offset, limit int) []string {
						if offset == (failing-1)*limit {
							return []string{""}
						}
						return pageOfRows(rows, offset, limit)
					}}
				}
				onBoth(t, newShelf, func(t *testing.T, s *shelf, a api) {
					var got []string
					var errs []error
					for id, err := range a.all(t.Context(), 0, limit, storeorders.WithPrefetch(ahead)) {
						if err != nil {
							assert.Empty(t, id)
							errs = append(errs, err)
							continue
						}
						got = append(got, id)
					}
					assert.Equal(t, numbered((failing-1)*limit), append([]string{}, got...))
					require.Len(t, errs, 1)
					var decodeError *storeorders.DecodeError
					assert.ErrorAs(t, errs[0], &decodeError)
					var pageError *storeorders.PageError
					require.ErrorAs(t, errs[0], &pageError)
					assert.Equal(t, (failing-1)*limit, a.place(pageError, limit))

					s.mu.Lock()
					s.pageOf = nil
					s.mu.Unlock()
					rest, err := storeorders.Collect(a.all(t.Context(), a.place(pageError, limit), limit, storeorders.WithPrefetch(ahead)), 0)
					require.NoError(t, err)
					assert.Equal(t, s.ids, append(got, rest...))
				})
			})
		}
	}
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

// losing loses the rows from lost on in the first passes, and repeats the first
// page in their place.
func losing(lost, passes int) func(s *shelf, rows []string, offset, limit int) []string {
	return func(s *shelf, rows []string, offset, limit int) []string {
		if s.pass <= passes && offset >= lost {
			offset = 0
		}
		return pageOfRows(rows, offset, limit)
	}
}

// What a search costs, and that what it finds comes last: on Mercur one request
// for all ids and one for 20 missed, on Salesive a pass over the pages.
func TestAllFindsWhatWasMissed(t *testing.T) {
	t.Parallel()
	const rows, limit = 100, 10
	for _, c := range []struct {
		missed, mercur, salesive int // requests beyond those of the pages
	}{
		{0, 0, 0},
		{10, 1 + 1, 10},
		{20, 1 + 1, 10},
		{30, 1 + 2, 10},
		{90, 1 + 5, 10},
	} {
		t.Run(strconv.Itoa(c.missed), func(t *testing.T) {
			t.Parallel()
			newShelf := func() *shelf {
				return &shelf{ids: numbered(rows), pageOf: losing(rows-c.missed, 1)}
			}
			onBoth(t, newShelf, func(t *testing.T, s *shelf, a api) {
				got, err := storeorders.Collect(a.all(t.Context(), 0, limit), 0)
				require.NoError(t, err)
				assert.Equal(t, s.ids, got, "the missed ones last, nothing twice")
				assert.Equal(t, rows/limit+map[string]int{"Mercur": c.mercur, "Salesive": c.salesive}[a.name], s.requests)
				for _, asked := range s.asked {
					assert.LessOrEqual(t, asked, 20, "ids in a request")
				}
				if c.missed > 0 && a.name == "Mercur" {
					assert.Equal(t, 1, s.fields[rows/limit], "of all there are only the ids are asked for")
					assert.Equal(t, len(storeorders.DefaultOrderGroupFields()), s.fields[rows/limit+1])
				}
			})
		})
	}
}

func TestAllSearchesThreeTimes(t *testing.T) {
	t.Parallel()
	const rows, limit, pages = 30, 5, 6
	for _, c := range []struct {
		losing   int // passes
		searches int
	}{{1, 1}, {2, 2}, {3, 3}, {4, 3}, {9, 3}} {
		t.Run(strconv.Itoa(c.losing), func(t *testing.T) {
			t.Parallel()
			// With a clamp, Mercur has to be asked for ids page by page, too.
			newShelf := func() *shelf { return &shelf{ids: numbered(rows), clamp: limit, pageOf: losing(rows-limit, c.losing)} }
			onBoth(t, newShelf, func(t *testing.T, s *shelf, a api) {
				got, err := storeorders.Collect(a.all(t.Context(), 0, limit), 0)
				assert.Equal(t, 1+c.searches, s.pass)
				want := pages * (1 + c.searches)
				if c.losing > 3 {
					assert.Equal(t, numbered(rows-limit), got, "what was found is yielded")
					assertIncomplete(t, rows-limit, rows, err)
				} else {
					require.NoError(t, err)
					assert.Equal(t, s.ids, got)
					if a.name == "Mercur" {
						want++ // for the 5 that were missed
					}
				}
				assert.Equal(t, want, s.requests)
			})
		})
	}
}

// What the walk lost the search finds, though that loses others.
func TestSearchCountsWhatTheWalkSaw(t *testing.T) {
	t.Parallel()
	newShelf := func() *shelf {
		return &shelf{ids: numbered(30), clamp: 5, pageOf: func(s *shelf, rows []string, offset, limit int) []string {
			if offset == 5*s.pass {
				offset = 0
			}
			return pageOfRows(rows, offset, limit)
		}}
	}
	onBoth(t, newShelf, func(t *testing.T, s *shelf, a api) {
		got, err := storeorders.Collect(a.all(t.Context(), 0, 5), 0)
		require.NoError(t, err)
		assert.Len(t, got, 30)
		assert.ElementsMatch(t, s.ids, got)
		assert.Equal(t, 2, s.pass)
	})
}

// One leaves and one joins between the walk and the search, so that the count
// stays. Together the two have seen more than there are.
func TestSearchForgetsWhatIsGone(t *testing.T) {
	t.Parallel()
	newShelf := func() *shelf {
		return &shelf{ids: numbered(30), pageOf: losing(25, 1), onRequest: func(s *shelf, n int) int {
			if n == 7 {
				s.ids = append(s.ids[1:], "late")
			}
			return 0
		}}
	}
	onBoth(t, newShelf, func(t *testing.T, s *shelf, a api) {
		got, err := storeorders.Collect(a.all(t.Context(), 0, 5), 0)
		require.NoError(t, err)
		assert.Equal(t, append(numbered(30), "late"), got)
		assert.Equal(t, 3, s.pass)
	})
}

// A server that counts more than it gives is believed in this, too.
func TestMissedOnesThatDoNotComeAreSaid(t *testing.T) {
	t.Parallel()
	s := &shelf{ids: numbered(30), pageOf: func(s *shelf, rows []string, offset, limit int) []string {
		if len(s.asked) > 0 {
			limit = 3
		}
		return losing(20, 1)(s, rows, offset, limit)
	}}
	got, err := storeorders.Collect(groupsOf(t, s, 5), 0)
	assert.Equal(t, numbered(23), got)
	assertIncomplete(t, 23, 30, err)
}

func assertIncomplete(t *testing.T, seen, count int, err error) {
	t.Helper()
	assert.ErrorIs(t, err, storeorders.ErrIncomplete)
	var incomplete *storeorders.IncompleteError
	if assert.ErrorAs(t, err, &incomplete) {
		assert.Equal(t, storeorders.IncompleteError{Seen: seen, Count: count}, *incomplete)
	}
	var pageError *storeorders.PageError
	assert.NotErrorAs(t, err, &pageError, "it is no error of a page")
}

func TestAllWhileOrdersMove(t *testing.T) {
	t.Parallel()
	before := func(moves map[int]func(ids []string) []string) func() *shelf {
		return func() *shelf {
			return &shelf{ids: numbered(6), onRequest: func(s *shelf, n int) int {
				if move := moves[n]; move != nil {
					s.ids = move(s.ids)
				}
				return 0
			}}
		}
	}
	joinInFront := func(ids []string) []string { return append([]string{"new"}, ids...) }
	joinAtTheEnd := func(ids []string) []string { return append(ids, "late") }
	firstLeaves := func(ids []string) []string { return ids[1:] }
	for name, c := range map[string]struct {
		limit    int
		newShelf func() *shelf
		want     []string
		requests map[string]int
	}{
		"one joins in front: the last of a page comes again": {
			3, before(map[int]func([]string) []string{2: joinInFront}),
			[]string{"0000", "0001", "0002", "0003", "0004", "0005", "new"},
			map[string]int{"Mercur": 3 + 2, "Salesive": 3 + 3},
		},
		"one that was yielded leaves: one is passed over, and nothing is taken back": {
			3, before(map[int]func([]string) []string{2: firstLeaves}),
			[]string{"0000", "0001", "0002", "0004", "0005", "0003"},
			map[string]int{"Mercur": 2 + 2, "Salesive": 2 + 2},
		},
		"one leaves and one joins: as many were seen as are there": {
			2, before(map[int]func([]string) []string{2: firstLeaves, 3: joinAtTheEnd}),
			[]string{"0000", "0001", "0003", "0004", "0005", "late", "0002"},
			map[string]int{"Mercur": 3 + 2, "Salesive": 3 + 3},
		},
		"one leaves while it is searched for": {
			3, before(map[int]func([]string) []string{2: firstLeaves, 4: func(ids []string) []string { return ids[:len(ids)-1] }}),
			[]string{"0000", "0001", "0002", "0004", "0005", "0003"},
			map[string]int{"Mercur": 2 + 2, "Salesive": 2 + 2*2},
		},
		"the missed one leaves before it is asked for": {
			3, before(map[int]func([]string) []string{
				2: firstLeaves,
				4: func(ids []string) []string {
					return slices.DeleteFunc(ids, func(id string) bool { return id == "0003" })
				},
			}),
			[]string{"0000", "0001", "0002", "0004", "0005"},
			map[string]int{"Mercur": 2 + 2}, // on Salesive there are no ids to ask for
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			onThose(t, c.requests, c.newShelf, func(t *testing.T, s *shelf, a api, requests int) {
				got, err := storeorders.Collect(a.all(t.Context(), 0, c.limit), 0)
				require.NoError(t, err)
				assert.Equal(t, c.want, got)
				assert.Equal(t, requests, s.requests)
			})
		})
	}
}

func TestPagesGivesWhatTheServerGives(t *testing.T) {
	t.Parallel()
	newShelf := func() *shelf { return &shelf{ids: numbered(6), pageOf: losing(4, 1)} }
	onBoth(t, newShelf, func(t *testing.T, s *shelf, a api) {
		pages, err := storeorders.Collect(a.pages(t.Context(), 0, 2), 0)
		require.NoError(t, err)
		assert.Equal(t, [][]string{{"0000", "0001"}, {"0002", "0003"}, {"0000", "0001"}}, pages)
		assert.Equal(t, 3, s.requests)
	})
}

// An order for every answer joins in front, also while the others are searched
// for. All ids come in one answer all the same.
func TestMercurIsCompleteWhileOrdersJoinAllTheTime(t *testing.T) {
	t.Parallel()
	s := &shelf{ids: numbered(30), onRequest: func(s *shelf, n int) int {
		s.ids = append([]string{fmt.Sprintf("new%d", n)}, s.ids...)
		return 0
	}}
	got, err := storeorders.Collect(groupsOf(t, s, 5), 0)
	require.NoError(t, err)
	assert.Subset(t, got, numbered(30))
	assert.Len(t, distinct(got), len(got))
	assert.Equal(t, 2, s.pass)
}

// The server puts 10 into a page. If the 20 that were missed were asked for at
// once, one that leaves after the first page would take the first one of the
// second page with it.
func TestMissedOnesAreAskedForAsTheServerPutsThemIntoAPage(t *testing.T) {
	t.Parallel()
	const firstPass, search = 6, 6
	s := &shelf{ids: numbered(60), clamp: 10, pageOf: losing(40, 1), onRequest: func(s *shelf, n int) int {
		if n == firstPass+search+2 {
			s.ids = slices.DeleteFunc(s.ids, func(id string) bool { return id == "0040" })
		}
		return 0
	}}
	got, err := storeorders.Collect(groupsOf(t, s, 10), 0)
	require.NoError(t, err)
	assert.Equal(t, numbered(60), got)
	assert.Equal(t, []int{10, 10}, s.asked)
}

// A search meets again what the walk has seen. That alone is no server that
// repeats a page for ever.
func TestSearchPassesOverMoreThanAHundredKnownPages(t *testing.T) {
	t.Parallel()
	newShelf := func() *shelf {
		return &shelf{ids: numbered(300), clamp: 1, pageOf: func(s *shelf, rows []string, offset, limit int) []string {
			if s.pass == 1 && offset == 250 {
				offset--
			}
			return pageOfRows(rows, offset, limit)
		}}
	}
	onBoth(t, newShelf, func(t *testing.T, s *shelf, a api) {
		got, err := storeorders.Collect(a.all(t.Context(), 0, 1), 0)
		require.NoError(t, err)
		assert.Equal(t, append(slices.Delete(numbered(300), 250, 251), "0250"), got)
		assert.Equal(t, 2, s.pass)
	})
}

func distinct(ids []string) map[string]bool {
	set := map[string]bool{}
	for _, id := range ids {
		set[id] = true
	}
	return set
}

func TestAllSaysThatACountLiesHigh(t *testing.T) {
	t.Parallel()
	newShelf := func() *shelf { return &shelf{ids: numbered(6), countOf: func(*shelf) int { return 7 }} }
	onBoth(t, newShelf, func(t *testing.T, s *shelf, a api) {
		got, err := storeorders.Collect(a.all(t.Context(), 0, 3), 0)
		assert.Equal(t, s.ids, got)
		assertIncomplete(t, 6, 7, err)
		// Each pass asks for what should follow the last order. On Mercur those
		// of the search have one page before that.
		assert.Equal(t, map[string]int{"Mercur": 3 + 3*2, "Salesive": 3 + 3*3}[a.name], s.requests)
	})
}

func TestAllSaysThatACountOfNoneLies(t *testing.T) {
	t.Parallel()
	newShelf := func() *shelf { return &shelf{ids: numbered(2), countOf: func(*shelf) int { return 0 }} }
	onBoth(t, newShelf, func(t *testing.T, s *shelf, a api) {
		got, err := storeorders.Collect(a.all(t.Context(), 0, 3), 0)
		assert.Equal(t, s.ids, got)
		assertIncomplete(t, 2, 0, err)
	})
}

// A failure of the search has no place from which the rest would follow.
func TestErrorInASearchHasNoPlace(t *testing.T) {
	t.Parallel()
	for n, yielded := range map[int]map[string]int{
		11: {"Mercur": 60, "Salesive": 60},
		12: {"Mercur": 60, "Salesive": 60},
		13: {"Mercur": 80, "Salesive": 60},
		18: {"Salesive": 70}, // on Mercur the search is over by then
	} {
		t.Run(strconv.Itoa(n), func(t *testing.T) {
			t.Parallel()
			failing := func() *shelf {
				return &shelf{
					ids: numbered(100), pageOf: losing(60, 1),
					onRequest: func(_ *shelf, i int) int { return map[int]int{n: 503}[i] },
				}
			}
			onThose(t, yielded, failing, func(t *testing.T, s *shelf, a api, want int) {
				got, err := storeorders.Collect(a.all(t.Context(), 0, 10), 0)
				assert.Equal(t, numbered(want), got)
				assert.ErrorIs(t, err, storeorders.ErrServer)
				var pageError *storeorders.PageError
				require.ErrorAs(t, err, &pageError)
				assert.Equal(t, []int{-1, -1}, []int{pageError.Offset, pageError.Page})
				assert.Equal(t, n, s.requests)
			})
		})
	}
}

func TestBreakInASearchSendsNothingMore(t *testing.T) {
	t.Parallel()
	for taken, requests := range map[int]map[string]int{
		60: {"Mercur": 6, "Salesive": 6},
		61: {"Mercur": 12, "Salesive": 17},
		80: {"Mercur": 12, "Salesive": 18},
		81: {"Mercur": 13, "Salesive": 19},
	} {
		t.Run(strconv.Itoa(taken), func(t *testing.T) {
			t.Parallel()
			newShelf := func() *shelf { return &shelf{ids: numbered(100), pageOf: losing(60, 1)} }
			onBoth(t, newShelf, func(t *testing.T, s *shelf, a api) {
				got, err := storeorders.Collect(a.all(t.Context(), 0, 10), taken)
				require.NoError(t, err)
				assert.Equal(t, numbered(taken), got)
				assert.Equal(t, requests[a.name], s.requests)
			})
		})
	}
}

// What the search would have to read is more than the caller allows: that is
// no fault of a page.
func TestSearchBeyondTheResponseLimitIsIncomplete(t *testing.T) {
	t.Parallel()
	for name, onRequest := range map[string]func(s *shelf, n int) int{
		"all ids": func(s *shelf, n int) int {
			if n == 11 {
				s.padding = 4000
			}
			return 0
		},
		"the missed ones": func(s *shelf, n int) int {
			if n == 12 {
				s.padding = 4000
			}
			return 0
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			newShelf := func() *shelf {
				return &shelf{ids: numbered(100), pageOf: losing(60, 1), onRequest: onRequest}
			}
			for i, name := range []string{"Mercur", "Salesive"} {
				t.Run(name, func(t *testing.T) {
					t.Parallel()
					a := apisOf(clientOf(t, newShelf(), storeorders.WithMaxResponseBytes(4000)))[i]
					got, err := storeorders.Collect(a.all(t.Context(), 0, 10), 0)
					assert.Equal(t, numbered(60), got)
					assertIncomplete(t, 60, 100, err)
				})
			}
		})
	}
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

// Which orders lie behind a place is not known any more once they moved.
func TestWalkFromAPlaceDoesNotSearch(t *testing.T) {
	t.Parallel()
	for name, newShelf := range map[string]func() *shelf{
		"ties": func() *shelf {
			return &shelf{ids: numbered(8), pageOf: func(_ *shelf, rows []string, offset, limit int) []string {
				return pageOfRows(rows, min(offset, 4), limit)
			}}
		},
		"a move": func() *shelf {
			return &shelf{ids: numbered(8), onRequest: func(s *shelf, n int) int {
				if n == 2 {
					s.ids = s.ids[1:]
				}
				return 0
			}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			onBoth(t, newShelf, func(t *testing.T, s *shelf, a api) {
				got, err := storeorders.Collect(a.all(t.Context(), 4, 2), 0)
				assert.Equal(t, []string{"0004", "0005"}, got[:2])
				assert.ErrorIs(t, err, storeorders.ErrIncomplete)
				assert.Equal(t, 2, s.requests)
			})
		})
	}
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
	const endless = 1 << 60
	first := func(_ *shelf, rows []string, _, limit int) []string { return pageOfRows(rows, 0, limit) }
	// One page with something new, and 100 without, in each of four passes; on
	// Mercur a request for what was missed.
	const passes = 4 * 101
	for name, c := range map[string]struct {
		newShelf func() *shelf
		most     int // requests
	}{
		"repeats a page and counts without end": {func() *shelf {
			return &shelf{ids: numbered(5), pageOf: first, countOf: func(*shelf) int { return endless }}
		}, passes + 1},
		"repeats a page that nothing can ask for by id": {func() *shelf {
			return &shelf{ids: numbered(300), clamp: 3, ignoresIDs: true, pageOf: first, countOf: func(*shelf) int { return endless }}
		}, passes + 1},
		"repeats a page": {func() *shelf {
			return &shelf{ids: numbered(30), clamp: 3, pageOf: first}
		}, 4 * 10},
		"sends empty pages": {func() *shelf {
			return &shelf{ids: numbered(30), pageOf: func(*shelf, []string, int, int) []string { return nil }}
		}, 4},
		"counts anew for each page": {func() *shelf {
			return &shelf{ids: numbered(30), countOf: func(s *shelf) int { return 30 + s.requests }}
		}, 4*11 + 2},
		"counts to the last number there is": {func() *shelf {
			return &shelf{ids: numbered(30), countOf: func(*shelf) int { return math.MaxInt64 }}
		}, 4*11 + 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			onBoth(t, c.newShelf, func(t *testing.T, s *shelf, a api) {
				got, err := storeorders.Collect(a.all(t.Context(), 0, 3), 0)
				assert.ErrorIs(t, err, storeorders.ErrIncomplete)
				assert.Len(t, distinct(got), len(got))
				assert.LessOrEqual(t, s.requests, c.most)
			})
		})
	}
	t.Run("ignores the offset and sends all there is", func(t *testing.T) {
		t.Parallel()
		newShelf := func() *shelf {
			return &shelf{ids: numbered(30), pageOf: func(_ *shelf, rows []string, _, _ int) []string { return rows }}
		}
		onBoth(t, newShelf, func(t *testing.T, s *shelf, a api) {
			got, err := storeorders.Collect(a.all(t.Context(), 0, 10), 0)
			require.NoError(t, err)
			assert.Equal(t, s.ids, got)
			assert.LessOrEqual(t, s.requests, 3)
		})
	})
	t.Run("ignores the offset but not the limit", func(t *testing.T) {
		t.Parallel()
		s := &shelf{ids: numbered(30), pageOf: first}
		got, err := storeorders.Collect(groupsOf(t, s, 3), 0)
		require.NoError(t, err, "all ids fit into the first page")
		assert.Equal(t, s.ids, got)
		assert.Equal(t, 10+1+2, s.requests)
	})
}

func TestBatchesOfIDs(t *testing.T) {
	t.Parallel()
	ids := numbered(45)
	inBatches := slices.Concat(ids[25:], ids[5:25], ids[:5]) // sorted within each
	asked := slices.Clone(ids)
	slices.Reverse(asked)
	asked = append(asked, "0003", "0044") // again
	t.Run("clean", func(t *testing.T) {
		t.Parallel()
		s := &shelf{ids: numbered(60)}
		got, err := storeorders.Collect(batchesOf(t, s, asked), 0)
		require.NoError(t, err)
		assert.Equal(t, inBatches, got)
		assert.Equal(t, []int{20, 20, 20, 20, 5}, s.asked)
	})
	t.Run("one that is not clean is filled before the next", func(t *testing.T) {
		t.Parallel()
		// The second page of the second batch is its first again. Its search
		// asks for 120 at once, which this server puts into one page.
		s := &shelf{ids: numbered(60), pageOf: func(s *shelf, rows []string, offset, limit int) []string {
			if s.requests == 4 {
				offset = 0
			}
			return pageOfRows(rows, offset, limit)
		}}
		got, err := storeorders.Collect(batchesOf(t, s, asked), 0)
		require.NoError(t, err)
		assert.Equal(t, inBatches, got)
		assert.Equal(t, []int{20, 20, 20, 20, 20, 5, 5}, s.asked, "all ids of the batch, and then the 5 that were missed")
	})
	t.Run("one that cannot be filled", func(t *testing.T) {
		t.Parallel()
		s := &shelf{ids: numbered(60), clamp: 15, pageOf: func(s *shelf, rows []string, offset, limit int) []string {
			if s.requests > 2 && s.requests <= 2+2+3*2 {
				offset = 0
			}
			return pageOfRows(rows, offset, limit)
		}}
		got, err := storeorders.Collect(batchesOf(t, s, asked), 0)
		assert.Equal(t, slices.Concat(inBatches[:35], inBatches[40:]), got, "the third batch is walked all the same")
		assertIncomplete(t, 40, 45, err)
	})
	t.Run("one of which some are not there", func(t *testing.T) {
		t.Parallel()
		s := &shelf{ids: numbered(30)}
		got, err := storeorders.Collect(batchesOf(t, s, asked), 0)
		require.NoError(t, err)
		assert.ElementsMatch(t, s.ids, got)
	})
	t.Run("an error has no place", func(t *testing.T) {
		t.Parallel()
		s := &shelf{ids: numbered(60), onRequest: func(_ *shelf, n int) int { return map[int]int{4: 503}[n] }}
		got, err := storeorders.Collect(batchesOf(t, s, asked), 0)
		assert.Len(t, got, 35)
		var pageError *storeorders.PageError
		require.ErrorAs(t, err, &pageError)
		assert.Equal(t, []int{-1, -1}, []int{pageError.Offset, pageError.Page})
	})
}

// batchesOf walks these ids in pages of 15.
func batchesOf(t *testing.T, s *shelf, ids []string) iter.Seq2[string, error] {
	t.Helper()
	opts := &storeorders.OrderGroupListOptions{ID: ids, Limit: 15}
	return mapped(clientOf(t, s, retries(0)).OrderGroups.All(t.Context(), opts), idOfGroup)
}

// groupsOf walks Mercur, for what Salesive does not have.
func groupsOf(t *testing.T, s *shelf, limit int) iter.Seq2[string, error] {
	t.Helper()
	return apisOf(clientOf(t, s, retries(0)))[0].all(t.Context(), 0, limit)
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
