package storeorderstest_test

import (
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-2861b391/storeorders"
	"github.com/seed-2861b391/storeorders/storeorderstest"
)

func TestAddOrderGroupFillsInWhatIsEmpty(t *testing.T) {
	t.Parallel()
	srv := newServer(t)
	alice := srv.AddCustomer("Alice")
	first := time.Date(2026, time.January, 1, 10, 0, 0, 0, time.UTC)

	got := srv.AddOrderGroup(alice, storeorders.OrderGroup{Orders: []storeorders.SellerOrder{
		{
			Seller:        &storeorders.Seller{Name: "Cedar Books"},
			Items:         []storeorders.LineItem{{Quantity: "1.5", UnitPrice: "19.90"}, {UnitPrice: "0.01"}},
			ShippingTotal: "5.4125", TaxTotal: "1.25", DiscountTotal: "0.5",
		},
		{
			Seller: &storeorders.Seller{Name: "Cedar Books"},
			Items:  []storeorders.LineItem{{Detail: &storeorders.LineItemDetail{Quantity: "2"}, UnitPrice: "3", Total: "5"}},
			Status: storeorders.SellerOrderStatusCanceled,
		},
	}})

	assert.Equal(t, "og_01000000000000000000000002", got.ID)
	assert.Equal(t, int64(1), got.DisplayID)
	assert.Equal(t, alice.ID, got.CustomerID)
	assert.Equal(t, first, got.CreatedAt)
	assert.Equal(t, first, got.UpdatedAt)
	assert.Equal(t, storeorders.Decimal("1"), got.SellerCount, "one seller twice")
	assert.Equal(t, storeorders.Decimal("40.2725"), got.Total, "the canceled order counts")

	one, two := got.Orders[0], got.Orders[1]
	assert.Equal(t, storeorders.SellerOrderStatusPending, one.Status)
	assert.Equal(t, "usd", one.CurrencyCode)
	assert.Equal(t, storeorders.Decimal("29.86"), one.ItemTotal)
	assert.Equal(t, storeorders.Decimal("35.2725"), one.Total)
	assert.Equal(t, storeorders.Decimal("34.5225"), one.Subtotal)
	assert.Equal(t, storeorders.Decimal("29.85"), one.Items[0].Total)
	assert.Equal(t, storeorders.Decimal("1.5"), one.Items[0].Detail.Quantity)
	assert.Equal(t, storeorders.Decimal("1"), one.Items[1].Quantity)
	assert.Equal(t, storeorders.Decimal("2"), two.Items[0].Quantity)
	assert.Equal(t, storeorders.Decimal("5"), two.Total, "what is set stays")
	assert.Equal(t, "cedar-books", one.Seller.Handle)
	assert.Equal(t, one.Seller, two.Seller)
	assert.NotEqual(t, one.ID, two.ID)

	next := srv.AddOrderGroup(alice, storeorders.OrderGroup{})
	assert.Equal(t, first.Add(time.Hour), next.CreatedAt)
	assert.Equal(t, storeorders.Decimal("0"), next.Total)
}

func TestAddOrderFillsInWhatIsEmpty(t *testing.T) {
	t.Parallel()
	srv := newServer(t)
	ada := srv.AddShopper("Ada")

	got := srv.AddOrder(ada, storeorders.Order{
		Items:        []storeorders.OrderItem{{Price: "500"}, {Price: "250", Quantity: "2"}},
		ShippingCost: "50", Discount: "200", Tax: "0.5",
	})
	assert.Equal(t, "690ff00a0000000000000002", got.ID)
	assert.Equal(t, int64(1001), got.Number)
	assert.Equal(t, storeorders.Ref{ID: ada.ID}, got.User)
	assert.Equal(t, storeorders.Ref{ID: srv.ShopID}, got.Shop)
	assert.Equal(t, storeorders.OrderStatusPending, got.Status)
	assert.Equal(t, storeorders.Decimal("1000"), got.Subtotal)
	assert.Equal(t, storeorders.Decimal("850.5"), got.Total)
	assert.Equal(t, time.Date(2026, time.January, 1, 10, 0, 0, 0, time.UTC), got.CreatedAt)

	assert.Equal(t, storeorders.Decimal("0"), srv.AddOrder(ada, storeorders.Order{Discount: "5"}).Total, "not below zero")
}

