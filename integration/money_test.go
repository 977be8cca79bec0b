//go:build integration

package integration_test

import (
	"math/big"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-2861b391/storeorders"
)

func TestGroupsAgreeWithTheirCarts(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"A", "B"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			page, err := newClient(t).OrderGroups.List(t.Context(), &storeorders.OrderGroupListOptions{Limit: 100}, as(name))
			require.NoError(t, err)
			got := map[string]storeorders.OrderGroup{}
			for _, g := range page.Items {
				got[g.ID] = g
			}
			for _, want := range live.seed.groupsOf(name) {
				require.Contains(t, got, want.ID)
				assertGroup(t, want, got[want.ID])
			}
		})
	}
}

func assertGroup(t *testing.T, want orderGroup, got storeorders.OrderGroup) {
	t.Helper()
	assert.Equal(t, want.CustomerID, got.CustomerID)
	assert.Zero(t, want.Cart.SellerCount.Cmp(got.SellerCount), "seller count %v, want %v", got.SellerCount, want.Cart.SellerCount)
	// The server cuts to milliseconds what it compares in microseconds.
	assert.Equal(t, want.CreatedAt.Truncate(1e6), got.CreatedAt)
	assert.Equal(t, want.UpdatedAt.Truncate(1e6), got.UpdatedAt)

	bySeller := map[string]storeorders.SellerOrder{}
	sum := new(big.Rat)
	for _, order := range got.Orders {
		require.NotNil(t, order.Seller)
		bySeller[order.Seller.ID] = order
		sum.Add(sum, rat(t, order.Total))
	}
	require.Len(t, got.Orders, len(want.Cart.ShippingBySeller))
	assertRat(t, sum, got.Total, "group's total")

	for sellerID, shipping := range want.Cart.ShippingBySeller {
		require.Contains(t, bySeller, sellerID)
		lines := slices.DeleteFunc(slices.Clone(want.Cart.Lines), func(l cartLine) bool { return l.SellerID != sellerID })
		assertOrder(t, want.Cart, lines, shipping, bySeller[sellerID])
	}
}

func assertOrder(t *testing.T, cart cart, lines []cartLine, shipping storeorders.Decimal, got storeorders.SellerOrder) {
	t.Helper()
	assert.Equal(t, lines[0].SellerHandle, got.Seller.Handle)
	assert.Equal(t, lines[0].SellerName, got.Seller.Name)
	assert.Equal(t, cart.CurrencyCode, got.CurrencyCode)
	assert.Positive(t, got.DisplayID)

	require.Len(t, got.Items, len(lines))
	net := rat(t, shipping)
	for _, line := range lines {
		i := slices.IndexFunc(got.Items, func(item storeorders.LineItem) bool { return item.VariantID == line.VariantID })
		require.GreaterOrEqual(t, i, 0, "no item of variant %s", line.VariantID)
		item := got.Items[i]
		assert.Equal(t, line.Title, item.Title)
		assertRat(t, rat(t, line.Quantity), item.Quantity, "quantity")
		assertRat(t, rat(t, line.UnitPrice), item.UnitPrice, "unit price")
		price := new(big.Rat).Mul(rat(t, line.Quantity), rat(t, line.UnitPrice))
		assertRat(t, withTax(t, price, cart), item.Total, "item's total")
		net.Add(net, price)
	}
	assertRat(t, withTax(t, rat(t, shipping), cart), got.ShippingTotal, "shipping total")
	assertRat(t, withTax(t, net, cart), got.Total, "order's total")
}

// withTax adds the cart's tax, exactly: the server rounds nothing.
func withTax(t *testing.T, amount *big.Rat, cart cart) *big.Rat {
	t.Helper()
	factor := new(big.Rat).Quo(rat(t, cart.TaxRate), big.NewRat(100, 1))
	factor.Add(factor, big.NewRat(1, 1))
	return factor.Mul(factor, amount)
}

func rat(t *testing.T, d storeorders.Decimal) *big.Rat {
	t.Helper()
	r, err := d.Rat()
	require.NoError(t, err, "%q", d)
	return r
}

func assertRat(t *testing.T, want *big.Rat, got storeorders.Decimal, what string) {
	t.Helper()
	assert.Zero(t, want.Cmp(rat(t, got)), "%s: got %s, want %s", what, got, want.FloatString(6))
}

// The canceled order still counts in the group's total, which
// TestGroupsAgreeWithTheirCarts compares.
func TestCanceledOrderHasItsStatus(t *testing.T) {
	t.Parallel()
	canceled := live.seed.Canceled
	group, err := newClient(t).OrderGroups.Get(t.Context(), canceled.OrderGroupID, nil)
	require.NoError(t, err)
	require.Len(t, group.Orders, 4)
	for _, order := range group.Orders {
		want := storeorders.SellerOrderStatusPending
		if order.ID == canceled.OrderID {
			want = storeorders.SellerOrderStatusCanceled
		}
		assert.Equal(t, want, order.Status, order.ID)
	}
}

func TestItemOfADeletedProductStaysReadable(t *testing.T) {
	t.Parallel()
	// variant tells the deleted ones apart: its object is what is gone.
	fields := append(storeorders.DefaultOrderGroupFields(), "orders.items.variant.id")
	opts := &storeorders.OrderGroupListOptions{Limit: 100, Fields: fields}
	page, err := newClient(t).OrderGroups.List(t.Context(), opts)
	require.NoError(t, err)
	found := 0
	for _, group := range page.Items {
		for _, order := range group.Orders {
			for _, item := range order.Items {
				if item.VariantID != live.seed.DeletedVariantID {
					assert.NotNil(t, item.Variant)
					continue
				}
				found++
				assert.Nil(t, item.Variant)
				assert.NotEmpty(t, item.Title)
				assert.Positive(t, rat(t, item.Quantity).Sign())
				require.NotNil(t, order.Seller)
				assert.Equal(t, "dune-ceramics", order.Seller.Handle)
			}
		}
	}
	assert.Positive(t, found)
}
