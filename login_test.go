package storeorders_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-2861b391/storeorders"
	"github.com/seed-2861b391/storeorders/storeorderstest"
)

const (
	loginEmail  = "alice@example.com"
	loginSecret = "word-of-the-login-8Hq2"

	loginPath   = "/auth/customer/emailpass"
	refreshPath = "/auth/token/refresh"
)

// loginRequest is one of the requests of a login.
type loginRequest struct {
	name, path string
	mercur     bool
	body       string // for loginEmail and loginSecret
	bearer     string // likewise
	call       func(context.Context, *storeorders.Client) error
}

// logins are all of them, with the secret as the password, the code and the token to be renewed.
func logins(secret string) []loginRequest {
	return []loginRequest{
		{
			"MercurAuth.Login", loginPath, true, `{"email":"` + loginEmail + `","password":"` + loginSecret + `"}`, "",
			func(ctx context.Context, c *storeorders.Client) error {
				_, err := c.MercurAuth.Login(ctx, loginEmail, secret)
				return err
			},
		},
		{
			"MercurAuth.Refresh", refreshPath, true, "", "Bearer " + loginSecret,
			func(ctx context.Context, c *storeorders.Client) error {
				_, err := c.MercurAuth.Refresh(ctx, secret)
				return err
			},
		},
		{
			"SalesiveAuth.SendCode", "/auth/authenticate", false, `{"email":"` + loginEmail + `"}`, "",
			func(ctx context.Context, c *storeorders.Client) error {
				return c.SalesiveAuth.SendCode(ctx, loginEmail)
			},
		},
		{
			"SalesiveAuth.VerifyCode", "/auth/verify", false, `{"email":"` + loginEmail + `","otp":"` + loginSecret + `"}`, "",
			func(ctx context.Context, c *storeorders.Client) error {
				_, err := c.SalesiveAuth.VerifyCode(ctx, loginEmail, secret)
				return err
			},
		},
		{
			"SalesiveAuth.Guest", "/auth/ghost", false, `{}`, "",
			func(ctx context.Context, c *storeorders.Client) error {
				_, err := c.SalesiveAuth.Guest(ctx)
				return err
			},
		},
	}
}

// tells reports whether the request holds the secret as one. Who asks for a code or as a guest has none yet, and what is very short is no token.
func (l loginRequest) tells(secret string) bool {
	return strings.Contains(l.body, loginSecret) || l.bearer != "" && len(secret) >= 8
}

// granting gives the token in the answer of either API.
func granting(token string) step {
	text, _ := json.Marshal(token)
	return reply(http.StatusOK, `{"token":`+string(text)+`,"status":200,"success":true,"message":"well","data":{"token":`+string(text)+`}}`)
}

// jwt is a JSON Web Token with the claims, signed by nobody.
func jwt(claims string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." +
		base64.RawURLEncoding.EncodeToString([]byte(claims)) + ".c2lnbmF0dXJl"
}

// bodyOf reads the body of a request.
func bodyOf(t *testing.T, req *http.Request) string {
	t.Helper()
	if req.Body == nil {
		return ""
	}
	body, err := io.ReadAll(req.Body)
	require.NoError(t, err)
	return string(body)
}

func requireLoginError(t *testing.T, err error) *storeorders.LoginError {
	t.Helper()
	var loginError *storeorders.LoginError
	require.ErrorAs(t, err, &loginError)
	return loginError
}

func debugLogger(w io.Writer) storeorders.Option {
	return storeorders.WithLogger(slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: slog.LevelDebug})))
}

// The request.

func TestALoginIsSentAsDocumented(t *testing.T) {
	t.Parallel()
	for _, base := range []string{"", "/base/path"} {
		for _, login := range logins(loginSecret) {
			t.Run(login.name+" below "+base+"/", func(t *testing.T) {
				t.Parallel()
				var body string
				server := always(func(req *http.Request) (*http.Response, error) {
					body = bodyOf(t, req)
					return granting(grantedToken)(req)
				})
				client := clientAt(t, mercurURL+base, mercurURL+base, storeorders.WithHTTPClient(&http.Client{Transport: server}))
				require.NoError(t, login.call(t.Context(), client))
				require.Len(t, server.sent(), 1)
				req := server.sent()[0]
				assert.Equal(t, http.MethodPost, req.Method)
				assert.Equal(t, mercurURL+base+login.path, req.URL.String())
				assert.Equal(t, jsonContentType, req.Header.Get("Content-Type"))
				assert.Equal(t, login.body, body)
				assert.Equal(t, int64(len(login.body)), req.ContentLength)
				// The default token of the client is somebody's, and does not go along.
				assert.Equal(t, login.bearer, req.Header.Get("Authorization"))
				if login.mercur {
					assert.Empty(t, req.Header.Get("X-Shop-Id"))
				} else {
					assert.Equal(t, defaultShop, req.Header.Get("X-Shop-Id"))
					assert.Empty(t, req.Header.Get("X-Publishable-Api-Key"))
				}
			})
		}
	}
}

// The standard library announces no length of a body that it believes to be unknown.
func TestALoginHasALengthOnTheWire(t *testing.T) {
	t.Parallel()
	type arrived struct {
		length   string
		encoding []string
	}
	for _, login := range logins(loginSecret) {
		t.Run(login.name, func(t *testing.T) {
			t.Parallel()
			requests := make(chan arrived, 1)
			server := newHost(t, func(w http.ResponseWriter, req *http.Request) {
				requests <- arrived{req.Header.Get("Content-Length"), req.TransferEncoding}
				writeJSON(w, http.StatusOK, `{"token":"`+grantedToken+`","success":true,"data":{"token":"`+grantedToken+`"}}`)
			})
			client := clientAt(t, server.URL, server.URL)
			defer client.CloseIdleConnections()
			require.NoError(t, login.call(t.Context(), client))
			assert.Equal(t, arrived{length: strconv.Itoa(len(login.body))}, <-requests)
		})
	}
}

func TestALoginNeedsNoPublishableKeyNorShopID(t *testing.T) {
	t.Parallel()
	for _, login := range logins(loginSecret) {
		server := always(granting(grantedToken))
		client := clientOf(t, server,
			storeorders.WithMercur(storeorders.MercurConfig{BaseURL: mercurURL}),
			storeorders.WithSalesive(storeorders.SalesiveConfig{BaseURL: salesiveURL}))
		require.NoError(t, login.call(t.Context(), client), login.name)
		assert.Empty(t, server.sent()[0].Header.Get("X-Publishable-Api-Key"))
		assert.Empty(t, server.sent()[0].Header.Get("X-Shop-Id"))
	}
}

