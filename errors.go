package storeorders

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Errors that are found before anything is sent.
var (
	// ErrNotConfigured says that the call needs [WithMercur] or
	// [WithSalesive], which the client was made without.
	ErrNotConfigured = errors.New("storeorders: not configured")
	// ErrNoCredentials says that the call has no bearer token or, on Mercur,
	// no publishable key: neither the call nor the client gave one, or the
	// one given is empty.
	ErrNoCredentials = errors.New("storeorders: no credentials")
)

// The categories of an [APIError], for errors.Is.
var (
	// ErrInvalidRequest is any 4xx that no other category has: 400, 422, 431 …
	// Mercur answers 400 also to a wrong publishable key.
	ErrInvalidRequest = errors.New("storeorders: invalid request")
	// ErrUnauthorized is 401. Mercur gives the same 401 for a token that is
	// expired, forged or of another kind of user.
	ErrUnauthorized = errors.New("storeorders: unauthorized")
	// ErrForbidden is 403.
	ErrForbidden = errors.New("storeorders: forbidden")
	// ErrNotFound is 404. Mercur gives it also for another shopper's group.
	ErrNotFound = errors.New("storeorders: not found")
	// ErrRateLimited is 429; see RetryAfter of [APIError].
	ErrRateLimited = errors.New("storeorders: rate limited")
	// ErrServer is any 5xx, and 408.
	ErrServer = errors.New("storeorders: server error")
	// ErrRedirect is a redirect that was not followed, because it led to
	// another scheme, host or port, or nowhere.
	ErrRedirect = errors.New("storeorders: redirect not followed")
)

// ErrResponseTooLarge is inside a [DecodeError]: the answer is longer than
// [WithMaxResponseBytes] allows.
var ErrResponseTooLarge = errors.New("response too large")

// ErrIncomplete is what an [IncompleteError] is, for errors.Is.
var ErrIncomplete = errors.New("storeorders: incomplete walk")

// maxErrorBody is how much of a body an APIError keeps.
const maxErrorBody = 8 << 10

// APIError is an answer other than success. errors.Is tells its category:
// [ErrNotFound], [ErrRateLimited] and so on.
//
// Where the server echoes a credential of the call, it is masked. No verb of
// fmt, no slog handler and no JSON encoder prints Body; to see it, read it.
type APIError struct {
	// Op is the method that was called: "OrderGroups.List".
	Op string
	// Method and Path are those of the request: "GET",
	// "/store/order-groups". No host, no base path, no query.
	Method, Path string
	// StatusCode is the HTTP status or, for a Salesive answer that says
	// success:false under a 2xx, the status inside of it.
	StatusCode int
	// Type, Code and Message are the server's own words. Salesive has only
	// Message. They are empty where the body was not JSON.
	Type, Code, Message string
	// ContentType is the answer's.
	ContentType string
	// RequestID is the answer's X-Request-Id, else the request's own.
	RequestID string
	// RetryAfter is how long the server asked to wait; 0 if it did not.
	RetryAfter time.Duration
	// Attempts is how often the request was sent.
	Attempts int
	// Body is the first 8 KiB of the answer. It is nil where the answer was to
	// a login, which may hold a token.
	Body []byte

	noRetry string // why there was no other attempt where the policy has one
}

// Error reads
//
//	storeorders: OrderGroups.Get: GET /store/order-groups/og_1: 404 not_found: Order group with id og_1 was not found (request req-7, 2 attempts)
func (e *APIError) Error() string {
	return fmt.Sprintf("storeorders: %s: %s %s: %s", e.Op, e.Method, oneLine(e.Path), e.summary(attemptsText(e.Attempts)))
}

