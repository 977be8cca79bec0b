package storeorders_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-2861b391/storeorders"
)

// pageTime is the server's time for a page.
const pageTime = 20 * time.Millisecond

// slowShelf answers each request after a while, and knows how many are under
// way.
type slowShelf struct {
	*shelf

	// timeOf is the time for the page with this place; nil: pageTime for all.
	timeOf func(place int) time.Duration

	count                          sync.Mutex
	sent, underWay, most, canceled int
}

func (s *slowShelf) RoundTrip(req *http.Request) (*http.Response, error) {
	query := req.URL.Query()
	wait := pageTime
	if s.timeOf != nil {
		wait = s.timeOf(number(query, "offset", number(query, "page", 0)))
	}
	s.count.Lock()
	s.sent++
	s.underWay++
	s.most = max(s.most, s.underWay)
	s.count.Unlock()
	err := sleep(req.Context(), wait)
	s.count.Lock()
	defer s.count.Unlock()
	s.underWay--
	if err != nil {
		s.canceled++
		return nil, err
	}
	return s.shelf.RoundTrip(req)
}

// onBothSlowly runs a test for each API in a bubble, in which time is virtual.
// It fails where a goroutine is left at the end.
func onBothSlowly(t *testing.T, newShelf func() *slowShelf, test func(t *testing.T, s *slowShelf, a api)) {
	t.Helper()
	for i, name := range []string{"Mercur", "Salesive"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newShelf()
				test(t, s, apisOf(clientOf(t, s, retries(0)))[i])
			})
		})
	}
}

func slowlyNumbered(n int) func() *slowShelf {
	return func() *slowShelf { return &slowShelf{shelf: &shelf{ids: numbered(n)}} }
}

// TestPrefetchTakesTheTimeItSays proves the formula of WithPrefetch: the time
// for a page × (1 + ⌈(P−1)/n⌉).
func TestPrefetchTakesTheTimeItSays(t *testing.T) {
	t.Parallel()
	const limit = 3
	for _, ahead := range []int{0, 1, 2, 4, 8, 16} {
		for _, pages := range []int{1, 2, 3, 4, 5, 8, 9, 10, 16, 17, 18, 33, 100} {
			t.Run(fmt.Sprintf("%d ahead, %d pages", ahead, pages), func(t *testing.T) {
				t.Parallel()
				onBothSlowly(t, slowlyNumbered(limit*pages), func(t *testing.T, s *slowShelf, a api) {
					want, most := pageTime*time.Duration(pages), 1
					if ahead > 0 {
						want = pageTime * time.Duration(1+(pages-1+ahead-1)/ahead)
						most = max(1, min(ahead, pages-1))
					}
					for name, walk := range map[string]func() int{
						"All": func() int {
							got, err := storeorders.Collect(a.all(t.Context(), 0, limit, storeorders.WithPrefetch(ahead)), 0)
							require.NoError(t, err)
							assert.Equal(t, s.ids, got)
							return len(got)
						},
						"Pages": func() int {
							got, err := storeorders.Collect(a.pages(t.Context(), 0, limit, storeorders.WithPrefetch(ahead)), 0)
							require.NoError(t, err)
							assert.Len(t, got, pages)
							return len(got) * limit
						},
					} {
						s.sent, s.most = 0, 0
						start := time.Now()
						assert.Equal(t, limit*pages, walk(), name)
						assert.Equal(t, want, time.Since(start), name)
						assert.Equal(t, pages, s.sent, "%s: requests", name)
						assert.Equal(t, most, s.most, "%s: requests under way at the same time", name)
					}
				})
			})
		}
	}
}

// A reader that takes its time has n pages waiting for it, and no more.
func TestPrefetchIsAtMostSoFarAhead(t *testing.T) {
	t.Parallel()
	const limit, ahead = 2, 3
	onBothSlowly(t, slowlyNumbered(40), func(t *testing.T, s *slowShelf, a api) {
		read := 0
		for _, err := range a.pages(t.Context(), 0, limit, storeorders.WithPrefetch(ahead)) {
			require.NoError(t, err)
			read++
			require.NoError(t, sleep(t.Context(), time.Minute))
			assert.Equal(t, min(read+ahead, 20), s.sent, "requests when page %d is read", read)
		}
		assert.Equal(t, 20, read)
	})
}

