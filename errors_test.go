package storeorders_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-2861b391/storeorders"
)

func TestAPIErrorText(t *testing.T) {
	t.Parallel()
	groups := storeorders.APIError{Op: "OrderGroups.List", Method: "GET", Path: "/store/order-groups", Attempts: 1}
	for want, change := range map[string]func(*storeorders.APIError){
		"storeorders: OrderGroups.List: GET /store/order-groups: 404 not_found: Order group og_1 was not found (request req-7, 2 attempts)": func(e *storeorders.APIError) {
			e.StatusCode, e.Type, e.Message, e.RequestID, e.Attempts = 404, "not_found", "Order group og_1 was not found", "req-7", 2
		},
		"storeorders: OrderGroups.List: GET /store/order-groups: 404: Order not found (1 attempt)": func(e *storeorders.APIError) {
			e.StatusCode, e.Message = 404, "Order not found"
		},
		"storeorders: OrderGroups.List: GET /store/order-groups: 500 unknown_error (1 attempt)": func(e *storeorders.APIError) {
			e.StatusCode, e.Type = 500, "unknown_error"
		},
		"storeorders: OrderGroups.List: GET /store/order-groups: 502 Bad Gateway (4 attempts)": func(e *storeorders.APIError) {
			e.StatusCode, e.Attempts = 502, 4
		},
		"storeorders: OrderGroups.List: GET /store/order-groups: 599 (1 attempt)": func(e *storeorders.APIError) {
			e.StatusCode = 599
		},
		"storeorders: OrderGroups.List: GET /store/order-groups: 429 Too Many Requests (1 attempt, retry after 1h0m0s)": func(e *storeorders.APIError) {
			e.StatusCode, e.RetryAfter = 429, time.Hour
		},
		"storeorders: OrderGroups.List: GET /store/order-groups: 302 Found (redirect not followed) (1 attempt)": func(e *storeorders.APIError) {
			e.StatusCode = 302
		},
	} {
		err := groups
		change(&err)
		assert.EqualError(t, &err, want)
	}
}

func TestAnAPIErrorTellsAllThatIsKnown(t *testing.T) {
	t.Parallel()
	server := always(reply(http.StatusNotFound, `{"code":"invalid_request_error","type":"not_found","message":"Order group with id og_9 was not found"}`,
		"X-Request-Id", "req-7", "Content-Type", "application/json; charset=utf-8", "Retry-After", "7"))
	_, err := clientOf(t, server).OrderGroups.Get(t.Context(), "og_9", nil)
	assert.Equal(t, &storeorders.APIError{
		Op: "OrderGroups.Get", Method: "GET", Path: "/store/order-groups/og_9",
		StatusCode: 404, Type: "not_found", Code: "invalid_request_error", Message: "Order group with id og_9 was not found",
		ContentType: "application/json; charset=utf-8", RequestID: "req-7", RetryAfter: 7 * time.Second, Attempts: 1,
		Body: []byte(`{"code":"invalid_request_error","type":"not_found","message":"Order group with id og_9 was not found"}`),
	}, err)
}

func TestSalesivesErrorsHaveAMessage(t *testing.T) {
	t.Parallel()
	_, err := clientOf(t, always(reply(http.StatusNotFound, orderNotFound))).Orders.Get(t.Context(), "o9")
	apiError := requireAPIError(t, err)
	assert.Equal(t, "Order not found", apiError.Message)
	assert.Empty(t, apiError.Type)
	assert.EqualError(t, err, "storeorders: Orders.Get: GET /orders/o9: 404: Order not found (1 attempt)")
}

func TestAnErrorNamesThePathWithoutHostBasePathAndQuery(t *testing.T) {
	t.Parallel()
	client := clientAt(t, "http://mercur.test/backend", salesiveURL,
		storeorders.WithHTTPClient(&http.Client{Transport: always(reply(http.StatusBadRequest, `{"message":"no"}`))}))
	_, err := client.OrderGroups.List(t.Context(), &storeorders.OrderGroupListOptions{Limit: 7})
	assert.EqualError(t, err, "storeorders: OrderGroups.List: GET /store/order-groups: 400: no (1 attempt)")
	_, err = client.OrderGroups.Get(t.Context(), "a/b c", nil)
	assert.EqualError(t, err, "storeorders: OrderGroups.Get: GET /store/order-groups/a%2Fb%20c: 400: no (1 attempt)")
}