// summary is the answer, and how often it was asked for if that is to be told.
func (e *APIError) summary(attempts string) string {
	var b strings.Builder
	b.WriteString(strconv.Itoa(e.StatusCode))
	success := e.StatusCode >= 200 && e.StatusCode <= 299
	if success { // as only an answer of Salesive's can be
		b.WriteString(" with success:false")
	}
	if e.Type != "" {
		b.WriteString(" " + oneLine(e.Type))
	}
	switch {
	case e.Message != "":
		b.WriteString(": " + oneLine(e.Message))
	case e.Type == "" && !success && http.StatusText(e.StatusCode) != "":
		b.WriteString(" " + http.StatusText(e.StatusCode))
		switch e.StatusCode {
		case http.StatusBadRequest, http.StatusNotFound, http.StatusMethodNotAllowed: // to which both APIs give words in JSON
			b.WriteString(" (is the base URL right?)")
		}
	}
	if errors.Is(e, ErrRedirect) {
		b.WriteString(" (redirect not followed)")
	}
	var details []string
	if e.RequestID != "" {
		details = append(details, "request "+oneLine(e.RequestID))
	}
	if attempts != "" {
		details = append(details, attempts)
	}
	if e.RetryAfter > 0 {
		details = append(details, "retry after "+e.RetryAfter.String())
	}
	text := strings.Join(details, ", ")
	if e.noRetry != "" {
		text += "; " + e.noRetry
	}
	if text != "" {
		b.WriteString(" (" + text + ")")
	}
	return b.String()
}

// Is reports whether target is the category of e.
func (e *APIError) Is(target error) bool {
	category := categoryOf(e.StatusCode)
	return category != nil && target == category
}

func categoryOf(status int) error {
	switch {
	case status == http.StatusUnauthorized:
		return ErrUnauthorized
	case status == http.StatusForbidden:
		return ErrForbidden
	case status == http.StatusNotFound:
		return ErrNotFound
	case status == http.StatusTooManyRequests:
		return ErrRateLimited
	case status == http.StatusRequestTimeout || status >= 500 && status < 600:
		return ErrServer
	case status >= 400 && status < 500:
		return ErrInvalidRequest
	case isRedirect(status):
		return ErrRedirect
	default:
		return nil
	}
}

// Format prints the text of Error, whatever the verb.
func (e APIError) Format(state fmt.State, verb rune) { formatText(state, verb, e.Error()) }

// LogValue gives the fields without Body.
func (e APIError) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("op", e.Op),
		slog.String("method", e.Method),
		slog.String("path", oneLine(e.Path)),
		slog.Int("status", e.StatusCode),
		slog.String("type", oneLine(e.Type)),
		slog.String("code", oneLine(e.Code)),
		slog.String("message", oneLine(e.Message)),
		slog.String("request_id", oneLine(e.RequestID)),
		slog.Duration("retry_after", e.RetryAfter),
		slog.Int("attempts", e.Attempts),
	)
}

// MarshalJSON writes the text of Error: an error in a JSON log is for reading.
func (e APIError) MarshalJSON() ([]byte, error) { return json.Marshal(e.Error()) }

// DecodeError is an answer of success that could not be read: not JSON, not
// of the documented shape, or too large ([ErrResponseTooLarge]). It is not
// retried.
//
// No verb of fmt, no slog handler and no JSON encoder prints Snippet; to see
// it, read it.
type DecodeError struct {
	// Op is the method that was called: "OrderGroups.List".
	Op string
	// StatusCode and ContentType are the answer's.
	StatusCode  int
	ContentType string
	// Snippet is the beginning of the body, at most 512 bytes, with the
	// credentials of the call masked. It is empty where the answer was to a
	// login, which may hold a token.
	Snippet string
	// Err says what is wrong, and where.
	Err error
}

// maxSnippet is how much of a body a DecodeError keeps.
const maxSnippet = 512

// Error says what is wrong with the answer, without quoting it.
func (e *DecodeError) Error() string {
	contentType := "no content type"
	if e.ContentType != "" {
		contentType = oneLine(e.ContentType)
	}
	return fmt.Sprintf("storeorders: %s: cannot read the %d answer (%s): %v", e.Op, e.StatusCode, contentType, e.Err)
}

// Unwrap returns Err.
func (e *DecodeError) Unwrap() error { return e.Err }

