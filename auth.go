package storeorders

import (
	"context"
	"fmt"
	"log/slog"
)

// TokenSource gives the bearer token of a call. It is asked before each
// attempt, also before a retry, so that a token that expired meanwhile is not
// sent again. It must be safe for concurrent use.
//
// An error of the source ends the call and is not retried; errors.Is and
// errors.As reach it. An empty token is [ErrNoCredentials].
//
// A source that also has the method
//
//	Invalidate(token string)
//
// is told when the server answers 401 to that token, asked again, and the
// call is tried once more.
type TokenSource interface {
	Token(ctx context.Context) (string, error)
}

// TokenSourceFunc is a function as a [TokenSource].
type TokenSourceFunc func(context.Context) (string, error)

// Token calls f. A nil f has no token.
func (f TokenSourceFunc) Token(ctx context.Context) (string, error) {
	if f == nil {
		return "", nil
	}
	return f(ctx)
}

// StaticToken is a [TokenSource] that always gives the same token. The token
// cannot be printed or logged through it.
func StaticToken(token string) TokenSource {
	return staticToken{func() string { return token }}
}

// staticToken keeps the token in a closure: neither fmt nor reflection reads it.
type staticToken struct{ token func() string }

func (s staticToken) Token(context.Context) (string, error) { return s.token(), nil }

func (s staticToken) String() string { return "storeorders.StaticToken(" + redacted + ")" }

func (s staticToken) Format(state fmt.State, verb rune) { formatText(state, verb, s.String()) }

func (s staticToken) LogValue() slog.Value { return slog.StringValue(s.String()) }

func (s staticToken) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// invalidator is a TokenSource that can be told of a token that was refused.
type invalidator interface{ Invalidate(token string) }
