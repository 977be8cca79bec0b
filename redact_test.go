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
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-2861b391/storeorders"
)

// printed is what comes out of a value in all the ways in which a program may print or log it.
func printed(ctx context.Context, v any) map[string]string {
	texts := map[string]string{}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%#q", "%+q", "%d", "%x", "%X", "% x", "%20s", "%-3v"} {
		texts[verb] = fmt.Sprintf(verb, v)
		texts["a slice as "+verb] = fmt.Sprintf(verb, []any{v})
	}
	for _, verb := range []string{"%v", "%+v", "%#v"} {
		// In an unexported field fmt cannot call methods.
		texts["a field as "+verb] = fmt.Sprintf(verb, struct{ v any }{v})
	}
	data, err := json.Marshal(v)
	texts["JSON"] = fmt.Sprint(string(data), err)
	data, err = json.Marshal(map[string]any{"nested": []any{v}})
	texts["nested JSON"] = fmt.Sprint(string(data), err)
	var text, object bytes.Buffer
	for _, handler := range []slog.Handler{
		slog.NewTextHandler(&text, &slog.HandlerOptions{Level: slog.LevelDebug}),
		slog.NewJSONHandler(&object, &slog.HandlerOptions{Level: slog.LevelDebug}),
	} {
		logger := slog.New(handler)
		logger.InfoContext(ctx, "m", "value", v, slog.Group("group", "value", v), "list", []any{v})
		logger.With("value", v).InfoContext(ctx, "m")
	}
	texts["slog text"], texts["slog JSON"] = text.String(), object.String()
	return texts
}

// forms are how a secret may look in what was printed.
func forms(secret string) []string {
	decimals := make([]string, len(secret))
	for i := range secret {
		decimals[i] = strconv.Itoa(int(secret[i]))
	}
	list := []string{
		secret,
		strings.ToUpper(secret),
		hex.EncodeToString([]byte(secret)),
		strings.ToUpper(hex.EncodeToString([]byte(secret))),
		fmt.Sprintf("% x", secret),
		strings.Join(decimals, " "),
		strings.Join(decimals, ", "),
	}
	list = append(list, inJSON(secret)...)
	for before := range 3 {
		// As a part of bytes that JSON writes in base64; what its neighbors have a share in is left out.
		encoded := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("x", before) + secret))
		if len(secret) >= 8 { // of a shorter one too little would be left
			list = append(list, encoded[4:len(encoded)-4])
		}
	}
	return list
}

// inJSON are a text, its JSON, and the JSON of its JSON, as where a server quotes what it was sent.
func inJSON(text string) []string {
	once := strings.Trim(encodeJSON(text, false), `"`)
	return []string{text, once, strings.Trim(encodeJSON(once, false), `"`)}
}

// secretsIn are the secrets that a text shows in any form, each with what stands before it.
func secretsIn(text string, secrets ...string) []string {
	var found []string
	for _, secret := range secrets {
		for _, form := range forms(secret) {
			if at := strings.Index(text, form); at >= 0 {
				found = append(found, fmt.Sprintf("%s in …%s", secret, text[max(0, at-80):at+len(form)]))
				break
			}
		}
	}
	return found
}

// assertPrintsNone claims that no way to print the value shows a secret.
func assertPrintsNone(t *testing.T, v any, secrets ...string) {
	t.Helper()
	var found []string
	for how, text := range printed(t.Context(), v) {
		for _, secret := range secretsIn(text, secrets...) {
			found = append(found, how+": "+secret)
		}
	}
	assert.Empty(t, found, "a %T shows secrets", v)
}

// assertDirectlyPrintsNone is assertPrintsNone without the unexported field, into which no method of a value type reaches.
func assertDirectlyPrintsNone(t *testing.T, v any, secrets ...string) {
	t.Helper()
	var found []string
	for how, text := range printed(t.Context(), v) {
		if strings.HasPrefix(how, "a field as") {
			continue
		}
		for _, secret := range secretsIn(text, secrets...) {
			found = append(found, how+": "+secret)
		}
	}
	assert.Empty(t, found, "a %T shows secrets", v)
}