func TestAnyTextArrivesAsItIs(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`"`, `\`, `a"b\c`, " a b ", "ü€😀", "<&>", "a\nb\tc\x00", "\u2028", `","password":"x`, "/", `\u0041`, strings.Repeat("long", 1000),
	} {
		t.Run(strconv.QuoteToASCII(text[:min(len(text), 20)]), func(t *testing.T) {
			t.Parallel()
			var bodies []map[string]string
			client := clientOf(t, always(func(req *http.Request) (*http.Response, error) {
				var body map[string]string
				err := json.Unmarshal([]byte(bodyOf(t, req)), &body)
				bodies = append(bodies, body)
				if err != nil {
					return nil, err
				}
				return granting(grantedToken)(req)
			}))
			_, err := client.MercurAuth.Login(t.Context(), "a"+text, "b"+text)
			require.NoError(t, err)
			require.NoError(t, client.SalesiveAuth.SendCode(t.Context(), "c"+text))
			_, err = client.SalesiveAuth.VerifyCode(t.Context(), "d"+text, "e"+text)
			require.NoError(t, err)
			assert.Equal(t, []map[string]string{
				{"email": "a" + text, "password": "b" + text},
				{"email": "c" + text},
				{"email": "d" + text, "otp": "e" + text},
			}, bodies)
		})
	}
}

func TestAnArgumentThatCannotBeRightIsNotSent(t *testing.T) {
	t.Parallel()
	const bad = "wrong-\xff-utf8"
	for _, c := range []struct {
		name, field string
		call        func(context.Context, *storeorders.Client) error
	}{
		{"no address to log in with", "email", func(ctx context.Context, c *storeorders.Client) error {
			_, err := c.MercurAuth.Login(ctx, "", loginSecret)
			return err
		}},
		{"no password", "password", func(ctx context.Context, c *storeorders.Client) error {
			_, err := c.MercurAuth.Login(ctx, loginEmail, "")
			return err
		}},
		{"an address of other bytes", "email", func(ctx context.Context, c *storeorders.Client) error {
			_, err := c.MercurAuth.Login(ctx, bad, loginSecret)
			return err
		}},
		{"a password of other bytes", "password", func(ctx context.Context, c *storeorders.Client) error {
			_, err := c.MercurAuth.Login(ctx, loginEmail, bad)
			return err
		}},
		{"a token in two lines", "Token", func(ctx context.Context, c *storeorders.Client) error {
			_, err := c.MercurAuth.Refresh(ctx, loginSecret+"\n")
			return err
		}},
		{"a source without an address", "email", func(ctx context.Context, c *storeorders.Client) error {
			_, err := c.MercurAuth.PasswordSource("", loginSecret).Token(ctx)
			return err
		}},
		{"a source without a password", "password", func(ctx context.Context, c *storeorders.Client) error {
			_, err := c.MercurAuth.PasswordSource(loginEmail, "").Token(ctx)
			return err
		}},
		{"no address to send a code to", "email", func(ctx context.Context, c *storeorders.Client) error {
			return c.SalesiveAuth.SendCode(ctx, "")
		}},
		{"a code to an address of other bytes", "email", func(ctx context.Context, c *storeorders.Client) error {
			return c.SalesiveAuth.SendCode(ctx, bad)
		}},
		{"a code of no address", "email", func(ctx context.Context, c *storeorders.Client) error {
			_, err := c.SalesiveAuth.VerifyCode(ctx, "", loginSecret)
			return err
		}},
		{"no code", "code", func(ctx context.Context, c *storeorders.Client) error {
			_, err := c.SalesiveAuth.VerifyCode(ctx, loginEmail, "")
			return err
		}},
		{"a code of other bytes", "code", func(ctx context.Context, c *storeorders.Client) error {
			_, err := c.SalesiveAuth.VerifyCode(ctx, loginEmail, bad)
			return err
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			server := always(granting(grantedToken))
			err := c.call(t.Context(), clientOf(t, server))
			assertRefused(t, c.field, err)
			assert.Empty(t, server.sent())
			assertTellsNone(t, err, "", loginSecret, "wrong-")
		})
	}
}

func TestAnEmptyTokenIsNotRefreshed(t *testing.T) {
	t.Parallel()
	server := always(granting(grantedToken))
	_, err := clientOf(t, server).MercurAuth.Refresh(t.Context(), "")
	assert.ErrorIs(t, err, storeorders.ErrNoCredentials)
	assert.Empty(t, server.sent())
}

func TestALoginWithoutAContextIsNotSent(t *testing.T) {
	t.Parallel()
	server := always(granting(grantedToken))
	for _, login := range logins(loginSecret) {
		var none context.Context
		assertRefused(t, "ctx", login.call(none, clientOf(t, server)))
	}
	assert.Empty(t, server.sent())
}

func TestALoginToAnAPIThatIsNotConfiguredIsNotSent(t *testing.T) {
	t.Parallel()
	server := always(granting(grantedToken))
	transport := storeorders.WithHTTPClient(&http.Client{Transport: server})
	mercur, err := storeorders.NewClient(transport, storeorders.WithMercur(storeorders.MercurConfig{BaseURL: mercurURL}))
	require.NoError(t, err)
	salesive, err := storeorders.NewClient(transport, storeorders.WithSalesive(storeorders.SalesiveConfig{BaseURL: salesiveURL}))
	require.NoError(t, err)
	for _, login := range logins(loginSecret) {
		client := mercur
		if login.mercur {
			client = salesive
		}
		assert.ErrorIs(t, login.call(t.Context(), client), storeorders.ErrNotConfigured, login.name)
	}
	assert.Empty(t, server.sent())
}

// Once, and no further.

