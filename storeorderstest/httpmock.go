package storeorderstest

import (
	"net/http"
	"regexp"
	"strings"

	"github.com/jarcoal/httpmock"
)

// RegisterResponders lets an [httpmock.MockTransport] answer as the server
// does, under the server's URLs: GET on lists and single orders, and the logins
// of both APIs. The server needs no socket:
//
//	server := storeorderstest.Transport()
//	transport := httpmock.NewMockTransport()
//	storeorderstest.RegisterResponders(transport, server)
//	client := &http.Client{Transport: transport}
//
// The responders hand each request to the server with its query, so that
// filters, pages, refusals and faults are the server's, and [Server.Requests]
// has them all. httpmock itself takes no heed of a query that a responder was
// not registered with: one of your own for a path without a query answers any
// query of it. One that you register for the exact URL goes before
// the server's; one for a regular expression must be registered before.
//
// All other requests fail with httpmock's error, unless you register a
// responder for them. Give each test a MockTransport of its own:
// httpmock.Activate changes the default transport of the whole program.
func RegisterResponders(transport *httpmock.MockTransport, server *Server) {
	const (
		id    = "(/[^/?]+)?"
		query = `/?(\?.*)?$`
	)
	mercur := "^" + regexp.QuoteMeta(server.URL)
	salesive := "^" + regexp.QuoteMeta(strings.TrimSuffix(server.SalesiveURL, salesivePrefix)) + "(" + salesivePrefix + ")?"
	for _, route := range []struct{ method, url string }{
		{http.MethodGet, mercur + storePath + orderGroupsPath + id},
		{http.MethodPost, mercur + storePath + customersPath},
		{http.MethodPost, mercur + authPath + "/[^/?]+/emailpass(/register|/reset-password)?"},
		{http.MethodPost, mercur + authPath + "/(token/refresh|session)"},
		{http.MethodDelete, mercur + authPath + "/session"},
		{http.MethodGet, salesive + ordersPath + id},
		{http.MethodPost, salesive + authPath + "/(ghost|authenticate|resend-otp|verify|check-user)"},
		{http.MethodGet, salesive + authPath + "/me"},
	} {
		transport.RegisterRegexpResponder(route.method, regexp.MustCompile(route.url+query), server.RoundTrip)
	}
}
