//go:build integration

package integration_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-2861b391/storeorders"
)

func TestListGivesEachShopperHisGroups(t *testing.T) {
	t.Parallel()
	for name, count := range map[string]int{"A": 30, "B": 3, "C": 0} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newClient(t)
			want := idsOf(live.seed.groupsOf(name))
			require.Len(t, want, count)

			page, err := c.OrderGroups.List(t.Context(), &storeorders.OrderGroupListOptions{Limit: 100}, as(name))
			require.NoError(t, err)
			assert.Equal(t, []int{count, 0, 100}, []int{page.Count, page.Offset, page.Limit})
			assert.ElementsMatch(t, want, idsOfItems(page.Items))
			for i := range page.Items {
				assert.Equal(t, live.seed.Customers[name].ID, page.Items[i].CustomerID)
			}
			_, more := page.Next()
			assert.False(t, more)
			assert.Equal(t, 200, page.Response.StatusCode)
			assert.Equal(t, 1, page.Response.Attempts)
		})
	}
}

func TestPagesGivesEachPageOnce(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		shopper      string
		limit, pages int
	}{
		{"A", 1, 30},
		{"A", 7, 5},
		{"A", 30, 1},
		{"A", 50, 1},
		{"B", 1, 3},
		{"B", 2, 2},
		{"B", 3, 1},
		{"C", 1, 1},
	} {
		t.Run(fmt.Sprintf("%s by %d", test.shopper, test.limit), func(t *testing.T) {
			t.Parallel()
			c := newClient(t)
			want := live.seed.groupsOf(test.shopper)
			opts := &storeorders.OrderGroupListOptions{Limit: test.limit, Order: storeorders.NewestFirst}
			pages := collectPages(t, c.OrderGroups.Pages(t.Context(), opts, as(test.shopper)))

			require.Len(t, pages, test.pages)
			assert.EqualValues(t, test.pages, c.requests.Load(), "a request beyond the pages")
			for i, page := range pages {
				assert.Equal(t, []int{len(want), i * test.limit, test.limit}, []int{page.Count, page.Offset, page.Limit})
			}
			ids := idsOfPages(pages)
			assert.Equal(t, sortedInstants(want, createdAt, true), instantsOf(t, ids, createdAt))
			// Where a page ends between two groups of one instant, the server may give one of them twice and the other never.
			if test.limit > 1 {
				assert.ElementsMatch(t, idsOf(want), ids)
			}
		})
	}
}

func TestNextGoesOnFromAList(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	opts := storeorders.OrderGroupListOptions{Limit: 11, Fields: []string{"id"}}
	var ids []string
	for more := true; more; {
		page, err := c.OrderGroups.List(t.Context(), &opts)
		require.NoError(t, err)
		ids = append(ids, idsOfItems(page.Items)...)
		opts, more = page.Next()
	}
	assert.Equal(t, sortedInstants(live.seed.groupsOf("A"), createdAt, true), instantsOf(t, ids, createdAt))
	assert.EqualValues(t, 3, c.requests.Load())
}

func TestAllGivesEachShopperHisGroups(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"A", "B", "C"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newClient(t)
			groups, err := storeorders.Collect(c.OrderGroups.All(t.Context(), nil, as(name)), 0)
			require.NoError(t, err)
			want := live.seed.groupsOf(name)
			ids := idsOfPointers(groups)
			assert.ElementsMatch(t, idsOf(want), ids)
			assert.Equal(t, sortedInstants(want, createdAt, true), instantsOf(t, ids, createdAt))
			assert.EqualValues(t, 1, c.requests.Load())
		})
	}
}

func TestAllStopsWithTheLoop(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	opts := &storeorders.OrderGroupListOptions{Limit: 7}
	groups, err := storeorders.Collect(c.OrderGroups.All(t.Context(), opts), 8)
	require.NoError(t, err)
	assert.Len(t, groups, 8)
	assert.EqualValues(t, 2, c.requests.Load())
}

func TestAllGoesOnFromAnOffset(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	opts := &storeorders.OrderGroupListOptions{Offset: 25, Limit: 2}
	groups, err := storeorders.Collect(c.OrderGroups.All(t.Context(), opts), 0)
	require.NoError(t, err)
	want := sortedInstants(live.seed.groupsOf("A"), createdAt, true)[25:]
	assert.Equal(t, want, instantsOf(t, idsOfPointers(groups), createdAt))
	assert.EqualValues(t, 3, c.requests.Load())
}

