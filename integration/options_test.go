//go:build integration

package integration_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-2861b391/storeorders"
)

func TestLimitAndOffset(t *testing.T) {
	t.Parallel()
	all := sortedInstants(live.seed.groupsOf("A"), createdAt, true)
	for _, test := range []struct {
		limit, offset int
		wantLimit     int
		want          []time.Time
	}{
		{0, 0, 50, all}, // the server's own limit
		{1, 0, 1, all[:1]},
		{7, 0, 7, all[:7]},
		{0, 27, 50, all[27:]},
		{4, 3, 4, all[3:7]},
		{4, 29, 4, all[29:]},
		{4, 30, 4, all[30:]},
		{4, 1000, 4, all[30:]},
	} {
		t.Run(fmt.Sprintf("limit %d offset %d", test.limit, test.offset), func(t *testing.T) {
			t.Parallel()
			opts := &storeorders.OrderGroupListOptions{Limit: test.limit, Offset: test.offset, Fields: []string{"id"}}
			page, err := newClient(t).OrderGroups.List(t.Context(), opts)
			require.NoError(t, err)
			assert.Equal(t, []int{30, test.offset, test.wantLimit}, []int{page.Count, page.Offset, page.Limit})
			assert.Equal(t, test.want, instantsOf(t, idsOfItems(page.Items), createdAt))
		})
	}
}

func TestOrder(t *testing.T) {
	t.Parallel()
	groups := live.seed.groupsOf("A")
	newestFirst := sortedInstants(groups, createdAt, true)
	for _, test := range []struct {
		name    string
		order   storeorders.SortOrder
		instant func(orderGroup) time.Time
		want    []time.Time
		query   string
	}{
		{"newest first", storeorders.NewestFirst, createdAt, newestFirst, "&order=-created_at"},
		{"oldest first", storeorders.OldestFirst, createdAt, sortedInstants(groups, createdAt, false), "&order=created_at"},
		{"recently updated first", storeorders.RecentlyUpdatedFirst, updatedAt, sortedInstants(groups, updatedAt, true), "&order=-updated_at"},
		{"least recently updated first", storeorders.LeastRecentlyUpdatedFirst, updatedAt, sortedInstants(groups, updatedAt, false), "&order=updated_at"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			withID, wait := logged(t)
			opts := &storeorders.OrderGroupListOptions{Limit: 100, Order: test.order, Fields: []string{"id"}}
			page, err := newClient(t).OrderGroups.List(t.Context(), opts, withID)
			require.NoError(t, err)
			assert.Equal(t, test.want, instantsOf(t, idsOfItems(page.Items), test.instant))
			assert.Equal(t, "/store/order-groups?fields=id&limit=100"+test.query, wait(1)[0].Path)
		})
	}
}

func TestTimeFilters(t *testing.T) {
	t.Parallel()
	groups := live.seed.groupsOf("A")
	type field struct {
		name    string
		instant func(orderGroup) time.Time
		set     func(*storeorders.OrderGroupListOptions, storeorders.TimeFilter)
	}
	fields := []field{
		{"created", createdAt, func(o *storeorders.OrderGroupListOptions, f storeorders.TimeFilter) { o.CreatedAt = f }},
		{"updated", updatedAt, func(o *storeorders.OrderGroupListOptions, f storeorders.TimeFilter) { o.UpdatedAt = f }},
	}
	type operator struct {
		name   string
		filter func(time.Time) storeorders.TimeFilter
		holds  func(instant, bound time.Time) bool
	}
	operators := []operator{
		{"GT", func(t time.Time) storeorders.TimeFilter { return storeorders.TimeFilter{GT: t} }, func(i, b time.Time) bool { return i.After(b) }},
		{"GTE", func(t time.Time) storeorders.TimeFilter { return storeorders.TimeFilter{GTE: t} }, func(i, b time.Time) bool { return !i.Before(b) }},
		{"LT", func(t time.Time) storeorders.TimeFilter { return storeorders.TimeFilter{LT: t} }, func(i, b time.Time) bool { return i.Before(b) }},
		{"LTE", func(t time.Time) storeorders.TimeFilter { return storeorders.TimeFilter{LTE: t} }, func(i, b time.Time) bool { return !i.After(b) }},
	}
	type bound struct {
		name string
		at   func(instant func(orderGroup) time.Time) time.Time
	}
	// of is the instant of A's group i, and a little before or after.
	of := func(i int, plus time.Duration) func(func(orderGroup) time.Time) time.Time {
		return func(instant func(orderGroup) time.Time) time.Time { return instant(groups[i]).Add(plus) }
	}
	bounds := []bound{
		{"the first group", of(0, 0)},
		{"a millisecond before a group", of(15, -time.Millisecond)},
		{"a group", of(15, 0)},
		{"a millisecond after a group", of(15, time.Millisecond)},
		{"three groups of one instant", of(11, 0)},
		{"the earlier of two groups a microsecond apart", of(20, 0)},
		{"the later of two groups a microsecond apart", of(21, 0)},
		{"a nanosecond after the earlier of the two", of(20, time.Nanosecond)},
		{"a nanosecond before the later of the two", of(21, -time.Nanosecond)},
		{"the last group", of(29, 0)},
		{"a group, told in another zone", func(instant func(orderGroup) time.Time) time.Time {
			return instant(groups[15]).In(time.FixedZone("", 5*3600+30*60))
		}},
	}
	for _, field := range fields {
		for _, op := range operators {
			for _, bound := range bounds {
				t.Run(field.name+" "+op.name+" "+bound.name, func(t *testing.T) {
					t.Parallel()
					at := bound.at(field.instant)
					want := slices.DeleteFunc(slices.Clone(groups), func(g orderGroup) bool { return !op.holds(field.instant(g), at) })
					opts := &storeorders.OrderGroupListOptions{Limit: 100, Fields: []string{"id"}}
					field.set(opts, op.filter(at))
					page, err := newClient(t).OrderGroups.List(t.Context(), opts)
					require.NoError(t, err)
					assert.ElementsMatch(t, idsOf(want), idsOfItems(page.Items))
					assert.Equal(t, len(want), page.Count)
				})
			}
		}
	}
}

