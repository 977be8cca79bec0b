package storeorders_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-2861b391/storeorders"
)

// numberedSource is asked for tokens and gives what the function makes of how often it was asked before.
type numberedSource struct {
	mu    sync.Mutex
	asked int
	token func(n int) (string, error)
}

func sourceOf(token func(n int) (string, error)) *numberedSource {
	return &numberedSource{token: token}
}

func (s *numberedSource) Token(context.Context) (string, error) {
	s.mu.Lock()
	n := s.asked
	s.asked++
	s.mu.Unlock()
	return s.token(n)
}

// renewingSource is a numberedSource that wants to know which token was refused.
type renewingSource struct {
	*numberedSource

	refused []string
}

func (s *renewingSource) Invalidate(token string) { s.refused = append(s.refused, token) }

func numberedTokens() *renewingSource {
	return &renewingSource{numberedSource: sourceOf(func(n int) (string, error) { return "token-" + strconv.Itoa(n), nil })}
}

func TestATokenSourceIsAskedBeforeEachAttempt(t *testing.T) {
	t.Parallel()
	server := inTurn(
		reply(http.StatusServiceUnavailable, serverFell),
		broken(errors.New("connection reset")),
		well,
	)
	source := sourceOf(func(n int) (string, error) { return "token-" + strconv.Itoa(n), nil })
	require.NoError(t, listGroups(t.Context(), clientOf(t, server, retries(2)), storeorders.WithTokenSource(source)))
	assert.Equal(t, []string{"Bearer token-0", "Bearer token-1", "Bearer token-2"}, server.headers("Authorization"))
}

func TestATokenSourceIsAskedForEachPage(t *testing.T) {
	t.Parallel()
	page := func(offset string) step {
		return reply(http.StatusOK, `{"order_groups":[{"id":"og_`+offset+`"}],"count":2,"offset":`+offset+`,"limit":1}`)
	}
	server := inTurn(page("0"), page("1"))
	source := sourceOf(func(n int) (string, error) { return "token-" + strconv.Itoa(n), nil })
	client := clientOf(t, server)
	groups, err := storeorders.Collect(client.OrderGroups.All(t.Context(), nil, storeorders.WithTokenSource(source)), 0)
	require.NoError(t, err)
	assert.Len(t, groups, 2)
	assert.Equal(t, []string{"Bearer token-0", "Bearer token-1"}, server.headers("Authorization"))
}

func TestATokenSourceGetsTheCallersContext(t *testing.T) {
	t.Parallel()
	type key struct{}
	var got any
	ctx := context.WithValue(t.Context(), key{}, "the caller's")
	require.NoError(t, listGroups(ctx, clientOf(t, always(well)), storeorders.WithTokenSource(
		storeorders.TokenSourceFunc(func(ctx context.Context) (string, error) {
			got = ctx.Value(key{})
			return "token", nil
		}))))
	assert.Equal(t, "the caller's", got)
}

func TestCancelingEndsTheWaitForAToken(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(3*time.Second, cancel)
		start := time.Now()
		server := always(well)
		err := listGroups(ctx, clientOf(t, server), storeorders.WithTokenSource(
			storeorders.TokenSourceFunc(func(ctx context.Context) (string, error) {
				return "token", sleep(ctx, time.Hour)
			})))
		assert.ErrorIs(t, err, context.Canceled)
		assert.Equal(t, 3*time.Second, time.Since(start))
		assert.Empty(t, server.sent())
	})
}

func TestAnErrorOfTheTokenSourceEndsTheCall(t *testing.T) {
	t.Parallel()
	for _, e := range endpoints() {
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			server := always(well)
			cause := errors.New("the identity provider is down")
			source := sourceOf(func(int) (string, error) { return "", cause })
			err := e.call(t.Context(), clientOf(t, server, retries(3)), storeorders.WithTokenSource(source))
			assert.ErrorIs(t, err, cause)
			assert.ErrorContains(t, err, cause.Error())
			assert.Equal(t, 1, source.asked)
			assert.Empty(t, server.sent())
		})
	}
}

func TestALoginErrorOfTheTokenSourceIsFound(t *testing.T) {
	t.Parallel()
	source := sourceOf(func(int) (string, error) { return "", &storeorders.LoginError{Reason: "mfa_required"} })
	for _, e := range endpoints() {
		err := e.call(t.Context(), clientOf(t, always(well)), storeorders.WithTokenSource(source))
		var loginError *storeorders.LoginError
		if assert.ErrorAs(t, err, &loginError, e.name) {
			assert.Equal(t, "mfa_required", loginError.Reason)
		}
	}
}

