package storeorders

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Response is what is known of an answer besides its content. Every page that
// came from a [Client] has one.
type Response struct {
	// StatusCode is the HTTP status.
	StatusCode int
	// Header is the answer's. It must not be changed.
	Header http.Header
	// RequestID is the answer's X-Request-Id, else the request's own.
	RequestID string
	// Attempts is how often the request was sent: 1 if it did well at once.
	Attempts int
	// Duration is how long it took until the answer was there, with retries
	// and waits.
	Duration time.Duration
}

// answer is the last answer to a call.
type answer struct {
	call   *call
	status int
	header http.Header
	body   []byte
}

func (c *call) answer(resp *http.Response) *answer {
	return &answer{call: c, status: resp.StatusCode, header: resp.Header, body: c.body}
}

func (a *answer) response() *Response {
	return &Response{
		StatusCode: a.status,
		Header:     a.header,
		RequestID:  a.call.requestID(a.header),
		Attempts:   a.call.attempts,
		Duration:   time.Since(a.call.started),
	}
}

// apiError makes an error of the answer, under the given status. That of a
// login keeps no body, which may hold a token where nobody expects one.
func (a *answer) apiError(status int) *APIError {
	m := a.call.secrets.masker()
	e := &APIError{
		Op:          a.call.op,
		Method:      a.call.method(),
		Path:        a.call.shownPath(),
		StatusCode:  status,
		ContentType: m.mask(a.header.Get("Content-Type")),
		RequestID:   m.mask(a.call.requestID(a.header)),
		RetryAfter:  retryAfter(a.header),
		Attempts:    a.call.attempts,
		noRetry:     a.call.noRetry,
	}
	if a.call.login == nil {
		e.Body = []byte(m.head(a.body, maxErrorBody))
	}
	e.Type, e.Code, e.Message = errorWords(a.body)
	e.Type, e.Code, e.Message = bounded(m.mask(e.Type)), bounded(m.mask(e.Code)), bounded(m.mask(e.Message))
	if location, err := url.Parse(a.header.Get("Location")); err == nil && isRedirect(status) && e.Message == "" && location.Host != "" {
		e.Message = m.mask("to " + cmp.Or(location.Scheme, a.call.api.baseURL.Scheme) + "://" + location.Host)
	}
	return e
}

// bounded is a copy of the beginning: an error does not keep a body of many
// megabytes, as a failure under a 2xx may have.
func bounded(text string) string {
	if len(text) <= maxErrorBody {
		return text
	}
	return strings.ToValidUTF8(strings.Clone(text[:maxErrorBody]), "")
}

// errorWords reads the error forms of both servers. A member of another type
// than a string is left in the body.
func errorWords(body []byte) (typ, code, message string) {
	var words struct {
		Type    word `json:"type"`
		Code    word `json:"code"`
		Message word `json:"message"`
	}
	if unmarshal(body, &words) != nil {
		return "", "", ""
	}
	return string(words.Type), string(words.Code), string(words.Message)
}

// decodeError makes an error of an answer of success that cannot be read. That
// of a login may hold a token, and is not shown.
func (a *answer) decodeError(err error) *DecodeError {
	m := a.call.secrets.masker()
	what := describe(err, a.body, m.mask)
	// Where net/http has decompressed the body, it has taken the header off.
	encoding := strings.Join(a.header.Values("Content-Encoding"), ", ")
	switch {
	case encoding != "" && !strings.EqualFold(encoding, "identity"):
		what = fmt.Errorf("%w (it is encoded as %s, which was not asked for)", what, oneLine(m.mask(encoding)))
	case errors.Is(what, errNotJSON) && !strings.Contains(strings.ToLower(a.header.Get("Content-Type")), "json"):
		what = fmt.Errorf("%w; is the base URL right?", what)
	}
	e := &DecodeError{
		Op:          a.call.op,
		StatusCode:  a.status,
		ContentType: m.mask(a.header.Get("Content-Type")),
		Err:         what,
	}
	if a.call.login == nil {
		e.Snippet = m.head(a.body, maxSnippet)
	}
	return e
}

// readError makes an error of what could not be read, if there is any.
func (a *answer) readError(err error) error {
	if err == nil {
		return nil
	}
	return a.decodeError(err)
}

// requestID is the server's, else the one that the caller sent.
func (c *call) requestID(header http.Header) string {
	if id := header.Get("X-Request-Id"); id != "" {
		return id
	}
	return c.header.Get("X-Request-Id")
}