func TestALoginIsNeverSentTwice(t *testing.T) {
	t.Parallel()
	reset := errors.New("connection reset by peer")
	type failure struct {
		name   string
		answer step
		is     error
		takes  time.Duration
	}
	cases := []failure{
		{"connection reset", broken(reset), reset, 0},
		{"truncated", breakingOff(http.StatusOK, `{"token":"`), io.ErrUnexpectedEOF, 0},
		{"truncated failure", breakingOff(http.StatusBadGateway, `{"mess`), storeorders.ErrServer, 0},
		{"no answer", silent, context.DeadlineExceeded, 30 * time.Second},
		{"half an answer", dripping(http.StatusOK, strings.Repeat(" ", 100)), context.DeadlineExceeded, 30 * time.Second},
		{"refused", reply(http.StatusUnauthorized, notAuthorized), storeorders.ErrUnauthorized, 0},
	}
	for _, status := range []int{408, 429, 500, 502, 503, 504} {
		is := storeorders.ErrServer
		if status == http.StatusTooManyRequests {
			is = storeorders.ErrRateLimited
		}
		cases = append(cases,
			failure{strconv.Itoa(status), reply(status, serverFell), is, 0},
			failure{strconv.Itoa(status) + ", come again", reply(status, serverFell, "Retry-After", "1"), is, 0})
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			for _, login := range logins(loginSecret) {
				synctest.Test(t, func(t *testing.T) {
					server := always(c.answer)
					start := time.Now()
					err := login.call(t.Context(), clientOf(t, server))
					assert.ErrorIs(t, err, c.is, login.name)
					assert.Len(t, server.sent(), 1, login.name)
					assert.Equal(t, c.takes, time.Since(start), login.name)
				})
			}
		})
	}
}

// net/http sends a request again by itself where a connection that it used before is gone, if it believes that to be safe.
func TestALoginIsNotSentTwiceByTheTransport(t *testing.T) {
	t.Parallel()
	for _, login := range logins(loginSecret) {
		t.Run(login.name, func(t *testing.T) {
			t.Parallel()
			server := newHost(t, func(w http.ResponseWriter, req *http.Request) {
				if req.Method == http.MethodGet {
					writeJSON(w, http.StatusOK, goodBody(req.URL.Path))
					return
				}
				conn, _, err := http.NewResponseController(w).Hijack()
				if err == nil {
					_ = conn.Close()
				}
			})
			client := clientAt(t, server.URL, server.URL)
			defer client.CloseIdleConnections()
			require.NoError(t, listGroups(t.Context(), client)) // leaves a connection for the login
			err := login.call(t.Context(), client)
			assert.Error(t, err)
			assert.Equal(t, int64(2), server.requests.Load())
			assert.Equal(t, int64(1), server.connections.Load())
			assertTellsNone(t, err, "", loginSecret)
		})
	}
}

func TestALoginTellsWhenToComeAgain(t *testing.T) {
	t.Parallel()
	for _, login := range logins(loginSecret) {
		err := login.call(t.Context(), clientOf(t, always(reply(http.StatusTooManyRequests, serverFell, "Retry-After", "7"))))
		e := requireAPIError(t, err)
		assert.Equal(t, 7*time.Second, e.RetryAfter, login.name)
		assert.Equal(t, 1, e.Attempts, login.name)
		assert.Equal(t, login.name, e.Op)
		assert.Equal(t, login.path, e.Path)
		assert.Equal(t, http.MethodPost, e.Method)
	}
}

func TestALoginFollowsNoRedirect(t *testing.T) {
	t.Parallel()
	for _, status := range []int{301, 302, 303, 307, 308} {
		for name, location := range map[string]string{
			"the same path": "", "the same origin": "/auth/elsewhere", "another host": "http://elsewhere.test/auth", "TLS": "https://mercur.test/auth",
		} {
			t.Run(strconv.Itoa(status)+" to "+name, func(t *testing.T) {
				t.Parallel()
				for _, login := range logins(loginSecret) {
					server := inTurn(func(req *http.Request) (*http.Response, error) {
						target := location
						if target == "" {
							target = req.URL.String()
						}
						return reply(status, "", "Location", target)(req)
					}, granting(grantedToken))
					err := login.call(t.Context(), clientOf(t, server))
					assert.ErrorIs(t, err, storeorders.ErrRedirect, login.name)
					assert.Equal(t, status, requireAPIError(t, err).StatusCode)
					assert.Len(t, server.sent(), 1, login.name)
				}
			})
		}
	}
}

func TestCancelingEndsALogin(t *testing.T) {
	t.Parallel()
	for _, login := range logins(loginSecret) {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
			defer cancel()
			start := time.Now()
			err := login.call(ctx, clientOf(t, always(silent)))
			assert.ErrorIs(t, err, context.DeadlineExceeded, login.name)
			assert.Equal(t, 3*time.Second, time.Since(start), login.name)
		})
	}
}

// Secrets.

// spellings are how a text may be written in what is printed or logged, and in what a server echoes.
func spellings(secret string) []string {
	quoted := func(text string) string { return strings.Trim(text, `"`) }
	inJSON, _ := json.Marshal(secret)
	return []string{
		secret, quoted(strconv.Quote(secret)), quoted(strconv.QuoteToASCII(secret)), quoted(string(inJSON)), quoted(inJavaScript(secret)), quoted(inPHP(secret)),
		url.QueryEscape(secret), url.PathEscape(secret), hex.EncodeToString([]byte(secret)), strings.ToUpper(hex.EncodeToString([]byte(secret))),
	}
}

// inJavaScript is the JSON text of a string as JSON.stringify writes it.
func inJavaScript(text string) string {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(text)
	return strings.TrimSpace(b.String())
}

// inPHP is the JSON text of a string as json_encode writes it.
func inPHP(text string) string {
	var b strings.Builder
	for _, r := range strings.ReplaceAll(inJavaScript(text), "/", `\/`) {
		switch {
		case r < 0x80:
			b.WriteRune(r)
		case r < 0x10000:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			r -= 0x10000
			fmt.Fprintf(&b, `\u%04x\u%04x`, 0xd800+r>>10, 0xdc00+r&0x3ff)
		}
	}
	return b.String()
}

// assertTellsNone claims that neither the error nor what was logged shows a secret, of whatever length: printed, marshaled or by reflection.
func assertTellsNone(t *testing.T, err error, log string, secrets ...string) {
	t.Helper()
	texts := printed(t.Context(), err)
	texts["reflection"] = strings.Join(reachable(err), "\n")
	texts["log"] = log
	for how, text := range texts {
		for _, secret := range secrets {
			for _, spelling := range spellings(secret) {
				if at := strings.Index(text, spelling); at >= 0 {
					assert.Fail(t, "a secret is shown", "%s of a %T shows %q: …%s", how, err, secret, text[max(0, at-120):at+len(spelling)])
					break
				}
			}
		}
	}
}

