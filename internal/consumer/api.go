// Package consumer names the whole exported API of storeorders that programs
// were told of, each name with its exact type, from outside its module. It
// does not compile when one of them is renamed, goes or changes its type.
//
// A function is assigned to a variable of its type; a method, as a method
// expression, too. A field is assigned by its address, because a pointer to an
// int is no pointer to anything else.
package consumer

import (
	"context"
	"encoding/json"
	"io"
	"iter"
	"log/slog"
	"math/big"
	"net/http"
	"time"

	"github.com/seed-2861b391/storeorders"
)

// The client.
var (
	_ func(...storeorders.Option) (*storeorders.Client, error) = storeorders.NewClient
	_ func(*storeorders.Client)                                = (*storeorders.Client).CloseIdleConnections

	_ **storeorders.OrderGroupsService  = &new(storeorders.Client).OrderGroups
	_ **storeorders.OrdersService       = &new(storeorders.Client).Orders
	_ **storeorders.MercurAuthService   = &new(storeorders.Client).MercurAuth
	_ **storeorders.SalesiveAuthService = &new(storeorders.Client).SalesiveAuth

	_ *string                  = &new(storeorders.MercurConfig).BaseURL
	_ *string                  = &new(storeorders.MercurConfig).PublishableKey
	_ *storeorders.TokenSource = &new(storeorders.MercurConfig).Token

	_ *string                  = &new(storeorders.SalesiveConfig).BaseURL
	_ *string                  = &new(storeorders.SalesiveConfig).ShopID
	_ *storeorders.TokenSource = &new(storeorders.SalesiveConfig).Token
)

// DefaultSalesiveURL is a constant, and a string of any string type.
const _ = storeorders.DefaultSalesiveURL + ""

// The options of a client.
var (
	_ func(storeorders.MercurConfig) storeorders.Option                         = storeorders.WithMercur
	_ func(storeorders.SalesiveConfig) storeorders.Option                       = storeorders.WithSalesive
	_ func(email, password string) storeorders.Option                           = storeorders.WithMercurLogin
	_ func(*http.Client) storeorders.Option                                     = storeorders.WithHTTPClient
	_ func(...func(http.RoundTripper) http.RoundTripper) storeorders.Option     = storeorders.WithMiddleware
	_ func(storeorders.RetryPolicy) storeorders.Option                          = storeorders.WithRetry
	_ func(time.Duration) storeorders.Option                                    = storeorders.WithAttemptTimeout
	_ func(int64) storeorders.Option                                            = storeorders.WithMaxResponseBytes
	_ func(limiter interface{ Wait(context.Context) error }) storeorders.Option = storeorders.WithRateLimiter
	_ func(product string) storeorders.Option                                   = storeorders.WithUserAgent
	_ func(*slog.Logger) storeorders.Option                                     = storeorders.WithLogger
	_ func() storeorders.RetryPolicy                                            = storeorders.DefaultRetryPolicy

	_ *int           = &new(storeorders.RetryPolicy).MaxRetries
	_ *time.Duration = &new(storeorders.RetryPolicy).MinWait
	_ *time.Duration = &new(storeorders.RetryPolicy).MaxWait
	_ *time.Duration = &new(storeorders.RetryPolicy).MaxRetryAfter
)

// The options of a call.
var (
	_ func(token string) storeorders.RequestOption            = storeorders.WithToken
	_ func(storeorders.TokenSource) storeorders.RequestOption = storeorders.WithTokenSource
	_ func(key string) storeorders.RequestOption              = storeorders.WithPublishableKey
	_ func(id string) storeorders.RequestOption               = storeorders.WithShopID
	_ func(key, value string) storeorders.RequestOption       = storeorders.WithHeader
	_ func(pages int) storeorders.RequestOption               = storeorders.WithPrefetch
)

