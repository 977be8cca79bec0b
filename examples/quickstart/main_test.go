package main

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-2861b391/storeorders"
	"github.com/seed-2861b391/storeorders/storeorderstest"
)

// environment stands for os.Getenv.
func environment(variables map[string]string) func(string) string {
	return func(name string) string { return variables[name] }
}

func TestRunListsWhatItMadeUp(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), environment(nil), &out))

	for _, row := range []string{
		"Mercur: Alice's order groups\n",
		"GROUP  DATE        IN ALL      SELLER            TOTAL       ITEMS\n",
		"3      2026-01-06  177.20 EUR  Birch Outfitters  177.20 EUR  1 × Rain Jacket, 4 × Trail Socks\n",
		"Mercur: Bruno's order groups\n",
		"4      2026-01-02  252.80 USD  Atelier Brandão   123.30 USD  3 × Cork Wallet\n",
		"                               Cedar Books       129.50 USD  2 × A Field Guide to Mosses, 4 × The Night Ferry\n",
		"Salesive: Chidi's orders, in the currency of the shop\n",
		"NUMBER  DATE        STATUS      TOTAL   ITEMS\n",
		"1003    2026-01-05  processing  276.75  1 × Tea Bowl, 3 × Vase\n",
		"Salesive: Dana's orders, in the currency of the shop\n",
	} {
		assert.Contains(t, "\n"+out.String(), "\n"+row)
	}
}

func TestRunListsTheServersOfTheEnvironment(t *testing.T) {
	t.Parallel()
	server := storeorderstest.NewServer()
	t.Cleanup(server.Close)
	customer, other, buyer := server.AddCustomer("Eve"), server.AddCustomer("Fay"), server.AddShopper("Gil")
	server.AddOrderGroup(customer, storeorders.OrderGroup{Orders: []storeorders.SellerOrder{{
		Seller: &storeorders.Seller{Name: "Cedar Books"},
		Items:  []storeorders.LineItem{{Title: "Atlas", Quantity: "2", UnitPrice: "19.9"}},
	}}})
	server.AddOrderGroup(customer, storeorders.OrderGroup{}) // one without orders is a row as well
	server.AddOrderGroups(other, 3, 1)
	server.AddOrder(buyer, storeorders.Order{Items: []storeorders.OrderItem{{Name: "Head phone", Price: "10000", Quantity: "2"}}})
	mercur := map[string]string{
		"MERCUR_URL": server.URL, "MERCUR_PUBLISHABLE_KEY": server.PublishableKey, "MERCUR_TOKEN": customer.Token,
	}
	salesive := map[string]string{
		"SALESIVE_URL": server.SalesiveConfig().BaseURL, "SALESIVE_TOKEN": buyer.Token, "SALESIVE_SHOP_ID": server.ShopID,
	}

	var out bytes.Buffer
	require.NoError(t, run(t.Context(), environment(mercur), &out))
	assert.Equal(t, strings.Join([]string{
		"Mercur: your order groups",
		"",
		"GROUP  DATE        IN ALL     SELLER       TOTAL      ITEMS",
		"2      2026-01-01  0.00       -            -          ",
		"1      2026-01-01  39.80 USD  Cedar Books  39.80 USD  2 × Atlas",
		"", "",
	}, "\n"), out.String())

	out.Reset()
	require.NoError(t, run(t.Context(), environment(salesive), &out))
	assert.Equal(t, strings.Join([]string{
		"Salesive: your orders, in the currency of the shop",
		"",
		"NUMBER  DATE        STATUS   TOTAL     ITEMS",
		"1001    2026-01-01  pending  20000.00  2 × Head phone",
		"", "",
	}, "\n"), out.String())
}

func TestRunNamesTheVariablesThatAreMissing(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		set  map[string]string
		want string
	}{
		{
			map[string]string{"MERCUR_URL": "http://127.0.0.1:1", "MERCUR_PUBLISHABLE_KEY": "pk_1"},
			"not set: MERCUR_TOKEN (needed: MERCUR_URL, MERCUR_PUBLISHABLE_KEY, MERCUR_TOKEN)",
		},
		{
			map[string]string{"MERCUR_TOKEN": "token"},
			"not set: MERCUR_URL, MERCUR_PUBLISHABLE_KEY (needed: MERCUR_URL, MERCUR_PUBLISHABLE_KEY, MERCUR_TOKEN)",
		},
		{
			map[string]string{"SALESIVE_TOKEN": "token"},
			"not set: SALESIVE_SHOP_ID (needed: SALESIVE_TOKEN, SALESIVE_SHOP_ID)",
		},
		{
			map[string]string{"SALESIVE_URL": "http://127.0.0.1:1"},
			"not set: SALESIVE_TOKEN, SALESIVE_SHOP_ID (needed: SALESIVE_TOKEN, SALESIVE_SHOP_ID)",
		},
	} {
		t.Run(tt.want, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			require.EqualError(t, run(t.Context(), environment(tt.set), &out), tt.want)
			assert.Empty(t, out.String())
		})
	}
}

func TestRunFailsInOneLine(t *testing.T) {
	t.Parallel()
	server := storeorderstest.NewServer()
	t.Cleanup(server.Close)

	err := run(t.Context(), environment(map[string]string{
		"MERCUR_URL": server.URL, "MERCUR_PUBLISHABLE_KEY": server.PublishableKey, "MERCUR_TOKEN": "expired",
	}), &bytes.Buffer{})
	require.ErrorIs(t, err, storeorders.ErrUnauthorized)
	assert.NotContains(t, err.Error(), "\n")
}

func TestRunEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, run(ctx, environment(nil), &bytes.Buffer{}), context.Canceled)
}