func TestTheRequestIDIsTheServersElseTheCallers(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ server, want string }{{"theirs", "theirs"}, {"", "mine"}} {
		client := clientOf(t, always(reply(http.StatusNotFound, groupNotFound, "X-Request-Id", test.server)))
		err := listGroups(t.Context(), client, storeorders.WithHeader("X-Request-Id", "mine"))
		assert.Equal(t, test.want, requireAPIError(t, err).RequestID)
	}
}

func TestCategories(t *testing.T) {
	t.Parallel()
	categories := map[string]error{
		"invalid": storeorders.ErrInvalidRequest, "unauthorized": storeorders.ErrUnauthorized, "forbidden": storeorders.ErrForbidden,
		"not found": storeorders.ErrNotFound, "rate limited": storeorders.ErrRateLimited, "server": storeorders.ErrServer,
		"redirect": storeorders.ErrRedirect, "incomplete": storeorders.ErrIncomplete, "too large": storeorders.ErrResponseTooLarge,
		"no credentials": storeorders.ErrNoCredentials, "not configured": storeorders.ErrNotConfigured,
	}
	for status, want := range map[int]string{
		301: "redirect", 302: "redirect", 303: "redirect", 307: "redirect", 308: "redirect",
		400: "invalid", 401: "unauthorized", 402: "invalid", 403: "forbidden", 404: "not found", 405: "invalid", 408: "server",
		409: "invalid", 410: "invalid", 415: "invalid", 418: "invalid", 422: "invalid", 429: "rate limited", 431: "invalid", 499: "invalid",
		500: "server", 501: "server", 502: "server", 503: "server", 504: "server", 505: "server", 520: "server", 599: "server",
	} {
		t.Run(strconv.Itoa(status), func(t *testing.T) {
			t.Parallel()
			client := clientOf(t, always(reply(status, `{"message":"no"}`)), retries(0))
			for _, e := range endpoints() {
				err := e.call(t.Context(), client)
				for name, category := range categories {
					assert.Equal(t, name == want, errors.Is(err, category), "%s is %s", e.name, name)
				}
			}
		})
	}
}

func TestBodiesThatAreNotJSONKeepTheirStatus(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ contentType, body string }{
		"HTML":                              {"text/html; charset=utf-8", "<html><body>Blocked by the firewall</body></html>"},
		"text":                              {"text/plain", "upstream connect error"},
		"nothing":                           {"", ""},
		"JSON of no object":                 {jsonContentType, `["a"]`},
		"null":                              {jsonContentType, `null`},
		"half of a JSON":                    {jsonContentType, `{"message":"The`},
		"no UTF-8":                          {"application/octet-stream", "\xff\xfe\x00"},
		"JSON whose members are no strings": {jsonContentType, `{"type":1,"code":["a"],"message":{"a":"b"}}`},
	} {
		for _, status := range []int{400, 403, 404, 405, 422, 502} {
			t.Run(fmt.Sprintf("%s/%d", name, status), func(t *testing.T) {
				t.Parallel()
				client := clientOf(t, always(reply(status, test.body, "Content-Type", test.contentType, "X-Request-Id", "req-7")), retries(0))
				for _, e := range endpoints() {
					apiError := requireAPIError(t, e.call(t.Context(), client))
					assert.Equal(t, status, apiError.StatusCode)
					assert.Equal(t, test.contentType, apiError.ContentType)
					assert.Equal(t, test.body, string(apiError.Body))
					assert.Equal(t, "req-7", apiError.RequestID)
					assert.Empty(t, apiError.Message)
					hint := ""
					switch status {
					case http.StatusBadRequest, http.StatusNotFound, http.StatusMethodNotAllowed:
						hint = " (is the base URL right?)"
					}
					assert.Contains(t, apiError.Error(), fmt.Sprintf("%d %s%s (request req-7, 1 attempt)", status, http.StatusText(status), hint))
				}
			})
		}
	}
}