// The order groups of Mercur.
var (
	_ func(*storeorders.OrderGroupsService, context.Context, *storeorders.OrderGroupListOptions, ...storeorders.RequestOption) (*storeorders.OrderGroupPage, error)          = (*storeorders.OrderGroupsService).List
	_ func(*storeorders.OrderGroupsService, context.Context, *storeorders.OrderGroupListOptions, ...storeorders.RequestOption) iter.Seq2[*storeorders.OrderGroupPage, error] = (*storeorders.OrderGroupsService).Pages
	_ func(*storeorders.OrderGroupsService, context.Context, *storeorders.OrderGroupListOptions, ...storeorders.RequestOption) iter.Seq2[*storeorders.OrderGroup, error]     = (*storeorders.OrderGroupsService).All
	_ func(*storeorders.OrderGroupsService, context.Context, string, *storeorders.OrderGroupGetOptions, ...storeorders.RequestOption) (*storeorders.OrderGroup, error)       = (*storeorders.OrderGroupsService).Get

	_ *int                    = &new(storeorders.OrderGroupListOptions).Limit
	_ *int                    = &new(storeorders.OrderGroupListOptions).Offset
	_ *storeorders.SortOrder  = &new(storeorders.OrderGroupListOptions).Order
	_ *[]string               = &new(storeorders.OrderGroupListOptions).Fields
	_ *[]string               = &new(storeorders.OrderGroupListOptions).ID
	_ *storeorders.TimeFilter = &new(storeorders.OrderGroupListOptions).CreatedAt
	_ *storeorders.TimeFilter = &new(storeorders.OrderGroupListOptions).UpdatedAt

	_ *time.Time = &new(storeorders.TimeFilter).GT
	_ *time.Time = &new(storeorders.TimeFilter).GTE
	_ *time.Time = &new(storeorders.TimeFilter).LT
	_ *time.Time = &new(storeorders.TimeFilter).LTE

	_ *[]string       = &new(storeorders.OrderGroupGetOptions).Fields
	_ func() []string = storeorders.DefaultOrderGroupFields

	_ *[]storeorders.OrderGroup                                                   = &new(storeorders.OrderGroupPage).Items
	_ *int                                                                        = &new(storeorders.OrderGroupPage).Count
	_ *int                                                                        = &new(storeorders.OrderGroupPage).Offset
	_ *int                                                                        = &new(storeorders.OrderGroupPage).Limit
	_ **storeorders.Response                                                      = &new(storeorders.OrderGroupPage).Response
	_ func(*storeorders.OrderGroupPage) (storeorders.OrderGroupListOptions, bool) = (*storeorders.OrderGroupPage).Next

	_ *string                                       = &new(storeorders.OrderGroup).ID
	_ *time.Time                                    = &new(storeorders.OrderGroup).CreatedAt
	_ *time.Time                                    = &new(storeorders.OrderGroup).UpdatedAt
	_ *storeorders.Decimal                          = &new(storeorders.OrderGroup).Total
	_ *[]storeorders.SellerOrder                    = &new(storeorders.OrderGroup).Orders
	_ *storeorders.SellerOrderStatus                = &new(storeorders.SellerOrder).Status
	_ func(storeorders.SellerOrderStatus) bool      = storeorders.SellerOrderStatus.Known
	_ func(*storeorders.OrderGroup) json.RawMessage = (*storeorders.OrderGroup).RawJSON
)

// The sort orders are constants of their type, which is a string.
const (
	_ storeorders.SortOrder = storeorders.NewestFirst
	_ storeorders.SortOrder = storeorders.OldestFirst
	_ storeorders.SortOrder = storeorders.RecentlyUpdatedFirst
	_ storeorders.SortOrder = storeorders.LeastRecentlyUpdatedFirst
	_ storeorders.SortOrder = "created_at"
)