func TestBothEndsOfATimeFilter(t *testing.T) {
	t.Parallel()
	a := live.seed.groupsOf("A")
	at := func(i int) time.Time { return a[i].CreatedAt }
	for _, test := range []struct {
		name   string
		filter storeorders.TimeFilter
		want   []orderGroup
	}{
		{"closed", storeorders.TimeFilter{GTE: at(5), LTE: at(8)}, a[5:9]},
		{"open", storeorders.TimeFilter{GT: at(5), LT: at(8)}, a[6:8]},
		{"half open", storeorders.TimeFilter{GTE: at(5), LT: at(8)}, a[5:8]},
		{"all four, the narrower count", storeorders.TimeFilter{GT: at(4), GTE: at(6), LT: at(9), LTE: at(7)}, a[6:8]},
		{"one instant that three groups share", storeorders.TimeFilter{GTE: at(10), LTE: at(10)}, a[10:13]},
		{"only the earlier of two a microsecond apart", storeorders.TimeFilter{GTE: at(20), LT: at(21)}, a[20:21]},
		{"only the later of two a microsecond apart", storeorders.TimeFilter{GT: at(20), LTE: at(21)}, a[21:22]},
		{"between two a microsecond apart", storeorders.TimeFilter{GT: at(20), LT: at(21)}, nil},
		{"end before begin", storeorders.TimeFilter{GT: at(8), LT: at(5)}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			opts := &storeorders.OrderGroupListOptions{Limit: 100, Fields: []string{"id"}, CreatedAt: test.filter}
			page, err := newClient(t).OrderGroups.List(t.Context(), opts)
			require.NoError(t, err)
			assert.ElementsMatch(t, idsOf(test.want), idsOfItems(page.Items))
		})
	}
}

// A group is created on a day of January and updated on one of March: only
// both filters together leave the one group that meets both.
func TestCreatedAtAndUpdatedAtTogether(t *testing.T) {
	t.Parallel()
	a := live.seed.groupsOf("A")
	opts := &storeorders.OrderGroupListOptions{
		Limit:     100,
		Fields:    []string{"id"},
		CreatedAt: storeorders.TimeFilter{GTE: a[13].CreatedAt, LTE: a[19].CreatedAt},
		UpdatedAt: storeorders.TimeFilter{GTE: a[17].UpdatedAt},
	}
	want := slices.DeleteFunc(slices.Clone(a[13:20]), func(g orderGroup) bool { return g.UpdatedAt.Before(a[17].UpdatedAt) })
	require.Less(t, len(want), 7)
	page, err := newClient(t).OrderGroups.List(t.Context(), opts)
	require.NoError(t, err)
	assert.ElementsMatch(t, idsOf(want), idsOfItems(page.Items))
}