// reachable are all strings and bytes that reflection finds from a value on, in unexported fields too.
func reachable(v any) []string {
	var found []string
	type place struct {
		address uintptr
		typ     reflect.Type
	}
	seen := map[place]bool{}
	var walk func(reflect.Value)
	walk = func(v reflect.Value) {
		switch v.Kind() {
		case reflect.String:
			found = append(found, v.String())
		case reflect.Pointer:
			if p := (place{v.Pointer(), v.Type()}); !v.IsNil() && !seen[p] {
				seen[p] = true
				walk(v.Elem())
			}
		case reflect.Interface:
			if !v.IsNil() {
				walk(v.Elem())
			}
		case reflect.Struct:
			for _, field := range v.Fields() {
				walk(field)
			}
		case reflect.Slice, reflect.Array:
			if v.Type().Elem().Kind() == reflect.Uint8 && v.Kind() == reflect.Slice {
				found = append(found, string(v.Bytes()))
				return
			}
			for i := range v.Len() {
				walk(v.Index(i))
			}
		case reflect.Map:
			for entries := v.MapRange(); entries.Next(); {
				walk(entries.Key())
				walk(entries.Value())
			}
		default: // Numbers hold no secret; functions and channels cannot be looked into.
		}
	}
	walk(reflect.ValueOf(v))
	return found
}

func assertReachesNone(t *testing.T, err error, secrets ...string) {
	t.Helper()
	for _, text := range reachable(err) {
		for _, secret := range secrets {
			for _, form := range inJSON(secret) {
				assert.NotContains(t, text, form, "reflection finds it in a %T", err)
			}
		}
	}
}

// The search of these tests must find what is there.
func TestTheSearchForSecretsFindsThem(t *testing.T) {
	t.Parallel()
	const secret = "s3cretWord"
	type holder struct{ hidden any }
	for name, v := range map[string]any{
		"a string":                       secret,
		"bytes":                          []byte("before " + secret + " after"),
		"an error":                       fmt.Errorf("no access with %s", secret),
		"an exported field":              struct{ Token string }{secret},
		"an exported field of bytes":     struct{ Body []byte }{[]byte("12" + secret + "3")},
		"an unexported field of a value": holder{secret},
	} {
		found := false
		for _, text := range printed(t.Context(), v) {
			found = found || len(secretsIn(text, secret)) > 0
		}
		assert.True(t, found, name)
		assert.Contains(t, strings.Join(reachable(v), " "), secret, name)
		assert.Contains(t, strings.Join(reachable(&holder{&v}), " "), secret, name)
	}
}

const (
	callToken  = "tok-of-the-call-Yh5Rn8Pq3"
	callKey    = "pk_of_the_call_c41d09"
	callShop   = "shop-of-the-call-77aa"
	callHeader = "header-of-the-call-5512"
	callEmail  = "mail-of-the-call@shoppers.test"
	callCode   = "739146"
	// A password of a length, and with characters, that passwords have.
	callPassword = `p4ß"w\rd`
	callQuery    = "queryvalue9f31"
	bodyWord     = "body-word-e0b7c2"
)

func allSecrets() []string {
	return []string{
		defaultToken, defaultKey, defaultShop, callToken, callKey, callShop, callHeader, callQuery, bodyWord,
		callEmail, callCode, callPassword, grantedToken,
	}
}

func mercurSecrets() []storeorders.RequestOption {
	return []storeorders.RequestOption{
		storeorders.WithToken(callToken), storeorders.WithPublishableKey(callKey), storeorders.WithHeader("X-Own", callHeader),
	}
}

func salesiveSecrets() []storeorders.RequestOption {
	return []storeorders.RequestOption{
		storeorders.WithToken(callToken), storeorders.WithShopID(callShop), storeorders.WithHeader("X-Own", callHeader),
	}
}

// secretCalls ask both APIs in all ways, with secrets everywhere.
func secretCalls(ctx context.Context, client *storeorders.Client) map[string]error {
	groups := &storeorders.OrderGroupListOptions{ID: []string{callQuery}, Fields: []string{callQuery}}
	orders := &storeorders.OrderListOptions{Status: []storeorders.OrderStatus{callQuery}}
	errs := map[string]error{}
	_, errs["OrderGroups.List"] = client.OrderGroups.List(ctx, groups, mercurSecrets()...)
	_, errs["OrderGroups.Get"] = client.OrderGroups.Get(ctx, "og_1", &storeorders.OrderGroupGetOptions{Fields: []string{callQuery}}, mercurSecrets()...)
	_, errs["OrderGroups.Pages"] = storeorders.Collect(client.OrderGroups.Pages(ctx, groups, mercurSecrets()...), 0)
	_, errs["OrderGroups.All"] = storeorders.Collect(client.OrderGroups.All(ctx, groups, mercurSecrets()...), 0)
	_, errs["Orders.List"] = client.Orders.List(ctx, orders, salesiveSecrets()...)
	_, errs["Orders.Get"] = client.Orders.Get(ctx, "o1", salesiveSecrets()...)
	_, errs["Orders.Pages"] = storeorders.Collect(client.Orders.Pages(ctx, orders, salesiveSecrets()...), 0)
	_, errs["Orders.All"] = storeorders.Collect(client.Orders.All(ctx, orders, salesiveSecrets()...), 0)
	_, errs["MercurAuth.Login"] = client.MercurAuth.Login(ctx, callEmail, callPassword)
	_, errs["MercurAuth.Refresh"] = client.MercurAuth.Refresh(ctx, callToken)
	_, errs["MercurAuth.PasswordSource"] = client.OrderGroups.List(ctx, groups,
		storeorders.WithTokenSource(client.MercurAuth.PasswordSource(callEmail, callPassword)))
	errs["SalesiveAuth.SendCode"] = client.SalesiveAuth.SendCode(ctx, callEmail)
	_, errs["SalesiveAuth.VerifyCode"] = client.SalesiveAuth.VerifyCode(ctx, callEmail, callCode)
	_, errs["SalesiveAuth.Guest"] = client.SalesiveAuth.Guest(ctx)
	return errs
}