// The pages come in their order, in whichever order they are answered.
func TestPrefetchKeepsTheOrder(t *testing.T) {
	t.Parallel()
	newShelf := func() *slowShelf {
		return &slowShelf{
			shelf:  &shelf{ids: numbered(60)},
			timeOf: func(place int) time.Duration { return time.Duration(1000-7*place) * time.Millisecond },
		}
	}
	onBothSlowly(t, newShelf, func(t *testing.T, s *slowShelf, a api) {
		got, err := storeorders.Collect(a.all(t.Context(), 0, 5, storeorders.WithPrefetch(4)), 0)
		require.NoError(t, err)
		assert.Equal(t, s.ids, got)
	})
}

func TestPrefetchWaitsForWhatItGaveUp(t *testing.T) {
	t.Parallel()
	const limit, ahead = 5, 4
	for name, c := range map[string]struct {
		walk     func(ctx context.Context, t *testing.T, a api, cancel context.CancelFunc)
		canceled int
	}{
		"break in the first page": {func(ctx context.Context, t *testing.T, a api, _ context.CancelFunc) {
			t.Helper()
			for _, err := range a.pages(ctx, 0, limit, storeorders.WithPrefetch(ahead)) {
				require.NoError(t, err)
				synctest.Wait() // until all is sent
				break
			}
		}, ahead},
		"break in a later page": {func(ctx context.Context, t *testing.T, a api, _ context.CancelFunc) {
			t.Helper()
			for ids, err := range a.pages(ctx, 0, limit, storeorders.WithPrefetch(ahead)) {
				require.NoError(t, err)
				synctest.Wait()
				if ids[0] == "0010" {
					break
				}
			}
		}, 2}, // the other two had come
		"an order of the first page": {func(ctx context.Context, t *testing.T, a api, _ context.CancelFunc) {
			t.Helper()
			for _, err := range a.all(ctx, 0, limit, storeorders.WithPrefetch(ahead)) {
				require.NoError(t, err)
				synctest.Wait()
				break
			}
		}, ahead},
		"cancel": {func(ctx context.Context, t *testing.T, a api, cancel context.CancelFunc) {
			t.Helper()
			var last error
			n := 0
			for _, err := range a.pages(ctx, 0, limit, storeorders.WithPrefetch(ahead)) {
				last = err
				n++
				synctest.Wait()
				cancel()
			}
			assert.Equal(t, 2, n)
			assert.ErrorIs(t, last, context.Canceled)
			var pageError *storeorders.PageError
			require.ErrorAs(t, last, &pageError)
			assert.Equal(t, limit, a.place(pageError, limit))
		}, ahead},
		"panic": {func(ctx context.Context, t *testing.T, a api, _ context.CancelFunc) {
			t.Helper()
			assert.PanicsWithValue(t, "mine", func() {
				for _, err := range a.pages(ctx, 0, limit, storeorders.WithPrefetch(ahead)) {
					require.NoError(t, err)
					synctest.Wait()
					panic("mine")
				}
			})
		}, ahead},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			onBothSlowly(t, slowlyNumbered(100), func(t *testing.T, s *slowShelf, a api) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				c.walk(ctx, t, a, cancel)
				assert.Zero(t, s.underWay, "requests that the walk left behind")
				assert.Equal(t, c.canceled, s.canceled)
				sent := s.sent
				require.NoError(t, sleep(t.Context(), time.Minute))
				assert.Equal(t, sent, s.sent, "nothing is sent any more")
			})
		})
	}
}

// Later pages fail sooner, and none of them is heard of.
func TestPrefetchYieldsTheFirstErrorInPageOrder(t *testing.T) {
	t.Parallel()
	const limit = 5
	newShelf := func() *slowShelf {
		return &slowShelf{
			shelf:  &shelf{ids: numbered(60)},
			timeOf: func(place int) time.Duration { return time.Duration(1000-7*place) * time.Millisecond },
		}
	}
	onBothSlowly(t, newShelf, func(t *testing.T, s *slowShelf, a api) {
		failing := true
		s.pageOf = func(_ *shelf, rows []string, offset, limit int) []string {
			if failing && offset >= 4*limit {
				return []string{""} // which is no order
			}
			return pageOfRows(rows, offset, limit)
		}
		got, err := storeorders.Collect(a.all(t.Context(), 0, limit, storeorders.WithPrefetch(6)), 0)
		assert.Equal(t, numbered(4*limit), got)
		var pageError *storeorders.PageError
		require.ErrorAs(t, err, &pageError)
		var decodeError *storeorders.DecodeError
		assert.ErrorAs(t, err, &decodeError)
		assert.Equal(t, 4*limit, a.place(pageError, limit))
		assert.Zero(t, s.underWay)

		failing = false
		rest, err := storeorders.Collect(a.all(t.Context(), a.place(pageError, limit), limit, storeorders.WithPrefetch(6)), 0)
		require.NoError(t, err)
		assert.Equal(t, s.ids, append(got, rest...))
	})
}

