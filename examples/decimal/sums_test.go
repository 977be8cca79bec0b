package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-2861b391/storeorders"
	"github.com/seed-2861b391/storeorders/storeorderstest"
)

func Example() {
	if err := run(context.Background(), os.Stdout); err != nil {
		fmt.Println(err)
	}
	// Output:
	// Mercur, without canceled orders
	// CURRENCY  ORDERS  TOTAL
	// eur       2       49.90 and 1 without a total
	// usd       3       1234567890123457.08
	//
	// Salesive, in the currency of the shop
	// STATUS     ORDERS  TOTAL
	// -          1       7.00
	// cancelled  1       12.505
	// paid       2       3.30
	// pending    1       0.00 and 1 without a total
	// refunded   1       0.00
}

func orders(amounts ...storeorders.Decimal) []*storeorders.Order {
	var list []*storeorders.Order
	for _, amount := range amounts {
		list = append(list, &storeorders.Order{Status: storeorders.OrderStatusPaid, Total: amount})
	}
	return list
}

func TestASumIsExactWhereAFloat64IsNot(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		amounts     []storeorders.Decimal
		want, float string
	}{
		{[]storeorders.Decimal{"0.1", "0.2"}, "0.30", "0.30000000000000004"},
		{[]storeorders.Decimal{"1.1", "2.2"}, "3.30", "3.3000000000000003"},
		{[]storeorders.Decimal{"1234567890123456.78"}, "1234567890123456.78", "1234567890123456.75"},
		{[]storeorders.Decimal{"1e16", "1", "-1e16"}, "1.00", "0"},
	} {
		t.Run(tt.want, func(t *testing.T) {
			t.Parallel()
			got, err := byStatus(storeorderstest.Seq(orders(tt.amounts...), nil))
			require.NoError(t, err)
			require.Contains(t, got, "paid")
			assert.Equal(t, tt.want, got["paid"].String())

			var float float64
			for _, amount := range tt.amounts {
				f, err := amount.Float64()
				require.NoError(t, err)
				float += f
			}
			digits := -1
			if float > 1e15 {
				digits = 2
			}
			assert.Equal(t, tt.float, strconv.FormatFloat(float, 'f', digits, 64))
		})
	}
}

func TestAnAbsentTotalIsNotZero(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		amounts []storeorders.Decimal
		want    string
	}{
		"zero":        {[]storeorders.Decimal{"0", "0.00"}, "0.00"},
		"absent":      {[]storeorders.Decimal{"", ""}, "0.00 and 2 without a total"},
		"one of each": {[]storeorders.Decimal{"5", ""}, "5.00 and 1 without a total"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := byStatus(storeorderstest.Seq(orders(tt.amounts...), nil))
			require.NoError(t, err)
			require.Contains(t, got, "paid")
			assert.Equal(t, len(tt.amounts), got["paid"].orders)
			assert.Equal(t, tt.want, got["paid"].String())
		})
	}
}

func TestOnlyCanceledOrdersAreLeftOut(t *testing.T) {
	t.Parallel()
	group := &storeorders.OrderGroup{Total: "1111111"}
	total := storeorders.Decimal("1")
	for _, status := range []storeorders.SellerOrderStatus{
		storeorders.SellerOrderStatusPending, storeorders.SellerOrderStatusCompleted, storeorders.SellerOrderStatusDraft,
		storeorders.SellerOrderStatusArchived, storeorders.SellerOrderStatusRequiresAction, "lost in transit",
		storeorders.SellerOrderStatusCanceled,
	} {
		group.Orders = append(group.Orders, storeorders.SellerOrder{Status: status, CurrencyCode: "usd", Total: total})
		total += "0"
	}
	got, err := byCurrency(storeorderstest.Seq([]*storeorders.OrderGroup{group}, nil))
	require.NoError(t, err)
	require.Contains(t, got, "usd")
	assert.Equal(t, "111111.00", got["usd"].String())
}

func TestThereIsNoSumOfAWalkThatFailed(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	statuses, err := byStatus(storeorderstest.Seq(orders("1"), broken))
	require.ErrorIs(t, err, broken)
	assert.Nil(t, statuses)
	currencies, err := byCurrency(storeorderstest.Seq([]*storeorders.OrderGroup{{}}, broken))
	require.ErrorIs(t, err, broken)
	assert.Nil(t, currencies)
}

// Added to 1, the large one would take all memory there is.
func TestWhatIsNoAmountIsRefused(t *testing.T) {
	t.Parallel()
	for _, amount := range []storeorders.Decimal{"1e999999999", "1e-999999999", "1e101", "1e-101", "1e9999999999", "NaN"} {
		t.Run(amount.String(), func(t *testing.T) {
			t.Parallel()
			got, err := byStatus(storeorderstest.Seq(orders("1", amount), nil))
			require.Error(t, err)
			assert.Nil(t, got)
		})
	}
	got, err := byStatus(storeorderstest.Seq(orders("1e100", "1e-100"), nil))
	require.NoError(t, err)
	assert.Len(t, got["paid"].String(), 101+1+100)
}
