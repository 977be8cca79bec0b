package storeorders_test

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-2861b391/storeorders"
	"github.com/seed-2861b391/storeorders/storeorderstest"
)

// refusals count the answers of 401.
type refusals struct{ atomic.Int64 }

func (r *refusals) count(next http.RoundTripper) http.RoundTripper {
	return transportFunc(func(req *http.Request) (*http.Response, error) {
		resp, err := next.RoundTrip(req)
		if err == nil && resp.StatusCode == http.StatusUnauthorized {
			r.Add(1)
		}
		return resp, err
	})
}

// authServer is a Mercur that grants tokens, and lists for who has one that is good by its own clock. Its answers can be replaced.
type authServer struct {
	lifetime time.Duration // of a token; 0: it has no times
	skew     time.Duration // of its clock
	delay    time.Duration // of each answer

	onLogin, onRefresh, onList func(n int) step // the n-th, from 0 on; nil: all is well

	mu                      sync.Mutex
	requests                []*http.Request
	logins, refreshes       int
	lists, refused, granted int
	grants                  []time.Time
	expires                 map[string]int64
}

func (s *authServer) RoundTrip(req *http.Request) (*http.Response, error) {
	s.mu.Lock()
	s.requests = append(s.requests, req)
	answer := s.answer(req)
	s.mu.Unlock()
	if err := sleep(req.Context(), s.delay); err != nil {
		return nil, err
	}
	return answer(req)
}

// answer decides when the request arrives. The caller holds the mutex.
func (s *authServer) answer(req *http.Request) step {
	switch req.URL.Path {
	case loginPath:
		s.logins++
		if s.onLogin != nil {
			if answer := s.onLogin(s.logins - 1); answer != nil {
				return answer
			}
		}
		return s.grant()
	case refreshPath:
		s.refreshes++
		if s.onRefresh != nil {
			if answer := s.onRefresh(s.refreshes - 1); answer != nil {
				return answer
			}
		}
		if !s.isGood(req) {
			return reply(http.StatusUnauthorized, notAuthorized)
		}
		return s.grant()
	default:
		s.lists++
		if s.onList != nil {
			if answer := s.onList(s.lists - 1); answer != nil {
				return answer
			}
		}
		if !s.isGood(req) {
			s.refused++
			return reply(http.StatusUnauthorized, notAuthorized)
		}
		return well
	}
}

func (s *authServer) now() time.Time { return time.Now().Add(s.skew) }

func (s *authServer) grant() step {
	s.granted++
	s.grants = append(s.grants, time.Now())
	claims := `{"actor_id":"cus_1","jti":"` + strconv.Itoa(s.granted) + `"}`
	expires := s.now().Add(1000 * time.Hour).Unix()
	if s.lifetime != 0 {
		expires = s.now().Add(s.lifetime).Unix()
		claims = claims[:len(claims)-1] + `,"iat":` + strconv.FormatInt(s.now().Unix(), 10) + `,"exp":` + strconv.FormatInt(expires, 10) + `}`
	}
	token := jwt(claims)
	if s.expires == nil {
		s.expires = map[string]int64{}
	}
	s.expires[token] = expires
	return granting(token)
}

func (s *authServer) isGood(req *http.Request) bool {
	return s.now().Unix() < s.expires[strings.TrimPrefix(req.Header.Get("Authorization"), "Bearer ")]
}

// counts are the logins, the refreshes, and the lists that were refused for their token.
func (s *authServer) counts() [3]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return [3]int{s.logins, s.refreshes, s.refused}
}

// client logs in when it must. What the options set wins.
func (s *authServer) client(t *testing.T, opts ...storeorders.Option) *storeorders.Client {
	t.Helper()
	return clientOf(t, s, append([]storeorders.Option{
		storeorders.WithMercur(storeorders.MercurConfig{BaseURL: mercurURL, PublishableKey: defaultKey}),
		storeorders.WithMercurLogin(loginEmail, loginSecret),
	}, opts...)...)
}

// nth gives an answer to the n-th request, from 0 on.
func nth(n int, answer step) func(int) step {
	return func(i int) step {
		if i == n {
			return answer
		}
		return nil
	}
}

// each gives an answer to every request.
func each(answer step) func(int) step { return func(int) step { return answer } }

// The option.

func TestWithMercurLoginRefusesWhatCannotWork(t *testing.T) {
	t.Parallel()
	mercur := storeorders.MercurConfig{BaseURL: mercurURL, PublishableKey: defaultKey}
	withToken := mercur
	withToken.Token = storeorders.StaticToken(defaultToken)
	salesive := storeorders.SalesiveConfig{BaseURL: salesiveURL}
	type refused struct {
		field string
		opts  []storeorders.Option
	}
	for name, c := range map[string]refused{
		"beside a token":          {"WithMercurLogin", []storeorders.Option{storeorders.WithMercurLogin(loginEmail, loginSecret), storeorders.WithMercur(withToken)}},
		"after a token":           {"WithMercurLogin", []storeorders.Option{storeorders.WithMercur(withToken), storeorders.WithMercurLogin(loginEmail, loginSecret)}},
		"without Mercur":          {"WithMercurLogin", []storeorders.Option{storeorders.WithSalesive(salesive), storeorders.WithMercurLogin(loginEmail, loginSecret)}},
		"without an address":      {"WithMercurLogin", []storeorders.Option{storeorders.WithMercur(mercur), storeorders.WithMercurLogin("", loginSecret)}},
		"without a password":      {"WithMercurLogin", []storeorders.Option{storeorders.WithMercur(mercur), storeorders.WithMercurLogin(loginEmail, "")}},
		"with one that is broken": {"password", []storeorders.Option{storeorders.WithMercur(mercur), storeorders.WithMercurLogin(loginEmail, loginSecret+"\xff")}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, err := storeorders.NewClient(c.opts...)
			assert.Nil(t, client)
			assertRefused(t, c.field, err)
			assertTellsNone(t, err, "", loginSecret, loginEmail)
		})
	}
}

