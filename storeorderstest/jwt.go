package storeorderstest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strings"
	"time"
)

// signJWT returns the claims, which encode as an object, as a JSON Web Token
// signed with HS256.
func signJWT(secret string, claims any) string {
	signed := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"HS256","typ":"JWT"}`)) +
		"." + base64.RawURLEncoding.EncodeToString(encode(claims))
	return signed + "." + base64.RawURLEncoding.EncodeToString(signature(secret, signed))
}

// verifyJWT reads the claims of the token into what claims points to. It
// reports false if the secret did not sign the token, or if the token has
// expired by now; one without "exp" does not expire.
func verifyJWT(secret, token string, now time.Time, claims any) bool {
	dot := strings.LastIndexByte(token, '.')
	if dot < 0 {
		return false
	}
	signed, sent := token[:dot], token[dot+1:]
	sum, err := base64.RawURLEncoding.DecodeString(sent)
	if err != nil || !hmac.Equal(sum, signature(secret, signed)) {
		return false
	}
	// What this package signed has two segments, and JSON in the second.
	_, payload, _ := strings.Cut(signed, ".")
	text, err := base64.RawURLEncoding.DecodeString(payload)
	if err != nil {
		return false
	}
	var expiry struct {
		Exp *int64 `json:"exp"`
	}
	if json.Unmarshal(text, &expiry) != nil || json.Unmarshal(text, claims) != nil {
		return false
	}
	return expiry.Exp == nil || now.Unix() < *expiry.Exp
}

func signature(secret, signed string) []byte {
	mac := hmac.New(sha256.New, []byte(secret))
	_, _ = mac.Write([]byte(signed)) // never fails
	return mac.Sum(nil)
}
