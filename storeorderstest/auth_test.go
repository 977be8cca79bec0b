package storeorderstest_test

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-2861b391/storeorders"
	"github.com/seed-2861b391/storeorders/storeorderstest"
)

type posted struct {
	answer
	cookie *http.Cookie
}

// post sends the body, as JSON if it is not nil, with the token if it is not
// empty, and the publishable key.
func post(t *testing.T, srv *storeorderstest.Server, path, token string, body any) posted {
	t.Helper()
	text, err := json.Marshal(body)
	require.NoError(t, err)
	if body == nil {
		text = nil
	}
	return postText(t, srv, path, token, "application/json", string(text))
}

func postText(t *testing.T, srv *storeorderstest.Server, path, token, contentType, body string) posted {
	t.Helper()
	req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, srv.URL+path, strings.NewReader(body))
	req.RequestURI = ""
	req.Header.Set("Content-Type", contentType)
	req.Header.Set("X-Publishable-Api-Key", srv.PublishableKey)
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := srv.RoundTrip(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	p := posted{answer: answer{resp.StatusCode, resp.Header.Get("Content-Type"), string(got)}}
	if cookies := resp.Cookies(); len(cookies) > 0 {
		p.cookie = cookies[0]
	}
	return p
}

// tokenOf returns the token of an answer, and its claims.
func tokenOf(t *testing.T, p posted) (token string, claims map[string]any) {
	t.Helper()
	require.Equal(t, 200, p.status, p.body)
	var answer struct{ Token string }
	require.NoError(t, json.Unmarshal([]byte(p.body), &answer))
	segments := strings.Split(answer.Token, ".")
	require.Len(t, segments, 3, p.body)
	header, err := base64.RawURLEncoding.DecodeString(segments[0])
	require.NoError(t, err)
	assert.JSONEq(t, `{"alg":"HS256","typ":"JWT"}`, string(header))
	payload, err := base64.RawURLEncoding.DecodeString(segments[1])
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(payload, &claims))
	return answer.Token, claims
}

