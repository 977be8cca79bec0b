package storeorders

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"math"
	"strconv"
	"strings"
	"time"
)

// Token is a bearer token that a login gave. Pass its Value to [WithToken] or
// [StaticToken]. The token cannot be printed, logged or marshaled through it. It
// does not renew itself: see [MercurAuthService.Refresh], and
// [MercurAuthService.PasswordSource] for a source that does.
type Token struct {
	value func() string // a closure: neither fmt nor reflection reads it
	// Expiry is when the token expires, by the server's clock; zero if the
	// token does not say. On Mercur an expired token cannot be refreshed.
	Expiry time.Time
}

func newToken(text string) *Token {
	return &Token{value: func() string { return text }, Expiry: claimTime(claimsOf(text).Expires)}
}

// Value is the token itself; "" for the zero Token.
func (t *Token) Value() string {
	if t == nil || t.value == nil {
		return ""
	}
	return t.value()
}

// String tells when the token expires, and not what it is.
func (t *Token) String() string {
	text := "storeorders.Token(" + redacted
	if t != nil && !t.Expiry.IsZero() {
		text += ", expires " + t.Expiry.Format(time.RFC3339)
	}
	return text + ")"
}

// Format prints String, whatever the verb.
func (t Token) Format(state fmt.State, verb rune) { formatText(state, verb, t.String()) }

// LogValue gives String.
func (t Token) LogValue() slog.Value { return slog.StringValue(t.String()) }

// MarshalJSON writes String.
func (t Token) MarshalJSON() ([]byte, error) { return json.Marshal(t.String()) }

// claims are what is read of a JSON Web Token. Its signature is the server's
// to check.
type claims struct {
	// ActorID is whose the token is, on Mercur, in JSON; nil if it does not say.
	ActorID json.RawMessage `json:"actor_id"`
	Issued  seconds         `json:"iat"`
	Expires seconds         `json:"exp"`
}

// isNobodys reports whether the token says that it is no customer's.
func (c claims) isNobodys() bool {
	return string(c.ActorID) == `""` || string(c.ActorID) == "null"
}

// seconds are those since 1970, 0 for what is no number.
type seconds float64

func (s *seconds) UnmarshalJSON(data []byte) error {
	*s = 0
	if f, err := strconv.ParseFloat(string(data), 64); err == nil {
		*s = seconds(f)
	}
	return nil
}

// claimsOf returns no claims where the token is none that has them.
func claimsOf(token string) claims {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return claims{}
	}
	payload, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(parts[1], "="))
	var c claims
	if err != nil || unmarshal(payload, &c) != nil {
		return claims{}
	}
	return c
}

// claimTime reads a time of a claim; zero if it is none of this era.
func claimTime(s seconds) time.Time {
	const lastYear = 253402300800 // 10000-01-01
	if !(s > 0 && s < lastYear) {
		return time.Time{}
	}
	whole, fraction := math.Modf(float64(s))
	return time.Unix(int64(whole), int64(fraction*1e9)).UTC()
}

// lifetime is how long the token is good for, by the server's clock alone; 0
// if the token does not say.
func (c claims) lifetime() time.Duration {
	issued, expires := claimTime(c.Issued), claimTime(c.Expires)
	if issued.IsZero() || !expires.After(issued) {
		return 0
	}
	return expires.Sub(issued)
}
