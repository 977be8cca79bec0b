package storeorders_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-2861b391/storeorders"
)

const (
	mebi = 1 << 20

	// maxErrorBytes is how much of the body of an error is read.
	maxErrorBytes = 256 << 10
)

// hangGuard is the real time after which what must end of itself is taken to
// hang.
const hangGuard = time.Minute

// guarded is a context for a call that must end of itself.
func guarded(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), hangGuard)
	t.Cleanup(func() {
		assert.NotErrorIs(t, ctx.Err(), context.DeadlineExceeded, "the call hung")
		cancel()
	})
	return ctx
}

// ending is how a call is to end.
type ending func(t *testing.T, err error)

func succeeds(t *testing.T, err error) {
	t.Helper()
	assert.NoError(t, err)
}

// isAPIError is an answer with this status, in this category or, for nil, in
// none.
func isAPIError(status int, category error) ending {
	return func(t *testing.T, err error) {
		t.Helper()
		assert.Equal(t, status, requireAPIError(t, err).StatusCode)
		checkCategory(t, err, category)
	}
}

// isDecodeError is an answer of success that cannot be read, for this reason.
func isDecodeError(reason string) ending {
	return func(t *testing.T, err error) {
		t.Helper()
		decodeError := requireDecodeError(t, err)
		assert.ErrorContains(t, decodeError.Err, reason)
		assert.LessOrEqual(t, len(decodeError.Snippet), 512)
	}
}

// isConnectionError is no answer at all, or one that broke off: neither an
// APIError nor a DecodeError, but the cause.
func isConnectionError(reason string, causes ...error) ending {
	return func(t *testing.T, err error) {
		t.Helper()
		require.Error(t, err)
		var apiError *storeorders.APIError
		assert.NotErrorAs(t, err, &apiError)
		var decodeError *storeorders.DecodeError
		assert.NotErrorAs(t, err, &decodeError)
		assert.ErrorContains(t, err, reason)
		for _, cause := range causes {
			assert.ErrorIs(t, err, cause)
		}
	}
}

func isTimeout(timeout time.Duration) ending {
	return isConnectionError("no complete answer within the attempt timeout of "+timeout.String(), context.DeadlineExceeded)
}

func gzipped(text string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = io.WriteString(w, text)
	_ = w.Close()
	return b.String()
}

// sized is the end of a header, and a body of the length that it announces.
func sized(body string) string { return fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(body), body) }

// chunk is one chunk of a body, chunked what ends a header before them.
func chunk(text string) string { return fmt.Sprintf("%x\r\n%s\r\n", len(text), text) }

const chunked = "Transfer-Encoding: chunked\r\n\r\n"