func TestTheOrderOfOptionsDoesNotMatterToALogin(t *testing.T) {
	t.Parallel()
	server := &authServer{lifetime: time.Hour}
	var attempts int
	all := []storeorders.Option{
		storeorders.WithMercurLogin(loginEmail, loginSecret),
		storeorders.WithMercur(storeorders.MercurConfig{BaseURL: mercurURL, PublishableKey: defaultKey}),
		storeorders.WithHTTPClient(&http.Client{Transport: server}),
		storeorders.WithMiddleware(func(next http.RoundTripper) http.RoundTripper {
			return transportFunc(func(req *http.Request) (*http.Response, error) {
				attempts++
				return next.RoundTrip(req)
			})
		}),
	}
	for first := range all {
		opts := append(append([]storeorders.Option{}, all[first:]...), all[:first]...)
		client, err := storeorders.NewClient(opts...)
		require.NoError(t, err)
		require.NoError(t, listGroups(t.Context(), client))
	}
	assert.Equal(t, len(all), server.logins)
	assert.Equal(t, 2*len(all), attempts, "the login goes through the middleware, too")
}

func TestOfTwoMercurLoginsTheLastOneCounts(t *testing.T) {
	t.Parallel()
	shop := newFakeShop(t, nil)
	client, err := storeorders.NewClient(storeorders.WithHTTPClient(&http.Client{Transport: shop.Server}), storeorders.WithMercur(shop.MercurConfig()),
		storeorders.WithMercurLogin("bob@example.com", "wrong"), storeorders.WithMercurLogin(shop.alice.Email, shop.alice.Password))
	require.NoError(t, err)
	assert.NoError(t, listGroups(t.Context(), client))
}

func TestATokenOfTheCallLogsNobodyIn(t *testing.T) {
	t.Parallel()
	shop := newFakeShop(t, nil)
	bob := shop.AddCustomer("bob")
	client, err := storeorders.NewClient(storeorders.WithHTTPClient(&http.Client{Transport: shop.Server}), storeorders.WithMercur(shop.MercurConfig()),
		storeorders.WithMercurLogin(shop.alice.Email, shop.alice.Password))
	require.NoError(t, err)
	require.NoError(t, listGroups(t.Context(), client, storeorders.WithToken(bob.Token)))
	err = listGroups(t.Context(), client, storeorders.WithToken("expired"))
	require.ErrorIs(t, err, storeorders.ErrUnauthorized)
	err = listGroups(t.Context(), client, storeorders.WithToken(""))
	require.ErrorIs(t, err, storeorders.ErrNoCredentials)
	require.Len(t, shop.Requests(), 2)
	assert.Equal(t, bob.Token, shop.Requests()[0].Token)
	assert.Zero(t, shop.posts(loginPath))
}

func TestAPasswordSourceShowsNothing(t *testing.T) {
	t.Parallel()
	server := &authServer{lifetime: time.Hour}
	// The server keeps what it was sent; a function is where reflection ends.
	client := server.client(t, storeorders.WithHTTPClient(&http.Client{Transport: transportFunc(server.RoundTrip)}))
	source := client.MercurAuth.PasswordSource(loginEmail, loginSecret)
	head, _, _ := strings.Cut(jwt("{}"), ".") // that all tokens of the server have
	check := func() {
		for _, v := range []any{
			source, &source,
			[]storeorders.TokenSource{source},
			client, *client, client.MercurAuth, *client.MercurAuth, client.SalesiveAuth,
			storeorders.WithMercurLogin(loginEmail, loginSecret), storeorders.WithTokenSource(source),
			&storeorders.MercurConfig{BaseURL: mercurURL, Token: source},
		} {
			assertPrintsNone(t, v, loginSecret, loginEmail, head)
		}
		for _, text := range reachable(source) {
			assert.NotContains(t, text, loginSecret)
			assert.NotContains(t, text, loginEmail)
			assert.NotContains(t, text, head)
		}
	}
	check()
	token, err := source.Token(t.Context())
	require.NoError(t, err)
	require.Contains(t, token, head)
	check()
}

// When a login is made.

func TestALoginWaitsUntilItIsNeeded(t *testing.T) {
	t.Parallel()
	server := &authServer{lifetime: time.Hour}
	client := server.client(t)
	client.MercurAuth.PasswordSource(loginEmail, loginSecret)
	assert.Empty(t, server.requests)
	for range 3 {
		require.NoError(t, listGroups(t.Context(), client))
	}
	assert.Equal(t, [3]int{1, 0, 0}, server.counts())
}

func TestHoweverManyAskThereIsOneLogin(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := &authServer{lifetime: time.Hour, delay: time.Second}
		source := server.client(t).MercurAuth.PasswordSource(loginEmail, loginSecret)
		tokens := make([]string, 100)
		var wg sync.WaitGroup
		for i := range tokens {
			wg.Go(func() {
				token, err := source.Token(t.Context())
				assert.NoError(t, err)
				tokens[i] = token
			})
		}
		wg.Wait()
		assert.Equal(t, [3]int{1, 0, 0}, server.counts())
		for _, token := range tokens {
			assert.NotEmpty(t, token)
			assert.Equal(t, tokens[0], token)
		}
	})
}

