package main

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-2861b391/storeorders"
	"github.com/seed-2861b391/storeorders/storeorderstest"
)

func TestWhatTheShopAnswersBecomes(t *testing.T) {
	t.Parallel()
	const shopFailed = `{"error": "shop_failed"}`
	type fault = storeorderstest.Fault
	for name, tt := range map[string]struct {
		faults    []fault // one after the other
		status    int
		body      string
		challenge string // WWW-Authenticate
		later     string // Retry-After
	}{
		"Status(400)": {
			faults: []fault{storeorderstest.Status(400)},
			status: http.StatusBadRequest, body: `{"error": "invalid_request"}`,
		},
		"Status(422)": {
			faults: []fault{storeorderstest.Status(422)},
			status: http.StatusBadRequest, body: `{"error": "invalid_request"}`,
		},
		"Status(401)": {
			faults: []fault{storeorderstest.Status(401)},
			status: http.StatusUnauthorized, body: `{"error": "unauthorized"}`, challenge: `Bearer error="invalid_token"`,
		},
		"Status(403)": {
			faults: []fault{storeorderstest.Status(403)},
			status: http.StatusForbidden, body: `{"error": "forbidden"}`,
		},
		"Status(404)": {
			faults: []fault{storeorderstest.Status(404)},
			status: http.StatusNotFound, body: `{"error": "not_found"}`,
		},
		"Status(429)": {
			faults: []fault{storeorderstest.Status(429), storeorderstest.Status(429), storeorderstest.Status(429)},
			status: http.StatusTooManyRequests, body: `{"error": "rate_limited"}`,
		},
		"Status(429), for 7 s": {
			faults: []fault{storeorderstest.Status(429, "Retry-After", "7")},
			status: http.StatusTooManyRequests, body: `{"error": "rate_limited"}`, later: "7",
		},
		"Status(429), for 2.1 s": {
			faults: []fault{storeorderstest.Status(429, "Retry-After", "2.1")},
			status: http.StatusTooManyRequests, body: `{"error": "rate_limited"}`, later: "3",
		},
		"Status(429), for ever": {
			faults: []fault{storeorderstest.Status(429, "Retry-After", "99999999999999999999")},
			status: http.StatusTooManyRequests, body: `{"error": "rate_limited"}`, later: "9223372037",
		},
		"Status(500)": {
			faults: []fault{storeorderstest.Status(500), storeorderstest.Status(500), storeorderstest.Status(500)},
			status: http.StatusBadGateway, body: shopFailed,
		},
		"Status(501)": {
			faults: []fault{storeorderstest.Status(501)},
			status: http.StatusBadGateway, body: shopFailed,
		},
		"Redirect": {
			faults: []fault{storeorderstest.Redirect("https://elsewhere.test")},
			status: http.StatusBadGateway, body: shopFailed,
		},
		"Reset": {
			faults: []fault{storeorderstest.Reset(), storeorderstest.Reset(), storeorderstest.Reset()},
			status: http.StatusBadGateway, body: shopFailed,
		},
		"InvalidJSON": {
			faults: []fault{storeorderstest.InvalidJSON()},
			status: http.StatusBadGateway, body: shopFailed,
		},
		"Empty": {
			faults: []fault{storeorderstest.Empty()},
			status: http.StatusBadGateway, body: shopFailed,
		},
		"Delay": {
			faults: []fault{storeorderstest.Delay(time.Hour), storeorderstest.Delay(time.Hour), storeorderstest.Delay(time.Hour)},
			status: http.StatusGatewayTimeout, body: `{"error": "timeout"}`,
		},
		"Status(429), and then Delay": {
			faults: []fault{storeorderstest.Status(429, "Retry-After", "1"), storeorderstest.Delay(time.Hour), storeorderstest.Delay(time.Hour)},
			status: http.StatusGatewayTimeout, body: `{"error": "timeout"}`,
		},
	} {
		for api, target := range map[string]string{"Mercur": "/order-groups", "Salesive": "/orders"} {
			t.Run(name+" of "+api, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					shop := newShop(t)
					for i, fault := range tt.faults {
						shop.Inject(fault, storeorderstest.Nth(i+1))
					}
					token := map[string]string{"Mercur": shop.alice.Token, "Salesive": shop.chidi.Token}[api]

					start := time.Now()
					w := shop.get(t, target, token)
					assert.LessOrEqual(t, time.Since(start), shopTimeout)
					assert.Equal(t, tt.status, w.Code)
					assert.JSONEq(t, tt.body, w.Body.String())
					assert.Equal(t, tt.challenge, w.Header().Get("WWW-Authenticate"))
					assert.Equal(t, tt.later, w.Header().Get("Retry-After"))
					assert.Len(t, shop.Requests(), len(tt.faults), "tries")
					require.Len(t, shop.records(t), 1)
					assert.NotEmpty(t, shop.records(t)[0]["error"])
				})
			})
		}
	}
}

