package storeorders_test

import (
	"context"
	"errors"
	"math"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-2861b391/storeorders"
)

func TestOptionsThatCannotWorkAreRefusedByName(t *testing.T) {
	t.Parallel()
	mercur := storeorders.WithMercur
	mercurAt := func(base string) storeorders.Option { return mercur(storeorders.MercurConfig{BaseURL: base}) }
	salesiveAt := func(base string) storeorders.Option {
		return storeorders.WithSalesive(storeorders.SalesiveConfig{BaseURL: base})
	}
	policy := func(change func(*storeorders.RetryPolicy)) storeorders.Option {
		p := storeorders.DefaultRetryPolicy()
		change(&p)
		return storeorders.WithRetry(p)
	}
	for name, test := range map[string]struct {
		option storeorders.Option
		field  string
	}{
		"a nil option": {nil, "Option"},

		"Mercur without a URL":                {mercur(storeorders.MercurConfig{PublishableKey: defaultKey}), "MercurConfig.BaseURL"},
		"Mercur at a host without a scheme":   {mercurAt("market.example.com"), "MercurConfig.BaseURL"},
		"Mercur at a host and port":           {mercurAt("market.example.com:9000"), "MercurConfig.BaseURL"},
		"Mercur at another scheme":            {mercurAt("ftp://market.example.com"), "MercurConfig.BaseURL"},
		"Mercur at no host":                   {mercurAt("https://"), "MercurConfig.BaseURL"},
		"Mercur at a port of no host":         {mercurAt("https://:9000"), "MercurConfig.BaseURL"},
		"Mercur at an opaque URL":             {mercurAt("https:market.example.com"), "MercurConfig.BaseURL"},
		"Mercur at a path":                    {mercurAt("/store"), "MercurConfig.BaseURL"},
		"Mercur at what is no URL":            {mercurAt("https://[::1"), "MercurConfig.BaseURL"},
		"Mercur at a port that is none":       {mercurAt("https://market.example.com:port"), "MercurConfig.BaseURL"},
		"Mercur at a URL with a query":        {mercurAt("https://market.example.com?a=b"), "MercurConfig.BaseURL"},
		"Mercur at a URL with no more than ?": {mercurAt("https://market.example.com?"), "MercurConfig.BaseURL"},
		"Mercur at a URL with a fragment":     {mercurAt("https://market.example.com/#top"), "MercurConfig.BaseURL"},
		"Mercur at a URL with a user":         {mercurAt("https://user@market.example.com"), "MercurConfig.BaseURL"},
		"Mercur at a URL with a line break":   {mercurAt("https://market.example.com/\r\nX-Own: 1"), "MercurConfig.BaseURL"},
		"a publishable key in two lines": {
			mercur(storeorders.MercurConfig{BaseURL: mercurURL, PublishableKey: "pk_1\r\nX-Own: 1"}),
			"MercurConfig.PublishableKey",
		},

		"Salesive at a host without a scheme": {salesiveAt("store.salesive.com"), "SalesiveConfig.BaseURL"},
		"Salesive at a URL with a query":      {salesiveAt("https://store.salesive.com/api/v1?shop=1"), "SalesiveConfig.BaseURL"},
		"Salesive at a URL with a password":   {salesiveAt("https://user:word@store.salesive.com"), "SalesiveConfig.BaseURL"},
		"a shop id in two lines": {
			storeorders.WithSalesive(storeorders.SalesiveConfig{ShopID: "shop\n1"}),
			"SalesiveConfig.ShopID",
		},

		"a nil HTTP client":  {storeorders.WithHTTPClient(nil), "WithHTTPClient"},
		"a nil logger":       {storeorders.WithLogger(nil), "WithLogger"},
		"a nil rate limiter": {storeorders.WithRateLimiter(nil), "WithRateLimiter"},
		"a nil middleware":   {storeorders.WithMiddleware(nil), "WithMiddleware"},
		"a middleware that gives nothing": {
			storeorders.WithMiddleware(func(http.RoundTripper) http.RoundTripper { return nil }),
			"WithMiddleware",
		},

		"no product":                 {storeorders.WithUserAgent(""), "WithUserAgent"},
		"a product of spaces":        {storeorders.WithUserAgent("  "), "WithUserAgent"},
		"a product in two lines":     {storeorders.WithUserAgent("a\r\nX-Own: 1"), "WithUserAgent"},
		"no attempt timeout":         {storeorders.WithAttemptTimeout(0), "WithAttemptTimeout"},
		"a negative attempt timeout": {storeorders.WithAttemptTimeout(-time.Second), "WithAttemptTimeout"},
		"no room for an answer":      {storeorders.WithMaxResponseBytes(0), "WithMaxResponseBytes"},
		"less than no room":          {storeorders.WithMaxResponseBytes(-1), "WithMaxResponseBytes"},

		"negative retries":       {policy(func(p *storeorders.RetryPolicy) { p.MaxRetries = -1 }), "RetryPolicy.MaxRetries"},
		"a negative MinWait":     {policy(func(p *storeorders.RetryPolicy) { p.MinWait = -1 }), "RetryPolicy.MinWait"},
		"a negative MaxWait":     {policy(func(p *storeorders.RetryPolicy) { p.MinWait, p.MaxWait = 0, -1 }), "RetryPolicy.MaxWait"},
		"MaxWait below MinWait":  {policy(func(p *storeorders.RetryPolicy) { p.MaxWait = p.MinWait - 1 }), "RetryPolicy.MaxWait"},
		"negative MaxRetryAfter": {policy(func(p *storeorders.RetryPolicy) { p.MaxRetryAfter = -1 }), "RetryPolicy.MaxRetryAfter"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			// Whichever comes first: a good option does not mend a bad one.
			good := mercurAt(mercurURL)
			for _, opts := range [][]storeorders.Option{{good, test.option}, {test.option, good}} {
				client, err := storeorders.NewClient(opts...)
				assertRefused(t, test.field, err)
				assert.Nil(t, client)
			}
		})
	}
}