func TestAnAPIErrorKeepsTheFirst8KiB(t *testing.T) {
	t.Parallel()
	for _, size := range []int{8<<10 - 1, 8 << 10, 8<<10 + 1, 300 << 10, 10 << 20} {
		body := strings.Repeat("0123456789", size/10+1)[:size]
		apiError := requireAPIError(t, listGroups(t.Context(), clientOf(t, always(reply(http.StatusNotFound, body)))))
		assert.Equal(t, body[:min(size, 8<<10)], string(apiError.Body), size)
	}
}

// The message is found where it lies behind more than what Body keeps.
func TestAMessageBehindTheFirst8KiBIsRead(t *testing.T) {
	t.Parallel()
	body := `{"padding":"` + strings.Repeat("x", 20<<10) + `","message":"here"}`
	apiError := requireAPIError(t, listGroups(t.Context(), clientOf(t, always(reply(http.StatusNotFound, body)))))
	assert.Equal(t, "here", apiError.Message)
}

func TestAnErrorIsOneLineOfBoundedLength(t *testing.T) {
	t.Parallel()
	const controls = "a\nb\r\nc\x00d\x1b[31me\u0085f\u2028g\u2029h\x7fi"
	for name, words := range map[string]string{
		"controls": controls,
		"length":   strings.Repeat("long ", 20_000),
		"no UTF-8": "a\xffb",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := encodeJSON(words, false)
			body := `{"type":` + text + `,"code":` + text + `,"message":` + text + `,"success":false}`
			for _, status := range []int{200, 404} {
				client := clientOf(t, always(reply(status, body, "X-Request-Id", words, "Content-Type", words)))
				for _, e := range endpoints() {
					if e.mercur && status == 200 {
						continue
					}
					err := e.call(t.Context(), client)
					assertOneShortLine(t, err.Error())
					assertOneShortLine(t, requireAPIError(t, err).Error())
					assertLogsOneShortLine(t, err)
				}
			}
			err := listGroups(t.Context(), clientOf(t, always(reply(http.StatusOK, words, "Content-Type", words))))
			require.ErrorAs(t, err, new(*storeorders.DecodeError))
			assertOneShortLine(t, err.Error())
			assertLogsOneShortLine(t, err)
			err = listGroups(t.Context(), clientOf(t, always(broken(errors.New(words))), retries(0)))
			assertOneShortLine(t, err.Error())
			assertLogsOneShortLine(t, err)
			err = &storeorders.LoginError{Reason: "verification_required", Message: words}
			assertOneShortLine(t, err.Error())
			assertLogsOneShortLine(t, err)
		})
	}
}

func assertOneShortLine(t *testing.T, text string) {
	t.Helper()
	assert.NotRegexp(t, "[\x00-\x1f\x7f-\u009f\u2028\u2029]", text)
	assert.Less(t, len(text), 4<<10)
}

// assertLogsOneShortLine is for handlers too that do not escape: those of others write what they are given.
func assertLogsOneShortLine(t *testing.T, err error) {
	t.Helper()
	var b bytes.Buffer
	slog.New(slog.NewTextHandler(&b, nil)).InfoContext(t.Context(), "m", "error", err)
	assert.Less(t, b.Len(), 4<<10)
	if v, ok := any(err).(slog.LogValuer); ok {
		value := v.LogValue()
		attributes := []slog.Attr{slog.Any("", value)}
		if value.Kind() == slog.KindGroup {
			attributes = value.Group()
		}
		for _, attribute := range attributes {
			assertOneShortLine(t, attribute.Value.String())
		}
	}
}