// Format prints the text of Error, whatever the verb.
func (e DecodeError) Format(state fmt.State, verb rune) { formatText(state, verb, e.Error()) }

// LogValue gives the text of Error.
func (e DecodeError) LogValue() slog.Value { return slog.StringValue(e.Error()) }

// MarshalJSON writes the text of Error.
func (e DecodeError) MarshalJSON() ([]byte, error) { return json.Marshal(e.Error()) }

// OptionError is an option or argument that was refused before anything was
// sent.
type OptionError struct {
	// Field names it: "Limit", "CreatedAt.GTE", "MercurConfig.BaseURL",
	// "WithHeader".
	Field string
	// Reason says what is wrong and what to do. It never holds a credential
	// or a header's value.
	Reason string
}

// Error reads "storeorders: Limit: is -1; it must not be negative".
func (e *OptionError) Error() string { return "storeorders: " + e.Field + ": " + e.Reason }

// PageError is the error that ended Pages or All, with the place to go on
// from: the same method with the same options, and Offset or Page set to it,
// yields what lies behind. What All had missed before the place, as orders of
// one instant may be, only a walk from the start can find.
type PageError struct {
	// Offset is for the Offset of [OrderGroupListOptions]; -1 where there is
	// no such place: on Salesive, in a walk of more than 20 ids, and where All
	// was looking for what it had missed.
	Offset int
	// Page is for the Page of [OrderListOptions], and counts pages of the
	// Limit that the walk had; -1 on Mercur, and where All was looking for what
	// it had missed.
	Page int
	// Err is the cause.
	Err error
}

// Error is the text of the cause, with the place to go on from unless that is
// the beginning.
func (e *PageError) Error() string {
	switch {
	case e.Offset > 0:
		return fmt.Sprintf("%v; go on from offset %d", e.Err, e.Offset)
	case e.Page > 1:
		return fmt.Sprintf("%v; go on from page %d", e.Err, e.Page)
	default:
		return e.Err.Error()
	}
}

// Unwrap returns the cause.
func (e *PageError) Unwrap() error { return e.Err }

// IncompleteError ends an All that cannot say that it yielded every order,
// also after it searched: the server's count kept moving, or is not the number
// of orders that came. What was yielded is right; something may be missing. errors.Is
// with [ErrIncomplete] holds.
type IncompleteError struct {
	// Seen is how many different orders were yielded.
	Seen int
	// Count is how many there were to see from where the walk began, by the
	// server's last word.
	Count int
}

// Error says how many orders were seen, and of how many.
func (e *IncompleteError) Error() string {
	if e.Seen == e.Count {
		return fmt.Sprintf("storeorders: incomplete walk: saw %d orders, but the server's count changed on the way; range again", e.Seen)
	}
	advice := "range again, on Mercur with a larger Limit if orders share an instant"
	if e.Seen > e.Count {
		advice = "its count is wrong or moved: range again"
	}
	return fmt.Sprintf("storeorders: incomplete walk: saw %d different orders, the server counts %d; %s", e.Seen, e.Count, advice)
}

// Is reports whether target is [ErrIncomplete].
func (e *IncompleteError) Is(target error) bool { return target == ErrIncomplete }

// What a LoginError is for, as its Reason says it.
const (
	reasonVerification = "verification_required"
	reasonMFA          = "mfa_required"
	reasonRedirect     = "redirect"
	reasonNoActor      = "no_actor"
)

// LoginError is a login to which the server said yes without giving a token
// that opens anything. A [TokenSource] that logs in returns it, and errors.As
// finds it in the error of the call.
type LoginError struct {
	// Reason is "verification_required", "mfa_required", "redirect" (the
	// login goes on at Location) or "no_actor" (there is an identity, but no
	// customer yet).
	Reason string
	// Message is the server's own, if it sent one.
	Message string
	// Location is where the login goes on; it may hold a one-time code, and
	// is not part of the error's text.
	Location string
}

