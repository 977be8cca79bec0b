package storeorderstest

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// GET returns a request to be expected, for [Server.AssertRequests]. The path
// is without the API's base path if that is Mercur's, and with it if it is
// Salesive's: "/api/v1/orders". The query may have any order, and brackets
// need no escapes: "limit=2&created_at[$gte]=2026-01-01T00:00:00.000Z". It
// panics if the query cannot be read.
func GET(path, query string) Request {
	values, err := url.ParseQuery(query)
	if err != nil {
		panic("storeorderstest: GET: " + err.Error())
	}
	return Request{Method: http.MethodGet, Path: path, Query: values, RawQuery: query}
}

// WithHeader returns the request with a header that is expected, in addition
// to those that r expects already. An empty value expects the header not to be
// there.
func (r Request) WithHeader(name, value string) Request {
	r.Header = r.Header.Clone()
	if r.Header == nil {
		r.Header = http.Header{}
	}
	r.Header.Set(name, value)
	return r
}

// WithToken returns the request with a bearer token that is expected. An empty
// one expects that there is none.
func (r Request) WithToken(token string) Request {
	if token == "" {
		return r.WithHeader("Authorization", "")
	}
	r.Token = token
	return r
}

// AssertRequests fails the test, and goes on, if the requests that s got are
// not those that are wanted, in that order and no others. Compared are the
// method, the path, all of the query but the order of its parameters, and, as
// far as the wanted request has them, headers, Host, Route, Token,
// PublishableKey and ShopID. It reports whether the test passed.
//
// The diff shows the requests as they were sent, credentials included.
func (s *Server) AssertRequests(tb testing.TB, want ...Request) bool {
	tb.Helper()
	if diff := diffRequests(want, s.Requests()); diff != "" {
		tb.Errorf("the server got other requests than expected (- expected, + got):\n%s", diff)
		return false
	}
	return true
}

// AssertRequestsInAnyOrder is [Server.AssertRequests] for requests that are
// sent at the same time, as with [storeorders.WithPrefetch].
func (s *Server) AssertRequestsInAnyOrder(tb testing.TB, want ...Request) bool {
	tb.Helper()
	got := s.Requests()
	paired := make([]Request, 0, len(got))
	var missing []Request
	// What asks for the most chooses first, so that it does not find its request taken.
	want = slices.Clone(want)
	slices.SortStableFunc(want, func(a, b Request) int { return len(describe(b, b)) - len(describe(a, a)) })
	for _, w := range want {
		i := slices.IndexFunc(got, func(g Request) bool { return slices.Equal(describe(w, w), describe(g, w)) })
		if i < 0 {
			missing = append(missing, w)
			continue
		}
		paired = append(paired, got[i])
		got = slices.Delete(got, i, i+1)
	}
	if len(missing)+len(got) == 0 {
		return true
	}
	tb.Errorf("the server got other requests than expected, in any order (- expected, + got):\n%s",
		diffRequests(slices.Concat(paired, missing), slices.Concat(paired, got)))
	return false
}

// diffRequests returns "" where the requests are as wanted.
func diffRequests(want, got []Request) string {
	var diff strings.Builder
	same := true
	for i := range max(len(want), len(got)) {
		var wanted, sent []string
		switch {
		case i >= len(want):
			sent = describe(got[i], Request{})
		case i >= len(got):
			wanted = describe(want[i], want[i])
		default:
			wanted, sent = describe(want[i], want[i]), describe(got[i], want[i])
		}
		if slices.Equal(wanted, sent) {
			fmt.Fprintf(&diff, "  %d. %s\n", i+1, strings.Join(sent, "  "))
			continue
		}
		same = false
		fmt.Fprintf(&diff, "  %d.\n", i+1)
		for _, line := range diffLines(wanted, sent) {
			diff.WriteString(line + "\n")
		}
	}
	if same {
		return ""
	}
	return diff.String()
}

// diffLines marks the lines that only one of the two has, or all of them where
// they differ in their order alone.
func diffLines(want, got []string) []string {
	reordered := slices.Equal(slices.Sorted(slices.Values(want)), slices.Sorted(slices.Values(got)))
	var lines []string
	rest := slices.Clone(got)
	for _, line := range want {
		if i := slices.Index(rest, line); i >= 0 && !reordered {
			rest = slices.Delete(rest, i, i+1)
			lines = append(lines, "      "+line)
		} else {
			lines = append(lines, "-     "+line)
		}
	}
	for _, line := range rest {
		lines = append(lines, "+     "+line)
	}
	return lines
}

// describe writes what is compared of r, a line each: of what may be left out,
// what the other has.
func describe(r, of Request) []string {
	lines := []string{r.Method + " " + r.Path}
	for _, name := range slices.Sorted(maps.Keys(r.Query)) {
		for _, value := range r.Query[name] {
			lines = append(lines, url.QueryEscape(name)+"="+value)
		}
	}
	if _, err := url.ParseQuery(r.RawQuery); err != nil {
		lines = append(lines, fmt.Sprintf("query that cannot be read: %q", r.RawQuery))
	}
	add := func(name, value string) { lines = append(lines, fmt.Sprintf("%s: %q", name, value)) }
	for _, name := range slices.Sorted(maps.Keys(of.Header)) {
		add(name, strings.Join(r.Header.Values(name), ", "))
	}
	if of.Host != "" {
		add("Host", r.Host)
	}
	if of.Route != "" {
		add("Route", string(r.Route))
	}
	if of.Token != "" {
		add("Token", r.Token)
	}
	if of.PublishableKey != "" {
		add("PublishableKey", r.PublishableKey)
	}
	if of.ShopID != "" {
		add("ShopID", r.ShopID)
	}
	return lines
}
