// Package storeorders reads a shopper's orders from two store APIs: order
// groups from Mercur (a self-hosted marketplace on Medusa v2) and orders from
// Salesive (hosted).
//
// # One client, many shoppers
//
// Make one [Client] and share it: it is safe for concurrent use and keeps one
// pool of connections. Credentials belong to calls. A backend passes the
// shopper's own bearer token with each call ([WithToken]); a script that is
// one shopper sets a default in [MercurConfig] or [SalesiveConfig]. A call
// without a token, or on Mercur without a publishable key, is
// [ErrNoCredentials], and nothing is sent. An empty token never falls back to
// the default.
//
// Who has no token gets one from a login service: [MercurAuthService] takes an
// e-mail address and a password, [SalesiveAuthService] a code that the shop
// sends to the address. [WithMercurLogin] makes a login the client's default: it
// logs in when a token is first needed, and renews it before it expires.
//
// Credentials go to the configured origin only. A redirect to another scheme,
// host or port is not followed; it is an [APIError] that is [ErrRedirect].
// Nothing that depends on a credential stays on the client, cookies included.
//
// # Lists
//
// Each service has four methods:
//
//   - List reads one page. Its Next gives the options of the page after it.
//   - Pages walks page by page, as the server gives them.
//   - All walks order by order. It yields each order once, finds what the pages
//     lost, and ends in an [IncompleteError] if it cannot say that it saw all.
//   - Get reads one order by its id.
//
// Pages and All are sequences for range. Nothing is sent until they are
// ranged over, a page is requested when it is needed, or ahead of that
// ([WithPrefetch]), and break ends it. [Collect] reads a sequence into a slice.
//
// Why All checks: both servers page by position. Mercur sorts by a timestamp
// alone, so that orders that share one may come twice or not at all, and an
// order that is made or removed during a walk shifts the pages. What no client
// can see: a server that counts too few, and an order that was yielded and
// leaves while another joins, between the same two answers.
//
// An error that ends a walk is a [PageError] that says where to go on: the
// same method with the same options, and Offset or Page set to it, yields the
// rest, exactly so if nothing moved meanwhile.
//
// # Errors
//
// An answer other than success is an [APIError]; errors.Is tells its category:
// [ErrInvalidRequest], [ErrUnauthorized], [ErrForbidden], [ErrNotFound],
// [ErrRateLimited], [ErrServer], [ErrRedirect]. A success that cannot be read
// is a [DecodeError], an option that cannot work an [OptionError], which comes
// before anything is sent. Errors of the context, the connection and the token
// source are wrapped: errors.Is with [context.Canceled] and
// [context.DeadlineExceeded] holds.
//
// A login to which the server says yes without a usable token is a [LoginError].
//
// GETs that fail in a way that may pass are retried, see [RetryPolicy]; logins
// are sent once. The context bounds the whole call with its retries and waits,
// [WithAttemptTimeout] each attempt. Errors, logs and printed values hold no
// credentials, no query strings and no bodies.
//
// # Money and other numbers
//
// A [Decimal] keeps the digits that the server sent, and tells "0" from
// absent. Amounts are in major units: "15.5" is 15.50. Mercur's currency is on
// the orders of a group; Salesive's orders have none.
//
// What this version has no field for is in RawJSON, byte for byte.
//
// # Tests
//
// Package storeorderstest has a fake server of both APIs, which answers as real
// servers were recorded to, and breaks when told to. Begin with its NewServer;
// its Transport needs no socket and works in a bubble of testing/synctest;
// RegisterResponders puts it behind httpmock; Seq makes an iterator for those
// who fake at an interface of their own. The program in examples/mocking is
// tested in all these ways.
package storeorders