func TestAddReplacesWhatHasTheID(t *testing.T) {
	t.Parallel()
	srv := newServer(t)
	alice, ada := srv.AddCustomer("Alice"), srv.AddShopper("Ada")
	group := srv.AddOrderGroup(alice, storeorders.OrderGroup{})
	group.Total = "7"
	srv.AddOrderGroup(alice, group)
	order := srv.AddOrder(ada, storeorders.Order{})
	order.Status = storeorders.OrderStatusPaid
	srv.AddOrder(ada, order)

	groups := request(t, srv, http.MethodGet, "/store/order-groups?fields=total", mercurHeaders(srv, alice))
	assert.Equal(t, `{"order_groups":[{"id":"`+group.ID+`","total":7}],"count":1,"offset":0,"limit":50}`, groups.body)
	orders := request(t, srv, http.MethodGet, "/orders", salesiveHeaders(srv, ada))
	assert.Contains(t, orders.body, `"status":"paid"`)
	assert.Contains(t, orders.body, `"pagination":{"page":1,"limit":10,"total":1,"pages":1}`)
}

func TestRemove(t *testing.T) {
	t.Parallel()
	srv := newServer(t)
	alice, ada := srv.AddCustomer("Alice"), srv.AddShopper("Ada")
	groups, orders := srv.AddOrderGroups(alice, 2, 1), srv.AddOrders(ada, 2, 1)

	assert.True(t, srv.RemoveOrderGroup(groups[0].ID))
	assert.False(t, srv.RemoveOrderGroup(groups[0].ID))
	assert.True(t, srv.RemoveOrder(orders[0].ID))
	assert.False(t, srv.RemoveOrder(orders[0].ID))

	assert.Equal(t, http.StatusNotFound, request(t, srv, http.MethodGet, "/store/order-groups/"+groups[0].ID, mercurHeaders(srv, alice)).status)
	assert.Equal(t, http.StatusNotFound, request(t, srv, http.MethodGet, "/orders/"+orders[0].ID, salesiveHeaders(srv, ada)).status)
	assert.Contains(t, request(t, srv, http.MethodGet, "/store/order-groups", mercurHeaders(srv, alice)).body, `"count":1,`)
	assert.Contains(t, request(t, srv, http.MethodGet, "/orders", salesiveHeaders(srv, ada)).body, `"total":1,"pages":1`)
}

func TestDataIsNotSharedWithTheCaller(t *testing.T) {
	t.Parallel()
	srv := newServer(t)
	alice := srv.AddCustomer("Alice")
	given := storeorders.OrderGroup{Orders: []storeorders.SellerOrder{{Items: []storeorders.LineItem{{Title: "Atlas"}}}}}

	stored := srv.AddOrderGroup(alice, given)
	assert.Empty(t, given.Orders[0].ID)
	given.Orders[0].Items[0].Title = "changed"
	stored.Orders[0].Items[0].Title = "changed too"

	got := request(t, srv, http.MethodGet, "/store/order-groups?fields=orders.items.title", mercurHeaders(srv, alice))
	assert.Contains(t, got.body, `"items":[{"title":"Atlas"}]`)
}

func TestAddPanicsWhereADecimalIsNoNumber(t *testing.T) {
	t.Parallel()
	srv := newServer(t)
	alice, ada := srv.AddCustomer("Alice"), srv.AddShopper("Ada")
	assert.Panics(t, func() { srv.AddOrderGroup(alice, storeorders.OrderGroup{Total: "1,5"}) })
	assert.Panics(t, func() { srv.AddOrder(ada, storeorders.Order{Total: "1,5"}) })
	assert.NotPanics(t, func() { srv.AddOrder(ada, storeorders.Order{}) }, "the server is not left locked")
}

