package storeorders

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Option sets up a [Client]. Of options of the same name the last one counts,
// except for [WithMiddleware], which adds. What an option refuses is an
// [OptionError] of [NewClient], as is a nil Option.
type Option func(*config) error

// MercurConfig says where a Mercur server is and how to open it. It prints
// without its credentials, unless it is in an unexported field of a struct,
// where fmt cannot ask it.
type MercurConfig struct {
	// BaseURL is the backend's: "https://market.example.com", with a path if
	// it is served under one, and without "/store". Required.
	BaseURL string
	// PublishableKey ("pk_…") is the storefront's. Required here or per call
	// ([WithPublishableKey]).
	PublishableKey string
	// Token is the default credential; a call's own ([WithToken]) wins. nil:
	// every call brings its own.
	Token TokenSource
}

// SalesiveConfig says which Salesive shop to talk to. It prints without its
// credentials, as [MercurConfig] does.
type SalesiveConfig struct {
	// BaseURL is for sandboxes and tests, with a path such as "/api/v1".
	// "": [DefaultSalesiveURL].
	BaseURL string
	// ShopID is sent as x-shop-id. "": not sent, unless a call gives one
	// ([WithShopID]); the server then infers the shop where it can.
	ShopID string
	// Token is the default credential; a call's own ([WithToken]) wins. nil:
	// every call brings its own.
	Token TokenSource
}

// WithMercur configures [Client.OrderGroups] and [Client.MercurAuth]. It refuses
// a base URL that is missing, is not http or https, or has a user, a query or a
// fragment, and a publishable key with a control character.
func WithMercur(m MercurConfig) Option {
	return func(c *config) error {
		if m.BaseURL == "" {
			return &OptionError{"MercurConfig.BaseURL", `is empty; give the backend's, as in "https://market.example.com"`}
		}
		baseURL, err := parseBaseURL("MercurConfig.BaseURL", m.BaseURL, `write it as in "https://market.example.com"`)
		if err != nil {
			return err
		}
		if hasControl(m.PublishableKey) {
			return &OptionError{"MercurConfig.PublishableKey", controlReason}
		}
		c.mercur = &api{
			name:        "Mercur",
			baseURL:     baseURL,
			base:        baseURL.String(),
			keyHeader:   "X-Publishable-Api-Key",
			keyOption:   "WithPublishableKey",
			key:         func() string { return m.PublishableKey },
			keyRequired: true,
			token:       m.Token,
			retryBudget: new(retryBudget),
		}
		return nil
	}
}

// WithSalesive configures [Client.Orders] and [Client.SalesiveAuth]. It refuses a
// base URL that is not http or https, or has a user, a query or a fragment, and
// a shop id with a control character.
func WithSalesive(s SalesiveConfig) Option {
	return func(c *config) error {
		if s.BaseURL == "" {
			s.BaseURL = DefaultSalesiveURL
		}
		baseURL, err := parseBaseURL("SalesiveConfig.BaseURL", s.BaseURL, "leave it empty for the hosted API")
		if err != nil {
			return err
		}
		if hasControl(s.ShopID) {
			return &OptionError{"SalesiveConfig.ShopID", controlReason}
		}
		c.salesive = &api{
			name:        "Salesive",
			baseURL:     baseURL,
			base:        baseURL.String(),
			keyHeader:   "X-Shop-Id",
			keyOption:   "WithShopID",
			key:         func() string { return s.ShopID },
			token:       s.Token,
			retryBudget: new(retryBudget),
		}
		return nil
	}
}

