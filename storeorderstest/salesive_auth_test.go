package storeorderstest_test

import (
	"encoding/json"
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

// send sends a body of JSON to a path below [Server.SalesiveURL], without a
// socket. An empty body is none.
func send(t *testing.T, srv *storeorderstest.Server, method, path, token, body string) answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, srv.SalesiveURL+path, strings.NewReader(body))
	require.NoError(t, err)
	req.Header.Set("X-Shop-Id", srv.ShopID)
	req.Header.Set("Content-Type", "application/json")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	return roundTrip(t, srv, req)
}

// tokenIn returns the token of an answer, and the body with TOKEN in its place.
func tokenIn(t *testing.T, got answer) (token, body string) {
	t.Helper()
	var envelope struct {
		Data struct{ Token string }
	}
	require.NoError(t, json.Unmarshal([]byte(got.body), &envelope), got.body)
	require.NotEmpty(t, envelope.Data.Token, got.body)
	return envelope.Data.Token, strings.ReplaceAll(got.body, envelope.Data.Token, "TOKEN")
}

func TestSalesiveRegistersByCode(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := storeorderstest.Transport() // the bubble's time begins with the year 2000
		const email = `{"email":"Ada@Example.com"}`

		got := send(t, srv, http.MethodPost, "/auth/check-user", "", email)
		assert.Equal(t, `{"status":200,"success":true,"message":"User check completed","data":{"exists":false,"email":"ada@example.com"}}`, got.body)
		assert.Empty(t, srv.CodeFor("ada@example.com"))

		got = send(t, srv, http.MethodPost, "/auth/authenticate", "", `{"email":"Ada@Example.com","name":"Ada","phone":"+234"}`)
		assert.Equal(t, `{"status":200,"success":true,"message":"Please check your email for verification code.","data":{"email":"ada@example.com"}}`, got.body)
		first := srv.CodeFor("Ada@Example.com")
		assert.Regexp(t, `^\d{6}$`, first)

		got = send(t, srv, http.MethodPost, "/auth/resend-otp", "", email)
		assert.Equal(t, `{"status":200,"success":true,"message":"New verification code sent to your email","data":{"email":"ada@example.com"}}`, got.body)
		code := srv.CodeFor("ada@example.com")
		assert.NotEqual(t, first, code)

		verify := func(code string) answer {
			return send(t, srv, http.MethodPost, "/auth/verify", "", `{"email":"ada@example.com","otp":"`+code+`"}`)
		}
		assert.Equal(t, answer{400, jsonType, failure(400, "Invalid OTP")}, verify(first), "a new code replaces the one before")
		got = verify(code)
		token, body := tokenIn(t, got)
		assert.Equal(t, `{"status":200,"success":true,"message":"Email verified successfully","data":{`+
			`"_id":"690ff00a0000000000000001","email":"ada@example.com","token":"TOKEN"}}`, body)
		assert.Equal(t, answer{400, jsonType, failure(400, "Invalid OTP")}, verify(code), "a code is good once")
		assert.Empty(t, srv.CodeFor("ada@example.com"))

		shoppers := srv.Shoppers()
		require.Len(t, shoppers, 1)
		assert.Equal(t, "Ada", shoppers[0].Name)
		srv.AddOrder(shoppers[0], storeorders.Order{})
		assert.Contains(t, send(t, srv, http.MethodGet, "/orders", token, "").body, `"total":1,`)

		got = send(t, srv, http.MethodGet, "/auth/me", token, "")
		assert.Equal(t, `{"status":200,"success":true,"message":"Authenticated user retrieved successfully","data":{"user":{`+
			`"_id":"690ff00a0000000000000001","name":"Ada","email":"ada@example.com","phone":"+234","role":"user","shopRole":null,"stores":[],`+
			`"avatar":null,"authMethod":"otp","balance":0,"deleted":false,"disabled":false,`+
			`"createdAt":"2000-01-01T00:00:00.000Z","updatedAt":"2000-01-01T00:00:00.000Z"},`+
			`"token":"`+token+`","tokenExpiresAt":"2000-01-31T00:00:00.000Z"}}`, got.body)

		time.Sleep(30*24*time.Hour - time.Second) //nolint:forbidigo // of virtual time
		assert.Equal(t, 200, send(t, srv, http.MethodGet, "/orders", token, "").status)
		time.Sleep(time.Second) //nolint:forbidigo // of virtual time
		assert.Equal(t, answer{401, jsonType, failure(401, "Unauthorized")}, send(t, srv, http.MethodGet, "/orders", token, ""))
		assert.Equal(t, answer{401, jsonType, failure(401, "Authentication required")}, send(t, srv, http.MethodGet, "/auth/me", token, ""))
	})
}

