package storeorderstest_test

import (
	"crypto/sha1" //nolint:gosec // as Express does
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed-2861b391/storeorders/storeorderstest"
)

func entityTag(body []byte) string {
	sum := sha1.Sum(body) //nolint:gosec // as Express does
	return fmt.Sprintf(`W/"%x-%s"`, len(body), base64.RawStdEncoding.EncodeToString(sum[:])[:27])
}

// wholeAnswer is an answer with its headers.
type wholeAnswer struct {
	status int
	header http.Header
	length int64
	body   string
}

func answerOf(t *testing.T, srv *storeorderstest.Server, method, target string, headers map[string]string) wholeAnswer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, srv.URL+target, http.NoBody)
	require.NoError(t, err)
	for name, value := range headers {
		req.Header.Set(name, value)
	}
	transport := &http.Transport{DisableKeepAlives: true}
	resp, err := transport.RoundTrip(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return wholeAnswer{resp.StatusCode, resp.Header, resp.ContentLength, string(body)}
}

func TestMercurTagsBodiesAsExpressDoes(t *testing.T) {
	t.Parallel()
	tagged := 0
	for _, e := range readExchanges(t, "../testdata/mercur/captures-mercur-2.1.5.jsonl") {
		if e.Response.ETag != "" && e.Response.Status == 200 {
			assert.Equal(t, e.Response.ETag, entityTag(e.Body()), e.Name)
			tagged++
		}
	}
	require.Positive(t, tagged, "the test knows the real tags")

	srv := newServer(t)
	alice := srv.AddCustomer("Alice")
	srv.AddOrderGroups(alice, 3, 1)
	for _, target := range []string{"/store/order-groups", "/store/order-groups?foo=1", "/store/order-groups/og_nope"} {
		got := answerOf(t, srv, http.MethodGet, target, mercurHeaders(srv, alice))
		assert.Equal(t, entityTag([]byte(got.body)), got.header.Get("ETag"), target)
		assert.Equal(t, int64(len(got.body)), got.length, target)
		head := answerOf(t, srv, http.MethodHead, target, mercurHeaders(srv, alice))
		assert.Empty(t, head.body)
		assert.Equal(t, got.header.Get("ETag"), head.header.Get("ETag"), target)
		assert.Equal(t, got.length, head.length, target)
	}
}

func TestMercurAnswersNotModified(t *testing.T) {
	t.Parallel()
	srv := newServer(t)
	alice := srv.AddCustomer("Alice")
	headers := mercurHeaders(srv, alice)
	tag := answerOf(t, srv, http.MethodGet, "/store/order-groups", headers).header.Get("ETag")

	for _, tt := range []struct {
		ifNoneMatch, cacheControl string
		status                    int
	}{
		{tag, "", 304},
		{strings.TrimPrefix(tag, "W/"), "", 304},
		{`"x", ` + tag, "", 304},
		{"*", "", 304},
		{tag, "no-cache", 200},
		{`W/"0-x"`, "", 200},
	} {
		headers["If-None-Match"], headers["Cache-Control"] = tt.ifNoneMatch, tt.cacheControl
		got := answerOf(t, srv, http.MethodGet, "/store/order-groups", headers)
		assert.Equal(t, tt.status, got.status, tt.ifNoneMatch)
		assert.Equal(t, tt.status == 304, got.body == "")
		assert.Equal(t, tag, got.header.Get("ETag"))
	}

	srv.AddOrderGroups(alice, 1, 1)
	headers["If-None-Match"], headers["Cache-Control"] = tag, ""
	assert.Equal(t, 200, answerOf(t, srv, http.MethodGet, "/store/order-groups", headers).status, "the list is another")
}

func TestMercurReads16KiBOfHeaders(t *testing.T) {
	t.Parallel()
	srv := newServer(t)
	headers := mercurHeaders(srv, srv.AddCustomer("Alice"))
	for size, want := range map[int]int{8 << 10: 200, 16 << 10: 431} {
		got := answerOf(t, srv, http.MethodGet, "/store/order-groups?id="+strings.Repeat("a", size), headers)
		assert.Equal(t, want, got.status)
		assert.Equal(t, want == 431, got.body == "")
	}
}
