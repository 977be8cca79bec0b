package main

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-2861b391/storeorders"
	"github.com/seed-2861b391/storeorders/storeorderstest"
)

// pagesAsked counts the requests for each page, by its number from 0 on.
func (c crowd) pagesAsked(shopper listed, limit int) map[int]int {
	asked := make(map[int]int)
	for _, r := range c.Requests() {
		if r.Token != shopper.Token {
			continue
		}
		page := 0
		if shopper.API == mercurAPI {
			offset, _ := strconv.Atoi(r.Query.Get("offset"))
			page = offset / limit
		} else if n, _ := strconv.Atoi(r.Query.Get("page")); n > 0 {
			page = n - 1
		}
		asked[page]++
	}
	return asked
}

// each runs a test for a shopper of each API with so many orders.
func forEachAPI(t *testing.T, orders int, test func(t *testing.T, c crowd, shopper listed)) {
	t.Helper()
	for api, add := range map[string]func(crowd, int) listed{mercurAPI: crowd.mercur, salesiveAPI: crowd.salesive} {
		t.Run(api, func(t *testing.T) {
			t.Parallel()
			c := newCrowd(t)
			shopper := add(c, orders)
			test(t, c, shopper)
		})
	}
}

// A worker is killed while it waits for page 11 of 20: the next one asks for
// that page, and for none of those before it.
func TestAnotherWorkerGoesOnAtThePlace(t *testing.T) {
	t.Parallel()
	forEachAPI(t, 60, func(t *testing.T, c crowd, shopper listed) {
		server := startNATS(t)
		c.publish(server.url, "--ack-wait", "2s")
		victims := make(chan *process, 1)
		c.at(11, func() { (<-victims).kill() })
		first := c.work(server.url, "--page", "3")
		victims <- first
		<-first.ended
		e := look(t, server.url)
		left := placeOf(t, e, shopper)
		assert.Equal(t, walking, left.State)
		assert.Len(t, left.parts(left.key), 10)

		assert.Equal(t, 0, c.work(server.url, "--page", "3").code(t))
		asked := c.pagesAsked(shopper, 3)
		for page := range 20 {
			want := 1
			if page == 10 {
				want = 2
			}
			assert.Equal(t, want, asked[page], "page %d", page+1)
		}
		assert.Len(t, asked, 20)

		dir := t.TempDir()
		results(t, server.url, "run", dir)
		assert.Equal(t, []string{c.wanted(shopper)}, slices.Collect(maps.Values(documents(t, dir))))
		ended := placeOf(t, e, shopper)
		assert.Equal(t, done, ended.State)
		assert.False(t, ended.Whole)
		assert.Empty(t, objectNames(t, e.parts), "the parts are removed")
	})
}

// The ack wait is an hour: who is asked to stop gives back what it has.
func TestAWorkerThatIsStoppedGivesBackItsShopper(t *testing.T) {
	t.Parallel()
	forEachAPI(t, 9, func(t *testing.T, c crowd, shopper listed) {
		url := embedded(t)
		c.publish(url, "--ack-wait", "1h")
		ctx, stop := context.WithCancel(t.Context())
		c.at(3, stop)
		require.NoError(t, c.worker(url, "first", pagesOf(2)).run(ctx))
		left := placeOf(t, look(t, url), shopper)
		assert.Equal(t, walking, left.State)
		assert.Zero(t, left.Lost, "nobody was lost")

		second := c.worker(url, "second", pagesOf(2))
		finish(t, second)
		assert.Equal(t, int64(1), second.counts.done.Load())
		assert.Equal(t, int64(3), second.counts.pages.Load())
		assert.Equal(t, c.wanted(shopper), c.got(second.engine, shopper))
	})
}

func pagesOf(n int) func(*workCmd) { return func(c *workCmd) { c.Page = n } }

// got reads a shopper's document from the object store.
func (c crowd) got(e *engine, shopper listed) string {
	c.t.Helper()
	h := placeOf(c.t, e, shopper)
	require.Equal(c.t, done, h.State)
	text, err := objects{e.orders}.read(c.t.Context(), h)
	require.NoError(c.t, err)
	assert.Equal(c.t, h.Digest, digest(text))
	return string(text)
}

// Pages that do not fit together are read again by All: what comes out is the
// same as if they had.
func TestOrdersThatComeOrGoBetweenPagesAreNotLost(t *testing.T) {
	t.Parallel()
	forEachAPI(t, 10, func(t *testing.T, c crowd, shopper listed) {
		ids := c.ids(shopper)
		c.at(2, func() { c.remove(shopper, ids[len(ids)-1]) }) // of the page that was read
		url := embedded(t)
		c.publish(url)
		w := c.worker(url, "worker", pagesOf(3))
		finish(t, w)
		assert.True(t, placeOf(t, w.engine, shopper).Whole)
		assert.Equal(t, c.wanted(shopper), c.got(w.engine, shopper))
		assert.Len(t, c.ids(shopper), 9)
	})
}

