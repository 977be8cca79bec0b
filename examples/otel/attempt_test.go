package main

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/baggage"
	"go.opentelemetry.io/otel/codes"

	"github.com/seed-2861b391/storeorders"
	"github.com/seed-2861b391/storeorders/storeorderstest"
)

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// talkative is an error with all that the request has.
type talkative struct{ req *http.Request }

func (e talkative) Error() string {
	return fmt.Sprintf("cannot send %s %s with %v", e.req.Method, e.req.URL, e.req.Header)
}

func TestAnErrorOfTheTransportIsTheSDKsToSeeAndNotTheTraces(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]func(*http.Request) (*http.Response, error){
		"no answer": func(req *http.Request) (*http.Response, error) { return nil, talkative{req} },
		"a body that breaks off": func(req *http.Request) (*http.Response, error) {
			body := io.MultiReader(strings.NewReader(`{"order_group`), errorReader{talkative{req}})
			return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(body), Request: req}, nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var s *shop
				s = newShop(t,
					storeorders.WithRetry(storeorders.RetryPolicy{MaxRetries: 1}),
					storeorders.WithHTTPClient(&http.Client{Transport: roundTripper(func(req *http.Request) (*http.Response, error) {
						if _, err := s.RoundTrip(req); err != nil { // so that the server knows what was sent
							return nil, err
						}
						return answer(req)
					})}))

				err := s.get(t.Context(), "og_secret")
				cause, ok := errors.AsType[talkative](err)
				require.True(t, ok, "the SDK has lost the error: %v", err)
				assert.Contains(t, cause.Error(), "og_secret?fields=", "or there would be nothing to hide")
				assert.Contains(t, cause.Error(), s.alice.Token)

				calls, attempts := s.spans()
				require.Len(t, calls, 1)
				require.Len(t, attempts, 2)
				for _, span := range append(attempts, calls...) {
					assert.Equal(t, codes.Error, span.Status.Code)
					assert.Equal(t, "_OTHER", span.Status.Description)
				}
				assert.InDelta(t, 1, find(t, s.metrics(t)["storeorders.call.retries"], operationKey.String("OrderGroups.Get")).sum, 0)
				s.assertTellsNothing(t, "og_secret")
			})
		})
	}
}

type errorReader struct{ err error }

func (r errorReader) Read([]byte) (int, error) { return 0, r.err }

func TestARedirectIsAnAttemptAndNoRetry(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.Inject(storeorderstest.Redirect(""), storeorderstest.First(1))
	require.NoError(t, s.list(t.Context()))
	_, attempts := s.spans()
	require.Len(t, attempts, 2)
	assert.Equal(t, codes.Unset, attempts[0].Status.Code)
	assert.InDelta(t, 0, find(t, s.metrics(t)["storeorders.call.retries"], operationKey.String("OrderGroups.List")).sum, 0)
}

// A path that is none of the SDK's may have anything in it.
func TestARedirectToSomewhereElseHasNoPath(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.Inject(storeorderstest.Redirect("/secret/path?secret=query"), storeorderstest.First(1))
	require.ErrorIs(t, s.list(t.Context()), storeorders.ErrNotFound)
	_, attempts := s.spans()
	require.Len(t, attempts, 2)
	assert.Equal(t, "GET", attempts[1].Name)
	assert.Equal(t, "http://storeorders.test", attributesOf(attempts[1].Attributes)["url.full"])
	assert.NotContains(t, attributesOf(attempts[1].Attributes), "url.template")
	s.assertTellsNothing(t, "secret")
	assert.Equal(t, "/secret/path", s.Requests()[1].Path)
}

func TestTheBaggageOfTheProgramStaysThere(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	member, err := baggage.NewMember("user", "alice")
	require.NoError(t, err)
	luggage, err := baggage.New(member)
	require.NoError(t, err)
	require.NoError(t, s.list(baggage.ContextWithBaggage(t.Context(), luggage)))
	require.Len(t, s.Requests(), 1)
	assert.NotEmpty(t, s.Requests()[0].Header.Get("Traceparent"))
	assert.Empty(t, s.Requests()[0].Header.Get("Baggage"))
}

func TestRouteHasNeitherIDNorBasePath(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"/store/order-groups":              "/store/order-groups",
		"/shop/store/order-groups":         "/store/order-groups",
		"/store/order-groups/og_1":         "/store/order-groups/{id}",
		"/store/order-groups/orders":       "/store/order-groups/{id}",
		"/store/order-groups/a%2Fb":        "/store/order-groups/{id}",
		"/store/order-groups/":             "",
		"/store/order-groups/og_1/returns": "",
		"/api/v1/orders":                   "/orders",
		"/api/v1/orders/690ff00a":          "/orders/{id}",
		"/orders":                          "/orders",
		"/orders/690ff00a":                 "/orders/{id}",
		"/auth/customer/emailpass":         "/auth/customer/emailpass",
		"/auth/token/refresh":              "/auth/token/refresh",
		"/api/v1/auth/authenticate":        "/auth/authenticate",
		"/api/v1/auth/verify":              "/auth/verify",
		"/api/v1/auth/ghost":               "/auth/ghost",
		"/backorders":                      "",
		"/":                                "",
		"":                                 "",
		"/og_1":                            "",
	} {
		assert.Equal(t, want, route(path), path)
	}
}
