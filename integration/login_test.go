//go:build integration

package integration_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-2861b391/storeorders"
)

// tokenLifetime is how long the tokens of a short-lived server are good for.
const tokenLifetime = 3 * time.Second

// startShortLived starts a second Mercur on the same data, and gives its URL.
// Its logins give tokens that live for the tokenLifetime.
func startShortLived(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // it is closed at once: only the port is wanted
	require.NoError(t, err)
	_, port, err := net.SplitHostPort(listener.Addr().String())
	require.NoError(t, err)
	require.NoError(t, listener.Close())

	log, err := os.Create(t.TempDir() + "/server.log")
	require.NoError(t, err)
	command := exec.CommandContext(context.WithoutCancel(t.Context()), //nolint:gosec // the port is this function's own
		"node", "node_modules/@medusajs/cli/cli.js", "start", "--host", "127.0.0.1", "--port", port)
	command.Dir = "mercur/backend"
	command.Env = append(os.Environ(), "PORT="+port, "DATABASE_URL="+os.Getenv("MERCUR_DATABASE_URL"), "NODE_ENV=live",
		"JWT_SECRET=another-loopback-only-not-a-secret", fmt.Sprintf("JWT_EXPIRES_IN=%ds", int(tokenLifetime.Seconds())),
		"MEDUSA_DISABLE_TELEMETRY=true", "NO_COLOR=1")
	command.Stdout, command.Stderr = log, log
	require.NoError(t, command.Start())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = command.Wait() // why it ended is in its log
	}()
	t.Cleanup(func() {
		_ = command.Process.Signal(syscall.SIGTERM)
		select {
		case <-ended:
		case <-time.After(10 * time.Second):
			_ = command.Process.Kill()
			<-ended
		}
	})

	url := "http://127.0.0.1:" + port
	for deadline := time.Now().Add(2 * time.Minute); ; time.Sleep(100 * time.Millisecond) { //nolint:forbidigo // a server does not say when it listens
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+"/health", http.NoBody)
		require.NoError(t, err)
		if resp, err := http.DefaultTransport.RoundTrip(req); err == nil {
			require.NoError(t, resp.Body.Close())
			if resp.StatusCode == http.StatusOK {
				return url
			}
		}
		select {
		case <-ended:
			text, err := os.ReadFile(log.Name())
			require.NoError(t, err)
			require.Fail(t, "the server ended", string(text))
		default:
		}
		require.True(t, time.Now().Before(deadline), "no answer from %s/health", url)
	}
}

// authTraffic counts what a client sends on account of its tokens.
type authTraffic struct{ logins, refreshes, unauthorized, pages atomic.Int64 }

func (a *authTraffic) String() string {
	return fmt.Sprintf("%d pages, %d logins, %d refreshes, %d answers 401",
		a.pages.Load(), a.logins.Load(), a.refreshes.Load(), a.unauthorized.Load())
}

// middleware counts, and gives each page the time that it is to take.
func (a *authTraffic) middleware(page time.Duration) storeorders.Option {
	return storeorders.WithMiddleware(func(next http.RoundTripper) http.RoundTripper {
		return roundTripper(func(req *http.Request) (*http.Response, error) {
			switch {
			case strings.HasSuffix(req.URL.Path, "/auth/customer/emailpass"):
				a.logins.Add(1)
			case strings.HasSuffix(req.URL.Path, "/auth/token/refresh"):
				a.refreshes.Add(1)
			default:
				a.pages.Add(1)
				time.Sleep(page) //nolint:forbidigo // the server's clock is what the tokens expire by
			}
			resp, err := next.RoundTrip(req)
			if err == nil && resp.StatusCode == http.StatusUnauthorized {
				a.unauthorized.Add(1)
			}
			return resp, err
		})
	})
}

// loginOn401 logs in when the server refuses a token, and not before.
type loginOn401 struct {
	auth *storeorders.MercurAuthService

	mu    sync.Mutex
	token *storeorders.Token
}

func (s *loginOn401) Token(ctx context.Context) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var err error
	if s.token == nil {
		s.token, err = s.auth.Login(ctx, os.Getenv("MERCUR_EMAIL_A"), os.Getenv("MERCUR_PASSWORD"))
	}
	return s.token.Value(), err
}

func (s *loginOn401) Invalidate(string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.token = nil
}