// echoingAnswers are answers to a login that hold a token, and what the login was sent with. The client knows the token if an answer was granted.
func echoingAnswers(secret, token string) map[string]step {
	all := secret + " and " + token
	said := strings.Trim(inJavaScript(all), `"`)
	tokenText := inJavaScript(token)
	grant := `"token":` + tokenText + `,"success":true,"data":{"token":` + tokenText + `}`
	return map[string]step{
		"a refusal":                reply(http.StatusUnauthorized, `{"type":"unauthorized","message":"no `+said+`","token":`+tokenText+`}`),
		"a refusal of JavaScript":  reply(http.StatusBadRequest, `{"type":`+inJavaScript(all)+`,"code":`+inJavaScript(all)+`,"message":`+inJavaScript(all)+`,"data":{"token":`+tokenText+`}}`),
		"a refusal of PHP":         reply(http.StatusNotFound, `{"type":`+inPHP(all)+`,"message":`+inPHP(all)+`,`+grant+`}`),
		"a failure":                reply(http.StatusInternalServerError, `{"message":"fell",`+grant+`,"stack":`+inJavaScript(all)+`}`),
		"a failure in parts":       reply(http.StatusBadGateway, `{"message":"fell","error":{"request":{"password":`+inJavaScript(secret)+`}},`+grant+`}`),
		"a text":                   reply(http.StatusForbidden, "no "+secret, "Content-Type", "text/plain"),
		"a form":                   reply(http.StatusForbidden, "password="+url.QueryEscape(secret)+"&path="+url.PathEscape(secret), "Content-Type", "text/plain"),
		"headers":                  reply(http.StatusServiceUnavailable, `{`+grant+`}`, "X-Request-Id", all, "Content-Type", "text/plain; of="+all),
		"headers of success":       reply(http.StatusOK, `<html>`, "X-Request-Id", secret, "Content-Type", "text/plain; of="+secret),
		"a redirect":               reply(http.StatusFound, secret, "Location", "http://elsewhere.test/"+url.PathEscape(all)+"?"+url.QueryEscape(all)),
		"a redirect to a host":     reply(http.StatusTemporaryRedirect, "", "Location", "http://"+hex.EncodeToString([]byte("a"))+".test/"+url.PathEscape(secret)),
		"success:false":            reply(http.StatusOK, `{"status":400,"success":false,"message":`+inJavaScript(all)+`,"token":`+tokenText+`,"data":{"token":`+tokenText+`}}`),
		"success:false of PHP":     reply(http.StatusOK, `{"status":"500","success":false,"message":`+inPHP(all)+`,"data":{"token":`+tokenText+`}}`),
		"no token":                 reply(http.StatusOK, `{"message":`+inJavaScript(secret)+`,"success":true,"data":{"email":`+inJavaScript(secret)+`}}`),
		"no data":                  reply(http.StatusOK, `{"message":`+inJavaScript(secret)+`,"success":true}`),
		"a second factor":          reply(http.StatusOK, `{"mfa_required":true,"message":`+inJavaScript(all)+`,`+grant+`}`),
		"a token in two lines":     reply(http.StatusOK, `{"token":"`+token+`\n","success":true,"data":{"token":"`+token+`\n"}}`),
		"a token in an object":     reply(http.StatusOK, `{"token":{"of":`+tokenText+`},"success":true,"data":{"token":{"of":`+tokenText+`}}}`),
		"a token in an array":      reply(http.StatusOK, `[`+tokenText+`,`+inJavaScript(secret)+`]`),
		"a token of another kind":  reply(http.StatusOK, `{"token":5,"success":true,"data":{"token":5,"of":`+inJavaScript(all)+`}}`),
		"a password for a name":    reply(http.StatusOK, `{"data":{`+inJavaScript(secret)+`:1,"token":{`+inJavaScript(secret)+`:1}},"success":true,"token":{`+inJavaScript(secret)+`:[`+tokenText+`]}}`),
		"broken JSON":              reply(http.StatusOK, `{`+grant+`,"message":`+inJavaScript(all)),
		"JSON broken in the token": reply(http.StatusOK, `{"success":true,"data":{"token":"`+token),
		"two documents":            reply(http.StatusOK, `{`+grant+`}{`+grant+`,"of":`+inJavaScript(secret)+`}`),
		"no JSON":                  reply(http.StatusOK, all),
		"broken off":               breakingOff(http.StatusOK, `{`+grant+`,"of":`+inJavaScript(secret)),
		"too much":                 reply(http.StatusOK, `{`+grant+`,"of":`+inJavaScript(strings.Repeat(all, 10_000))+`}`),
		"no connection":            broken(errors.New("connection refused")),
		"no answer":                silent,
	}
}

// secretsOfLogins are a usual secret, a short one, and one that is written in many ways.
func secretsOfLogins() []string {
	return []string{loginSecret, "x7Q!", `q"ü/€\<&>😀'ß z`}
}

func TestALoginTellsNoSecret(t *testing.T) {
	t.Parallel()
	for _, secret := range secretsOfLogins() {
		for name, answer := range echoingAnswers(secret, grantedToken) {
			t.Run(name+" of "+secret, func(t *testing.T) {
				t.Parallel()
				for _, login := range logins(secret) {
					own := []string{grantedToken}
					if login.tells(secret) {
						own = append(own, secret)
					}
					synctest.Test(t, func(t *testing.T) {
						var log lockedBuffer
						server := always(answer)
						err := login.call(t.Context(), clientOf(t, server, storeorders.WithMaxResponseBytes(64<<10), debugLogger(&log)))
						require.Len(t, server.sent(), 1)
						require.NotEmpty(t, log.String())
						if err == nil { // SendCode reads no token, and Mercur no envelope
							assertTellsNone(t, nil, log.String(), own...)
							return
						}
						assertTellsNone(t, err, log.String(), own...)
					})
				}
			})
		}
	}
}

// A server that failed may not have finished what it says, and may put a token where nobody looks for it.
func TestATokenInAFailureIsNotTold(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"deeper":               `{"message":"fell","error":{"session":{"token":"` + grantedToken + `"}}}`,
		"in a list":            `{"message":"fell","sessions":[{"token":"` + grantedToken + `"}]}`,
		"broken JSON":          `{"token":"` + grantedToken + `","data":{"token":"` + grantedToken + `"`,
		"broken in the token":  `{"token":"` + grantedToken,
		"broken after a space": `{ "token" : "` + grantedToken + `" , `,
		"after another text":   `upstream said: {"token":"` + grantedToken + `"}`,
	} {
		for _, status := range []int{http.StatusBadRequest, http.StatusUnauthorized, http.StatusInternalServerError, http.StatusFound} {
			t.Run(strconv.Itoa(status)+" "+name, func(t *testing.T) {
				t.Parallel()
				for _, login := range logins(loginSecret) {
					var log lockedBuffer
					err := login.call(t.Context(), clientOf(t, always(reply(status, body)), debugLogger(&log)))
					require.Equal(t, status, requireAPIError(t, err).StatusCode)
					assertTellsNone(t, err, log.String(), grantedToken)
				}
			})
		}
	}
}