// The search goes through every method: a new one has to be added to it.
func TestTheSearchForSecretsKnowsEveryMethod(t *testing.T) {
	t.Parallel()
	called := secretCalls(t.Context(), clientOf(t, always(well)))
	services := reflect.TypeFor[storeorders.Client]()
	for _, service := range reflect.VisibleFields(services) {
		if !service.IsExported() {
			continue
		}
		for method := range service.Type.Methods() {
			assert.Contains(t, called, service.Name+"."+method.Name)
		}
	}
}

// failures are the ways in which a call may end in an error after it was sent.
func failures() map[string]step {
	word := `"word":"` + bodyWord + `"`
	return map[string]step{
		"not found":                      reply(http.StatusNotFound, `{"type":"not_found","message":"gone",`+word+`}`),
		"unauthorized":                   reply(http.StatusUnauthorized, `{"message":"Unauthorized",`+word+`}`),
		"a server's failure":             reply(http.StatusInternalServerError, `{"type":"unknown_error","message":"fell",`+word+`}`),
		"HTML":                           reply(http.StatusForbidden, "<html>"+bodyWord, "Content-Type", "text/html"),
		"a redirect":                     reply(http.StatusFound, bodyWord, "Location", "http://elsewhere.test/"+bodyWord+"?"+bodyWord),
		"success:false":                  reply(http.StatusOK, `{"status":403,"success":false,"message":"no","data":{`+word+`}}`),
		"no JSON":                        reply(http.StatusOK, "<html>"+bodyWord),
		"another shape":                  reply(http.StatusOK, `{"order_groups":"`+bodyWord+`","order_group":"`+bodyWord+`","success":true,"data":"`+bodyWord+`"}`),
		"a value that does not fit":      reply(http.StatusOK, `{"order_groups":[{"id":"1","total":{`+word+`}}],"order_group":{"id":"1","total":{`+word+`}},"count":1,"success":true,"data":{"_id":"1","total":{`+word+`},"orders":[{"_id":"1","total":{`+word+`}}]}}`),
		"too large":                      reply(http.StatusOK, strings.Repeat(bodyWord, 10_000)),
		"broken off":                     breakingOff(http.StatusOK, `{"order_groups":[{`+word),
		"broken off in failing":          breakingOff(http.StatusBadGateway, bodyWord),
		"asked to come later":            reply(http.StatusTooManyRequests, `{"message":"slow down",`+word+`}`, "Retry-After", "3600"),
		"no connection":                  broken(errors.New("connection refused")),
		"no answer":                      silent,
		"a token in what cannot be read": reply(http.StatusOK, `{"token":"`+grantedToken+`","data":{"token":"`+grantedToken+`"},"success":true`),
		"a token in a failure": func(req *http.Request) (*http.Response, error) {
			message := "no"
			if req.Method == http.MethodPost {
				message = grantedToken
			}
			return reply(http.StatusConflict, `{"token":"`+grantedToken+`","data":{"token":"`+grantedToken+`"},"message":"`+message+`"}`)(req)
		},
		"another factor":    reply(http.StatusOK, `{"mfa_required":true,"token":"`+grantedToken+`","message":"no","data":{},"status":403,"success":false}`),
		"a login elsewhere": reply(http.StatusOK, `{"location":"http://login.test/?code=`+bodyWord+`","status":403,"success":false}`),
		"an echo of what was sent": func(req *http.Request) (*http.Response, error) {
			return reply(http.StatusUnprocessableEntity, `{"message":`+encodeJSON(sentText(req)+req.Header.Get("Authorization"), false)+`}`)(req)
		},
		"a transport that quotes the request": func(req *http.Request) (*http.Response, error) {
			return nil, quote(req)
		},
		"a transport that quotes the request in a *url.Error": func(req *http.Request) (*http.Response, error) {
			return nil, fmt.Errorf("middle: %w", &url.Error{Op: "Get", URL: req.URL.String(), Err: quote(req)})
		},
	}
}