// What servers say, as it goes over the connection. Whatever it is, a call
// ends, with a success or an error of the right type, whose text is short.
func TestAnyAnswerEndsInASuccessOrATypedError(t *testing.T) {
	t.Parallel()
	const (
		well    = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
		closing = "Connection: close\r\n"
		broke   = "the answer broke off after"
	)
	// of is an answer without a body of the API's.
	of := func(answer string) func(string) string { return func(string) string { return answer } }
	status := func(status string) func(string) string {
		return func(body string) string { return "HTTP/1.1 " + status + "\r\n" + closing + sized(body) }
	}
	header := func(lines string) func(string) string {
		return func(body string) string { return well + lines + sized(body) }
	}
	encoded := func(encoding string, encode func(body string) string) func(string) string {
		return func(body string) string {
			return well + "Content-Encoding: " + encoding + "\r\n" + sized(encode(body))
		}
	}
	flipped := func(from, to int) func(string) string {
		return func(body string) string {
			text := []byte(gzipped(body))
			for i := from; i < to; i++ {
				text[(i+len(text))%len(text)] ^= 0xff
			}
			return string(text)
		}
	}
	for name, test := range map[string]struct {
		answer   func(body string) string
		ends     ending
		attempts int
		heavy    bool
	}{
		// Encodings. Only gzip is asked for.
		"gzip":                            {encoded("gzip", gzipped), succeeds, 1, false},
		"gzip in capitals":                {encoded("GZIP", gzipped), succeeds, 1, false},
		"gzip in two members":             {encoded("gzip", func(body string) string { return gzipped(body[:9]) + gzipped(body[9:]) }), succeeds, 1, false},
		"brotli":                          {encoded("br", func(string) string { return "\x1b\x03\x00\xf8" }), isDecodeError(""), 1, false},
		"zstd":                            {encoded("zstd", func(string) string { return "\x28\xb5\x2f\xfd" }), isDecodeError(""), 1, false},
		"deflate":                         {encoded("deflate", gzipped), isDecodeError(""), 1, false},
		"gzip in gzip":                    {encoded("gzip, gzip", func(body string) string { return gzipped(gzipped(body)) }), isDecodeError(""), 1, false},
		"gzip in gzip, in two headers":    {encoded("gzip\r\nContent-Encoding: gzip", func(body string) string { return gzipped(gzipped(body)) }), isDecodeError("not JSON"), 1, false},
		"an encoding with a long name":    {encoded(strings.Repeat("x", mebi), gzipped), isDecodeError(""), 1, true},
		"an encoding that is not applied": {encoded("br", func(body string) string { return body }), succeeds, 1, false},
		"gzip of nothing":                 {encoded("gzip", func(string) string { return gzipped("") }), isDecodeError("the body is empty"), 1, false},
		"gzip that is cut off":            {encoded("gzip", func(body string) string { return gzipped(body)[:len(gzipped(body))/2] }), isConnectionError(broke, io.ErrUnexpectedEOF), 2, false},
		"gzip without its end":            {encoded("gzip", func(body string) string { return gzipped(body)[:len(gzipped(body))-1] }), isConnectionError(broke, io.ErrUnexpectedEOF), 2, false},
		"gzip whose checksum is wrong":    {encoded("gzip", flipped(-8, -4)), isConnectionError(broke, gzip.ErrChecksum), 2, false},
		"gzip whose length is wrong":      {encoded("gzip", flipped(-4, 0)), isConnectionError(broke, gzip.ErrChecksum), 2, false},
		"gzip whose data are corrupt": {
			encoded("gzip", func(body string) string { return gzipped(body)[:10] + "\xff" + gzipped(body)[11:] }),
			isConnectionError("flate: corrupt input before offset"), 2, false,
		},
		"gzip that is none": {encoded("gzip", func(body string) string { return body }), isConnectionError(broke, gzip.ErrHeader), 2, false},

		// Headers. net/http reads up to 10 MiB of them.
		"a header of 1 MiB":           {header("X-Long: " + strings.Repeat("x", mebi) + "\r\n"), succeeds, 1, true},
		"a header of 20 MiB":          {header("X-Long: " + strings.Repeat("x", 20*mebi) + "\r\n"), isConnectionError("response headers exceeded"), 2, true},
		"a header line without end":   {of(well + "X-Long: " + strings.Repeat("x", mebi)), isConnectionError("EOF", io.ErrUnexpectedEOF), 2, true},
		"a status line of 11 MiB":     {of("HTTP/1.1 200 " + strings.Repeat("x", 11*mebi)), isConnectionError("response headers exceeded"), 2, true},
		"a reason of 1 MiB":           {status("404 " + strings.Repeat("x", mebi)), isAPIError(404, storeorders.ErrNotFound), 1, true},
		"10,000 headers":              {header(manyHeaders(10_000)), succeeds, 1, true},
		"10,000 headers of one name":  {header(strings.Repeat("X-Many: 1\r\n", 10_000)), succeeds, 1, true},
		"10,000 cookies":              {header(strings.Repeat("Set-Cookie: a=b\r\n", 10_000)), succeeds, 1, true},
		"a request id of 1 MiB":       {header("X-Request-Id: " + strings.Repeat("r", mebi) + "\r\n"), succeeds, 1, true},
		"a header without a colon":    {header("garbage\r\n"), isConnectionError("malformed"), 2, false},
		"1 MiB without a colon":       {header(strings.Repeat("g", mebi) + "\r\n"), isConnectionError("malformed"), 2, true},
		"a header with a NUL":         {header("X-A: a\x00b\r\n"), isConnectionError("malformed"), 2, false},
		"no end of the headers":       {of(well), isConnectionError("EOF", io.ErrUnexpectedEOF), 2, false},
		"a length that is negative":   {of(well + "Content-Length: -1\r\n\r\n{}"), isConnectionError("Content-Length"), 2, false},
		"a length of 1 MiB of digits": {of(well + "Content-Length: " + strings.Repeat("9", mebi) + "\r\n\r\n{}"), isConnectionError("Content-Length"), 2, true},
		"two lengths":                 {of(well + "Content-Length: 1\r\nContent-Length: 2\r\n\r\n{}"), isConnectionError("Content-Length"), 2, false},
		"an unknown transfer":         {of(well + "Transfer-Encoding: " + strings.Repeat("x", mebi) + "\r\n\r\n{}"), isConnectionError("transfer encoding"), 2, true},
		"an error with long headers": {
			func(body string) string {
				long := strings.Repeat("l", mebi)
				return "HTTP/1.1 404 Not Found\r\nContent-Type: " + long + "\r\nX-Request-Id: " + long + "\r\n" + sized(body)
			}, isAPIError(404, storeorders.ErrNotFound), 1, true,
		},
		"a content type of 1 MiB":            {of("HTTP/1.1 200 OK\r\nContent-Type: " + strings.Repeat("c", mebi) + "\r\n" + sized("<html>")), isDecodeError("not JSON"), 1, true},
		"a Retry-After of 1 MiB of digits":   {status("503 Busy\r\nRetry-After: " + strings.Repeat("9", mebi)), isAPIError(503, storeorders.ErrServer), 1, true},
		"a Retry-After of 1 MiB of zeros":    {status("503 Busy\r\nRetry-After: 0." + strings.Repeat("0", mebi) + "1"), isAPIError(503, storeorders.ErrServer), 2, true},
		"a Retry-After of 1 MiB of no date":  {status("503 Busy\r\nRetry-After: " + strings.Repeat("x", mebi)), isAPIError(503, storeorders.ErrServer), 2, true},
		"a redirect to a host of 1 MiB":      {status("302 Found\r\nLocation: http://" + strings.Repeat("x", mebi) + ".test/"), isAPIError(302, storeorders.ErrRedirect), 1, true},
		"a redirect to a query of 1 MiB":     {status("302 Found\r\nLocation: http://elsewhere.test/?" + strings.Repeat("x", mebi)), isAPIError(302, storeorders.ErrRedirect), 1, true},
		"a redirect to what is no URL":       {status("302 Found\r\nLocation: http://%" + strings.Repeat("x", mebi)), isAPIError(302, storeorders.ErrRedirect), 1, true},
		"redirects to paths of 64 KiB":       {status("302 Found\r\nLocation: /" + strings.Repeat("x", 64<<10)), isAPIError(302, storeorders.ErrRedirect), 10, true},
		"a redirect to nowhere":              {status("302 Found"), isAPIError(302, storeorders.ErrRedirect), 1, false},
		"100 informational answers before":   {func(body string) string { return hints(100) + well + sized(body) }, succeeds, 1, false},
		"informational answers for 11 MiB":   {of(strings.Repeat("HTTP/1.1 103 Early Hints\r\nLink: "+strings.Repeat("x", 100_000)+"\r\n\r\n", 11*mebi/100_000)), isConnectionError("response headers exceeded"), 2, true},
		"an informational answer, no other":  {of(hints(1)), isConnectionError("EOF", io.ErrUnexpectedEOF), 2, false},
		"a switch to another protocol":       {of("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n" + bodyWord), isAPIError(101, nil), 1, false},
		"a switch to a protocol with no end": {of("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n" + strings.Repeat(bodyWord, mebi)), isAPIError(101, nil), 1, true},

		// Statuses.
		"199":                    {of("HTTP/1.1 199 Odd\r\n\r\n"), isConnectionError("EOF", io.ErrUnexpectedEOF), 2, false},
		"201":                    {status("201 Created"), succeeds, 1, false},
		"204":                    {of("HTTP/1.1 204 No Content\r\n\r\n"), isDecodeError("the body is empty"), 1, false},
		"204 with a body":        {status("204 No Content"), isDecodeError("the body is empty"), 1, false},
		"205":                    {of("HTTP/1.1 205 Reset Content\r\n" + sized("")), isDecodeError("the body is empty"), 1, false},
		"206 with all of it":     {status("206 Partial Content\r\nContent-Range: bytes 0-89/90"), succeeds, 1, false},
		"206 with a part":        {of("HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-9/90\r\n" + sized(`{"order_gr`)), isDecodeError("not JSON"), 1, false},
		"299":                    {status("299 Odd"), succeeds, 1, false},
		"300":                    {status("300 Multiple Choices"), isAPIError(300, nil), 1, false},
		"304":                    {of("HTTP/1.1 304 Not Modified\r\n\r\n"), isAPIError(304, nil), 1, false},
		"305":                    {status("305 Use Proxy\r\nLocation: http://proxy.test/"), isAPIError(305, nil), 1, false},
		"600":                    {status("600 Odd"), isAPIError(600, nil), 1, false},
		"999":                    {status("999 Odd"), isAPIError(999, nil), 1, false},
		"099":                    {status("099 Odd"), isAPIError(99, nil), 1, false},
		"000":                    {status("000 Odd"), isAPIError(0, nil), 1, false},
		"99":                     {status("99 Odd"), isConnectionError("malformed"), 2, false},
		"1000":                   {status("1000 Odd"), isConnectionError("malformed"), 2, false},
		"-20":                    {status("-20 Odd"), isConnectionError("malformed"), 2, false},
		"a word":                 {status("good"), isConnectionError("malformed"), 2, false},
		"200 with a page to log": {of("HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n" + sized("<!DOCTYPE html><title>Log in</title>"+bodyWord)), isDecodeError("not JSON"), 1, false},

		// What is not HTTP, or hardly.
		"nothing":            {of(""), isConnectionError("EOF", io.EOF), 2, false},
		"half a status line": {of("HTTP/1.1 2"), isConnectionError("malformed"), 2, false},
		"HTTP/0.9":           {of("<html>" + bodyWord), isConnectionError("malformed"), 2, false},
		"HTTP/0.9 with JSON": {func(body string) string { return body }, isConnectionError("malformed"), 2, false},
		"HTTP/1.0":           {func(body string) string { return "HTTP/1.0 200 OK\r\n\r\n" + body }, succeeds, 1, false},
		"HTTP/1.0, cut off":  {of("HTTP/1.0 200 OK\r\n\r\n{\"order_groups\":[{"), isDecodeError("not JSON"), 1, false},
		"another protocol":   {of("SSH-2.0-OpenSSH_9.0\r\n"), isConnectionError("malformed"), 2, false},
		"TLS":                {of("\x15\x03\x01\x00\x02\x02\x46"), isConnectionError("malformed"), 2, false},
		"1 MiB of NULs":      {of(strings.Repeat("\x00", mebi)), isConnectionError("EOF", io.ErrUnexpectedEOF), 2, true},
		"line feeds alone":   {func(body string) string { return strings.ReplaceAll(well+sized(body), "\r\n", "\n") }, succeeds, 1, false},
		"more than it said":  {func(body string) string { return well + closing + sized(body) + well + sized(body) }, succeeds, 1, false},
		"less than it said":  {func(body string) string { return well + "Content-Length: 9999\r\n\r\n" + body }, isConnectionError(broke, io.ErrUnexpectedEOF), 2, false},
		"chunks of a byte":   {func(body string) string { return well + chunked + chunksOfAByte(body, "") + "0\r\n\r\n" }, succeeds, 1, false},
		"chunks with long extensions": {
			func(body string) string {
				return well + chunked + chunksOfAByte(body, ";"+strings.Repeat("x", 1000)) + "0\r\n\r\n"
			}, isConnectionError(broke), 2, false,
		},
		"a chunk with a long extension": {of(well + chunked + "1;" + strings.Repeat("x", mebi) + "\r\n{\r\n0\r\n\r\n"), isConnectionError(broke), 2, true},
		"a chunk of no length":          {of(well + chunked + "zz\r\n{}\r\n0\r\n\r\n"), isConnectionError(broke), 2, false},
		"a chunk of a huge length":      {of(well + chunked + strings.Repeat("f", 17) + "\r\n{}\r\n0\r\n\r\n"), isConnectionError(broke), 2, false},
		"a chunk of a length that lies": {of(well + chunked + "7fffffffffffffff\r\n{}\r\n0\r\n\r\n"), isConnectionError(broke, io.ErrUnexpectedEOF), 2, false},
		"trailers": {func(body string) string {
			return well + "Trailer: X-T\r\n" + chunked + chunk(body) + "0\r\nX-T: 1\r\n\r\n"
		}, succeeds, 1, false},
		"trailers that were not said": {func(body string) string {
			return well + chunked + chunk(body) + "0\r\nX-T: 1\r\nSet-Cookie: a=b\r\n\r\n"
		}, succeeds, 1, false},
		"a trailer of 1 MiB": {
			func(body string) string {
				return well + chunked + chunk(body) + "0\r\nX-T: " + strings.Repeat("x", mebi) + "\r\n\r\n"
			}, isConnectionError(broke), 2, true,
		},
		"a trailer that is none": {func(body string) string { return well + chunked + chunk(body) + "0\r\ngarbage\r\n\r\n" }, isConnectionError(broke), 2, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := newHost(t, func(w http.ResponseWriter, req *http.Request) { hangUpAfter(w, test.answer(goodBody(req.URL.Path))) })
			var log lockedBuffer
			client := clientAt(t, server.URL, server.URL, retries(1),
				storeorders.WithLogger(slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))))
			defer client.CloseIdleConnections()
			for i, e := range endpoints() {
				if test.heavy && i != 3 {
					continue // one is enough
				}
				before := server.requests.Load()
				err := e.call(guarded(t), client, mercurOrSalesive(e.mercur)...)
				test.ends(t, err)
				assert.EqualValues(t, test.attempts, server.requests.Load()-before, e.name)
				if err != nil {
					assertOneShortLine(t, err.Error())
					assertLogsOneShortLine(t, err)
					assertPrintsNone(t, err, allSecrets()...)
				}
			}
			for line := range strings.Lines(log.String()) {
				assert.Less(t, len(line), 4<<10)
			}
		})
	}
}