// A token is renewed a minute before it expires, or a fifth of its lifetime before. A second is kept back: its times are whole seconds.
func TestATokenIsRefreshedBeforeItExpires(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		lifetime, renewAt, expires time.Duration
	}{
		{24 * time.Hour, 24*time.Hour - 61*time.Second, 24*time.Hour - time.Second},
		{10 * time.Minute, 10*time.Minute - 61*time.Second, 10*time.Minute - time.Second},
		{100 * time.Second, 79 * time.Second, 99 * time.Second},
		{10 * time.Second, 7 * time.Second, 9 * time.Second},
		{3 * time.Second, 1400 * time.Millisecond, 2 * time.Second},
	} {
		for _, skew := range []time.Duration{0, time.Hour, -time.Hour} {
			for name, at := range map[string]struct {
				after time.Duration
				want  [3]int
			}{
				"before it is time":   {c.renewAt - 1, [3]int{1, 0, 0}},
				"when it is time":     {c.renewAt, [3]int{1, 1, 0}},
				"at the last moment":  {c.expires - 1, [3]int{1, 1, 0}},
				"when it is too late": {c.expires, [3]int{2, 0, 0}},
				"long after":          {c.lifetime * 3, [3]int{2, 0, 0}},
			} {
				t.Run(c.lifetime.String()+", the clock off by "+skew.String()+", "+name, func(t *testing.T) {
					t.Parallel()
					synctest.Test(t, func(t *testing.T) {
						server := &authServer{lifetime: c.lifetime, skew: skew}
						client := server.client(t)
						require.NoError(t, listGroups(t.Context(), client))
						require.NoError(t, sleep(t.Context(), at.after))
						require.NoError(t, listGroups(t.Context(), client))
						require.NoError(t, listGroups(t.Context(), client))
						assert.Equal(t, at.want, server.counts())
					})
				})
			}
		}
	}
}

func TestARefreshSendsTheTokenAndTheListTheNewOne(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := &authServer{lifetime: 100 * time.Second}
		client := server.client(t)
		require.NoError(t, listGroups(t.Context(), client))
		require.NoError(t, sleep(t.Context(), 80*time.Second))
		require.NoError(t, listGroups(t.Context(), client))
		var bearers []string
		for _, req := range server.requests {
			bearers = append(bearers, req.Header.Get("Authorization"))
		}
		require.Len(t, bearers, 4)
		assert.Empty(t, bearers[0])
		assert.Equal(t, bearers[1], bearers[2])
		assert.NotEqual(t, bearers[1], bearers[3])
	})
}

// The lifetime counts from when the token was asked for, as it may have been made at once and have come late.
func TestATokenThatCameLateIsRenewedInTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := &authServer{lifetime: 100 * time.Second, delay: 25 * time.Second}
		source := server.client(t).MercurAuth.PasswordSource(loginEmail, loginSecret)
		_, err := source.Token(t.Context())
		require.NoError(t, err)
		for renewals := range 3 {
			require.NoError(t, sleep(t.Context(), 54*time.Second)) // 79 seconds after it was made
			_, err = source.Token(t.Context())
			require.NoError(t, err)
			assert.Equal(t, [3]int{1, renewals + 1, 0}, server.counts())
		}
	})
}

// A token that has no times of its own is good until the server says otherwise.
func TestATokenWithoutTimesIsKeptUntilA401(t *testing.T) {
	t.Parallel()
	for name, claims := range map[string]string{
		"no times": `{"actor_id":"cus_1"}`, "iat": `{"iat":946684800}`, "a string": `{"iat":946684800,"exp":"946684900"}`,
		"too much": `{"iat":946684800,"exp":1e300}`, "negative": `{"iat":946684800,"exp":-1}`, "no object": `[]`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := &authServer{onLogin: each(granting(jwt(claims))), onList: func(n int) step {
					if n == 2 {
						return reply(http.StatusUnauthorized, notAuthorized)
					}
					return well
				}}
				client := server.client(t)
				for range 2 {
					require.NoError(t, listGroups(t.Context(), client))
					require.NoError(t, sleep(t.Context(), 1000*24*time.Hour))
				}
				assert.Equal(t, [3]int{1, 0, 0}, server.counts())
				require.NoError(t, listGroups(t.Context(), client))
				assert.Equal(t, [3]int{2, 0, 0}, server.counts())
			})
		})
	}
}

// Without an iat the local clock is all that there is to compare with.
func TestATokenWithoutItsTimeOfIssueIsRenewedByTheClock(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		expires := time.Now().Add(100 * time.Second).Unix()
		server := &authServer{onLogin: each(granting(jwt(`{"exp":` + strconv.FormatInt(expires, 10) + `}`))), onList: each(well)}
		client := server.client(t)
		require.NoError(t, listGroups(t.Context(), client))
		require.NoError(t, sleep(t.Context(), 78*time.Second))
		require.NoError(t, listGroups(t.Context(), client))
		assert.Zero(t, server.refreshes)
		require.NoError(t, sleep(t.Context(), time.Second))
		require.NoError(t, listGroups(t.Context(), client))
		assert.Equal(t, 1, server.refreshes)
	})
}

func TestATokenThatIsHardlyGoodIsUsedOnce(t *testing.T) {
	t.Parallel()
	for _, lifetime := range []time.Duration{time.Second, -time.Second, -time.Hour} {
		t.Run(lifetime.String(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := &authServer{lifetime: lifetime}
				source := server.client(t).MercurAuth.PasswordSource(loginEmail, loginSecret)
				for i := range 3 {
					_, err := source.Token(t.Context())
					require.NoError(t, err)
					assert.Equal(t, [3]int{i + 1, 0, 0}, server.counts())
				}
			})
		})
	}
}

