//go:build integration

package integration_test

import (
	"encoding/json"
	"errors"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-2861b391/storeorders"
)

func TestGetAgreesWithList(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	page, err := c.OrderGroups.List(t.Context(), &storeorders.OrderGroupListOptions{Limit: 100})
	require.NoError(t, err)
	require.Len(t, page.Items, 30)
	for _, listed := range page.Items {
		got, err := c.OrderGroups.Get(t.Context(), listed.ID, nil)
		require.NoError(t, err)
		want, err := json.Marshal(sorted(listed))
		require.NoError(t, err)
		have, err := json.Marshal(sorted(*got))
		require.NoError(t, err)
		assert.JSONEq(t, string(want), string(have))
	}
}

func TestGetOfWhatIsNotTheShoppers(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ shopper, id string }{
		"B's group for A":             {"A", live.seed.Customers["B"].Groups[0]},
		"A's group for B":             {"B", live.seed.Customers["A"].Groups[0]},
		"A's group for C":             {"C", live.seed.Customers["A"].Groups[0]},
		"an unknown id":               {"A", "og_NONE"},
		"an id with a slash":          {"A", "og/NONE ?#%"},
		"an id that is another route": {"A", "../customers/me"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			group, err := newClient(t).OrderGroups.Get(t.Context(), test.id, nil, as(test.shopper))
			assert.Nil(t, group)
			require.ErrorIs(t, err, storeorders.ErrNotFound)
			var apiError *storeorders.APIError
			require.ErrorAs(t, err, &apiError)
			assert.Equal(t, 404, apiError.StatusCode)
			assert.Equal(t, "not_found", apiError.Type)
			assert.Equal(t, "Order group with id "+test.id+" was not found", apiError.Message)
			assert.Equal(t, "OrderGroups.Get", apiError.Op)
			assert.Equal(t, 1, apiError.Attempts)
		})
	}
}

// calls are all ways to ask for order groups.
func calls(c *client, id string) map[string]func(t *testing.T, opts ...storeorders.RequestOption) error {
	return map[string]func(*testing.T, ...storeorders.RequestOption) error{
		"List": func(t *testing.T, opts ...storeorders.RequestOption) error {
			t.Helper()
			_, err := c.OrderGroups.List(t.Context(), nil, opts...)
			return err
		},
		"Pages": func(t *testing.T, opts ...storeorders.RequestOption) error {
			t.Helper()
			_, err := storeorders.Collect(c.OrderGroups.Pages(t.Context(), nil, opts...), 0)
			return err
		},
		"All": func(t *testing.T, opts ...storeorders.RequestOption) error {
			t.Helper()
			_, err := storeorders.Collect(c.OrderGroups.All(t.Context(), nil, opts...), 0)
			return err
		},
		"Get": func(t *testing.T, opts ...storeorders.RequestOption) error {
			t.Helper()
			_, err := c.OrderGroups.Get(t.Context(), id, nil, opts...)
			return err
		},
	}
}

func TestRefusedCredentials(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		option   storeorders.RequestOption
		category error
		want     storeorders.APIError
	}{
		"wrong key": {
			storeorders.WithPublishableKey("pk_wrong"), storeorders.ErrInvalidRequest,
			storeorders.APIError{StatusCode: 400, Type: "not_allowed", Message: "A valid publishable key is required to proceed with the request"},
		},
		"expired token":  {as("EXPIRED"), storeorders.ErrUnauthorized, storeorders.APIError{StatusCode: 401, Message: "Unauthorized"}},
		"forged token":   {as("FORGED"), storeorders.ErrUnauthorized, storeorders.APIError{StatusCode: 401, Message: "Unauthorized"}},
		"seller's token": {as("SELLER"), storeorders.ErrUnauthorized, storeorders.APIError{StatusCode: 401, Message: "Unauthorized"}},
		"no token but a word": {
			storeorders.WithToken("none"), storeorders.ErrUnauthorized, storeorders.APIError{StatusCode: 401, Message: "Unauthorized"},
		},
	} {
		c := newClient(t)
		for method, call := range calls(c, live.seed.Customers["A"].Groups[0]) {
			t.Run(name+" "+method, func(t *testing.T) {
				t.Parallel()
				err := call(t, test.option)
				require.ErrorIs(t, err, test.category)
				var got *storeorders.APIError
				require.ErrorAs(t, err, &got)
				assert.Equal(t, test.want, storeorders.APIError{StatusCode: got.StatusCode, Type: got.Type, Message: got.Message})
				assert.Equal(t, 1, got.Attempts)
			})
		}
	}
}

