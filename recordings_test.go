package storeorders_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-2861b391/storeorders"
)

const jsonType = "application/json; charset=utf-8"

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

func respond(req *http.Request, status int, contentType string, body []byte) *http.Response {
	header := http.Header{}
	if contentType != "" {
		header.Set("Content-Type", contentType)
	}
	return &http.Response{
		StatusCode: status, Header: header, Body: io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body)),
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: req,
	}
}

// answering returns a client of both APIs whose every request gets this answer.
func answering(t *testing.T, status int, contentType string, body []byte) *storeorders.Client {
	t.Helper()
	return newClient(t, func(req *http.Request) (*http.Response, error) {
		return respond(req, status, contentType, body), nil
	})
}

func newClient(t *testing.T, transport roundTripper, opts ...storeorders.Option) *storeorders.Client {
	t.Helper()
	client, err := storeorders.NewClient(append([]storeorders.Option{
		storeorders.WithMercur(storeorders.MercurConfig{
			BaseURL: "https://market.example.com", PublishableKey: "pk_of_the_decode_tests", Token: storeorders.StaticToken("mercur-token-of-the-decode-tests"),
		}),
		storeorders.WithSalesive(storeorders.SalesiveConfig{
			BaseURL: "https://salesive.example.com/api/v1", ShopID: "shop-of-the-decode-tests", Token: storeorders.StaticToken("salesive-token-of-the-decode-tests"),
		}),
		storeorders.WithHTTPClient(&http.Client{Transport: transport}),
		storeorders.WithRetry(storeorders.RetryPolicy{}),
	}, opts...)...)
	require.NoError(t, err)
	return client
}

func sampleOrders(t *testing.T, name string) []storeorders.Order {
	t.Helper()
	for _, r := range readSalesive(t) {
		if r.Name == name {
			page, err := r.client(t).Orders.List(t.Context(), nil)
			require.NoError(t, err)
			return page.Items
		}
	}
	require.Failf(t, "no such sample", "%s", name)
	return nil
}

type recordedFile struct {
	name                          string
	lists, gets, groups, failures int // of GET requests
}

// recording is one answer of testdata; testdata/README.md tells the form.
type recording struct {
	Name    string
	Request struct{ Method, Path string }
	// Exactly one of Body, BodyText and SameBodyAs is there.
	Response struct {
		Status      int
		ContentType string `json:"content_type"`
		Body        json.RawMessage
		BodyText    *string `json:"body_text"`
		SameBodyAs  string  `json:"same_body_as"`
	}
	file string
}

func (r *recording) status() int { return r.Response.Status }

func (r *recording) testName() string {
	return strings.TrimSuffix(r.file, path.Ext(r.file)) + "/" + r.Name
}

func (r *recording) body() []byte {
	if r.Response.BodyText != nil {
		return []byte(*r.Response.BodyText)
	}
	return r.Response.Body
}

// client returns a client whose every request gets the recorded answer.
func (r *recording) client(t *testing.T) *storeorders.Client {
	t.Helper()
	return answering(t, r.status(), r.Response.ContentType, r.body())
}

// call calls the method that sends requests like the recorded one.
func (r *recording) call(t *testing.T) (op string, err error) {
	t.Helper()
	for _, op := range operations() {
		isList, isMercur := strings.HasSuffix(op.name, ".List"), strings.HasPrefix(op.name, "OrderGroups.")
		if strings.HasPrefix(r.Request.Path, "/api/v1/orders") {
			route, _, _ := strings.Cut(r.Request.Path, "?")
			if !isMercur && isList == (route == "/api/v1/orders") {
				return op.name, op.call(t, r.client(t))
			}
		} else if isMercur && isList == r.isMercurList() {
			return op.name, op.call(t, r.client(t))
		}
	}
	require.Failf(t, "no operation", "%s", r.Request.Path)
	return "", nil
}

func (r *recording) isMercurList() bool {
	route, _, _ := strings.Cut(r.Request.Path, "?")
	return strings.EqualFold(strings.TrimSuffix(route, "/"), "/store/order-groups")
}

// items are the orders of a successful answer, each byte for byte.
func (r *recording) items(t *testing.T) []json.RawMessage {
	t.Helper()
	var answer struct {
		OrderGroups []json.RawMessage `json:"order_groups"`
		OrderGroup  json.RawMessage   `json:"order_group"`
		Data        json.RawMessage
	}
	require.NoError(t, json.Unmarshal(r.body(), &answer), r.testName())
	switch {
	case answer.OrderGroups != nil:
		return answer.OrderGroups
	case answer.OrderGroup != nil:
		return []json.RawMessage{answer.OrderGroup}
	}
	var data struct{ Orders []json.RawMessage }
	require.NoError(t, json.Unmarshal(answer.Data, &data), r.testName())
	if data.Orders != nil {
		return data.Orders
	}
	return []json.RawMessage{answer.Data}
}

// readMercur reads the answers to GET requests of one file.
func readMercur(t *testing.T, name string) []recording {
	t.Helper()
	file, err := os.Open(filepath.Join("testdata", "mercur", name))
	require.NoError(t, err)
	defer func() { assert.NoError(t, file.Close()) }()

	var recordings []recording
	byName := map[string]recording{}
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		r := recording{file: name}
		require.NoError(t, json.Unmarshal(lines.Bytes(), &r), name)
		if same := r.Response.SameBodyAs; same != "" {
			require.Contains(t, byName, same, r.Name)
			r.Response.BodyText = byName[same].Response.BodyText
		}
		require.NotEqualf(t, r.Response.Body == nil, r.Response.BodyText == nil, "%s has one body", r.testName())
		byName[r.Name] = r
		if r.Request.Method == http.MethodGet {
			recordings = append(recordings, r)
		}
	}
	require.NoError(t, lines.Err())
	require.NotEmpty(t, recordings, name)
	return recordings
}

func readSalesive(t *testing.T) []recording {
	t.Helper()
	files, err := fs.Glob(os.DirFS("testdata"), "salesive/*.json")
	require.NoError(t, err)
	require.Len(t, files, 22)
	recordings := make([]recording, len(files))
	for i, name := range files {
		data, err := os.ReadFile(filepath.Join("testdata", filepath.FromSlash(name)))
		require.NoError(t, err)
		recordings[i].file = name
		require.NoError(t, json.Unmarshal(data, &recordings[i]), name)
	}
	return recordings
}
