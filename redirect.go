package storeorders

import (
	"net/http"
	"net/url"
	"strings"
)

// checkRedirect follows redirects within the API's origin only, and none of a
// login: it would be sent twice, or without what it is made of.
func (c *call) checkRedirect(req *http.Request, via []*http.Request) error {
	if c.login != nil || len(via) >= 10 || req.URL.User != nil || !sameOrigin(req.URL, c.api.baseURL) {
		return http.ErrUseLastResponse
	}
	return nil
}

func isRedirect(status int) bool {
	switch status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther,
		http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return true
	default:
		return false
	}
}

func sameOrigin(a, b *url.URL) bool {
	return strings.EqualFold(a.Scheme, b.Scheme) && strings.EqualFold(a.Hostname(), b.Hostname()) && port(a) == port(b)
}

func port(u *url.URL) string {
	switch {
	case u.Port() != "":
		return u.Port()
	case strings.EqualFold(u.Scheme, "https"):
		return "443"
	default:
		return "80"
	}
}
