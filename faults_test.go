package storeorders_test

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"go/ast"    //nolint:depguard // it is of the standard library; the linter's list lacks it
	"go/parser" //nolint:depguard // it is of the standard library; the linter's list lacks it
	"go/token"  //nolint:depguard // it is of the standard library; the linter's list lacks it
	"io"
	"iter"
	"maps"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/seed-2861b391/storeorders"
	"github.com/seed-2861b391/storeorders/storeorderstest"
)

// TestMain adds the flag that has TestFaultMatrix write its table.
func TestMain(m *testing.M) {
	flag.Bool("update", false, "write "+faultReport)
	os.Exit(m.Run())
}

const (
	faultReport = "docs/faults.md"

	// Of a client that was given no options.
	defaultAttempts = 4
	attemptTimeout  = 30 * time.Second
	// callDeadline bounds every call. It comes when the last attempt would time out, too.
	callDeadline = defaultAttempts * attemptTimeout
	// longestBackoff is the sum of the default policy's bounds for the waits before three retries.
	longestBackoff = 1400 * time.Millisecond

	faultPageSize = 4
	faultRecords  = 11 // three pages, the last one short
	// faultBodyLimit is more than all records take, and less than the bomb does.
	faultBodyLimit = 64 << 10
)

// What a call ends in.
const (
	success         = "success"
	invalidRequest  = "ErrInvalidRequest"
	unauthorized    = "ErrUnauthorized"
	forbidden       = "ErrForbidden"
	notFound        = "ErrNotFound"
	rateLimited     = "ErrRateLimited"
	serverError     = "ErrServer"
	redirectRefused = "ErrRedirect"
	tooLarge        = "ErrResponseTooLarge"
	incomplete      = "ErrIncomplete"
	notDecoded      = "DecodeError"
	timedOut        = "context.DeadlineExceeded"
	brokenOff       = "io.ErrUnexpectedEOF"
	connectionReset = "ECONNRESET"
)

// endsOf names all that errors.Is and errors.As say of an error. An error of one cause has one name.
func endsOf(err error) string {
	var names []string
	for _, end := range []struct {
		name string
		err  error
	}{
		{"ErrNotConfigured", storeorders.ErrNotConfigured},
		{"ErrNoCredentials", storeorders.ErrNoCredentials},
		{invalidRequest, storeorders.ErrInvalidRequest},
		{unauthorized, storeorders.ErrUnauthorized},
		{forbidden, storeorders.ErrForbidden},
		{notFound, storeorders.ErrNotFound},
		{rateLimited, storeorders.ErrRateLimited},
		{serverError, storeorders.ErrServer},
		{redirectRefused, storeorders.ErrRedirect},
		{incomplete, storeorders.ErrIncomplete},
		{timedOut, context.DeadlineExceeded},
		{"context.Canceled", context.Canceled},
		{brokenOff, io.ErrUnexpectedEOF},
		{connectionReset, syscall.ECONNRESET},
	} {
		if errors.Is(err, end.err) {
			names = append(names, end.name)
		}
	}
	_, isDecode := errors.AsType[*storeorders.DecodeError](err)
	switch {
	case isDecode && errors.Is(err, storeorders.ErrResponseTooLarge):
		names = append(names, tooLarge)
	case isDecode:
		names = append(names, notDecoded)
	case len(names) == 0:
		return "an error of no kind: " + err.Error()
	}
	return strings.Join(names, " and ")
}

// fault is a row: something that goes wrong with single requests, and what comes of it.
type fault struct {
	name string // as Go code: the constructor, and what it is given
	make func(second time.Duration) storeorderstest.Fault

	mercur   string // what a request ends in that meets it and is not tried again
	salesive string // the same on Salesive; "": as on Mercur
	once     string // the same for a GET that meets it once; "": as always
	retried  bool   // a GET is tried again
	renewed  bool   // a token source that logs in does so again

	slow, asks int  // seconds that it takes, and that it asks to wait
	hangs      bool // for longer than an attempt may take
	loops      bool // is a redirect to itself, of which ten requests are made
	sockets    bool // is of the connection: it is tried over real ones, too
	breaks     bool // costs its connection
}

// still is a fault that is the same at any speed.
func still(f storeorderstest.Fault) func(time.Duration) storeorderstest.Fault {
	return func(time.Duration) storeorderstest.Fault { return f }
}