// The error of a caller's own transport can be found as it is, but is not printed as it is.
func TestATransportThatQuotesALoginIsMasked(t *testing.T) {
	t.Parallel()
	for _, secret := range secretsOfLogins() {
		for _, login := range logins(secret) {
			t.Run(login.name+" with "+secret, func(t *testing.T) {
				t.Parallel()
				var log lockedBuffer
				err := login.call(t.Context(), clientOf(t, always(func(req *http.Request) (*http.Response, error) {
					cause := fmt.Errorf("cannot send %s and %s with %s", bodyOf(t, req), secret, req.Header.Get("Authorization"))
					return nil, &url.Error{Op: "Post", URL: req.URL.String() + "?of=" + url.QueryEscape(secret), Err: cause}
				}), debugLogger(&log)))
				require.ErrorContains(t, err, "cannot send")
				if !login.tells(secret) {
					return
				}
				for how, text := range printed(t.Context(), err) {
					for _, spelling := range spellings(secret) {
						assert.NotContains(t, text, spelling, how)
						assert.NotContains(t, log.String(), spelling)
					}
				}
			})
		}
	}
}

// What a request is about is the same for every password: a mask in it would tell the password.
func TestThePathOfALoginDoesNotTellThePassword(t *testing.T) {
	t.Parallel()
	var log lockedBuffer
	client := clientOf(t, always(reply(http.StatusUnauthorized, notAuthorized)), debugLogger(&log))
	_, err := client.MercurAuth.Login(t.Context(), loginEmail, "emailpass")
	assert.Equal(t, loginPath, requireAPIError(t, err).Path)
	assert.ErrorContains(t, err, "POST "+loginPath+": 401")
	assert.Contains(t, log.String(), loginPath)
	client = clientOf(t, always(broken(errors.New("connection refused"))), debugLogger(&log))
	_, err = client.MercurAuth.Login(t.Context(), loginEmail, "customer")
	assert.ErrorContains(t, err, "POST "+loginPath+": connection refused")
	assert.NotContains(t, log.String(), "REDACTED")
}

// The token that a login gave.

func TestATokenShowsNoValue(t *testing.T) {
	t.Parallel()
	text := jwt(`{"exp":1893456000}`)
	client := clientOf(t, always(granting(text)))
	token, err := client.MercurAuth.Login(t.Context(), loginEmail, loginSecret)
	require.NoError(t, err)
	require.Equal(t, text, token.Value())
	type session struct {
		hidden      *storeorders.Token
		hiddenValue storeorders.Token
		Shown       *storeorders.Token
		ShownValue  storeorders.Token
	}
	for _, v := range []any{
		token, *token, &token,
		[]*storeorders.Token{token},
		[]storeorders.Token{*token},
		map[string]any{"a": token, "b": *token},
		session{hidden: token},
		session{hiddenValue: *token},
		session{Shown: token},
		session{ShownValue: *token},
		&session{token, *token, token, *token},
	} {
		assertPrintsNone(t, v, text, text[:20], strings.Split(text, ".")[1])
		assert.NotContains(t, strings.Join(reachable(v), "\n"), strings.Split(text, ".")[1])
	}
}

func TestATokenWithoutAValueCanBePrinted(t *testing.T) {
	t.Parallel()
	var none *storeorders.Token
	var zero storeorders.Token
	assert.Empty(t, none.Value())
	assert.Empty(t, zero.Value())
	assert.Equal(t, "storeorders.Token([REDACTED])", none.String())
	assert.Equal(t, "storeorders.Token([REDACTED])", zero.String())
	for _, v := range []any{none, zero, &zero, []*storeorders.Token{nil}} {
		texts := printed(t.Context(), v)
		assert.NotContains(t, texts["%v"]+texts["%+v"]+texts["%#v"]+texts["%s"]+texts["%d"], "PANIC")
	}
	data, err := json.Marshal(none)
	require.NoError(t, err)
	assert.Equal(t, "null", string(data))
}

func TestATokenTellsWhenItExpires(t *testing.T) {
	t.Parallel()
	client := clientOf(t, always(granting(jwt(`{"iat":1893369600,"exp":1893456000}`))))
	token, err := client.SalesiveAuth.Guest(t.Context())
	require.NoError(t, err)
	const want = "storeorders.Token([REDACTED], expires 2030-01-01T00:00:00Z)"
	for _, text := range []string{token.String(), fmt.Sprint(*token), fmt.Sprintf("%+v", *token), fmt.Sprintf("%#v", token)} {
		assert.Equal(t, want, text)
	}
	assert.Equal(t, strconv.Quote(want), fmt.Sprintf("%q", token))
	for _, v := range []any{token, *token} {
		data, err := json.Marshal(v)
		require.NoError(t, err)
		assert.Equal(t, strconv.Quote(want), string(data))
	}
	var log lockedBuffer
	slog.New(slog.NewTextHandler(&log, nil)).InfoContext(t.Context(), "m", "pointer", token, "value", *token)
	assert.Contains(t, log.String(), `pointer="`+want+`" value="`+want+`"`)
}