// The orders of Salesive.
var (
	_ func(*storeorders.OrdersService, context.Context, *storeorders.OrderListOptions, ...storeorders.RequestOption) (*storeorders.OrderPage, error)          = (*storeorders.OrdersService).List
	_ func(*storeorders.OrdersService, context.Context, *storeorders.OrderListOptions, ...storeorders.RequestOption) iter.Seq2[*storeorders.OrderPage, error] = (*storeorders.OrdersService).Pages
	_ func(*storeorders.OrdersService, context.Context, *storeorders.OrderListOptions, ...storeorders.RequestOption) iter.Seq2[*storeorders.Order, error]     = (*storeorders.OrdersService).All
	_ func(*storeorders.OrdersService, context.Context, string, ...storeorders.RequestOption) (*storeorders.Order, error)                                     = (*storeorders.OrdersService).Get

	_ *[]storeorders.OrderStatus = &new(storeorders.OrderListOptions).Status
	_ *int64                     = &new(storeorders.OrderListOptions).Number
	_ *storeorders.Decimal       = &new(storeorders.OrderListOptions).MinTotal
	_ *storeorders.Decimal       = &new(storeorders.OrderListOptions).MaxTotal
	_ *time.Time                 = &new(storeorders.OrderListOptions).From
	_ *time.Time                 = &new(storeorders.OrderListOptions).To
	_ *int                       = &new(storeorders.OrderListOptions).Page
	_ *int                       = &new(storeorders.OrderListOptions).Limit

	_ *[]storeorders.Order                                              = &new(storeorders.OrderPage).Items
	_ *int                                                              = &new(storeorders.OrderPage).Page
	_ *int                                                              = &new(storeorders.OrderPage).Limit
	_ *int                                                              = &new(storeorders.OrderPage).Total
	_ *int                                                              = &new(storeorders.OrderPage).Pages
	_ **storeorders.Response                                            = &new(storeorders.OrderPage).Response
	_ func(*storeorders.OrderPage) (storeorders.OrderListOptions, bool) = (*storeorders.OrderPage).Next

	_ *string                                  = &new(storeorders.Order).ID
	_ *int64                                   = &new(storeorders.Order).Number
	_ *storeorders.Ref                         = &new(storeorders.Order).User
	_ *[]storeorders.OrderItem                 = &new(storeorders.Order).Items
	_ *storeorders.OrderStatus                 = &new(storeorders.Order).Status
	_ *storeorders.Decimal                     = &new(storeorders.Order).Total
	_ *time.Time                               = &new(storeorders.Order).CreatedAt
	_ *time.Time                               = &new(storeorders.Order).UpdatedAt
	_ func(*storeorders.Order) json.RawMessage = (*storeorders.Order).RawJSON
	_ func(storeorders.OrderStatus) bool       = storeorders.OrderStatus.Known
)

// The statuses are constants of open string types.
const (
	_ storeorders.OrderStatus = storeorders.OrderStatusPending
	_ storeorders.OrderStatus = storeorders.OrderStatusProcessing
	_ storeorders.OrderStatus = storeorders.OrderStatusPaid
	_ storeorders.OrderStatus = storeorders.OrderStatusCompleted
	_ storeorders.OrderStatus = storeorders.OrderStatusCancelled
	_ storeorders.OrderStatus = storeorders.OrderStatusRefunded
	_ storeorders.OrderStatus = "a new one"

	_ storeorders.SellerOrderStatus = storeorders.SellerOrderStatusPending
	_ storeorders.SellerOrderStatus = storeorders.SellerOrderStatusCompleted
	_ storeorders.SellerOrderStatus = storeorders.SellerOrderStatusDraft
	_ storeorders.SellerOrderStatus = storeorders.SellerOrderStatusArchived
	_ storeorders.SellerOrderStatus = storeorders.SellerOrderStatusCanceled
	_ storeorders.SellerOrderStatus = storeorders.SellerOrderStatusRequiresAction
	_ storeorders.SellerOrderStatus = "a new one"
)

// What both services share.
var (
	_ func(iter.Seq2[*storeorders.Order, error], int) ([]*storeorders.Order, error) = storeorders.Collect[*storeorders.Order]

	_ *int           = &new(storeorders.Response).StatusCode
	_ *http.Header   = &new(storeorders.Response).Header
	_ *string        = &new(storeorders.Response).RequestID
	_ *int           = &new(storeorders.Response).Attempts
	_ *time.Duration = &new(storeorders.Response).Duration

	_ func(storeorders.Decimal) string                   = storeorders.Decimal.String
	_ func(storeorders.Decimal) bool                     = storeorders.Decimal.Valid
	_ func(storeorders.Decimal) bool                     = storeorders.Decimal.IsZero
	_ func(storeorders.Decimal) (float64, error)         = storeorders.Decimal.Float64
	_ func(storeorders.Decimal) (*big.Rat, error)        = storeorders.Decimal.Rat
	_ func(storeorders.Decimal, storeorders.Decimal) int = storeorders.Decimal.Cmp

	_ *string          = &new(storeorders.Ref).ID
	_ *json.RawMessage = &new(storeorders.Ref).Object
)

// A literal is a Decimal.
const _ storeorders.Decimal = "99.90"