func quote(req *http.Request) error {
	return fmt.Errorf("cannot send %s %s %s with %s, %s, %s", req.Method, req.URL, sentText(req),
		req.Header.Get("Authorization"), req.Header.Get("X-Publishable-Api-Key"), req.Header.Get("X-Shop-Id"))
}

// sentText is the body of a request. It leaves out the e-mail address, which is not masked where it is echoed: people know it.
func sentText(req *http.Request) string {
	if req.GetBody == nil {
		return ""
	}
	body, err := req.GetBody()
	if err != nil {
		return err.Error()
	}
	data, err := io.ReadAll(body)
	return strings.ReplaceAll(string(data), callEmail, "…") + fmt.Sprint(err)
}

// failed claims that the call ended in an error. To send a code there is nothing in the data that it could fail at.
func failed(t *testing.T, op string, err error) bool {
	t.Helper()
	if err == nil && op == "SalesiveAuth.SendCode" {
		return false
	}
	return assert.Error(t, err, op)
}

func TestNoErrorPrintsASecret(t *testing.T) {
	t.Parallel()
	for name, answer := range failures() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				client := clientOf(t, always(answer), retries(1), storeorders.WithMaxResponseBytes(64<<10))
				for op, err := range secretCalls(t.Context(), client) {
					if failed(t, op, err) {
						assertPrintsNone(t, err, allSecrets()...)
					}
				}
			})
		})
	}
}

func TestNoErrorBeforeTheRequestPrintsASecret(t *testing.T) {
	t.Parallel()
	for name, options := range map[string][]storeorders.RequestOption{
		"an empty token":          {storeorders.WithToken("")},
		"an empty key":            {storeorders.WithToken(callToken), storeorders.WithPublishableKey("")},
		"a token in two lines":    {storeorders.WithToken(callToken + "\r\n" + callToken)},
		"a key in two lines":      {storeorders.WithPublishableKey(callKey + "\n")},
		"a key for the wrong API": {storeorders.WithShopID(callShop)},
		"a header in two lines":   {storeorders.WithHeader("X-Own", callHeader+"\r\nX-Other: "+callHeader)},
		"a forbidden header":      {storeorders.WithHeader("Authorization", "Bearer "+callToken)},
		"a source that fails":     {storeorders.WithTokenSource(sourceOf(func(int) (string, error) { return callToken, errors.New("no") }))},
		"a source that quotes the key": {storeorders.WithPublishableKey(callKey), storeorders.WithTokenSource(sourceOf(func(int) (string, error) {
			return "", fmt.Errorf("no token for the store of %s", callKey)
		}))},
		"a source that quotes the key and has no token": {storeorders.WithPublishableKey(callKey), storeorders.WithTokenSource(sourceOf(func(int) (string, error) {
			return "", fmt.Errorf("%w for the store of %s", storeorders.ErrNoCredentials, callKey)
		}))},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := always(well)
			err := listGroups(t.Context(), clientOf(t, server), options...)
			require.Error(t, err)
			assert.Empty(t, server.sent())
			assertPrintsNone(t, err, allSecrets()...)
		})
	}
}

// A token source may quote the token that the server refused a moment ago.
func TestATokenSourceThatQuotesAnEarlierTokenIsMasked(t *testing.T) {
	t.Parallel()
	client := clientOf(t, always(reply(http.StatusServiceUnavailable, serverFell)), retries(1))
	err := listGroups(t.Context(), client, storeorders.WithTokenSource(sourceOf(func(n int) (string, error) {
		if n == 0 {
			return callToken, nil
		}
		return "", errors.New("cannot renew " + callToken)
	})))
	require.ErrorContains(t, err, "cannot renew")
	assertPrintsNone(t, err, callToken)
}

type quotingError struct{ Text string }

func (e quotingError) Error() string { return e.Text }

// An error that is a value, and not a pointer, is printed by %#v and %d where it lies in another.
func TestAnErrorThatIsAValueIsMasked(t *testing.T) {
	t.Parallel()
	client := clientOf(t, always(func(req *http.Request) (*http.Response, error) {
		return nil, quotingError{quote(req).Error()}
	}), retries(0))
	for _, err := range secretCalls(t.Context(), client) {
		require.Error(t, err)
		assertPrintsNone(t, err, allSecrets()...)
	}
}

// A server that is none, or a proxy, may send back the request's head as garbage that net/http then quotes.
func TestGarbageOfAServerThatEchoesIsMasked(t *testing.T) {
	t.Parallel()
	server := newHost(t, func(w http.ResponseWriter, req *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		_, _ = fmt.Fprintf(conn, "HTTP/1.1 %s\r\n\r\n", req.Header.Get("Authorization"))
		_ = conn.Close()
	})
	client := clientAt(t, server.URL, server.URL, retries(0))
	defer client.CloseIdleConnections()
	err := listGroups(t.Context(), client, mercurSecrets()...)
	require.ErrorContains(t, err, "malformed")
	assertPrintsNone(t, err, allSecrets()...)
}