func TestWhatCannotWorkIsRefusedByItsField(t *testing.T) {
	t.Parallel()
	shop := newShop(t)
	for target, body := range map[string]string{
		"/order-groups?limit=-1":    `{"error": "invalid_request", "field": "limit", "reason": "is -1; it must not be negative"}`,
		"/order-groups?limit=many":  `{"error": "invalid_request", "field": "limit", "reason": "is not a whole number"}`,
		"/order-groups?offset=-1":   `{"error": "invalid_request", "field": "offset", "reason": "is -1; it must not be negative"}`,
		"/order-groups?offset=1e3":  `{"error": "invalid_request", "field": "offset", "reason": "is not a whole number"}`,
		"/order-groups/%00":         `{"error": "invalid_request", "field": "id", "reason": "has a control character or is not UTF-8"}`,
		"/orders?page=-1":           `{"error": "invalid_request", "field": "page", "reason": "is -1; it must not be negative"}`,
		"/orders?page=2.0&limit=10": `{"error": "invalid_request", "field": "page", "reason": "is not a whole number"}`,
		"/orders?status=":           `{"error": "invalid_request", "field": "status", "reason": "has an empty element"}`,
	} {
		w := shop.get(t, target, shop.alice.Token)
		assert.Equal(t, http.StatusBadRequest, w.Code, target)
		assert.JSONEq(t, body, w.Body.String(), target)
	}
	shop.AssertRequests(t)
}

func TestAShopThatIsNotConfiguredIs501(t *testing.T) {
	t.Parallel()
	server := storeorderstest.Transport()
	for target, shop := range map[string]*shop{
		"/orders":                newShop(t, storeorders.WithMercur(server.MercurConfig())),
		"/orders/1":              newShop(t, storeorders.WithMercur(server.MercurConfig())),
		"/order-groups":          newShop(t, storeorders.WithSalesive(server.SalesiveConfig())),
		"/order-groups/og_alice": newShop(t, storeorders.WithSalesive(server.SalesiveConfig())),
	} {
		w := shop.get(t, target, "token")
		assert.Equal(t, http.StatusNotImplemented, w.Code, target)
		assert.JSONEq(t, `{"error": "not_configured"}`, w.Body.String(), target)
		shop.AssertRequests(t)
	}
}

// The operator's mistake is no shopper's.
func TestAWrongPublishableKeyIs502(t *testing.T) {
	t.Parallel()
	server := storeorderstest.Transport()
	config := server.MercurConfig()
	config.PublishableKey = "pk_of_another_shop"
	shop := newShop(t, storeorders.WithMercur(config))
	for _, target := range []string{"/order-groups", "/order-groups/og_alice_1"} {
		w := shop.get(t, target, shop.alice.Token)
		assert.Equal(t, http.StatusBadGateway, w.Code, target)
		assert.JSONEq(t, `{"error": "shop_failed"}`, w.Body.String(), target)
	}
	for _, record := range shop.records(t) {
		assert.Equal(t, "ERROR", record["level"])
		assert.Contains(t, record["error"], "publishable key", "in Mercur's words")
	}
	assert.Len(t, shop.Requests(), 2)
}

func TestWhoIsGoneIsAnsweredNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		shop := newShop(t)
		ctx, leave := context.WithCancel(t.Context())
		// With an answer before, whose error is there as well.
		shop.Inject(storeorderstest.Status(http.StatusTooManyRequests, "Retry-After", "1"), storeorderstest.Nth(1))
		shop.Inject(storeorderstest.Before(leave), storeorderstest.Nth(2))

		assert.PanicsWithValue(t, http.ErrAbortHandler, func() {
			shop.ask(ctx, http.MethodGet, "/order-groups", "Authorization", "Bearer "+shop.alice.Token)
		})
		assert.Len(t, shop.Requests(), 2)
		records := shop.records(t)
		require.Len(t, records, 1)
		assert.Equal(t, "DEBUG", records[0]["level"])
		assert.InDelta(t, statusClientGone, records[0]["status"], 0)
		assert.Contains(t, records[0]["error"], context.Canceled.Error())
	})
}

// A shop that says what it should not, in every way in which an answer can fail.
func TestNoCredentialAndNoWordOfTheShopGetsOut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		shop := newShop(t)
		const (
			words    = "ask-the-database"
			stranger = "token-of-a-stranger"
			password = "cGFzc3dvcmQtb2YtYWxpY2U="
		)
		var bodies strings.Builder
		ask := func(target, authorization string) {
			w := shop.ask(t.Context(), http.MethodGet, target+"?query="+stranger, "Authorization", authorization)
			bodies.WriteString(w.Body.String())
			for _, values := range w.Header() {
				bodies.WriteString(strings.Join(values, "\n"))
			}
		}
		for _, shopper := range []struct{ token, key, list, one string }{
			{shop.alice.Token, shop.PublishableKey, "/order-groups", "/order-groups/og_alice_1"},
			{shop.chidi.Token, shop.ShopID, "/orders", "/orders/690ff00acf4de460fd1f6111"},
			{stranger, shop.PublishableKey, "/order-groups", "/order-groups/" + stranger},
			{stranger, shop.ShopID, "/orders", "/orders/" + stranger},
		} {
			said := words + " " + shopper.token + " " + shopper.key
			faults := []storeorderstest.Fault{
				{}, // the shop is in order
				storeorderstest.SuccessFalse(http.StatusConflict, said),
				storeorderstest.Redirect("https://elsewhere.test/" + words + "?" + shopper.token),
			}
			for _, status := range []int{200, 400, 401, 403, 404, 429, 500, 501} {
				faults = append(faults,
					storeorderstest.Answer(status, `{"type":"`+said+`","message":"`+said+`"}`, "X-Request-Id", said),
					storeorderstest.Answer(status, "<p>"+said))
			}
			for _, fault := range faults {
				injection := shop.Inject(fault)
				for _, target := range []string{shopper.list, shopper.one} {
					ask(target, "Bearer "+shopper.token)
					ask(target, "Basic "+password)
				}
				assert.GreaterOrEqual(t, injection.Hits(), 2)
				injection.Remove()
			}
		}
		assert.Contains(t, shop.log.String(), words, "an operator may read them")
		assert.NotContains(t, bodies.String(), words)
		secrets := []string{shop.PublishableKey, shop.ShopID, stranger, password}
		for _, token := range []string{shop.alice.Token, shop.chidi.Token} {
			secrets = append(secrets, strings.Split(token, ".")...)
		}
		for _, secret := range secrets {
			assert.NotContains(t, shop.log.String(), secret)
			assert.NotContains(t, bodies.String(), secret)
		}
	})
}
