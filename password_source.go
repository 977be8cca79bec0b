package storeorders

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"
)

// PasswordSource is a [TokenSource] that logs in when it is first asked, once
// however many goroutines ask, and keeps the token. Keep the source as long as
// the customer is served: one that is made for each call logs in for each call.
//
// It refreshes the token a minute before it expires, or a fifth of its lifetime
// before if that is less; where that fails, and after a 401, it logs in again,
// once for each token. A caller whose context ends does not keep the others
// from the token. An error is not kept: whoever asks next tries anew. While a
// token is still good, only the one who renews it waits; where that fails, the
// token is given as it is, and renewed after half of the time that it has left.
//
// The logins go out in a goroutine of their own, under the values of the context
// of the call that was first to need them, but not under its deadline: once the
// rate limiter lets it go, each is bounded by [WithAttemptTimeout]. A source
// without an address or a password gives an [OptionError].
func (s *MercurAuthService) PasswordSource(email, password string) TokenSource {
	return &passwordSource{auth: s, password: func() (string, string) { return email, password }}
}

type passwordSource struct {
	auth     *MercurAuthService
	password func() (email, password string) // a closure: neither fmt nor reflection reads it

	mu      sync.Mutex
	session *session // nil before the first login and after a 401
	renewal *renewal // under way; nil: none is
}

// session is a token, and until when it is used.
type session struct {
	token            *Token
	renewAt, expires time.Time // zero: not known
}

// renewal is a refresh or a login that callers wait for.
type renewal struct {
	done    chan struct{}
	cancel  context.CancelFunc
	waiting int
	session *session
	err     error
}

// Token gives the token that there is, or waits for the next one.
func (s *passwordSource) Token(ctx context.Context) (string, error) {
	if ctx.Err() != nil { // a login would be on its way before it is canceled
		return "", ctx.Err()
	}
	s.mu.Lock()
	now := time.Now()
	if s.session != nil && (!s.session.isDue(now) || s.renewal != nil && !s.session.isOver(now)) {
		defer s.mu.Unlock()
		return s.session.token.Value(), nil
	}
	if s.renewal == nil {
		s.renewal = s.begin(ctx)
	}
	r := s.renewal
	r.waiting++
	s.mu.Unlock()

	select {
	case <-r.done:
	case <-ctx.Done():
		s.leave(r)
		return "", ctx.Err()
	}
	if r.err != nil {
		return "", r.err
	}
	return r.session.token.Value(), nil
}

// Invalidate makes the next caller log in, unless the token has been replaced
// since.
func (s *passwordSource) Invalidate(token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.session != nil && s.session.token.Value() == token {
		s.session = nil
	}
}

// begin starts a renewal, in a goroutine that no single caller can end. The
// caller of begin holds the mutex.
func (s *passwordSource) begin(ctx context.Context) *renewal {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	r := &renewal{done: make(chan struct{}), cancel: cancel, err: errNotRenewed}
	go func(old *session) {
		defer close(r.done)
		defer cancel()
		defer s.end(r)
		r.session, r.err = s.renew(ctx, old)
	}(s.session)
	return r
}

// errNotRenewed is for a middleware of the caller's that ends the goroutine.
var errNotRenewed = errors.New("the login did not come to an end")

// end keeps what a renewal brought. Where it brought nothing, a token that is
// still good is given, and the next renewal waits for half of what is left of it.
func (s *passwordSource) end(r *renewal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.renewal != r {
		return // nobody waits for it any more
	}
	s.renewal = nil
	if r.err == nil {
		s.session = r.session
	} else if s.keepOn(time.Now()) {
		r.session, r.err = s.session, nil
	}
}

// keepOn goes on with the token that there is, if it is still good, and puts off
// its next renewal. The caller holds the mutex.
func (s *passwordSource) keepOn(now time.Time) bool {
	if s.session == nil || s.session.isOver(now) {
		return false
	}
	s.session.postpone(now)
	return true
}

// leave ends a renewal that nobody waits for any more.
func (s *passwordSource) leave(r *renewal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r.waiting--
	if r.waiting == 0 {
		r.cancel()
		if s.renewal == r {
			s.renewal = nil
			s.keepOn(time.Now())
		}
	}
}

// renew refreshes a token that has not expired, and logs in otherwise, or if
// that fails.
func (s *passwordSource) renew(ctx context.Context, old *session) (*session, error) {
	sent := time.Now()
	if old != nil && !old.isOver(sent) {
		token, err := s.auth.Refresh(ctx, old.token.Value())
		if err == nil {
			return newSession(token, sent), nil
		}
		sent = time.Now()
	}
	email, password := s.password()
	token, err := s.auth.Login(ctx, email, password)
	if err != nil {
		return nil, err
	}
	return newSession(token, sent), nil
}

// newSession measures how long the token lives from when it was asked for: the
// server's clock need not be right.
func newSession(token *Token, sent time.Time) *session {
	// The times in a token are whole seconds, rounded down.
	const rounding = time.Second
	s := &session{token: token}
	lifetime := claimsOf(token.Value()).lifetime()
	if lifetime == 0 && !token.Expiry.IsZero() {
		lifetime = token.Expiry.Sub(sent)
	}
	if lifetime != 0 {
		s.expires = sent.Add(lifetime - rounding)
		s.renewAt = s.expires.Add(-min(time.Minute, lifetime/5))
	}
	return s
}

// postpone waits for half of the time that is left before the next renewal.
func (s *session) postpone(now time.Time) {
	if !s.expires.IsZero() {
		s.renewAt = now.Add(s.expires.Sub(now) / 2)
	}
}

// isDue reports whether it is time to renew the token.
func (s *session) isDue(now time.Time) bool { return !s.renewAt.IsZero() && !now.Before(s.renewAt) }

// isOver reports whether the token may have expired.
func (s *session) isOver(now time.Time) bool { return !s.expires.IsZero() && !now.Before(s.expires) }

// String does not tell whose the source is.
func (*passwordSource) String() string { return "storeorders.PasswordSource(" + redacted + ")" }

// Format prints String, whatever the verb.
func (s *passwordSource) Format(state fmt.State, verb rune) { formatText(state, verb, s.String()) }

// LogValue gives String.
func (s *passwordSource) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText gives String.
func (s *passwordSource) MarshalText() ([]byte, error) { return []byte(s.String()), nil }
