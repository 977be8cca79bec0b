// Package fidelity tells in what the answers of two servers to the same
// recorded request differ. It is for tests.
package fidelity

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/big"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"
)

// Exchange is a request and what a real server answered; testdata/README.md
// tells the form.
type Exchange struct {
	Name    string
	Request struct {
		Method, Path, Protocol, Body string
		Headers                      map[string]string
	}
	Response struct {
		Status      int
		ContentType string `json:"content_type"`
		Connection  string
		ETag        string
		Body        json.RawMessage
		BodyText    *string `json:"body_text"`
		SameBodyAs  string  `json:"same_body_as"`
	}
}

// Body is the body of the recorded answer, empty if there was none.
func (e *Exchange) Body() []byte {
	if e.Response.BodyText != nil {
		return []byte(*e.Response.BodyText)
	}
	return e.Response.Body
}

// ReadExchanges reads a file of recorded exchanges, one a line.
func ReadExchanges(file string) ([]*Exchange, error) {
	data, err := os.ReadFile(file) //nolint:gosec // a test names it
	if err != nil {
		return nil, err
	}
	var exchanges []*Exchange
	byName := map[string]*Exchange{}
	for line := range bytes.Lines(data) {
		e := &Exchange{}
		if err := json.Unmarshal(line, e); err != nil {
			return nil, fmt.Errorf("%s: line %d: %w", file, len(exchanges)+1, err)
		}
		if same := byName[e.Response.SameBodyAs]; same != nil {
			e.Response.BodyText = same.Response.BodyText
		}
		byName[e.Name] = e
		exchanges = append(exchanges, e)
	}
	return exchanges, nil
}

// Answer is what a server answered.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
	// Closes is set if the server closes the connection after it.
	Closes bool
}

// Send sends the request byte for byte, as no client of net/http would, to the
// server at the URL, which has no path. The text of the path and of the headers
// goes through fill, which puts in what the recording has placeholders for.
func (e *Exchange) Send(ctx context.Context, url string, fill func(string) string) (*Answer, error) {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", strings.TrimPrefix(url, "http://"))
	if err != nil {
		return nil, err
	}
	defer conn.Close() //nolint:errcheck // the answer is there
	var text strings.Builder
	fmt.Fprintf(&text, "%s %s %s\r\nHost: %s\r\n", e.Request.Method, fill(e.Request.Path),
		cmp.Or(e.Request.Protocol, "HTTP/1.1"), conn.RemoteAddr())
	for name, value := range e.Request.Headers {
		fmt.Fprintf(&text, "%s: %s\r\n", name, fill(value))
	}
	if e.Request.Body != "" {
		fmt.Fprintf(&text, "Content-Length: %d\r\n", len(e.Request.Body))
	}
	text.WriteString("\r\n" + e.Request.Body)
	if _, err := io.WriteString(conn, text.String()); err != nil {
		return nil, err
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: e.Request.Method})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", e.Name, err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", e.Name, err)
	}
	return &Answer{Status: resp.StatusCode, Header: resp.Header, Body: body, Closes: resp.Close}, nil
}

// CompareHead tells in what the answer differs from the one that is wanted
// before its body, "" if in nothing.
func CompareHead(want, got *Answer) string {
	wantType, gotType := want.Header.Get("Content-Type"), got.Header.Get("Content-Type")
	switch {
	case got.Status != want.Status:
		return fmt.Sprintf("status %d, not %d", got.Status, want.Status)
	case gotType != wantType:
		return fmt.Sprintf("content type %q, not %q", gotType, wantType)
	case got.Closes != want.Closes:
		return fmt.Sprintf("connection: close is %t", got.Closes)
	default:
		return ""
	}
}

// Decode reads JSON and keeps the digits of its numbers.
func Decode(text []byte) (any, error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, fmt.Errorf("%w: %s", err, text)
	}
	return value, nil
}

// Groups are the order groups of the decoded answer to a request for a list.
func Groups(answer any) []any {
	object, _ := answer.(map[string]any)
	groups, _ := object["order_groups"].([]any)
	return groups
}

// ID is the id of a decoded order group.
func ID(group any) string {
	object, _ := group.(map[string]any)
	id, _ := object["id"].(string)
	return id
}

// MatchGroups compares the times, by id, of the groups of two lists. Then it
// changes both answers for [CompareJSON], so that groups of the same time
// stand in the same place, wherever they came.
func MatchGroups(want, got any, times map[string]time.Time) string {
	wanted, gotten := Groups(want), Groups(got)
	if len(wanted) != len(gotten) {
		return fmt.Sprintf("%d groups, not %d", len(gotten), len(wanted))
	}
	for i := range wanted {
		if wantID, gotID := ID(wanted[i]), ID(gotten[i]); !times[wantID].Equal(times[gotID]) {
			return fmt.Sprintf("group %d is %s, not %s", i, gotID, wantID)
		}
	}
	for i := range wanted {
		if at := slices.IndexFunc(gotten, func(g any) bool { return ID(g) == ID(wanted[i]) }); at >= 0 {
			gotten[i], gotten[at] = gotten[at], gotten[i]
		}
	}
	for i := range wanted {
		w, _ := wanted[i].(map[string]any)
		g, _ := gotten[i].(map[string]any)
		if w["id"] == g["id"] {
			continue
		}
		// It is on another page; the groups of one time are alike but for these.
		for _, name := range []string{"id", "display_id"} {
			if w[name] != nil {
				w[name] = g[name]
			}
		}
	}
	return ""
}

// CompareJSON tells the first difference between two decoded values, "" if
// there is none. The path to them begins the text.
func CompareJSON(at string, want, got any) string {
	switch want := want.(type) {
	case map[string]any:
		return compareObjects(at, want, got)
	case []any:
		got, isArray := got.([]any)
		if !isArray || len(got) != len(want) {
			return fmt.Sprintf("%s is no array of %d", at, len(want))
		}
		for i := range want {
			if what := CompareJSON(fmt.Sprintf("%s[%d]", at, i), want[i], got[i]); what != "" {
				return what
			}
		}
		return ""
	case json.Number:
		if got, isNumber := got.(json.Number); isNumber && Number(want).Cmp(Number(got)) == 0 {
			return ""
		}
	default:
		if want == got {
			return ""
		}
	}
	return fmt.Sprintf("%s is %v, not %v", at, got, want)
}

func compareObjects(at string, want map[string]any, got any) string {
	object, isObject := got.(map[string]any)
	if !isObject {
		return at + " is no object"
	}
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if _, has := object[name]; !has {
			return at + "." + name + " is missing"
		}
		if what := CompareJSON(at+"."+name, want[name], object[name]); what != "" {
			return what
		}
	}
	for _, name := range slices.Sorted(maps.Keys(object)) {
		if _, has := want[name]; !has {
			return at + "." + name + " is too much"
		}
	}
	return ""
}

// Number is the value of a JSON number.
func Number(n json.Number) *big.Rat {
	r, _ := new(big.Rat).SetString(n.String())
	return r
}
