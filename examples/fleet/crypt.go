package main

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"strings"
)

// tokenFlags are how a worker gets at the tokens.
type tokenFlags struct {
	Key    string `name:"key" group:"Tokens:" env:"FLEET_KEY" placeholder:"KEY" help:"Key of the tokens in messages: 32 random bytes in base64. Set it in the environment, not here."`
	Tokens string `group:"Tokens:" placeholder:"DIR" help:"Folder with the tokens that messages refer to by name: a file each."`
}

// errToken is a token that this worker cannot get at. What it wraps holds no
// part of a token.
var errToken = errors.New("token")

// tokens gives the token of a message.
type tokens struct {
	sealer *sealer // nil: there is no key
	dir    string  // "": there is no folder
}

func (f *tokenFlags) open() (tokens, error) {
	s, err := newSealer(f.Key)
	return tokens{s, f.Tokens}, err
}

func (t tokens) of(j job) (string, error) {
	switch {
	case j.TokenRef != "" && t.dir == "":
		return "", fmt.Errorf("%w: the message refers to %q, and this worker has no --tokens", errToken, j.TokenRef)
	case j.TokenRef != "":
		return t.named(j.TokenRef)
	case t.sealer == nil:
		return "", fmt.Errorf("%w: it is encrypted, and this worker has no FLEET_KEY", errToken)
	default:
		return t.sealer.open(j)
	}
}

// named reads a file of the folder, and of no other folder: the name came in a
// message.
func (t tokens) named(name string) (string, error) {
	root, err := os.OpenRoot(t.dir)
	if err != nil {
		return "", fmt.Errorf("%w: %w", errToken, err)
	}
	defer func() { _ = root.Close() }()
	text, err := root.ReadFile(name)
	if err != nil {
		return "", fmt.Errorf("%w: %w", errToken, err)
	}
	return strings.TrimSpace(string(text)), nil
}

// sealer encrypts tokens with AES-256-GCM. A token is sealed for one shopper
// of one run: moved to another message, it does not open.
type sealer struct {
	aead cipher.AEAD
	// id tells one key from another, and nothing about it.
	id string
}

// newSealer returns nil for an empty key.
func newSealer(key string) (*sealer, error) {
	if key == "" {
		return nil, nil //nolint:nilnil // no key is no error: tokens may be referred to by name
	}
	raw, err := base64.StdEncoding.DecodeString(strings.TrimSpace(key))
	if err != nil || len(raw) != 32 {
		return nil, errors.New("FLEET_KEY is not 32 bytes in base64: make one with  head -c 32 /dev/urandom | base64")
	}
	block, err := aes.NewCipher(raw)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, err
	}
	mac := hmac.New(sha256.New, raw)
	_, _ = mac.Write([]byte("fleet key id")) // never fails
	return &sealer{aead, hex.EncodeToString(mac.Sum(nil)[:8])}, nil
}

func (s *sealer) seal(j job, token string) []byte {
	return s.aead.Seal(nil, nil, []byte(token), []byte(j.key())) //nolint:gosec // it makes a nonce of its own
}

func (s *sealer) open(j job) (string, error) {
	token, err := s.aead.Open(nil, nil, j.Token, []byte(j.key()))
	if err != nil {
		return "", fmt.Errorf("%w: it does not open: another key, or another shopper's", errToken)
	}
	return string(token), nil
}