func TestAnAPIErrorIsAGroupOfFieldsInLogs(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	err := listGroups(t.Context(), clientOf(t, always(reply(http.StatusNotFound, groupNotFound, "X-Request-Id", "req-7"))))
	logger := slog.New(slog.NewTextHandler(&b, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}}))
	logger.ErrorContext(t.Context(), "failed", "err", err)
	for _, part := range []string{
		"err.op=OrderGroups.List", "err.status=404", "err.type=not_found",
		`err.message="Order group with id og_9 was not found"`, "err.request_id=req-7", "err.attempts=1",
	} {
		assert.Contains(t, b.String(), part)
	}
}

func TestConnectionsAreUsedAgainAfterErrors(t *testing.T) {
	t.Parallel()
	for name, size := range map[string]int{"small": 100, "5 kB": 5_000, "100 kB": 100_000, "250 kB": 250_000} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := newHost(t, func(w http.ResponseWriter, req *http.Request) {
				status, err := strconv.Atoi(req.Header.Get("X-Status"))
				if err != nil {
					status = http.StatusTeapot
				}
				writeJSON(w, status, `{"message":"no","padding":"`+strings.Repeat("x", size)+`"}`)
			})
			client := clientAt(t, server.URL, server.URL, retries(1))
			defer client.CloseIdleConnections()
			for _, status := range []int{400, 401, 404, 429, 500, 503, 302} {
				err := listGroups(t.Context(), client, storeorders.WithHeader("X-Status", strconv.Itoa(status)))
				require.Equal(t, status, requireAPIError(t, err).StatusCode)
			}
			assertReused(t, server, 10) // attempts
		})
	}
}

func TestAnEndlessErrorBodyIsCutOff(t *testing.T) {
	t.Parallel()
	server := newHost(t, func(w http.ResponseWriter, _ *http.Request) { writeForEver(w, http.StatusForbidden, `"`) })
	client := clientAt(t, server.URL, server.URL)
	apiError := requireAPIError(t, listGroups(t.Context(), client))
	assert.Equal(t, http.StatusForbidden, apiError.StatusCode)
	assert.Len(t, apiError.Body, 8<<10)
}

func writeForEver(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", jsonContentType)
	w.WriteHeader(status)
	chunk := strings.Repeat(text, 10_000/len(text))
	for {
		if _, err := io.WriteString(w, chunk); err != nil {
			return
		}
	}
}

func TestAnAnswerThatIsTooLargeIsADecodeError(t *testing.T) {
	t.Parallel()
	const limit = 64 << 10
	for name, handler := range map[string]http.HandlerFunc{
		"by its Content-Length": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", strconv.Itoa(10<<20))
			writeJSON(w, http.StatusOK, strings.Repeat(" ", 10<<20))
		},
		"by a Content-Length that is a lie": func(w http.ResponseWriter, _ *http.Request) {
			hangUpAfter(w, "HTTP/1.1 200 OK\r\nContent-Length: 9223372036854775807\r\n\r\n"+strings.Repeat(" ", 1<<20))
		},
		"in chunks, for ever": func(w http.ResponseWriter, _ *http.Request) { writeForEver(w, http.StatusOK, " ") },
		"once decompressed": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			bomb := gzip.NewWriter(w)
			_, _ = io.Copy(bomb, io.LimitReader(spaces{}, 64<<20))
			_ = bomb.Close()
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := newHost(t, handler)
			client := clientAt(t, server.URL, server.URL, retries(2), storeorders.WithMaxResponseBytes(limit))
			defer client.CloseIdleConnections()
			for _, e := range endpoints() {
				before := server.requests.Load()
				err := e.call(t.Context(), client)
				assert.ErrorIs(t, err, storeorders.ErrResponseTooLarge)
				decodeError := requireDecodeError(t, err)
				assert.Equal(t, http.StatusOK, decodeError.StatusCode)
				assert.NotEmpty(t, decodeError.Op)
				assert.ErrorContains(t, decodeError, strconv.Itoa(limit))
				assert.EqualValues(t, 1, server.requests.Load()-before)
			}
		})
	}
}

type spaces struct{}

func (spaces) Read(p []byte) (int, error) {
	const chunk = "                                                                "
	n := 0
	for n < len(p) {
		n += copy(p[n:], chunk)
	}
	return n, nil
}