// Where the next page is, only the last one tells for sure.
func TestPrefetchAgainstPagesOfUnexpectedLengths(t *testing.T) {
	t.Parallel()
	for name, newShelf := range map[string]func() *shelf{
		"clamped": func() *shelf { return &shelf{ids: numbered(50), clamp: 3} },
		"clamped from the middle on": func() *shelf {
			return &shelf{ids: numbered(50), pageOf: func(_ *shelf, rows []string, offset, limit int) []string {
				if offset >= 20 {
					limit = 3
				}
				return pageOfRows(rows, offset, limit)
			}}
		},
		"short here and there": func() *shelf {
			return &shelf{ids: numbered(50), pageOf: func(_ *shelf, rows []string, offset, limit int) []string {
				return pageOfRows(rows, offset, 1+offset*7%limit)
			}}
		},
		"longer than asked for": func() *shelf {
			return &shelf{ids: numbered(50), pageOf: func(_ *shelf, rows []string, offset, limit int) []string {
				return pageOfRows(rows, offset, limit+offset%4)
			}}
		},
		"an empty one": func() *shelf {
			return &shelf{ids: numbered(50), pageOf: func(_ *shelf, rows []string, offset, limit int) []string {
				if offset == 20 {
					limit = 0
				}
				return pageOfRows(rows, offset, limit)
			}}
		},
		"a list that ends before the count": func() *shelf {
			return &shelf{ids: numbered(31), countOf: func(*shelf) int { return 100 }}
		},
		"a list that goes on after the count": func() *shelf {
			return &shelf{ids: numbered(31), countOf: func(*shelf) int { return 14 }}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			onBothSlowly(t, func() *slowShelf { return &slowShelf{shelf: newShelf()} }, func(t *testing.T, _ *slowShelf, a api) {
				pages, err := storeorders.Collect(a.pages(t.Context(), 0, 5), 0)
				require.NoError(t, err)
				all, allError := storeorders.Collect(a.all(t.Context(), 0, 5), 0)
				for _, ahead := range []int{1, 2, 3, 7, 50} {
					got, err := storeorders.Collect(a.pages(t.Context(), 0, 5, storeorders.WithPrefetch(ahead)), 0)
					require.NoError(t, err)
					assert.Equal(t, pages, got, "%d ahead", ahead)
					gotAll, err := storeorders.Collect(a.all(t.Context(), 0, 5, storeorders.WithPrefetch(ahead)), 0)
					assert.Equal(t, allError, err, "%d ahead", ahead)
					assert.Equal(t, all, gotAll, "%d ahead", ahead)
				}
			})
		})
	}
}

// An error of a page that was asked for in vain is nobody's.
func TestPrefetchHearsNothingOfPagesItDoesNotNeed(t *testing.T) {
	t.Parallel()
	newShelf := func() *slowShelf {
		return &slowShelf{
			shelf:  &shelf{ids: numbered(30)},
			timeOf: func(place int) time.Duration { return time.Duration(1+place) * time.Millisecond },
		}
	}
	onBothSlowly(t, newShelf, func(t *testing.T, s *slowShelf, a api) {
		s.onRequest = func(s *shelf, n int) int {
			if n == 2 {
				s.ids = s.ids[:10]
			}
			return map[bool]int{true: http.StatusNotFound}[n > 2]
		}
		pages, err := storeorders.Collect(a.pages(t.Context(), 0, 5, storeorders.WithPrefetch(4)), 0)
		require.NoError(t, err)
		assert.Equal(t, [][]string{numbered(5), numbered(10)[5:]}, pages)
	})
}

func TestPrefetchOfRangesAtTheSameTime(t *testing.T) {
	t.Parallel()
	onBothSlowly(t, slowlyNumbered(40), func(t *testing.T, s *slowShelf, a api) {
		walk := a.all(t.Context(), 0, 5, storeorders.WithPrefetch(3))
		start := time.Now()
		var group sync.WaitGroup
		for _, taken := range []int{0, 0, 22} {
			group.Go(func() {
				got, err := storeorders.Collect(walk, taken)
				assert.NoError(t, err)
				want := s.ids
				if taken > 0 {
					want = want[:taken]
				}
				assert.Equal(t, want, got)
			})
		}
		group.Wait()
		assert.Equal(t, 4*pageTime, time.Since(start))
	})
}

