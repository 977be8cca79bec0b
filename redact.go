package storeorders

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// redacted stands where a secret was.
const redacted = "[REDACTED]"

// minSecret is the length from which a credential is masked in what a server
// sends. Shorter ones are words that stand in messages by chance.
const minSecret = 8

// secrets are the credentials of one call.
type secrets []string

// with returns the secrets and one more.
func (s secrets) with(secret string) secrets {
	if len(secret) < minSecret || slices.Contains(s, secret) {
		return s
	}
	return slices.Concat(s, secrets{secret})
}

// masker hides secrets in what a server or the caller's code said.
type masker struct {
	forms    []string // of the secrets, in which they may be echoed
	replacer *strings.Replacer
}

// masker is made when there is something to mask, which few calls have.
func (s secrets) masker() *masker {
	m := new(masker)
	for _, secret := range s {
		inQuery, inPath := url.QueryEscape(secret), url.PathEscape(secret)
		m.forms = append(m.forms,
			secret, unquoted(strconv.Quote(secret)),
			inQuery, lowerEscapes(inQuery), inPath, lowerEscapes(inPath),
		)
		for _, inJSON := range quoted(secret) {
			m.forms = append(m.forms, inJSON, strings.ReplaceAll(inJSON, "/", `\/`))
			// A server may quote in JSON the JSON that it was sent.
			m.forms = append(m.forms, quoted(inJSON)...)
		}
		m.forms = append(m.forms, strings.ReplaceAll(secret, "/", `\/`))
	}
	// The longest first: a secret that holds another one is masked wholly.
	slices.SortFunc(m.forms, func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) })
	m.forms = slices.Compact(m.forms)
	var pairs []string
	for _, form := range m.forms {
		pairs = append(pairs, form, redacted)
	}
	m.replacer = strings.NewReplacer(pairs...)
	return m
}

// quoted is a text as JSON has it in a string, with and without escapes for HTML.
func quoted(text string) []string {
	forHTML, _ := json.Marshal(text)
	var plain bytes.Buffer
	encoder := json.NewEncoder(&plain)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(text) // a string always can be
	return []string{unquoted(string(forHTML)), unquoted(strings.TrimSpace(plain.String()))}
}

// unquoted takes off the first and the last character.
func unquoted(text string) string { return text[1 : len(text)-1] }

func (m *masker) mask(text string) string { return m.replacer.Replace(text) }

// head masks the beginning of a body and cuts it to at most n bytes. A secret
// that the body breaks off in is masked too.
func (m *masker) head(body []byte, n int) string {
	text := m.mask(string(body[:min(len(body), maxErrorRead)]))
	for _, form := range m.forms {
		for part := form; len(part) > minSecret; {
			part = part[:len(part)-1]
			if rest, found := strings.CutSuffix(text, part); found {
				text = rest + redacted
			}
		}
	}
	return text[:min(len(text), n)]
}

// lowerEscapes writes the hexadecimal digits of percent escapes small.
func lowerEscapes(text string) string {
	parts := strings.Split(text, "%")
	for i, part := range parts[1:] {
		parts[i+1] = strings.ToLower(part[:2]) + part[2:]
	}
	return strings.Join(parts, "%")
}

// formatText writes text for a fmt.Formatter: whatever the verb, nothing but
// the text is printed.
func formatText(state fmt.State, verb rune, text string) {
	if verb == 'q' {
		text = strconv.Quote(text)
	}
	_, _ = io.WriteString(state, text)
}

// oneLine makes the words of a server fit for an error text: no line breaks
// or other controls that could forge a log line, and a bounded length.
func oneLine(text string) string {
	const most = 500
	text = strings.TrimSpace(strings.Map(func(r rune) rune {
		if isControl(r) {
			return ' '
		}
		return r
	}, text))
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "…"
	}
	return text
}

// isControl also holds the separators that some log viewers break lines at.
func isControl(r rune) bool {
	return r < ' ' || r >= 0x7f && r < 0xa0 || r == '\u2028' || r == '\u2029'
}

// controlReason is of an OptionError about a credential: a line break at the end
// is what a file or a shell leaves there.
const controlReason = "has a control character, such as a line break at its end"

func hasControl(text string) bool { return strings.ContainsFunc(text, isControl) }