func TestAnAnswerOfTheLargestSizeIsRead(t *testing.T) {
	t.Parallel()
	client := clientOf(t, always(well), storeorders.WithMaxResponseBytes(int64(len(oneGroupPage))))
	assert.NoError(t, listGroups(t.Context(), client))
	client = clientOf(t, always(well), storeorders.WithMaxResponseBytes(int64(len(oneGroupPage)-1)))
	assert.ErrorIs(t, listGroups(t.Context(), client), storeorders.ErrResponseTooLarge)
}

func TestAnAnswerMayHave32MiBUnlessToldOtherwise(t *testing.T) {
	t.Parallel()
	const limit = 32 << 20
	padded := func(size int) step {
		return replyFrom(http.StatusOK, func(*http.Request) io.Reader {
			return io.MultiReader(strings.NewReader(oneGroupPage), io.LimitReader(spaces{}, int64(size-len(oneGroupPage))))
		})
	}
	assert.NoError(t, listGroups(t.Context(), clientOf(t, always(padded(limit)))))
	assert.ErrorIs(t, listGroups(t.Context(), clientOf(t, always(padded(limit+1)))), storeorders.ErrResponseTooLarge)
}

// What an error's body may have does not depend on what an answer may have.
func TestASmallLimitLeavesErrorsWhole(t *testing.T) {
	t.Parallel()
	client := clientOf(t, always(reply(http.StatusNotFound, groupNotFound)), storeorders.WithMaxResponseBytes(10))
	apiError := requireAPIError(t, listGroups(t.Context(), client))
	assert.Equal(t, "not_found", apiError.Type)
	assert.Equal(t, groupNotFound, string(apiError.Body))
}

func TestDecodeErrorText(t *testing.T) {
	t.Parallel()
	err := listGroups(t.Context(), clientOf(t, always(reply(http.StatusOK, "<html>the page of a proxy</html>", "Content-Type", "text/html"))))
	decodeError := requireDecodeError(t, err)
	assert.Equal(t, "OrderGroups.List", decodeError.Op)
	assert.Equal(t, http.StatusOK, decodeError.StatusCode)
	assert.Equal(t, "text/html", decodeError.ContentType)
	assert.Equal(t, "<html>the page of a proxy</html>", decodeError.Snippet)
	assert.ErrorContains(t, err, "storeorders: OrderGroups.List: cannot read the 200 answer (text/html): ")
	assert.NotContains(t, err.Error(), "proxy")
	assert.ErrorIs(t, err, decodeError.Err)
}

func TestADecodeErrorIsNoAPIError(t *testing.T) {
	t.Parallel()
	for _, e := range endpoints() {
		err := e.call(t.Context(), clientOf(t, always(reply(http.StatusOK, "<html>"))))
		require.ErrorAs(t, err, new(*storeorders.DecodeError))
		var apiError *storeorders.APIError
		assert.NotErrorAs(t, err, &apiError, e.name)
	}
}

func TestAnErrorWithoutAnAnswerNamesTheCall(t *testing.T) {
	t.Parallel()
	cause := errors.New("connection refused")
	client := clientOf(t, always(broken(cause)), retries(2))
	for op, path := range map[string]string{"OrderGroups.List": "/store/order-groups", "Orders.List": "/orders"} {
		err := map[string]func() error{
			"OrderGroups.List": func() error { return listGroups(t.Context(), client) },
			"Orders.List":      func() error { return listOrders(t.Context(), client) },
		}[op]()
		assert.ErrorIs(t, err, cause)
		assert.EqualError(t, err, "storeorders: "+op+": GET "+path+": connection refused (3 attempts)")
	}
}