func TestPrefetchOfASearch(t *testing.T) {
	t.Parallel()
	newShelf := func() *slowShelf {
		return &slowShelf{shelf: &shelf{ids: numbered(60), clamp: 5, pageOf: losing(55, 1)}}
	}
	onBothSlowly(t, newShelf, func(t *testing.T, s *slowShelf, a api) {
		start := time.Now()
		got, err := storeorders.Collect(a.all(t.Context(), 0, 5, storeorders.WithPrefetch(11)), 0)
		require.NoError(t, err)
		assert.Equal(t, s.ids, got)
		// 12 pages, the same again, and on Mercur the 5 that were missed.
		want := 4 * pageTime
		if a.name == "Mercur" {
			want = 5 * pageTime
		}
		assert.Equal(t, want, time.Since(start))
	})
}

// The default transport keeps the connections that a walk needs, and a walk
// needs no more than it says.
//
// The server answers pages when all that are asked for together are there: if
// it answered sooner than a connection is made, net/http's transport would give
// the request that the new one is for an old one, and keep both.
func TestPrefetchOpensNoMoreConnectionsThanItSays(t *testing.T) {
	t.Parallel()
	const pages, limit = 250, 2
	for _, ahead := range []int{0, 1, 2, 4, 16, 100} {
		t.Run(strconv.Itoa(ahead), func(t *testing.T) {
			t.Parallel()
			s := &shelf{ids: numbered(pages * limit)}
			together := newTogether(pages, ahead)
			server := newHost(t, func(w http.ResponseWriter, req *http.Request) {
				query := req.URL.Query()
				together.wait(number(query, "offset", (number(query, "page", 1)-1)*limit) / limit)
				resp, err := s.RoundTrip(req)
				if !assert.NoError(t, err) {
					return
				}
				defer resp.Body.Close()
				body, err := io.ReadAll(resp.Body)
				assert.NoError(t, err)
				writeJSON(w, resp.StatusCode, string(body))
			})
			client := clientAt(t, server.URL, server.URL)
			t.Cleanup(client.CloseIdleConnections)
			for _, a := range apisOf(client) {
				got, err := storeorders.Collect(a.all(t.Context(), 0, limit, storeorders.WithPrefetch(ahead)), 0)
				require.NoError(t, err)
				assert.Equal(t, s.ids, got)
			}
			assert.LessOrEqual(t, server.connections.Load(), int64(ahead+1))
		})
	}
}

// together has requests wait for those that are sent with them: the first page
// comes alone, the others n at a time.
type together struct {
	pages, n int
	mu       sync.Mutex
	here     map[int]int // by group
	all      map[int]chan struct{}
}

func newTogether(pages, ahead int) *together {
	return &together{pages: pages, n: max(1, ahead), here: map[int]int{}, all: map[int]chan struct{}{}}
}

func (g *together) wait(page int) {
	if page == 0 {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.here, g.all = map[int]int{}, map[int]chan struct{}{} // a new walk
		return
	}
	group := (page - 1) / g.n
	g.mu.Lock()
	if g.all[group] == nil {
		g.all[group] = make(chan struct{})
	}
	all := g.all[group]
	g.here[group]++
	if g.here[group] == min(g.n, g.pages-1-group*g.n) {
		close(all)
	}
	g.mu.Unlock()
	<-all
}

func TestPrefetchIsRefusedWhereItMakesNoSense(t *testing.T) {
	t.Parallel()
	for _, e := range endpoints() {
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			s := always(well)
			client := clientOf(t, s)
			assertRefused(t, "WithPrefetch", e.call(t.Context(), client, storeorders.WithPrefetch(-1)))
			err := e.call(t.Context(), client, storeorders.WithPrefetch(1))
			walks := e.name == "OrderGroups.Pages" || e.name == "OrderGroups.All" || e.name == "Orders.Pages" || e.name == "Orders.All"
			if !walks {
				assertRefused(t, "WithPrefetch", err)
				assert.Empty(t, s.sent())
				return
			}
			require.NoError(t, err)
			assert.Len(t, s.sent(), 1)
			assert.NoError(t, e.call(t.Context(), client, storeorders.WithPrefetch(3), storeorders.WithPrefetch(0)), "the last one counts")
		})
	}
}

// What was requested ahead is not yielded once the walk is canceled.
func TestPrefetchEndsWithTheContext(t *testing.T) {
	t.Parallel()
	client := clientOf(t, &shelf{ids: numbered(5)})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	yielded := 0
	var last error
	for _, err := range client.OrderGroups.All(ctx, &storeorders.OrderGroupListOptions{Limit: 1}, storeorders.WithPrefetch(8)) {
		if last = err; err == nil {
			yielded++
		}
		cancel()
	}
	assert.Equal(t, 1, yielded)
	assert.ErrorIs(t, last, context.Canceled)
}