func TestTokensThatHaveExpiredWhenTheyComeDoNotMakeALoop(t *testing.T) {
	t.Parallel()
	for _, lifetime := range []time.Duration{0, -time.Second, -time.Hour} {
		t.Run(lifetime.String(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				shop := newFakeShop(t, []storeorderstest.Option{storeorderstest.WithMercurTokenLifetime(lifetime)})
				source := shop.client.MercurAuth.PasswordSource(shop.alice.Email, shop.alice.Password)
				for call := range 3 {
					err := listGroups(t.Context(), shop.client, storeorders.WithTokenSource(source))
					assert.ErrorIs(t, err, storeorders.ErrUnauthorized)
					// One login for the call, and one for the 401.
					assert.LessOrEqual(t, shop.posts(loginPath), 2*(call+1))
					assert.Equal(t, int64(2*(call+1)), shop.refusals.Load())
					assert.Zero(t, shop.posts(refreshPath))
				}
			})
		})
	}
}

// When a renewal fails.

func TestARefreshThatFailsIsFollowedByALogin(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]step{
		"401": reply(http.StatusUnauthorized, notAuthorized), "500": reply(http.StatusInternalServerError, serverFell),
		"404": reply(http.StatusNotFound, "<html>", "Content-Type", "text/html"), "no JSON": reply(http.StatusOK, "<html>"),
		"no customer": reply(http.StatusOK, `{"token":"`+jwt(`{"actor_id":""}`)+`"}`),
		"reset":       broken(errors.New("connection reset")), "no answer": silent,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := &authServer{lifetime: 10 * time.Minute, onRefresh: each(answer)}
				client := server.client(t)
				require.NoError(t, listGroups(t.Context(), client))
				require.NoError(t, sleep(t.Context(), 9*time.Minute))
				require.NoError(t, listGroups(t.Context(), client))
				require.NoError(t, listGroups(t.Context(), client))
				assert.Equal(t, [3]int{2, 1, 0}, server.counts())
			})
		})
	}
}

// The time that a refresh took in vain is not taken off the token of the login after it.
func TestALoginAfterARefreshThatHungCountsFromItself(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := &authServer{lifetime: 100 * time.Second, onRefresh: nth(0, silent)}
		source := server.client(t).MercurAuth.PasswordSource(loginEmail, loginSecret)
		_, err := source.Token(t.Context())
		require.NoError(t, err)
		for _, after := range []time.Duration{79 * time.Second, 79*time.Second - 1} {
			require.NoError(t, sleep(t.Context(), after))
			_, err = source.Token(t.Context())
			require.NoError(t, err)
			assert.Equal(t, [3]int{2, 1, 0}, server.counts())
		}
	})
}

func TestATokenThatIsGoodIsGivenWhereItCannotBeRenewed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		down := reply(http.StatusServiceUnavailable, serverFell)
		server := &authServer{lifetime: 100 * time.Second, onRefresh: each(down), onLogin: func(n int) step {
			if n == 0 || n == 4 {
				return nil
			}
			return down
		}}
		client := server.client(t)
		require.NoError(t, listGroups(t.Context(), client))
		require.NoError(t, sleep(t.Context(), 80*time.Second))
		require.NoError(t, listGroups(t.Context(), client))
		assert.Equal(t, [3]int{2, 1, 0}, server.counts())
		require.NoError(t, listGroups(t.Context(), client))
		assert.Equal(t, [3]int{2, 1, 0}, server.counts(), "the next try waits for half of what is left")
		require.NoError(t, sleep(t.Context(), 10*time.Second))
		require.NoError(t, listGroups(t.Context(), client), "the failure is not kept")
		assert.Equal(t, [3]int{3, 2, 0}, server.counts())

		require.NoError(t, sleep(t.Context(), 9*time.Second))
		assert.ErrorIs(t, listGroups(t.Context(), client), storeorders.ErrServer, "it is good no longer")
		assert.Equal(t, [3]int{4, 2, 0}, server.counts())
		require.NoError(t, listGroups(t.Context(), client))
		assert.Equal(t, [3]int{5, 2, 0}, server.counts())
	})
}

// A token that expires while its renewal is under way is not given.
func TestATokenThatExpiredMeanwhileIsNotGiven(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := &authServer{lifetime: 100 * time.Second, onRefresh: each(silent), onLogin: func(n int) step {
			if n == 0 {
				return nil
			}
			return silent
		}}
		source := server.client(t).MercurAuth.PasswordSource(loginEmail, loginSecret)
		_, err := source.Token(t.Context())
		require.NoError(t, err)
		require.NoError(t, sleep(t.Context(), 80*time.Second))
		_, err = source.Token(t.Context())
		assert.ErrorIs(t, err, context.DeadlineExceeded)
	})
}

func TestAFailedLoginIsNotKept(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]step{
		"a refusal": reply(http.StatusUnauthorized, notAuthorized), "a failure": reply(http.StatusServiceUnavailable, serverFell),
		"no token": reply(http.StatusOK, `{"mfa_required":true}`), "no JSON": reply(http.StatusOK, "<html>"),
		"reset": broken(errors.New("connection reset")), "no answer": silent, "a redirect": reply(http.StatusFound, "", "Location", "/login"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := &authServer{lifetime: time.Hour, onLogin: nth(0, answer)}
				client := server.client(t)
				require.Error(t, listGroups(t.Context(), client))
				assert.Equal(t, [3]int{1, 0, 0}, server.counts(), "a login is not retried for a call that would be")
				assert.Zero(t, server.lists)
				assert.NoError(t, listGroups(t.Context(), client))
				assert.Equal(t, [3]int{2, 0, 0}, server.counts())
			})
		})
	}
}

