package consumer_test

import (
	"errors"
	"net/http"
	"testing"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-2861b391/storeorders"
	"github.com/seed-2861b391/storeorders/storeorderstest"
)

// The fake.
var (
	_ func(...storeorderstest.Option) *storeorderstest.Server  = storeorderstest.NewServer
	_ func(...storeorderstest.Option) *storeorderstest.Server  = storeorderstest.Transport
	_ func(*httpmock.MockTransport, *storeorderstest.Server)   = storeorderstest.RegisterResponders
	_ http.RoundTripper                                        = (*storeorderstest.Server)(nil)
	_ *string                                                  = &new(storeorderstest.Server).URL
	_ func(*storeorderstest.Server)                            = (*storeorderstest.Server).Close
	_ func(*storeorderstest.Server) storeorders.MercurConfig   = (*storeorderstest.Server).MercurConfig
	_ func(*storeorderstest.Server) storeorders.SalesiveConfig = (*storeorderstest.Server).SalesiveConfig
	_ func(*storeorderstest.Server) []storeorderstest.Request  = (*storeorderstest.Server).Requests
)

// A stack is an option of the fake.
var (
	_ storeorderstest.Option = storeorderstest.Mercur215
	_ storeorderstest.Option = storeorderstest.Mercur231
	_ storeorderstest.Option = storeorderstest.Mercur231Medusa220
)

// Whoever wrote against one of the three ways to reach the fake gets the same
// answers from all.
func TestAWalkOfEachListFromOutside(t *testing.T) {
	t.Parallel()
	mocked := func(server *storeorderstest.Server) http.RoundTripper {
		transport := httpmock.NewMockTransport()
		storeorderstest.RegisterResponders(transport, server)
		return transport
	}
	for name, way := range map[string]struct {
		start     func(...storeorderstest.Option) *storeorderstest.Server
		transport func(*storeorderstest.Server) http.RoundTripper
	}{
		"server":    {storeorderstest.NewServer, func(*storeorderstest.Server) http.RoundTripper { return &http.Transport{} }},
		"transport": {storeorderstest.Transport, func(server *storeorderstest.Server) http.RoundTripper { return server }},
		"httpmock":  {storeorderstest.Transport, mocked},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := way.start(storeorderstest.Mercur215)
			t.Cleanup(server.Close)
			alice, bob := server.AddCustomer("alice"), server.AddShopper("bob")
			server.AddOrderGroups(alice, 25, 1)
			server.AddOrders(bob, 7, 1)

			client, err := storeorders.NewClient(
				storeorders.WithMercur(server.MercurConfig()),
				storeorders.WithSalesive(server.SalesiveConfig()),
				storeorders.WithHTTPClient(&http.Client{Transport: way.transport(server)}),
				storeorders.WithRetry(storeorders.RetryPolicy{}),
			)
			require.NoError(t, err)
			t.Cleanup(client.CloseIdleConnections)

			groups, err := storeorders.Collect(client.OrderGroups.All(t.Context(),
				&storeorders.OrderGroupListOptions{Limit: 10}, storeorders.WithToken(alice.Token)), 0)
			require.NoError(t, err)
			assert.Len(t, groups, 25)

			page, err := client.Orders.List(t.Context(), &storeorders.OrderListOptions{Limit: 5}, storeorders.WithToken(bob.Token))
			require.NoError(t, err)
			next, more := page.Next()
			assert.True(t, more)
			assert.Equal(t, storeorders.OrderListOptions{Limit: 5, Page: 2}, next)
			assert.Equal(t, 7, page.Total)
			assert.Equal(t, http.StatusOK, page.Response.StatusCode)

			_, err = client.OrderGroups.Get(t.Context(), "ordgrp_unknown", nil, storeorders.WithToken(alice.Token))
			require.ErrorIs(t, err, storeorders.ErrNotFound)
			refused, is := errors.AsType[*storeorders.APIError](err)
			require.True(t, is)
			assert.Equal(t, "OrderGroups.Get", refused.Op)
			assert.Equal(t, http.StatusNotFound, refused.StatusCode)

			_, err = client.Orders.Get(t.Context(), page.Items[0].ID)
			require.ErrorIs(t, err, storeorders.ErrNoCredentials)
			assert.Len(t, server.Requests(), 5)
		})
	}
}