// Only gzip is asked for: whoever looks for the fault has to know that it is
// not the JSON.
func TestAnEncodingThatWasNotAskedForIsNamed(t *testing.T) {
	t.Parallel()
	for encoding, named := range map[string]string{
		"br": "br", "zstd": "zstd", "deflate": "deflate", "x-gzip": "x-gzip", "gzip, gzip": "gzip, gzip", "a\tb": "a b",
	} {
		server := newHost(t, func(w http.ResponseWriter, req *http.Request) {
			w.Header().Set("Content-Encoding", encoding)
			writeJSON(w, http.StatusOK, gzipped(gzipped(goodBody(req.URL.Path))))
		})
		client := clientAt(t, server.URL, server.URL, retries(1))
		for _, e := range endpoints() {
			err := e.call(guarded(t), client)
			isDecodeError(named)(t, err)
			assertOneShortLine(t, err.Error())
		}
		client.CloseIdleConnections()
	}
}

func mercurOrSalesive(mercur bool) []storeorders.RequestOption {
	if mercur {
		return mercurSecrets()
	}
	return salesiveSecrets()
}

func manyHeaders(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "X-%d: 1\r\n", i)
	}
	return b.String()
}

func hints(n int) string {
	return strings.Repeat("HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n", n)
}

func chunksOfAByte(body, extension string) string {
	var b strings.Builder
	for _, c := range []byte(body) {
		fmt.Fprintf(&b, "1%s\r\n%c\r\n", extension, c)
	}
	return b.String()
}

// byteMeter is a transport that counts the bytes that it reads from its
// connections, and those of the bodies that it hands out.
type byteMeter struct {
	*http.Transport

	wire, bodies atomic.Int64
}

func newByteMeter(t *testing.T) *byteMeter {
	t.Helper()
	m := new(byteMeter)
	m.Transport = &http.Transport{DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, network, address)
		return &meteredConn{conn, &m.wire}, err
	}}
	t.Cleanup(m.CloseIdleConnections)
	return m
}

func (m *byteMeter) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := m.Transport.RoundTrip(req)
	if err == nil {
		resp.Body = &countedBytes{resp.Body, &m.bodies}
	}
	return resp, err
}

type meteredConn struct {
	net.Conn

	read *atomic.Int64
}

func (c *meteredConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.read.Add(int64(n))
	return n, err
}

type countedBytes struct {
	io.ReadCloser

	read *atomic.Int64
}

func (b *countedBytes) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.read.Add(int64(n))
	return n, err
}

// A server without end sends the answer, and then a MiB of white space in each
// KiB: the client hangs up as soon as it has seen more than it may.
func TestAGzipBombIsNotReadToItsEnd(t *testing.T) {
	t.Parallel()
	spaces := gzipped(strings.Repeat(" ", mebi))
	tooLarge := func(t *testing.T, err error) {
		t.Helper()
		assert.ErrorIs(t, requireDecodeError(t, err), storeorders.ErrResponseTooLarge)
	}
	for name, test := range map[string]struct {
		status, attempts int
		opts             []storeorders.Option
		limit            int64
		ends             ending
	}{
		"of the default size":      {200, 1, nil, 32 * mebi, tooLarge},
		"of a size of the program": {200, 1, []storeorders.Option{storeorders.WithMaxResponseBytes(100_000)}, 100_000, tooLarge},
		"in an error":              {404, 1, nil, maxErrorBytes, isAPIError(404, storeorders.ErrNotFound)},
		"in an error that is retried": {
			500, 2, []storeorders.Option{storeorders.WithMaxResponseBytes(10)}, maxErrorBytes, isAPIError(500, storeorders.ErrServer),
		},
		"in a redirect that is not followed": {302, 1, nil, maxErrorBytes, isAPIError(302, storeorders.ErrRedirect)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := newHost(t, func(w http.ResponseWriter, req *http.Request) {
				w.Header().Set("Content-Encoding", "gzip")
				w.WriteHeader(test.status)
				text := gzipped(goodBody(req.URL.Path))
				for {
					if _, err := io.WriteString(w, text); err != nil {
						return
					}
					text = spaces
				}
			})
			meter := newByteMeter(t)
			client := clientAt(t, server.URL, server.URL, append([]storeorders.Option{
				retries(1), storeorders.WithHTTPClient(&http.Client{Transport: meter}),
			}, test.opts...)...)
			for _, call := range []func(context.Context, *storeorders.Client, ...storeorders.RequestOption) error{listGroups, listOrders} {
				meter.wire.Store(0)
				meter.bodies.Store(0)
				server.requests.Store(0)
				test.ends(t, call(guarded(t), client))
				assert.EqualValues(t, test.attempts, server.requests.Load())
				assert.Equal(t, int64(test.attempts)*(test.limit+1), meter.bodies.Load(), "one byte more than may be")
				// To close a body that has not ended, net/http of Go 1.27 reads 256 KiB more of the connection.
				assert.Less(t, meter.wire.Load(), int64(test.attempts)*(512<<10))
				t.Logf("%d bytes of the connection were read, for %d of the body", meter.wire.Load(), meter.bodies.Load())
			}
		})
	}
}

