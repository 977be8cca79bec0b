package main

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"

	"github.com/seed-2861b391/storeorders"
)

// category is the error in a word of a fixed set: an attribute of a metric, of
// which each value is a series of its own.
func category(err error) string {
	for _, c := range []struct {
		is   error
		name string
	}{
		// A call that was given up on has its last answer in the error, too.
		{context.Canceled, "canceled"},
		{context.DeadlineExceeded, "timeout"},
		{storeorders.ErrNotConfigured, "not_configured"},
		{storeorders.ErrNoCredentials, "no_credentials"},
		{storeorders.ErrUnauthorized, "unauthorized"},
		{storeorders.ErrForbidden, "forbidden"},
		{storeorders.ErrNotFound, "not_found"},
		{storeorders.ErrRateLimited, "rate_limited"},
		{storeorders.ErrInvalidRequest, "invalid_request"},
		{storeorders.ErrServer, "server"},
		{storeorders.ErrRedirect, "redirect"},
		{storeorders.ErrResponseTooLarge, "response_too_large"},
		{storeorders.ErrIncomplete, "incomplete"},
		{io.ErrUnexpectedEOF, "connection"},
	} {
		if errors.Is(err, c.is) {
			return c.name
		}
	}
	if _, ok := errors.AsType[*storeorders.OptionError](err); ok {
		return "invalid_option"
	}
	if _, ok := errors.AsType[*storeorders.DecodeError](err); ok {
		return "invalid_answer"
	}
	if _, ok := errors.AsType[*storeorders.LoginError](err); ok {
		return "login"
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return "certificate"
	}
	if network, ok := errors.AsType[net.Error](err); ok {
		if network.Timeout() {
			return "timeout"
		}
		return "connection"
	}
	return "_OTHER" // as OpenTelemetry names it
}