func TestFields(t *testing.T) {
	t.Parallel()
	id := live.seed.Customers["A"].Groups[3]

	t.Run("a selection", func(t *testing.T) {
		t.Parallel()
		opts := &storeorders.OrderGroupListOptions{Limit: 1, Fields: []string{"total", "created_at"}}
		page, err := newClient(t).OrderGroups.List(t.Context(), opts)
		require.NoError(t, err)
		require.Len(t, page.Items, 1)
		assert.Equal(t, []string{"created_at", "id", "total"}, members(t, page.Items[0].RawJSON()))
		assert.NotEmpty(t, page.Items[0].Total)
		assert.Nil(t, page.Items[0].Orders)
	})
	t.Run("a selection of one group", func(t *testing.T) {
		t.Parallel()
		group, err := newClient(t).OrderGroups.Get(t.Context(), id, &storeorders.OrderGroupGetOptions{Fields: []string{"total"}})
		require.NoError(t, err)
		assert.Equal(t, []string{"id", "total"}, members(t, group.RawJSON()))
	})
	t.Run("added to the server's own", func(t *testing.T) {
		t.Parallel()
		group, err := newClient(t).OrderGroups.Get(t.Context(), id, &storeorders.OrderGroupGetOptions{Fields: []string{"+cart_id"}})
		require.NoError(t, err)
		assert.Equal(t, serverMembers("cart_id"), members(t, group.RawJSON()))
		assert.NotEmpty(t, group.CartID)
	})
	t.Run("empty is the server's own", func(t *testing.T) {
		t.Parallel()
		withID, wait := logged(t)
		c := newClient(t)
		page, err := c.OrderGroups.List(t.Context(), &storeorders.OrderGroupListOptions{ID: []string{id}, Fields: []string{}}, withID)
		require.NoError(t, err)
		require.Len(t, page.Items, 1)
		group, err := c.OrderGroups.Get(t.Context(), id, &storeorders.OrderGroupGetOptions{Fields: []string{}}, withID)
		require.NoError(t, err)
		for _, g := range []*storeorders.OrderGroup{&page.Items[0], group} {
			assert.Equal(t, serverMembers(), members(t, g.RawJSON()))
			require.Len(t, g.Orders, 4)
			assert.Empty(t, g.Orders[0].Status)
		}
		requests := wait(2)
		assert.Equal(t, "/store/order-groups?id="+id, requests[0].Path)
		assert.Equal(t, "/store/order-groups/"+id, requests[1].Path)
	})
	t.Run("nil is the SDK's own", func(t *testing.T) {
		t.Parallel()
		withID, wait := logged(t)
		c := newClient(t)
		page, err := c.OrderGroups.List(t.Context(), &storeorders.OrderGroupListOptions{ID: []string{id}}, withID)
		require.NoError(t, err)
		require.Len(t, page.Items, 1)
		group, err := c.OrderGroups.Get(t.Context(), id, nil, withID)
		require.NoError(t, err)
		for _, g := range []*storeorders.OrderGroup{&page.Items[0], group} {
			require.Len(t, g.Orders, 4)
			assert.NotEmpty(t, g.Orders[0].Status)
			assert.NotEmpty(t, g.Orders[0].Total)
		}
		fields := "fields=" + strings.Join(storeorders.DefaultOrderGroupFields(), "%2C")
		requests := wait(2)
		assert.Equal(t, "/store/order-groups?"+fields+"&id="+id, requests[0].Path)
		assert.Equal(t, "/store/order-groups/"+id+"?"+fields, requests[1].Path)
	})
}

// serverMembers are the members of an order group without fields, and more.
func serverMembers(more ...string) []string {
	names := append([]string{"created_at", "customer_id", "id", "orders", "seller_count", "total", "updated_at"}, more...)
	slices.Sort(names)
	return names
}

func TestIDs(t *testing.T) {
	t.Parallel()
	a, b := live.seed.Customers["A"].Groups, live.seed.Customers["B"].Groups
	for _, test := range []struct {
		name      string
		ids, want []string
	}{
		{"one", a[4:5], a[4:5]},
		{"twenty", a[3:23], a[3:23]},
		{"one twice", []string{a[7], a[7]}, a[7:8]},
		{"an unknown one", []string{a[2], "og_NONE"}, a[2:3]},
		{"another shopper's", []string{b[0], a[9]}, a[9:10]},
		{"only another shopper's", b, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			withID, wait := logged(t)
			opts := &storeorders.OrderGroupListOptions{ID: test.ids, Limit: 100, Fields: []string{"id"}}
			page, err := newClient(t).OrderGroups.List(t.Context(), opts, withID)
			require.NoError(t, err)
			assert.ElementsMatch(t, test.want, idsOfItems(page.Items))
			assert.Equal(t, len(test.want), page.Count)
			assert.Equal(t, "/store/order-groups?fields=id&id="+strings.Join(test.ids, "&id=")+"&limit=100", wait(1)[0].Path)
		})
	}
}