func TestATokenCannotBeReachedFromAnError(t *testing.T) {
	t.Parallel()
	secrets := []string{
		defaultToken, defaultKey, defaultShop, callToken, callKey, callShop, callHeader, callQuery, callEmail, callCode, callPassword,
	}
	for name, answer := range failures() {
		if strings.HasPrefix(name, "a transport that quotes") {
			continue // It is the caller's own, and errors.As finds it as it is.
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				client := clientOf(t, always(answer), retries(1), storeorders.WithMaxResponseBytes(64<<10))
				for op, err := range secretCalls(t.Context(), client) {
					if !failed(t, op, err) {
						continue
					}
					assertReachesNone(t, err, secrets...)
					if strings.Contains(op, "Auth.") { // to a login a token is one, whoever sent it
						assertReachesNone(t, err, grantedToken)
					}
				}
			})
		})
	}
	t.Run("real connections", func(t *testing.T) {
		t.Parallel()
		closed := newHost(t, nil)
		url := closed.URL
		closed.Close()
		client := clientAt(t, url, url, retries(0))
		for _, err := range secretCalls(t.Context(), client) {
			require.Error(t, err)
			assertReachesNone(t, err, secrets...)
			assertPrintsNone(t, err, allSecrets()...)
		}
	})
	t.Run("canceled while waiting", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			client := clientOf(t, always(reply(http.StatusServiceUnavailable, serverFell, "Retry-After", "20")))
			time.AfterFunc(time.Second, cancel)
			err := listGroups(ctx, client, mercurSecrets()...)
			require.ErrorIs(t, err, context.Canceled)
			assertReachesNone(t, err, secrets...)
			assertPrintsNone(t, err, allSecrets()...)
		})
	})
}

func TestNoErrorTypePrintsABody(t *testing.T) {
	t.Parallel()
	apiError := &storeorders.APIError{Op: "Orders.List", Method: "GET", Path: "/orders", StatusCode: 404, Body: []byte("before " + bodyWord + " after")}
	decodeError := &storeorders.DecodeError{Op: "Orders.List", StatusCode: 200, Snippet: "before " + bodyWord + " after", Err: errors.New("not JSON")}
	loginError := &storeorders.LoginError{Reason: "redirect", Location: "https://login.test/?code=" + bodyWord}
	for _, err := range []error{
		apiError, decodeError, loginError,
		&storeorders.PageError{Offset: 3, Page: -1, Err: apiError},
		&storeorders.PageError{Offset: -1, Page: 2, Err: decodeError},
		&storeorders.PageError{Offset: -1, Page: -1, Err: loginError},
		fmt.Errorf("my own words: %w", apiError),
		errors.Join(apiError, decodeError, loginError),
	} {
		assertPrintsNone(t, err, bodyWord)
	}
}

// Who logs *err, or a struct that has one as a field, prints the value.
func TestNoErrorTypePrintsABodyWhereItIsAValue(t *testing.T) {
	t.Parallel()
	apiError := storeorders.APIError{StatusCode: 404, Body: []byte("before " + bodyWord + " after")}
	decodeError := storeorders.DecodeError{StatusCode: 200, Snippet: bodyWord, Err: errors.New("not JSON")}
	loginError := storeorders.LoginError{Reason: "redirect", Location: "https://login.test/?code=" + bodyWord}
	for _, v := range []any{apiError, decodeError, loginError, storeorders.PageError{Err: &apiError}} {
		assertDirectlyPrintsNone(t, v, bodyWord)
	}
}