func TestMissingCredentialsSendNothing(t *testing.T) {
	t.Parallel()
	without := func(key string, token storeorders.TokenSource) storeorders.Option {
		return storeorders.WithMercur(storeorders.MercurConfig{BaseURL: live.url, PublishableKey: key, Token: token})
	}
	for name, test := range map[string]struct {
		client storeorders.Option
		call   []storeorders.RequestOption
	}{
		"no key":           {without("", storeorders.StaticToken(live.tokens["A"])), nil},
		"no token":         {without(live.publishableKey, nil), nil},
		"neither":          {without("", nil), nil},
		"key taken away":   {without(live.publishableKey, storeorders.StaticToken(live.tokens["A"])), []storeorders.RequestOption{storeorders.WithPublishableKey("")}},
		"token taken away": {without(live.publishableKey, storeorders.StaticToken(live.tokens["A"])), []storeorders.RequestOption{storeorders.WithToken("")}},
	} {
		c := newClient(t, test.client)
		for method, call := range calls(c, live.seed.Customers["A"].Groups[0]) {
			t.Run(name+" "+method, func(t *testing.T) {
				t.Parallel()
				require.ErrorIs(t, call(t, test.call...), storeorders.ErrNoCredentials)
				assert.Zero(t, c.requests.Load(), "requests sent")
			})
		}
	}
}

// One client without a token of its own, as a backend has it: every call
// brings its shopper's.
func TestOneClientManyShoppers(t *testing.T) {
	t.Parallel()
	c := newClient(t, storeorders.WithMercur(storeorders.MercurConfig{BaseURL: live.url, PublishableKey: live.publishableKey}))
	strangers := map[string]string{
		"A": live.seed.Customers["B"].Groups[0],
		"B": live.seed.Customers["A"].Groups[0],
		"C": live.seed.Customers["A"].Groups[1],
	}
	opts := &storeorders.OrderGroupListOptions{Limit: 7, Fields: []string{"id", "customer_id"}}
	type result struct {
		shopper       string
		paged, walked []string
		customers     []string
		errs          []error
		strangerError error
	}
	results := make([]result, 18)
	var wg sync.WaitGroup
	for i := range results {
		wg.Go(func() {
			name := []string{"A", "B", "C"}[i%3]
			pages, pagesErr := storeorders.Collect(c.OrderGroups.Pages(t.Context(), opts, as(name)), 0)
			groups, allErr := storeorders.Collect(c.OrderGroups.All(t.Context(), opts, as(name)), 0)
			r := result{shopper: name, paged: idsOfPages(pages), walked: idsOfPointers(groups), errs: []error{pagesErr, allErr}}
			for _, g := range groups {
				one, err := c.OrderGroups.Get(t.Context(), g.ID, &storeorders.OrderGroupGetOptions{Fields: opts.Fields}, as(name))
				r.errs = append(r.errs, err)
				if err == nil {
					r.customers = append(r.customers, one.CustomerID)
				}
			}
			_, r.strangerError = c.OrderGroups.Get(t.Context(), strangers[name], nil, as(name))
			results[i] = r
		})
	}
	wg.Wait()
	for _, r := range results {
		own := live.seed.Customers[r.shopper]
		require.NoError(t, errors.Join(r.errs...), r.shopper)
		assert.ElementsMatch(t, own.Groups, r.paged, r.shopper)
		assert.ElementsMatch(t, own.Groups, r.walked, r.shopper)
		assert.Equal(t, slices.Repeat([]string{own.ID}, len(own.Groups)), append([]string{}, r.customers...), r.shopper)
		assert.ErrorIs(t, r.strangerError, storeorders.ErrNotFound, r.shopper)
	}
}