func TestAnErrorAfterAnAnswerNamesThatAnswerToo(t *testing.T) {
	t.Parallel()
	cause := errors.New("connection refused")
	server := inTurn(reply(http.StatusServiceUnavailable, serverFell, "X-Request-Id", "req-7"), broken(cause))
	err := listGroups(t.Context(), clientOf(t, server, retries(1)))
	assert.ErrorIs(t, err, cause)
	assert.ErrorIs(t, err, storeorders.ErrServer)
	assert.Equal(t, "req-7", requireAPIError(t, err).RequestID)
	assert.EqualError(t, err, "storeorders: OrderGroups.List: GET /store/order-groups: connection refused (2 attempts; last answer: 503 unknown_error: An unknown error occurred. (request req-7))")
}

func TestTheLastAnswerIsToldWithoutACountOfItsOwn(t *testing.T) {
	t.Parallel()
	server := inTurn(reply(http.StatusServiceUnavailable, "", "Retry-After", "0"), broken(errors.New("connection refused")))
	assert.EqualError(t, listGroups(t.Context(), clientOf(t, server, retries(1))),
		"storeorders: OrderGroups.List: GET /store/order-groups: connection refused (2 attempts; last answer: 503 Service Unavailable)")
}

// What the token source says has a beginning of its own.
func TestAnErrorNamesThePackageOnce(t *testing.T) {
	t.Parallel()
	client := clientOf(t, always(reply(http.StatusUnauthorized, `{"type":"unauthorized","message":"Invalid email or password"}`)))
	for want, source := range map[string]storeorders.TokenSource{
		"MercurAuth.Login: POST /auth/customer/emailpass: 401 unauthorized: Invalid email or password (1 attempt)": client.MercurAuth.PasswordSource("alice@example.com", "not-her-password"),
		"email: is empty": client.MercurAuth.PasswordSource("", "password"),
	} {
		err := listGroups(t.Context(), client, storeorders.WithTokenSource(source))
		assert.EqualError(t, err, "storeorders: OrderGroups.List: GET /store/order-groups: token source: "+want+" (nothing was sent)")
	}
	words := storeorders.TokenSourceFunc(func(context.Context) (string, error) { return "", errors.New("storeorders: of its own") })
	assert.EqualError(t, listOrders(t.Context(), client, storeorders.WithTokenSource(words)),
		"storeorders: Orders.List: GET /orders: token source: of its own (nothing was sent)")
}

// A token that has the package's name in it is masked as it is.
func TestATokenWithThePackagesNameInItIsMasked(t *testing.T) {
	t.Parallel()
	const token = "s3cret: storeorders: token"
	err := listGroups(t.Context(), clientOf(t, always(broken(errors.New("refused "+token))), retries(0)), storeorders.WithToken(token))
	assert.EqualError(t, err, "storeorders: OrderGroups.List: GET /store/order-groups: refused [REDACTED] (1 attempt)")
}