// faults are the faults of single requests.
func faults() []fault {
	const (
		loginPage = "<!DOCTYPE html>\n<html><body><form action=\"/login\"><input name=\"password\"></form></body></html>\n"
		elsewhere = "https://elsewhere.test"
		otherPort = "http://storeorders.test:81"
	)
	asking := func(seconds int) func(time.Duration) storeorderstest.Fault {
		return func(second time.Duration) storeorderstest.Fault {
			wait := time.Duration(seconds) * second
			return storeorderstest.Status(429, "Retry-After", strconv.FormatFloat(wait.Seconds(), 'f', -1, 64))
		}
	}
	return []fault{
		{name: "Status(400)", make: still(storeorderstest.Status(400)), mercur: invalidRequest, sockets: true},
		{name: "Status(401)", make: still(storeorderstest.Status(401)), mercur: unauthorized, renewed: true, sockets: true},
		{name: "Status(403)", make: still(storeorderstest.Status(403)), mercur: forbidden},
		{name: "Status(404)", make: still(storeorderstest.Status(404)), mercur: notFound},
		{name: "Status(408)", make: still(storeorderstest.Status(408)), mercur: serverError, retried: true},
		{name: "Status(422)", make: still(storeorderstest.Status(422)), mercur: invalidRequest},
		{name: "Status(429)", make: still(storeorderstest.Status(429)), mercur: rateLimited, retried: true, sockets: true},
		{name: `Status(429, "Retry-After", "2")`, make: asking(2), mercur: rateLimited, retried: true, asks: 2, sockets: true},
		{name: `Status(429, "Retry-After", "60")`, make: asking(60), mercur: rateLimited, asks: 60, sockets: true},
		{name: "Status(500)", make: still(storeorderstest.Status(500)), mercur: serverError, retried: true, sockets: true},
		{name: "Status(501)", make: still(storeorderstest.Status(501)), mercur: serverError},
		{name: "Status(502)", make: still(storeorderstest.Status(502)), mercur: serverError, retried: true},
		{name: "Status(503)", make: still(storeorderstest.Status(503)), mercur: serverError, retried: true, sockets: true},
		{name: "Status(504)", make: still(storeorderstest.Status(504)), mercur: serverError, retried: true},
		{name: "Answer(200, a login page)", make: still(storeorderstest.Answer(200, loginPage)), mercur: notDecoded, sockets: true},
		{name: `Answer(200, "OK")`, make: still(storeorderstest.Answer(200, "OK")), mercur: notDecoded},
		{name: `Answer(200, "{}")`, make: still(storeorderstest.Answer(200, "{}")), mercur: notDecoded},
		{name: `Answer(204, "")`, make: still(storeorderstest.Answer(204, "")), mercur: notDecoded, sockets: true},
		{name: `Answer(302, "")`, make: still(storeorderstest.Answer(302, "")), mercur: redirectRefused},
		{name: "Answer(403, a login page)", make: still(storeorderstest.Answer(403, loginPage)), mercur: forbidden},
		{name: "BadGateway()", make: still(storeorderstest.BadGateway()), mercur: serverError, retried: true, sockets: true},
		{name: "Empty()", make: still(storeorderstest.Empty()), mercur: notDecoded, sockets: true},
		{name: "InvalidJSON()", make: still(storeorderstest.InvalidJSON()), mercur: notDecoded},
		{name: `SuccessFalse(404, "…")`, make: still(storeorderstest.SuccessFalse(404, "Order not found")), mercur: notDecoded, salesive: notFound},
		{name: `SuccessFalse(503, "…")`, make: still(storeorderstest.SuccessFalse(503, "Try again later")), mercur: notDecoded, salesive: serverError},
		{name: `Redirect("")`, make: still(storeorderstest.Redirect("")), mercur: redirectRefused, once: success, loops: true, sockets: true},
		{name: `Redirect("` + elsewhere + `")`, make: still(storeorderstest.Redirect(elsewhere)), mercur: redirectRefused, sockets: true},
		{name: `Redirect("` + otherPort + `")`, make: still(storeorderstest.Redirect(otherPort)), mercur: redirectRefused, sockets: true},
		{name: "Delay(1s)", make: storeorderstest.Delay, mercur: success, slow: 1, sockets: true},
		{name: "Delay(1h)", make: still(storeorderstest.Delay(time.Hour)), mercur: timedOut, retried: true, hangs: true, sockets: true, breaks: true},
		{
			name: "Drip(5, 1s)", make: func(second time.Duration) storeorderstest.Fault { return storeorderstest.Drip(5, second) },
			mercur: success, slow: 5, sockets: true,
		},
		{name: "Drip(2, 1h)", make: still(storeorderstest.Drip(2, time.Hour)), mercur: timedOut, retried: true, hangs: true, sockets: true, breaks: true},
		{name: "Reset()", make: still(storeorderstest.Reset()), mercur: connectionReset, retried: true, sockets: true, breaks: true},
		{name: "Truncate(0)", make: still(storeorderstest.Truncate(0)), mercur: brokenOff, retried: true, sockets: true, breaks: true},
		{name: "Truncate(20)", make: still(storeorderstest.Truncate(20)), mercur: brokenOff, retried: true, sockets: true, breaks: true},
		{name: "WrongContentLength(10)", make: still(storeorderstest.WrongContentLength(10)), mercur: brokenOff, retried: true, sockets: true, breaks: true},
		{name: "WrongContentLength(-10)", make: still(storeorderstest.WrongContentLength(-10)), mercur: notDecoded, sockets: true},
		{name: "Gzip()", make: still(storeorderstest.Gzip()), mercur: success, sockets: true},
		{name: "GzipBomb(half of the limit)", make: still(storeorderstest.GzipBomb(faultBodyLimit / 2)), mercur: success, sockets: true},
		{name: "GzipBomb(twice the limit)", make: still(storeorderstest.GzipBomb(2 * faultBodyLimit)), mercur: tooLarge, sockets: true, breaks: true},
		{name: "Before(nothing happens)", make: still(storeorderstest.Before(func() {})), mercur: success},
	}
}

// want is what the call ends in that meets the fault.
func (f fault) want(m method, when occasion, timed bool) string {
	end, attempts := f.mercur, 1
	if !m.mercur && f.salesive != "" {
		end = f.salesive
	}
	again := f.retried && when.retry && !m.login
	switch {
	case m.login:
	case when.once && f.once != "":
		end = f.once
	case again && when.once:
		end, attempts = success, 2
	case again:
		attempts = defaultAttempts
	case f.renewed && m.renews:
		attempts = 2
		if when.once {
			end = success
		}
	}
	if end == timedOut && timed {
		took := attemptTimeout
		if attempts > 1 {
			took = callDeadline
		}
		end += " after " + took.String()
	}
	return withAttempts(end, attempts)
}

func withAttempts(end string, n int) string {
	if n == 1 && end == success {
		return end
	}
	return end + ", " + plural(n, "attempt")
}

func plural(n int, name string) string {
	if n == 1 {
		return "1 " + name
	}
	return strconv.Itoa(n) + " " + name + "s"
}

// listFault is a row: a list that is not what was asked for, or that changes during the walk. Retries make no difference to it.
type listFault struct {
	name string
	make func(*scene) storeorderstest.Fault

	// chance is set where a walk that requests pages ahead need not find every order: it may say so.
	chance bool
	// always is what comes of it where each list meets it, once where only the second page does, the first time. nil: it is not tried.
	always, once *listEnds
}

// listEnds are what the methods end in. Without a fault, each walk takes three requests.
type listEnds struct{ mercur, salesive listEnd }

// listEnd is for List, Pages and All in turn. What is missed, repeated and more is so beside the undisturbed list.
type listEnd struct {
	list, pages, all string
	requests         int // of All
}