// What a server says of the length of a body is not believed.
func TestAnErrorThatIsLargerThanWhatIsReadCostsOnlyItsOwnConnection(t *testing.T) {
	t.Parallel()
	for name, write := range map[string]func(w http.ResponseWriter, status int){
		"without end": func(w http.ResponseWriter, status int) { writeForEver(w, status, "x") },
		"of a length that lies": func(w http.ResponseWriter, status int) {
			w.Header().Set("Content-Length", strconv.Itoa(math.MaxInt))
			writeForEver(w, status, "x")
		},
	} {
		for _, status := range []int{http.StatusForbidden, http.StatusServiceUnavailable} {
			t.Run(fmt.Sprintf("%s/%d", name, status), func(t *testing.T) {
				t.Parallel()
				var both sync.WaitGroup
				server := newHost(t, func(w http.ResponseWriter, req *http.Request) {
					if !strings.HasSuffix(req.URL.Path, "/orders") {
						write(w, status)
						return
					}
					both.Done()
					both.Wait()
					writeJSON(w, http.StatusOK, goodBody(req.URL.Path))
				})
				client := clientAt(t, server.URL, server.URL, retries(0))
				defer client.CloseIdleConnections()
				ctx := guarded(t)
				two := func() {
					both.Add(2)
					var calls sync.WaitGroup
					for range 2 {
						calls.Go(func() { assert.NoError(t, listOrders(ctx, client)) })
					}
					calls.Wait()
				}
				two()
				require.EqualValues(t, 2, server.connections.Load())
				apiError := requireAPIError(t, listGroups(ctx, client))
				assert.Equal(t, status, apiError.StatusCode)
				assert.Equal(t, strings.Repeat("x", 8<<10), string(apiError.Body))
				two()
				assert.EqualValues(t, 3, server.connections.Load())
			})
		}
	}
}

// At most so much is read of an error, and to the end if it is no more.
func TestAConnectionIsUsedAgainAfterAnErrorOfAnySizeThatIsRead(t *testing.T) {
	t.Parallel()
	for _, size := range []int{0, 1, 8<<10 - 1, 8 << 10, 8<<10 + 1, maxErrorBytes - 1, maxErrorBytes} {
		for _, encoding := range []string{"", "gzip"} {
			t.Run(fmt.Sprint(size, encoding), func(t *testing.T) {
				t.Parallel()
				body := strings.Repeat("x", size)
				server := newHost(t, func(w http.ResponseWriter, _ *http.Request) {
					text := body
					if encoding != "" {
						w.Header().Set("Content-Encoding", encoding)
						text = gzipped(body)
					}
					writeJSON(w, http.StatusServiceUnavailable, text)
				})
				client := clientAt(t, server.URL, server.URL, retries(1))
				defer client.CloseIdleConnections()
				for _, e := range endpoints() {
					apiError := requireAPIError(t, e.call(guarded(t), client))
					assert.Equal(t, body[:min(size, 8<<10)], string(apiError.Body))
				}
				assert.EqualValues(t, 1, server.connections.Load())
			})
		}
	}
}

// Salesive's failure under a 200 is read as an answer is, up to 32 MiB: the
// error does not keep them.
func TestAnErrorKeepsLittleOfALargeAnswer(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", mebi)
	body := `{"status":500,"success":false,"type":"` + long + `","code":"` + long + `","message":"` + long + `"}`
	apiError := requireAPIError(t, listOrders(guarded(t), clientOf(t, always(reply(http.StatusOK, body)))))
	kept := len(apiError.Type) + len(apiError.Code) + len(apiError.Message) + len(apiError.Body)
	assert.LessOrEqual(t, kept, maxErrorBytes)
	assert.True(t, strings.HasPrefix(apiError.Message, "xxx"))
	assertOneShortLine(t, apiError.Error())
}

// place is a place in an answer at which a server may put a value.
type place struct {
	name string
	// before and after are the answer around the value.
	before, after string
	// fits are the kinds of JSON that the place takes, of any length: n for a
	// number, s for a string, o for an object, a for an array.
	fits string
}

// isLarge reports whether the place is worth values of 1 MiB: they are read
// differently at each of these.
func (p place) isLarge() bool {
	switch p.name {
	case "an unknown member", "an amount", "a text", "metadata", "a reference", "the attributes":
		return true
	default:
		return false
	}
}

func placesOfMercur() []place {
	group := func(name, member, fits string) place {
		before, after, _ := strings.Cut(member, "%")
		return place{name, `{"order_groups":[{"id":"og_1",` + before, after + `}],"count":1,"offset":0,"limit":50}`, fits}
	}
	return []place{
		{"the answer", "", "", ""},
		{"an unknown member of the answer", `{"x":`, `,"order_groups":[],"count":0,"offset":0,"limit":50}`, "nsoa"},
		{"the groups", `{"order_groups":`, `,"count":0,"offset":0,"limit":50}`, ""},
		{"a group", `{"order_groups":[`, `],"count":0,"offset":0,"limit":50}`, ""},
		{"the count", `{"order_groups":[],"count":`, `,"offset":0,"limit":50}`, ""},
		{"the offset", `{"order_groups":[],"count":0,"offset":`, `,"limit":50}`, ""},
		{"the limit", `{"order_groups":[],"count":0,"offset":0,"limit":`, `}`, ""},
		group("an unknown member", `"x":%`, "nsoa"),
		group("the id", `"id":%`, "s"),
		group("a text", `"customer_id":%`, "s"),
		group("an amount", `"total":%`, "n"),
		group("an integer", `"display_id":%`, ""),
		group("a time", `"created_at":%`, ""),
		group("the orders", `"orders":%`, ""),
		group("an order", `"orders":[%]`, "o"),
		group("a seller", `"orders":[{"seller":%}]`, "o"),
		group("a boolean", `"orders":[{"is_draft_order":%}]`, ""),
		group("metadata", `"orders":[{"items":[{"metadata":%}]}]`, "nsoa"),
		group("a member of metadata", `"orders":[{"metadata":{"x":%}}]`, "nsoa"),
	}
}

func placesOfSalesive() []place {
	const end = `],"pagination":{"page":1,"limit":10,"total":1,"pages":1}}}`
	order := func(name, member, fits string) place {
		before, after, _ := strings.Cut(member, "%")
		return place{name, `{"success":true,"data":{"orders":[{"_id":"o1",` + before, after + "}" + end, fits}
	}
	return []place{
		{"the answer", "", "", ""},
		{"the message", `{"message":`, `,"success":true,"data":{"orders":[` + end, "nsoa"},
		{"the status", `{"status":`, `,"success":true,"data":{"orders":[` + end, "nsoa"},
		{"the data", `{"success":true,"data":`, `}`, ""},
		{"the orders", `{"success":true,"data":{"pagination":{"total":1,"pages":1},"orders":`, `}}`, ""},
		{"an unknown member of the data", `{"success":true,"data":{"x":`, `,"orders":[` + end, "nsoa"},
		{"the total", `{"success":true,"data":{"orders":[],"pagination":{"pages":1,"total":`, `}}}`, ""},
		{"the number of pages", `{"success":true,"data":{"orders":[],"pagination":{"total":1,"pages":`, `}}}`, ""},
		{"an unknown member of the pagination", `{"success":true,"data":{"orders":[],"pagination":{"total":1,"pages":1,"x":`, `}}}`, "nsoa"},
		order("an unknown member", `"x":%`, "nsoa"),
		order("the id", `"_id":%`, "s"),
		order("the number", `"orderId":%`, ""),
		order("a text", `"notes":%`, "s"),
		order("an amount", `"total":%`, "n"),
		order("a time", `"createdAt":%`, ""),
		order("a reference", `"user":%`, "nsoa"),
		order("a member of a reference", `"user":{"_id":"1","x":%}`, "nsoa"),
		order("the id in a reference", `"user":{"_id":%}`, "nsoa"),
		order("the address", `"shippingAddress":%`, "so"),
		order("a text of the address", `"shippingAddress":{"zipCode":%}`, "nsoa"),
		order("a part of the address", `"shippingAddress":{"validated":%}`, "nsoa"),
		order("the items", `"items":%`, ""),
		order("an item", `"items":[%]`, "o"),
		order("the attributes", `"items":[{"variantAttributes":%}]`, "o"),
		order("an attribute", `"items":[{"variantAttributes":{"x":%}}]`, "nsoa"),
	}
}