// WithMercurLogin makes a login the default credential on Mercur, in place of
// [MercurConfig.Token]; a call's own ([WithToken]) wins. The client logs in
// when a token is first needed and keeps it fresh, as
// [MercurAuthService.PasswordSource] says. It is refused without [WithMercur],
// beside a MercurConfig.Token, and with an address or password that is empty or
// not UTF-8.
func WithMercurLogin(email, password string) Option {
	return func(c *config) error {
		switch "" {
		case email:
			return &OptionError{"WithMercurLogin", "has an empty address"}
		case password:
			return &OptionError{"WithMercurLogin", "has an empty password"}
		}
		if err := checkPassword(email, password); err != nil {
			return err
		}
		c.mercurLogin = func() (string, string) { return email, password }
		return nil
	}
}

// setMercurLogin is done when all options are known.
func (c *config) setMercurLogin() error {
	switch {
	case c.mercurLogin == nil:
		return nil
	case c.mercur == nil:
		return &OptionError{"WithMercurLogin", "has no server to log in to; give WithMercur, too"}
	case c.mercur.token != nil:
		return &OptionError{"WithMercurLogin", "stands beside MercurConfig.Token; give one of the two"}
	}
	c.mercur.token = (&MercurAuthService{c}).PasswordSource(c.mercurLogin())
	return nil
}

// WithHTTPClient sends through a client of the caller's, for its transport
// (proxies, certificates, connection limits) and its Timeout, which bounds an
// attempt as [WithAttemptTimeout] does; the shorter one counts. It is copied and
// never modified; its cookie jar and its redirect policy are not used. A client
// without a transport uses [http.DefaultTransport]. nil is refused.
//
// Without this option the client has a transport of its own, which uses no
// proxy and keeps up to 128 idle connections to a host.
func WithHTTPClient(client *http.Client) Option {
	return func(c *config) error {
		if client == nil {
			return &OptionError{"WithHTTPClient", "is nil; leave the option out for the default"}
		}
		own := *client
		c.httpClient = &own
		return nil
	}
}

// WithMiddleware wraps the transport, the first one outermost. A middleware
// runs once per attempt, and again for a redirect that is followed. It sees the
// request as it is sent, with its credentials, and must not keep them. What it
// returns must be safe for concurrent use. It can be given several times. nil,
// and a middleware that returns nil, are refused. Default: none.
func WithMiddleware(middleware ...func(http.RoundTripper) http.RoundTripper) Option {
	return func(c *config) error {
		for _, m := range middleware {
			if m == nil {
				return &OptionError{"WithMiddleware", "is nil; leave it out"}
			}
			c.middleware = append(c.middleware, m)
		}
		return nil
	}
}

// WithRetry replaces [DefaultRetryPolicy]. WithRetry(RetryPolicy{}) turns
// retries off. A policy with a negative field, or a MaxWait below its MinWait,
// is refused.
func WithRetry(policy RetryPolicy) Option {
	return func(c *config) error {
		c.retry = policy
		return policy.check()
	}
}

// WithAttemptTimeout bounds one attempt, from the connection to the last byte
// of the body. An attempt that times out is retried; the error of the last one
// is [context.DeadlineExceeded], for errors.Is. The context bounds the call. A
// timeout of zero or less is refused. Default: 30 s.
func WithAttemptTimeout(timeout time.Duration) Option {
	return func(c *config) error {
		if timeout <= 0 {
			return &OptionError{"WithAttemptTimeout", "is not positive; leave the option out for the default of 30s"}
		}
		c.attemptTimeout = timeout
		return nil
	}
}

// WithMaxResponseBytes bounds the body of one answer, in bytes after
// decompression. A longer one is a [DecodeError] with [ErrResponseTooLarge].
// Zero or less is refused. Default: 32 MiB. Of an answer other than success no
// more than 256 KiB are read in any case.
//
// Orders take more memory than their JSON: those of real servers a few times
// as much, but empty objects, of which a hostile one may send millions, some
// 300 times.
func WithMaxResponseBytes(n int64) Option {
	return func(c *config) error {
		if n <= 0 {
			return &OptionError{"WithMaxResponseBytes", "is not positive; leave the option out for the default of 32 MiB"}
		}
		c.maxResponseBytes = n
		return nil
	}
}