// lists are the faults of lists.
func lists() []listFault {
	still := func(f storeorderstest.Fault) func(*scene) storeorderstest.Fault {
		return func(*scene) storeorderstest.Fault { return f }
	}
	const found = "success, in another order"
	return []listFault{
		{
			name: "IgnoreLimit()", make: still(storeorderstest.IgnoreLimit()), // 50 a page on Mercur, 10 on Salesive
			always: &listEnds{
				listEnd{"success, 7 more", success, success, 1},
				listEnd{"success, 6 more", success, success, 2},
			},
			once: &listEnds{
				listEnd{success, success, success, 2},
				listEnd{success, "success, 6 missed", found, 5},
			},
		},
		{
			name: "ClampLimit(3)", make: still(storeorderstest.ClampLimit(3)),
			always: &listEnds{
				listEnd{"success, 1 missed", success, success, 4},
				listEnd{"success, 1 missed", success, success, 4},
			},
			once: &listEnds{
				listEnd{success, success, success, 3},
				listEnd{success, "success, 2 missed, 1 repeated", found, 6},
			},
		},
		{
			name: "IgnoreOffset()", make: still(storeorderstest.IgnoreOffset()),
			always: &listEnds{
				listEnd{success, "success, 7 missed, 8 repeated", success, 5},
				listEnd{success, "success, 7 missed, 8 repeated", "ErrIncomplete, 7 missed", 12},
			},
			once: &listEnds{
				listEnd{success, "success, 4 missed, 4 repeated", found, 5},
				listEnd{success, "success, 4 missed, 4 repeated", found, 6},
			},
		},
		{
			name: "RepeatPage()", make: still(storeorderstest.RepeatPage()),
			always: &listEnds{
				listEnd{success, "success, 7 missed, 8 repeated", "ErrIncomplete, 7 missed", 12},
				listEnd{success, "success, 7 missed, 8 repeated", "ErrIncomplete, 7 missed", 12},
			},
			once: &listEnds{
				listEnd{success, "success, 4 missed, 4 repeated", found, 5},
				listEnd{success, "success, 4 missed, 4 repeated", found, 6},
			},
		},
		{
			name: "ShuffleTies(1)", chance: true, make: func(*scene) storeorderstest.Fault { return storeorderstest.ShuffleTies(1) },
			always: &listEnds{
				listEnd{"success, 1 missed, 1 more", "success, 2 missed, 2 repeated", found, 5},
				listEnd{"success, 1 missed, 1 more", "success, 2 missed, 2 repeated", found, 9},
			},
			once: &listEnds{
				listEnd{success, "success, 1 missed, 1 repeated", found, 5},
				listEnd{success, "success, 1 missed, 1 repeated", found, 6},
			},
		},
		{
			name: "LieAboutCount(5)", make: still(storeorderstest.LieAboutCount(5)),
			always: &listEnds{
				listEnd{success, success, incomplete, 10},
				listEnd{success, success, incomplete, 16},
			},
			once: &listEnds{
				listEnd{success, success, success, 4},
				listEnd{success, success, success, 6},
			},
		},
		{
			name: "LieAboutCount(-5)", make: still(storeorderstest.LieAboutCount(-5)),
			always: &listEnds{
				listEnd{success, "success, 3 missed", incomplete, 6},
				listEnd{success, "success, 3 missed", "ErrIncomplete, 3 missed", 8},
			},
			once: &listEnds{
				listEnd{success, "success, 3 missed", success, 4},
				listEnd{success, "success, 3 missed", success, 5},
			},
		},
		{
			// It says that the walk is at its end, at the end of a page: that is what no client can see.
			name: "LieAboutCount(-3)", make: still(storeorderstest.LieAboutCount(-3)),
			always: &listEnds{
				listEnd{success, "success, 3 missed", "success, 3 missed", 2},
				listEnd{success, "success, 3 missed", "success, 3 missed", 2},
			},
			once: &listEnds{
				listEnd{success, "success, 3 missed", success, 4},
				listEnd{success, "success, 3 missed", success, 5},
			},
		},
		{
			name: "Before(an order joins)", make: func(s *scene) storeorderstest.Fault { return storeorderstest.Before(s.join) },
			once: &listEnds{
				listEnd{success, "success, 1 repeated", "success, 1 more", 5},
				listEnd{success, "success, 1 repeated", "success, 1 more", 6},
			},
		},
		{
			name: "Before(an order leaves)", make: func(s *scene) storeorderstest.Fault { return storeorderstest.Before(s.leave) },
			once: &listEnds{
				listEnd{success, "success, 1 missed", found, 5},
				listEnd{success, "success, 1 missed", found, 6},
			},
		},
	}
}

// ends are what the call ends in that meets the fault, and all the same what does not meet it.
func (f listFault) ends(m method, when occasion) listEnd {
	ends := f.always
	if when.once {
		ends = f.once
	}
	switch {
	case !m.list || m.login:
		return listEnd{success, success, success, 0}
	case m.mercur:
		return ends.mercur
	default:
		return ends.salesive
	}
}

// occasion is a group of columns: when the fault comes about, and whether requests are tried again.
type occasion struct {
	once   bool // with the first request; else with every one
	second bool // of the second page only
	retry  bool
}

func (o occasion) String() string {
	text := "always"
	if o.once {
		text = "once"
	}
	if o.second {
		text += ", with the second page"
	}
	if o.retry {
		return text + ", retried"
	}
	return text + ", not retried"
}

func (o occasion) conditions(m method) []storeorderstest.Condition {
	var conditions []storeorderstest.Condition
	if m.route != "" {
		conditions = append(conditions, m.route)
	}
	if o.second {
		conditions = append(conditions, storeorderstest.Matching(func(r storeorderstest.Request) bool {
			return r.Query.Get("offset") == strconv.Itoa(faultPageSize) || r.Query.Get("page") == "2"
		}))
	}
	if o.once {
		conditions = append(conditions, storeorderstest.First(1))
	}
	return conditions
}

// occasions are the columns for a fault of single requests.
func occasions() []occasion {
	return []occasion{{once: true, retry: true}, {once: true}, {retry: true}, {}}
}

// method is a way to call the client.
type method struct {
	name   string // that of the service and the method, and after a comma what is special
	mercur bool
	login  bool // it is a login that meets the fault
	list   bool // reads a list
	walk   bool // page by page
	all    bool // each order once
	ahead  bool // requests pages ahead
	// route is where the fault is met; "": everywhere.
	route storeorderstest.Route
	posts int // logins that it sends
	// renews is set for a list whose client logs in by itself, and again after a 401.
	renews bool
	call   func(context.Context, *scene, ...storeorders.RequestOption) ([]item, error)
}

// item is what a call yields: an order as it came, or what a token says.
type item struct{ id, raw string }

