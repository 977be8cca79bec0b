package storeorderstest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestJWTIsThatOfRFC7515(t *testing.T) {
	t.Parallel()
	// Made with another implementation: openssl dgst -sha256 -hmac secret.
	const token = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpZCI6ImEiLCJleHAiOjEwMH0.5cjzrwAFQdk0c8KgVz-e7xZEn9sxPTSTFwB657_sTpY"
	type claims struct {
		ID  string `json:"id"`
		Exp int64  `json:"exp,omitempty"`
	}
	assert.Equal(t, token, signJWT("secret", claims{"a", 100}))

	lasting := signJWT("secret", claims{ID: "a"})
	for _, tt := range []struct {
		name, secret, token string
		now                 int64
		want                bool
	}{
		{"good", "secret", token, 99, true},
		{"expired", "secret", token, 100, false},
		{"does not expire", "secret", lasting, 1 << 40, true},
		{"another secret", "Secret", token, 99, false},
		{"other claims", "secret", token[:40] + "x" + token[41:], 99, false},
		{"no signature", "secret", token[:len(token)-43], 99, false},
		{"no token", "secret", "", 99, false},
		{"two dots", "secret", "..", 99, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var got claims
			assert.Equal(t, tt.want, verifyJWT(tt.secret, tt.token, time.Unix(tt.now, 0), &got))
			if tt.want {
				assert.Equal(t, "a", got.ID)
			}
		})
	}
}