// WithRateLimiter waits for the limiter before each attempt, also of a login; a
// *rate.Limiter of golang.org/x/time/rate fits. It must be safe for concurrent
// use. An error of Wait ends the call, and errors.Is and errors.As reach it.
// nil is refused. Default: no limit.
func WithRateLimiter(limiter interface{ Wait(context.Context) error }) Option {
	return func(c *config) error {
		if limiter == nil {
			return &OptionError{"WithRateLimiter", "is nil; leave the option out for no limit"}
		}
		c.limiter = limiter
		return nil
	}
}

// WithUserAgent puts the caller's product, such as "shop-export/2.1", before
// this package's in the User-Agent. One that is empty or has a control
// character is refused. Default: this package's alone, "storeorders-go/" and
// its version.
func WithUserAgent(product string) Option {
	return func(c *config) error {
		switch {
		case strings.TrimSpace(product) == "":
			return &OptionError{"WithUserAgent", "is empty; leave the option out for the default"}
		case hasControl(product):
			return &OptionError{"WithUserAgent", "has a control character"}
		}
		c.userAgent = product + " storeorders-go/" + version
		return nil
	}
}

// WithLogger logs each attempt at debug level and, as a warning, each retry and
// each that is not made because too many were lost. A record has op, path,
// attempt, and status and request_id or else error; of an attempt also method
// and duration, of a retry the wait before it. There are no credentials, no
// query and no body. nil is refused. Default: silent.
func WithLogger(logger *slog.Logger) Option {
	return func(c *config) error {
		if logger == nil {
			return &OptionError{"WithLogger", "is nil; leave the option out for silence"}
		}
		c.logger = logger
		return nil
	}
}

func parseBaseURL(field, text, advice string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimRight(text, "/"))
	switch {
	case err != nil: // without err, which quotes the URL and any password in it
		return nil, &OptionError{field, "is not a URL; " + advice}
	case u.User != nil:
		return nil, &OptionError{field, "has a user or password; credentials go into the configuration's other fields"}
	case u.Scheme != "https" && u.Scheme != "http", u.Host == "", u.Hostname() == "":
		return nil, &OptionError{field, "needs http or https and a host; " + advice}
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return nil, &OptionError{field, "has a query or fragment; give scheme, host and path only"}
	}
	return u, nil
}

// String is the configuration without its credentials.
func (m MercurConfig) String() string {
	return configText("MercurConfig", m.BaseURL, "PublishableKey", m.PublishableKey, m.Token)
}

// Format prints String, whatever the verb.
func (m MercurConfig) Format(state fmt.State, verb rune) { formatText(state, verb, m.String()) }

// LogValue gives String.
func (m MercurConfig) LogValue() slog.Value { return slog.StringValue(m.String()) }

// MarshalJSON writes String.
func (m MercurConfig) MarshalJSON() ([]byte, error) { return json.Marshal(m.String()) }

// String is the configuration without its credentials.
func (s SalesiveConfig) String() string {
	return configText("SalesiveConfig", s.BaseURL, "ShopID", s.ShopID, s.Token)
}

// Format prints String, whatever the verb.
func (s SalesiveConfig) Format(state fmt.State, verb rune) { formatText(state, verb, s.String()) }

// LogValue gives String.
func (s SalesiveConfig) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalJSON writes String.
func (s SalesiveConfig) MarshalJSON() ([]byte, error) { return json.Marshal(s.String()) }

func configText(name, baseURL, keyName, key string, token TokenSource) string {
	if _, err := parseBaseURL("", baseURL, ""); err != nil && baseURL != "" {
		baseURL = redacted // it may hold a password
	}
	text := "storeorders." + name + "{BaseURL: " + baseURL
	if key != "" {
		text += ", " + keyName + ": " + redacted
	}
	if token != nil {
		text += ", Token: " + redacted
	}
	return text + "}"
}