// methods are all methods of all services.
func methods() []method {
	groups := &storeorders.OrderGroupListOptions{Limit: faultPageSize}
	orders := &storeorders.OrderListOptions{Limit: faultPageSize}
	listGroups := func(ctx context.Context, s *scene, options ...storeorders.RequestOption) ([]item, error) {
		return itemsOf(groupItems)(s.client.OrderGroups.List(ctx, groups, options...))
	}
	groupPages := func(ctx context.Context, s *scene, options ...storeorders.RequestOption) ([]item, error) {
		return rangeOver(s.client.OrderGroups.Pages(ctx, groups, options...), groupItems)
	}
	allGroups := func(ctx context.Context, s *scene, options ...storeorders.RequestOption) ([]item, error) {
		return rangeOver(s.client.OrderGroups.All(ctx, groups, options...), groupItem)
	}
	getGroup := func(ctx context.Context, s *scene, options ...storeorders.RequestOption) ([]item, error) {
		return itemsOf(groupItem)(s.client.OrderGroups.Get(ctx, s.orders[0], nil, options...))
	}
	listOrders := func(ctx context.Context, s *scene, options ...storeorders.RequestOption) ([]item, error) {
		return itemsOf(orderItems)(s.client.Orders.List(ctx, orders, options...))
	}
	orderPages := func(ctx context.Context, s *scene, options ...storeorders.RequestOption) ([]item, error) {
		return rangeOver(s.client.Orders.Pages(ctx, orders, options...), orderItems)
	}
	allOrders := func(ctx context.Context, s *scene, options ...storeorders.RequestOption) ([]item, error) {
		return rangeOver(s.client.Orders.All(ctx, orders, options...), orderItem)
	}
	getOrder := func(ctx context.Context, s *scene, options ...storeorders.RequestOption) ([]item, error) {
		return itemsOf(orderItem)(s.client.Orders.Get(ctx, s.orders[0], options...))
	}
	login := func(ctx context.Context, s *scene, _ ...storeorders.RequestOption) ([]item, error) {
		return itemsOf(tokenItem)(s.client.MercurAuth.Login(ctx, s.customer.Email, s.customer.Password))
	}
	refresh := func(ctx context.Context, s *scene, _ ...storeorders.RequestOption) ([]item, error) {
		return itemsOf(tokenItem)(s.client.MercurAuth.Refresh(ctx, s.customer.Token))
	}
	passwordSource := func(ctx context.Context, s *scene, _ ...storeorders.RequestOption) ([]item, error) {
		return listGroups(ctx, s, storeorders.WithTokenSource(s.client.MercurAuth.PasswordSource(s.customer.Email, s.customer.Password)))
	}
	sendCode := func(ctx context.Context, s *scene, _ ...storeorders.RequestOption) ([]item, error) {
		return nil, s.client.SalesiveAuth.SendCode(ctx, s.shopper.Email)
	}
	verifyCode := func(ctx context.Context, s *scene, _ ...storeorders.RequestOption) ([]item, error) {
		return itemsOf(tokenItem)(s.client.SalesiveAuth.VerifyCode(ctx, s.shopper.Email, s.code))
	}
	guest := func(ctx context.Context, s *scene, _ ...storeorders.RequestOption) ([]item, error) {
		return itemsOf(tokenItem)(s.client.SalesiveAuth.Guest(ctx))
	}
	const behindLogin = storeorderstest.MercurList
	return []method{
		{name: "OrderGroups.List", call: listGroups, mercur: true, list: true},
		{name: "OrderGroups.List, WithMercurLogin", call: listGroups, mercur: true, list: true, renews: true, route: behindLogin, posts: 1},
		{name: "OrderGroups.Pages", call: groupPages, mercur: true, list: true, walk: true},
		{name: "OrderGroups.Pages, WithPrefetch(2)", call: groupPages, mercur: true, list: true, walk: true, ahead: true},
		{name: "OrderGroups.All", call: allGroups, mercur: true, list: true, walk: true, all: true},
		{name: "OrderGroups.All, WithPrefetch(2)", call: allGroups, mercur: true, list: true, walk: true, all: true, ahead: true},
		{name: "OrderGroups.Get", call: getGroup, mercur: true},
		{name: "Orders.List", call: listOrders, list: true},
		{name: "Orders.Pages", call: orderPages, list: true, walk: true},
		{name: "Orders.Pages, WithPrefetch(2)", call: orderPages, list: true, walk: true, ahead: true},
		{name: "Orders.All", call: allOrders, list: true, walk: true, all: true},
		{name: "Orders.All, WithPrefetch(2)", call: allOrders, list: true, walk: true, all: true, ahead: true},
		{name: "Orders.Get", call: getOrder},
		{name: "MercurAuth.Login", call: login, mercur: true, login: true, posts: 1},
		{name: "MercurAuth.Refresh", call: refresh, mercur: true, login: true, posts: 1},
		{name: "MercurAuth.PasswordSource", call: passwordSource, mercur: true, login: true, route: storeorderstest.Auth, posts: 1},
		{name: "SalesiveAuth.SendCode", call: sendCode, login: true, posts: 1},
		{name: "SalesiveAuth.VerifyCode", call: verifyCode, login: true, posts: 1},
		{name: "SalesiveAuth.Guest", call: guest, login: true, posts: 1},
	}
}

// itemsOf are the items of a result, none of an error.
func itemsOf[T any](items func(T) []item) func(T, error) ([]item, error) {
	return func(result T, err error) ([]item, error) {
		if err != nil {
			return nil, err
		}
		return items(result), nil
	}
}

// rangeOver ranges to the end, also after an error: there must be one at most, with a zero value and nothing behind it.
func rangeOver[T comparable](seq iter.Seq2[T, error], items func(T) []item) ([]item, error) {
	var all []item
	var failure error
	for value, err := range seq {
		switch {
		case failure != nil:
			return all, fmt.Errorf("the walk went on after its error: %v", failure) //nolint:errorlint // it must not be taken for that error
		case err != nil && value != *new(T):
			return all, fmt.Errorf("a value came with the error: %v", err) //nolint:errorlint // as above
		case err != nil:
			failure = err
		default:
			all = append(all, items(value)...)
		}
	}
	return all, failure
}

func groupItem(group *storeorders.OrderGroup) []item {
	return []item{{group.ID, string(group.RawJSON())}}
}

func groupItems(page *storeorders.OrderGroupPage) []item {
	var items []item
	for i := range page.Items {
		items = append(items, groupItem(&page.Items[i])...)
	}
	return items
}

func orderItem(order *storeorders.Order) []item { return []item{{order.ID, string(order.RawJSON())}} }

func orderItems(page *storeorders.OrderPage) []item {
	var items []item
	for i := range page.Items {
		items = append(items, orderItem(&page.Items[i])...)
	}
	return items
}

// tokenItem is what a token says but for its times, which differ from run to run.
func tokenItem(token *storeorders.Token) []item {
	parts := strings.Split(token.Value(), ".")
	if len(parts) != 3 {
		return []item{{id: "no token: " + token.Value()}}
	}
	var claims map[string]any
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil || json.Unmarshal(payload, &claims) != nil {
		return []item{{id: "no token: " + token.Value()}}
	}
	delete(claims, "iat")
	delete(claims, "exp")
	return []item{{id: fmt.Sprint(claims)}}
}

// scene is a server with its data, and a client that is measured.
type scene struct {
	server   *storeorderstest.Server
	customer *storeorderstest.Customer
	shopper  *storeorderstest.Shopper
	mercur   bool     // whose orders there are
	orders   []string // their ids, the newest last
	code     string
	client   *storeorders.Client
	meter    *meter
}

// newScene has orders of which each four share an instant, so that a page ends between two of the same.
func newScene(server *storeorderstest.Server, m method) *scene {
	s := &scene{
		server: server, mercur: m.mercur,
		customer: server.AddCustomer("Alice"), shopper: server.AddShopper("Bob"), meter: newMeter(),
	}
	if m.login && m.route == "" { // nobody lists
		return s
	}
	for i := range faultRecords {
		s.add(time.Date(2026, 1, 1, i/4, 0, 0, 0, time.UTC))
	}
	return s
}

func (s *scene) add(at time.Time) {
	if s.mercur {
		s.orders = append(s.orders, s.server.AddOrderGroup(s.customer, storeorders.OrderGroup{CreatedAt: at}).ID)
	} else {
		s.orders = append(s.orders, s.server.AddOrder(s.shopper, storeorders.Order{CreatedAt: at}).ID)
	}
}

// join adds an order that is the first of the first page.
func (s *scene) join() { s.add(time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)) }

// leave removes the newest order, which is on the first page.
func (s *scene) leave() {
	newest := s.orders[len(s.orders)-1]
	s.server.RemoveOrderGroup(newest)
	s.server.RemoveOrder(newest)
}

