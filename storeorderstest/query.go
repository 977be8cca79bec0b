package storeorderstest

import (
	"net/url"
	"strconv"
	"strings"
)

// param is a query parameter as Express reads it (package qs): a text, an
// array or an object.
type param struct {
	name string
	// values holds the one text, or the elements of the array.
	values []string
	// brackets is set where the array was written with brackets: a[]=x, a[0]=x.
	brackets bool
	// members is what makes an object: a[b]=x has the member b.
	members []*param
}

func (p *param) isObject() bool { return len(p.members) > 0 }

// isMixed reports whether the object is an element of an array: a[0][b]=x, or
// a=x and a[b]=x.
func (p *param) isMixed() bool {
	return p.isObject() && (len(p.values) > 0 || isIndex(p.members[0].name) && p.members[0].isObject())
}

func (p *param) isArray() bool { return !p.isObject() && (p.brackets || len(p.values) > 1) }
func (p *param) isText() bool  { return !p.isObject() && !p.isArray() }

// text returns the value of a parameter that isText.
func (p *param) text() string { return p.values[0] }

// elements returns the elements of an array. Mercur splits at commas what is
// the only element of an array in brackets, and nothing else.
func (p *param) elements() []string {
	if p.brackets && len(p.values) == 1 {
		return strings.Split(p.values[0], ",")
	}
	return p.values
}

// String writes p as JavaScript does where it needs a text.
func (p *param) String() string {
	if p.isObject() {
		return "[object Object]"
	}
	return strings.Join(p.values, ",")
}

// params are the parameters of a request, in the order in which they came.
type params []*param

func (ps params) get(name string) *param {
	for _, p := range ps {
		if p.name == name {
			return p
		}
	}
	return nil
}

// add returns ps with the value put in its place under the key.
func (ps params) add(key []string, value string) params {
	p := ps.get(key[0])
	if p == nil {
		p = &param{name: key[0]}
		ps = append(ps, p)
	}
	switch {
	case len(key) == 1:
		p.values = append(p.values, value)
	case len(key) == 2 && isIndex(key[1]):
		p.values = append(p.values, value)
		p.brackets = true
	default:
		p.members = params(p.members).add(key[1:], value)
	}
	return ps
}

// isIndex reports whether the text between two brackets makes an array.
func isIndex(s string) bool {
	_, err := strconv.ParseUint(s, 10, 32)
	return s == "" || err == nil
}

// maxParams is how many parameters Express reads; it drops the rest in silence.
const maxParams = 1000

// parseQuery reads a query as Medusa does: brackets make arrays and objects,
// and a dot does what a pair of brackets does. An array of more elements than
// the limit becomes an object; 0 is no limit.
func parseQuery(raw string, limit int) (params, error) {
	var parsed params
	pairs := strings.Split(raw, "&")
	for _, pair := range pairs[:min(len(pairs), maxParams)] {
		if pair == "" {
			continue
		}
		name, value, _ := strings.Cut(pair, "=")
		key, err := splitKey(unescape(name))
		if err != nil {
			return nil, err
		}
		if isIgnored(key[0]) {
			continue
		}
		parsed = parsed.add(key, unescape(value))
	}
	if limit > 0 {
		parsed.limitArrays(limit)
	}
	return parsed, nil
}

// limitArrays makes objects of the arrays that have more elements than limit,
// with the indices for names.
func (ps params) limitArrays(limit int) {
	for _, p := range ps {
		params(p.members).limitArrays(limit)
		if len(p.values) <= limit {
			continue
		}
		for i, value := range p.values {
			p.members = append(p.members, &param{name: strconv.Itoa(i), values: []string{value}})
		}
		p.values = nil
	}
}

// isIgnored reports whether package qs ignores a parameter of the name: that of
// a member which every object has in JavaScript, or none.
func isIgnored(name string) bool {
	switch name {
	case "", "__proto__", "constructor", "hasOwnProperty", "isPrototypeOf", "propertyIsEnumerable", "toLocaleString", "toString", "valueOf":
		return true
	default:
		return false
	}
}

// splitKey takes a[b][c] and a.b apart.
func splitKey(key string) ([]string, error) {
	name, brackets, found := strings.Cut(key, "[")
	parts := strings.Split(name, ".")
	if len(parts) > 2 {
		return nil, &mercurError{
			status: 500, Type: "invalid_argument",
			Message: "Key accessor more than 2 levels deep: " + name,
		}
	}
	if found {
		parts = append(parts, strings.Split(strings.TrimSuffix(brackets, "]"), "][")...)
	}
	if name == "" && found { // [a]=x is a=x
		parts = parts[1:]
	}
	return parts, nil
}

// unescape leaves a text with a broken escape as it is, as qs does.
func unescape(s string) string {
	if text, err := url.QueryUnescape(s); err == nil {
		return text
	}
	return strings.ReplaceAll(s, "+", " ")
}