func TestMercurLogin(t *testing.T) {
	t.Parallel()
	srv := newServer(t)
	alice := srv.AddCustomer("Alice")
	const (
		unauthorized = `{"type":"unauthorized","message":"Invalid email or password"}`
		noPassword   = `{"type":"unauthorized","message":"Password should be a string"}`
	)
	for _, tt := range []struct {
		name, path, body string
		status           int
		answer           string
	}{
		{"wrong password", "emailpass", `{"email":"` + alice.Email + `","password":"wrong"}`, 401, unauthorized},
		{"unknown address", "emailpass", `{"email":"nobody@example.com","password":"` + alice.Password + `"}`, 401, unauthorized},
		{"address in another case", "emailpass", `{"email":"` + strings.ToUpper(alice.Email) + `","password":"` + alice.Password + `"}`, 401, unauthorized},
		{"no password", "emailpass", `{"email":"` + alice.Email + `"}`, 401, noPassword},
		{"a number for a password", "emailpass", `{"email":"` + alice.Email + `","password":1}`, 401, noPassword},
		{"no body", "emailpass", "", 401, noPassword},
		{"no address", "emailpass", `{"password":"x"}`, 401, `{"type":"unauthorized","message":"Email should be a string"}`},
		{"broken JSON", "emailpass", `{bad`, 400, invalid("Expected property name or '}' in JSON at position 1")},
		{"unknown provider", "nope", `{}`, 401, `{"type":"unauthorized","message":"\nUnable to retrieve the auth provider with id: nope\nPlease make sure that the provider is registered in the container and it is configured correctly in your project configuration file."}`},
		{"register again", "emailpass/register", `{"email":"` + alice.Email + `","password":"` + alice.Password + `"}`, 401, `{"type":"unauthorized","message":"Identity with email already exists"}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := postText(t, srv, "/auth/customer/"+tt.path, "", "application/json", tt.body)
			assert.Equal(t, answer{tt.status, "application/json; charset=utf-8", tt.answer}, got.answer)
		})
	}

	token, claims := tokenOf(t, postText(t, srv, "/auth/customer/emailpass", "", "application/x-www-form-urlencoded",
		"email="+alice.Email+"&password="+strings.ReplaceAll(alice.Password, " ", "+")))
	assert.Equal(t, alice.ID, claims["actor_id"])
	assert.Equal(t, "customer", claims["actor_type"])
	assert.Equal(t, map[string]any{"customer_id": alice.ID}, claims["app_metadata"])
	issued, _ := claims["iat"].(float64)
	assert.InDelta(t, issued+86400, claims["exp"], 0)
	listed := request(t, srv, http.MethodGet, "/store/order-groups", map[string]string{"x-publishable-api-key": srv.PublishableKey, "Authorization": "Bearer " + token})
	assert.Equal(t, 200, listed.status, listed.body)
}

func TestMercurGivesNobodyToWhoLogsInAsAnotherActor(t *testing.T) {
	t.Parallel()
	srv := newServer(t)
	alice := srv.AddCustomer("Alice")
	for _, actor := range []string{"member", "bogus"} {
		token, claims := tokenOf(t, post(t, srv, "/auth/"+actor+"/emailpass", "", map[string]string{"email": alice.Email, "password": alice.Password}))
		assert.Empty(t, claims["actor_id"])
		headers := map[string]string{"x-publishable-api-key": srv.PublishableKey, "Authorization": "Bearer " + token}
		assert.Equal(t, 401, request(t, srv, http.MethodGet, "/store/order-groups", headers).status)
	}
}

func TestMercurRegistersCustomers(t *testing.T) {
	t.Parallel()
	srv := newServer(t)
	who := map[string]string{"email": "new@example.com", "password": "secret"}
	status := func(token string) int {
		headers := map[string]string{"x-publishable-api-key": srv.PublishableKey, "Authorization": "Bearer " + token}
		return request(t, srv, http.MethodGet, "/store/order-groups", headers).status
	}

	registered, claims := tokenOf(t, post(t, srv, "/auth/customer/emailpass/register", "", who))
	assert.Empty(t, claims["actor_id"])
	assert.Equal(t, 401, status(registered), "a customer is still missing")
	again, _ := tokenOf(t, post(t, srv, "/auth/customer/emailpass/register", "", who))
	assert.Equal(t, 401, status(again))

	assert.Equal(t, 401, post(t, srv, "/store/customers", "", map[string]string{}).status)
	assert.Equal(t, invalid("Invalid request: Unrecognized fields: 'nope'"), post(t, srv, "/store/customers", registered, map[string]string{"nope": ""}).body)
	created := post(t, srv, "/store/customers", registered, map[string]string{"email": "new@example.com", "first_name": "New"})
	require.Equal(t, 200, created.status, created.body)
	assert.Contains(t, created.body, `"email":"new@example.com","company_name":null,"first_name":"New","last_name":null,"phone":null,"metadata":null,"has_account":true,"deleted_at":null,`)
	assert.Equal(t, 401, status(registered), "the old token stays nobody's")

	refreshed, _ := tokenOf(t, post(t, srv, "/auth/token/refresh", registered, nil))
	assert.Equal(t, 200, status(refreshed))
	loggedIn, _ := tokenOf(t, post(t, srv, "/auth/customer/emailpass", "", who))
	assert.Equal(t, 200, status(loggedIn))
	assert.Equal(t, invalid("Request already authenticated as a customer."), post(t, srv, "/store/customers", loggedIn, map[string]string{}).body)
	me := request(t, srv, http.MethodGet, "/store/customers/me", map[string]string{"x-publishable-api-key": srv.PublishableKey, "Authorization": "Bearer " + loggedIn})
	assert.JSONEq(t, created.body, me.body)
	assert.Equal(t, answer{201, "text/plain; charset=utf-8", "Created"},
		post(t, srv, "/auth/customer/emailpass/reset-password", "", map[string]string{"identifier": "nobody@example.com"}).answer)
}

func TestMercurTokensExpire(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := storeorderstest.Transport(storeorderstest.WithMercurTokenLifetime(time.Hour))
		alice := srv.AddCustomer("Alice")
		client, err := storeorders.NewClient(
			storeorders.WithMercur(srv.MercurConfig()),
			storeorders.WithHTTPClient(&http.Client{Transport: srv}),
		)
		require.NoError(t, err)
		list := func() error {
			_, err := client.OrderGroups.List(t.Context(), nil, storeorders.WithToken(alice.Token))
			return err
		}

		time.Sleep(time.Hour - time.Second) //nolint:forbidigo // of virtual time
		require.NoError(t, list())
		assert.Equal(t, 200, post(t, srv, "/auth/token/refresh", alice.Token, nil).status)
		time.Sleep(time.Second) //nolint:forbidigo // of virtual time
		require.ErrorIs(t, list(), storeorders.ErrUnauthorized)
		assert.Equal(t, 401, post(t, srv, "/auth/token/refresh", alice.Token, nil).status, "too late")
	})
}

func TestMercurPrefersASessionToABearer(t *testing.T) {
	t.Parallel()
	srv := newServer(t)
	alice, bob := srv.AddCustomer("Alice"), srv.AddCustomer("Bob")
	srv.AddOrderGroup(alice, storeorders.OrderGroup{ID: "og_alice"})

	opened := post(t, srv, "/auth/session", alice.Token, nil)
	require.Equal(t, 200, opened.status, opened.body)
	assert.Contains(t, opened.body, `{"user":{"actor_id":"`+alice.ID+`","actor_type":"customer"`)
	headers := mercurHeaders(srv, bob)
	headers["Cookie"] = opened.cookie.Name + "=" + opened.cookie.Value
	ids := func() string { return request(t, srv, http.MethodGet, "/store/order-groups?fields=id", headers).body }
	assert.Contains(t, ids(), "og_alice", "Bob's token does not count")

	assert.Equal(t, `{"success":true}`, request(t, srv, http.MethodDelete, "/auth/session", headers).body)
	assert.Contains(t, ids(), `"count":0`, "now it does")
	assert.Equal(t, 401, request(t, srv, http.MethodDelete, "/auth/session", headers).status)
}

func TestAddCustomerMakesAddressesThatDiffer(t *testing.T) {
	t.Parallel()
	srv := newServer(t)
	assert.Equal(t, "alice-smith@customers.example.com", srv.AddCustomer("Alice Smith").Email)
	assert.Equal(t, "alice-smith-2@customers.example.com", srv.AddCustomer("Alice Smith").Email)
	assert.Equal(t, "customer@customers.example.com", srv.AddCustomer("").Email)
}