// Success under which a server says no can only be Salesive's.
func TestSuccessFalseUnderASuccessIsTold(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{"success":false,"message":"try later"}`:              "200 with success:false: try later",
		`{"success":false}`:                                    "200 with success:false",
		`{"status":200,"success":false,"message":"try later"}`: "200 with success:false: try later",
		`{"status":404,"success":false,"message":"try later"}`: "404: try later",
	} {
		err := listOrders(t.Context(), clientOf(t, always(reply(http.StatusOK, body))))
		assert.EqualError(t, err, "storeorders: Orders.List: GET /orders: "+want+" (1 attempt)")
	}
}

// What is not JSON and does not say that it is comes from another server, as a rule.
func TestADecodeErrorAsksForTheBaseURL(t *testing.T) {
	t.Parallel()
	const hint = "; is the base URL right?"
	for name, test := range map[string]struct{ contentType, body, want string }{
		"HTML":                      {"text/html; charset=utf-8", "<html>", "(text/html; charset=utf-8): not JSON from byte 0 on" + hint},
		"text":                      {"text/plain", "{oops", "(text/plain): not JSON from byte 1 on" + hint},
		"no content type":           {"", "oops", "(no content type): not JSON from byte 0 on" + hint},
		"half a JSON":               {jsonContentType, `{"order_groups"`, "(application/json): not JSON from byte 15 on"},
		"JSON in capitals":          {"Application/JSON", "oops", "(Application/JSON): not JSON from byte 0 on"},
		"a kind of JSON":            {"application/problem+json", "oops", "(application/problem+json): not JSON from byte 0 on"},
		"JSON that is named a text": {"text/html", "[]", "(text/html): a JSON array where an object is needed, at byte 0"},
		"nothing":                   {"text/html", "", "(text/html): the body is empty"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := listGroups(t.Context(), clientOf(t, always(reply(http.StatusOK, test.body, "Content-Type", test.contentType))))
			assert.EqualError(t, err, "storeorders: OrderGroups.List: cannot read the 200 answer "+test.want)
		})
	}
}

func TestPageErrorText(t *testing.T) {
	t.Parallel()
	cause := errors.New("storeorders: the cause")
	for _, err := range []*storeorders.PageError{{Offset: 0, Page: -1, Err: cause}, {Offset: -1, Page: 1, Err: cause}} {
		assert.EqualError(t, err, "storeorders: the cause", "the beginning is not worth a word")
	}
	for want, err := range map[string]*storeorders.PageError{
		"storeorders: the cause; go on from offset 200": {Offset: 200, Page: -1, Err: cause},
		"storeorders: the cause; go on from page 3":     {Offset: -1, Page: 3, Err: cause},
		"storeorders: the cause":                        {Offset: -1, Page: -1, Err: cause},
	} {
		assert.EqualError(t, err, want)
		assert.ErrorIs(t, err, cause)
	}
}

func TestIncompleteErrorIsErrIncomplete(t *testing.T) {
	t.Parallel()
	for _, e := range []*storeorders.IncompleteError{{Seen: 28, Count: 30}, {Seen: 30, Count: 30}} {
		assert.ErrorIs(t, e, storeorders.ErrIncomplete)
		assert.ErrorIs(t, fmt.Errorf("my own words: %w", e), storeorders.ErrIncomplete)
		assert.NotErrorIs(t, e, storeorders.ErrServer)
		assert.Contains(t, e.Error(), "storeorders: incomplete walk: saw "+strconv.Itoa(e.Seen))
	}
	for want, e := range map[string]*storeorders.IncompleteError{
		"saw 28 different orders, the server counts 30; range again, on Mercur with a larger Limit if orders share an instant": {Seen: 28, Count: 30},
		"saw 30 different orders, the server counts 25; its count is wrong or moved: range again":                              {Seen: 30, Count: 25},
		"saw 30 orders, but the server's count changed on the way; range again":                                                {Seen: 30, Count: 30},
	} {
		assert.EqualError(t, e, "storeorders: incomplete walk: "+want)
	}
}

func TestLoginErrorText(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ reason, message, want string }{
		{"mfa_required", "", "mfa_required; log in where a second factor can be given"},
		{"verification_required", "Mail sent", "verification_required: Mail sent; verify the address"},
		{"redirect", "", "redirect; go on in a browser at the Location"},
		{"no_actor", "Unknown customer", "no_actor: Unknown customer; no customer belongs to this login yet"},
	} {
		err := &storeorders.LoginError{Reason: c.reason, Message: c.message, Location: "https://login.test/?code=1"}
		assert.ErrorContains(t, err, "storeorders: login gave no usable token: "+c.want)
		assert.NotContains(t, err.Error(), "code=1")
	}
}

func TestEveryErrorTextNamesThePackage(t *testing.T) {
	t.Parallel()
	for _, err := range []error{
		storeorders.ErrNotConfigured, storeorders.ErrNoCredentials, storeorders.ErrInvalidRequest, storeorders.ErrUnauthorized,
		storeorders.ErrForbidden, storeorders.ErrNotFound, storeorders.ErrRateLimited, storeorders.ErrServer, storeorders.ErrRedirect,
		storeorders.ErrIncomplete, &storeorders.APIError{}, &storeorders.DecodeError{Err: errors.New("x")}, &storeorders.OptionError{},
		&storeorders.IncompleteError{}, &storeorders.LoginError{},
	} {
		assert.Regexp(t, "^storeorders: ", err.Error())
	}
}