// A source that logs in by a client of its own meets that client's errors.
func TestAnErrorOfTheTokenSourcesOwnClientNamesTheCall(t *testing.T) {
	t.Parallel()
	for name, cause := range map[string]error{
		"APIError":    &storeorders.APIError{Op: "MercurAuth.Login", Method: "POST", Path: "/auth", StatusCode: 401},
		"DecodeError": &storeorders.DecodeError{Op: "MercurAuth.Login", StatusCode: 200, Err: errors.New("not JSON")},
		"OptionError": &storeorders.OptionError{Field: "email", Reason: "is empty"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := always(well)
			err := listGroups(t.Context(), clientOf(t, server), storeorders.WithTokenSource(
				sourceOf(func(int) (string, error) { return "", cause })))
			assert.ErrorIs(t, err, cause)
			assert.ErrorContains(t, err, "OrderGroups.List")
			assert.ErrorContains(t, err, "token source")
			assert.Empty(t, server.sent())
		})
	}
}

func TestATokenWithAControlCharacterIsRefused(t *testing.T) {
	t.Parallel()
	for _, token := range []string{"a\r\nX-Own: 1", "a\n", "a\x00", "a\x7f", "a\tb", "a\u0085b", "a\u2028b"} {
		server := always(well)
		err := listGroups(t.Context(), clientOf(t, server), storeorders.WithToken(token))
		assertRefused(t, "Token", err)
		assert.Empty(t, server.sent())
	}
}

func TestATokenThatARetryDoesNotGetEndsTheCall(t *testing.T) {
	t.Parallel()
	server := always(reply(http.StatusServiceUnavailable, serverFell))
	err := listGroups(t.Context(), clientOf(t, server, retries(3)), storeorders.WithTokenSource(
		sourceOf(func(n int) (string, error) { return []string{"token", ""}[min(n, 1)], nil })))
	assert.ErrorIs(t, err, storeorders.ErrNoCredentials)
	assert.ErrorIs(t, err, storeorders.ErrServer) // beside it, the answer that was retried
	assert.Len(t, server.sent(), 1)
}

func TestATokenThatIsRefusedIsRenewedOnce(t *testing.T) {
	t.Parallel()
	for _, e := range endpoints() {
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			server := inTurn(reply(http.StatusUnauthorized, notAuthorized), well)
			source := numberedTokens()
			require.NoError(t, e.call(t.Context(), clientOf(t, server, retries(0)), storeorders.WithTokenSource(source)))
			assert.Equal(t, []string{"token-0"}, source.refused)
			assert.Equal(t, []string{"Bearer token-0", "Bearer token-1"}, server.headers("Authorization"))
		})
	}
}

func TestATokenThatIsRefusedTwiceIsNotRenewedAgain(t *testing.T) {
	t.Parallel()
	server := always(reply(http.StatusUnauthorized, notAuthorized))
	source := numberedTokens()
	err := listGroups(t.Context(), clientOf(t, server, retries(3)), storeorders.WithTokenSource(source))
	assert.ErrorIs(t, err, storeorders.ErrUnauthorized)
	assert.Equal(t, 2, requireAPIError(t, err).Attempts)
	assert.Equal(t, []string{"token-0"}, source.refused)
	assert.Len(t, server.sent(), 2)
}

func TestTheTokenThatIsCalledRefusedIsTheOneThatWas(t *testing.T) {
	t.Parallel()
	down := reply(http.StatusServiceUnavailable, serverFell)
	steps := []step{down, reply(http.StatusUnauthorized, notAuthorized), down, well}
	server := inTurn(steps...)
	source := numberedTokens()
	require.NoError(t, listGroups(t.Context(), clientOf(t, server, retries(1)), storeorders.WithTokenSource(source)))
	assert.Equal(t, []string{"token-1"}, source.refused)
}

func TestTheDefaultTokenIsRenewedToo(t *testing.T) {
	t.Parallel()
	server := inTurn(reply(http.StatusUnauthorized, notAuthorized), well)
	source := numberedTokens()
	client := clientOf(t, server, storeorders.WithMercur(storeorders.MercurConfig{
		BaseURL: mercurURL, PublishableKey: defaultKey, Token: source,
	}))
	require.NoError(t, listGroups(t.Context(), client))
	assert.Equal(t, []string{"token-0"}, source.refused)
}