func TestTheExpiryIsThatOfTheToken(t *testing.T) {
	t.Parallel()
	claims := func(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }
	at := time.Date(2030, time.January, 1, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name, token string
		want        time.Time
	}{
		{"seconds", jwt(`{"exp":1893456000}`), at},
		{"a fraction", jwt(`{"exp":1893456000.5}`), at.Add(500 * time.Millisecond)},
		{"an exponent", jwt(`{"exp":1.893456e9}`), at},
		{"that it has passed", jwt(`{"exp":1}`), time.Unix(1, 0).UTC()},
		{"padded base64", "e30=." + base64.URLEncoding.EncodeToString([]byte(`{"exp":1893456000 }`)) + ".c2ln", at},
		{"no signature", "e30." + claims(`{"exp":1893456000}`) + ".", at},
		{"the last second of a year of four digits", jwt(`{"exp":253402300799}`), time.Date(9999, time.December, 31, 23, 59, 59, 0, time.UTC)},

		{"no exp", jwt(`{"iat":1893456000}`), time.Time{}},
		{"no claims", jwt(`{}`), time.Time{}},
		{"null", jwt(`{"exp":null}`), time.Time{}},
		{"a string", jwt(`{"exp":"1893456000"}`), time.Time{}},
		{"an object", jwt(`{"exp":{}}`), time.Time{}},
		{"true", jwt(`{"exp":true}`), time.Time{}},
		{"too much", jwt(`{"exp":1e300}`), time.Time{}},
		{"more than a float64 holds", jwt(`{"exp":1e999}`), time.Time{}},
		{"milliseconds", jwt(`{"exp":1893456000000}`), time.Time{}},
		{"negative", jwt(`{"exp":-1893456000}`), time.Time{}},
		{"zero", jwt(`{"exp":0}`), time.Time{}},
		{"claims that are a list", jwt(`[{"exp":1893456000}]`), time.Time{}},
		{"claims that are null", jwt(`null`), time.Time{}},
		{"claims that are no JSON", jwt(`{"exp":1893456000`), time.Time{}},
		{"more than claims", jwt(`{"exp":1893456000}x`), time.Time{}},
		{"no base64", "e30.{!}.c2ln", time.Time{}},
		{"an empty part", "e30..c2ln", time.Time{}},
		{"nothing but dots", "..", time.Time{}},
		{"two parts", "e30." + claims(`{"exp":1893456000}`), time.Time{}},
		{"four parts", jwt(`{"exp":1893456000}`) + ".e30", time.Time{}},
		{"opaque", grantedToken, time.Time{}},
		{"long", strings.Repeat("x", 100_000), time.Time{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			client := clientOf(t, always(granting(c.token)))
			mercur, err := client.MercurAuth.Login(t.Context(), loginEmail, loginSecret)
			require.NoError(t, err)
			refreshed, err := client.MercurAuth.Refresh(t.Context(), loginSecret)
			require.NoError(t, err)
			verified, err := client.SalesiveAuth.VerifyCode(t.Context(), loginEmail, loginSecret)
			require.NoError(t, err)
			guest, err := client.SalesiveAuth.Guest(t.Context())
			require.NoError(t, err)
			for _, token := range []*storeorders.Token{mercur, refreshed, verified, guest} {
				assert.Equal(t, c.token, token.Value())
				assert.Equal(t, c.want, token.Expiry)
			}
		})
	}
}

// Answers without a token.

func TestAnAnswerWithoutAUsableTokenIsALoginError(t *testing.T) {
	t.Parallel()
	nobody := jwt(`{"actor_id":"","actor_type":"customer","iat":1,"exp":1893456000}`)
	for _, c := range []struct {
		name, body string
		want       storeorders.LoginError
	}{
		{"verification", `{"verification_required":true,"verification":{"id":"v_1"},"token":"` + nobody + `"}`, storeorders.LoginError{Reason: "verification_required"}},
		{"verification with words", `{"verification_required":true,"message":"look into your mail"}`, storeorders.LoginError{Reason: "verification_required", Message: "look into your mail"}},
		{"a second factor", `{"mfa_required":true,"mfa_challenge":{"id":"c_1"},"token":"` + nobody + `"}`, storeorders.LoginError{Reason: "mfa_required"}},
		{"a second factor and a token of somebody", `{"mfa_required":true,"token":"` + jwt(`{"actor_id":"cus_1"}`) + `"}`, storeorders.LoginError{Reason: "mfa_required"}},
		{"a location", `{"location":"https://login.test/?state=1"}`, storeorders.LoginError{Reason: "redirect", Location: "https://login.test/?state=1"}},
		{"no customer", `{"token":"` + nobody + `"}`, storeorders.LoginError{Reason: "no_actor"}},
		{"no customer, as null", `{"token":"` + jwt(`{"actor_id":null}`) + `"}`, storeorders.LoginError{Reason: "no_actor"}},
		{"a location with the password in it", `{"location":"https://login.test/?p=` + loginSecret + `"}`, storeorders.LoginError{Reason: "redirect", Location: "https://login.test/?p=[REDACTED]"}},
		{"no customer, padded", `{"token":"e30=.` + base64.URLEncoding.EncodeToString([]byte(`{"actor_id":""}`)) + `.c2ln"}`, storeorders.LoginError{Reason: "no_actor"}},
		{"a message that is none", `{"mfa_required":true,"message":{"text":"no"}}`, storeorders.LoginError{Reason: "mfa_required"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			client := clientOf(t, always(reply(http.StatusOK, c.body)))
			login := func() error {
				_, err := client.MercurAuth.Login(t.Context(), loginEmail, loginSecret)
				return err
			}
			refresh := func() error {
				_, err := client.MercurAuth.Refresh(t.Context(), loginSecret)
				return err
			}
			source := func() error {
				_, err := client.MercurAuth.PasswordSource(loginEmail, loginSecret).Token(t.Context())
				return err
			}
			list := func() error {
				return listGroups(t.Context(), client, storeorders.WithTokenSource(client.MercurAuth.PasswordSource(loginEmail, loginSecret)))
			}
			for name, call := range map[string]func() error{"Login": login, "Refresh": refresh, "PasswordSource": source, "List": list} {
				err := call()
				assert.Equal(t, c.want, *requireLoginError(t, err), name)
				assertPrintsNone(t, err, nobody, "state=1")
			}
		})
	}
}

func TestAFalseFlagIsNoLoginError(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		`{"token":"` + grantedToken + `","mfa_required":false,"verification_required":false}`,
		`{"token":"` + grantedToken + `","mfa_required":null,"verification_required":null,"location":null,"message":null}`,
		`{"token":"` + grantedToken + `","location":"https://login.test/"}`,
		`{"data":{},"token":"` + grantedToken + `"}`,
	} {
		token, err := clientOf(t, always(reply(http.StatusOK, body))).MercurAuth.Login(t.Context(), loginEmail, loginSecret)
		require.NoError(t, err, body)
		assert.Equal(t, grantedToken, token.Value())
	}
}

// Only a token that names nobody is one of nobody.
func TestATokenThatDoesNotSayWhoseItIsIsTaken(t *testing.T) {
	t.Parallel()
	for _, claims := range []string{`{}`, `{"actor_id":5}`, `{"actor_id":"cus_1"}`, `{"sub":""}`} {
		token, err := clientOf(t, always(granting(jwt(claims)))).MercurAuth.Login(t.Context(), loginEmail, loginSecret)
		require.NoError(t, err, claims)
		assert.Equal(t, jwt(claims), token.Value())
	}
}

