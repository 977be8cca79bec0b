package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/seed-2861b391/storeorders"
)

func TestCategoryIsAWordOfAFixedSet(t *testing.T) {
	t.Parallel()
	status := func(code int) error { return &storeorders.APIError{StatusCode: code} }
	for _, tt := range []struct {
		err  error
		want string
	}{
		{context.Canceled, "canceled"},
		{errors.Join(context.Canceled, status(http.StatusServiceUnavailable)), "canceled"},
		{context.DeadlineExceeded, "timeout"},
		{&net.OpError{Op: "dial", Err: timeoutError{}}, "timeout"},
		{storeorders.ErrNotConfigured, "not_configured"},
		{storeorders.ErrNoCredentials, "no_credentials"},
		{status(http.StatusUnauthorized), "unauthorized"},
		{status(http.StatusForbidden), "forbidden"},
		{&storeorders.PageError{Err: status(http.StatusNotFound)}, "not_found"},
		{status(http.StatusTooManyRequests), "rate_limited"},
		{status(http.StatusTeapot), "invalid_request"},
		{status(http.StatusBadGateway), "server"},
		{status(http.StatusFound), "redirect"},
		{&storeorders.DecodeError{Err: storeorders.ErrResponseTooLarge}, "response_too_large"},
		{&storeorders.DecodeError{Err: errors.New("no JSON")}, "invalid_answer"},
		{&storeorders.IncompleteError{Seen: 1, Count: 2}, "incomplete"},
		{&storeorders.OptionError{Field: "Limit"}, "invalid_option"},
		{&storeorders.LoginError{Reason: "no_actor"}, "login"},
		{fmt.Errorf("the answer broke off: %w", io.ErrUnexpectedEOF), "connection"},
		{&net.OpError{Op: "read", Err: syscall.ECONNRESET}, "connection"},
		{&net.DNSError{Err: "no such host", Name: "market.example.com"}, "connection"},
		{&tls.CertificateVerificationError{Err: errors.New("expired")}, "certificate"},
		{errors.New("token source: the vault of alice is closed"), "_OTHER"},
	} {
		assert.Equal(t, tt.want, category(tt.err), "%v", tt.err)
	}
}

type timeoutError struct{}

func (timeoutError) Error() string   { return "i/o timeout" }
func (timeoutError) Timeout() bool   { return true }
func (timeoutError) Temporary() bool { return true }
