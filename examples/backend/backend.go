package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/seed-2861b391/storeorders"
)

// backend answers shoppers. It keeps nothing of any of them: what is a
// shopper's comes with the request, and goes with it.
type backend struct {
	client *storeorders.Client
	logger *slog.Logger
	routes *http.ServeMux
}

func newBackend(client *storeorders.Client, logger *slog.Logger) *backend {
	b := &backend{client, logger, http.NewServeMux()}
	b.get("/order-groups", forShopper(b.listOrderGroups))
	b.get("/order-groups/{id}", forShopper(b.getOrderGroup))
	b.get("/orders", forShopper(b.listOrders))
	b.get("/orders/{id}", forShopper(b.getOrder))
	// It does not ask the shop: if that is down, to restart the backend is no help.
	b.get("/healthz", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusOK, map[string]string{"status": "ok"})
	})
	b.routes.HandleFunc("/", refusing(errNoRoute))
	return b
}

// get adds a route that has no other method. What net/http would answer to
// others is not JSON.
func (b *backend) get(path string, handler http.HandlerFunc) {
	b.routes.HandleFunc("GET "+path, handler)
	b.routes.HandleFunc(path, refusing(errMethod))
}

// exchange is a request under way: where its answer goes, and what the log will
// tell of it.
type exchange struct {
	http.ResponseWriter

	requestID string
	status    int
	err       error
}

// WriteHeader notes the status.
func (x *exchange) WriteHeader(status int) {
	x.status = status
	x.ResponseWriter.WriteHeader(status)
}

func (b *backend) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	x := &exchange{ResponseWriter: w, requestID: requestIDOf(r)}
	started := time.Now()
	defer func() { b.log(x, r, time.Since(started)) }()
	w.Header().Set(requestIDHeader, x.requestID)
	b.routes.ServeHTTP(x, r) // which sets r.Pattern
}

// log writes the request's one record. It has the route, not the path and the
// query, and no header but the id. The texts of the SDK's errors hold no
// credentials, queries or bodies.
func (b *backend) log(x *exchange, r *http.Request, duration time.Duration) {
	attributes := []slog.Attr{
		slog.String("method", r.Method),
		slog.String("route", r.Pattern),
		slog.Int("status", x.status),
		slog.Duration("duration", duration),
		slog.String("request_id", x.requestID),
	}
	if x.err != nil {
		attributes = append(attributes, slog.String("error", x.err.Error()))
	}
	level := slog.LevelInfo
	switch {
	case x.status == statusClientGone:
		level = slog.LevelDebug
	case x.status >= 500, x.status == 0: // 0: a panic, of which net/http tells more
		level = slog.LevelError
	}
	b.logger.LogAttrs(r.Context(), level, "request", attributes...)
}

// answer is what a route answers: a body, or an error. Its calls to the shop
// take the context of r and the options as, which make them the shopper's.
type answer func(r *http.Request, as ...storeorders.RequestOption) (body any, err error)

func forShopper(answer answer) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		x, _ := w.(*exchange) // as ServeHTTP made it
		token := bearer(r)
		if token == "" { // comes first, whatever else is wrong
			x.refuse(storeorders.ErrNoCredentials)
			return
		}
		ctx, cancel := context.WithTimeout(r.Context(), shopTimeout)
		defer cancel()
		body, err := answer(r.WithContext(ctx), storeorders.WithToken(token), storeorders.WithHeader(requestIDHeader, x.requestID))
		if err != nil {
			x.refuse(err)
			return
		}
		writeJSON(x, http.StatusOK, body)
	}
}

// refusing refuses all requests.
func refusing(err error) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		x, _ := w.(*exchange) // as ServeHTTP made it
		x.refuse(err)
	}
}

// refuse answers with what becomes of the error. If the client is gone it breaks
// off, or net/http would send an empty 200 to a client that still reads.
func (x *exchange) refuse(err error) {
	x.err = err
	refusal := refusalOf(err)
	if refusal.status == statusClientGone {
		x.status = refusal.status
		panic(http.ErrAbortHandler)
	}
	for name, value := range refusal.header {
		x.Header().Set(name, value)
	}
	writeJSON(x, refusal.status, refusal)
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store") // it is one shopper's
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // who is gone needs no answer
}

// bearer is the token that the request brings, "" if it brings none, several, or
// something else. Whether it is good is the shop's to say.
func bearer(r *http.Request) string {
	values := r.Header.Values("Authorization")
	if len(values) != 1 {
		return ""
	}
	scheme, token, _ := strings.Cut(values[0], " ")
	token = strings.TrimLeft(token, " ")
	if !strings.EqualFold(scheme, "Bearer") || strings.ContainsFunc(token, func(c rune) bool { return c <= ' ' || c > '~' }) {
		return ""
	}
	return token
}

const requestIDHeader = "X-Request-Id"

// requestIDOf is the id that the logs of the front end, of this backend and of
// the shop have in common.
func requestIDOf(r *http.Request) string {
	id := r.Header.Get(requestIDHeader)
	const characters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."
	if id == "" || len(id) > 64 || strings.Trim(id, characters) != "" {
		return rand.Text()
	}
	return id
}
