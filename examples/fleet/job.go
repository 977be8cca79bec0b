package main

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
)

// job is the message of one shopper.
type job struct {
	Run     string `json:"run"`
	API     string `json:"api"`
	Shopper string `json:"shopper"`
	// Token is encrypted, for this shopper of this run. TokenRef is the name of
	// one that the workers have. There is one of the two.
	Token    []byte `json:"token,omitempty"`
	TokenRef string `json:"token_ref,omitempty"`
}

// listed is a line of the list of shoppers.
type listed struct {
	API      string `json:"api"`
	Shopper  string `json:"shopper"`
	Token    string `json:"token"`
	TokenRef string `json:"token_ref"`
}

// key names the shopper of the run: in the key-value bucket, in the object
// store, as the path of a file, and where a message is to be known again. No
// two shoppers have the same.
func (j job) key() string { return j.Run + "." + j.API + "." + token(j.Shopper) }

// plain is what needs no escape anywhere.
var plain = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

// token makes a word of any text that may stand between two dots: itself, or
// what a "=" begins that no plain text has.
func token(text string) string {
	if plain.MatchString(text) {
		return text
	}
	return "=" + base64.RawURLEncoding.EncodeToString([]byte(text))
}

// maxShopper keeps keys and file names within what file systems take.
const maxShopper = 150

func (j job) check() error {
	switch {
	case !plain.MatchString(j.Run):
		return fmt.Errorf("run %q: only letters, digits, - and _", j.Run)
	case !slices.Contains(apis(), j.API):
		return fmt.Errorf("api %q: neither mercur nor salesive", j.API)
	case j.Shopper == "" || len(j.Shopper) > maxShopper:
		return fmt.Errorf("shopper %q: 1 to %d bytes", j.Shopper, maxShopper)
	case (len(j.Token) == 0) == (j.TokenRef == ""):
		return errors.New("one of token and token_ref")
	default:
		return nil
	}
}

func parseJob(data []byte) (job, error) {
	var j job
	if err := json.Unmarshal(data, &j); err != nil {
		return job{}, errors.New("not JSON of a shopper")
	}
	return j, j.check()
}