func TestAllWhoWaitForALoginGetItsError(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := &authServer{lifetime: time.Hour, delay: time.Second, onLogin: nth(0, reply(http.StatusUnauthorized, notAuthorized))}
		source := server.client(t).MercurAuth.PasswordSource(loginEmail, loginSecret)
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				_, err := source.Token(t.Context())
				assert.ErrorIs(t, err, storeorders.ErrUnauthorized)
			})
		}
		wg.Wait()
		assert.Equal(t, [3]int{1, 0, 0}, server.counts())
	})
}

// With its database down a Mercur hangs for a minute, and then answers a login with 401.
func TestAnOutageThatLooksLikeAWrongPasswordIsTold(t *testing.T) {
	t.Parallel()
	const outage = "Knex: Timeout acquiring a connection. The pool is probably full. Are you missing a .transacting(trx) call?"
	synctest.Test(t, func(t *testing.T) {
		shop := newFakeShop(t, nil)
		shop.AddOrderGroups(shop.alice, 1, 1)
		client, err := storeorders.NewClient(storeorders.WithHTTPClient(&http.Client{Transport: shop.Server}),
			storeorders.WithMercur(shop.MercurConfig()), storeorders.WithMercurLogin(shop.alice.Email, shop.alice.Password),
			storeorders.WithAttemptTimeout(2*time.Minute))
		require.NoError(t, err)
		shop.Inject(storeorderstest.Answer(http.StatusUnauthorized, `{"type":"unauthorized","message":"`+outage+`"}`), storeorderstest.Auth, storeorderstest.First(1))
		shop.Inject(storeorderstest.Delay(time.Minute), storeorderstest.Auth, storeorderstest.First(1))

		start := time.Now()
		_, err = client.OrderGroups.List(t.Context(), nil)
		assert.ErrorIs(t, err, storeorders.ErrUnauthorized)
		assert.ErrorContains(t, err, outage)
		e := requireAPIError(t, err)
		assert.Equal(t, outage, e.Message)
		assert.Equal(t, "MercurAuth.Login", e.Op)
		assert.Equal(t, time.Minute, time.Since(start))
		assert.Len(t, shop.Requests(), 1)

		page, err := client.OrderGroups.List(t.Context(), nil)
		require.NoError(t, err)
		assert.Equal(t, 1, page.Count)
	})
}

func TestALoginErrorReachesWhoLists(t *testing.T) {
	t.Parallel()
	shop := newFakeShop(t, nil)
	shop.post(t, loginPath+"/register", "", `{"email":"ada@example.com","password":"countess"}`)
	client, err := storeorders.NewClient(storeorders.WithHTTPClient(&http.Client{Transport: shop.Server}),
		storeorders.WithMercur(shop.MercurConfig()), storeorders.WithMercurLogin("ada@example.com", "countess"))
	require.NoError(t, err)
	for group, err := range client.OrderGroups.All(t.Context(), nil) {
		assert.Nil(t, group)
		assert.Equal(t, "no_actor", requireLoginError(t, err).Reason)
		assert.ErrorContains(t, err, "OrderGroups.All")
	}
	assert.Equal(t, 1, shop.posts(loginPath))
}

// What a 401 does.

func TestATokenThatIsRefusedIsReplacedByALogin(t *testing.T) {
	t.Parallel()
	server := &authServer{lifetime: time.Hour, onList: nth(1, reply(http.StatusUnauthorized, notAuthorized))}
	client := server.client(t)
	for range 3 {
		require.NoError(t, listGroups(t.Context(), client))
	}
	assert.Equal(t, [3]int{2, 0, 0}, server.counts())
	assert.Equal(t, 4, server.lists)
}

func TestManyRefusalsOfATokenAreOneLogin(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var revoked string
		refused := 0
		server := &authServer{lifetime: time.Hour, delay: time.Second}
		server.onList = func(int) step {
			return func(req *http.Request) (*http.Response, error) {
				server.mu.Lock()
				defer server.mu.Unlock()
				if req.Header.Get("Authorization") == revoked {
					refused++
					return reply(http.StatusUnauthorized, notAuthorized)(req)
				}
				return well(req)
			}
		}
		client := server.client(t)
		require.NoError(t, listGroups(t.Context(), client))
		revoked = server.requests[1].Header.Get("Authorization")
		var wg sync.WaitGroup
		for i := range 100 {
			wg.Go(func() {
				// Some are refused before the login, some while it is under way, and some after it.
				assert.NoError(t, sleep(t.Context(), time.Duration(i)*30*time.Millisecond))
				assert.NoError(t, listGroups(t.Context(), client))
			})
		}
		wg.Wait()
		assert.Equal(t, [3]int{2, 0, 0}, server.counts())
		assert.Greater(t, refused, 10)
	})
}

func TestAllRefusalsAtOnceAreOneLogin(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := &authServer{lifetime: time.Hour, delay: time.Second, onList: func(n int) step {
			if n < 100 {
				return reply(http.StatusUnauthorized, notAuthorized)
			}
			return nil
		}}
		client := server.client(t)
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() { assert.NoError(t, listGroups(t.Context(), client)) })
		}
		wg.Wait()
		assert.Equal(t, [3]int{2, 0, 0}, server.counts())
		assert.Equal(t, 200, server.lists)
	})
}