// nested has the core in so many arrays or objects.
func nested(open, core, closing string, depth int) string {
	return strings.Repeat(open, depth) + core + strings.Repeat(closing, depth)
}

func manyMembers(n int, name func(i int) string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `,"%s":%d`, name(i), i)
	}
	return "{" + b.String()[1:] + "}"
}

// Values that are large in one way or another, at each place.
func TestLargeJSONIsReadOrADecodeError(t *testing.T) {
	t.Parallel()
	for name, value := range map[string]struct {
		kind string // as in place.fits
		text func(size int) string
	}{
		"arrays in each other, too deep":          {"", func(size int) string { return nested("[", "", "]", max(size/10, 10_001)) }},
		"objects in each other, too deep":         {"", func(size int) string { return nested(`{"x":`, "1", "}", max(size/10, 10_001)) }},
		"arrays in each other, too deep, no end":  {"", func(size int) string { return strings.Repeat("[", max(size/10, 10_001)) }},
		"objects in each other, too deep, no end": {"", func(size int) string { return strings.Repeat(`{"_id":`, max(size/10, 10_001)) }},
		"arrays in each other":                    {"a", func(int) string { return nested("[", "", "]", 9_000) }},
		"objects in each other":                   {"o", func(int) string { return nested(`{"x":`, "1", "}", 9_000) }},
		"a long number":                           {"n", func(size int) string { return strings.Repeat("7", size) }},
		"a long fraction":                         {"n", func(size int) string { return "0." + strings.Repeat("0", size) + "1" }},
		"a number with a huge exponent":           {"n", func(int) string { return "-1.5e999999999" }},
		"a number with a tiny exponent":           {"n", func(int) string { return "1E-999999999" }},
		"a number with a long exponent":           {"n", func(size int) string { return "1e" + strings.Repeat("9", size) }},
		"a long string":                           {"s", func(size int) string { return `"` + strings.Repeat("x", size) + `"` }},
		"a long string of escapes":                {"s", func(size int) string { return `"` + strings.Repeat(`\u0041`, size/6) + `"` }},
		"an object of many members":               {"o", func(size int) string { return manyMembers(size/10, strconv.Itoa) }},
		"an object of many members with one name": {"o", func(size int) string { return manyMembers(size/10, func(int) string { return "m" }) }},
		"an object of a member with a long name":  {"o", func(size int) string { return `{"` + strings.Repeat("n", size) + `":1}` }},
		"an array of many numbers":                {"a", func(size int) string { return "[0" + strings.Repeat(",0", size/10) + "]" }},
	} {
		for mercur, places := range map[bool][]place{true: placesOfMercur(), false: placesOfSalesive()} {
			t.Run(fmt.Sprintf("Mercur %v/%s", mercur, name), func(t *testing.T) {
				t.Parallel()
				small, large := value.text(10_000), value.text(mebi)
				for _, p := range places {
					text := small
					if p.isLarge() && strings.Contains(p.fits, value.kind) {
						text = large
					}
					items, err := listOf(t, mercur, p.before+text+p.after)
					if value.kind == "" || !strings.Contains(p.fits, value.kind) {
						isDecodeError("")(t, err)
						assertOneShortLine(t, err.Error())
						continue
					}
					assert.NoError(t, err, p.name)
					for _, i := range items {
						assert.True(t, bytes.Contains(i.raw, []byte(text)), p.name)
						encoded, err := json.Marshal(i.item)
						assert.NoErrorf(t, err, "%s cannot be written again", p.name)
						assert.True(t, p.name != "an amount" || bytes.Contains(encoded, []byte(`"total":`+text+`}`)), "digit for digit")
					}
				}
			})
		}
	}
}

// A server that says neither yes nor no is not understood; it has not refused.
func TestAVerdictThatIsNoBooleanIsADecodeError(t *testing.T) {
	t.Parallel()
	for _, verdict := range []string{`"true"`, `"false"`, `""`, "0", "1", "{}", "[]", "[true]", `{"success":false}`} {
		for _, body := range []string{`{"success":%s,"data":%s}`, `{"status":200,"data":%[2]s,"success":%[1]s}`} {
			for data, call := range map[string]func(*storeorders.Client) error{
				`{"orders":[],"pagination":{"total":0,"pages":0}}`: func(c *storeorders.Client) error { return listOrders(t.Context(), c) },
				`{"_id":"o1"}`: func(c *storeorders.Client) error {
					_, err := c.Orders.Get(t.Context(), "o1")
					return err
				},
			} {
				isDecodeError("where a boolean is needed")(t, call(clientOf(t, always(reply(http.StatusOK, fmt.Sprintf(body, verdict, data))))))
			}
		}
	}
}

// The numbers of a list are what a server claims.
func TestNumbersOfAListAreReadOrADecodeError(t *testing.T) {
	t.Parallel()
	const noFit = "a JSON number does not fit int"
	good := map[string]int{"0": 0, "-0": 0, "7": 7, "2147483648": 1 << 31, "9223372036854775807": math.MaxInt64}
	bad := map[string]string{}
	for reason, texts := range map[string][]string{
		noFit: {
			"9223372036854775808", strings.Repeat("9", 100_000), "1.5", "1.0", "1e3", "1E+2", "1e999999999", "-1e-999999999", "-9223372036854775809",
		},
		"a negative number":                       {"-1", "-9223372036854775808"},
		"a JSON string where a number is needed":  {`"1"`, `""`, `"` + strings.Repeat("9", 100_000) + `"`},
		"a JSON null where a number is needed":    {"null"},
		"a JSON boolean where a number is needed": {"true"},
		"a JSON array where a number is needed":   {"[1]"},
		"a JSON object where a number is needed":  {`{"value":"1"}`},
		"not JSON":                                {"NaN", "Infinity", "01", "+1", "1.", ".5", "0x10", "1e"},
	} {
		for _, text := range texts {
			bad[text] = reason
		}
	}
	for api, list := range map[string]struct {
		members []string
		body    string
		read    func(c *storeorders.Client) ([]int, error)
	}{
		"Mercur": {
			[]string{"count", "offset", "limit"},
			`{"order_groups":[{"id":"og_1"}],"count":1,"offset":1,"limit":1}`,
			func(c *storeorders.Client) ([]int, error) {
				page, err := c.OrderGroups.List(t.Context(), nil)
				if err != nil {
					return nil, err
				}
				page.Next()
				return []int{page.Count, page.Offset, page.Limit}, nil
			},
		},
		"Salesive": {
			[]string{"total", "page", "limit", "pages"},
			`{"success":true,"data":{"orders":[{"_id":"o1"}],"pagination":{"total":1,"page":1,"limit":1,"pages":1}}}`,
			func(c *storeorders.Client) ([]int, error) {
				page, err := c.Orders.List(t.Context(), nil)
				if err != nil {
					return nil, err
				}
				page.Next()
				return []int{page.Total, page.Page, page.Limit, page.Pages}, nil
			},
		},
	} {
		for i, member := range list.members {
			t.Run(api+"/"+member, func(t *testing.T) {
				t.Parallel()
				read := func(text string) ([]int, error) {
					body := strings.Replace(list.body, `"`+member+`":1`, `"`+member+`":`+text, 1)
					return list.read(clientOf(t, always(reply(http.StatusOK, body))))
				}
				for text, want := range good {
					numbers, err := read(text)
					if assert.NoError(t, err, text) {
						assert.Equal(t, want, numbers[i], text)
					}
				}
				for text, reason := range bad {
					_, err := read(text)
					isDecodeError(reason)(t, err)
					assertOneShortLine(t, err.Error())
				}
			})
		}
	}
}

