//go:build integration

package integration_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// buyer is a customer of a test's own, who can complete carts.
type buyer struct {
	email, token, region string
}

// newBuyer registers a customer: the seeded ones have the groups that other
// tests know.
func newBuyer(t *testing.T) *buyer {
	t.Helper()
	b := &buyer{email: strings.ToLower(rand.Text()) + "@customers.example.com"}
	login := map[string]any{"email": b.email, "password": rand.Text()}
	var auth struct {
		Token string `json:"token"`
	}
	require.NoError(t, b.post(t.Context(), "/auth/customer/emailpass/register", login, &auth))
	b.token = auth.Token
	require.NoError(t, b.post(t.Context(), "/store/customers", map[string]any{"email": b.email, "first_name": "Dora", "last_name": "New"}, nil))
	// The token of a registration has no customer in it yet.
	require.NoError(t, b.post(t.Context(), "/auth/customer/emailpass", login, &auth))
	b.token = auth.Token
	var store struct {
		Regions []struct {
			ID string `json:"id"`
		} `json:"regions"`
	}
	require.NoError(t, b.call(t.Context(), http.MethodGet, "/store/regions", nil, &store))
	require.NotEmpty(t, store.Regions)
	b.region = store.Regions[0].ID
	return b
}

// buy completes a cart with one item, as seed.mjs does, and returns the id of
// the order group that it becomes.
func (b *buyer) buy(ctx context.Context, variant string) (string, error) {
	address := map[string]any{
		"first_name": "Pat", "last_name": "Doe", "address_1": "1 Main St", "city": "Springfield",
		"country_code": "us", "province": "us-il", "postal_code": "62701",
	}
	var made struct {
		Cart struct {
			ID string `json:"id"`
		} `json:"cart"`
		ShippingOptions map[string][]struct { // by seller
			ID string `json:"id"`
		} `json:"shipping_options"`
		PaymentCollection struct {
			ID string `json:"id"`
		} `json:"payment_collection"`
		OrderGroup struct {
			ID string `json:"id"`
		} `json:"order_group"`
	}
	err := b.post(ctx, "/store/carts", map[string]any{
		"region_id": b.region, "email": b.email, "shipping_address": address, "billing_address": address,
	}, &made)
	if err != nil {
		return "", err
	}
	cart := "/store/carts/" + made.Cart.ID
	if err := b.post(ctx, cart+"/line-items", map[string]any{"variant_id": variant, "quantity": 1}, nil); err != nil {
		return "", err
	}
	if err := b.call(ctx, http.MethodGet, "/store/shipping-options?cart_id="+made.Cart.ID, nil, &made); err != nil {
		return "", err
	}
	for _, options := range made.ShippingOptions {
		if len(options) == 0 {
			continue
		}
		if err := b.post(ctx, cart+"/shipping-methods", map[string]any{"option_id": options[0].ID}, nil); err != nil {
			return "", err
		}
	}
	if err := b.post(ctx, "/store/payment-collections", map[string]any{"cart_id": made.Cart.ID}, &made); err != nil {
		return "", err
	}
	session := "/store/payment-collections/" + made.PaymentCollection.ID + "/payment-sessions"
	if err := b.post(ctx, session, map[string]any{"provider_id": "pp_system_default"}, nil); err != nil {
		return "", err
	}
	if err := b.post(ctx, cart+"/complete", map[string]any{}, &made); err != nil {
		return "", err
	}
	if made.OrderGroup.ID == "" {
		return "", fmt.Errorf("cart %s did not become an order group", made.Cart.ID)
	}
	return made.OrderGroup.ID, nil
}

func (b *buyer) post(ctx context.Context, path string, body, into any) error {
	return b.call(ctx, http.MethodPost, path, body, into)
}

func (b *buyer) call(ctx context.Context, method, path string, body, into any) error {
	var sent io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return err
		}
		sent = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, method, live.url+path, sent)
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Publishable-Api-Key", live.publishableKey)
	if b.token != "" {
		req.Header.Set("Authorization", "Bearer "+b.token)
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK && resp.StatusCode != http.StatusCreated {
		return fmt.Errorf("%s %s: %d: %s", method, path, resp.StatusCode, text)
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(text, into)
}