// connect makes the client.
func (s *scene) connect(t *testing.T, m method, opts ...storeorders.Option) {
	t.Helper()
	mercur, salesive := s.server.MercurConfig(), s.server.SalesiveConfig()
	salesive.Token = storeorders.StaticToken(s.shopper.Token)
	opts = append(slices.Clone(opts),
		storeorders.WithMaxResponseBytes(faultBodyLimit), storeorders.WithMiddleware(s.meter.middleware), storeorders.WithSalesive(salesive))
	if m.renews {
		opts = append(opts, storeorders.WithMercurLogin(s.customer.Email, s.customer.Password))
	} else {
		mercur.Token = storeorders.StaticToken(s.customer.Token)
	}
	client, err := storeorders.NewClient(append(opts, storeorders.WithMercur(mercur))...)
	require.NoError(t, err)
	s.client = client
}

// sendCode has a code sent to the shopper who needs one, by a client that is not measured.
func (s *scene) sendCode(t *testing.T, m method) {
	t.Helper()
	if m.name != "SalesiveAuth.VerifyCode" {
		return
	}
	client, err := storeorders.NewClient(
		storeorders.WithHTTPClient(&http.Client{Transport: s.server}), storeorders.WithSalesive(s.server.SalesiveConfig()))
	require.NoError(t, err)
	require.NoError(t, client.SalesiveAuth.SendCode(t.Context(), s.shopper.Email))
	s.code = s.server.CodeFor(s.shopper.Email)
	s.server.ForgetRequests()
}

// meter counts what goes through the client's transport.
type meter struct {
	mu             sync.Mutex
	attempts       map[string]int // of each request, redirects that are followed not among them
	opened, closed int            // bodies
}

func newMeter() *meter { return &meter{attempts: map[string]int{}} }

func (m *meter) middleware(next http.RoundTripper) http.RoundTripper {
	return transportFunc(func(req *http.Request) (*http.Response, error) {
		if req.Response == nil {
			m.mu.Lock()
			m.attempts[req.Method+" "+req.URL.String()]++
			m.mu.Unlock()
		}
		resp, err := next.RoundTrip(req)
		if err == nil {
			m.mu.Lock()
			m.opened++
			m.mu.Unlock()
			resp.Body = &meteredBody{ReadCloser: resp.Body, meter: m}
		}
		return resp, err
	})
}

// meteredBody tells its meter once that it was closed.
type meteredBody struct {
	io.ReadCloser

	meter *meter
	once  sync.Once
}

func (b *meteredBody) Close() error {
	b.once.Do(func() {
		b.meter.mu.Lock()
		b.meter.closed++
		b.meter.mu.Unlock()
	})
	return b.ReadCloser.Close()
}

// count returns how often the request was sent that was sent most often, and how many POSTs were.
func (m *meter) count() (most, posts int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for request, n := range m.attempts {
		most = max(most, n)
		if strings.HasPrefix(request, http.MethodPost+" ") {
			posts += n
		}
	}
	return most, posts
}

// result is what came of a call.
type result struct {
	items    []item
	err      error
	took     time.Duration
	attempts int // of the request that needed most
	posts    int // attempts of logins
	hits     int // of the fault
	requests []storeorderstest.Request
}

// call makes the call.
func (s *scene) call(t *testing.T, m method) result {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), callDeadline)
	defer cancel()
	var options []storeorders.RequestOption
	if m.ahead {
		options = append(options, storeorders.WithPrefetch(2))
	}
	start := time.Now()
	items, err := m.call(ctx, s, options...)
	o := result{items: items, err: err, took: time.Since(start), requests: s.server.Requests()}
	o.attempts, o.posts = s.meter.count()
	return o
}

// end says what the call ended in, and after how long if the time was up.
func (o result) end(timed bool) string {
	if o.err == nil {
		return success
	}
	end := endsOf(o.err)
	if end == timedOut && timed {
		end += " after " + o.took.String()
	}
	return end
}

// compared says how what a list gave differs from what it gives undisturbed.
func (o result) compared(undisturbed []item) string {
	texts := []string{o.end(false)}
	came := map[string]bool{}
	missed, repeated := 0, 0
	for _, i := range o.items {
		if came[i.id] {
			repeated++
		}
		came[i.id] = true
	}
	for _, i := range undisturbed {
		if !came[i.id] {
			missed++
		}
		delete(came, i.id)
	}
	for _, difference := range []struct {
		n    int
		name string
	}{{missed, "missed"}, {repeated, "repeated"}, {len(came), "more"}} {
		if difference.n > 0 {
			texts = append(texts, strconv.Itoa(difference.n)+" "+difference.name)
		}
	}
	if o.err == nil && len(texts) == 1 && !slices.Equal(o.items, undisturbed) {
		texts = append(texts, "in another order")
	}
	return strings.Join(texts, ", ")
}

// matrix is what came of all calls.
type matrix struct {
	mu           sync.Mutex
	cells        map[cell]string
	combinations int
	requests     int
	ends         map[string]int
}

type cell struct {
	fault, method string
	when          occasion
}

func (c cell) String() string { return c.fault + ": " + c.method + ": " + c.when.String() }

func newMatrix() *matrix { return &matrix{cells: map[cell]string{}, ends: map[string]int{}} }

func (x *matrix) add(c cell, text string, o result) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.cells[c] = text
	x.combinations++
	x.requests += len(o.requests)
	x.ends[o.end(false)]++
}

// faults is how many rows there are.
func (x *matrix) faults() int {
	names := map[string]bool{}
	for c := range x.cells {
		names[c.fault] = true
	}
	return len(names)
}

// totals are for the log.
func (x *matrix) totals() string {
	texts := []string{plural(x.combinations, "combination") + ", " + plural(x.requests, "request")}
	for _, end := range slices.Sorted(maps.Keys(x.ends)) {
		texts = append(texts, end+": "+strconv.Itoa(x.ends[end]))
	}
	return strings.Join(texts, "; ")
}

// undisturbed is what each method gives without a fault.
func undisturbed(t *testing.T) map[string][]item {
	t.Helper()
	items := map[string][]item{}
	for _, m := range methods() {
		inBubble(t, m, true, func(t *testing.T, s *scene) {
			o := s.call(t, m)
			require.NoError(t, o.err, m.name)
			require.Equal(t, 1, o.attempts, m.name)
			require.Equal(t, m.posts, o.posts, m.name)
			if m.walk {
				require.Len(t, o.items, faultRecords, m.name)
				require.Len(t, o.requests, 3, m.name)
			}
			items[m.name] = o.items
		})
	}
	return items
}

// inBubble runs the test in virtual time, over a server without a socket. The bubble panics if a goroutine is left at its end.
func inBubble(t *testing.T, m method, retry bool, test func(*testing.T, *scene)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := newScene(storeorderstest.Transport(), m)
		s.sendCode(t, m)
		opts := []storeorders.Option{storeorders.WithHTTPClient(&http.Client{Transport: s.server})}
		if !retry {
			opts = append(opts, storeorders.WithRetry(storeorders.RetryPolicy{}))
		}
		s.connect(t, m, opts...)
		test(t, s)
		assert.Equal(t, s.meter.opened, s.meter.closed, "bodies closed")
	})
}

