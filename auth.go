package storeorders

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"unicode/utf8"
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
	// Token gives the token, without "Bearer ". ctx is that of the call.
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
// cannot be printed or logged through it. An empty one is [ErrNoCredentials] of
// each call that needs it.
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

// MercurAuthService logs customers in to a Mercur server, with an e-mail
// address and a password. It is safe for concurrent use.
//
// A login is sent once: it is not retried, and follows no redirect. It needs
// no publishable key. The password is in no error and no log record, and of what
// the server answered an error has only its type, code and message.
//
// From https://docs.medusajs.com/api/store, authentication.
type MercurAuthService struct{ config *config }

// Login gets a token for an e-mail address, whose case counts, and a password.
//
// Errors: [OptionError] and [ErrNotConfigured] before anything is sent;
// [APIError], which is [ErrUnauthorized] for a wrong address or password, but
// also, with another Message, where the server's own database is down (which a
// server was seen to say after 60 s only: it takes a longer [WithAttemptTimeout]
// to hear it);
// [LoginError] where the server says yes without giving a token that opens
// anything; [DecodeError]; those of the context and the connection, wrapped.
func (s *MercurAuthService) Login(ctx context.Context, email, password string) (*Token, error) {
	if err := checkPassword(email, password); err != nil {
		return nil, err
	}
	body := struct {
		Email    string `json:"email"`
		Password string `json:"password"`
	}{email, password}
	return s.token(ctx, "MercurAuth.Login", "/auth/customer/emailpass", login{body: jsonOf(body), secrets: secrets{password}})
}

// Refresh gets a new token for one that has not expired: for one that has, the
// server answers 401 ([ErrUnauthorized]). The old one stays good until it
// expires. A token without a customer becomes one of a customer that was
// created meanwhile.
//
// Errors: as those of Login, and [ErrNoCredentials] for an empty token.
func (s *MercurAuthService) Refresh(ctx context.Context, token string) (*Token, error) {
	return s.token(ctx, "MercurAuth.Refresh", "/auth/token/refresh", login{token: StaticToken(token)})
}

// token sends a login and reads the token of the answer.
func (s *MercurAuthService) token(ctx context.Context, op, path string, l login) (*Token, error) {
	var token *Token
	_, err := s.config.do(ctx, request{api: s.config.mercur, op: op, path: path, login: &l}, func(a *answer) (err error) {
		token, err = a.mercurToken()
		return err
	})
	return token, err
}

func (a *answer) mercurToken() (*Token, error) {
	var granted struct {
		Token                string `json:"token"`
		Location             string `json:"location"`
		VerificationRequired bool   `json:"verification_required"`
		MFARequired          bool   `json:"mfa_required"`
		Message              word   `json:"message"`
	}
	if err := unmarshal(a.body, &granted); err != nil {
		return nil, a.decodeError(err)
	}
	refused := &LoginError{Message: a.call.mask(string(granted.Message))}
	switch {
	case granted.VerificationRequired:
		refused.Reason = reasonVerification
	case granted.MFARequired:
		refused.Reason = reasonMFA
	case granted.Token == "" && granted.Location != "":
		refused.Reason, refused.Location = reasonRedirect, a.call.mask(granted.Location)
	case granted.Token == "":
		return nil, a.decodeError(errNoToken)
	case hasControl(granted.Token):
		return nil, a.decodeError(errBadToken)
	default:
		if !claimsOf(granted.Token).isNobodys() {
			return newToken(granted.Token), nil
		}
		refused.Reason = reasonNoActor
	}
	return nil, refused
}

// SalesiveAuthService logs shoppers in to a Salesive shop, with a code that is
// sent to an e-mail address, or as guests. It is safe for concurrent use. The
// shop is that of [SalesiveConfig].
//
// A login is sent once: it is not retried, and follows no redirect. The code is
// in no error and no log record, and of what the server answered an error has
// only its message. There is no way to renew a token: after a 401, log in again.
//
// From https://docs.salesive.com, API reference, authentication.
type SalesiveAuthService struct{ config *config }

// SendCode makes the server send a code to the address, for
// [SalesiveAuthService.VerifyCode]. It registers an address that is not known
// yet.
//
// Errors: [OptionError] and [ErrNotConfigured] before anything is sent;
// [APIError]; [DecodeError]; those of the context and the connection, wrapped.
func (s *SalesiveAuthService) SendCode(ctx context.Context, email string) error {
	if err := checkText("email", email); err != nil {
		return err
	}
	body := struct {
		Email string `json:"email"`
	}{email}
	_, err := s.config.doEnvelope(ctx, request{
		api: s.config.salesive, op: "SalesiveAuth.SendCode", path: "/auth/authenticate", login: &login{body: jsonOf(body)},
	}, (*decoder).SkipValue)
	return err
}

// VerifyCode gets a token for the code that was sent to the address, which is
// six digits by the documentation and good once.
//
// Errors: as those of SendCode; an [APIError] is [ErrNotFound] for an unknown
// address, and [ErrInvalidRequest] for a code that is wrong, used or expired.
func (s *SalesiveAuthService) VerifyCode(ctx context.Context, email, code string) (*Token, error) {
	if err := firstError(checkText("email", email), checkText("code", code)); err != nil {
		return nil, err
	}
	body := struct {
		Email string `json:"email"`
		Code  string `json:"otp"`
	}{email, code}
	return s.token(ctx, "SalesiveAuth.VerifyCode", "/auth/verify", login{body: jsonOf(body), secrets: secrets{code}})
}

// Guest gets a token of a new shopper without an address. Whether a guest may
// list orders is the shop's to decide.
//
// Errors: as those of SendCode.
func (s *SalesiveAuthService) Guest(ctx context.Context) (*Token, error) {
	return s.token(ctx, "SalesiveAuth.Guest", "/auth/ghost", login{body: []byte("{}")})
}

// token sends a login and reads the token of the answer.
func (s *SalesiveAuthService) token(ctx context.Context, op, path string, l login) (*Token, error) {
	var granted struct {
		Token string `json:"token"`
	}
	_, err := s.config.doEnvelope(ctx, request{api: s.config.salesive, op: op, path: path, login: &l}, func(d *decoder) error {
		if err := d.value(&granted); err != nil {
			return err
		}
		switch {
		case granted.Token == "":
			return errNoToken
		case hasControl(granted.Token):
			return errBadToken
		default:
			return nil
		}
	})
	if err != nil {
		return nil, err
	}
	return newToken(granted.Token), nil
}

var (
	errNoToken  = errors.New("no token in it")
	errBadToken = errors.New("a token with a control character")
)

// tokensIn are the tokens in an answer to a login, of either API.
func tokensIn(body []byte) []string {
	type grant struct {
		Token word `json:"token"`
	}
	var answer struct {
		grant

		Data json.RawMessage `json:"data"`
	}
	var data grant
	_ = unmarshal(body, &answer) // what is no JSON has no token that could be told
	_ = unmarshal(answer.Data, &data)
	return []string{string(answer.Token), string(data.Token)}
}

// jsonOf is the body of a request. What it is made of cannot fail.
func jsonOf(body any) []byte {
	data, _ := json.Marshal(body)
	return data
}

func checkPassword(email, password string) error {
	return firstError(checkText("email", email), checkText("password", password))
}

// checkText refuses what cannot be right, and what JSON would not hold as it is.
func checkText(field, text string) error {
	switch {
	case text == "":
		return &OptionError{field, "is empty"}
	case !utf8.ValidString(text):
		return &OptionError{field, "is not UTF-8"}
	default:
		return nil
	}
}