// The credentials.
var (
	_ interface {
		Token(ctx context.Context) (string, error)
	} = storeorders.TokenSource(nil)
	_ storeorders.TokenSource                    = source{}
	_ storeorders.TokenSource                    = storeorders.TokenSourceFunc(nil)
	_ storeorders.TokenSourceFunc                = source{}.Token
	_ func(token string) storeorders.TokenSource = storeorders.StaticToken
	_ *time.Time                                 = &new(storeorders.Token).Expiry
	_ func(*storeorders.Token) string            = (*storeorders.Token).Value

	_ func(s *storeorders.MercurAuthService, ctx context.Context, email, password string) (*storeorders.Token, error) = (*storeorders.MercurAuthService).Login
	_ func(s *storeorders.MercurAuthService, ctx context.Context, token string) (*storeorders.Token, error)           = (*storeorders.MercurAuthService).Refresh
	_ func(s *storeorders.MercurAuthService, email, password string) storeorders.TokenSource                          = (*storeorders.MercurAuthService).PasswordSource
	_ func(s *storeorders.SalesiveAuthService, ctx context.Context, email string) error                               = (*storeorders.SalesiveAuthService).SendCode
	_ func(s *storeorders.SalesiveAuthService, ctx context.Context, email, code string) (*storeorders.Token, error)   = (*storeorders.SalesiveAuthService).VerifyCode
	_ func(s *storeorders.SalesiveAuthService, ctx context.Context) (*storeorders.Token, error)                       = (*storeorders.SalesiveAuthService).Guest
)

// source has what a TokenSource of a user's has, and no more.
type source struct{}

func (source) Token(context.Context) (string, error) { return "", io.EOF }

// The errors.
var (
	_ *error = &storeorders.ErrNotConfigured
	_ *error = &storeorders.ErrNoCredentials
	_ *error = &storeorders.ErrInvalidRequest
	_ *error = &storeorders.ErrUnauthorized
	_ *error = &storeorders.ErrForbidden
	_ *error = &storeorders.ErrNotFound
	_ *error = &storeorders.ErrRateLimited
	_ *error = &storeorders.ErrServer
	_ *error = &storeorders.ErrRedirect
	_ *error = &storeorders.ErrResponseTooLarge
	_ *error = &storeorders.ErrIncomplete

	_ error = (*storeorders.APIError)(nil)
	_ error = (*storeorders.DecodeError)(nil)
	_ error = (*storeorders.OptionError)(nil)
	_ error = (*storeorders.PageError)(nil)
	_ error = (*storeorders.IncompleteError)(nil)
	_ error = (*storeorders.LoginError)(nil)

	_ *string        = &new(storeorders.APIError).Op
	_ *string        = &new(storeorders.APIError).Method
	_ *string        = &new(storeorders.APIError).Path
	_ *int           = &new(storeorders.APIError).StatusCode
	_ *string        = &new(storeorders.APIError).Type
	_ *string        = &new(storeorders.APIError).Code
	_ *string        = &new(storeorders.APIError).Message
	_ *string        = &new(storeorders.APIError).ContentType
	_ *string        = &new(storeorders.APIError).RequestID
	_ *time.Duration = &new(storeorders.APIError).RetryAfter
	_ *int           = &new(storeorders.APIError).Attempts
	_ *[]byte        = &new(storeorders.APIError).Body

	_ *string = &new(storeorders.DecodeError).Op
	_ *int    = &new(storeorders.DecodeError).StatusCode
	_ *string = &new(storeorders.DecodeError).ContentType
	_ *string = &new(storeorders.DecodeError).Snippet
	_ *error  = &new(storeorders.DecodeError).Err

	_ *string = &new(storeorders.OptionError).Field
	_ *string = &new(storeorders.OptionError).Reason

	_ *int   = &new(storeorders.PageError).Offset
	_ *int   = &new(storeorders.PageError).Page
	_ *error = &new(storeorders.PageError).Err

	_ *int = &new(storeorders.IncompleteError).Seen
	_ *int = &new(storeorders.IncompleteError).Count

	_ *string = &new(storeorders.LoginError).Reason
	_ *string = &new(storeorders.LoginError).Message
	_ *string = &new(storeorders.LoginError).Location
)

// They can be unwrapped and compared.
var (
	_ interface{ Is(error) bool } = (*storeorders.APIError)(nil)
	_ interface{ Unwrap() error } = (*storeorders.DecodeError)(nil)
	_ interface{ Unwrap() error } = (*storeorders.PageError)(nil)
	_ interface{ Is(error) bool } = (*storeorders.IncompleteError)(nil)
)