func TestSalesiveRegistersGuests(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := storeorderstest.Transport(storeorderstest.WithSalesiveTokenLifetime(time.Minute))
		got := send(t, srv, http.MethodPost, "/auth/ghost", "", `{}`)
		assert.Equal(t, 201, got.status)
		token, body := tokenIn(t, got)
		assert.Equal(t, `{"status":201,"success":true,"message":"Ghost user created successfully","data":{`+
			`"_id":"690ff00a0000000000000001","email":"guest-690ff00a0000000000000001@example.com","token":"TOKEN",`+
			`"isGuest":true,"createdAt":"2000-01-01T00:00:00.000Z"}}`, body)
		other, _ := tokenIn(t, send(t, srv, http.MethodPost, "/auth/ghost", "", ""))
		assert.NotEqual(t, token, other)

		me := send(t, srv, http.MethodGet, "/auth/me", token, "")
		assert.Contains(t, me.body, `"role":"ghost"`)
		assert.NotContains(t, me.body, "isGuest")
		assert.Contains(t, send(t, srv, http.MethodGet, "/orders", token, "").body, `"orders":[]`)
		time.Sleep(time.Minute) //nolint:forbidigo // of virtual time
		assert.Equal(t, 401, send(t, srv, http.MethodGet, "/orders", token, "").status)
	})
}

func TestSalesiveAuthRefuses(t *testing.T) {
	t.Parallel()
	srv := storeorderstest.Transport()
	ada := srv.AddShopper("Ada")
	for _, tt := range []struct {
		method, path, body string
		status             int
		message            string
	}{
		{http.MethodPost, "/auth/authenticate", `{}`, 400, `"email" is required`},
		{http.MethodPost, "/auth/authenticate", ``, 400, `"email" is required`},
		{http.MethodPost, "/auth/authenticate", `{"email":""}`, 400, `"email" is not allowed to be empty`},
		{http.MethodPost, "/auth/authenticate", `{"email":7}`, 400, `"email" must be a string`},
		{http.MethodPost, "/auth/authenticate", `{"email":"ada"}`, 400, `"email" must be a valid email`},
		{http.MethodPost, "/auth/authenticate", `{"email":"a@b.c","name":1}`, 400, `"name" must be a string`},
		{http.MethodPost, "/auth/authenticate", `{"email":"a@b.c","password":"x"}`, 400, `"password" is not allowed`},
		{http.MethodPost, "/auth/authenticate", `{"email"`, 400, `Invalid JSON`},
		{http.MethodPost, "/auth/resend-otp", `{"email":"nobody@example.com"}`, 404, `User not found`},
		{http.MethodPost, "/auth/verify", `{"email":"nobody@example.com","otp":"123456"}`, 404, `User not found`},
		{http.MethodPost, "/auth/verify", `{"email":"` + ada.Email + `","otp":"123456"}`, 400, `Invalid OTP`},
		{http.MethodPost, "/auth/verify", `{"email":"` + ada.Email + `","otp":123456}`, 400, `"otp" must be a string`},
		{http.MethodPost, "/auth/verify", `{"email":"` + ada.Email + `"}`, 400, `"otp" is required`},
		{http.MethodPost, "/auth/ghost", `{"email":"a@b.c"}`, 400, `"email" is not allowed`},
		{http.MethodGet, "/auth/ghost", ``, 404, `Route not found`},
		{http.MethodPost, "/auth/me", ``, 404, `Route not found`},
		{http.MethodPost, "/auth/login", `{}`, 404, `Route not found`},
		{http.MethodGet, "/auth/me", ``, 401, `Authentication required`},
	} {
		t.Run(tt.path+" "+tt.body, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, answer{tt.status, jsonType, failure(tt.status, tt.message)}, send(t, srv, tt.method, tt.path, "", tt.body))
		})
	}
}

func TestSalesiveTokensAreOfSalesiveOnly(t *testing.T) {
	t.Parallel()
	srv := storeorderstest.Transport()
	alice, ada := srv.AddCustomer("Alice"), srv.AddShopper("Ada")
	assert.Len(t, strings.Split(ada.Token, "."), 3)
	assert.Equal(t, 200, send(t, srv, http.MethodGet, "/orders", ada.Token, "").status)
	assert.Equal(t, 401, send(t, srv, http.MethodGet, "/orders", alice.Token, "").status)
	assert.Equal(t, 401, send(t, srv, http.MethodGet, "/orders", ada.Token+"x", "").status)
	assert.Equal(t, 401, send(t, srv, http.MethodGet, "/orders", storeorderstest.Transport().AddShopper("x").Token+"x", "").status)
}

func TestShoppersHaveAddressesOfTheirOwn(t *testing.T) {
	t.Parallel()
	srv := storeorderstest.Transport()
	assert.Equal(t, "ada-lovelace@example.com", srv.AddShopper("Ada Lovelace").Email)
	assert.Equal(t, "ada-lovelace-2@example.com", srv.AddShopper("Ada Lovelace").Email)
	assert.Equal(t, "shopper@example.com", srv.AddShopper("").Email)
}