// A walk makes no loop and no memory of what a server claims.
func TestAllIsBoundedWhateverTheServerClaims(t *testing.T) {
	t.Parallel()
	const most = 4*101 + 1 // a page and 100 that bring nothing new, in each of four passes, and what was missed
	page := func(numbers string) step {
		return func(req *http.Request) (*http.Response, error) {
			body := `{"order_groups":[{"id":"1"}],` + numbers + `}`
			if strings.HasSuffix(req.URL.Path, "/orders") {
				body = `{"success":true,"data":{"orders":[{"_id":"1"}],"pagination":{` + numbers + `}}}`
			}
			return reply(http.StatusOK, body)(req)
		}
	}
	for name, test := range map[string]struct {
		numbers  string
		ends     ending
		requests int
	}{
		"a count of 10^18":        {`"count":1000000000000000000,"total":1000000000000000000,"pages":1000000000000000000,"limit":1,"page":1,"offset":0`, isIncomplete, most},
		"the largest numbers":     {`"count":9223372036854775807,"total":9223372036854775807,"pages":9223372036854775807,"limit":9223372036854775807,"page":9223372036854775807,"offset":9223372036854775807`, isIncomplete, most},
		"2^31 pages of one order": {`"count":1,"total":1,"pages":2147483648,"limit":1,"page":1,"offset":0`, succeeds, 101},
		"a limit of 0":            {`"count":2,"total":2,"pages":2,"limit":0,"page":1,"offset":0`, isIncomplete, 8},
		"no limit and no place":   {`"count":1,"total":1,"pages":1`, succeeds, 1},
		"a count of 0":            {`"count":0,"total":0,"pages":0,"limit":1,"page":1,"offset":0`, isIncomplete, 4},
	} {
		for _, ahead := range []int{0, 1, 8} {
			for _, mercur := range []bool{true, false} {
				t.Run(fmt.Sprintf("%s/%d ahead/Mercur %v", name, ahead, mercur), func(t *testing.T) {
					t.Parallel()
					synctest.Test(t, func(t *testing.T) { // which ends when no goroutine is left
						server := always(page(test.numbers))
						a := apisOf(clientOf(t, server))[map[bool]int{true: 0, false: 1}[mercur]]
						got, err := storeorders.Collect(a.all(t.Context(), 0, 1, storeorders.WithPrefetch(ahead)), 0)
						test.ends(t, err)
						assert.Equal(t, []string{"1"}, got)
						assert.LessOrEqual(t, len(server.sent()), test.requests+4*ahead)
					})
				})
			}
		}
	}
}

func isIncomplete(t *testing.T, err error) {
	t.Helper()
	assert.ErrorIs(t, err, storeorders.ErrIncomplete)
	assertOneShortLine(t, err.Error())
}

// Where ids are asked for in batches, the counts of the batches are added up.
func TestTheCountOfBatchesDoesNotOverflow(t *testing.T) {
	t.Parallel()
	client := clientOf(t, always(reply(http.StatusOK, `{"order_groups":[{"id":"1"}],"count":9223372036854775807,"offset":0,"limit":20}`)))
	_, err := storeorders.Collect(client.OrderGroups.All(guarded(t), &storeorders.OrderGroupListOptions{ID: numbered(21)}), 0)
	var incomplete *storeorders.IncompleteError
	require.ErrorAs(t, err, &incomplete)
	assert.Equal(t, math.MaxInt64, incomplete.Count)
}

// What a Decimal does takes no more time than its text, and no more memory than
// a number of 10,000 digits.
func TestDecimalsOfAHostileServerAreQuick(t *testing.T) {
	t.Parallel()
	const long = 8 * mebi
	for name, test := range map[string]struct {
		text   string
		toZero int // how it compares with 0
		toOne  int // and with 1
	}{
		"a huge exponent":                  {"1e999999999", 1, 1},
		"a tiny exponent":                  {"-1e-999999999", -1, -1},
		"zero with a huge exponent":        {"0e999999999", 0, -1},
		"a long exponent":                  {"1e" + strings.Repeat("9", long), 1, 1},
		"a long negative exponent":         {"1e-" + strings.Repeat("9", long), 1, -1},
		"long":                             {strings.Repeat("7", long), 1, 1},
		"a long fraction":                  {"-0." + strings.Repeat("7", long), -1, -1},
		"a long fraction of zeros":         {"1." + strings.Repeat("0", long), 1, 0},
		"a long fraction of zeros of zero": {"0." + strings.Repeat("0", long), 0, -1},
		"zeros that the exponent undoes":   {"15" + strings.Repeat("0", long) + "e-" + strconv.Itoa(long+1), 1, 1},
		"a fraction that is undone":        {"0." + strings.Repeat("0", long) + "15e" + strconv.Itoa(long), 1, -1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := storeorders.Decimal(test.text)
			done := make(chan struct{})
			go func() {
				defer close(done)
				assert.True(t, d.Valid())
				assert.Equal(t, [3]int{0, test.toZero, test.toOne}, [3]int{d.Cmp(d), d.Cmp("0"), d.Cmp("1")})
				assert.Equal(t, test.toZero == 0, d.IsZero())
				encoded, err := json.Marshal(d)
				assert.NoError(t, err)
				assert.Len(t, encoded, len(test.text))
				f, err := d.Float64()
				assert.False(t, err == nil && math.IsInf(f, 0))
				// Either the value, or that it is too long: never a part of it.
				if r, err := d.Rat(); err != nil {
					assertOneShortLine(t, err.Error())
				} else {
					exact, _ := r.Float64()
					assert.InDelta(t, exact, f, 0)
				}
			}()
			select {
			case <-done:
			case <-time.After(hangGuard):
				t.Error("it is not done yet")
			}
		})
	}
}

// listed is an item of a list, and the bytes that it came as.
type listed struct {
	item any
	raw  json.RawMessage
}

// listOf reads an answer to the List of either API.
func listOf(t *testing.T, mercur bool, body string) (items []listed, err error) {
	t.Helper()
	client := clientOf(t, always(reply(http.StatusOK, body)))
	if mercur {
		page, err := client.OrderGroups.List(guarded(t), nil)
		if err != nil {
			return nil, err
		}
		for i := range page.Items {
			items = append(items, listed{&page.Items[i], page.Items[i].RawJSON()})
		}
		return items, nil
	}
	page, err := client.Orders.List(guarded(t), nil)
	if err != nil {
		return nil, err
	}
	for i := range page.Items {
		items = append(items, listed{&page.Items[i], page.Items[i].RawJSON()})
	}
	return items, nil
}

// recordedLists are lists of real servers with many members, and the samples
// of Salesive's.
func recordedLists(t *testing.T) (lists []recording) {
	t.Helper()
	for file, name := range map[string]string{
		"captures-mercur-2.1.5.jsonl":      "fields-id-star-orders-star-items",
		"mercur-2.3.1+medusa-2.18.0.jsonl": "GET fields=*orders.items&limit=1",
		"mercur-2.1.5+medusa-2.13.4.jsonl": "GET limit=2",
	} {
		for _, r := range readMercur(t, file) {
			if r.Name == name {
				lists = append(lists, r)
			}
		}
	}
	require.Len(t, lists, 3)
	for _, r := range readSalesive(t) {
		if strings.HasPrefix(r.Name, "list") {
			lists = append(lists, r)
		}
	}
	return lists
}

// stringSpan is where a string lies in a JSON text.
type stringSpan struct{ start, end int }

// stringValues are the strings that are no names.
func stringValues(t *testing.T, text []byte) (list []stringSpan) {
	t.Helper()
	d := jsontext.NewDecoder(bytes.NewReader(text))
	for {
		kind, before := d.StackIndex(d.StackDepth())
		switch isName := kind == '{' && before%2 == 0; {
		case d.PeekKind() == '"' && !isName:
			value, err := d.ReadValue()
			require.NoError(t, err)
			end := int(d.InputOffset())
			list = append(list, stringSpan{end - len(value), end})
		default:
			_, err := d.ReadToken()
			if errors.Is(err, io.EOF) {
				return list
			}
			require.NoError(t, err)
		}
	}
}

