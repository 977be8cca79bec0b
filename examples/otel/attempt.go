package main

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/propagation"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"
)

// middleware is for storeorders.WithMiddleware: each attempt is a span and a
// measurement of otelhttp, which gets to see less of it than the server and the
// SDK do.
//
// otelhttp writes the whole URL into the span (url.full), and the text of an
// error into its status. The URL has the query and the id of an order in it; the
// text may have anything in it that a transport or a server says. otelhttp has
// no option against either. So it stands between two round trippers. The
// outer one, cover, gives it a URL without query and id. The inner one, uncover,
// puts the real one back, so that the request is sent as the SDK made it, and
// keeps errors to itself. cover hands those to the SDK, which decides
// by them what to retry.
//
// A filter before an exporter could do the same, but only for that exporter. What
// no span ever had cannot leak from it. Headers, with the credentials in them,
// are not otelhttp's to tell; keep it so, see README.md.
func (t *telemetry) middleware(next http.RoundTripper) http.RoundTripper {
	return cover{otelhttp.NewTransport(uncover{next},
		otelhttp.WithTracerProvider(t.traces),
		otelhttp.WithMeterProvider(t.metrics),
		// A server of your own can go on with the trace. The baggage of the
		// program, which may be about anything, is not the store's business.
		otelhttp.WithPropagators(propagation.TraceContext{}),
		otelhttp.WithSpanNameFormatter(func(_ string, covered *http.Request) string {
			return strings.TrimSpace(covered.Method + " " + covered.URL.Path)
		}),
	)}
}

// attempt is what otelhttp does not see.
type attempt struct {
	call   *call
	url    *url.URL
	failed int   // how many attempts failed before
	err    error // the real one
}

type attemptKey struct{}

func (a *attempt) fail() { a.call.fail(a.url.String(), a.failed+1) }

type cover struct{ next http.RoundTripper }

func (c cover) RoundTrip(req *http.Request) (*http.Response, error) {
	a := &attempt{call: callFrom(req.Context()), url: req.URL}
	a.failed = a.call.send(req.URL.String())

	path := route(req.URL.EscapedPath())
	labels := new(otelhttp.Labeler) // what otelhttp's metrics have besides its own attributes
	if path != "" {
		labels.Add(semconv.URLTemplate(path))
	}
	ctx := otelhttp.ContextWithClientLabeler(req.Context(), labels)
	covered := req.WithContext(context.WithValue(ctx, attemptKey{}, a))
	covered.URL = &url.URL{
		Scheme: req.URL.Scheme,
		Host:   req.URL.Host,
		Path:   path,
		Opaque: "//" + req.URL.Host + path, // or url.full would have %7Bid%7D
	}
	resp, err := c.next.RoundTrip(covered)
	if err != nil {
		a.fail()
		return nil, a.uncovered(err)
	}
	if resp.StatusCode >= http.StatusBadRequest {
		a.fail()
	}
	resp.Body = errorMapper{resp.Body, func(err error) error {
		a.fail()
		return a.uncovered(err)
	}}
	return resp, nil
}

type uncover struct{ next http.RoundTripper }

func (u uncover) RoundTrip(covered *http.Request) (*http.Response, error) {
	a, ok := covered.Context().Value(attemptKey{}).(*attempt)
	if !ok {
		return nil, errors.New("uncover is not inside cover")
	}
	span := trace.SpanFromContext(covered.Context())
	labels, _ := otelhttp.ClientLabelerFromContext(covered.Context())
	span.SetAttributes(labels.Get()...)
	if a.failed > 0 {
		span.SetAttributes(semconv.HTTPRequestResendCount(a.failed))
	}
	req := covered.WithContext(covered.Context())
	req.URL = a.url
	resp, err := u.next.RoundTrip(req)
	if err != nil {
		return nil, a.covered(err)
	}
	if resp != nil && resp.Body != nil { // otelhttp knows what to do with the others
		resp.Body = errorMapper{resp.Body, a.covered}
	}
	return resp, nil
}

// covered keeps the error, and returns what may be told of it.
func (a *attempt) covered(err error) error {
	a.err = err
	return coveredError(category(err))
}

// uncovered returns the error that was kept.
func (a *attempt) uncovered(err error) error {
	if a.err != nil {
		return a.err
	}
	return err
}

// coveredError is a category.
type coveredError string

func (e coveredError) Error() string { return string(e) }

// ErrorType is what otelhttp takes for error.type of the span. For that of its
// metric it takes the name of the type.
func (e coveredError) ErrorType() string { return string(e) }

// errorMapper is a body that fails with another error.
type errorMapper struct {
	io.ReadCloser

	to func(error) error
}

func (m errorMapper) Read(p []byte) (int, error) {
	n, err := m.ReadCloser.Read(p)
	if err != nil && err != io.EOF { //nolint:errorlint // a reader ends in io.EOF itself
		err = m.to(err)
	}
	return n, err
}
