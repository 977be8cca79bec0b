package storeorders

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"
)

// PasswordSource is a [TokenSource] that logs in when it is first asked, once
// however many goroutines ask, and keeps the token.
//
// It refreshes the token a minute before it expires, or a fifth of its lifetime
// before if that is less; where that fails, and after a 401, it logs in again,
// once for each token. A caller whose context ends does not keep the others
// from the token. An error is not kept: whoever asks next tries anew, and while
// a token is still good it is given, though it could not be renewed.
//
// The logins go out under the values of the context of the call that was first
// to need them, but not under its deadline: each is bounded by
// [WithAttemptTimeout]. A source without an address or a password gives an
// [OptionError].
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
	if s.session != nil && !s.session.isDue(time.Now()) {
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
	r := &renewal{done: make(chan struct{}), cancel: cancel}
	go func(old *session) {
		defer close(r.done)
		defer cancel()
		renewed, err := s.renew(ctx, old)
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.renewal == r {
			s.renewal = nil
		}
		switch {
		case err == nil:
			s.session = renewed
		case old != nil && s.session == old && !old.isOver(time.Now()):
			renewed, err = old, nil
		}
		r.session, r.err = renewed, err
	}(s.session)
	return r
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