func TestARefusalThatComesLateDoesNotCostTheNewToken(t *testing.T) {
	t.Parallel()
	server := &authServer{lifetime: time.Hour}
	source := server.client(t).MercurAuth.PasswordSource(loginEmail, loginSecret)
	renewing, ok := source.(interface{ Invalidate(token string) })
	require.True(t, ok)
	old, err := source.Token(t.Context())
	require.NoError(t, err)
	renewing.Invalidate("another")
	renewing.Invalidate("")
	again, err := source.Token(t.Context())
	require.NoError(t, err)
	assert.Equal(t, old, again)
	renewing.Invalidate(old)
	replaced, err := source.Token(t.Context())
	require.NoError(t, err)
	assert.NotEqual(t, old, replaced)
	renewing.Invalidate(old)
	again, err = source.Token(t.Context())
	require.NoError(t, err)
	assert.Equal(t, replaced, again)
	assert.Equal(t, [3]int{2, 0, 0}, server.counts())
}

func TestAServerThatRefusesEveryTokenDoesNotMakeALoop(t *testing.T) {
	t.Parallel()
	server := &authServer{lifetime: time.Hour, onList: each(reply(http.StatusUnauthorized, notAuthorized))}
	client := server.client(t)
	for call := range 3 {
		err := listGroups(t.Context(), client)
		assert.ErrorIs(t, err, storeorders.ErrUnauthorized)
		assert.Equal(t, 2, requireAPIError(t, err).Attempts)
		assert.Equal(t, 2*(call+1), server.lists)
		assert.Equal(t, [3]int{call + 2, 0, 0}, server.counts(), "one login, and one for each token that was refused in a call")
	}
}

// A refused token is not refreshed, and not given again where the login fails, though by its times it would be good.
func TestARefusedTokenIsNotGivenAgain(t *testing.T) {
	t.Parallel()
	server := &authServer{
		lifetime: time.Hour, onList: each(reply(http.StatusUnauthorized, notAuthorized)),
		onLogin: nth(1, reply(http.StatusServiceUnavailable, serverFell)),
	}
	client := server.client(t)
	err := listGroups(t.Context(), client)
	assert.ErrorIs(t, err, storeorders.ErrServer)
	assert.ErrorIs(t, err, storeorders.ErrUnauthorized, "the answer to the list stands beside it")
	assert.Equal(t, [3]int{2, 0, 0}, server.counts())
	assert.Equal(t, 1, server.lists)
}

// A token that is refused while its refresh is under way is not given either, where the refresh and the login fail.
func TestATokenThatIsRefusedWhileItIsRenewedIsNotGiven(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		down := reply(http.StatusServiceUnavailable, serverFell)
		server := &authServer{lifetime: 100 * time.Second, delay: time.Second, onRefresh: each(down), onLogin: nth(1, down)}
		source := server.client(t).MercurAuth.PasswordSource(loginEmail, loginSecret)
		renewing, ok := source.(interface{ Invalidate(token string) })
		require.True(t, ok)
		old, err := source.Token(t.Context())
		require.NoError(t, err)
		require.NoError(t, sleep(t.Context(), 80*time.Second))
		time.AfterFunc(500*time.Millisecond, func() { renewing.Invalidate(old) })
		_, err = source.Token(t.Context())
		assert.ErrorIs(t, err, storeorders.ErrServer)
	})
}

// Who waits, and who leaves.

func TestACallerWhoLeavesDoesNotTakeTheLoginAlong(t *testing.T) {
	t.Parallel()
	for _, leaver := range []int{0, 1} { // the one who was first to need it, and another
		t.Run(strconv.Itoa(leaver), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := &authServer{lifetime: time.Hour, delay: 10 * time.Second}
				source := server.client(t).MercurAuth.PasswordSource(loginEmail, loginSecret)
				start := time.Now()
				var wg sync.WaitGroup
				for i := range 3 {
					ctx, cancel := context.WithCancel(t.Context())
					if i == leaver {
						time.AfterFunc(time.Second, cancel)
					}
					wg.Go(func() {
						defer cancel()
						token, err := source.Token(ctx)
						if i == leaver {
							assert.ErrorIs(t, err, context.Canceled)
							assert.Equal(t, time.Second, time.Since(start), "nobody waits who has left")
							return
						}
						assert.NoError(t, err)
						assert.NotEmpty(t, token)
						assert.Equal(t, 10*time.Second, time.Since(start))
					})
					synctest.Wait() // one after the other
				}
				wg.Wait()
				assert.Equal(t, [3]int{1, 0, 0}, server.counts())
			})
		})
	}
}

func TestALoginThatNobodyWaitsForIsCanceled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := &authServer{lifetime: time.Hour, onLogin: nth(0, silent)}
		client := server.client(t)
		var wg sync.WaitGroup
		for i := range 3 {
			wg.Go(func() {
				ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i+1)*time.Second)
				defer cancel()
				assert.ErrorIs(t, listGroups(ctx, client), context.DeadlineExceeded)
			})
		}
		require.NoError(t, sleep(t.Context(), 2500*time.Millisecond))
		assert.NoError(t, server.requests[0].Context().Err(), "one is waiting yet")
		wg.Wait()
		synctest.Wait()
		assert.Error(t, server.requests[0].Context().Err())

		start := time.Now()
		require.NoError(t, listGroups(t.Context(), client), "the next one begins anew")
		assert.Equal(t, [3]int{2, 0, 0}, server.counts())
		assert.Zero(t, time.Since(start))
	})
}

// The next caller does not wait for a transport that is slow to give up.
func TestALoginThatWasCanceledIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := &authServer{lifetime: time.Hour, onLogin: nth(0, func(req *http.Request) (*http.Response, error) {
			<-req.Context().Done()
			<-time.After(10 * time.Second)
			return nil, req.Context().Err()
		})}
		source := server.client(t).MercurAuth.PasswordSource(loginEmail, loginSecret)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := source.Token(ctx)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		first, err := source.Token(t.Context())
		require.NoError(t, err)
		require.NoError(t, sleep(t.Context(), time.Minute))
		second, err := source.Token(t.Context())
		require.NoError(t, err, "nothing of the first one sticks")
		assert.Equal(t, first, second)
		assert.Equal(t, [3]int{2, 0, 0}, server.counts())
	})
}

