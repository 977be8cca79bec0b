package storeorderstest

import (
	"crypto/sha1" //nolint:gosec // it names a body, as Express does; it protects nothing
	"encoding/base64"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// writeMercur answers as Express does: with the length of the body and a weak
// ETag of it, and with 304 to who has that body already.
func writeMercur(w http.ResponseWriter, r *http.Request, status int, v any) {
	writeExpress(w, r, status, "application/json; charset=utf-8", encode(v))
}

func writeExpress(w http.ResponseWriter, r *http.Request, status int, contentType string, body []byte) {
	header := w.Header()
	header.Set("ETag", entityTag(body))
	if status == http.StatusOK && reads(r) && isFresh(r, entityTag(body)) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	header.Set("Content-Type", contentType)
	header.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body) // a client that is gone needs no answer
}

// entityTag is the length in hexadecimal digits and 27 characters of the
// base64 of the SHA-1.
func entityTag(body []byte) string {
	sum := sha1.Sum(body) //nolint:gosec // as above
	return fmt.Sprintf(`W/"%x-%.27s"`, len(body), base64.StdEncoding.EncodeToString(sum[:]))
}

// isFresh reports whether the client has the body with the tag. Tags are
// compared weakly, and no-cache asks for the body in any case.
func isFresh(r *http.Request, tag string) bool {
	known := r.Header.Get("If-None-Match")
	if known == "" || strings.Contains(r.Header.Get("Cache-Control"), "no-cache") {
		return false
	}
	for candidate := range strings.SplitSeq(known, ",") {
		candidate = strings.TrimSpace(candidate)
		if candidate == "*" || strings.TrimPrefix(candidate, "W/") == strings.TrimPrefix(tag, "W/") {
			return true
		}
	}
	return false
}
