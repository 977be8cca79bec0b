package main

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/seed-2861b391/storeorders"
)

// statusClientGone is for the log only: nobody is there to get it.
const statusClientGone = 499

// What the SDK has no error for.
var (
	errNoRoute = errors.New("no such route")
	errMethod  = errors.New("the route has no such method")
	// errKey is a 400 of Mercur's that no shopper can mend.
	errKey = errors.New("the publishable key is refused")
)

// refusal is how a shopper is told of an error: in the backend's words, never in
// the shop's.
type refusal struct {
	Code   string `json:"error"`
	Field  string `json:"field,omitempty"` // that is wrong, and the reason
	Reason string `json:"reason,omitempty"`

	status int
	header map[string]string
}

// refusalOf says what becomes of an error. The first row that fits counts: a
// call that ran out of time may have had an answer before, which its error holds
// too.
//
// ErrNotConfigured is 501, not 404, which says that there is no such order: that
// shoppers are sent to a backend without their shop is for somebody to notice.
func refusalOf(err error) refusal {
	if option, ok := errors.AsType[*storeorders.OptionError](err); ok {
		return refusal{"invalid_request", strings.ToLower(option.Field), option.Reason, http.StatusBadRequest, nil}
	}
	if answer, ok := errors.AsType[*storeorders.APIError](err); ok && answer.StatusCode == http.StatusBadRequest && answer.Type == "not_allowed" {
		err = errors.Join(errKey, err)
	}
	for _, row := range []struct {
		is     error
		status int
		code   string
		header map[string]string
	}{
		{context.Canceled, statusClientGone, "client_gone", nil},
		{context.DeadlineExceeded, http.StatusGatewayTimeout, "timeout", nil},
		{storeorders.ErrNoCredentials, http.StatusUnauthorized, "no_credentials", map[string]string{"WWW-Authenticate": "Bearer"}},
		{storeorders.ErrUnauthorized, http.StatusUnauthorized, "unauthorized", map[string]string{"WWW-Authenticate": `Bearer error="invalid_token"`}},
		{storeorders.ErrForbidden, http.StatusForbidden, "forbidden", nil},
		{storeorders.ErrNotFound, http.StatusNotFound, "not_found", nil},
		{storeorders.ErrRateLimited, http.StatusTooManyRequests, "rate_limited", retryAfter(err)},
		{errKey, http.StatusBadGateway, "shop_failed", nil},
		{storeorders.ErrInvalidRequest, http.StatusBadRequest, "invalid_request", nil},
		{storeorders.ErrNotConfigured, http.StatusNotImplemented, "not_configured", nil},
		{errNoRoute, http.StatusNotFound, "no_route", nil},
		{errMethod, http.StatusMethodNotAllowed, "method_not_allowed", map[string]string{"Allow": "GET, HEAD"}},
	} {
		if errors.Is(err, row.is) {
			return refusal{row.code, "", "", row.status, row.header}
		}
	}
	// ErrServer, ErrRedirect, DecodeError, and a call that has no answer at all.
	return refusal{"shop_failed", "", "", http.StatusBadGateway, nil}
}

// retryAfter passes on how long the shop asks to wait, in whole seconds.
func retryAfter(err error) map[string]string {
	answer, ok := errors.AsType[*storeorders.APIError](err)
	if !ok || answer.RetryAfter <= 0 {
		return nil
	}
	seconds := (answer.RetryAfter-1)/time.Second + 1 // rounded up
	return map[string]string{"Retry-After": strconv.FormatInt(int64(seconds), 10)}
}