// TestFaultMatrix makes every call against every fault, in virtual time, and compares docs/faults.md with what came of it.
func TestFaultMatrix(t *testing.T) {
	t.Parallel()
	x, normal := newMatrix(), undisturbed(t)
	t.Cleanup(func() { // when all subtests have ended
		t.Log(x.totals())
		if t.Failed() || x.faults() < len(faults())+len(lists()) { // -run may ask for some of them
			return
		}
		if flag.Lookup("update").Value.String() == "true" {
			require.NoError(t, os.MkdirAll(filepath.Dir(faultReport), 0o750))
			require.NoError(t, os.WriteFile(faultReport, []byte(x.report()), 0o600))
		}
		written, err := os.ReadFile(faultReport)
		require.NoError(t, err)
		assert.Equal(t, x.report(), string(written), "%s is out of date: run this test with -update", faultReport)
	})
	for _, f := range faults() {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			f.testInBubbles(t, x, normal)
		})
	}
	for _, f := range lists() {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			f.testInBubbles(t, x, normal)
		})
	}
}

func (f fault) testInBubbles(t *testing.T, x *matrix, normal map[string][]item) {
	t.Helper()
	for _, m := range methods() {
		whens := occasions()
		if m.walk {
			whens = append(whens, occasion{second: true, retry: true}, occasion{second: true})
		}
		for _, when := range whens {
			inBubble(t, m, when.retry, func(t *testing.T, s *scene) {
				injected := s.server.Inject(f.make(time.Second), when.conditions(m)...)
				o := s.call(t, m)
				o.hits = injected.Hits()
				c := cell{f.name, m.name, when}
				f.check(t, c, m, o, normal[m.name])
				f.checkTime(t, c, o)
				text := withAttempts(o.end(true), o.attempts)
				assert.Equal(t, f.want(m, when, true), text, c)
				x.add(c, text, o)
			})
		}
	}
}

// check checks what must be right whatever the call ends in.
func (f fault) check(t *testing.T, c cell, m method, o result, undisturbed []item) {
	t.Helper()
	switch {
	case o.err == nil || c.when.once:
		assert.Positive(t, o.hits, "%s: the fault came about", c)
	case f.loops && !m.login:
		assert.Equal(t, 10, o.hits, "%s: requests", c)
	default:
		assert.Equal(t, o.attempts, o.hits, "%s: requests", c)
	}
	checkPosts(t, c, m, o, f.renewed && m.renews)
	for _, request := range o.requests { // all to the server itself
		assert.Equal(t, o.requests[0].Host, request.Host, c)
	}
	if apiError, ok := errors.AsType[*storeorders.APIError](o.err); ok {
		assert.Equal(t, o.attempts, apiError.Attempts, c)
	}
	switch {
	case o.err == nil:
		assert.Equal(t, undisturbed, o.items, c)
	case c.when.second:
		assert.Equal(t, undisturbed[:faultPageSize], o.items, c)
	default:
		assert.Empty(t, o.items, c)
	}
	if m.walk && o.err != nil {
		checkPlace(t, c, m, o.err)
	}
}

// checkPosts claims that each login was sent once.
func checkPosts(t *testing.T, c cell, m method, o result, renewed bool) {
	t.Helper()
	want, arrived := m.posts, 0
	if renewed {
		want++ // for the next token
	}
	for _, request := range o.requests {
		if request.Method == http.MethodPost {
			arrived++
		}
	}
	assert.Equal(t, want, o.posts, "%s: logins sent", c)
	assert.Equal(t, want, arrived, "%s: logins arrived", c)
}

// checkPlace claims that the error tells the page that failed.
func checkPlace(t *testing.T, c cell, m method, err error) {
	t.Helper()
	var pageError *storeorders.PageError
	if !assert.ErrorAs(t, err, &pageError, c) {
		return
	}
	offset, page := 0, 1
	if c.when.second {
		offset, page = faultPageSize, 2
	}
	if m.mercur {
		page = -1
	} else {
		offset = -1
	}
	assert.Equal(t, [2]int{offset, page}, [2]int{pageError.Offset, pageError.Page}, c)
}

// checkTime claims that the call took no longer than the fault, the waits of the retries, and the deadline.
func (f fault) checkTime(t *testing.T, c cell, o result) {
	t.Helper()
	slow, asked, backoff := time.Duration(f.slow)*time.Second, time.Duration(f.asks)*time.Second, longestBackoff
	if f.hangs {
		slow = attemptTimeout
	}
	if asked > 0 {
		backoff = 0
		if apiError, ok := errors.AsType[*storeorders.APIError](o.err); ok {
			assert.Equal(t, asked, apiError.RetryAfter, c)
		}
	}
	least, most := time.Duration(0), time.Duration(o.hits)*slow
	if f.retried && o.attempts > 1 {
		least = time.Duration(o.attempts-1) * asked
		most += least + backoff
	}
	assert.LessOrEqual(t, o.took, callDeadline, c)
	assert.LessOrEqual(t, o.took, most, c)
	assert.GreaterOrEqual(t, o.took, least, c)
}

func (f listFault) testInBubbles(t *testing.T, x *matrix, normal map[string][]item) {
	t.Helper()
	for _, m := range methods() {
		for _, when := range f.occasions() {
			inBubble(t, m, when.retry, func(t *testing.T, s *scene) {
				s.server.Inject(f.make(s), when.conditions(m)...)
				o := s.call(t, m)
				c := cell{f.name, m.name, when}
				checkPosts(t, c, m, o, false)
				checkRaw(t, c, o, normal[m.name])
				text := o.compared(normal[m.name])
				want := f.ends(m, when)
				switch {
				case m.ahead && m.all: // which of two requests comes first is chance, and with it the order
					text, _ = strings.CutSuffix(text, ", in another order")
					want, _ := strings.CutSuffix(want.all, ", in another order")
					if !strings.HasPrefix(text, incomplete) || !f.chance {
						assert.Equal(t, want, text, c)
					}
				case m.ahead:
					assert.Equal(t, success, o.end(false), c)
				case m.all:
					assert.Equal(t, want.all, text, c)
					assert.Len(t, o.requests, want.requests, c)
					text += " (" + plural(len(o.requests), "request") + ")"
				case m.walk:
					assert.Equal(t, want.pages, text, c)
				default:
					assert.Equal(t, want.list, text, c)
				}
				x.add(c, text, o)
			})
		}
	}
}

func (f listFault) occasions() []occasion {
	var whens []occasion
	if f.always != nil {
		whens = append(whens, occasion{retry: true}, occasion{})
	}
	if f.once != nil {
		whens = append(whens, occasion{once: true, second: true, retry: true}, occasion{once: true, second: true})
	}
	return whens
}

