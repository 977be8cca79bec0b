package main

import (
	"slices"
	"strings"
)

// route is the path that the SDK sends a request to, without the base URL's and
// with {id} for an id; "" for one that is none of the SDK's, as a redirect may
// lead to. There are as many as are listed here, whatever the ids.
func route(path string) string {
	segments := strings.Split(path, "/")
	for _, template := range []string{
		"/store/order-groups/{id}", "/store/order-groups", "/orders/{id}", "/orders",
		"/auth/customer/emailpass", "/auth/token/refresh",
		"/auth/authenticate", "/auth/verify", "/auth/ghost",
	} {
		parts := strings.Split(template, "/")[1:]
		if len(segments) <= len(parts) {
			continue
		}
		end := segments[len(segments)-len(parts):]
		if slices.EqualFunc(parts, end, func(part, segment string) bool {
			return part == segment || part == "{id}" && segment != ""
		}) {
			return template
		}
	}
	return ""
}