func TestATokenOfASourceThatCannotRenewItIsSentOnce(t *testing.T) {
	t.Parallel()
	server := always(reply(http.StatusUnauthorized, notAuthorized))
	source := sourceOf(func(int) (string, error) { return "token", nil })
	err := listGroups(t.Context(), clientOf(t, server, retries(3)), storeorders.WithTokenSource(source))
	assert.ErrorIs(t, err, storeorders.ErrUnauthorized)
	assert.Len(t, server.sent(), 1)
}

func TestOnlyA401RenewsTheToken(t *testing.T) {
	t.Parallel()
	for _, status := range []int{400, 403, 404, 429, 500} {
		source := numberedTokens()
		err := listGroups(t.Context(), clientOf(t, always(reply(status, serverFell)), retries(0)), storeorders.WithTokenSource(source))
		require.Error(t, err)
		assert.Empty(t, source.refused, status)
	}
}

// Why the source was asked again is part of why the call failed.
func TestARenewalThatFailsKeepsThe401(t *testing.T) {
	t.Parallel()
	cause := errors.New("the password has changed")
	source := &renewingSource{numberedSource: sourceOf(func(n int) (string, error) {
		if n == 0 {
			return "token", nil
		}
		return "", cause
	})}
	err := listGroups(t.Context(), clientOf(t, always(reply(http.StatusUnauthorized, notAuthorized))), storeorders.WithTokenSource(source))
	assert.ErrorIs(t, err, cause)
	assert.ErrorIs(t, err, storeorders.ErrUnauthorized)
}

func TestTheLastAnswerBesideAnErrorIsTheLastOne(t *testing.T) {
	t.Parallel()
	lost := errors.New("connection reset")
	noAnswer := broken(lost)
	steps := []step{
		reply(http.StatusServiceUnavailable, serverFell),
		reply(http.StatusUnauthorized, notAuthorized),
		noAnswer, noAnswer,
	}
	server := inTurn(steps...)
	err := listGroups(t.Context(), clientOf(t, server, retries(1)), storeorders.WithTokenSource(numberedTokens()))
	assert.ErrorIs(t, err, lost)
	assert.Equal(t, http.StatusUnauthorized, requireAPIError(t, err).StatusCode)
}

func TestStaticTokenGivesItsTokenForEver(t *testing.T) {
	t.Parallel()
	source := storeorders.StaticToken(defaultToken)
	for range 3 {
		token, err := source.Token(t.Context())
		require.NoError(t, err)
		assert.Equal(t, defaultToken, token)
	}
}

// One client serves many shoppers at once, as a backend does.
func TestNoRequestCarriesAnothersToken(t *testing.T) {
	t.Parallel()
	const shoppers, calls = 32, 20
	client := clientOf(t, always(func(req *http.Request) (*http.Response, error) {
		shopper := req.Header.Get("X-Shopper")
		wrong := req.Header.Get("Authorization") != "Bearer token-"+shopper
		if key := req.Header.Get("X-Publishable-Api-Key"); key != "" && key != "pk-"+shopper {
			wrong = true
		}
		if shop := req.Header.Get("X-Shop-Id"); shop != "" && shop != "shop-"+shopper {
			wrong = true
		}
		if len(req.Header.Values("Authorization")) != 1 || wrong {
			return reply(http.StatusUnauthorized, notAuthorized)(req)
		}
		return reply(http.StatusOK, goodBody(req.URL.Path), "Set-Cookie", "connect.sid=of-"+shopper)(req)
	}))
	shared := make([]storeorders.RequestOption, 0, 16) // with room, in which a careless append would write
	shared = append(shared, storeorders.WithHeader("X-Common", "1"))
	var wg sync.WaitGroup
	for shopper := range shoppers {
		wg.Go(func() {
			name := strconv.Itoa(shopper)
			own := []storeorders.RequestOption{storeorders.WithToken("token-" + name), storeorders.WithHeader("X-Shopper", name)}
			for i := range calls {
				e := endpoints()[(shopper+i)%len(endpoints())]
				key := storeorders.WithShopID("shop-" + name)
				if e.mercur {
					key = storeorders.WithPublishableKey("pk-" + name)
				}
				if err := e.call(t.Context(), client, slices.Concat(shared, own, []storeorders.RequestOption{key})...); err != nil {
					t.Errorf("%s for %s: %v", e.name, name, err)
					return
				}
			}
		})
	}
	wg.Wait()
}