func TestAPasswordInABaseURLIsNotPrinted(t *testing.T) {
	t.Parallel()
	const password = "s3cretWord"
	for _, base := range []string{
		"https://user:" + password + "@market.example.com",
		"https://" + password + "@market.example.com/store",
		"https://user:" + password + "@market.example.com:port",
		"https://user:" + password + "@[::1",
		"https:user:" + password + "@market.example.com",
		"//user:" + password + "@market.example.com",
		"user:" + password + "@market.example.com",
		"https://market.example.com?password=" + password,
		"https://market.example.com#password=" + password,
		"https://market.example.com/\x7f" + password,
	} {
		t.Run(base, func(t *testing.T) {
			t.Parallel()
			mercur := storeorders.MercurConfig{BaseURL: base}
			salesive := storeorders.SalesiveConfig{BaseURL: base}
			for _, option := range []storeorders.Option{storeorders.WithMercur(mercur), storeorders.WithSalesive(salesive)} {
				_, err := storeorders.NewClient(option)
				require.Error(t, err)
				assertPrintsNone(t, err, password)
			}
			assertDirectlyPrintsNone(t, mercur, password)
			assertDirectlyPrintsNone(t, salesive, password)
		})
	}
}

func TestTheLastOptionOfANameCounts(t *testing.T) {
	t.Parallel()
	passedOver := always(broken(errors.New("the transport that was passed over")))
	server := inTurn(reply(http.StatusServiceUnavailable, serverFell), well)
	limits := 0
	client, err := storeorders.NewClient(
		storeorders.WithMercur(storeorders.MercurConfig{BaseURL: "http://passed-over.test", PublishableKey: "pk_passed_over"}),
		storeorders.WithHTTPClient(&http.Client{Transport: passedOver}),
		storeorders.WithRetry(storeorders.RetryPolicy{}),
		storeorders.WithMaxResponseBytes(1),
		storeorders.WithAttemptTimeout(1),
		storeorders.WithUserAgent("passed-over"),
		storeorders.WithRateLimiter(limiterFunc(func(context.Context) error { return errors.New("the limiter that was passed over") })),

		storeorders.WithMercur(storeorders.MercurConfig{BaseURL: mercurURL, PublishableKey: defaultKey, Token: storeorders.StaticToken(defaultToken)}),
		storeorders.WithHTTPClient(&http.Client{Transport: server}),
		retries(1),
		storeorders.WithMaxResponseBytes(1<<20),
		storeorders.WithAttemptTimeout(time.Minute),
		storeorders.WithUserAgent("counts/1"),
		storeorders.WithRateLimiter(limiterFunc(func(context.Context) error { limits++; return nil })),
	)
	require.NoError(t, err)
	require.NoError(t, listGroups(t.Context(), client))
	require.Len(t, server.sent(), 2)
	assert.Equal(t, "mercur.test", server.sent()[0].URL.Host)
	assert.Equal(t, defaultKey, server.headers("X-Publishable-Api-Key")[0])
	assert.Contains(t, server.headers("User-Agent")[0], "counts/1 ")
	assert.NotContains(t, server.headers("User-Agent")[0], "passed-over")
	assert.Equal(t, 2, limits)
	assert.Empty(t, passedOver.sent())
}

// An option is a value: a program may keep a list of them and make many clients of it.
func TestOptionsCanBeUsedForSeveralClients(t *testing.T) {
	t.Parallel()
	server := always(well)
	runs := 0
	opts := []storeorders.Option{
		storeorders.WithMercur(storeorders.MercurConfig{BaseURL: mercurURL, PublishableKey: defaultKey, Token: storeorders.StaticToken(defaultToken)}),
		storeorders.WithHTTPClient(&http.Client{Transport: server}),
		storeorders.WithMiddleware(func(next http.RoundTripper) http.RoundTripper {
			return transportFunc(func(req *http.Request) (*http.Response, error) {
				runs++
				return next.RoundTrip(req)
			})
		}),
	}
	for range 3 {
		client, err := storeorders.NewClient(opts...)
		require.NoError(t, err)
		require.NoError(t, listGroups(t.Context(), client))
	}
	assert.Equal(t, 3, runs)
}