func TestTokensThatLiveThreeSeconds(t *testing.T) {
	t.Parallel()
	url := startShortLived(t)
	email, password := os.Getenv("MERCUR_EMAIL_A"), os.Getenv("MERCUR_PASSWORD")
	at := func(url string) storeorders.Option {
		return storeorders.WithMercur(storeorders.MercurConfig{BaseURL: url, PublishableKey: live.publishableKey})
	}
	want := idsOf(live.seed.groupsOf("A"))

	t.Run("a token says when it expires", func(t *testing.T) {
		t.Parallel()
		client := newClient(t, at(url))
		before := time.Now().Add(-time.Second) // tokens count whole seconds
		token, err := client.MercurAuth.Login(t.Context(), email, password)
		require.NoError(t, err)
		assert.WithinRange(t, token.Expiry, before.Add(tokenLifetime), time.Now().Add(tokenLifetime))
		renewed, err := client.MercurAuth.Refresh(t.Context(), token.Value())
		require.NoError(t, err)
		_, err = client.OrderGroups.List(t.Context(), nil, storeorders.WithToken(renewed.Value()))
		require.NoError(t, err)

		time.Sleep(tokenLifetime + time.Second) //nolint:forbidigo // the server's clock is what the tokens expire by
		_, err = client.OrderGroups.List(t.Context(), nil, storeorders.WithToken(renewed.Value()))
		require.ErrorIs(t, err, storeorders.ErrUnauthorized)
		_, err = client.MercurAuth.Refresh(t.Context(), renewed.Value())
		require.ErrorIs(t, err, storeorders.ErrUnauthorized, "an expired token cannot be refreshed")
	})
	t.Run("a walk outlives them", func(t *testing.T) {
		t.Parallel()
		var traffic authTraffic
		client := newClient(t, at(url), storeorders.WithMercurLogin(email, password), traffic.middleware(300*time.Millisecond))
		groups, err := storeorders.Collect(client.OrderGroups.All(t.Context(), &storeorders.OrderGroupListOptions{Limit: 1}), 0)
		require.NoError(t, err)
		assert.ElementsMatch(t, want, idsOfPointers(groups))
		assert.GreaterOrEqual(t, traffic.pages.Load(), int64(30))
		assert.Equal(t, int64(1), traffic.logins.Load())
		assert.GreaterOrEqual(t, traffic.refreshes.Load(), int64(3))
		assert.Zero(t, traffic.unauthorized.Load())
		t.Logf("figures: %v", &traffic)
	})
	t.Run("a walk of a source that only hears of 401s outlives them", func(t *testing.T) {
		t.Parallel()
		var traffic authTraffic
		client := newClient(t, at(url), traffic.middleware(300*time.Millisecond))
		source := &loginOn401{auth: client.MercurAuth}
		groups, err := storeorders.Collect(client.OrderGroups.All(t.Context(), &storeorders.OrderGroupListOptions{Limit: 1},
			storeorders.WithTokenSource(source)), 0)
		require.NoError(t, err)
		assert.ElementsMatch(t, want, idsOfPointers(groups))
		assert.GreaterOrEqual(t, traffic.unauthorized.Load(), int64(2))
		assert.Equal(t, traffic.unauthorized.Load()+1, traffic.logins.Load())
		t.Logf("figures: %v", &traffic)
	})
}

func TestAHundredGoroutinesLogInOnce(t *testing.T) {
	t.Parallel()
	var traffic authTraffic
	client := newClient(t,
		storeorders.WithMercur(storeorders.MercurConfig{BaseURL: live.url, PublishableKey: live.publishableKey}),
		storeorders.WithMercurLogin(os.Getenv("MERCUR_EMAIL_A"), os.Getenv("MERCUR_PASSWORD")), traffic.middleware(0))
	var all sync.WaitGroup
	for range 100 {
		all.Go(func() {
			page, err := client.OrderGroups.List(t.Context(), &storeorders.OrderGroupListOptions{Limit: 1, Fields: []string{"id"}})
			if assert.NoError(t, err) {
				assert.Equal(t, 30, page.Count)
			}
		})
	}
	all.Wait()
	assert.Equal(t, int64(1), traffic.logins.Load())
	assert.Zero(t, traffic.unauthorized.Load())
	t.Logf("figures: %v", &traffic)
}

func TestLoginsThatFail(t *testing.T) {
	t.Parallel()
	client := newClient(t)
	for name, test := range map[string]struct{ email, password string }{
		"a wrong password":                {os.Getenv("MERCUR_EMAIL_A"), "wrong"},
		"an unknown address":              {"nobody@example.com", os.Getenv("MERCUR_PASSWORD")},
		"the address in capitals":         {strings.ToUpper(os.Getenv("MERCUR_EMAIL_A")), os.Getenv("MERCUR_PASSWORD")},
		"a password that is all of UTF-8": {os.Getenv("MERCUR_EMAIL_A"), "\"\\\u2028ß\x00"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := client.MercurAuth.Login(t.Context(), test.email, test.password)
			require.ErrorIs(t, err, storeorders.ErrUnauthorized)
			assert.ErrorContains(t, err, "storeorders: MercurAuth.Login: POST /auth/customer/emailpass: 401 unauthorized: Invalid email or password (1 attempt)")
		})
	}
	_, err := client.OrderGroups.List(t.Context(), nil,
		storeorders.WithTokenSource(client.MercurAuth.PasswordSource(os.Getenv("MERCUR_EMAIL_A"), "wrong")))
	require.ErrorIs(t, err, storeorders.ErrUnauthorized)
	assert.ErrorContains(t, err, "Invalid email or password")
}

// Who registered and is no customer yet has a token that opens nothing.
func TestALoginWithoutACustomer(t *testing.T) {
	t.Parallel()
	client := newClient(t)
	email := fmt.Sprintf("registered-%d@example.com", time.Now().UnixNano())
	body := strings.NewReader(`{"email":"` + email + `","password":"supersecret"}`)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, live.url+"/auth/customer/emailpass/register", body)
	require.NoError(t, err)
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultTransport.RoundTrip(req)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, http.StatusOK, resp.StatusCode)

	_, err = client.MercurAuth.Login(t.Context(), email, "supersecret")
	var loginError *storeorders.LoginError
	require.ErrorAs(t, err, &loginError)
	assert.Equal(t, "no_actor", loginError.Reason)
}