// The server has no tie-break: where a page ends between groups of one
// instant, it repeats some and leaves others out. What plain paging loses, All
// finds with one request for all ids and one for those that were missed.
func TestAllOverTiesIsComplete(t *testing.T) {
	t.Parallel()
	for _, order := range []storeorders.SortOrder{storeorders.OldestFirst, storeorders.NewestFirst} {
		for _, limit := range []int{1, 2, 4, 5, 7} {
			for _, ahead := range []int{0, 3} {
				t.Run(fmt.Sprintf("%v by %d, %d ahead", order, limit, ahead), func(t *testing.T) {
					t.Parallel()
					opts := &storeorders.OrderGroupListOptions{Limit: limit, Order: order, Fields: []string{"id"}}
					plain := newClient(t)
					rows := idsOfPages(collectPages(t, plain.OrderGroups.Pages(t.Context(), opts)))
					c := newClient(t)
					groups, err := storeorders.Collect(c.OrderGroups.All(t.Context(), opts, storeorders.WithPrefetch(ahead)), 0)
					ids := idsOfPointers(groups)
					t.Logf("Pages: %d rows, %d distinct, %d requests; All: %d groups, %d requests, error: %v",
						len(rows), distinct(rows), plain.requests.Load(), len(ids), c.requests.Load(), err)

					require.NoError(t, err)
					assert.ElementsMatch(t, idsOf(live.seed.groupsOf("A")), ids)
					pages := int64(30+limit-1) / int64(limit)
					assert.Contains(t, []int64{pages, pages + 2}, c.requests.Load())
				})
			}
		}
	}
}

// What was there at the beginning comes exactly once, while more is bought.
func TestAllWhileCartsAreCompleted(t *testing.T) {
	t.Parallel()
	const before, during, lanes = 7, 6, 2
	b := newBuyer(t)
	variant := live.seed.OrderGroups[0].Cart.Lines[0].VariantID
	// The first alone: two first payments at once would both open the account.
	there := append(buyAll(t, b, variant, 1, 1), buyAll(t, b, variant, before-1, lanes)...)
	require.Len(t, there, before)

	var bought []string
	done := make(chan struct{})
	go func() {
		defer close(done)
		bought = buyAll(t, b, variant, during, lanes)
	}()
	c := newClient(t)
	walks, moved := 0, 0
	for buying := true; buying; {
		select {
		case <-done:
			buying = false // and one walk after the last
		default:
		}
		for _, order := range []storeorders.SortOrder{storeorders.NewestFirst, storeorders.OldestFirst} {
			for _, limit := range []int{1, 3} {
				opts := &storeorders.OrderGroupListOptions{Limit: limit, Order: order, Fields: []string{"id"}}
				groups, err := storeorders.Collect(c.OrderGroups.All(t.Context(), opts, storeorders.WithToken(b.token), storeorders.WithPrefetch(walks%3)), 0)
				require.NoError(t, err)
				ids := idsOfPointers(groups)
				require.Len(t, ids, distinct(ids), "an id was yielded twice")
				require.Subset(t, ids, there)
				walks++
				if n := len(ids); n > before && n < before+during {
					moved++
				}
			}
		}
	}
	t.Logf("%d walks in %d requests, %d of them between the first and the last purchase", walks, c.requests.Load(), moved)
	require.Len(t, bought, during)
	assert.Positive(t, moved)
	groups, err := storeorders.Collect(c.OrderGroups.All(t.Context(), nil, storeorders.WithToken(b.token)), 0)
	require.NoError(t, err)
	assert.ElementsMatch(t, append(there, bought...), idsOfPointers(groups))
}

// buyAll buys n times, so many at once.
func buyAll(t *testing.T, b *buyer, variant string, n, lanes int) (ids []string) {
	t.Helper()
	var mu sync.Mutex
	var group sync.WaitGroup
	for range lanes {
		group.Go(func() {
			for range n / lanes {
				id, err := b.buy(t.Context(), variant)
				if !assert.NoError(t, err) {
					return
				}
				mu.Lock()
				ids = append(ids, id)
				mu.Unlock()
			}
		})
	}
	group.Wait()
	return ids
}