// checkRaw claims that every order is the one that comes undisturbed.
func checkRaw(t *testing.T, c cell, o result, undisturbed []item) {
	t.Helper()
	raw := map[string]string{}
	for _, i := range undisturbed {
		raw[i.id] = i.raw
	}
	for _, i := range o.items {
		if want, known := raw[i.id]; known {
			assert.Equal(t, want, i.raw, c)
		}
	}
}

// report is docs/faults.md.
func (x *matrix) report() string {
	var b strings.Builder
	b.WriteString("# Faults\n\n" +
		"What each call ends in when something goes wrong with its requests: every fault of `storeorderstest`, once and always, for every method, " +
		"with the default retry policy and without retries. Each call has a deadline of " + callDeadline.String() + ". " +
		"`success` is the same orders, byte for byte, as without the fault; other words name the error, and how often the request was sent. " +
		"A login is sent once, whatever happens. " +
		"A walk whose later page meets the fault yields the pages before it, and then ends as one whose first page does, with the place to go on from.\n\n" +
		"Written by `go test . -run TestFaultMatrix -update`; the test fails if this is not what it finds. " +
		"`TestFaultMatrixOverSockets` has the faults of the connection once more over real ones, and counts goroutines, connections and bodies.\n\n" +
		"## Reads\n\n" +
		"`List`, `Pages`, `All` and `Get` of both APIs, with and without `WithPrefetch`. Where they differ, it is said which.\n\n" +
		"| fault |")
	for _, when := range occasions() {
		b.WriteString(" " + when.String() + " |")
	}
	b.WriteString("\n|---|---|---|---|---|\n")
	for _, f := range faults() {
		b.WriteString("| `" + f.name + "` |")
		for _, when := range occasions() {
			b.WriteString(" " + x.summary(f.name, when, func(m method) bool { return !m.login }) + " |")
		}
		b.WriteString("\n")
	}

	b.WriteString("\n## Logins\n\n" +
		"Once or always, retried or not: it is the same. `PasswordSource` is a list whose login meets the fault; " +
		"a list that meets it behind a login of `WithMercurLogin` is among the reads, and after a 401 logs in anew, once.\n\n" +
		"| fault | `MercurAuth`: `Login`, `Refresh`, `PasswordSource` | `SalesiveAuth`: `SendCode`, `VerifyCode`, `Guest` |\n|---|---|---|\n")
	for _, f := range faults() {
		fmt.Fprintf(&b, "| `%s` |", f.name)
		for _, mercur := range []bool{true, false} {
			ends := map[string]bool{}
			for _, when := range occasions() {
				ends[x.summary(f.name, when, func(m method) bool { return m.login && m.mercur == mercur })] = true
			}
			b.WriteString(" " + strings.Join(slices.Sorted(maps.Keys(ends)), "; ") + " |")
		}
		b.WriteString("\n")
	}

	fmt.Fprintf(&b, "\n## Lists\n\n"+
		"Lists that are not what was asked for, or that change during the walk: %d orders, of which each four share an instant, in pages of %d. "+
		"Retries make no difference. `List` and `Pages` give what the server sends, page by page; "+
		"`All` gives every order once, or ends in `ErrIncomplete`, except where the server counts too few and its pages agree, which no client can see. "+
		"Missed, repeated and more are orders, beside the undisturbed list. Undisturbed, a walk takes 3 requests.\n\n"+
		"| fault | with | API | `List` | `Pages` | `All` |\n|---|---|---|---|---|---|\n", faultRecords, faultPageSize)
	for _, f := range lists() {
		for _, when := range f.occasions() {
			if when.retry {
				continue
			}
			with := "every list"
			if when.once {
				with = "the second page, once"
			}
			for _, service := range []string{"OrderGroups", "Orders"} {
				api := "Mercur"
				if service == "Orders" {
					api = "Salesive"
				}
				fmt.Fprintf(&b, "| `%s` | %s | %s |", f.name, with, api)
				for _, name := range []string{"List", "Pages", "All"} {
					text := x.cells[cell{f.name, service + "." + name, when}]
					if name == "List" && when.second {
						text = "–"
					}
					b.WriteString(" " + text + " |")
				}
				b.WriteString("\n")
			}
		}
	}
	return b.String()
}

// summary is what these methods end in: that of most of them first, and then that of the others by name.
func (x *matrix) summary(fault string, when occasion, which func(method) bool) string {
	byEnd := map[string][]method{}
	for _, m := range methods() {
		if which(m) {
			end := x.cells[cell{fault, m.name, when}]
			byEnd[end] = append(byEnd[end], m)
		}
	}
	ends := slices.SortedFunc(maps.Keys(byEnd), func(a, b string) int {
		return cmp.Or(len(byEnd[b])-len(byEnd[a]), strings.Compare(a, b))
	})
	var texts []string
	for i, end := range ends {
		methods := byEnd[end]
		isOther := func(m method) bool { return m.mercur != methods[0].mercur }
		switch {
		case len(ends) == 2 && !slices.ContainsFunc(methods, isOther) && (len(methods) > 1 || i == 0):
			api := "Salesive"
			if methods[0].mercur {
				api = "Mercur"
			}
			texts = append(texts, api+": "+end)
		case i == 0:
			texts = append(texts, end)
		default:
			var names []string
			for _, m := range methods {
				names = append(names, "`"+m.name+"`")
			}
			texts = append(texts, strings.Join(names, ", ")+": "+end)
		}
	}
	return strings.Join(texts, "; ")
}

// TestFaultMatrixIsWhole fails where the fake has a fault, or the client a method, that the matrix lacks.
func TestFaultMatrixIsWhole(t *testing.T) {
	t.Parallel()
	t.Run("faults", func(t *testing.T) {
		t.Parallel()
		listed := map[string]bool{}
		for _, f := range faults() {
			listed[beforeMark(f.name, "(")] = true
		}
		for _, f := range lists() {
			listed[beforeMark(f.name, "(")] = true
		}
		assert.Equal(t, faultConstructors(t), slices.Sorted(maps.Keys(listed)))
	})
	t.Run("methods", func(t *testing.T) {
		t.Parallel()
		listed := map[string]bool{}
		for _, m := range methods() {
			listed[beforeMark(m.name, ",")] = true
		}
		var want []string
		for field := range reflect.TypeFor[storeorders.Client]().Fields() {
			if !field.IsExported() {
				continue
			}
			for method := range field.Type.Methods() {
				want = append(want, field.Name+"."+method.Name)
			}
		}
		slices.Sort(want)
		assert.Equal(t, want, slices.Sorted(maps.Keys(listed)))
	})
}

func beforeMark(text, mark string) string {
	before, _, _ := strings.Cut(text, mark)
	return before
}

// faultConstructors are the functions of the fake that return a Fault.
func faultConstructors(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("storeorderstest/*.go")
	require.NoError(t, err)
	var names []string
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		for _, declaration := range file.Decls {
			f, ok := declaration.(*ast.FuncDecl)
			if !ok || f.Recv != nil || !f.Name.IsExported() || f.Type.Results == nil {
				continue
			}
			if result, ok := f.Type.Results.List[0].Type.(*ast.Ident); ok && result.Name == "Fault" {
				names = append(names, f.Name.Name)
			}
		}
	}
	slices.Sort(names)
	return names
}