// One order goes and another comes: the pages hold as many as were counted, and
// yet one is missing. Only the count of a page between tells.
func TestACountThatMovedIsNotTrusted(t *testing.T) {
	t.Parallel()
	c := newCrowd(t)
	shopper := c.mercur(10)
	ids := c.ids(shopper)
	c.at(2, func() { c.RemoveOrderGroup(ids[9]) })
	c.at(3, func() {
		c.AddOrderGroup(&storeorderstest.Customer{ID: shopper.Shopper}, storeorders.OrderGroup{CreatedAt: time.Now()})
	})
	url := embedded(t)
	c.publish(url)
	w := c.worker(url, "worker", pagesOf(3))
	finish(t, w)
	assert.True(t, placeOf(t, w.engine, shopper).Whole)
	assert.Equal(t, c.wanted(shopper), c.got(w.engine, shopper))
}

// A page may take longer than the ack wait.
func TestAWorkerTellsThatItIsAtWork(t *testing.T) {
	t.Parallel()
	c := newCrowd(t)
	shopper := c.mercur(1)
	url := embedded(t)
	c.publish(url, "--ack-wait", "400ms")
	w := c.worker(url, "worker", nil)
	told, enough := 0, make(chan struct{})
	_, err := w.engine.conn.Subscribe("$JS.ACK."+workStream+"."+consumerName+".>", func(m *nats.Msg) {
		if string(m.Data) == "+WPI" {
			told++
			if told == 3 {
				close(enough)
			}
		}
	})
	require.NoError(t, err)
	c.at(1, func() {
		select {
		case <-enough:
		case <-time.After(patience):
			assert.Fail(t, "it tells nothing")
		}
	})
	finish(t, w)
	assert.Equal(t, c.wanted(shopper), c.got(w.engine, shopper))
}

// ids are those of the shopper's orders, in the order in which pages have them,
// backwards.
func (c crowd) ids(shopper listed) []string {
	c.t.Helper()
	var ids []string
	client, err := storeorders.NewClient(storeorders.WithMercur(c.MercurConfig()), storeorders.WithSalesive(c.SalesiveConfig()))
	require.NoError(c.t, err)
	ctx, as := context.WithoutCancel(c.t.Context()), storeorders.WithToken(shopper.Token)
	defer c.ForgetRequests()
	if shopper.API == mercurAPI {
		for group, err := range client.OrderGroups.All(ctx, &storeorders.OrderGroupListOptions{Limit: 1000}, as) {
			require.NoError(c.t, err)
			ids = append(ids, group.ID)
		}
		return ids
	}
	for order, err := range client.Orders.All(ctx, &storeorders.OrderListOptions{Limit: 1000}, as) {
		require.NoError(c.t, err)
		ids = append(ids, order.ID)
	}
	slices.Reverse(ids)
	return ids
}

func (c crowd) remove(shopper listed, id string) {
	if shopper.API == mercurAPI {
		c.RemoveOrderGroup(id)
	} else {
		c.RemoveOrder(id)
	}
}

// Orders of one instant come in another order with each page.
func TestOrdersOfOneInstantAreWrittenInOneOrder(t *testing.T) {
	t.Parallel()
	c := newCrowd(t)
	shopper := c.mercur(0)
	for range 20 {
		c.AddOrderGroup(&storeorderstest.Customer{ID: shopper.Shopper}, storeorders.OrderGroup{CreatedAt: time.Date(2026, time.March, 1, 0, 0, 0, 0, time.UTC)})
	}
	want := c.wanted(shopper)
	c.Inject(storeorderstest.ShuffleTies(1))
	url := embedded(t)
	c.publish(url)
	w := c.worker(url, "worker", pagesOf(3))
	finish(t, w)
	assert.Equal(t, want, c.got(w.engine, shopper))
}

// Parts are not kept for ever.
func TestAShopperWhosePartsAreGoneBeginsAnew(t *testing.T) {
	t.Parallel()
	forEachAPI(t, 10, func(t *testing.T, c crowd, shopper listed) {
		url := embedded(t)
		c.publish(url)
		ctx, stop := context.WithCancel(t.Context())
		c.at(3, stop)
		first := c.worker(url, "first", pagesOf(3))
		require.NoError(t, first.run(ctx))
		names := objectNames(t, first.engine.parts)
		require.Len(t, names, 2)
		require.NoError(t, first.engine.parts.Delete(t.Context(), names[0]))

		second := c.worker(url, "second", pagesOf(3))
		finish(t, second)
		assert.Equal(t, c.wanted(shopper), c.got(second.engine, shopper))
		assert.Equal(t, int64(4), second.counts.pages.Load())
		assert.False(t, placeOf(t, second.engine, shopper).Whole)
	})
}