// Error says why there is no token, in the server's words if it has some, and
// what to do.
func (e *LoginError) Error() string {
	text := "storeorders: login gave no usable token: " + oneLine(e.Reason)
	if e.Message != "" {
		text += ": " + oneLine(e.Message)
	}
	switch e.Reason {
	case reasonVerification:
		text += "; verify the address with what the server sent there, and log in again"
	case reasonMFA:
		text += "; log in where a second factor can be given, and pass the token with WithToken"
	case reasonRedirect:
		text += "; go on in a browser at the Location of this error, and pass the token with WithToken"
	case reasonNoActor:
		text += "; no customer belongs to this login yet: create one (POST /store/customers), and log in again"
	}
	return text
}

// Format prints the text of Error, whatever the verb.
func (e LoginError) Format(state fmt.State, verb rune) { formatText(state, verb, e.Error()) }

// LogValue gives the text of Error.
func (e LoginError) LogValue() slog.Value { return slog.StringValue(e.Error()) }

// MarshalJSON writes the text of Error.
func (e LoginError) MarshalJSON() ([]byte, error) { return json.Marshal(e.Error()) }

// callError is a call that ended without an answer to return: no connection,
// a context that ended, a token source that failed. Its text is made when the
// credentials to mask are at hand, so that the error does not hold them.
type callError struct {
	text string
	err  error
	last *APIError // the answer before it, nil if there was none
}

func (e *callError) Error() string { return e.text }

// Format prints the text of Error, whatever the verb: err may hold what a
// round tripper or a token source of the caller's put there.
func (e *callError) Format(state fmt.State, verb rune) { formatText(state, verb, e.text) }

// MarshalJSON writes the text of Error.
func (e *callError) MarshalJSON() ([]byte, error) { return json.Marshal(e.text) }

func (e *callError) Unwrap() []error {
	if e.last == nil {
		return []error{e.err}
	}
	return []error{e.err, e.last}
}

// failure is the error of a call that has no answer to return.
func (c *call) failure(err error) error {
	err = withoutURL(err)
	if permanent, ok := errors.AsType[permanentError](err); ok {
		err = permanent.error
	}
	if c.last == nil {
		switch err.(type) { //nolint:errorlint // they say all there is to say; as a cause further down they do not
		case *DecodeError, *OptionError, *callError:
			return err
		}
	}
	attempts := "nothing was sent"
	if c.attempts > 0 {
		attempts = attemptsText(c.attempts)
	}
	text := fmt.Sprintf("storeorders: %s: %s %s: %s (%s", c.op, c.method(), oneLine(c.shownPath()), c.errorText(err), attempts)
	if c.noRetry != "" {
		text += "; " + c.noRetry
	}
	if c.last != nil {
		text += "; last answer: " + c.last.summary("")
	}
	return &callError{text: text + ")", err: err, last: c.last}
}

// errorText is the text of an error that is not this package's, fit to be
// shown: without credentials, query strings, this package's name, which the
// whole begins with, and what a server that does not speak HTTP said instead.
func (c *call) errorText(err error) string {
	text := err.Error()
	for cause := err; ; {
		urlError, ok := errors.AsType[*url.Error](cause)
		if !ok {
			break
		}
		if shown, _, found := strings.Cut(urlError.URL, "?"); found {
			text = strings.ReplaceAll(text, strings.Trim(strconv.Quote(urlError.URL), `"`), shown)
		}
		cause = urlError.Err
	}
	if shown, _, found := strings.Cut(text, "malformed "); found {
		text = shown + "malformed answer"
	}
	text = ": " + c.secrets.with(c.query).masker().mask(text)
	return oneLine(strings.ReplaceAll(text, ": storeorders: ", ": ")[len(": "):])
}

// withoutURL takes off the *url.Error of net/http, which prints the query.
func withoutURL(err error) error {
	if urlError, ok := err.(*url.Error); ok { //nolint:errorlint // one further down is somebody else's
		return urlError.Err
	}
	return err
}

func attemptsText(n int) string {
	if n == 1 {
		return "1 attempt"
	}
	return strconv.Itoa(n) + " attempts"
}
