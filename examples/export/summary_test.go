package main

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-2861b391/storeorders"
	"github.com/seed-2861b391/storeorders/storeorderstest"
)

func TestSummaryIsExactBySellerAndCurrency(t *testing.T) {
	t.Parallel()
	shop := newShop(t)
	for _, total := range []storeorders.Decimal{"0.1", "0.2", "1234567890123456.78", "1e-6"} {
		shop.AddOrderGroup(shop.alice, storeorders.OrderGroup{Orders: []storeorders.SellerOrder{
			{Seller: &storeorders.Seller{Name: "Birch"}, Total: total},
			{Seller: &storeorders.Seller{Name: "Birch"}, Total: "1", CurrencyCode: "eur"},
			{Seller: &storeorders.Seller{Name: "A\x1b[2Jtelier"}, Total: "-0.50", Status: "canceled"},
		}})
	}
	got := runArgs(t, shop.mercur("--summary")...)
	assert.Equal(t, strings.Join([]string{
		"4 order groups, from 2026-01-01 to 2026-01-01",
		"  ORDERS                    TOTAL      SELLER",
		"       4                    -2.00  USD A [2Jtelier",
		"       4                     4.00  EUR Birch",
		"       4  1234567890123457.080001  USD Birch",
		"",
	}, "\n"), got.err)

	got = runArgs(t, shop.mercur("--summary", "--by", "status")...)
	assert.Equal(t, strings.Join([]string{
		"4 order groups, from 2026-01-01 to 2026-01-01",
		"  ORDERS                    TOTAL      STATUS",
		"       4                    -2.00  USD canceled",
		"       4                     4.00  EUR pending",
		"       4  1234567890123457.080001  USD pending",
		"",
	}, "\n"), got.err)
}

func TestSummaryIsExactByStatus(t *testing.T) {
	t.Parallel()
	shop := newShop(t)
	shop.AddOrder(shop.ada, storeorders.Order{Status: storeorders.OrderStatusPaid, Total: "0.10", CreatedAt: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)})
	shop.AddOrder(shop.ada, storeorders.Order{Status: storeorders.OrderStatusPaid, Total: "0.20", CreatedAt: time.Date(2025, 3, 1, 0, 0, 0, 0, time.UTC)})
	shop.AddOrder(shop.ada, storeorders.Order{Status: storeorders.OrderStatusPending, Total: "3"})
	assert.Equal(t, strings.Join([]string{
		"3 orders, from 2025-03-01 to 2026-03-01",
		"  ORDERS  TOTAL   STATUS",
		"       2   0.30   paid",
		"       1   3.00   pending",
		"",
	}, "\n"), runArgs(t, shop.salesive("--summary")...).err)
}

func TestSummaryTellsWhatHasNoTotal(t *testing.T) {
	t.Parallel()
	s := newStats("orders", "status")
	s.add(record{rows: []row{{status: "paid", total: "1"}}})
	s.add(record{rows: []row{{status: "paid"}}})
	assert.Equal(t, "2 orders\n  ORDERS  TOTAL   STATUS\n       2   1.00   paid (1 without a total)\n", s.summary())
}

// The summary and the chart are of the whole file, not of the last run.
func TestSummaryAndChartOfAResumedFileAreOfAllOfIt(t *testing.T) {
	t.Parallel()
	for _, format := range []string{formatNDJSON, formatCSV} {
		for name, args := range map[string]func(shop) []string{
			"mercur":   func(s shop) []string { return s.mercur("--format", format) },
			"salesive": func(s shop) []string { return s.salesive("--format", format) },
		} {
			t.Run(name+" "+format, func(t *testing.T) {
				t.Parallel()
				shop := newShop(t)
				shop.addGoldens()
				shop.AddOrderGroups(shop.alice, 60, 3)
				shop.AddOrders(shop.ada, 60, 3)
				chart, resumedChart, file := tempFile(t), tempFile(t), tempFile(t)
				whole := runArgs(t, append(args(shop), "--summary", "--chart", chart)...)
				require.Equal(t, 0, whole.code, whole.err)

				shop.Inject(storeorderstest.Status(403), storeorderstest.Nth(3))
				broken := runArgs(t, append(args(shop), "--limit", "20", "-o", file, "--summary", "--chart", resumedChart)...)
				require.Equal(t, exitError, broken.code)
				require.NotContains(t, broken.err, "ORDERS", "a part is not summed up")
				require.NoFileExists(t, resumedChart)
				resumed := runArgs(t, append(args(shop), "-o", file, "--resume", "--summary", "--chart", resumedChart)...)
				assert.Equal(t, whole.err, resumed.err)
				again := runArgs(t, append(args(shop), "-o", file, "--resume", "--summary")...)
				assert.Equal(t, whole.err, again.err, "all of it read back")
				assert.Equal(t, contents(t, chart), contents(t, resumedChart))
			})
		}
	}
}
