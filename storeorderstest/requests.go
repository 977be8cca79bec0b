package storeorderstest

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Request is a request that a [Server] got or, for [Server.AssertRequests],
// one that it should have got.
type Request struct {
	// Method is the method, in capital letters: "GET".
	Method string
	// Host is the host that the request was sent to, with its port.
	Host string
	// Path is the path as it was sent, with its percent escapes.
	Path string
	// Query holds the parameters, decoded; RawQuery is what was sent.
	Query    url.Values
	RawQuery string
	// Header holds the headers, credentials included; those that a Request to be
	// expected has are compared, and no others.
	Header http.Header

	// Route is the route that the request came to, "" if there is none.
	Route Route
	// Token, PublishableKey and ShopID are the credentials that the request
	// brought, accepted or not; "" for each that it did not.
	Token, PublishableKey, ShopID string
}

// Route is a kind of request, whatever its query, its id and who sent it. It
// is a [Condition]: a fault injected with a route is for the requests of that
// route, one injected with several for those of each of them, and one
// injected with none for all requests.
type Route string

// The routes. That of a request goes by its method and path alone.
const (
	MercurList   Route = "Mercur list"   // GET /store/order-groups
	MercurGet    Route = "Mercur get"    // GET /store/order-groups/{id}
	SalesiveList Route = "Salesive list" // GET /orders
	SalesiveGet  Route = "Salesive get"  // GET /orders/{_id}
	Auth         Route = "auth"          // all under /auth of either API
)

func (route Route) restrict(in *Injection) { in.routes = append(in.routes, route) }

// routeOf returns the route, and whether it is one of Salesive's.
func (s *Server) routeOf(r *http.Request) (route Route, salesive bool) {
	path, salesive := s.apiOf(r)
	if _, ok := cutSegments(path, authPath); ok {
		return Auth, salesive
	}
	list, get, start := MercurList, MercurGet, storePath+orderGroupsPath
	if salesive {
		list, get, start = SalesiveList, SalesiveGet, ordersPath
	}
	rest, ok := cutSegments(path, start)
	id := strings.Trim(rest, "/")
	switch {
	case !ok || !reads(r) || strings.Contains(id, "/"):
		return "", salesive
	case id == "":
		return list, salesive
	default:
		return get, salesive
	}
}

// Requests returns all requests that s got so far, the first one first, those
// that it refused and those that met a fault among them. They have the
// credentials that they were sent with: do not log them.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

// ForgetRequests empties what [Server.Requests] returns, so that a test can
// look at what comes after its preparations. What was injected keeps its
// count.
func (s *Server) ForgetRequests() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = nil
}

func (s *Server) logRequest(r *http.Request, route Route) Request {
	request := Request{
		Method:         r.Method,
		Host:           r.Host,
		Path:           r.URL.EscapedPath(),
		Query:          r.URL.Query(),
		RawQuery:       r.URL.RawQuery,
		Header:         r.Header.Clone(),
		Route:          route,
		Token:          bearer(r),
		PublishableKey: r.Header.Get(keyHeader),
		ShopID:         r.Header.Get(shopHeader),
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = append(s.requests, request)
	return request
}
