// Package mocking shows how to test a program that uses storeorders. The
// program is [History], the page of a shop's backend that lists a shopper's
// latest orders as JSON. Its tests, in history_test.go, reach it in three ways:
//
//   - Against a server: storeorderstest.NewServer, or Transport without a
//     socket, is a fake of both APIs. It checks credentials and parameters as
//     the real ones do, and breaks as they may when told to. Begin with it: what
//     passes against it should pass against the real server.
//   - Through httpmock, for a program whose tests mock HTTP anyway:
//     storeorderstest.RegisterResponders lets a MockTransport answer from the
//     same fake.
//   - At an interface of your own: storeorderstest.Seq makes the iterator that a
//     hand-written fake returns. It is the shortest, and tests the least: no
//     request is made, and so none is checked.
package mocking

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"net/http"
	"strings"
	"time"

	"github.com/seed-2861b391/storeorders"
)

// latest is how many orders the page shows.
const latest = 10

// OrderGroups is what [History] needs of [storeorders.OrderGroupsService].
type OrderGroups interface {
	All(context.Context, *storeorders.OrderGroupListOptions, ...storeorders.RequestOption) iter.Seq2[*storeorders.OrderGroup, error]
}

// History answers with the latest orders of the shopper whose bearer token the
// request brings.
type History struct{ Groups OrderGroups }

// Entry is an order on the page.
type Entry struct {
	Number int64               `json:"number"`
	Placed time.Time           `json:"placed"`
	Total  storeorders.Decimal `json:"total"`
}

func (h History) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		token = "" // no other credential is the shop's business
	}
	if token == "" { // the store need not be asked
		refuse(w, http.StatusUnauthorized)
		return
	}
	entries := []Entry{} // in JSON, no orders are [], not null
	options := &storeorders.OrderGroupListOptions{Limit: latest}
	for group, err := range h.Groups.All(r.Context(), options, storeorders.WithToken(token)) {
		if err != nil {
			refuse(w, statusOf(err))
			return
		}
		entries = append(entries, Entry{group.DisplayID, group.CreatedAt, group.Total})
		if len(entries) == latest {
			break
		}
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(entries) // a browser that is gone needs no page
}

func refuse(w http.ResponseWriter, status int) {
	http.Error(w, http.StatusText(status), status)
}

// statusOf tells the shopper what to do about it: log in, or try again later.
// ErrNoCredentials is neither, as the shopper's token is there: it is a client
// without a publishable key.
func statusOf(err error) int {
	switch {
	case errors.Is(err, storeorders.ErrUnauthorized):
		return http.StatusUnauthorized
	case errors.Is(err, storeorders.ErrRateLimited):
		return http.StatusServiceUnavailable
	default:
		return http.StatusBadGateway
	}
}