func TestNothingThatIsConfiguredPrintsItsSecrets(t *testing.T) {
	t.Parallel()
	source := storeorders.StaticToken(defaultToken)
	mercur := storeorders.MercurConfig{BaseURL: mercurURL, PublishableKey: defaultKey, Token: source}
	salesive := storeorders.SalesiveConfig{BaseURL: salesiveURL, ShopID: defaultShop, Token: source}
	client := clientOf(t, always(well))
	request := append(mercurSecrets(), salesiveSecrets()...)
	token, err := client.MercurAuth.Login(t.Context(), callEmail, callPassword)
	require.NoError(t, err)
	require.Equal(t, grantedToken, token.Value())
	login := client.MercurAuth.PasswordSource(callEmail, callPassword)
	_, err = login.Token(t.Context())
	require.NoError(t, err)
	for _, v := range []any{
		client, *client, client.OrderGroups, client.Orders, *client.OrderGroups, *client.Orders,
		client.MercurAuth, client.SalesiveAuth, *client.MercurAuth, *client.SalesiveAuth,
		token, *token,
		[]*storeorders.Token{token},
		struct{ T *storeorders.Token }{token},
		login, client.MercurAuth.PasswordSource(callEmail, callPassword),
		storeorders.WithMercurLogin(callEmail, callPassword),
		storeorders.WithMercur(mercur), storeorders.WithSalesive(salesive),
		[]storeorders.Option{storeorders.WithMercur(mercur), storeorders.WithSalesive(salesive)},
		request, request[0], request[1], request[2], request[4],
		storeorders.WithTokenSource(source),
		source, &source,
		[]storeorders.TokenSource{source},
		map[string]storeorders.TokenSource{"a": source},
		storeorders.TokenSourceFunc(source.Token),
		&mercur, &salesive,
	} {
		assertPrintsNone(t, v, allSecrets()...)
	}
	for _, v := range []any{mercur, salesive, []storeorders.MercurConfig{mercur}, struct{ Shop storeorders.SalesiveConfig }{salesive}} {
		assertDirectlyPrintsNone(t, v, allSecrets()...)
	}
}

func TestAPageDoesNotHoldTheCredentials(t *testing.T) {
	t.Parallel()
	client := clientOf(t, always(well))
	groups, err := client.OrderGroups.List(t.Context(), nil, mercurSecrets()...)
	require.NoError(t, err)
	orders, err := client.Orders.List(t.Context(), nil, salesiveSecrets()...)
	require.NoError(t, err)
	for _, text := range append(reachable(groups), reachable(orders)...) {
		for _, secret := range allSecrets() {
			assert.NotContains(t, text, secret)
		}
	}
}

func TestWhatIsConfiguredCanBeToldApartWhenPrinted(t *testing.T) {
	t.Parallel()
	mercur := storeorders.MercurConfig{BaseURL: mercurURL, PublishableKey: defaultKey, Token: storeorders.StaticToken(defaultToken)}
	client := clientOf(t, always(well))
	for _, v := range []any{mercur, client} {
		for how, text := range map[string]string{"%v": fmt.Sprint(v), "%+v": fmt.Sprintf("%+v", v), "%#v": fmt.Sprintf("%#v", v)} {
			assert.Contains(t, text, mercurURL, how)
		}
	}
	assert.NotContains(t, storeorders.MercurConfig{BaseURL: mercurURL}.String(), "Token")
	assert.Contains(t, mercur.String(), "Token")
}

func TestNoLogRecordHasASecret(t *testing.T) {
	t.Parallel()
	all := failures()
	all["success"] = well
	all["an echo in the request id"] = func(req *http.Request) (*http.Response, error) {
		id := strings.Repeat("x", 490) + strings.TrimPrefix(req.Header.Get("Authorization"), "Bearer ")
		return reply(http.StatusServiceUnavailable, serverFell, "X-Request-Id", id)(req)
	}
	for name, answer := range all {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var text, object lockedBuffer
				for _, handler := range []slog.Handler{
					slog.NewTextHandler(&text, &slog.HandlerOptions{Level: slog.LevelDebug, AddSource: true}),
					slog.NewJSONHandler(&object, &slog.HandlerOptions{Level: slog.LevelDebug}),
				} {
					client := clientOf(t, always(answer), retries(1), storeorders.WithMaxResponseBytes(64<<10),
						storeorders.WithLogger(slog.New(handler)))
					_ = secretCalls(t.Context(), client)
				}
				require.NotEmpty(t, text.String())
				require.NotEmpty(t, object.String())
				assert.Empty(t, secretsIn(text.String(), allSecrets()...))
				assert.Empty(t, secretsIn(object.String(), allSecrets()...))
				// Not even a part of the token, where a text was cut.
				assert.Empty(t, secretsIn(text.String(), callToken[:8]))
			})
		})
	}
}

func TestAnIDThatIsTheTokenIsMaskedInLogs(t *testing.T) {
	t.Parallel()
	var log lockedBuffer
	client := clientOf(t, always(reply(http.StatusServiceUnavailable, serverFell)), retries(1),
		storeorders.WithLogger(slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))))
	_, err := client.OrderGroups.Get(t.Context(), callToken, nil, storeorders.WithToken(callToken))
	require.Error(t, err)
	assertPrintsNone(t, err, callToken)
	require.NotEmpty(t, log.String())
	assert.Empty(t, secretsIn(log.String(), callToken))
}