func TestGeneratorsRepeatThemselves(t *testing.T) {
	t.Parallel()
	const n = 50
	srv, again := newServer(t), newServer(t)
	alice, ada := srv.AddCustomer("Alice"), srv.AddShopper("Ada")
	groups, orders := srv.AddOrderGroups(alice, n, 7), srv.AddOrders(ada, n, 7)
	require.Len(t, groups, n)
	require.Len(t, orders, n)

	aliceAgain, adaAgain := again.AddCustomer("Alice"), again.AddShopper("Ada")
	assert.Equal(t, groups, again.AddOrderGroups(aliceAgain, n, 7))
	assert.Equal(t, orders, again.AddOrders(adaAgain, n, 7))
	other := srv.AddOrderGroups(alice, n, 8)
	assert.NotEqual(t, groups[0].CreatedAt, other[0].CreatedAt)

	sellers, statuses := map[string]bool{}, map[storeorders.OrderStatus]bool{}
	for i := range n {
		if i > 0 {
			assert.True(t, groups[i].CreatedAt.After(groups[i-1].CreatedAt))
			assert.True(t, orders[i].CreatedAt.After(orders[i-1].CreatedAt))
		}
		for _, order := range groups[i].Orders {
			sellers[order.Seller.Name] = true
		}
		statuses[orders[i].Status] = true
		assert.NotEmpty(t, orders[i].Items)
		assert.Positive(t, orders[i].Total.Cmp("0"))
	}
	assert.Len(t, sellers, 6)
	assert.Len(t, statuses, 6)
}

func TestRecordsMayBeReplacedDuringAWalk(t *testing.T) {
	t.Parallel()
	srv := storeorderstest.Transport()
	alice, ada := srv.AddCustomer("Alice"), srv.AddShopper("Ada")
	groups, orders := srv.AddOrderGroups(alice, 20, 1), srv.AddOrders(ada, 20, 1)
	client, err := storeorders.NewClient(
		storeorders.WithHTTPClient(&http.Client{Transport: srv}),
		storeorders.WithMercur(srv.MercurConfig()), storeorders.WithSalesive(srv.SalesiveConfig()),
	)
	require.NoError(t, err)

	var wg sync.WaitGroup
	wg.Go(func() {
		for i := range groups {
			groups[i].Total = "7"
			srv.AddOrderGroup(alice, groups[i])
			orders[i].Status = storeorders.OrderStatusRefunded
			srv.AddOrder(ada, orders[i])
		}
	})
	for range 3 {
		walked, err := storeorders.Collect(client.OrderGroups.All(
			t.Context(), &storeorders.OrderGroupListOptions{Limit: 6}, storeorders.WithToken(alice.Token),
		), 0)
		require.NoError(t, err)
		assert.Len(t, walked, len(groups))
		bought, err := storeorders.Collect(client.Orders.All(
			t.Context(), &storeorders.OrderListOptions{Limit: 6}, storeorders.WithToken(ada.Token),
		), 0)
		require.NoError(t, err)
		assert.Len(t, bought, len(orders))
	}
	wg.Wait()
	for group, err := range client.OrderGroups.All(t.Context(), nil, storeorders.WithToken(alice.Token)) {
		require.NoError(t, err)
		assert.Equal(t, storeorders.Decimal("7"), group.Total)
	}
	refunded, err := client.Orders.List(t.Context(), &storeorders.OrderListOptions{
		Status: []storeorders.OrderStatus{storeorders.OrderStatusRefunded},
	}, storeorders.WithToken(ada.Token))
	require.NoError(t, err)
	assert.Equal(t, len(orders), refunded.Total)
}