// inFaultProcess is set in the environment of a process that runs TestFaultMatrixOverSockets alone.
const inFaultProcess = "STOREORDERS_FAULTS_OVER_SOCKETS"

// TestFaultMatrixOverSockets makes every call over real connections, against the faults that are of the connection: all bodies are closed,
// and in the end all connections are, and no goroutine is left. It runs in a process of its own, in which nothing else has goroutines.
func TestFaultMatrixOverSockets(t *testing.T) { //nolint:tparallel // in that process it looks at all goroutines
	if os.Getenv(inFaultProcess) != "" {
		faultsOverSockets(t)
		return
	}
	t.Parallel()
	program, err := os.Executable()
	require.NoError(t, err)
	command := exec.CommandContext(t.Context(), program, "-test.run=^"+t.Name()+"$", "-test.v") //nolint:gosec // it is this test again
	command.Env = append(os.Environ(), inFaultProcess+"=1")
	output, err := command.CombinedOutput()
	require.NoError(t, err, string(output))
	_, totals, found := strings.Cut(string(output), overSockets)
	require.True(t, found, string(output))
	t.Log(overSockets + beforeMark(totals, "\n"))
}

const overSockets = "over sockets: "

func faultsOverSockets(t *testing.T) {
	t.Helper()
	x, normal, connections := newMatrix(), undisturbed(t), new(atomic.Int64)
	t.Cleanup(func() { // when all subtests have ended
		goleak.VerifyNone(t)
		t.Logf("%s%s; connections: %d", overSockets, x.totals(), connections.Load())
	})
	for _, f := range faults() {
		if f.sockets {
			t.Run(f.name, func(t *testing.T) {
				t.Parallel()
				f.testOverSockets(t, x, normal, connections)
			})
		}
	}
}

func (f fault) testOverSockets(t *testing.T, x *matrix, normal map[string][]item, connections *atomic.Int64) {
	t.Helper()
	beyond := 0
	for _, m := range methods() {
		for _, when := range occasions() {
			c := cell{f.name, m.name, when}
			s := newScene(storeorderstest.NewServer(), m)
			t.Cleanup(s.server.Close) // also where the test ends early
			s.sendCode(t, m)
			network := newNetwork(s.server.URL)
			policy := storeorders.RetryPolicy{}
			if when.retry {
				policy = storeorders.RetryPolicy{MaxRetries: defaultAttempts - 1, MaxRetryAfter: 30 * time.Millisecond}
			}
			opts := []storeorders.Option{
				storeorders.WithHTTPClient(&http.Client{Transport: &http.Transport{DialContext: network.dial}}),
				storeorders.WithRetry(policy),
			}
			conditions := when.conditions(m)
			if f.hangs {
				patience := new(patience)
				opts = append(opts, storeorders.WithMiddleware(patience.middleware))
				s.server.Inject(storeorderstest.Before(patience.end), conditions...)
			}
			s.connect(t, m, opts...)
			injected := s.server.Inject(f.make(time.Millisecond), conditions...)

			o := s.call(t, m)
			o.hits = injected.Hits()
			f.check(t, c, m, o, normal[m.name])
			text := withAttempts(o.end(false), o.attempts)
			assert.Equal(t, f.want(m, when, false), text, c)
			assert.Equal(t, s.meter.opened, s.meter.closed, "%s: bodies closed", c)

			s.client.CloseIdleConnections()
			opened := network.allClosed(t, c) // before the server closes them
			s.server.Close()
			connections.Add(int64(opened))
			beyond += f.checkConnections(t, c, m, o, opened)
			x.add(c, text, o)
		}
	}
	// On a busy machine net/http gives up a connection now and then, if it is not told within 50 ms that the request was written. An SDK
	// that wastes them does so with every retry.
	assert.LessOrEqual(t, beyond, 10, "%s: connections opened beyond need", f.name)
}

// checkConnections claims that a fault that breaks connections costs as many as there were attempts. It returns how many were opened
// beyond need: where pages are requested ahead, two more may be needed.
func (f fault) checkConnections(t *testing.T, c cell, m method, o result, opened int) (beyond int) {
	t.Helper()
	need := 1
	if f.breaks {
		need = o.attempts
	}
	assert.GreaterOrEqual(t, opened, need, "%s: connections opened", c)
	if m.ahead && o.err == nil {
		need += 2
	}
	return max(0, opened-need)
}

// network dials one server, and counts.
type network struct {
	address string

	mu             sync.Mutex
	opened, closed int
	changed        chan struct{} // closed with the next connection
	refused        []string      // other servers
}

func newNetwork(serverURL string) *network {
	return &network{address: strings.TrimPrefix(serverURL, "http://"), changed: make(chan struct{})}
}

func (n *network) dial(ctx context.Context, kind, address string) (net.Conn, error) {
	if address != n.address {
		n.mu.Lock()
		defer n.mu.Unlock()
		n.refused = append(n.refused, address)
		return nil, errors.New("this server is not to be called")
	}
	conn, err := new(net.Dialer).DialContext(ctx, kind, address)
	if err != nil {
		return nil, err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.opened++
	return &countedConn{Conn: conn, network: n}, nil
}

// countedConn tells its network once that it was closed.
type countedConn struct {
	net.Conn

	network *network
	once    sync.Once
}

func (c *countedConn) Close() error {
	c.once.Do(func() {
		n := c.network
		n.mu.Lock()
		defer n.mu.Unlock()
		n.closed++
		close(n.changed)
		n.changed = make(chan struct{})
	})
	return c.Conn.Close()
}

// allClosed waits until all connections are closed, and returns how many there were.
func (n *network) allClosed(t *testing.T, c cell) int {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second) // to fail instead of hanging
	defer cancel()
	for {
		n.mu.Lock()
		opened, closed, changed := n.opened, n.closed, n.changed
		assert.Empty(t, n.refused, "%s: other servers called", c)
		n.mu.Unlock()
		if closed == opened {
			return opened
		}
		select {
		case <-changed:
		case <-ctx.Done():
			require.Equal(t, opened, closed, "%s: connections closed", c)
		}
	}
}

// patience ends an attempt as its timeout would, at the moment in which a server that hangs has got the request: nobody needs to wait.
type patience struct {
	mu     sync.Mutex
	cancel context.CancelCauseFunc // of the latest attempt
}

func (p *patience) middleware(next http.RoundTripper) http.RoundTripper {
	return transportFunc(func(req *http.Request) (*http.Response, error) {
		ctx, cancel := context.WithCancelCause(req.Context())
		p.mu.Lock()
		p.cancel = cancel
		p.mu.Unlock()
		return next.RoundTrip(req.WithContext(ctx))
	})
}

func (p *patience) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cancel(context.DeadlineExceeded)
}