func TestTheLogSaysWhatHappened(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log lockedBuffer
		server := inTurn(
			reply(http.StatusServiceUnavailable, serverFell, "Retry-After", "2", "X-Request-Id", "req-1"),
			reply(http.StatusOK, oneGroupPage, "X-Request-Id", "req-2"),
		)
		client := clientOf(t, server, storeorders.WithLogger(slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))))
		require.NoError(t, listGroups(t.Context(), client))
		want := []map[string]any{
			{"level": "DEBUG", "op": "OrderGroups.List", "path": "/store/order-groups", "attempt": 1.0, "status": 503.0, "request_id": "req-1"},
			{"level": "WARN", "op": "OrderGroups.List", "path": "/store/order-groups", "attempt": 1.0, "status": 503.0, "wait": 2e9},
			{"level": "DEBUG", "op": "OrderGroups.List", "path": "/store/order-groups", "attempt": 2.0, "status": 200.0, "request_id": "req-2"},
		}
		records := slices.Collect(strings.Lines(log.String()))
		require.Len(t, records, len(want))
		for i, line := range records {
			var record map[string]any
			require.NoError(t, json.Unmarshal([]byte(line), &record))
			for key, value := range want[i] {
				assert.Equal(t, value, record[key], "%s of record %d", key, i)
			}
			// A list of what may be there: what is added to a record is looked at.
			for key := range record {
				assert.Contains(t, []string{
					"time", "level", "msg", "op", "method", "path", "attempt", "duration", "status", "request_id", "wait",
				}, key)
			}
		}
	})
}

func TestTheLogTellsOfNoRetryWhereThereIsNone(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		answer  step
		retries int
		want    []string
	}{
		"not retried":      {reply(http.StatusNotFound, groupNotFound), 2, []string{"attempt"}},
		"without retries":  {reply(http.StatusServiceUnavailable, serverFell), 0, []string{"attempt"}},
		"the last attempt": {broken(errors.New("connection refused")), 1, []string{"attempt", "retry", "attempt"}},
		"too long a wait":  {reply(http.StatusServiceUnavailable, serverFell, "Retry-After", "9"), 2, []string{"attempt"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []string
			client := clientOf(t, always(test.answer), retries(test.retries), storeorders.WithLogger(onRecord(func(message string) {
				got = append(got, strings.TrimPrefix(message, "storeorders: "))
			})))
			require.Error(t, listGroups(t.Context(), client))
			assert.Equal(t, test.want, got)
		})
	}
}

func TestWhatAServerEchoesIsMasked(t *testing.T) {
	t.Parallel()
	// Of characters that some encodings change.
	const token, key, shop = "aZ/9+bQ==x&y<z", "pk/a+b=c&d", "shop/a+b c&d"
	for name, encode := range map[string]func(string) string{
		"as it is":                   func(s string) string { return s },
		"in JSON":                    func(s string) string { return strings.Trim(encodeJSON(s, false), `"`) },
		"in JSON fit for HTML":       func(s string) string { return strings.Trim(encodeJSON(s, true), `"`) },
		`in JSON with \/ for /`:      func(s string) string { return strings.ReplaceAll(strings.Trim(encodeJSON(s, false), `"`), "/", `\/`) },
		"as part of a query":         url.QueryEscape,
		"as part of a path":          url.PathEscape,
		"URL-encoded in small hex":   func(s string) string { return lowerHex(url.QueryEscape(s)) },
		"in Go's quotes":             func(s string) string { return strings.Trim(strconv.Quote(s), `"`) },
		"twice, one after the other": func(s string) string { return s + s },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			echo := func(status int) step {
				return func(req *http.Request) (*http.Response, error) {
					all := encode(strings.TrimPrefix(req.Header.Get("Authorization"), "Bearer ")) + " and " +
						encode(req.Header.Get("X-Publishable-Api-Key")+req.Header.Get("X-Shop-Id"))
					data := encodeJSON(all, false)
					if strings.HasPrefix(name, "in JSON") {
						data = `"` + all + `"`
					}
					body := `{"type":` + data + `,"code":` + data + `,"message":` + data + `,"success":false}`
					return reply(status, body, "X-Request-Id", all, "Content-Type", "application/json; "+all)(req)
				}
			}
			client := clientOf(t, always(echo(http.StatusNotFound)))
			_, err := client.OrderGroups.List(t.Context(), nil, storeorders.WithToken(token), storeorders.WithPublishableKey(key))
			_, err2 := client.Orders.List(t.Context(), nil, storeorders.WithToken(token), storeorders.WithShopID(shop))
			for _, err := range []error{err, err2} {
				e := requireAPIError(t, err)
				for field, text := range map[string]string{
					"Error": e.Error(), "Type": e.Type, "Code": e.Code, "Message": e.Message,
					"RequestID": e.RequestID, "ContentType": e.ContentType, "Body": string(e.Body),
				} {
					for _, secret := range []string{token, key, shop} {
						assert.NotContains(t, text, secret, field)
						assert.NotContains(t, text, encode(secret), field)
					}
				}
				assert.Contains(t, e.Message, "REDACTED")
				assert.Contains(t, string(e.Body), "REDACTED")
			}

			client = clientOf(t, always(echo(http.StatusOK)))
			_, err = client.OrderGroups.List(t.Context(), nil, storeorders.WithToken(token), storeorders.WithPublishableKey(key))
			e := requireDecodeError(t, err)
			for _, secret := range []string{token, key} {
				for field, text := range map[string]string{"Error": e.Error(), "ContentType": e.ContentType, "Snippet": e.Snippet} {
					assert.NotContains(t, text, secret, field)
					assert.NotContains(t, text, encode(secret), field)
				}
			}
			assert.Contains(t, e.Snippet, "REDACTED")
		})
	}
}

func encodeJSON(s string, forHTML bool) string {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(forHTML)
	if err := encoder.Encode(s); err != nil {
		return err.Error()
	}
	return strings.TrimSpace(b.String())
}

func lowerHex(escaped string) string {
	for i := 0; i < len(escaped); i++ {
		if escaped[i] == '%' {
			escaped = escaped[:i] + strings.ToLower(escaped[i:i+3]) + escaped[i+3:]
		}
	}
	return escaped
}

// The token of an earlier attempt is as secret as the last one's.
func TestTheTokenOfAnEarlierAttemptIsMasked(t *testing.T) {
	t.Parallel()
	server := &stub{}
	server.answer = func(_ int, req *http.Request) (*http.Response, error) {
		message := "tokens: " + strings.Join(server.headers("Authorization"), " ")
		return reply(http.StatusServiceUnavailable, `{"message":"`+message+`"}`)(req)
	}
	err := listGroups(t.Context(), clientOf(t, server, retries(2)), storeorders.WithTokenSource(sourceOf(func(n int) (string, error) {
		return callToken + strconv.Itoa(n), nil
	})))
	e := requireAPIError(t, err)
	require.Equal(t, 3, e.Attempts)
	assert.NotContains(t, e.Message, callToken)
	assert.NotContains(t, string(e.Body), callToken)
}

// What is masked may be longer than what it stands for.
func TestMaskingDoesNotMakeABodyLongerThanPromised(t *testing.T) {
	t.Parallel()
	client := clientOf(t, always(reply(http.StatusNotFound, strings.Repeat("pk_1", 10_000))))
	e := requireAPIError(t, listGroups(t.Context(), client, storeorders.WithPublishableKey("pk_1")))
	assert.LessOrEqual(t, len(e.Body), 8<<10)
	client = clientOf(t, always(reply(http.StatusOK, strings.Repeat("pk_1", 10_000))))
	d := requireDecodeError(t, listGroups(t.Context(), client, storeorders.WithPublishableKey("pk_1")))
	assert.LessOrEqual(t, len(d.Snippet), 512)
}

// The caller's transport and token source may make requests of their own,
// whose errors quote their URLs.
func TestQueriesOfOtherRequestsAreNotPrinted(t *testing.T) {
	t.Parallel()
	other := func() error {
		return fmt.Errorf("proxy: %w", &url.Error{
			Op: "Post", URL: "https://auth.test/token?client_secret=hunter2&user=alice", Err: errors.New("connection refused"),
		})
	}
	source := storeorders.TokenSourceFunc(func(context.Context) (string, error) { return "", other() })
	for name, call := range map[string]func(client *storeorders.Client) error{
		"a token source": func(client *storeorders.Client) error {
			return listGroups(t.Context(), client, storeorders.WithTokenSource(source))
		},
		"a round tripper": func(client *storeorders.Client) error { return listGroups(t.Context(), client) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var log lockedBuffer
			err := call(clientOf(t, always(broken(other())), retries(1), storeorders.WithLogger(slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})))))
			assert.ErrorContains(t, err, `proxy: Post "https://auth.test/token": connection refused`)
			assert.NotContains(t, fmt.Sprintf("%v %+v %#v", err, err, err)+log.String(), "hunter2")
		})
	}
}

// A short credential is a word that stands in messages by chance.
func TestWhatIsTooShortForASecretIsNotMasked(t *testing.T) {
	t.Parallel()
	client := clientOf(t, always(reply(http.StatusNotFound, `{"message":"no pass, no entry; password1"}`)))
	err := listGroups(t.Context(), client, storeorders.WithToken("no pass"), storeorders.WithPublishableKey("password1"))
	assert.Equal(t, "no pass, no entry; [REDACTED]", requireAPIError(t, err).Message)
}