// One that was canceled, and ends late, does not make others forget the one after it.
func TestALoginThatWasCanceledLeavesTheNextOneAlone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		after := func(wait time.Duration, answer step) step {
			return func(req *http.Request) (*http.Response, error) {
				<-time.After(wait)
				return answer(req)
			}
		}
		server := &authServer{lifetime: time.Hour, onLogin: func(n int) step {
			if n == 0 {
				return after(10*time.Second, broken(context.Canceled))
			}
			return after(20*time.Second, granting(grantedToken))
		}}
		source := server.client(t).MercurAuth.PasswordSource(loginEmail, loginSecret)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := source.Token(ctx)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		var wg sync.WaitGroup
		for range 2 { // one before the first login ends, and one after
			wg.Go(func() {
				token, err := source.Token(t.Context())
				assert.NoError(t, err)
				assert.Equal(t, grantedToken, token)
			})
			require.NoError(t, sleep(t.Context(), 15*time.Second))
		}
		wg.Wait()
		assert.Equal(t, [3]int{2, 0, 0}, server.counts())
	})
}

func TestARefreshThatNobodyWaitsForDoesNotBecomeALogin(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := &authServer{lifetime: 100 * time.Second, onRefresh: nth(0, silent)}
		source := server.client(t).MercurAuth.PasswordSource(loginEmail, loginSecret)
		_, err := source.Token(t.Context())
		require.NoError(t, err)
		require.NoError(t, sleep(t.Context(), 80*time.Second))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err = source.Token(ctx)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		synctest.Wait()
		assert.Equal(t, [3]int{1, 1, 0}, server.counts())
		require.NoError(t, sleep(t.Context(), 10*time.Second))
		_, err = source.Token(t.Context())
		require.NoError(t, err)
		assert.Equal(t, [3]int{1, 2, 0}, server.counts())
	})
}

// A login service that hangs delays one caller now and then, and takes the good token from nobody else.
func TestALoginServiceThatHangsDoesNotTakeAGoodToken(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := &authServer{lifetime: 24 * time.Hour, onRefresh: each(silent), onLogin: func(n int) step {
			if n == 0 {
				return nil
			}
			return silent
		}}
		source := server.client(t).MercurAuth.PasswordSource(loginEmail, loginSecret)
		token, err := source.Token(t.Context())
		require.NoError(t, err)
		require.NoError(t, sleep(t.Context(), 24*time.Hour-time.Minute))
		ask := func() error {
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			defer cancel()
			given, err := source.Token(ctx)
			if err == nil {
				assert.Equal(t, token, given)
			}
			return err
		}
		first := make(chan error)
		go func() { first <- ask() }()
		synctest.Wait()
		for range 10 {
			require.NoError(t, ask(), "while another one waits for the renewal")
		}
		require.ErrorIs(t, <-first, context.DeadlineExceeded)
		for range 10 {
			require.NoError(t, ask(), "after it")
		}
		assert.Equal(t, [3]int{1, 1, 0}, server.counts())
	})
}

// slowContext tells that it has ended when whatever was begun has gone as far as it can.
type slowContext struct{ context.Context } //nolint:containedctx // it is a context

func (c slowContext) Done() <-chan struct{} {
	synctest.Wait()
	return c.Context.Done()
}

func TestWhoHasLeftAlreadyLogsNobodyIn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := &authServer{lifetime: time.Hour, delay: time.Second}
		source := server.client(t).MercurAuth.PasswordSource(loginEmail, loginSecret)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := source.Token(slowContext{ctx})
		assert.ErrorIs(t, err, context.Canceled)
		assert.Equal(t, [3]int{}, server.counts())
	})
}

// The deadline of who asked first is not that of the others; a login has its own bound.
func TestALoginIsBoundedByTheAttemptTimeout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := &authServer{lifetime: time.Hour, onLogin: nth(0, silent)}
		client := server.client(t, storeorders.WithAttemptTimeout(10*time.Second))
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		start := time.Now()
		err := listGroups(ctx, client)
		assert.ErrorIs(t, err, context.DeadlineExceeded)
		assert.ErrorContains(t, err, "attempt timeout")
		assert.Equal(t, 10*time.Second, time.Since(start))
		assert.NoError(t, listGroups(ctx, client))
	})
}

func TestALoginHasTheValuesOfTheCallButNotItsDeadline(t *testing.T) {
	t.Parallel()
	type key struct{}
	server := &authServer{lifetime: time.Hour}
	client := server.client(t, storeorders.WithAttemptTimeout(time.Minute))
	ctx, cancel := context.WithTimeout(context.WithValue(t.Context(), key{}, "trace-1"), time.Hour)
	defer cancel()
	require.NoError(t, listGroups(ctx, client))
	login := server.requests[0]
	require.Equal(t, loginPath, login.URL.Path)
	assert.Equal(t, "trace-1", login.Context().Value(key{}))
}

func TestTheAttemptTimeoutOfACallDoesNotRunWhileItLogsIn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := &authServer{lifetime: time.Hour, delay: 8 * time.Second}
		client := server.client(t, storeorders.WithAttemptTimeout(10*time.Second), retries(0))
		start := time.Now()
		require.NoError(t, listGroups(t.Context(), client))
		assert.Equal(t, 16*time.Second, time.Since(start))
	})
}

// Walks and crowds.