func TestAnAnswerThatIsNoneOfALoginIsADecodeError(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"empty": "", "HTML": "<html>", "null": "null", "a list": "[]", "nothing": "{}", "no token": `{"success":true,"data":{}}`,
		"an empty token": `{"token":"","success":true,"data":{"token":""}}`, "null for a token": `{"token":null,"success":true,"data":{"token":null}}`,
		"a number": `{"token":1,"success":true,"data":{"token":1}}`, "control characters": `{"token":"a\u0000b","success":true,"data":{"token":"a\u0000b"}}`,
		"no data": `{"success":true}`, "null for data": `{"success":true,"data":null}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, login := range logins(loginSecret) {
				if login.name == "SalesiveAuth.SendCode" && strings.Contains(body, "data") {
					continue // it needs no token
				}
				server := always(reply(http.StatusOK, body))
				e := requireDecodeError(t, login.call(t.Context(), clientOf(t, server)))
				assert.Equal(t, login.name, e.Op)
				assert.Empty(t, e.Snippet)
				assert.Len(t, server.sent(), 1)
			}
		})
	}
}

// Over the fake.

// fakeShop is a server of the package storeorderstest, and a client that it counts the answers of.
type fakeShop struct {
	*storeorderstest.Server

	alice    *storeorderstest.Customer
	client   *storeorders.Client
	refusals *refusals
}

func newFakeShop(t *testing.T, server []storeorderstest.Option, opts ...storeorders.Option) *fakeShop {
	t.Helper()
	shop := &fakeShop{Server: storeorderstest.Transport(server...), refusals: new(refusals)}
	shop.alice = shop.AddCustomer("alice")
	mercur, salesive := shop.MercurConfig(), shop.SalesiveConfig()
	salesive.Token = storeorders.StaticToken(defaultToken)
	client, err := storeorders.NewClient(append([]storeorders.Option{
		storeorders.WithHTTPClient(&http.Client{Transport: shop.Server}),
		storeorders.WithMercur(mercur), storeorders.WithSalesive(salesive),
		storeorders.WithMiddleware(shop.refusals.count),
	}, opts...)...)
	require.NoError(t, err)
	shop.client = client
	return shop
}

// posts are how many requests there were of a path.
func (s *fakeShop) posts(path string) int {
	n := 0
	for _, req := range s.Requests() {
		if req.Method == http.MethodPost && req.Path == path {
			n++
		}
	}
	return n
}

// post sends what the SDK does not.
func (s *fakeShop) post(t *testing.T, path, token, body string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+path, strings.NewReader(body))
	require.NoError(t, err)
	req.Header.Set("Content-Type", jsonContentType)
	req.Header.Set("X-Publishable-Api-Key", s.PublishableKey)
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := s.RoundTrip(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	require.Equal(t, http.StatusOK, resp.StatusCode)
}

func TestALoginOpensTheOrders(t *testing.T) {
	t.Parallel()
	shop := newFakeShop(t, nil)
	shop.AddOrderGroups(shop.alice, 2, 1)
	token, err := shop.client.MercurAuth.Login(t.Context(), shop.alice.Email, shop.alice.Password)
	require.NoError(t, err)
	renewed, err := shop.client.MercurAuth.Refresh(t.Context(), token.Value())
	require.NoError(t, err)
	for _, token := range []*storeorders.Token{token, renewed} {
		page, err := shop.client.OrderGroups.List(t.Context(), nil, storeorders.WithToken(token.Value()))
		require.NoError(t, err)
		assert.Equal(t, 2, page.Count)
		assert.WithinDuration(t, time.Now().Add(24*time.Hour), token.Expiry, time.Minute)
	}
}

func TestAWrongPasswordIsUnauthorized(t *testing.T) {
	t.Parallel()
	shop := newFakeShop(t, nil)
	for name, args := range map[string][2]string{
		"password": {shop.alice.Email, "wrong"},
		"address":  {"bob@example.com", shop.alice.Password},
		"case":     {strings.ToUpper(shop.alice.Email), shop.alice.Password},
	} {
		_, err := shop.client.MercurAuth.Login(t.Context(), args[0], args[1])
		assert.ErrorIs(t, err, storeorders.ErrUnauthorized, name)
		e := requireAPIError(t, err)
		assert.Equal(t, "unauthorized", e.Type)
		assert.Equal(t, "Invalid email or password", e.Message)
	}
}

func TestAnExpiredTokenCannotBeRefreshed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		shop := newFakeShop(t, []storeorderstest.Option{storeorderstest.WithMercurTokenLifetime(time.Minute)})
		token, err := shop.client.MercurAuth.Login(t.Context(), shop.alice.Email, shop.alice.Password)
		require.NoError(t, err)
		require.NoError(t, sleep(t.Context(), time.Until(token.Expiry)))
		_, err = shop.client.MercurAuth.Refresh(t.Context(), token.Value())
		assert.ErrorIs(t, err, storeorders.ErrUnauthorized)
	})
}

func TestWhoOnlyRegisteredHasNoTokenYet(t *testing.T) {
	t.Parallel()
	shop := newFakeShop(t, nil)
	const body = `{"email":"ada@example.com","password":"countess"}`
	shop.post(t, loginPath+"/register", "", body)
	_, err := shop.client.MercurAuth.Login(t.Context(), "ada@example.com", "countess")
	assert.Equal(t, storeorders.LoginError{Reason: "no_actor"}, *requireLoginError(t, err))
	assert.NotErrorIs(t, err, storeorders.ErrUnauthorized)
	err = listGroups(t.Context(), shop.client, storeorders.WithTokenSource(shop.client.MercurAuth.PasswordSource("ada@example.com", "countess")))
	assert.Equal(t, "no_actor", requireLoginError(t, err).Reason)
	assert.Len(t, shop.Requests(), 3, "no list was asked for")
}

// What registering gave becomes a token of the customer by a refresh.
func TestATokenWithoutACustomerIsRefreshedIntoOneWith(t *testing.T) {
	t.Parallel()
	var registered string
	shop := newFakeShop(t, nil, storeorders.WithMiddleware(func(next http.RoundTripper) http.RoundTripper {
		return transportFunc(func(req *http.Request) (*http.Response, error) {
			resp, err := next.RoundTrip(req)
			if err != nil || req.Method != http.MethodPost || registered != "" {
				return resp, err
			}
			body, err := io.ReadAll(resp.Body)
			var answer struct{ Token string }
			if err == nil && json.Unmarshal(body, &answer) == nil {
				registered = answer.Token
			}
			resp.Body = io.NopCloser(bytes.NewReader(body))
			return resp, err
		})
	}))
	shop.post(t, loginPath+"/register", "", `{"email":"ada@example.com","password":"countess"}`)
	_, err := shop.client.MercurAuth.Login(t.Context(), "ada@example.com", "countess")
	require.Equal(t, "no_actor", requireLoginError(t, err).Reason)
	require.NotEmpty(t, registered)
	_, err = shop.client.MercurAuth.Refresh(t.Context(), registered)
	require.Equal(t, "no_actor", requireLoginError(t, err).Reason)
	shop.post(t, "/store/customers", registered, `{"first_name":"Ada"}`)

	token, err := shop.client.MercurAuth.Refresh(t.Context(), registered)
	require.NoError(t, err)
	assert.NoError(t, listGroups(t.Context(), shop.client, storeorders.WithToken(token.Value())))
}

func TestACodeOpensTheOrders(t *testing.T) {
	t.Parallel()
	shop := newFakeShop(t, nil)
	bob := shop.AddShopper("bob")
	shop.AddOrders(bob, 3, 1)
	require.NoError(t, shop.client.SalesiveAuth.SendCode(t.Context(), bob.Email))
	token, err := shop.client.SalesiveAuth.VerifyCode(t.Context(), bob.Email, shop.CodeFor(bob.Email))
	require.NoError(t, err)
	page, err := shop.client.Orders.List(t.Context(), nil, storeorders.WithToken(token.Value()))
	require.NoError(t, err)
	assert.Equal(t, 3, page.Total)
	assert.WithinDuration(t, time.Now().Add(30*24*time.Hour), token.Expiry, time.Minute)
	shop.AssertRequests(t,
		storeorderstest.Request{Method: http.MethodPost, Path: "/api/v1/auth/authenticate", ShopID: shop.ShopID}.WithToken(""),
		storeorderstest.Request{Method: http.MethodPost, Path: "/api/v1/auth/verify", ShopID: shop.ShopID}.WithToken(""),
		storeorderstest.GET("/api/v1/orders", "").WithToken(token.Value()))
}

func TestACodeIsSentToAnAddressThatIsNew(t *testing.T) {
	t.Parallel()
	shop := newFakeShop(t, nil)
	require.NoError(t, shop.client.SalesiveAuth.SendCode(t.Context(), "new@example.com"))
	token, err := shop.client.SalesiveAuth.VerifyCode(t.Context(), "new@example.com", shop.CodeFor("new@example.com"))
	require.NoError(t, err)
	assert.NoError(t, listOrders(t.Context(), shop.client, storeorders.WithToken(token.Value())))
}

func TestAGuestGetsAToken(t *testing.T) {
	t.Parallel()
	shop := newFakeShop(t, nil)
	first, err := shop.client.SalesiveAuth.Guest(t.Context())
	require.NoError(t, err)
	second, err := shop.client.SalesiveAuth.Guest(t.Context())
	require.NoError(t, err)
	assert.NotEqual(t, first.Value(), second.Value())
	assert.NoError(t, listOrders(t.Context(), shop.client, storeorders.WithToken(first.Value())))
	for _, req := range shop.Requests()[:2] {
		assert.Empty(t, req.Token)
		assert.Equal(t, shop.ShopID, req.ShopID)
	}
}

func TestACodeThatIsNotRightIsRefused(t *testing.T) {
	t.Parallel()
	shop := newFakeShop(t, nil)
	bob := shop.AddShopper("bob")
	require.NoError(t, shop.client.SalesiveAuth.SendCode(t.Context(), bob.Email))
	code := shop.CodeFor(bob.Email)
	_, err := shop.client.SalesiveAuth.VerifyCode(t.Context(), "nobody@example.com", code)
	assert.ErrorIs(t, err, storeorders.ErrNotFound)
	assert.Equal(t, "User not found", requireAPIError(t, err).Message)

	_, err = shop.client.SalesiveAuth.VerifyCode(t.Context(), bob.Email, "000000")
	assert.ErrorIs(t, err, storeorders.ErrInvalidRequest)
	assert.Equal(t, "Invalid OTP", requireAPIError(t, err).Message)

	_, err = shop.client.SalesiveAuth.VerifyCode(t.Context(), bob.Email, code)
	require.NoError(t, err)
	_, err = shop.client.SalesiveAuth.VerifyCode(t.Context(), bob.Email, code)
	assert.Equal(t, http.StatusBadRequest, requireAPIError(t, err).StatusCode, "a code is used once")

	err = shop.client.SalesiveAuth.SendCode(t.Context(), "no address")
	assert.Equal(t, http.StatusBadRequest, requireAPIError(t, err).StatusCode)
	assert.Equal(t, `"email" must be a valid email`, requireAPIError(t, err).Message)
}

func TestAFailureInsideAnAnswerOfSuccessIsOneOfALoginToo(t *testing.T) {
	t.Parallel()
	for _, login := range logins(loginSecret) {
		if login.mercur {
			continue
		}
		t.Run(login.name, func(t *testing.T) {
			t.Parallel()
			shop := newFakeShop(t, nil)
			shop.Inject(storeorderstest.SuccessFalse(http.StatusInternalServerError, "Failed to send verification email. Please try again."), storeorderstest.Auth)
			err := login.call(t.Context(), shop.client)
			assert.ErrorIs(t, err, storeorders.ErrServer)
			assert.Equal(t, "Failed to send verification email. Please try again.", requireAPIError(t, err).Message)
			assert.Len(t, shop.Requests(), 1)
		})
	}
}

func TestWhatIsWrongWithTheAnswerToALoginIsToldInWords(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ login, body, want string }{
		{"MercurAuth.Login", "[]", "a JSON array where an object is needed, at byte 0"},
		{"MercurAuth.Login", `"token"`, "a JSON string where an object is needed, at byte 0"},
		{"MercurAuth.Login", `{"token":1}`, "a JSON number does not fit string, at /token (byte 9)"},
		{"MercurAuth.Login", "", "the body is empty"},
		{"MercurAuth.Login", " \n", "the body is empty"},
		{"MercurAuth.Login", "{", "not JSON from byte 1 on"},
		{"MercurAuth.Refresh", "[]", "a JSON array where an object is needed, at byte 0"},
		{"SalesiveAuth.VerifyCode", `{"success":true,"data":[]}`, "a JSON array where an object is needed, at /data (byte 23)"},
		{"SalesiveAuth.VerifyCode", "[]", "a JSON array where an object is needed, at byte 0"},
		{"SalesiveAuth.VerifyCode", "", "the body is empty"},
	} {
		called := false
		for _, login := range logins(loginSecret) {
			if login.name == test.login {
				called = true
				err := login.call(t.Context(), clientOf(t, always(reply(http.StatusOK, test.body, "Content-Type", "application/json"))))
				assert.EqualError(t, err, "storeorders: "+test.login+": cannot read the 200 answer (application/json): "+test.want)
			}
		}
		assert.True(t, called, test.login)
	}
}