func TestTwentyOneIDs(t *testing.T) {
	t.Parallel()
	ids := live.seed.Customers["A"].Groups[5:26]
	require.Len(t, ids, 21)
	opts := &storeorders.OrderGroupListOptions{ID: ids}

	t.Run("List refuses them", func(t *testing.T) {
		t.Parallel()
		c := newClient(t)
		_, err := c.OrderGroups.List(t.Context(), opts)
		requireRefusedID(t, c, err)
	})
	t.Run("Pages refuses them", func(t *testing.T) {
		t.Parallel()
		c := newClient(t)
		pages, err := storeorders.Collect(c.OrderGroups.Pages(t.Context(), opts), 0)
		assert.Empty(t, pages)
		requireRefusedID(t, c, err)
	})
	t.Run("All sends them in two batches", func(t *testing.T) {
		t.Parallel()
		withID, wait := logged(t)
		c := newClient(t)
		groups, err := storeorders.Collect(c.OrderGroups.All(t.Context(), opts, withID), 0)
		require.NoError(t, err)
		got := idsOfPointers(groups)
		require.Len(t, got, 21)
		assert.Equal(t, newestFirst(t, ids[:20]), instantsOf(t, got[:20], createdAt))
		assert.ElementsMatch(t, ids[:20], got[:20])
		assert.Equal(t, ids[20], got[20])
		for i, request := range wait(2) {
			assert.Equal(t, []int{20, 1}[i], strings.Count(request.Path, "&id="), request.Path)
		}
	})
}

func requireRefusedID(t *testing.T, c *client, err error) {
	t.Helper()
	var refused *storeorders.OptionError
	require.ErrorAs(t, err, &refused)
	assert.Equal(t, "ID", refused.Field)
	assert.Zero(t, c.requests.Load(), "requests sent")
}

func newestFirst(t *testing.T, ids []string) []time.Time {
	t.Helper()
	instants := instantsOf(t, ids, createdAt)
	slices.SortFunc(instants, func(a, b time.Time) int { return b.Compare(a) })
	return instants
}

func TestAllParametersTogether(t *testing.T) {
	t.Parallel()
	a := live.seed.groupsOf("A")
	ids := idsOf(a[5:12])
	zone := time.FixedZone("", -3*3600)
	opts := &storeorders.OrderGroupListOptions{
		Limit:  2,
		Offset: 1,
		Order:  storeorders.LeastRecentlyUpdatedFirst,
		Fields: []string{"id", "updated_at"},
		ID:     ids,
		CreatedAt: storeorders.TimeFilter{
			GT:  time.Date(2026, 1, 6, 7, 0, 0, 0, zone),                  // group 5 itself
			GTE: time.Date(2026, 1, 6, 10, 0, 0, 1_000, time.UTC),         // a microsecond after it
			LT:  time.Date(2026, 1, 11, 10, 0, 0, 0, time.UTC),            // groups 10 to 12
			LTE: time.Date(2026, 1, 11, 9, 59, 59, 999_999_999, time.UTC), // rounded down
		},
		UpdatedAt: storeorders.TimeFilter{
			GT:  time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC),
			GTE: time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC),
			LT:  time.Date(2026, 4, 1, 0, 0, 0, 500_000_000, time.UTC),
			LTE: time.Date(2026, 3, 31, 0, 0, 0, 0, time.UTC),
		},
	}
	// The bounds leave groups 6 to 9; least recently updated first that is 9, 6, 7, 8, of which offset and limit leave two.
	want := []string{a[6].ID, a[7].ID}

	withID, wait := logged(t)
	page, err := newClient(t).OrderGroups.List(t.Context(), opts, withID)
	require.NoError(t, err)
	assert.Equal(t, want, idsOfItems(page.Items))
	assert.Equal(t, []int{4, 1, 2}, []int{page.Count, page.Offset, page.Limit})
	assert.Equal(t, []loggedRequest{{
		Method: "GET",
		Path: "/store/order-groups" +
			"?created_at%5B%24gt%5D=2026-01-06T10%3A00%3A00.000Z" +
			"&created_at%5B%24gte%5D=2026-01-06T10%3A00%3A00.000001Z" +
			"&created_at%5B%24lt%5D=2026-01-11T10%3A00%3A00.000Z" +
			"&created_at%5B%24lte%5D=2026-01-11T09%3A59%3A59.999999Z" +
			"&fields=id%2Cupdated_at" +
			"&id=" + strings.Join(ids, "&id=") +
			"&limit=2&offset=1&order=updated_at" +
			"&updated_at%5B%24gt%5D=2026-03-01T12%3A00%3A00.000Z" +
			"&updated_at%5B%24gte%5D=2026-03-02T00%3A00%3A00.000Z" +
			"&updated_at%5B%24lt%5D=2026-04-01T00%3A00%3A00.500Z" +
			"&updated_at%5B%24lte%5D=2026-03-31T00%3A00%3A00.000Z",
		Status: 200,
	}}, wait(1))
}