// Bytes that are no UTF-8: lone ones, surrogates, overlong ones; and escapes of
// lone surrogates.
const noUnicode = "a\xff\xc3(\xed\xa0\x80\xc0\xaf" + `\udc00\ud800x`

// At each place alone, so that nothing hides behind another.
func TestInvalidUnicodeInAnyTextDoesNotFailAPage(t *testing.T) {
	t.Parallel()
	for _, r := range recordedLists(t) {
		t.Run(r.testName(), func(t *testing.T) {
			t.Parallel()
			read := 0
			for _, span := range stringValues(t, r.body()) {
				text := string(r.body()[span.start:span.end])
				items, err := listOf(t, r.isMercurList(), string(r.body()[:span.start])+`"`+noUnicode+`"`+string(r.body()[span.end:]))
				var instant time.Time
				if json.Unmarshal([]byte(text), &instant) == nil && err != nil {
					isDecodeError("does not fit time.Time")(t, err)
					assertOneShortLine(t, err.Error())
					continue
				}
				if !assert.NoError(t, err, text) {
					continue
				}
				read++
				for _, i := range items {
					encoded, err := json.Marshal(i.item)
					assert.NoError(t, err, text)
					assert.True(t, json.Valid(encoded))
				}
			}
			if len(r.items(t)) > 0 {
				assert.Positive(t, read)
			}
		})
	}
}

func TestMembersWithoutUnicodeDoNotFailAPage(t *testing.T) {
	t.Parallel()
	for _, r := range recordedLists(t) {
		t.Run(r.testName(), func(t *testing.T) {
			t.Parallel()
			want, err := listOf(t, r.isMercurList(), string(r.body()))
			require.NoError(t, err)
			member := `"` + noUnicode + `":"` + noUnicode + `"`
			body := strings.ReplaceAll(strings.ReplaceAll(string(r.body()), "{", "{"+member+","), ","+"}", "}")
			got, err := listOf(t, r.isMercurList(), body)
			require.NoError(t, err)
			assertSameItems(t, want, got)
		})
	}
}

// Each member twice, at all depths.
func TestDuplicatesOfAllMembersDoNotFailAPage(t *testing.T) {
	t.Parallel()
	for _, r := range recordedLists(t) {
		t.Run(r.testName(), func(t *testing.T) {
			t.Parallel()
			want, err := listOf(t, r.isMercurList(), string(r.body()))
			require.NoError(t, err)
			body := twice(t, jsontext.NewDecoder(bytes.NewReader(r.body())))
			require.True(t, json.Valid([]byte(body)))
			got, err := listOf(t, r.isMercurList(), body)
			require.NoError(t, err)
			assertSameItems(t, want, got)
		})
	}
}

// twice is the next value with each member written twice.
func twice(t *testing.T, d *jsontext.Decoder) string {
	t.Helper()
	next := func() string {
		value, err := d.ReadValue()
		require.NoError(t, err)
		return string(value)
	}
	skip := func() {
		_, err := d.ReadToken()
		require.NoError(t, err)
	}
	var parts []string
	switch d.PeekKind() {
	case '{':
		for skip(); d.PeekKind() != '}'; {
			member := next() + ":" + twice(t, d)
			parts = append(parts, member, member)
		}
		skip()
		return "{" + strings.Join(parts, ",") + "}"
	case '[':
		for skip(); d.PeekKind() != ']'; {
			parts = append(parts, twice(t, d))
		}
		skip()
		return "[" + strings.Join(parts, ",") + "]"
	default:
		return next()
	}
}

// assertSameItems compares what was read, by what is written of it.
func assertSameItems(t *testing.T, want, got []listed) {
	t.Helper()
	require.Len(t, got, len(want))
	for i := range want {
		a, err := json.Marshal(want[i].item)
		require.NoError(t, err)
		b, err := json.Marshal(got[i].item)
		require.NoError(t, err)
		assert.Equal(t, generic(t, a), withoutNoUnicode(generic(t, b)))
		assert.Equal(t, referencesOf(want[i].item), referencesOf(got[i].item))
	}
}

// referencesOf are the ids of an item's references, which are not written where
// there is an object.
func referencesOf(item any) (ids []string) {
	if o, isOrder := item.(*storeorders.Order); isOrder {
		ids = append(ids, o.User.ID, o.Shop.ID, o.Coupon.ID, o.Payment.ID, o.Shipment.ID)
		for _, i := range o.Items {
			ids = append(ids, i.Product.ID, i.Service.ID, i.Variant.ID)
		}
	}
	return ids
}

// withoutNoUnicode takes off the members whose names are no Unicode.
func withoutNoUnicode(value any) any {
	switch v := value.(type) {
	case map[string]any:
		for name, member := range v {
			if v[name] = withoutNoUnicode(member); strings.Contains(name, "\ufffd") {
				delete(v, name)
			}
		}
	case []any:
		for i := range v {
			v[i] = withoutNoUnicode(v[i])
		}
	}
	return value
}

// onPipes is a client of a server in memory, but for that net/http's own: time
// is a bubble's, and the function is what the server does with a connection
// once it has read the request.
func onPipes(t *testing.T, serve func(conn net.Conn), opts ...storeorders.Option) *storeorders.Client {
	t.Helper()
	var group sync.WaitGroup
	transport := &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
		client, server := net.Pipe()
		group.Go(func() {
			defer func() { _ = server.Close() }()
			req, err := http.ReadRequest(bufio.NewReader(server))
			if err != nil {
				return
			}
			_ = req.Body.Close()
			serve(server)
			_, _ = io.Copy(io.Discard, server) // until the client hangs up
		})
		return client, nil
	}}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		group.Wait()
	})
	return clientAt(t, mercurURL, salesiveURL, append([]storeorders.Option{
		storeorders.WithHTTPClient(&http.Client{Transport: transport}),
	}, opts...)...)
}

// say writes the beginning at once, and the rest byte by byte, one a second,
// again and again.
func say(beginning, rest string) func(net.Conn) {
	return func(conn net.Conn) {
		if _, err := io.WriteString(conn, beginning); err != nil || rest == "" {
			return
		}
		for i := 0; ; i = (i + 1) % len(rest) {
			<-time.After(time.Second)
			if _, err := io.WriteString(conn, rest[i:i+1]); err != nil {
				return
			}
		}
	}
}