func TestTheLargestLimitsWork(t *testing.T) {
	t.Parallel()
	client := clientOf(t, always(well),
		storeorders.WithMaxResponseBytes(math.MaxInt64),
		storeorders.WithAttemptTimeout(math.MaxInt64),
		storeorders.WithRetry(storeorders.RetryPolicy{
			MaxRetries: math.MaxInt, MinWait: math.MaxInt64, MaxWait: math.MaxInt64, MaxRetryAfter: math.MaxInt64,
		}),
	)
	for _, e := range endpoints() {
		assert.NoError(t, e.call(t.Context(), client), e.name)
	}
}

func TestTheDefaultRetryPolicy(t *testing.T) {
	t.Parallel()
	assert.Equal(t, storeorders.RetryPolicy{
		MaxRetries:    3,
		MinWait:       200 * time.Millisecond,
		MaxWait:       5 * time.Second,
		MaxRetryAfter: 30 * time.Second,
	}, storeorders.DefaultRetryPolicy())
}

func TestAnOptionErrorIsOneLine(t *testing.T) {
	t.Parallel()
	err := &storeorders.OptionError{Field: "Limit", Reason: "is -1; it must not be negative"}
	assert.EqualError(t, err, "storeorders: Limit: is -1; it must not be negative")
}

func TestTheReasonOfARefusedOptionSaysWhatToDo(t *testing.T) {
	t.Parallel()
	const lineBreak = "has a control character, such as a line break at its end"
	for want, option := range map[string]storeorders.Option{
		"MercurConfig.PublishableKey: " + lineBreak:                                                         storeorders.WithMercur(storeorders.MercurConfig{BaseURL: mercurURL, PublishableKey: "pk_1\n"}),
		"SalesiveConfig.ShopID: " + lineBreak:                                                               storeorders.WithSalesive(storeorders.SalesiveConfig{ShopID: "shop_1\n"}),
		`MercurConfig.BaseURL: is not a URL; write it as in "https://market.example.com"`:                   storeorders.WithMercur(storeorders.MercurConfig{BaseURL: "https://[::1"}),
		`MercurConfig.BaseURL: needs http or https and a host; write it as in "https://market.example.com"`: storeorders.WithMercur(storeorders.MercurConfig{BaseURL: "localhost:9000"}),
		"SalesiveConfig.BaseURL: is not a URL; leave it empty for the hosted API":                           storeorders.WithSalesive(storeorders.SalesiveConfig{BaseURL: "https://[::1"}),
		"SalesiveConfig.BaseURL: needs http or https and a host; leave it empty for the hosted API":         storeorders.WithSalesive(storeorders.SalesiveConfig{BaseURL: "localhost:9000"}),
		"RetryPolicy.MaxWait: is 0s, less than MinWait (1s); set both, or begin with DefaultRetryPolicy()":  storeorders.WithRetry(storeorders.RetryPolicy{MinWait: time.Second}),
		"WithMercurLogin: has an empty address":                                                             storeorders.WithMercurLogin("", "password"),
		"WithMercurLogin: has an empty password":                                                            storeorders.WithMercurLogin("alice@example.com", ""),
		"WithUserAgent: is empty; leave the option out for the default":                                     storeorders.WithUserAgent(" "),
		"WithUserAgent: has a control character":                                                            storeorders.WithUserAgent("shop\n"),
	} {
		_, err := storeorders.NewClient(option)
		assert.EqualError(t, err, "storeorders: "+want)
	}
}

func TestACallSaysWhichOptionTheClientLacks(t *testing.T) {
	t.Parallel()
	mercur, err := storeorders.NewClient(storeorders.WithMercur(storeorders.MercurConfig{BaseURL: mercurURL}))
	require.NoError(t, err)
	salesive, err := storeorders.NewClient(storeorders.WithSalesive(storeorders.SalesiveConfig{BaseURL: salesiveURL}))
	require.NoError(t, err)
	for _, e := range endpoints() {
		client, lacks := mercur, "WithSalesive"
		if e.mercur {
			client, lacks = salesive, "WithMercur"
		}
		assert.EqualError(t, e.call(t.Context(), client), "storeorders: not configured: "+e.name+": give NewClient "+lacks)
	}
	for _, login := range logins(loginSecret) {
		client, lacks := mercur, "WithSalesive"
		if login.mercur {
			client, lacks = salesive, "WithMercur"
		}
		assert.EqualError(t, login.call(t.Context(), client), "storeorders: not configured: "+login.name+": give NewClient "+lacks)
	}
}
