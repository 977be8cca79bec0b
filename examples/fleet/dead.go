package main

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/seed-2861b391/storeorders"
)

// letter is a dead letter: who was given up, and why. It has no token.
type letter struct {
	Run      string    `json:"run"`
	API      string    `json:"api"`
	Shopper  string    `json:"shopper"`
	Category string    `json:"category"`
	Error    string    `json:"error"`
	Tries    int       `json:"tries"`
	Worker   string    `json:"worker"`
	At       time.Time `json:"at"`
}

// bury publishes a dead letter. The same one again is known by its id.
func (e *engine) bury(ctx context.Context, id string, l letter) error {
	data, err := json.Marshal(l)
	if err != nil {
		return err
	}
	message := nats.NewMsg(deadSubject + l.API)
	message.Data = data
	return persist(ctx, func(ctx context.Context) error {
		_, err := e.js.PublishMsg(ctx, message, jetstream.WithMsgID(id))
		return err
	})
}

// The categories of what goes wrong that are not the SDK's.
const (
	abandoned = "abandoned" // worker after worker took the shopper and was not heard of again
	badToken  = "token"     // the worker could not get at the token
	badJob    = "message"   // the message is not one of a shopper
	other     = "other"     // the network, the disk, NATS
)

var errAbandoned = errors.New("worker after worker took this shopper and was not heard of again")

// failureOf tells an error. The SDK's texts have no token, no key, no query and
// no body in them, nor have this program's.
func failureOf(err error) *failure {
	for _, kind := range []struct {
		is   error
		name string
	}{
		{storeorders.ErrUnauthorized, "unauthorized"},
		{storeorders.ErrForbidden, "forbidden"},
		{storeorders.ErrNotFound, "not found"},
		{storeorders.ErrRateLimited, "rate limited"},
		{storeorders.ErrInvalidRequest, "invalid request"},
		{storeorders.ErrServer, "server error"},
		{storeorders.ErrRedirect, "redirect"},
		{storeorders.ErrIncomplete, "incomplete"},
		{storeorders.ErrNoCredentials, "no credentials"},
		{errToken, badToken},
		{errAbandoned, abandoned},
	} {
		if errors.Is(err, kind.is) {
			return &failure{kind.name, err.Error()}
		}
	}
	if _, ok := errors.AsType[*storeorders.DecodeError](err); ok {
		return &failure{"unreadable answer", err.Error()}
	}
	return &failure{other, err.Error()}
}

// isRefusal reports whether the shop has said all that there is to say of this
// shopper: to ask again would bring the same answer.
func isRefusal(err error) bool {
	return errors.Is(err, storeorders.ErrUnauthorized) || errors.Is(err, storeorders.ErrForbidden) || errors.Is(err, storeorders.ErrNotFound)
}