// A server that hangs, or drips so that no single read takes long, has the
// attempt's time and no more.
func TestAnAnswerThatDripsEndsAtTheAttemptTimeout(t *testing.T) {
	t.Parallel()
	const head, timeout = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n", 10 * time.Second
	error403 := "HTTP/1.1 403 Forbidden\r\n" + chunked + chunk(`{"message":"no","x":"`)
	error503 := "HTTP/1.1 503 Service Unavailable\r\n" + chunked + chunk(`{"message":"no","x":"`)
	aChunk := "1\r\nx\r\n"
	for name, test := range map[string]struct {
		serve    func(net.Conn)
		ends     ending
		attempts int
	}{
		"nothing":                          {say("", ""), isTimeout(timeout), 2},
		"half a status line":               {say("HTTP/1.1 2", ""), isTimeout(timeout), 2},
		"a status line byte by byte":       {say("", "HTTP/1.1 200 "), isTimeout(timeout), 2},
		"headers without end":              {say(head, "X-A: 1\r\n"), isTimeout(timeout), 2},
		"a header without end":             {say(head+"X-A: ", "x"), isTimeout(timeout), 2},
		"informational answers":            {say("", hints(1)), isTimeout(timeout), 2},
		"headers and no body":              {say(head+"Content-Length: 100\r\n\r\n", ""), isTimeout(timeout), 2},
		"a body byte by byte":              {say(head+"Content-Length: 99999\r\n\r\n", oneGroupPage), isTimeout(timeout), 2},
		"a body of white space":            {say(head+"Content-Length: 99999\r\n\r\n"+oneGroupPage, " "), isTimeout(timeout), 2},
		"a body that ends with the server": {say(head+"\r\n"+oneGroupPage, ""), isTimeout(timeout), 2},
		"chunks of a byte":                 {say(head+chunked, aChunk), isTimeout(timeout), 2},
		"all but the last chunk":           {say(head+chunked+chunk(oneGroupPage), ""), isTimeout(timeout), 2},
		"all but the end of the trailers":  {say(head+chunked+chunk(oneGroupPage)+"0\r\n", ""), isTimeout(timeout), 2},
		"trailers byte by byte":            {say(head+chunked+chunk(oneGroupPage)+"0\r\n", "X-T: 1\r\n"), isTimeout(timeout), 2},
		"gzip byte by byte": {
			say(head+"Content-Encoding: gzip\r\nContent-Length: 99999\r\n\r\n", gzipped(oneGroupPage)), isTimeout(timeout), 2,
		},
		"an error's body":                 {say(error403, aChunk), isAPIError(403, storeorders.ErrForbidden), 1},
		"the body of one that is retried": {say(error503, aChunk), isAPIError(503, storeorders.ErrServer), 2},
		"an error without a body":         {say("HTTP/1.1 404 Not Found\r\nContent-Length: 9\r\n\r\n", ""), isAPIError(404, storeorders.ErrNotFound), 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, e := range endpoints() {
				synctest.Test(t, func(t *testing.T) {
					var connections atomic.Int64
					client := onPipes(t, func(conn net.Conn) {
						connections.Add(1)
						test.serve(conn)
					}, retries(1), storeorders.WithAttemptTimeout(timeout))
					start := time.Now()
					test.ends(t, e.call(t.Context(), client))
					assert.Equal(t, time.Duration(test.attempts)*timeout, time.Since(start), e.name)
					assert.EqualValues(t, test.attempts, connections.Load(), e.name)
				})
			}
		})
	}
}

// A 101 hands the connection over, which from then on no context ends.
func TestASwitchOfProtocolsDoesNotHoldTheCall(t *testing.T) {
	t.Parallel()
	const head, timeout = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n", 10 * time.Second
	for name, rest := range map[string]string{"silence": "", "a drip": "x"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, e := range endpoints() {
				synctest.Test(t, func(t *testing.T) {
					client := onPipes(t, func(conn net.Conn) {
						hangUp := time.AfterFunc(time.Hour, func() { _ = conn.Close() }) // so that the test ends
						defer hangUp.Stop()
						say(head, rest)(conn)
						_, _ = io.Copy(io.Discard, conn)
					}, retries(1), storeorders.WithAttemptTimeout(timeout))
					start := time.Now()
					isAPIError(http.StatusSwitchingProtocols, nil)(t, e.call(t.Context(), client))
					assert.LessOrEqual(t, time.Since(start), timeout, e.name)
				})
			}
		})
	}
}

// A call that waits for a connection is in its attempt too.
func TestAConnectionThatIsNotMadeEndsAtTheAttemptTimeout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		transport := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}}
		defer transport.CloseIdleConnections() // it goes on with the connection, for the next call
		start := time.Now()
		err := listGroups(t.Context(), clientOf(t, transport, retries(1), storeorders.WithAttemptTimeout(10*time.Second)))
		isTimeout(10*time.Second)(t, err)
		assert.Equal(t, 20*time.Second, time.Since(start))
	})
}

// The same over sockets, with a server that writes a byte as often as it can
// for as long as somebody listens.
func TestABodyThatDripsOverASocketEndsAtTheAttemptTimeout(t *testing.T) {
	t.Parallel()
	for name, head := range map[string]string{
		"nothing": "", "the headers": "HTTP/1.1 200 OK\r\n", "the body": "HTTP/1.1 200 OK\r\n" + chunked,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := newListener(t, func(conn net.Conn) {
				if _, err := http.ReadRequest(bufio.NewReader(conn)); err != nil {
					return
				}
				_, err := io.WriteString(conn, head)
				for err == nil && head != "" {
					<-time.After(time.Millisecond)
					drop := "X-A: 1\r\n"
					if strings.HasSuffix(head, "\r\n\r\n") {
						drop = "1\r\n \r\n"
					}
					_, err = io.WriteString(conn, drop)
				}
				_, _ = io.Copy(io.Discard, conn)
			})
			client := clientAt(t, server.url, server.url, retries(1), storeorders.WithAttemptTimeout(50*time.Millisecond))
			defer client.CloseIdleConnections()
			for _, e := range endpoints() {
				err := e.call(guarded(t), client)
				isTimeout(50*time.Millisecond)(t, err)
				assert.ErrorContains(t, err, "2 attempts", e.name)
			}
		})
	}
}

// listener takes connections, and counts them.
type listener struct {
	url         string
	connections atomic.Int64
}

func newListener(t *testing.T, serve func(conn net.Conn)) *listener {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	server := &listener{url: "http://" + l.Addr().String()}
	var group sync.WaitGroup
	group.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			server.connections.Add(1)
			group.Go(func() {
				serve(conn)
				_ = conn.Close()
			})
		}
	})
	t.Cleanup(func() {
		assert.NoError(t, l.Close())
		group.Wait()
	})
	return server
}

func TestAServerThatHangsUpBeforeItReadsIsAConnectionError(t *testing.T) {
	t.Parallel()
	server := newListener(t, func(net.Conn) {})
	client := clientAt(t, server.url, server.url, retries(2))
	defer client.CloseIdleConnections()
	for _, e := range endpoints() {
		before := server.connections.Load()
		err := e.call(guarded(t), client)
		isConnectionError("3 attempts")(t, err)
		assertOneShortLine(t, err.Error())
		assert.EqualValues(t, 3, server.connections.Load()-before, e.name)
	}
}

func TestAServerThatIsNotThereIsAConnectionError(t *testing.T) {
	t.Parallel()
	server := newHost(t, func(http.ResponseWriter, *http.Request) {})
	server.Close()
	client := clientAt(t, server.URL, server.URL, retries(2))
	for _, e := range endpoints() {
		isConnectionError("3 attempts", syscall.ECONNREFUSED)(t, e.call(guarded(t), client))
	}
}

// leftReading is a body that breaks off, but keeps what it was to read into.
type leftReading struct{ into *[]byte }

func (b leftReading) Read(p []byte) (int, error) {
	*b.into = p
	return 0, errors.New("gave up")
}

func (leftReading) Close() error { return nil }

// Bodies are read into memory that was another call's. A reader that gave up
// may still write to its own.
func TestABodyThatBrokeOffLeavesNothingToTheNextCall(t *testing.T) {
	t.Parallel()
	const page = `{"order_groups":[{"id":"og_right"}],"count":1,"offset":0,"limit":50}`
	var left []byte
	var breaksOff bool
	client := newClient(t, func(req *http.Request) (*http.Response, error) {
		if breaksOff {
			resp := respond(req, http.StatusOK, jsonType, nil)
			resp.Body, resp.ContentLength = leftReading{&left}, -1
			return resp, nil
		}
		body := io.MultiReader(strings.NewReader(page), readerFunc(func([]byte) (int, error) {
			copy(left, strings.Repeat("x", len(left)))
			return 0, io.EOF
		}))
		resp := respond(req, http.StatusOK, jsonType, nil)
		resp.Body, resp.ContentLength = io.NopCloser(body), int64(len(page))
		return resp, nil
	})
	for range 50 { // what is used again is not the same each time
		breaksOff = true
		_, err := client.OrderGroups.List(t.Context(), nil)
		require.ErrorContains(t, err, "gave up")
		breaksOff = false
		got, err := client.OrderGroups.List(t.Context(), nil)
		require.NoError(t, err)
		require.Equal(t, "og_right", got.Items[0].ID)
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }
