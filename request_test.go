package storeorders_test

import (
	"context"
	"net/http"
	"net/http/cookiejar"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-2861b391/storeorders"
)

func TestTheClientsCredentialsAreSentToTheirOwnAPI(t *testing.T) {
	t.Parallel()
	for _, e := range endpoints() {
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			server := always(well)
			require.NoError(t, e.call(t.Context(), clientOf(t, server)))
			require.Len(t, server.sent(), 1)
			header := server.sent()[0].Header
			assert.Equal(t, []string{"Bearer " + defaultToken}, header.Values("Authorization"))
			if e.mercur {
				assert.Equal(t, []string{defaultKey}, header.Values("X-Publishable-Api-Key"))
				assert.NotContains(t, header, "X-Shop-Id")
			} else {
				assert.Equal(t, []string{defaultShop}, header.Values("X-Shop-Id"))
				assert.NotContains(t, header, "X-Publishable-Api-Key")
			}
		})
	}
}

func TestACallsCredentialsBeatTheClients(t *testing.T) {
	t.Parallel()
	for _, e := range endpoints() {
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			server := always(well)
			options := []storeorders.RequestOption{storeorders.WithToken("own"), storeorders.WithShopID("own shop")}
			if e.mercur {
				options[1] = storeorders.WithPublishableKey("pk_own")
			}
			client := clientOf(t, server)
			require.NoError(t, e.call(t.Context(), client, options...))
			require.NoError(t, e.call(t.Context(), client)) // and are gone after it
			assert.Equal(t, []string{"Bearer own", "Bearer " + defaultToken}, server.headers("Authorization"))
			if e.mercur {
				assert.Equal(t, []string{"pk_own", defaultKey}, server.headers("X-Publishable-Api-Key"))
			} else {
				assert.Equal(t, []string{"own shop", defaultShop}, server.headers("X-Shop-Id"))
			}
		})
	}
}

func TestACallBringsItsOwnCredentialsWhereTheClientHasNone(t *testing.T) {
	t.Parallel()
	server := always(well)
	client, err := storeorders.NewClient(
		storeorders.WithMercur(storeorders.MercurConfig{BaseURL: mercurURL}),
		storeorders.WithSalesive(storeorders.SalesiveConfig{BaseURL: salesiveURL}),
		storeorders.WithHTTPClient(&http.Client{Transport: server}),
	)
	require.NoError(t, err)
	require.NoError(t, listGroups(t.Context(), client, storeorders.WithToken("own"), storeorders.WithPublishableKey("pk_own")))
	require.NoError(t, listOrders(t.Context(), client, storeorders.WithToken("own")))
	assert.Equal(t, []string{"Bearer own", "Bearer own"}, server.headers("Authorization"))
	assert.Equal(t, []string{"pk_own", ""}, server.headers("X-Publishable-Api-Key"))
}

func TestTheShopIDIsOptional(t *testing.T) {
	t.Parallel()
	server := always(well)
	client := clientOf(t, server, storeorders.WithSalesive(storeorders.SalesiveConfig{
		BaseURL: salesiveURL, Token: storeorders.StaticToken(defaultToken),
	}))
	require.NoError(t, listOrders(t.Context(), client))
	require.Len(t, server.sent(), 1)
	assert.NotContains(t, server.sent()[0].Header, "X-Shop-Id")
}

// An empty credential is a program's mistake, such as a header that was not there. What it must not do is to open the
// account that the client's default is for.
func TestMissingCredentialsSendNothing(t *testing.T) {
	t.Parallel()
	bare := storeorders.WithMercur(storeorders.MercurConfig{BaseURL: mercurURL})
	for name, test := range map[string]struct {
		client  storeorders.Option
		options []storeorders.RequestOption
	}{
		"WithToken of nothing":       {retries(0), []storeorders.RequestOption{storeorders.WithToken("")}},
		"WithTokenSource of nil":     {retries(0), []storeorders.RequestOption{storeorders.WithTokenSource(nil)}},
		"a nil TokenSourceFunc":      {retries(0), []storeorders.RequestOption{storeorders.WithTokenSource(storeorders.TokenSourceFunc(nil))}},
		"a source that has none":     {retries(0), []storeorders.RequestOption{storeorders.WithTokenSource(sourceOf(func(int) (string, error) { return "", nil }))}},
		"nothing after a good token": {retries(0), []storeorders.RequestOption{storeorders.WithToken("good"), storeorders.WithToken("")}},
		"nil after a good token":     {retries(0), []storeorders.RequestOption{storeorders.WithToken("good"), storeorders.WithTokenSource(nil)}},
		"no key":                     {bare, []storeorders.RequestOption{storeorders.WithToken("token")}},
		"no token":                   {bare, []storeorders.RequestOption{storeorders.WithPublishableKey("pk")}},
		"neither":                    {bare, nil},
		"WithPublishableKey of nothing": {
			retries(0), []storeorders.RequestOption{storeorders.WithPublishableKey("")},
		},
		"nothing after a good key": {
			retries(0), []storeorders.RequestOption{storeorders.WithPublishableKey("pk"), storeorders.WithPublishableKey("")},
		},
		"a default that is empty": {
			storeorders.WithMercur(storeorders.MercurConfig{BaseURL: mercurURL, PublishableKey: "pk", Token: storeorders.StaticToken("")}), nil,
		},
		"a default that is a nil TokenSourceFunc": {
			storeorders.WithMercur(storeorders.MercurConfig{BaseURL: mercurURL, PublishableKey: "pk", Token: storeorders.TokenSourceFunc(nil)}), nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, e := range endpoints() {
				if !e.mercur {
					continue
				}
				server := always(well)
				client := clientOf(t, server, test.client)
				require.NotPanics(t, func() {
					assert.ErrorIs(t, e.call(t.Context(), client, test.options...), storeorders.ErrNoCredentials, e.name)
				})
				assert.Empty(t, server.sent(), e.name)
			}
		})
	}
}

func TestMissingCredentialsSendNothingToSalesive(t *testing.T) {
	t.Parallel()
	for name, option := range map[string]storeorders.RequestOption{
		"WithToken of nothing":   storeorders.WithToken(""),
		"WithTokenSource of nil": storeorders.WithTokenSource(nil),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, e := range endpoints() {
				if e.mercur {
					continue
				}
				server := always(well)
				assert.ErrorIs(t, e.call(t.Context(), clientOf(t, server), option), storeorders.ErrNoCredentials, e.name)
				assert.Empty(t, server.sent(), e.name)
			}
		})
	}
}

func TestRequestOptionsThatCannotWorkAreRefusedByName(t *testing.T) {
	t.Parallel()
	const value = "v4lue-of-the-header"
	for name, test := range map[string]struct {
		option        storeorders.RequestOption
		field, header string
	}{
		"a nil option":        {nil, "RequestOption", ""},
		"Authorization":       {storeorders.WithHeader("Authorization", value), "WithHeader", "Authorization"},
		"authorization":       {storeorders.WithHeader("authorization", value), "WithHeader", "Authorization"},
		"AUTHORIZATION":       {storeorders.WithHeader("AUTHORIZATION", value), "WithHeader", "Authorization"},
		"Cookie":              {storeorders.WithHeader("cookie", value), "WithHeader", "Cookie"},
		"the publishable key": {storeorders.WithHeader("x-publishable-api-key", value), "WithHeader", "X-Publishable-Api-Key"},
		"the shop id":         {storeorders.WithHeader("x-shop-id", value), "WithHeader", "X-Shop-Id"},
		"User-Agent":          {storeorders.WithHeader("user-agent", value), "WithHeader", "User-Agent"},
		"Host":                {storeorders.WithHeader("host", value), "WithHeader", "Host"},
		"Content-Length":      {storeorders.WithHeader("content-length", value), "WithHeader", "Content-Length"},
		"Transfer-Encoding":   {storeorders.WithHeader("transfer-encoding", value), "WithHeader", "Transfer-Encoding"},
		"Accept-Encoding":     {storeorders.WithHeader("accept-encoding", value), "WithHeader", "Accept-Encoding"},
		"Connection":          {storeorders.WithHeader("connection", value), "WithHeader", "Connection"},
		"Proxy-Authorization": {storeorders.WithHeader("proxy-authorization", value), "WithHeader", "Proxy-Authorization"},
		"a header in two lines": {
			storeorders.WithHeader("x-own", value+"\r\nX-Other: "+value), "WithHeader", "X-Own",
		},
		"a header with a line feed":       {storeorders.WithHeader("x-own", value+"\n"), "WithHeader", "X-Own"},
		"a header with a carriage return": {storeorders.WithHeader("x-own", "\r"+value), "WithHeader", "X-Own"},
		"a header with a null":            {storeorders.WithHeader("x-own", value+"\x00"), "WithHeader", "X-Own"},
		"a header with a delete":          {storeorders.WithHeader("x-own", value+"\x7f"), "WithHeader", "X-Own"},
		"a header without a name":         {storeorders.WithHeader("", value), "WithHeader", ""},
		"a name with a space":             {storeorders.WithHeader("X Own", value), "WithHeader", ""},
		"a name with a colon":             {storeorders.WithHeader("X-Own:", value), "WithHeader", ""},
		"a name in two lines":             {storeorders.WithHeader("X-Own\r\nX-Other", value), "WithHeader", ""},
		"a name that is not ASCII":        {storeorders.WithHeader("X-Größe", value), "WithHeader", ""},
		"a key in two lines":              {storeorders.WithPublishableKey(value + "\r\n"), "WithPublishableKey", ""},
		"a shop id for Mercur":            {storeorders.WithShopID(value), "WithShopID", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, e := range endpoints() {
				if !e.mercur {
					continue
				}
				server := always(well)
				err := e.call(t.Context(), clientOf(t, server), test.option)
				require.Error(t, err)
				assertRefused(t, test.field, err)
				assert.ErrorContains(t, err, test.header)
				assertPrintsNone(t, err, value)
				assert.NotContains(t, err.Error(), "\n")
				assert.Empty(t, server.sent())
			}
		})
	}
}

// A whole header given as the name is a slip of the pen, and has the value in it.
func TestANameThatIsAWholeHeaderIsNotPrinted(t *testing.T) {
	t.Parallel()
	const value = "v4lue-of-the-header"
	for _, name := range []string{"Authorization: Bearer " + value, "X-Own=" + value, "X-Own " + value, "X-Own:\n" + value} {
		err := listGroups(t.Context(), clientOf(t, always(well)), storeorders.WithHeader(name, ""))
		assertRefused(t, "WithHeader", err)
		assertPrintsNone(t, err, value)
	}
}

func TestRequestOptionsThatSalesiveCannotUseAreRefusedByName(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		option storeorders.RequestOption
		field  string
	}{
		"an empty shop id":             {storeorders.WithShopID(""), "WithShopID"},
		"a shop id in two lines":       {storeorders.WithShopID("shop\r\n1"), "WithShopID"},
		"a publishable key":            {storeorders.WithPublishableKey("pk"), "WithPublishableKey"},
		"a publishable key of nothing": {storeorders.WithPublishableKey(""), "WithPublishableKey"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, e := range endpoints() {
				if e.mercur {
					continue
				}
				server := always(well)
				assertRefused(t, test.field, e.call(t.Context(), clientOf(t, server), test.option))
				assert.Empty(t, server.sent())
			}
		})
	}
}

func TestTheLastRequestOptionOfANameCounts(t *testing.T) {
	t.Parallel()
	server := always(well)
	client := clientOf(t, server)
	require.NoError(t, listGroups(t.Context(), client,
		storeorders.WithToken(""), storeorders.WithTokenSource(storeorders.StaticToken("first")), storeorders.WithToken("last"),
		storeorders.WithPublishableKey(""), storeorders.WithPublishableKey("pk_last"),
		storeorders.WithHeader("X-Own", "first"), storeorders.WithHeader("x-own", "last"),
	))
	require.NoError(t, listOrders(t.Context(), client, storeorders.WithShopID("first"), storeorders.WithShopID("shop_last")))
	require.Len(t, server.sent(), 2)
	groups, orders := server.sent()[0].Header, server.sent()[1].Header
	assert.Equal(t, []string{"Bearer last"}, groups.Values("Authorization"))
	assert.Equal(t, []string{"pk_last"}, groups.Values("X-Publishable-Api-Key"))
	assert.Equal(t, []string{"last"}, groups.Values("X-Own"))
	assert.Equal(t, []string{"shop_last"}, orders.Values("X-Shop-Id"))
}

func TestWithHeaderIsSentWithEveryAttempt(t *testing.T) {
	t.Parallel()
	server := inTurn(reply(http.StatusServiceUnavailable, serverFell), well)
	require.NoError(t, listGroups(t.Context(), clientOf(t, server, retries(1)),
		storeorders.WithHeader("X-Request-Id", "req-7"), storeorders.WithHeader("X-Empty", ""), storeorders.WithHeader("Accept-Language", "de, en;q=0.5")))
	assert.Equal(t, []string{"req-7", "req-7"}, server.headers("X-Request-Id"))
	assert.Equal(t, []string{"de, en;q=0.5", "de, en;q=0.5"}, server.headers("Accept-Language"))
	assert.Contains(t, server.sent()[0].Header, "X-Empty")
}

func TestARefusalOfOneOptionIsNotUndoneByALaterOne(t *testing.T) {
	t.Parallel()
	server := always(well)
	err := listGroups(t.Context(), clientOf(t, server), storeorders.WithHeader("X-Own", "a\nb"), storeorders.WithHeader("X-Own", "b"))
	assertRefused(t, "WithHeader", err)
	assert.Empty(t, server.sent())
}

// A program may make its options once, and use them for every call.
func TestRequestOptionsCanBeUsedAgain(t *testing.T) {
	t.Parallel()
	server := always(well)
	client := clientOf(t, server)
	options := []storeorders.RequestOption{storeorders.WithToken("own"), storeorders.WithHeader("X-Own", "1")}
	for range 3 {
		require.NoError(t, listGroups(t.Context(), client, options...))
	}
	assert.Equal(t, []string{"1", "1", "1"}, server.headers("X-Own"))
	for _, req := range server.sent() {
		assert.Len(t, req.Header.Values("X-Own"), 1)
	}
}

func TestACookieOfTheServersIsNotSentBack(t *testing.T) {
	t.Parallel()
	server := newHost(t, func(w http.ResponseWriter, req *http.Request) {
		w.Header().Set("Set-Cookie", "connect.sid=of-the-first-shopper; Path=/; HttpOnly")
		if req.Header.Get("Cookie") != "" {
			writeJSON(w, http.StatusBadRequest, `{"message":"a cookie came back"}`)
			return
		}
		if req.URL.Path == "/store/order-groups" {
			http.Redirect(w, req, "/moved", http.StatusFound)
			return
		}
		writeJSON(w, http.StatusOK, oneGroupPage)
	})
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	for _, opts := range [][]storeorders.Option{nil, {storeorders.WithHTTPClient(&http.Client{Jar: jar})}} {
		client := clientAt(t, server.URL, server.URL, opts...)
		for range 3 {
			assert.NoError(t, listGroups(t.Context(), client))
		}
		client.CloseIdleConnections()
	}
}

// A context that has ended sends nothing, whatever the transport would make of it.
func TestAnEndedContextSendsNothing(t *testing.T) {
	t.Parallel()
	for _, e := range endpoints() {
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			server := always(well)
			assert.ErrorIs(t, e.call(ctx, clientOf(t, server)), context.Canceled)
			assert.Empty(t, server.sent())
		})
	}
}

// A token is often copied with what it is sent behind, and a key from a file with a line break.
func TestTheReasonOfARefusedCredentialSaysWhatToDo(t *testing.T) {
	t.Parallel()
	const secret = "s3cret-of-the-test"
	const lineBreak = "has a control character, such as a line break at its end"
	const behind = `begins with "Bearer "; give the token alone`
	for _, e := range endpoints() {
		server := always(well)
		refused := func(want string, o storeorders.RequestOption, opts ...storeorders.Option) {
			var options []storeorders.RequestOption
			if o != nil {
				options = append(options, o)
			}
			err := e.call(t.Context(), clientOf(t, server, opts...), options...)
			assert.ErrorContains(t, err, "storeorders: "+want)
			assertPrintsNone(t, err, secret)
		}
		for _, token := range []string{"Bearer " + secret, "bearer " + secret, "BEARER  " + secret, "Bearer "} {
			refused("Token: "+behind, storeorders.WithToken(token))
			refused("Token: "+behind, storeorders.WithTokenSource(sourceOf(func(int) (string, error) { return token, nil })))
			refused("Token: "+behind, nil,
				storeorders.WithMercur(storeorders.MercurConfig{BaseURL: mercurURL, PublishableKey: defaultKey, Token: storeorders.StaticToken(token)}),
				storeorders.WithSalesive(storeorders.SalesiveConfig{BaseURL: salesiveURL, Token: storeorders.StaticToken(token)}))
		}
		refused("Token: "+lineBreak, storeorders.WithToken(secret+"\n"))
		refused("Token: "+lineBreak, storeorders.WithToken("Bearer "+secret+"\n"))
		if e.mercur {
			refused("WithPublishableKey: "+lineBreak, storeorders.WithPublishableKey(secret+"\n"))
		} else {
			refused("WithShopID: "+lineBreak, storeorders.WithShopID(secret+"\n"))
		}
		assert.Empty(t, server.sent(), e.name)
		for _, token := range []string{"Bearer", "bearer-of-news", "xBearer y"} {
			require.NoError(t, e.call(t.Context(), clientOf(t, server), storeorders.WithToken(token)))
			assert.Equal(t, "Bearer "+token, server.headers("Authorization")[len(server.sent())-1])
		}
	}
}