func TestAWalkGoesOnAcrossTheExpiryOfItsTokens(t *testing.T) {
	t.Parallel()
	for _, lifetime := range []time.Duration{2 * time.Second, 3 * time.Second, 10 * time.Second} {
		t.Run(lifetime.String(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				shop := newFakeShop(t, []storeorderstest.Option{storeorderstest.WithMercurTokenLifetime(lifetime)})
				source := shop.client.MercurAuth.PasswordSource(shop.alice.Email, shop.alice.Password)
				want := shop.AddOrderGroups(shop.alice, 60, 1)
				shop.Inject(storeorderstest.Delay(500*time.Millisecond), storeorderstest.MercurList)
				start := time.Now()
				groups, err := storeorders.Collect(shop.client.OrderGroups.All(t.Context(),
					&storeorders.OrderGroupListOptions{Limit: 2}, storeorders.WithTokenSource(source)), 0)
				require.NoError(t, err)
				seen := map[string]int{}
				for _, group := range groups {
					seen[group.ID]++
				}
				assert.Len(t, groups, len(want))
				for _, group := range want {
					assert.Equal(t, 1, seen[group.ID], group.ID)
				}
				t.Logf("30 pages in %v: %d logins, %d refreshes, %d answers of 401", time.Since(start),
					shop.posts(loginPath), shop.posts(refreshPath), shop.refusals.Load())
				assert.Equal(t, 15*time.Second, time.Since(start))
				assert.Zero(t, shop.refusals.Load())
				assert.Positive(t, shop.posts(loginPath)+shop.posts(refreshPath)-1, "a token expired on the way")
			})
		})
	}
}

func TestAWalkLogsInAgainForEachRefusal(t *testing.T) {
	t.Parallel()
	for _, every := range []int{2, 3, 7} {
		t.Run(strconv.Itoa(every), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				shop := newFakeShop(t, nil)
				source := shop.client.MercurAuth.PasswordSource(shop.alice.Email, shop.alice.Password)
				shop.AddOrderGroups(shop.alice, 60, 1)
				refused := shop.Inject(storeorderstest.Status(http.StatusUnauthorized), storeorderstest.MercurList, storeorderstest.Every(every))
				groups, err := storeorders.Collect(shop.client.OrderGroups.All(t.Context(),
					&storeorders.OrderGroupListOptions{Limit: 2}, storeorders.WithTokenSource(source)), 0)
				require.NoError(t, err)
				seen := map[string]bool{}
				for _, group := range groups {
					seen[group.ID] = true
				}
				assert.Len(t, groups, 60)
				assert.Len(t, seen, 60)
				t.Logf("%d answers of 401, %d logins, %d refreshes", refused.Hits(), shop.posts(loginPath), shop.posts(refreshPath))
				assert.Positive(t, refused.Hits())
				assert.Equal(t, 1+refused.Hits(), shop.posts(loginPath))
				assert.Zero(t, shop.posts(refreshPath))
			})
		})
	}
}

// In a walk that reads ahead, several pages may meet the same refusal.
func TestAWalkThatReadsAheadLogsInOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		shop := newFakeShop(t, []storeorderstest.Option{storeorderstest.WithMercurTokenLifetime(3 * time.Second)})
		source := shop.client.MercurAuth.PasswordSource(shop.alice.Email, shop.alice.Password)
		shop.AddOrderGroups(shop.alice, 60, 1)
		shop.Inject(storeorderstest.Delay(500*time.Millisecond), storeorderstest.MercurList)
		start := time.Now()
		groups, err := storeorders.Collect(shop.client.OrderGroups.All(t.Context(), &storeorders.OrderGroupListOptions{Limit: 2},
			storeorders.WithTokenSource(source), storeorders.WithPrefetch(4)), 0)
		require.NoError(t, err)
		assert.Len(t, groups, 60)
		assert.Zero(t, shop.refusals.Load())
		renewals := shop.posts(loginPath) + shop.posts(refreshPath)
		assert.LessOrEqual(t, renewals, 1+int(time.Since(start)/(1400*time.Millisecond)))
	})
}

// Each token is renewed once, however many use it, and whenever they come.
func TestACrowdRenewsEachTokenOnce(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ lifetime, skew, soonest time.Duration }{
		{3 * time.Second, 0, 1400 * time.Millisecond},
		{30 * time.Second, time.Hour, 23 * time.Second},
		{10 * time.Minute, -time.Hour, 10*time.Minute - 61*time.Second},
	} {
		t.Run(c.lifetime.String()+", the clock off by "+c.skew.String(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := &authServer{lifetime: c.lifetime, skew: c.skew, delay: 50 * time.Millisecond}
				client := server.client(t)
				var calls atomic.Int64
				start := time.Now()
				var wg sync.WaitGroup
				for g := range 100 {
					wg.Go(func() {
						for i := 0; time.Since(start) < 4*c.lifetime; i++ {
							// Of each its own rhythm, between a 60th and a third of the lifetime.
							pause := c.lifetime * time.Duration(1+(g*7+i*13)%20) / 60
							if sleep(t.Context(), pause) != nil || !assert.NoError(t, listGroups(t.Context(), client)) {
								return
							}
							calls.Add(1)
						}
					})
				}
				wg.Wait()
				counts := server.counts()
				t.Logf("%d calls in %v: %d logins, %d refreshes", calls.Load(), time.Since(start), counts[0], counts[1])
				assert.Zero(t, counts[2], "no token was refused")
				assert.Equal(t, 1, counts[0])
				assert.Positive(t, counts[1])
				for i := 1; i < len(server.grants); i++ {
					assert.GreaterOrEqual(t, server.grants[i].Sub(server.grants[i-1]), c.soonest)
				}
			})
		})
	}
}
