package storeorders

import (
	"fmt"
	"net/http"
	"net/textproto"
	"strings"
	"time"
)

// RequestOption sets something for one call, or for one walk. Of options that
// set the same, the last one given counts. What an option refuses is an
// [OptionError] of the call, before anything is sent, as is a nil RequestOption.
type RequestOption func(*requestOptions)

type requestOptions struct {
	token  TokenSource
	keys   map[string]string // the publishable key and the shop id, by option
	header http.Header
	// prefetch is the walker's.
	prefetch int
	err      error // the first option that was refused
}

func newRequestOptions(options []RequestOption) requestOptions {
	var o requestOptions
	for _, option := range options {
		if option == nil {
			o.refuse("RequestOption", "is nil; leave it out")
			break
		}
		option(&o)
	}
	return o
}

func (o *requestOptions) setKey(option, key string) {
	if o.keys == nil {
		o.keys = map[string]string{}
	}
	o.keys[option] = key
}

func (o *requestOptions) refuse(field, reason string) {
	if o.err == nil {
		o.err = &OptionError{field, reason}
	}
}

// WithToken sends this bearer token, which is given without "Bearer ". An empty
// one is [ErrNoCredentials]: it does not fall back to the client's default. One
// that begins with "Bearer " or has a control character is refused.
func WithToken(token string) RequestOption {
	return WithTokenSource(StaticToken(token))
}

// WithTokenSource asks this source for the bearer token of each attempt. nil
// is [ErrNoCredentials]: it does not fall back to the client's default. It sets
// the same as [WithToken].
func WithTokenSource(source TokenSource) RequestOption {
	if source == nil {
		source = StaticToken("")
	}
	return func(o *requestOptions) { o.token = source }
}

// WithPublishableKey sends this publishable key in place of that of
// [MercurConfig]. An empty one is [ErrNoCredentials]. It is refused on Salesive,
// and with a control character.
func WithPublishableKey(key string) RequestOption {
	return func(o *requestOptions) { o.setKey("WithPublishableKey", key) }
}

// WithShopID sends this shop id in place of that of [SalesiveConfig]. It is
// refused on Mercur, if it is empty, and with a control character.
func WithShopID(id string) RequestOption {
	return func(o *requestOptions) {
		if id == "" {
			o.refuse("WithShopID", "is empty; leave the option out for the client's default")
		}
		o.setKey("WithShopID", id)
	}
}

// WithHeader adds a header, such as X-Request-Id, in place of an earlier one
// of the same name. It refuses the headers that the client sets itself
// (Authorization, x-publishable-api-key, x-shop-id, User-Agent, and those of the
// connection, such as Host and Accept-Encoding) and Cookie, which it never
// sends, and a value with a control character.
func WithHeader(key, value string) RequestOption {
	return func(o *requestOptions) {
		name := textproto.CanonicalMIMEHeaderKey(key)
		switch {
		case !isHeaderName(key):
			o.refuse("WithHeader", "has a name that no header can have")
		case hasControl(value):
			o.refuse("WithHeader", name+" has a control character in its value")
		case name == "Authorization" || name == "Cookie":
			o.refuse("WithHeader", name+" is not set this way; use WithToken")
		case name == "X-Publishable-Api-Key":
			o.refuse("WithHeader", name+" is not set this way; use WithPublishableKey")
		case name == "X-Shop-Id":
			o.refuse("WithHeader", name+" is not set this way; use WithShopID")
		case name == "User-Agent":
			o.refuse("WithHeader", name+" is not set this way; use WithUserAgent")
		case isConnectionHeader(name):
			o.refuse("WithHeader", name+" belongs to the connection; leave it out")
		}
		if o.err != nil {
			return
		}
		if o.header == nil {
			o.header = http.Header{}
		}
		o.header[name] = []string{value}
	}
}

// isConnectionHeader names the headers that are net/http's to set. An
// Accept-Encoding of the caller's would turn its decompression off.
func isConnectionHeader(name string) bool {
	switch name {
	case "Accept-Encoding", "Connection", "Content-Length", "Expect", "Host", "Keep-Alive",
		"Proxy-Authorization", "Proxy-Connection", "Te", "Trailer", "Transfer-Encoding", "Upgrade":
		return true
	default:
		return false
	}
}

func isHeaderName(name string) bool {
	return name != "" && !strings.ContainsFunc(name, func(r rune) bool {
		return r <= ' ' || r >= 0x7f || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, r)
	})
}

// request is what a service asks for: one GET, or one POST of a login.
type request struct {
	api     *api
	op      string // "OrderGroups.List", for errors and logs
	path    string // escaped, below the base URL
	query   string // encoded
	options []RequestOption
	walk    bool         // of Pages or All
	alone   bool         // of All, which yields each order alone
	turn    func() error // waits until the answer may be decoded; nil: at once
	login   *login       // nil: a GET with the call's token
}

// login is what a login is sent with instead of the call's token.
type login struct {
	body    []byte      // JSON
	secrets secrets     // that are in it, of any length
	token   TokenSource // of what is to be renewed; nil: none is sent
}

func (r request) method() string {
	if r.login != nil {
		return http.MethodPost
	}
	return http.MethodGet
}

// newCall checks the request's options and puts the credentials together.
// Only the token itself is left for the attempts to ask for.
func (c *config) newCall(r request) (*call, error) {
	o := newRequestOptions(r.options)
	if o.err != nil {
		return nil, o.err
	}
	if o.prefetch > 0 && !r.walk {
		return nil, &OptionError{"WithPrefetch", "is for Pages and All; leave it out"}
	}
	for option := range o.keys {
		if option != r.api.keyOption {
			return nil, &OptionError{option, "is not for " + r.api.name + "; leave it out"}
		}
	}
	key, given := o.keys[r.api.keyOption]
	if !given {
		key = r.api.key()
	}
	switch {
	case key == "" && r.api.keyRequired && r.login == nil:
		return nil, fmt.Errorf("%w: %s: give a publishable key, in MercurConfig or with WithPublishableKey", ErrNoCredentials, r.op)
	case hasControl(key):
		return nil, &OptionError{r.api.keyOption, controlReason}
	}
	token, known := o.token, secrets{}
	switch {
	case r.login != nil:
		token, known = r.login.token, r.login.secrets
	case token == nil:
		token = r.api.token
	}
	if token == nil && r.login == nil {
		return nil, fmt.Errorf("%w: %s: give a token, in %sConfig or with WithToken", ErrNoCredentials, r.op, r.api.name)
	}
	return &call{
		config: c, request: r, header: o.header, key: key, tokenSource: token,
		secrets: known.with(key), started: time.Now(),
	}, nil
}
