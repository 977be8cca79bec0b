package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-2861b391/storeorders"
	"github.com/seed-2861b391/storeorders/storeorderstest"
)

// addGoldens adds a group of two sellers and one without orders.
func (s shop) addGoldens() {
	s.AddOrderGroup(s.alice, storeorders.OrderGroup{
		ID: "og_1", DisplayID: 7, CreatedAt: time.Date(2026, 1, 2, 15, 4, 5, 60e6, time.UTC),
		Orders: []storeorders.SellerOrder{
			{Seller: &storeorders.Seller{Name: "Cedar Books"}, ShippingTotal: "4.90", Items: []storeorders.LineItem{
				{Title: "Atlas", Quantity: "2", UnitPrice: "19.9"}, {Title: "Map, folded", Quantity: "0.5", UnitPrice: "3"},
			}},
			{Seller: &storeorders.Seller{Name: "=Birch+"}, CurrencyCode: "eur", Status: "canceled", Total: "10.00", Items: []storeorders.LineItem{
				{Title: "Cap\n\x1b[2J\"red\"", UnitPrice: "10.00"},
			}},
		},
	})
	s.AddOrderGroup(s.alice, storeorders.OrderGroup{ID: "og_2", DisplayID: 8, CreatedAt: time.Date(2026, 1, 3, 0, 0, 0, 0, time.UTC)})
}

func TestCSVHasARowForEachSellersOrder(t *testing.T) {
	t.Parallel()
	shop := newShop(t)
	shop.addGoldens()
	got := runArgs(t, shop.mercur("--format", "csv")...)
	assert.Equal(t, strings.Join([]string{
		"group_id,number,created_at,part,parts,seller,status,currency,shipping,tax,total,items",
		"og_2,8,2026-01-03T00:00:00Z,1,1,,,,,,,",
		`og_1,7,2026-01-02T15:04:05.06Z,1,2,Cedar Books,pending,usd,4.90,0,46.2,"2 × Atlas; 0.5 × Map, folded"`,
		`og_1,7,2026-01-02T15:04:05.06Z,2,2,'=Birch+,canceled,eur,0,0,10.00,"1 × Cap  [2J""red"""`,
		"",
	}, "\n"), got.out)
}

func TestTableIsForReading(t *testing.T) {
	t.Parallel()
	shop := newShop(t)
	shop.addGoldens()
	got := runArgs(t, shop.mercur("--format", "table")...)
	assert.Equal(t, strings.Join([]string{
		"NUMBER  DATE        SELLER       STATUS    TOTAL      ITEMS",
		"8       2026-01-03                                    ",
		"7       2026-01-02  Cedar Books  pending   46.2 USD   2 × Atlas; 0.5 × Map, folded",
		`                    =Birch+      canceled  10.00 EUR  1 × Cap  [2J"red"`,
		"",
	}, "\n"), got.out)
}

func TestWhatWasNotAskedForIsEmpty(t *testing.T) {
	t.Parallel()
	shop := newShop(t)
	shop.addGoldens()
	csv, table := runArgs(t, shop.mercur("--fields", "id", "--format", "csv")...), runArgs(t, shop.mercur("--fields", "id", "--format", "table")...)
	assert.Equal(t, "group_id,number,created_at,part,parts,seller,status,currency,shipping,tax,total,items\n"+
		"og_2,,,1,1,,,,,,,\nog_1,,,1,1,,,,,,,\n", csv.out)
	_, rows, _ := strings.Cut(table.out, "\n")
	assert.Equal(t, 2, strings.Count(rows, "\n"))
	assert.Empty(t, strings.TrimSpace(rows))
}

func TestSalesiveHasARowForEachOrder(t *testing.T) {
	t.Parallel()
	shop := newShop(t)
	shop.AddOrder(shop.ada, storeorders.Order{
		ID: "690ff00acf4de460fd1f6115", Tax: "1.50", ShippingCost: "2", Status: storeorders.OrderStatusPaid,
		Items: []storeorders.OrderItem{{Name: "@Vase", Price: "10000"}},
	})
	csv, table := runArgs(t, shop.salesive("--format", "csv")...), runArgs(t, shop.salesive("--format", "table")...)
	assert.Equal(t, strings.Join([]string{
		"order_id,number,created_at,part,parts,seller,status,currency,shipping,tax,total,items",
		"690ff00acf4de460fd1f6115,1001,2026-01-01T10:00:00Z,1,1,,paid,,2,1.50,10003.5,1 × @Vase",
		"",
	}, "\n"), csv.out)
	assert.Equal(t, strings.Join([]string{
		"NUMBER  DATE        SELLER  STATUS  TOTAL    ITEMS",
		"1001    2026-01-01          paid    10003.5  1 × @Vase",
		"",
	}, "\n"), table.out)
}

func TestNDJSONIsWhatCame(t *testing.T) {
	t.Parallel()
	shop := newShop(t)
	shop.Inject(storeorderstest.Answer(200, `{"success": true, "data": {"pagination": {"page": 1, "limit": 100, "total": 1, "pages": 1}, "orders": [{
		"_id": "690ff00acf4de460fd1f6115", "total": 7.50, "tax": 1E+2,
		"notes": "a < b &  \u00e9 \n", "unknown": {"digits": 12345678901234567890.10, "null": null}
	}]}}`))
	got := runArgs(t, shop.salesive()...)
	assert.Equal(t, `{"_id":"690ff00acf4de460fd1f6115","total":7.50,"tax":1E+2,`+
		`"notes":"a < b &  \u00e9 \n","unknown":{"digits":12345678901234567890.10,"null":null}}`+"\n", got.out)
}

func TestNoCellIsAFormula(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"":               "",
		"Cedar Books":    "Cedar Books",
		"=1+1":           "'=1+1",
		"+1":             "'+1",
		"-1":             "'-1",
		"@SUM(A1)":       "'@SUM(A1)",
		"'t Hof":         "''t Hof",
		"a=b":            "a=b",
		"\t=1":           " =1",
		"one\r\nline":    "one  line",
		"\u202ereversed": " reversed",
	} {
		assert.Equal(t, want, cell(raw))
		assert.Equal(t, printable(raw), text(cell(raw)), "reading it back")
	}
}

func TestAnOrderIsOneWrite(t *testing.T) {
	t.Parallel()
	var writes countingWriter
	out := newOutput(&writes, newFormat(formatCSV, "group_id", nil))
	require.NoError(t, out.begin())
	require.NoError(t, out.write(record{id: "og_1", rows: []row{{id: "og_1", part: 1, parts: 2}, {id: "og_1", part: 2, parts: 2}}}))
	assert.Len(t, writes, 2, "the header, and the order")
	assert.Equal(t, 2, bytes.Count(writes[1], []byte("\n")))
}

type countingWriter [][]byte

func (w *countingWriter) Write(p []byte) (int, error) {
	*w = append(*w, bytes.Clone(p))
	return len(p), nil
}
